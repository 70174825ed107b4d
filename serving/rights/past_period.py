"""What is past its period, and its going: at once by one person, but rows of the access log by two."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from serving.database import retention
from serving.database.retention import ACCESS_LOG, READ_THE_LOG, Due, RecordClass, classes_of
from serving.desk import Desk
from serving.errors import Breach, PurgeRefused, RecordsRefused
from serving.rights.record import LogRowsGo
from serving.security.access import Action, Person, require
from serving.security.access_log import purge
from serving.security.access_log.chain import RECORDED, Entry
from serving.security.access_log.purge import Plan, Proposal, Terms


def periods(desk: Desk) -> dict[str, RecordClass]:
    """Every class of record by name; the access log's period is what service.toml says."""
    return classes_of(desk.settings.access_log.kept_days)


def past_period(desk: Desk, person: Person) -> list[Due]:
    """What is past its period, counted by class; without the two classes that only reading the whole access log tells."""
    require(person, Action.PURGE)
    return _purge(desk, without=READ_THE_LOG)


def past_period_of_log(desk: Desk, person: Person) -> tuple[Plan, Due]:
    """What would go of the access log, and which keys no row of it uses: the whole log is read and checked for it."""
    require(person, Action.PURGE)
    (keys,) = _purge(desk, without=[name for name in periods(desk) if name != "pupil_keys"])
    return purge.plan_purge(_terms(desk)), keys


def purge_past_period(desk: Desk, person: Person, call: str = "") -> int:
    """Delete what is past its period, in the access log first; how many records and folders went.

    Parameters
    ----------
    call : str
        Number of the request to the service, for the log.
    """
    require(person, Action.PURGE)
    what = "records past their period"
    desk.log.write(Entry(person.name, person.role, Action.PURGE, what, outcome=RECORDED, request=call))
    gone = _purge(desk, is_dry_run=False, without=[ACCESS_LOG])
    desk.look_again()
    return sum(each.num for each in gone)


def log_proposals(desk: Desk, person: Person) -> list[Proposal]:
    """Purges of the access log that somebody proposed and nobody has carried out, newest first."""
    require(person, Action.PURGE)
    return purge.open_proposals(_terms(desk))


def propose_log_purge(desk: Desk, person: Person, asked: LogRowsGo) -> int:
    """Propose that the oldest rows of the access log go; the number of the row that says so.

    Raises
    ------
    RecordsRefused
        Nothing is due, or the log may not be purged as it stands.
    """
    require(person, Action.PURGE)
    terms = _terms(desk, _rows(asked))
    with _as_breaches():
        row, _ = purge.propose_purge(terms, person.name, person.role)
    return row


def carry_out_log_purge(desk: Desk, person: Person, proposal: int, asked: LogRowsGo) -> str:
    """Carry out what somebody else proposed; in words, what went.

    Raises
    ------
    RecordsRefused
        The row proposes nothing, was proposed by this very person or too long ago, or the log is no longer as it was.
    """
    require(person, Action.PURGE)
    terms = _terms(desk, _rows(asked))
    with _as_breaches():
        return purge.carry_out_purge(terms, proposal, person.name, person.role).in_words()


def _purge(desk: Desk, **how: object) -> list[Due]:
    settings = desk.settings
    folders = [settings.prepared, *(settings.home / each for each in settings.holds)]
    go: Callable[..., list[Due]] = retention.purge
    return go(desk.database, desk.log, folders, log_kept_days=settings.access_log.kept_days, **how)


def _terms(desk: Desk, clock_was_wrong: tuple[int, ...] = ()) -> Terms:
    return Terms(desk.log, desk.settings.access_log.kept_days, clock_was_wrong)


def _rows(asked: LogRowsGo) -> tuple[int, ...]:
    rows = asked.clock_was_wrong.split()
    if any(not (each.isascii() and each.isdigit() and len(each) < 19) for each in rows):
        raise RecordsRefused(
            Breach("clock_was_wrong", "no_rows", "Give the numbers of rows alone, one on a line, or leave it empty.")
        )  # fmt: skip
    return tuple(map(int, rows))


@contextmanager
def _as_breaches() -> Iterator[None]:
    """A purge that is refused is a rule not kept: the log itself can be written."""
    try:
        yield
    except PurgeRefused as error:
        raise RecordsRefused(*(Breach("", "log_stays", each) for each in error.breaches)) from None
