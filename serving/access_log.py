"""The access log: who asked for what, when, about whom, and what came of it. Reads are in it too.

A row is on disk before an answer leaves; where it cannot be written, nothing is shown. Many answers share one
write (group commit), so that one write to disk a moment is enough for all who wait.
"""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from serving.access import Action, Role
from serving.store.database import Database

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


class AccessLog:
    """The log of one process; several processes may write one log.

    Parameters
    ----------
    database : Database
    head_file : Path
        Where the last row's number and hash are noted beside the database, so that a log cut short is seen.
        Best on another disk.
    """

    def __init__(self, database: Database, head_file: Path) -> None:
        self.database = database
        self.head_file = head_file

    def submit(self, entry: Entry) -> Future[int]:
        """Queue an entry; the future gives its number once it is on disk, or raises LogRefused.

        In a coroutine: `await asyncio.wrap_future(log.submit(entry))`. Show nothing before that.
        """
        raise NotImplementedError

    def write(self, entry: Entry) -> int:
        """Write an entry, on disk when this returns.

        Raises
        ------
        LogRefused
            It could not be written: show nothing (503, Retry-After).
        """
        return self.submit(entry).result()

    def close(self) -> None:
        """Write what is queued, then stop."""
        raise NotImplementedError
