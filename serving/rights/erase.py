"""An erasure: who may carry it out, the order of its steps, and the record of it, which names nobody.

Two people: one grants the request, another carries it out. Backups go first and the identities last, without which a UPN
cannot be told from another: an erasure that was interrupted can be given again.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from serving.backups.make import Listed
from serving.database.connection import Database
from serving.database.steps import RIGHTS_REQUEST, steps_of, take_step
from serving.database.tables import RightsRequest
from serving.errors import Breach, NotThere, RecordsRefused
from serving.rights.from_backups import erase_from_backup
from serving.rights.from_home import look_for, take_out
from serving.rights.held import Places
from serving.rights.identity import Identity
from serving.rights.record import ERASED, GRANTED, ErasureProof
from serving.rights.searched import Searched
from serving.security.access import Action, Person, kept_number, require

NOT_REACHED = (
    "Copies of backups that are kept elsewhere: pathways restore erases again whoever is on the list of erasures.",
    "The authority's own records and extracts: the next import brings the pupil back unless they leave it out.",
    "Lists that were printed or sent.",
    "The memory of a service that is running, until the next question to it: it then reads again what was changed.",
    "Tokens in the access log stay, and nobody can tell any more whom they stood for: their key is destroyed.",
)
MISSING = "The backup of {made_on} was not where it was made, and is as it was. Erase from it where it is now, or delete it."
IN_BACKUP = "It goes through backup {number} of {of}."
IN_FILES = "It goes through every file, then the database."
SEARCHES = "It searches every byte of what is left."
ON_POSTGRESQL = "PostgreSQL's write-ahead log, until the server has recycled it, and its replicas."


class Erasures(Protocol):
    """The list of erasures (`serving.backups.erased.ErasureList`)."""

    def note(self, pupil: int) -> None: ...

    def __contains__(self, pupil: int) -> bool: ...


@dataclass(frozen=True)
class Erased:
    """What an erasure did; nothing in it tells whom.

    Attributes
    ----------
    rows : dict of str to int
        Rows deleted, by table.
    files : dict of str to int
        Rows taken out, by file; 0 where a whole page or workbook was taken away.
    num_backups : int
        Backups that it was carried out in too.
    searched : Searched
        The files, those of a SQLite database and of backups among them.
    held_in_tables : tuple of str
        Tables of which a row still holds the pupil, or text that names them.
    made_at : datetime
        When the search had ended: of the one proof, whoever asks for it.
    """

    request: int
    rows: dict[str, int]
    files: dict[str, int]
    num_backups: int
    searched: Searched
    held_in_tables: tuple[str, ...]
    not_reached: tuple[str, ...]
    made_at: datetime

    @property
    def is_proven(self) -> bool:
        """Did the search find nothing?"""
        return not self.searched.held_in and not self.held_in_tables

    def proof(self, places: Places) -> ErasureProof:
        """The record to keep."""
        return ErasureProof(
            request=self.request, made_at=self.made_at, rows_deleted=self.rows, files_changed=self.files,
            num_backups=self.num_backups, num_files_searched=self.searched.num_files, num_bytes_searched=self.searched.num_bytes,
            still_held_in=tuple(places.named(path) for path in self.searched.held_in),
            still_held_in_tables=self.held_in_tables, not_reached=self.not_reached,
        )  # fmt: skip


def erase(
    database: Database, person: Person, who: Identity, places: Places, request: int, erasures: Erasures, backups: Iterable[Listed] = (),
    tell: Callable[[str], None] = lambda step: None,
) -> Erased:  # fmt: skip
    """Erase a pupil from backups, every file and the database, then search for what is left; a proof is kept with the request.

    Parameters
    ----------
    person : Person
        Whoever carries it out; somebody else granted it.
    request : int
        The rights request that the controller granted.
    erasures : Erasures
        The pupil is put on it before anything is erased, so that no backup brings them back.
    backups : iterable of Listed
        Those that the service lists.
    tell : callable of str
        Told each step in words that name nobody.

    Raises
    ------
    NotThere
        No such request of this pupil.
    RecordsRefused
        The request is not for erasure, was not granted, or was granted by this very person.
    DatabaseRefused
        Somebody else keeps the database busy, so deleted bytes are still in its files: give the command again.
    """
    require_second(database, person, who, request, erasures)
    erasures.note(who.pupil)
    there = [each for each in backups if each.is_there]
    missing = tuple(MISSING.format(made_on=each.made_at[:10]) for each in backups if not each.is_there)
    in_backups = []
    for number, each in enumerate(there, 1):
        tell(IN_BACKUP.format(number=number, of=len(there)))
        in_backups.append(erase_from_backup(each.folder, who))
    tell(IN_FILES)
    rows, removed = take_out(database, who, places)
    tell(SEARCHES)
    looked_in, tables = look_for(database, who, places, [each.folder for each in there])
    if tables:  # whoever was shown the child meanwhile is in the log, and that made a key
        take_out(database, who, Places((), None))
        looked_in, tables = look_for(database, who, places, [each.folder for each in there])
    held = dict.fromkeys(
        [*tables, *(f"{name} of a backup" for each in in_backups for name in each.held_in_tables)]
    )
    not_reached = (*missing, *NOT_REACHED, *(() if database.path else (ON_POSTGRESQL,)))
    files = Counter({places.named(each.file): each.rows for each in removed})
    made_at = datetime.now(UTC).replace(microsecond=0)
    done = Erased(request, rows, dict(files), len(there), looked_in, tuple(held), not_reached, made_at)
    if done.is_proven:
        with database.writing() as session:
            version = steps_of(session, RIGHTS_REQUEST, [request])[request][-1].version
            take_step(
                session,
                person,
                RIGHTS_REQUEST,
                request,
                version,
                ERASED,
                done.proof(places).model_dump_json(),
            )
    return done


def require_second(
    database: Database, person: Person, who: Identity, request: int, erasures: Erasures
) -> None:
    """Refuse unless the request was granted, by somebody else, and is this pupil's; raises as `erase`."""
    require(person, Action.USE_RIGHTS)
    with database.reading() as session:
        row = session.get(RightsRequest, kept_number(request))
        # A run that was interrupted has taken the pupil off the request already, and put them on the list.
        if row is None or (row.pupil != who.pupil if row.pupil is not None else who.pupil not in erasures):
            raise NotThere
        granted = [
            each for each in steps_of(session, RIGHTS_REQUEST, [request])[request] if each.state == GRANTED
        ]
        if row.kind != "erase" or not granted:
            raise RecordsRefused(
                f"Request {request} is not a granted request for erasure. Grant it first, with the reason."
            )
    if granted[-1].author == person.name:
        raise RecordsRefused(
            Breach("", "two_people", "You granted this erasure. Two people erase a child: somebody else in information governance carries it out.")
        )  # fmt: skip
