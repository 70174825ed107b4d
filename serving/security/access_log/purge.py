"""The going of the log's oldest rows: planned, proposed by one person, carried out by another.

What goes is the front of the log up to the first row that is not old. How old a row is counts from the newest row of
the log, or from today where that is earlier. A clock that runs ahead dates a row too, at the latest when the first of
the two signs in: so where times leap ahead by more than 60 days, both look into it first. A log that is not in order,
or whose times run backwards, is not purged: whether a row is old could not be told, and the rows are the evidence.

The two are two accounts, each with a one-time code of its own. Whoever may make codes at this machine can make both,
and be both: that code was made is a row of the log, which stays behind the purge, and whoever reads it sees it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from serving.database.connection import Database, unlocked
from serving.database.tables import LogEntry
from serving.errors import PurgeRefused
from serving.security.access_log.chain import RECORDED, Entry, append, append_in
from serving.security.access_log.key import START, Head
from serving.security.access_log.removal import PROPOSED, PURGED, Removal, moment_of, read_removal
from serving.security.access_log.verify import KEPT_DAYS, Verified, rows_of, verify
from serving.security.access_log.write import AccessLog

PROPOSAL_LASTS = timedelta(days=30)
SOME = 10  # of many findings


@dataclass(frozen=True)
class Terms:
    """What is purged, and by what: the same for a plan, a proposal and its carrying out.

    Attributes
    ----------
    log : AccessLog
    kept_days : int
        The retention period.
    clock_was_wrong : tuple of int
        Rows at which times run backwards or leap ahead, and of which somebody found out why.
    today : date or None
        None is the day it is.
    """

    log: AccessLog
    kept_days: int = KEPT_DAYS
    clock_was_wrong: tuple[int, ...] = ()
    today: date | None = None


@dataclass(frozen=True)
class Plan:
    """What a purge would take.

    Attributes
    ----------
    before : date
        Rows dated before this day are old.
    num : int
        How many go: the old ones at the front, and never the log's last row.
    first, last : (int, str)
        Number and date of the first and last of them; (0, "") where none goes.
    last_hash : str
    dated_from, dated_to : str
        Of the earliest and latest of them.
    stays : (int, str)
        Number and date of the first row that stays.
    refusals : tuple of str
        Why none may go; empty where they may.
    """

    before: date
    num: int = 0
    first: int = 0
    last: int = 0
    last_hash: str = START
    dated_from: str = ""
    dated_to: str = ""
    stays: tuple[int, str] = (0, "")
    refusals: tuple[str, ...] = ()

    def in_words(self) -> str:
        """What it would take, and what stays."""
        if not self.num:
            return f"No row at the front of the log is dated before {self.before}: nothing is due."
        return (
            f"{self.num:,} rows would go: {self.first:,} to {self.last:,}, dated {self.dated_from[:10]} to {self.dated_to[:10]}, all before "
            f"{self.before}. The first that stays is row {self.stays[0]:,}, of {self.stays[1][:10]}."
        )


def plan_purge(terms: Terms) -> Plan:
    """What a purge would take; changes nothing.

    Raises
    ------
    LogRefused
        The key's file cannot be read.
    """
    found = verify(
        terms.log.database, terms.log.head_file, key_file=terms.log.key_file, kept_days=terms.kept_days
    )
    newest = found.last_at.date() if found.last_at else date.min + timedelta(days=terms.kept_days)
    before = min(terms.today or datetime.now(UTC).date(), newest) - timedelta(days=terms.kept_days)
    return _with_rows(terms, found, before)


def _with_rows(terms: Terms, found: Verified, before: date) -> Plan:
    refusals = _refusals(found, terms.clock_was_wrong)
    first, last = 0, None
    earliest = latest = ""
    with terms.log.database.reading() as session:
        for row in rows_of(session):
            try:
                is_old = moment_of(row.at).date() < before
            except ValueError:
                is_old = False
            if not is_old or row.number >= found.head[0]:
                break
            first, last = first or row.number, (row.number, row.hash)
            earliest, latest = min(earliest or row.at, row.at), max(latest, row.at)
        else:
            return Plan(before, refusals=tuple(refusals))
        stays = (row.number, row.at)
    if last is None:
        return Plan(before, stays=stays, refusals=tuple(refusals))
    # A leap among the rows that go says nothing of their age: those after it are old too.
    refusals += [
        f"Times leap ahead: {step.in_words()}. Where this machine's clock runs ahead, put it right: these rows are not old. Where the log "
        f"stood still, or a clock was wrong before and is right now, both people name row {step.row}: at a terminal with --clock-was-wrong {step.row}"
        for step in found.leaps
        if step.row > last[0] and step.row not in terms.clock_was_wrong
    ]
    return Plan(
        before, last[0] - first + 1, first, last[0], last[1], earliest, latest, stays, tuple(refusals)
    )  # fmt: skip


def _refusals(found: Verified, clock_was_wrong: Sequence[int]) -> list[str]:
    """Why a log as it stands may not be purged."""
    told = [f"The access log is not in order: {why}. Nothing of it goes." for _, why in found.findings]
    steps = [step for step in found.clock if step.row not in clock_was_wrong]
    told += [
        f"Times run backwards: {step.in_words()}. A clock was set, or rows are not what they say, so how old a row is cannot be told. "
        f"Look at the clock's history on that day; where it was wrong, both people name row {step.row}: at a terminal with --clock-was-wrong {step.row}"
        for step in steps[:SOME]
    ]
    if len(steps) > SOME:
        told.append(
            f"Times run backwards at {len(steps) - SOME:,} more rows: pathways verify-log names each."
        )
    return told


def propose_purge(terms: Terms, by: str, role: str) -> tuple[int, Removal]:
    """Propose a purge, as a row of the log that the key seals; another person carries it out.

    Parameters
    ----------
    by, role : str
        The account, and its role.

    Returns
    -------
    (int, Removal)
        Number of the row, and what it says.

    Raises
    ------
    PurgeRefused
        Nothing is due, or the log may not be purged as it stands.
    LogRefused
        The log cannot be written.
    """
    plan = plan_purge(terms)
    _require_some(plan)
    key = terms.log.key()
    at = datetime.now(UTC).isoformat(timespec="microseconds")
    removal = Removal(
        kind=PROPOSED, first=plan.first, last=plan.last, last_hash=plan.last_hash, dated_from=plan.dated_from, dated_to=plan.dated_to,
        before=plan.before, kept_days=terms.kept_days, by=by, proposed_by=by, proposal=0, clock_was_wrong=terms.clock_was_wrong, at=at,
    ).sealed(key)  # fmt: skip
    entry = Entry(by, role, PROPOSED, removal.model_dump_json(), outcome=RECORDED)
    (number,) = append([(entry, at)], terms.log.database, terms.log.head_file, key)
    return number, removal


def carry_out_purge(terms: Terms, proposal: int, by: str, role: str) -> Removal:
    """Carry out what another person proposed: the row that says so and the rows' going are one transaction.

    Parameters
    ----------
    terms : Terms
        Its `clock_was_wrong` is as the proposal says: both people looked into those rows.
    proposal : int
        Number of the row that proposes it.

    Raises
    ------
    PurgeRefused
        The row proposes nothing, was proposed by the same person or too long ago, or the log is no longer as it was.
    """
    key = terms.log.key()
    with terms.log.database.reading() as session:
        row = session.scalar(select(LogEntry).where(LogEntry.number == proposal, LogEntry.action == PROPOSED))
    proposed = read_removal(row.what) if row else None
    if row is None or proposed is None or not proposed.is_sealed_by(key) or proposed.by != row.person:
        raise PurgeRefused(
            f"Row {proposal} of the access log proposes no purge. Look at what is due, and propose it: pathways access-log purge"
        )
    now = datetime.now(UTC)
    told = []
    if proposed.by == by:
        told.append(
            "Two people take rows of the access log, and this account proposed it. Somebody else in information governance carries it out."
        )
    if not timedelta(0) <= now - moment_of(proposed.at) <= PROPOSAL_LASTS:
        told.append(
            f"It was proposed on {proposed.at[:10]}, and a proposal lasts {PROPOSAL_LASTS.days} days. Propose it again."
        )
    if set(proposed.clock_was_wrong) != set(terms.clock_was_wrong):
        named = " ".join(f"--clock-was-wrong {number}" for number in proposed.clock_was_wrong) or "none"
        told.append(
            f"The proposal names rows at which a clock was wrong: {named}. Look into each, and say the same."
        )
    if told:
        raise PurgeRefused(*told)
    plan = plan_purge(terms)
    _require_some(plan)
    if (proposed.first, proposed.end) != (
        plan.first,
        _end_before(terms.log.database, proposed),
    ) or proposed.last > plan.last:
        raise PurgeRefused(
            "The log is not as it was when this was proposed, or its period changed. Look at what is due, and propose it again."
        )
    at = now.isoformat(timespec="microseconds")
    removal = proposed.model_copy(
        update={"kind": PURGED, "by": by, "proposal": proposal, "at": at, "kept_days": terms.kept_days}
    ).sealed(key)
    entry = Entry(by, role, PURGED, removal.model_dump_json(), outcome=RECORDED)
    with terms.log.database.writing() as session:
        appended = append_in(session, [(entry, at)], terms.log.head_file, key)
        with unlocked(session, "access_log", "DELETE"):
            session.execute(delete(LogEntry).where(LogEntry.number <= removal.last))
    appended.note(terms.log.head_file, key)
    return removal


@dataclass(frozen=True)
class Proposal:
    """A purge that was proposed: number of the row that says so, and what it says."""

    row: int
    removal: Removal


def open_proposals(terms: Terms) -> list[Proposal]:
    """Proposals that can still be carried out, newest first; the rows before them are not read.

    Where times run backwards one can be missed: it is carried out by its number.
    """
    key = terms.log.key()
    with terms.log.database.reading() as session:
        since = _first_since(session, datetime.now(UTC) - PROPOSAL_LASTS)
        recent = select(LogEntry).where(
            LogEntry.number >= since, LogEntry.action.in_((PROPOSED, PURGED)), LogEntry.outcome == RECORDED
        )
        told = [(row.number, row.person, read_removal(row.what)) for row in session.scalars(recent)]
    sealed = [
        (row, each) for row, person, each in told if each and each.is_sealed_by(key) and each.by == person
    ]
    gone = max((each.last for _, each in sealed if each.kind == PURGED), default=0)
    open_now = [Proposal(row, each) for row, each in sealed if each.kind == PROPOSED and each.last > gone]
    return open_now[::-1]


def _first_since(session: Session, moment: datetime) -> int:
    """The first row from a moment on, found by halving: some twenty rows are read of a million."""
    low = session.scalar(select(LogEntry.number).order_by(LogEntry.number).limit(1)) or 0
    high = session.scalar(select(LogEntry.number).order_by(LogEntry.number.desc()).limit(1)) or 0
    while low < high:
        middle = (low + high) // 2
        at = session.scalar(
            select(LogEntry.at).where(LogEntry.number >= middle).order_by(LogEntry.number).limit(1)
        )
        low, high = (middle + 1, high) if at and _is_before(at, moment) else (low, middle)
    return low


def _is_before(at: str, moment: datetime) -> bool:
    try:
        return moment_of(at) < moment
    except ValueError:
        return False


def _end_before(database: Database, proposed: Removal) -> Head:
    with database.reading() as session:
        sealed = session.scalar(select(LogEntry.hash).where(LogEntry.number == proposed.last))
    return proposed.last, sealed or ""


def _require_some(plan: Plan) -> None:
    if plan.refusals:
        raise PurgeRefused(*plan.refusals)
    if not plan.num:
        raise PurgeRefused(plan.in_words())
