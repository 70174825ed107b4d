"""The rows of the access log: how one is sealed and appended, and how the chain is checked.

Each row's hash is over its fields and the hash before. Where the chain ends is kept twice: in the database,
and in a head file beside it, so that rows cut off its end are missed. Whoever can change the database and the
head file could still cut both: `pathways verify-log` prints the head to be written down somewhere else, and
checks one that was.
"""

import fcntl
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from serving.access import MOST_AT_ONCE, Action, Role
from serving.store.database import Database
from serving.store.errors import LogRefused
from serving.store.tables import LogEntry, LogHead, PupilKey

START = "0" * 64  # what the first row seals
FIELDS = (
    "number",
    "at",
    "person",
    "role",
    "action",
    "what",
    "tokens",
    "outcome",
    "release",
    "request",
    "previous",
)
PURGED = "purge_log"
HEAD = 1
ROWS_AT_ONCE = 5_000
Head = tuple[int, str]
SHOWN, RECORDED, REFUSED = "shown", "recorded", "refused"


@dataclass(frozen=True)
class Entry:
    """One thing asked for.

    Attributes
    ----------
    person, role : str
        The account's name and role; "" and "" for somebody not signed in.
    action : str
        Of `serving.access.Action`.
    what : str
        Which list, record or page: `school 100001 as of 2025-05-23`. Never anything about a pupil.
    pupils : sequence of int
        Everyone whom the answer names or is about; kept as tokens.
    outcome : str
        shown, recorded or refused.
    release : str
        Of what is shown; "" where no release is asked.
    request : str
        Number of the request, to find it in other logs.
    """

    person: str
    role: Role | str
    action: Action | str
    what: str
    pupils: Sequence[int] = ()
    outcome: str = SHOWN
    release: str = ""
    request: str = ""


def seal(row: dict[str, str | int]) -> str:
    """A row's hash: SHA-256 of its fields, the hash before among them, as JSON."""
    return hashlib.sha256(json.dumps([row[name] for name in FIELDS]).encode()).hexdigest()


def token(key: bytes, pupil: int) -> str:
    """What stands for a pupil in the log: nobody can tell whom, or that two are one, once the key is gone."""
    return hmac.digest(key, str(pupil).encode(), hashlib.sha256)[:16].hex()


def tokens_of(session: Session, pupils: Iterable[int], make: bool = False) -> dict[int, str]:
    """Tokens of some pupils; without `make`, of those who have a key."""
    asked = sorted(set(pupils))
    keys: dict[int, bytes] = {}
    for start in range(0, len(asked), MOST_AT_ONCE):
        some = PupilKey.pupil.in_(asked[start : start + MOST_AT_ONCE])
        keys |= {
            pupil: key for pupil, key in session.execute(select(PupilKey.pupil, PupilKey.key).where(some))
        }
    new = {pupil: secrets.token_bytes(32) for pupil in asked if pupil not in keys} if make else {}
    if new:
        session.execute(insert(PupilKey), [{"pupil": pupil, "key": key} for pupil, key in new.items()])
    return {pupil: token(key, pupil) for pupil, key in (keys | new).items()}


def append(entries: Sequence[tuple[Entry, str]], database: Database, head_file: Path) -> list[int]:
    """Append entries in one transaction, on disk when this returns; then note the head beside the database.

    Parameters
    ----------
    entries : sequence of (Entry, str)
        Each with the moment it was asked (ISO 8601, UTC).

    Returns
    -------
    list of int
        The number of each.

    Raises
    ------
    LogRefused
        The head is gone from the database: somebody changed the log.
    """
    with database.writing() as session:
        # Held until the end: one writer at a time, of all processes.
        head = session.scalar(select(LogHead).where(LogHead.id == HEAD).with_for_update())
        if head is None:
            raise LogRefused(
                "The access log has lost its head, so nothing is shown. Find out what happened with: pathways verify-log"
            )
        tokens = tokens_of(session, {pupil for entry, _ in entries for pupil in entry.pupils}, make=True)
        before = (head.number, head.hash)
        rows: list[dict[str, str | int]] = []
        for entry, at in entries:
            row: dict[str, str | int] = {
                "number": head.number + 1, "at": at, "person": entry.person, "role": str(entry.role),
                "action": str(entry.action), "what": entry.what,
                "tokens": " ".join(sorted(tokens[pupil] for pupil in set(entry.pupils))),
                "outcome": entry.outcome, "release": entry.release, "request": entry.request, "previous": head.hash,
            }  # fmt: skip
            row["hash"] = seal(row)
            rows.append(row)
            head.number, head.hash = head.number + 1, str(row["hash"])
        session.execute(insert(LogEntry), rows)
        noted = read_head(head_file)
        is_ours = noted is None or noted == before or _holds(session, noted)
    if is_ours:
        note_head(head_file, (head.number, head.hash))
    return [int(row["number"]) for row in rows]


def _holds(session: Session, head: Head) -> bool:
    """Is this row in the log as it was noted? Where it is not, the note stays: it is what shows the cut."""
    return session.scalar(select(LogEntry.hash).where(LogEntry.number == head[0])) == head[1]


def read_head(path: Path) -> Head | None:
    """The head as noted beside the database; None where there is no note. One that cannot be read is (0, "")."""
    try:
        number, _, sealed = path.read_text().strip().partition(" ")
        return int(number), sealed
    except FileNotFoundError:
        return None
    except ValueError:
        return 0, ""


def note_head(path: Path, head: Head) -> None:
    """Note the head, unless a later one is there: another process may have been quicker.

    It is not forced to disk: after a loss of power it may lag behind the log, and a note that lags is still true.
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        now = os.pread(file, 128, 0).split(b" ")[0]
        if not now.strip().isdigit() or int(now) < head[0]:
            os.pwrite(file, f"{head[0]:020d} {head[1]}\n".encode(), 0)
    finally:
        os.close(file)


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
