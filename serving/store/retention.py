"""How long each class of record is kept, in one table, and what is due to go.

The periods are this project's defaults: an authority's own retention schedule has the last word, and
`pathways purge --keep CLASS=DAYS` carries it.
"""

import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from serving.log_chain import tokens_of
from serving.log_check import purge_before, tokens_in_use
from serving.store.database import Database
from serving.store.errors import RecordsRefused
from serving.store.requests import DECLINED, GRANTED
from serving.store.steps import REFERRAL, RIGHTS_REQUEST, WRONG_FACT
from serving.store.tables import (
    FrequencyOpening,
    Objection,
    Placement,
    PupilKey,
    PupilStatus,
    Referral,
    RightsRequest,
    Screening,
    ScreeningVersion,
    SignIn,
    Step,
    Token,
    WrongFact,
)
from serving.store.wrong_facts import ANSWERED

YEAR = 365
MADE = ("lists.json", "prepared.json")  # what says that a folder is one run of lists, and of when


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
    RecordClass("access_log", "Rows of the access log", 6 * YEAR, "the row", "who looked can be asked as long as screenings are kept"),
    RecordClass("pupil_keys", "Keys of tokens that are no longer in the log", 0, "the last row of the log with the token",
                "a key without a row says only that the pupil was once looked at"),
    RecordClass("lists", "Lists and prepared dates", 2 * YEAR, "their as-of date", "two school years, to say what changed and to answer families"),
)  # fmt: skip


@dataclass(frozen=True)
class Due:
    """What of one class is due: rows, or folders for lists."""

    record_class: RecordClass
    before: date
    num: int


def purge(
    database: Database,
    head_file: Path,
    folders: Iterable[Path] = (),
    keep: Mapping[str, int] | None = None,
    is_dry_run: bool = True,
    today: date | None = None,
) -> list[Due]:
    """Delete what is past its period, or only count it.

    Parameters
    ----------
    head_file : Path
        The access log's: its oldest rows go only with a row that says so, and the chain still holds.
    folders : iterable of Path
        Where lists and prepared dates are; a folder in them goes whole.
    keep : mapping of str to int
        Class to days, in place of those of `CLASSES`.

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
    day = today or date.today()
    found = []
    for each in CLASSES:
        before = day - timedelta(days=keep.get(each.name, each.days))
        if each.name == "lists":
            num = _purge_lists(folders, before, is_dry_run)
        elif each.name == "access_log":
            num = purge_before(database, head_file, before, is_dry_run)
        else:
            with database.writing() as session:
                num = PURGES[each.name](session, before, is_dry_run)
        found.append(Due(each, before, num))
    return found


def _moment(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _screenings(session: Session, before: date, is_dry_run: bool) -> int:
    last = (
        select(ScreeningVersion.screening)
        .group_by(ScreeningVersion.screening)
        .having(
            func.max(ScreeningVersion.at) < _moment(before),
            func.coalesce(func.max(ScreeningVersion.review_on), date.min) < before,
        )
    )
    ids = list(session.scalars(last))
    if not is_dry_run:
        for table in (ScreeningVersion, FrequencyOpening):
            session.execute(delete(table).where(table.screening.in_(ids)))
        session.execute(delete(Screening).where(Screening.id.in_(ids)))
    return len(ids)


def _settled(session: Session, kind: str, before: date, ends: tuple[str, ...] = ()) -> list[int]:
    """Records whose last step was before a day, and is one of `ends` where any are given."""
    steps = session.scalars(select(Step).where(Step.kind == kind).order_by(Step.record, Step.version))
    last = {step.record: step for step in steps}
    return [
        record
        for record, step in last.items()
        if step.at < _moment(before) and (not ends or step.state in ends)
    ]


def _delete_settled(session: Session, kind: str, table: type[Any], ids: list[int]) -> None:
    session.execute(delete(Step).where(Step.kind == kind, Step.record.in_(ids)))
    session.execute(delete(table).where(table.id.in_(ids)))


def _referrals(session: Session, before: date, is_dry_run: bool) -> int:
    named = set(session.scalars(select(Screening.referral).where(Screening.referral.is_not(None))))
    ids = [each for each in _settled(session, REFERRAL, before) if each not in named]
    if not is_dry_run:
        _delete_settled(session, REFERRAL, Referral, ids)
    return len(ids)


def _wrong_facts(session: Session, before: date, is_dry_run: bool) -> int:
    ids = _settled(session, WRONG_FACT, before, ANSWERED)
    if not is_dry_run:
        _delete_settled(session, WRONG_FACT, WrongFact, ids)
    return len(ids)


def _rights_requests(session: Session, before: date, is_dry_run: bool) -> int:
    in_force = set(session.scalars(select(Objection.request).where(Objection.to_on.is_(None))))
    ids = [
        each
        for each in _settled(session, RIGHTS_REQUEST, before, (GRANTED, DECLINED))
        if each not in in_force
    ]
    if not is_dry_run:
        session.execute(delete(Objection).where(Objection.request.in_(ids)))
        _delete_settled(session, RIGHTS_REQUEST, RightsRequest, ids)
    return len(ids)


def _placements(session: Session, before: date, is_dry_run: bool) -> int:
    left = select(Placement.pupil).where(~Placement.is_on_roll, Placement.as_of < before)
    num = len(session.scalars(left).all())
    if not is_dry_run:
        session.execute(delete(PupilStatus).where(PupilStatus.pupil.in_(left)))
        session.execute(delete(Placement).where(~Placement.is_on_roll, Placement.as_of < before))
    return num


def _tokens(session: Session, before: date, is_dry_run: bool) -> int:
    ended = func.coalesce(Token.ended_at, Token.expires_at) < _moment(before)
    num = session.scalar(select(func.count()).select_from(Token).where(ended)) or 0
    if not is_dry_run:
        session.execute(delete(Token).where(ended))
        session.execute(delete(SignIn).where(SignIn.expires_at < datetime.now(UTC)))
    return num


def _pupil_keys(session: Session, before: date, is_dry_run: bool) -> int:
    in_use = tokens_in_use(session)
    held = tokens_of(session, session.scalars(select(PupilKey.pupil)))
    gone = [pupil for pupil, token in held.items() if token not in in_use]
    if not is_dry_run:
        session.execute(delete(PupilKey).where(PupilKey.pupil.in_(gone)))
    return len(gone)


def _purge_lists(folders: Iterable[Path], before: date, is_dry_run: bool) -> int:
    """Folders of lists and of prepared dates whose as-of date is before a day."""
    runs = {path.parent for folder in folders for name in MADE for path in folder.rglob(name)}
    old = [run for run in sorted(runs) if _as_of(run) < before]
    if not is_dry_run:
        for run in old:
            shutil.rmtree(run)
    return len(old)


def _as_of(run: Path) -> date:
    found = next(path for name in MADE if (path := run / name).exists())
    return date.fromisoformat(json.loads(found.read_text(encoding="utf-8"))["as_of"])


PURGES: dict[str, Callable[[Session, date, bool], int]] = {
    "screenings": _screenings,
    "referrals": _referrals,
    "wrong_facts": _wrong_facts,
    "rights_requests": _rights_requests,
    "placements": _placements,
    "tokens": _tokens,
    "pupil_keys": _pupil_keys,
}
