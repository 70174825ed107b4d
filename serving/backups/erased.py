"""The list of erasures: what tells a restore whom it may not bring back, and names nobody.

A backup from before an erasure still holds the child. So each erasure leaves a line: a seal of the pseudonym by the
access log's key, which nobody can read back, and against which a backup's pupils can be tried one by one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from features.files import write_whole
from serving.errors import BackupRefused
from serving.security.access_log.key import LogKey

ERASED_FILE = "erased.list"  # in the service's home
KIND = "erased"


@dataclass(frozen=True)
class ErasureList:
    """The list of a home.

    Attributes
    ----------
    path : Path
        `ERASED_FILE` in the home.
    key : LogKey
        Of the home's access log.
    """

    path: Path
    key: LogKey

    def note(self, pupil: int) -> None:
        """Add a pupil; raises as `note_erased`."""
        note_erased(self.path, self.key, pupil)

    def __contains__(self, pupil: int) -> bool:
        """Is a pupil on it?"""
        return bool(erased_among([pupil], read_erased(self.path), self.key))


def note_erased(path: Path, key: LogKey, pupil: int) -> None:
    """Add a pupil to the list, on disk when this returns; once, however often it is said.

    Raises
    ------
    NoRoom
        It cannot be written: then nothing may be erased.
    """
    seals = read_erased(path)
    seal = key.seal(KIND, [pupil])
    if seal not in seals:
        write_whole(path, "".join(f"{each}\n" for each in [*sorted(seals), seal]), mode=0o600)


def read_erased(path: Path) -> set[str]:
    """The seals of a list; empty where there is none yet.

    Raises
    ------
    BackupRefused
        It is no list.
    """
    if not path.exists():
        return set()
    try:
        lines = path.read_text(encoding="ascii").split()
    except (OSError, ValueError):
        lines = [""]
    if any(len(line) != 64 or set(line) - set("0123456789abcdef") for line in lines):
        raise BackupRefused(f"{path} is no list of erasures. Take it from where the service's home is kept.")
    return set(lines)


def erased_among(pupils: Iterable[int], seals: set[str], key: LogKey) -> list[int]:
    """Those of some pupils who are on a list, in order."""
    return sorted(pupil for pupil in set(pupils) if key.seal(KIND, [pupil]) in seals)
