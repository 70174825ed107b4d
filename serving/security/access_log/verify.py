"""Check of the access log, from its first row to its last, against everything outside the database that knows of it.

Rows are missing from the front where a purge took them: a purge is itself a row, sealed with the log's key, and each
that the check rests on is named with its period. Outside the database are the head file, the key's file, which says
how the log stood when the key was made, and heads that were written down or sent elsewhere.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from serving.database.connection import Database
from serving.database.tables import LogEntry, LogHead
from serving.errors import LogRefused
from serving.security.access_log.chain import FIELDS, HEAD, seal
from serving.security.access_log.head import Note, read_note
from serving.security.access_log.key import KEY_FILE, START, Head, LogKey, missing, read_key
from serving.security.access_log.removal import (
    CLOCKS_DIFFER,
    PROPOSED,
    PURGED,
    Removal,
    moment_of,
    read_removal,
    unsealed_words,
)
from serving.security.access_log.write import MOST_AT_ONCE

ROWS_AT_ONCE = 5_000
STOOD_STILL = timedelta(days=60)  # longer than any school holiday
KEPT_DAYS = 6 * 365  # who looked can be asked as long as screenings are kept
A_HEAD = re.compile(r"\b([0-9]{1,18}):([0-9a-f]{64})\b")


@dataclass(frozen=True)
class ClockStep:
    """A row that is dated minutes or more before a row before it, or months after it: a clock was set, or nobody asked."""

    row: int
    at: str
    after: str

    def in_words(self) -> str:
        return f"row {self.row:,} is dated {self.at[:19]}, and a row before it {self.after[:19]}"


@dataclass(frozen=True)
class Verified:
    """What a check of the log found.

    Attributes
    ----------
    num_rows : int
        Rows read, up to the first broken link.
    head : (int, str)
        Number and hash of the last sound row: to be written down somewhere else.
    front : (int, str)
        Of the row before the first that is there; (0, START) where none is gone.
    findings : tuple of (int, str)
        Everything that is not as it should be, each with the number of the row it is about. After a broken link
        nothing further is read.
    purges : tuple of Removal
        Purges in the log that carry the key's seal.
    clock : tuple of ClockStep
        Where times run backwards.
    leaps : tuple of ClockStep
        Rows dated more than 60 days after the row before: the log stood still, or a clock runs ahead.
    is_front_unsealed : bool
        Whether rows are missing that were removed before the log had a key: no seal vouches for it.
    last_at : datetime or None
        The latest date of any row.
    """

    num_rows: int
    head: Head
    front: Head = (0, START)
    findings: tuple[tuple[int, str], ...] = ()
    purges: tuple[Removal, ...] = ()
    clock: tuple[ClockStep, ...] = ()
    leaps: tuple[ClockStep, ...] = ()
    is_front_unsealed: bool = False
    last_at: datetime | None = None

    @property
    def broken_at(self) -> int | None:
        """The row of the first finding; None where there is none."""
        return self.findings[0][0] if self.findings else None

    @property
    def why(self) -> str:
        """The first finding; "" where there is none."""
        return self.findings[0][1] if self.findings else ""


def verify(
    database: Database,
    head_file: Path | None = None,
    written_down: Head | None = None,
    *,
    key_file: Path | None = None,
    sent: Iterable[Head] = (),
    kept_days: int = KEPT_DAYS,
) -> Verified:
    """Check the access log from its first row to its last.

    Parameters
    ----------
    head_file : Path or None
        None checks the chain alone.
    written_down : (int, str) or None
        A head that an earlier check printed and somebody kept elsewhere.
    key_file : Path or None
        None is the usual name next to the head file.
    sent : iterable of (int, str)
        Heads that arrived elsewhere (`read_heads`).
    kept_days : int
        The retention period in force: a purge of anything younger is a finding.

    Raises
    ------
    LogRefused
        The key's file cannot be read.
    """
    if head_file is not None and key_file is None:
        key_file = head_file.with_name(KEY_FILE)
    key = read_key(key_file) if key_file else None
    note = read_note(head_file) if head_file else None
    with database.reading() as session:
        kept = session.scalar(select(LogHead).where(LogHead.id == HEAD))
        check = _Check(session, kept, key, note)
        check.anchors = {
            "the head in the database": (kept.number, kept.hash) if kept else (0, ""),
            **({"the head file": note.head} if note else {}),
            **({"the key's file": key.head} if key else {}),
        }
        check.elsewhere = [
            *([("the head written down", written_down)] if written_down else []),
            *(("a head that was sent", head) for head in sent),
        ]
        if check.read_rows():
            check.front_is_explained()
            check.ends_are_there()
            check.purges_are_in_order(kept_days)
        if head_file is not None and key_file is not None:
            check.files_are_there(head_file, key_file)
    return check.found()


@dataclass
class _Check:
    """One check under way; each step appends what it finds."""

    session: Session
    kept: LogHead | None
    key: LogKey | None
    note: Note | None
    anchors: dict[str, Head] = field(default_factory=dict)
    elsewhere: list[tuple[str, Head]] = field(default_factory=list)
    findings: list[tuple[int, str]] = field(default_factory=list)
    purges: list[tuple[int, Removal]] = field(default_factory=list)
    unsealed: set[str] = field(default_factory=set)
    clock: list[ClockStep] = field(default_factory=list)
    leaps: list[ClockStep] = field(default_factory=list)
    front: Head = (0, START)
    last: Head = (0, START)
    num_rows: int = 0
    is_front_unsealed: bool = False
    latest: datetime | None = None
    last_at: datetime | None = None
    _turned_at: datetime | None = None

    def found(self) -> Verified:
        purges = tuple(removal for _, removal in self.purges)
        return Verified(
            self.num_rows, self.last, self.front, tuple(self.findings), purges, tuple(self.clock), tuple(self.leaps), self.is_front_unsealed, self.latest
        )  # fmt: skip

    def read_rows(self) -> bool:
        """Every row in order; False at the first broken link."""
        wanted: dict[int, list[tuple[str, str]]] = {}
        for where, (number, sealed) in [*self.anchors.items(), *self.elsewhere]:
            wanted.setdefault(number, []).append((where, sealed))
        is_first = True
        for row in rows_of(self.session):
            if is_first:
                self.front = self.last = (row.number - 1, row.previous)
                is_first = False
            if why := self._broken(row, wanted.get(row.number, ())):
                self.findings.append((min(row.number, self.last[0] + 1), why))
                return False
            self._dated(row)
            if row.action in (PURGED, PROPOSED):
                self._removal(row)
            self.num_rows, self.last = self.num_rows + 1, (row.number, row.hash)
        return True

    def _broken(self, row: LogEntry, named: Iterable[tuple[str, str]]) -> str:
        if row.number != self.last[0] + 1:
            return f"row {self.last[0] + 1} is missing"
        if row.previous != self.last[1]:
            return f"row {row.number} does not follow the row before it"
        if seal({name: getattr(row, name) for name in FIELDS}) != row.hash:
            return f"row {row.number} was changed"
        for where, sealed in named:
            if sealed != row.hash:
                return f"row {row.number} is not the one that {where} names"
        return ""

    def _dated(self, row: LogEntry) -> None:
        """Look whether times run backwards, beyond what two clocks may differ by, or leap ahead."""
        try:
            at = moment_of(row.at)
        except ValueError:
            self.findings.append((row.number, f"row {row.number} has no date that can be read"))
            return
        if self._turned_at is not None and at < self._turned_at - CLOCKS_DIFFER:
            self.clock.append(ClockStep(row.number, at.isoformat(), self._turned_at.isoformat()))
            self._turned_at = at
        elif self._turned_at is not None and at > self._turned_at + STOOD_STILL:
            self.leaps.append(ClockStep(row.number, at.isoformat(), self._turned_at.isoformat()))
        self.last_at = at
        self._turned_at = max(at, self._turned_at or at)
        self.latest = max(at, self.latest or at)

    def _removal(self, row: LogEntry) -> None:
        """A purge, or a proposal of one: sealed, or from before the log had a key."""
        removal = read_removal(row.what)
        if self.key is None or row.number <= self.key.head[0]:
            self.unsealed.add(unsealed_words(removal.end) if removal else row.what)
            return
        if (
            removal is None
            or not removal.is_sealed_by(self.key)
            or (removal.kind, removal.at, removal.by) != (row.action, row.at, row.person)
        ):
            self.findings.append((
                row.number,
                f"row {row.number} says that rows were purged, and the log's key did not seal it: this service did not write it",
            ))  # fmt: skip
        elif row.action == PURGED:
            self.purges.append((row.number, removal))

    def front_is_explained(self) -> None:
        """Rows that are gone from the front went by a purge, or before the log had a key."""
        if self.front == (0, START) or any(removal.end == self.front for _, removal in self.purges):
            return
        gone = f"rows up to {self.front[0]} are missing"
        if unsealed_words(self.front) not in self.unsealed:
            self.findings.insert(0, (1, f"{gone}, and no purge is in the log that removed them"))
        elif self.key is not None and self.key.front != self.front:
            self.findings.insert(
                0,
                (
                    1,
                    f"{gone}, and the purge that names them carries no seal, though the log has had a key since {self.key.made_at[:10]}",
                ),
            )
        else:
            self.is_front_unsealed = True

    def ends_are_there(self) -> None:
        """The log reaches every row that anything outside it names, and what is gone of those went by a purge."""
        for where, (number, sealed) in [*self.anchors.items(), *self.elsewhere]:
            if number > self.last[0] or (number == 0 and sealed != START):
                self.findings.append(
                    (self.last[0] + 1, f"the log ends at row {self.last[0]}, and {where} names row {number}")
                )
        self.elsewhere += [("the head file", self.note.head)] if self.note else []
        for where, (number, sealed) in self.elsewhere:
            if not 0 < number <= self.front[0]:
                continue
            removals = [removal for _, removal in self.purges if removal.last >= number]
            if not removals:
                self.findings.append(
                    (number, f"row {number}, which {where} names, is gone, and no sealed purge took it")
                )
            elif wrong := [each for each in removals if each.last == number and each.last_hash != sealed]:
                self.findings.append(
                    (number, f"row {number} was purged, and was not the one that {where} names: {wrong[0].in_words()}")
                )  # fmt: skip

    def purges_are_in_order(self, kept_days: int) -> None:
        """No purge took what was to be kept, by one person, by a clock that ran ahead, or what is there again."""
        for row, removal in self.purges:
            by_now = (self.last_at.date() - moment_of(removal.dated_to).date()).days if self.last_at else 0
            if self.last_at and self.last_at < moment_of(removal.at) - CLOCKS_DIFFER and by_now <= kept_days:
                self.findings.append((
                    row,
                    f"the purge of row {row} is dated {removal.at[:10]}, and the log's last row {self.last_at.date()}: by a clock that ran "
                    f"ahead it took rows that were {by_now:,} days old; rows are kept {kept_days:,} days: {removal.in_words()}",
                ))  # fmt: skip
            if removal.youngest_days <= max(kept_days, removal.kept_days):
                self.findings.append((
                    row,
                    f"the purge of row {row} took rows that were {removal.youngest_days:,} days old, by a period of {removal.kept_days:,} "
                    f"days; rows are kept {kept_days:,} days: {removal.in_words()}",
                ))  # fmt: skip
            if removal.by == removal.proposed_by:
                self.findings.append((row, f"the purge of row {row} was proposed and carried out by one"))
            if removal.last > self.front[0]:
                self.findings.append(
                    (
                        self.front[0] + 1,
                        f"row {self.front[0] + 1} is there, and the purge of row {row} took it",
                    )
                )

    def files_are_there(self, head_file: Path, key_file: Path) -> None:
        """The head file, sealed by the key and not old; and the key that the database or the head file names."""
        begun = self.num_rows > 0 or (self.kept is not None and self.kept.number > 0) or self.key is not None
        after = self.last[0] + 1
        if self.note is None and begun:
            self.findings.append(
                (after, f"{head_file} is not there, so it cannot be told whether rows were cut off the end")
            )
        named = self.kept.key if self.kept else ""
        if self.key is None:
            is_lost = bool(named) or (self.note is not None and self.note.says_of_a_key)
        else:
            is_lost = named not in ("", self.key.id)
        if is_lost:
            self.findings.append((after, missing(key_file)))
        elif self.key is not None and self.note is not None and not self.note.is_sealed_by(self.key):
            self.findings.append((after, f"{head_file} does not carry the seal of the log's key"))
        # Several processes write at once, and a note may be one write late; an old copy can be later still.
        behind = self.kept.number - self.note.head[0] if self.kept and self.note and self.note.seal else 0
        if behind > MOST_AT_ONCE:
            self.findings.append((
                after,
                f"{head_file} names row {self.note.head[0] if self.note else 0}, {behind} rows before the log's last: an old copy of it was "
                "put in its place, or this machine lost its power before it was on disk",
            ))  # fmt: skip


def rows_of(session: Session, after: int = -1) -> Iterator[LogEntry]:
    """Rows in order of number, some thousands in memory at once."""
    while True:
        query = select(LogEntry).where(LogEntry.number > after).order_by(LogEntry.number).limit(ROWS_AT_ONCE)
        rows = list(session.scalars(query))
        if not rows:
            return
        yield from rows
        after = rows[-1].number
        session.expunge_all()


def read_written_down(text: str) -> Head:
    """A head from text, `NUMBER:HASH` as an earlier check printed it; LogRefused for what is not."""
    found = A_HEAD.fullmatch(text.strip())
    if found is None:
        raise LogRefused(
            "That is no head of the log. Give NUMBER:HASH exactly as an earlier check printed it."
        )
    return int(found[1]), found[2]


def read_heads(path: Path) -> list[Head]:
    """Heads from a file that holds what was sent, one a line whatever else the line says.

    Raises
    ------
    LogRefused
        It cannot be read, or no line holds a head.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise LogRefused(
            f"{path} cannot be read ({error.strerror}). Name a file of heads that were sent."
        ) from None
    found = [(int(number), sealed) for number, sealed in A_HEAD.findall(text)]
    if not found:
        raise LogRefused(
            f"{path} holds no head of the log, NUMBER:HASH. Name a file of heads that were sent."
        )
    return found


def tokens_in_use(session: Session) -> set[str]:
    """Every token that a row of the log carries."""
    return {token for row in rows_of(session) for token in row.tokens.split()}
