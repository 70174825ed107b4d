"""The log's key: what seals purges and the head file, and is nowhere in the database.

Whoever can write to the database alone can append a row that says that a purge took the rows before it; without
the key they cannot seal it. The key's file also says how the log stood when the key was made: what was removed
before that day no seal vouches for, and nobody can move that day.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from features.files import write_whole
from serving.errors import LogRefused

KEY_FILE = "access_log.key"  # in the service's home, unless service.toml names another place
START = "0" * 64  # what the first row seals
KEY_BYTES = 32
Head = tuple[int, str]  # a row's number and hash


@dataclass(frozen=True)
class LogKey:
    """The key, and how the log stood when it was made.

    Attributes
    ----------
    made_at : str
        ISO 8601, UTC.
    front : (int, str)
        Number and hash of the last row that was gone from the front by then; (0, START) where none was.
    head : (int, str)
        The log's last row then.
    """

    secret: bytes = field(repr=False)
    made_at: str
    front: Head = (0, START)
    head: Head = (0, START)

    @property
    def id(self) -> str:
        """What names the key and tells nothing of it."""
        return hmac.digest(self.secret, b"name of this key", hashlib.sha256)[:8].hex()

    def seal(self, kind: str, content: Sequence[Any] | dict[str, Any]) -> str:
        """Seal of some content; `kind` keeps a seal of one thing from standing for another."""
        text = json.dumps([kind, content], sort_keys=True)
        return hmac.digest(self.secret, text.encode(), hashlib.sha256).hex()

    def is_seal(self, given: str, kind: str, content: Sequence[Any] | dict[str, Any]) -> bool:
        return hmac.compare_digest(given.encode(), self.seal(kind, content).encode())


def read_key(path: Path) -> LogKey | None:
    """The key; None where there is no file.

    Raises
    ------
    LogRefused
        It is no key, or others than its owner and group may read it.
    """
    try:
        text, mode = path.read_text(encoding="utf-8"), path.stat().st_mode
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError):
        raise LogRefused(_unreadable(path)) from None
    if mode & 0o037:
        raise LogRefused(
            f"Others than its owner may read or change {path}, the key of the access log, so nothing is shown. "
            f"Whoever has it can make a cut log look whole: chmod 600 {path}, and find out who read it."
        )
    try:
        found = json.loads(text)
        secret = bytes.fromhex(found["key"])
        (front, front_hash), (head, head_hash) = found["front"], found["head"]
        key = LogKey(
            secret, str(found["made_at"]), (int(front), str(front_hash)), (int(head), str(head_hash))
        )
    except (ValueError, KeyError, TypeError):
        raise LogRefused(_unreadable(path)) from None
    if len(secret) != KEY_BYTES:
        raise LogRefused(_unreadable(path))
    return key


def new_key(front: Head, head: Head) -> LogKey:
    """A key for a log that stands as it does."""
    return LogKey(
        secrets.token_bytes(KEY_BYTES), datetime.now(UTC).isoformat(timespec="seconds"), front, head
    )


def write_key(path: Path, key: LogKey) -> None:
    """Write a key's file, its owner's alone."""
    said = {"key": key.secret.hex(), "made_at": key.made_at, "front": key.front, "head": key.head}
    write_whole(path, json.dumps(said, indent=1) + "\n", mode=0o600)


def missing(path: Path) -> str:
    """What is said where a log was sealed with a key that is not at its place."""
    return (
        f"The access log is sealed with a key that is not at {path}, so nothing is shown: without it nobody can tell a purge from "
        "a cut. Put the key's file back from where the service's home is backed up, or name its place in service.toml under "
        "[access_log]. Where it is lost for good: pathways access-log new-key"
    )


def _unreadable(path: Path) -> str:
    return (
        f"{path} cannot be read as the key of the access log, so nothing is shown. Put the key's file back from where the service's "
        "home is backed up, its owner's alone (chmod 600)."
    )
