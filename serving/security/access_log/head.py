"""The head file: number and hash of the log's last row, noted outside the database, under the key's seal.

Whoever cuts rows off the end of the log, or seals it anew from some row on, would have to change this file too, and
cannot write a line of it without the key. A line that they kept from before is as good as the key, though: with an
old copy in its place, all after the row that it names can be another's. Only heads sent or written down show that.
"""

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path

from features.files import write_whole
from serving.security.access_log.key import Head, LogKey

HEAD_FILE = "access_log.head"  # in the service's home, unless service.toml names another place


@dataclass(frozen=True)
class Note:
    """What a head file says; one that cannot be read says row 0 without a hash.

    Attributes
    ----------
    seal : str
        By the log's key; "" in a file from before logs had keys.
    """

    head: Head
    seal: str = ""

    @property
    def says_of_a_key(self) -> bool:
        """Whether the log had a key when this was noted; a first start that was killed may leave a line of no row."""
        return bool(self.seal) and self.head[0] > 0

    def is_sealed_by(self, key: LogKey) -> bool:
        return key.is_seal(self.seal, "head", [*self.head])


def read_note(path: Path) -> Note | None:
    """What is noted; None where there is no file."""
    try:
        number, sealed, *seal = path.read_text(encoding="utf-8").split()
        return Note((int(number), sealed), " ".join(seal))
    except FileNotFoundError:
        return None
    except ValueError:
        return Note((0, ""))


def note_head(path: Path, head: Head, key: LogKey) -> None:
    """Note a later head, unless one later still is there: another process may have been quicker.

    It is not forced to disk: after a loss of power it may lag behind the log, and a note that lags is still true.

    Raises
    ------
    OSError
        There is no such file: only `begin_head` makes one, so that one that was taken away stays away.
    """
    file = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        now = os.pread(file, 128, 0).split(b" ")[0]
        if not now.strip().isdigit() or int(now) < head[0]:
            os.pwrite(file, _line(head, key).encode(), 0)
    finally:
        os.close(file)


def begin_head(path: Path, head: Head, key: LogKey) -> None:
    """Make a head file, or make it anew; on disk when this returns."""
    write_whole(path, _line(head, key), mode=0o600)


def _line(head: Head, key: LogKey) -> str:
    return f"{head[0]:020d} {head[1]} {key.seal('head', [*head])}\n"
