"""A pupil taken out of one home, live or a backup's: its database and its files; and the search for what is left."""

from collections.abc import Iterable
from pathlib import Path

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
from serving.rights.held import Places, in_database
from serving.rights.identity import Identity
from serving.rights.removed import Removed, remove_from
from serving.rights.searched import Searched, search, search_tables


def take_out(database: Database, who: Identity, places: Places) -> tuple[dict[str, int], list[Removed]]:
    """Take a pupil out of files and database; the identities go last, so that an interrupted run can be given again.

    Returns
    -------
    dict of str to int
        Rows deleted, by table.
    list of Removed
        What was done to files.
    """
    is_identities = {folder for folder in places.folders if places.identities and folder == places.identities}
    removed = remove_from([folder for folder in places.folders if folder not in is_identities], who)
    with database.writing() as session:
        rows = _delete(session, who.pupil)
    shrink(database)
    return rows, removed + remove_from(sorted(is_identities), who)


def look_for(
    database: Database, who: Identity, places: Places, also: Iterable[Path] = ()
) -> tuple[Searched, tuple[str, ...]]:
    """Search every byte of files, of a SQLite database and its write-ahead log, and every row of its tables.

    Parameters
    ----------
    also : iterable of Path
        Further folders: backups.
    """
    looked_in = search([*places.folders, *_database_files(database), *also], who)
    return looked_in, search_tables(database, who)


def erase_again(database: Database, who: Identity, places: Places) -> list[str]:
    """Erase from a restored backup a pupil who was erased since it was made; say where they are still found."""
    take_out(database, who, places)
    looked_in, tables = look_for(database, who, places)
    return [*(places.named(path) for path in looked_in.held_in), *(f"table {name}" for name in tables)]


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
