"""How long each class of record is kept, in one table, and what is due to go.

The periods are this project's defaults: an authority's own retention schedule has the last word, and
`pathways purge --keep CLASS=DAYS` carries it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from serving.database.connection import Database
from serving.errors import RecordsRefused
from serving.purging import PURGES, purge_lists
from serving.security.access_log.purge import Terms, plan_purge
from serving.security.access_log.verify import KEPT_DAYS
from serving.security.access_log.write import AccessLog

YEAR = 365
ACCESS_LOG = "access_log"
READ_THE_LOG = (ACCESS_LOG, "pupil_keys")  # what of them is due, only reading the whole log tells


@dataclass(frozen=True)
class RecordClass:
    """A class of record.

    Attributes
    ----------
    name : str
        As `--keep` names it.
    what : str
        What it is, in words.
    days : int
        How long it is kept.
    counted_from : str
        From when, in words.
    why : str
        The reason for the period.
    """

    name: str
    what: str
    days: int
    counted_from: str
    why: str

    @property
    def period(self) -> str:
        """How long it is kept, in words."""
        years, left = divmod(self.days, YEAR)
        if not self.days:
            return "No longer than it is used: at once"
        return f"{self.days} days" if left else "1 year" if years == 1 else f"{years} years"


CLASSES = (
    RecordClass("screenings", "Screenings, every version, and openings of the frequency", 6 * YEAR,
                "the last version, or the review it is waiting for", "as long as a claim can be brought (Limitation Act 1980 s.5)"),
    RecordClass("referrals", "Referrals without a list", 6 * YEAR, "the last step", "as screenings, which they lead to"),
    RecordClass("wrong_facts", "Facts said to be wrong, and the answers", 2 * YEAR, "the last answer; one without an answer is kept",
                "long enough to see that the source was put right"),
    RecordClass("rights_requests", "Rights requests and their answers", 3 * YEAR,
                "the answer; one without an answer, and an objection in force, is kept", "to show that the law was kept"),
    RecordClass("placements", "Schools and statuses of pupils who left", YEAR, "the last as-of date on roll",
                "records of a child who left stay with the last school's officers that long"),
    RecordClass("tokens", "Ended and expired sign-ins", 30, "the end", "to look into a sign-in that was misused"),
    RecordClass(ACCESS_LOG, "Rows of the access log", KEPT_DAYS, "the row", "who looked can be asked as long as screenings are kept"),
    RecordClass("pupil_keys", "Keys of tokens that are no longer in the log", 0, "the last row of the log with the token",
                "a key without a row says only that the pupil was once looked at"),
    RecordClass("lists", "Lists and prepared dates", 2 * YEAR, "their as-of date", "two school years, to say what changed and to answer families"),
)  # fmt: skip


def classes_of(log_kept_days: int = KEPT_DAYS) -> dict[str, RecordClass]:
    """Every class by name, the access log with the period that service.toml sets."""
    return {
        each.name: replace(each, days=log_kept_days) if each.name == ACCESS_LOG else each for each in CLASSES
    }


@dataclass(frozen=True)
class Due:
    """What of one class is due: rows, or folders for lists. Of the access log it is only counted: that takes two people."""

    record_class: RecordClass
    before: date
    num: int

    @property
    def takes_two(self) -> bool:
        return self.record_class.name == ACCESS_LOG


def read_keep(given: Iterable[str]) -> dict[str, int]:
    """Periods from text, `CLASS=DAYS` each; RecordsRefused for what is not."""
    found = {}
    for each in given:
        name, _, days = each.partition("=")
        if not days.isdigit():
            raise RecordsRefused("A period is given as CLASS=DAYS, for example --keep lists=365.")
        found[name] = int(days)
    return found


def purge(
    database: Database,
    log: AccessLog,
    folders: Iterable[Path] = (),
    keep: Mapping[str, int] | None = None,
    is_dry_run: bool = True,
    today: date | None = None,
    log_kept_days: int = KEPT_DAYS,
    without: Collection[str] = (),
) -> list[Due]:
    """Delete what is past its period, or only count it.

    Parameters
    ----------
    log : AccessLog
        Its rows are counted and never deleted here: `pathways access-log purge` has two people take them.
    folders : iterable of Path
        Where lists and prepared dates are; a folder in them goes whole.
    keep : mapping of str to int
        Class to days, in place of those of `CLASSES`.
    log_kept_days : int
        The access log's period, which service.toml sets and nothing else.
    without : collection of str
        Classes that are passed over.

    Raises
    ------
    RecordsRefused
        `keep` names a class that is not there, or fewer days than none.
    """
    keep = keep or {}
    names = [each.name for each in CLASSES]
    if wrong := [name for name, days in keep.items() if name not in names or days < 0]:
        raise RecordsRefused(
            f"{len(wrong)} classes or periods are not known. Allowed classes are {', '.join(names)}, each with days from 0."
        )
    if ACCESS_LOG in keep:
        raise RecordsRefused(
            "The access log's period is set in service.toml, kept_days under [access_log]: verify-log holds every purge against it."
        )
    day = today or date.today()
    found = []
    for each in (each for each in CLASSES if each.name not in without):
        before = day - timedelta(days=keep.get(each.name, each.days))
        if each.name == "lists":
            num = purge_lists(folders, before, is_dry_run)
        elif each.name == ACCESS_LOG:
            plan = plan_purge(Terms(log, log_kept_days, today=day))
            before, num = plan.before, plan.num
        else:
            with database.writing() as session:
                num = PURGES[each.name](session, before, is_dry_run)
        found.append(Due(each, before, num))
    return found
