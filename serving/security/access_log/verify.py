"""Check of the access log, from its first row to its last, and the going of its oldest rows.

A purge of old rows is itself a row: it says up to where, so that rows missing from the front are either its doing
or a broken link.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from serving.database.connection import Database, unlocked
from serving.security.access_log.chain import FIELDS, HEAD, START, Entry, Head, append, read_head, seal
from serving.store.errors import LogRefused
from serving.store.tables import LogEntry, LogHead

PURGED = "purge_log"
ROWS_AT_ONCE = 5_000


@dataclass(frozen=True)
class Verified:
    """What a check of the chain found.

    Attributes
    ----------
    num_rows : int
        Rows read, up to the first broken link.
    head : (int, str)
        Number and hash of the last sound row: to be written down somewhere else.
    broken_at : int or None
        Number of the first row that is missing, changed or out of place.
    why : str
        What was found there; "" where the chain holds.
    """

    num_rows: int
    head: Head
    broken_at: int | None = None
    why: str = ""


def verify(database: Database, head_file: Path | None = None, written_down: Head | None = None) -> Verified:
    """Check the access log from its first row to its last, and that its end is where it was.

    Parameters
    ----------
    head_file : Path or None
    written_down : (int, str) or None
        A head that an earlier check printed and somebody kept elsewhere.
    """
    with database.reading() as session:
        kept = session.scalar(select(LogHead).where(LogHead.id == HEAD))
        noted = read_head(head_file) if head_file else None
        ends = {
            "the head in the database": (kept.number, kept.hash) if kept else (0, ""),
            **({"the head file": noted} if noted else {}),
            **({"the head written down": written_down} if written_down else {}),
        }
        wanted = {head[0]: (where, head[1]) for where, head in ends.items()}
        num_rows, last = 0, (0, START)
        first: Head | None = None
        purged: set[str] = set()
        for row in _rows(session):
            if first is None:
                first = (row.number - 1, row.previous)
                last = first
            if row.number != last[0] + 1:
                return Verified(num_rows, last, last[0] + 1, f"row {last[0] + 1} is missing")
            fields = {name: getattr(row, name) for name in FIELDS}
            if row.previous != last[1]:
                return Verified(
                    num_rows, last, row.number, f"row {row.number} does not follow the row before it"
                )
            if seal(fields) != row.hash:
                return Verified(num_rows, last, row.number, f"row {row.number} was changed")
            where, noted_hash = wanted.get(row.number, ("", row.hash))
            if noted_hash != row.hash:
                return Verified(
                    num_rows, last, row.number, f"row {row.number} is not the one that {where} names"
                )
            if row.action == PURGED:
                purged.add(row.what)
            num_rows, last = num_rows + 1, (row.number, row.hash)
        if first is not None and first != (0, START) and purge_words(first) not in purged:
            return Verified(
                0,
                (0, START),
                1,
                f"rows up to {first[0]} are missing, and no purge is in the log that removed them",
            )
        for where, (number, sealed) in ends.items():
            if number > last[0] or (number == 0 and sealed != START):
                return Verified(
                    num_rows,
                    last,
                    last[0] + 1,
                    f"the log ends at row {last[0]}, and {where} names row {number}",
                )
        if num_rows == 0 and first is None and last[0] == 0 and head_file and noted is None:
            return Verified(0, last)
        if head_file is not None and noted is None:
            return Verified(
                num_rows,
                last,
                last[0] + 1,
                f"{head_file} is not there, so it cannot be told whether rows were cut off the end",
            )
    return Verified(num_rows, last)


def read_written_down(text: str) -> Head:
    """A head from text, `NUMBER:HASH` as an earlier check printed it; LogRefused for what is not."""
    number, _, sealed = text.strip().partition(":")
    if not number.isdigit() or len(sealed) != len(START):
        raise LogRefused(
            "That is no head of the log. Give NUMBER:HASH exactly as an earlier check printed it."
        )
    return int(number), sealed


def purge_words(head: Head) -> str:
    """How a purge of the log's oldest rows says, in the log, where it stopped."""
    return f"rows up to {head[0]} removed, the last sealed {head[1]}"


def _rows(session: Session) -> Iterator[LogEntry]:
    after = -1
    while True:
        query = select(LogEntry).where(LogEntry.number > after).order_by(LogEntry.number).limit(ROWS_AT_ONCE)
        rows = list(session.scalars(query))
        if not rows:
            return
        yield from rows
        after = rows[-1].number
        session.expunge_all()


def purge_before(database: Database, head_file: Path, before: date, is_dry_run: bool) -> int:
    """Delete the rows of the log that are older than a day, once a row says so; return how many there are.

    The last row always stays.
    """
    moment = datetime(before.year, before.month, before.day, tzinfo=UTC).isoformat(timespec="microseconds")
    with database.reading() as session:
        head = session.scalar(select(LogHead.number).where(LogHead.id == HEAD)) or 0
        old = (LogEntry.at < moment) & (LogEntry.number < head)
        last = session.scalar(select(func.max(LogEntry.number)).where(old))
        num = (
            session.scalar(select(func.count()).select_from(LogEntry).where(LogEntry.number <= (last or 0)))
            or 0
        )
        sealed = session.scalar(select(LogEntry.hash).where(LogEntry.number == last))
    if last is None or sealed is None or is_dry_run:
        return num
    entry = Entry("command line", "", PURGED, purge_words((last, sealed)), outcome="recorded")
    append([(entry, datetime.now(UTC).isoformat(timespec="microseconds"))], database, head_file)
    with database.writing() as session, unlocked(session, "access_log", "DELETE"):
        session.execute(delete(LogEntry).where(LogEntry.number <= last))
    return num


def tokens_in_use(session: Session) -> set[str]:
    """Every token that a row of the log carries."""
    return {token for row in _rows(session) for token in row.tokens.split()}
