"""Erasure in order, and the record of it, which names nobody.

Order matters where a run is interrupted: the identities, without which a UPN cannot be told from another, go
last, so that the same command can be given again.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from serving.database.connection import Database, shrink
from serving.database.steps import RIGHTS_REQUEST
from serving.database.tables import (
    PUPIL_TABLES,
    FrequencyOpening,
    RightsRequest,
    Screening,
    ScreeningVersion,
    Step,
)
from serving.errors import NotThere, RecordsRefused
from serving.rights.held import Places, in_database
from serving.rights.identity import Identity
from serving.rights.record import GRANTED
from serving.rights.removed import Removed, remove_from
from serving.rights.searched import Searched, search, search_tables
from serving.rights.service import as_requests
from serving.security.access import Action, Person, kept_number, require

NOT_REACHED = (
    "Backups, which expire on their own schedule; `pathways restore` erases again whoever is on the list of erasures.",
    "The authority's own records and extracts: the next import brings the pupil back unless they leave it out.",
    "Lists that were printed or sent.",
    "The memory of a service that is running, until the next question to it: it then reads again what was changed.",
    "Tokens in the access log stay, and nobody can tell any more whom they stood for: their key is destroyed.",
)
ON_POSTGRESQL = "PostgreSQL's write-ahead log, until the server has recycled it, and its replicas."


@dataclass(frozen=True)
class Erased:
    """What an erasure did; nothing in it tells whom.

    Attributes
    ----------
    rows : dict of str to int
        Rows deleted, by table.
    files : dict of str to int
        Rows taken out, by file; 0 where a whole page or workbook was taken away.
    searched : Searched
        The files, those of a SQLite database among them.
    held_in_tables : tuple of str
        Tables of the database of which a row still holds the pupil, or text that names them.
    """

    request: int
    rows: dict[str, int]
    files: dict[str, int]
    searched: Searched
    held_in_tables: tuple[str, ...]
    not_reached: tuple[str, ...]

    @property
    def is_proven(self) -> bool:
        """Did the search find nothing?"""
        return not self.searched.held_in and not self.held_in_tables

    def as_json(self, places: Places) -> dict[str, Any]:
        """The record to keep."""
        return {
            "request": self.request, "made_at": datetime.now(UTC).isoformat(timespec="seconds"), "rows_deleted": self.rows,
            "files_changed": self.files, "searched": {"files": self.searched.num_files, "bytes": self.searched.num_bytes},
            "still_held_in": [places.named(path) for path in self.searched.held_in], "still_held_in_tables": list(self.held_in_tables), "not_reached": list(self.not_reached),
        }  # fmt: skip


def erase(
    database: Database,
    person: Person,
    who: Identity,
    places: Places,
    request: int,
    note: Callable[[int], None],
) -> Erased:
    """Erase a pupil from the service's database and every file, then search for what is left.

    Parameters
    ----------
    request : int
        The rights request that the controller granted.
    note : callable
        Called with the pupil before anything is erased: puts them on the list of erasures, so that no backup brings
        them back.

    Raises
    ------
    NotThere
        No such request of this pupil.
    RecordsRefused
        The request is not for erasure, or was not granted.
    DatabaseRefused
        Somebody else keeps the database busy, so deleted bytes are still in its files: give the command again.
    """
    require(person, Action.USE_RIGHTS)
    _require_granted(database, who, request)
    note(who.pupil)
    rows, removed, looked_in, tables = _everywhere(database, who, places)
    files = Counter({places.named(each.file): each.rows for each in removed})
    not_reached = NOT_REACHED if database.path else (*NOT_REACHED, ON_POSTGRESQL)
    return Erased(request, rows, dict(files), looked_in, tables, not_reached)


def erase_again(database: Database, who: Identity, places: Places) -> list[str]:
    """Erase from a restored backup a pupil who was erased since it was made; say where they are still found."""
    _, _, looked_in, tables = _everywhere(database, who, places)
    return [*(places.named(path) for path in looked_in.held_in), *(f"table {name}" for name in tables)]


def _everywhere(
    database: Database, who: Identity, places: Places
) -> tuple[dict[str, int], list[Removed], Searched, tuple[str, ...]]:
    """Delete, remove and search; in this order, the identities last."""
    is_identities = {folder for folder in places.folders if places.identities and folder == places.identities}
    removed = remove_from([folder for folder in places.folders if folder not in is_identities], who)
    with database.writing() as session:
        rows = _delete(session, who.pupil)
    shrink(database)
    removed += remove_from(sorted(is_identities), who)
    looked_in = search([*places.folders, *_database_files(database)], who)
    return rows, removed, looked_in, search_tables(database, who)


def _require_granted(database: Database, who: Identity, request: int) -> None:
    with database.reading() as session:
        row = session.get(RightsRequest, kept_number(request))
        # A run that was interrupted has taken the pupil off the request already.
        if row is None or row.pupil not in (None, who.pupil):
            raise NotThere
        if row.kind != "erase" or as_requests(session, [row])[0].state != GRANTED:
            raise RecordsRefused(
                f"Request {request} is not a granted request for erasure. Grant it first, with the reason."
            )


def _delete(session: Session, pupil: int) -> dict[str, int]:
    """Delete every row about a pupil, and the key of their token; return how many by table.

    Requests stay as dates and states without pupil and words, so that it can be shown that they were answered.
    """
    held = dict(in_database(session, pupil))
    screenings = [row.id for row in held["screenings"] if isinstance(row, Screening)]
    steps = [row for row in held["steps"] if isinstance(row, Step)]
    for table in (ScreeningVersion, FrequencyOpening):
        session.execute(delete(table).where(table.screening.in_(screenings)))
    for step in steps:
        session.delete(step)
    session.flush()
    for step in steps:
        if step.kind == RIGHTS_REQUEST:
            session.add(
                Step(
                    kind=step.kind,
                    record=step.record,
                    version=step.version,
                    state=step.state,
                    words="",
                    author=step.author,
                    at=step.at,
                )
            )
    for about in PUPIL_TABLES:
        session.execute(delete(about).where(about.pupil == pupil))
    session.execute(update(RightsRequest).where(RightsRequest.pupil == pupil).values(pupil=None, words=""))
    return {name: len(rows) for name, rows in held.items() if name != RightsRequest.__tablename__}


def _database_files(database: Database) -> list[Path]:
    if database.path is None:
        return []
    names = (database.path.with_name(database.path.name + end) for end in ("", "-wal", "-shm"))
    return [path for path in names if path.exists()]
