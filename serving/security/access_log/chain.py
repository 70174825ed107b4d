"""The rows of the access log: how one is sealed and appended, and how the chain is checked.

Each row's hash is over its fields and the hash before. Where the chain ends is kept in the database, in the head
file outside it (`head.py`), and wherever heads are sent (`send.py`).
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import bindparam, insert, select, union
from sqlalchemy.orm import Session

from serving.database.connection import Database
from serving.database.tables import PUPIL_TABLES, LogEntry, LogHead, PupilKey
from serving.errors import LogRefused
from serving.http.metrics import LOG_HEAD_DISAGREES
from serving.security.access import MOST_AT_ONCE, Action, Role
from serving.security.access_log.head import begin_head, note_head, read_note
from serving.security.access_log.key import START, Head, LogKey, missing, new_key, read_key, write_key

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
HEAD = 1
# Asked at every answer, and written once.
LAST = select(LogHead).where(LogHead.id == HEAD).with_for_update()
KEYS = select(PupilKey.pupil, PupilKey.key).where(PupilKey.pupil.in_(bindparam("some", expanding=True)))
HELD = union(
    *(select(table.pupil).where(table.pupil.in_(bindparam("some", expanding=True))) for table in PUPIL_TABLES)
)
SHOWN, RECORDED, REFUSED = "shown", "recorded", "refused"


@dataclass(frozen=True)
class Entry:
    """One thing asked for.

    Attributes
    ----------
    person, role : str
        The account's name and role; "" and "" for somebody not signed in.
    action : str
        Of `serving.security.access.Action`.
    what : str
        Which list, record or page: `school 100001 as of 2025-05-23`. Never anything about a pupil.
    pupils : sequence of int
        Everyone whom the answer names or is about; kept as tokens.
    asked : sequence of int
        Everyone else who was asked about and is not the person's to see: kept as tokens of those on whom something is
        held, as everyone named by a refusal is.
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
    asked: Sequence[int] = ()


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
        some = {"some": asked[start : start + MOST_AT_ONCE]}
        keys |= {pupil: key for pupil, key in session.execute(KEYS, some)}
    new = {pupil: secrets.token_bytes(32) for pupil in asked if pupil not in keys} if make else {}
    if new:
        session.execute(insert(PupilKey), [{"pupil": pupil, "key": key} for pupil, key in new.items()])
    return {pupil: token(key, pupil) for pupil, key in (keys | new).items()}


def held_of(session: Session, pupils: Iterable[int]) -> set[int]:
    """Those pupils on whom the database holds anything."""
    asked = sorted(set(pupils))
    found: set[int] = set()
    for start in range(0, len(asked), MOST_AT_ONCE):
        found |= set(session.scalars(HELD, {"some": asked[start : start + MOST_AT_ONCE]}))
    return found


def open_key(database: Database, head_file: Path, key_file: Path) -> LogKey:
    """The key that seals a log; made, with the head file, where the log never had one.

    Raises
    ------
    LogRefused
        The log was sealed with a key that is not there, or the head is gone from the database.
    """
    with database.writing() as session:
        kept = head_of(session)
        key = read_key(key_file)  # of all who start at once, the first makes it
        if kept.key and (key is None or key.id != kept.key):
            raise LogRefused(missing(key_file))
        note = read_note(head_file)
        if key is None and note is not None and note.says_of_a_key:  # whatever the database says of it
            raise LogRefused(missing(key_file))
        if key is None:
            key = begin_seals(session, kept, head_file, key_file)
        kept.key = key.id
    return key


def begin_seals(session: Session, kept: LogHead, head_file: Path, key_file: Path) -> LogKey:
    """Make the key of a log that never had one: the head file is sealed first, then the key's file is written.

    In that order a run that is killed leaves either no key, or a key with everything sealed that it has to seal. Where
    it leaves no key for a log with rows, nothing is shown until somebody says so: pathways access-log new-key.
    """
    head = (kept.number, kept.hash)
    first = session.scalar(select(LogEntry).order_by(LogEntry.number).limit(1))
    key = new_key((first.number - 1, first.previous) if first else head, head)
    note = read_note(head_file)
    # A head file that is gone from a log with rows, or names another row, is what shows that rows were cut off.
    if (note is None and head[0] == 0) or (note is not None and _is_held(session, note.head)):
        begin_head(head_file, head, key)
    write_key(key_file, key)
    return key


def head_of(session: Session) -> LogHead:
    """The head in the database, held until the end: one writer at a time, of all processes."""
    head = session.scalar(LAST)
    if head is None:
        raise LogRefused(
            "The access log has lost its head, so nothing is shown. Find out what happened with: pathways verify-log"
        )
    return head


def append(
    entries: Sequence[tuple[Entry, str]], database: Database, head_file: Path, key: LogKey
) -> list[int]:
    """Append entries in one transaction, on disk when this returns; then note the head in the head file.

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
        The head is gone from the database, the head file is gone, or the key is another than the log's.
    """
    with database.writing() as session:
        appended = append_in(session, entries, head_file, key)
    appended.note(head_file, key)
    return appended.numbers


@dataclass(frozen=True)
class Appended:
    """What a transaction appends: the numbers of its rows, the head after them, and whether to note that one."""

    numbers: list[int]
    head: Head
    is_noted: bool

    def note(self, head_file: Path, key: LogKey) -> None:
        """Note the head once the transaction is on disk; a head file that says otherwise stays, and shows the cut."""
        if self.is_noted:
            note_head(head_file, self.head, key)


def append_in(
    session: Session, entries: Sequence[tuple[Entry, str]], head_file: Path, key: LogKey
) -> Appended:
    """Append entries within a transaction that holds more; `Appended.note` is called after it."""
    head = head_of(session)
    if head.key != key.id:
        raise LogRefused(
            "The access log was sealed with another key since this process began, so nothing is shown. Start the service again."
        )
    note = read_note(head_file)
    if note is None:
        raise LogRefused(
            f"{head_file}, the head file of the access log, is gone, so nothing is shown: nobody could tell whether rows were cut off. "
            "Put it back, or where it is lost for good make it anew: pathways access-log note-head"
        )
    is_ours = note.is_sealed_by(key) and (
        note.head == (head.number, head.hash) or _is_held(session, note.head)
    )
    LOG_HEAD_DISAGREES.set(not is_ours)
    # Whoever was refused may have asked about nobody: that makes no key, nor a trace of an erased pupil. A child on whom
    # something is held gets one, seen before or not: who asked about them can be said.
    shown = {pupil for entry, _ in entries if entry.outcome != REFUSED for pupil in entry.pupils}
    refused = {pupil for entry, _ in entries if entry.outcome == REFUSED for pupil in entry.pupils}
    refused |= {pupil for entry, _ in entries for pupil in entry.asked}
    tokens = tokens_of(session, shown, make=True) | tokens_of(session, refused)
    tokens |= tokens_of(session, held_of(session, refused - tokens.keys()), make=True)
    rows: list[dict[str, str | int]] = []
    for entry, at in entries:
        row: dict[str, str | int] = {
            "number": head.number + 1, "at": at, "person": entry.person, "role": str(entry.role),
            "action": str(entry.action), "what": entry.what,
            "tokens": " ".join(sorted(tokens[pupil] for pupil in {*entry.pupils, *entry.asked} if pupil in tokens)),
            "outcome": entry.outcome, "release": entry.release, "request": entry.request, "previous": head.hash,
        }  # fmt: skip
        row["hash"] = seal(row)
        rows.append(row)
        head.number, head.hash = head.number + 1, str(row["hash"])
    session.execute(insert(LogEntry), rows)
    return Appended([int(row["number"]) for row in rows], (head.number, head.hash), is_ours)


def _is_held(session: Session, head: Head) -> bool:
    """Is this row in the log as it was noted? The start of a log is in every log that still has its first row."""
    if head[0] == 0:
        return head[1] == START
    return session.scalar(select(LogEntry.hash).where(LogEntry.number == head[0])) == head[1]
