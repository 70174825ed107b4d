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
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from serving.database.connection import Database
from serving.security.access import MOST_AT_ONCE, Action, Role
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
HEAD = 1
# Asked at every answer, and written once.
LAST = select(LogHead).where(LogHead.id == HEAD).with_for_update()
KEYS = select(PupilKey.pupil, PupilKey.key).where(PupilKey.pupil.in_(bindparam("some", expanding=True)))
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
        Of `serving.security.access.Action`.
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
        some = {"some": asked[start : start + MOST_AT_ONCE]}
        keys |= {pupil: key for pupil, key in session.execute(KEYS, some)}
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
        head = session.scalar(LAST)
        if head is None:
            raise LogRefused(
                "The access log has lost its head, so nothing is shown. Find out what happened with: pathways verify-log"
            )
        # Whoever was refused may have asked about nobody: that makes no key, nor a trace of an erased pupil.
        shown = {pupil for entry, _ in entries if entry.outcome != REFUSED for pupil in entry.pupils}
        refused = {pupil for entry, _ in entries if entry.outcome == REFUSED for pupil in entry.pupils}
        tokens = tokens_of(session, shown, make=True) | tokens_of(session, refused)
        before = (head.number, head.hash)
        rows: list[dict[str, str | int]] = []
        for entry, at in entries:
            row: dict[str, str | int] = {
                "number": head.number + 1, "at": at, "person": entry.person, "role": str(entry.role),
                "action": str(entry.action), "what": entry.what,
                "tokens": " ".join(sorted(tokens[pupil] for pupil in set(entry.pupils) if pupil in tokens)),
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
