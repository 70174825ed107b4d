"""Everything held on one pupil: the service's database, who looked, and every file, as one record."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from serving.database.base import Row
from serving.database.connection import Database
from serving.database.steps import REFERRAL, RIGHTS_REQUEST, WRONG_FACT
from serving.database.tables import (
    FrequencyOpening,
    LogEntry,
    Objection,
    Placement,
    PupilKey,
    PupilStatus,
    Referral,
    RightsRequest,
    School,
    Screening,
    ScreeningVersion,
    Step,
    WrongFact,
)
from serving.errors import RecordsRefused
from serving.rights.found import Found, found_in
from serving.rights.identity import Identity
from serving.security.access_log.chain import tokens_of
from serving.settings import Settings
from serving.wording import NOT_FOR_LINE, STANDING, day, pseudonym

LISTS = "lists.json"


@dataclass(frozen=True)
class Places:
    """Where this service keeps anything.

    Attributes
    ----------
    folders : tuple of Path
        Record store, identities, lists, prepared dates, exports, model, MLflow: all that is read for an
        export, changed by an erasure, and searched after it.
    identities : Path or None
        The folder of the key and names among them.
    """

    folders: tuple[Path, ...]
    identities: Path | None = None

    def named(self, file: Path) -> str:
        """A file by its folder's own name and its path in it."""
        for folder in self.folders:
            if folder == file or folder in file.parents:
                return str(Path(folder.name) / file.relative_to(folder)) if folder != file else file.name
        return file.name


def places_of(settings: Settings, folders: Iterable[Path] = ()) -> Places:
    """Everywhere that may hold a pupil: what service.toml names, the prepared dates, the identities, and some folders more.

    Raises
    ------
    RecordsRefused
        Nothing is named, or something named is not there: then an answer could leave something out.
    """
    named = [*(settings.home / each for each in settings.holds), *(each.resolve() for each in folders)]
    if not named:
        raise RecordsRefused(
            "It is not known where the record store, lists, exports and MLflow are, so an answer could leave something out. "
            "Name them in service.toml under holds, or with --folder."
        )
    if missing := [str(each) for each in named if not each.exists()]:
        raise RecordsRefused(*(f"{each} is not there. Correct it, or leave it out." for each in missing))
    identities = settings.home / settings.identities if settings.identities else None
    own = [each for each in (settings.prepared, identities) if each is not None and each.exists()]
    return Places((*named, *own), identities)


def everything_held(database: Database, who: Identity, places: Places) -> dict[str, Any]:
    """Everything held on a pupil, in plain types that JSON can keep.

    Returns
    -------
    dict
        `about` (who, when, what this is), `schools` (URN to name, of those named below), `service` (table to rows, each whole), `viewers` (who looked, oldest
        first), `lists` (every list the pupil stood on), and `files` (file to rows: records, estimates, explanations).
    """
    with database.reading() as session:
        service = {name: [_plain(row) for row in rows] for name, rows in in_database(session, who.pupil)}
        schools = {str(school.urn): school.name for school in session.scalars(select(School))}
        looked = [_plain(row) for row in viewers(session, who.pupil)]
    found = list(found_in(places.folders, who))
    return {
        "about": {
            "pseudonym": pseudonym(who.pupil), "upns": list(who.upns), "name": f"{who.forename} {who.surname}".strip(),
            "made_on": day(date.today()), "what_this_is": list(STANDING), "not_for": NOT_FOR_LINE,
        },
        "schools": {urn: name for urn, name in schools.items() if urn in _schools_named(service)},
        "service": service,
        "viewers": looked,
        "lists": [entry for each in found if each.file.name == LISTS for entry in _list_entries(each, places)],
        "files": [
            {"file": places.named(each.file), "rows": [_plain_row(row) for row in each.rows]}
            for each in found
            if each.file.name != LISTS
        ],
    }  # fmt: skip


def _schools_named(service: dict[str, list[dict[str, Any]]]) -> set[str]:
    return {str(row["urn"]) for rows in service.values() for row in rows if "urn" in row}


def in_database(session: Session, pupil: int) -> Iterator[tuple[str, list[Row]]]:
    """Each table that can hold a pupil, with the pupil's rows; children after the rows that they hang on."""
    own = {
        table: list(session.scalars(select(table).where(table.pupil == pupil)))
        for table in (
            Placement,
            PupilStatus,
            Screening,
            Referral,
            WrongFact,
            RightsRequest,
            Objection,
            PupilKey,
        )
    }
    screenings = select(Screening.id).where(Screening.pupil == pupil)
    yield from ((table.__tablename__, rows) for table, rows in own.items() if table is not PupilKey)
    for table in (ScreeningVersion, FrequencyOpening):
        yield table.__tablename__, list(session.scalars(select(table).where(table.screening.in_(screenings))))
    of: dict[str, type[Referral] | type[WrongFact] | type[RightsRequest]] = {
        REFERRAL: Referral, WRONG_FACT: WrongFact, RIGHTS_REQUEST: RightsRequest,
    }  # fmt: skip
    belongs = or_(
        *(
            (Step.kind == kind) & Step.record.in_(select(table.id).where(table.pupil == pupil))
            for kind, table in of.items()
        )
    )
    order = (Step.kind, Step.record, Step.version)
    yield Step.__tablename__, list(session.scalars(select(Step).where(belongs).order_by(*order)))


def viewers(session: Session, pupil: int) -> list[LogEntry]:
    """Rows of the access log about a pupil, oldest first."""
    token = tokens_of(session, [pupil]).get(pupil)
    if token is None:
        return []
    query = select(LogEntry).where(LogEntry.tokens.contains(token)).order_by(LogEntry.number)
    return list(session.scalars(query))


def _list_entries(found: Found, places: Places) -> Iterable[dict[str, Any]]:
    """Each place where the pupil stood on a list: which list, which state, as of when, from which release."""
    for row in found.rows:
        where = row["where"].strip("/").split("/")
        level = where[0] if where[0] in ("schools", "districts") else "authority"
        yield {
            "file": places.named(found.file), "as_of": row.get("as_of", ""), "release": row.get("release", ""), "list_of": level,
            "name": where[1] if level != "authority" else "", "state": where[-1],
            **{name: value for name, value in row.items() if name not in ("where", "as_of", "release", "pupil")},
        }  # fmt: skip


HIDDEN = {
    "access_log": ("tokens", "previous", "hash")
}  # others stand under the tokens; the rest seals, and says nothing


def _plain(row: Row) -> dict[str, Any]:
    left_out = HIDDEN.get(row.__tablename__, ())
    names = [column.name for column in row.__table__.columns if column.name not in left_out]
    found: dict[str, Any] = {}
    for name in names:
        value = getattr(row, name)
        # What people wrote stands among the columns: a copy reads the same, whatever is kept as one.
        found |= value if name == "content" else {name: value}
    return _plain_row(found)


def _plain_row(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}
