"""The service's database, log and folders, opened for one command."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from serving.backups.erased import ErasureList
    from serving.database.connection import Database
    from serving.rights.held import Places
    from serving.rights.identity import Identity
    from serving.security.access import Action, Person, Role
    from serving.settings import Settings

Home = Annotated[
    Path | None, typer.Option(envvar="PATHWAYS_HOME", help="The service's folder, with service.toml.")
]
Folders = Annotated[
    list[Path] | None,
    typer.Option(
        "--folder",
        help="Beside those in service.toml: any folder or file that may hold the pupil. May be repeated.",
    ),
]


class Office:
    """The service's database, log and folders, for one command.

    Attributes
    ----------
    settings : Settings
    database : Database
    """

    def __init__(self, home: Path | None) -> None:
        from serving.database.connection import open_database
        from serving.security.access_log.write import AccessLog
        from serving.settings import read_settings

        self.settings: Settings = read_settings(home)
        self.database: Database = open_database(self.settings.database_url)
        self.log = AccessLog(self.database, self.settings.head_file, self.settings.key_file)

    @property
    def identities(self) -> "Path | None":
        return None if self.settings.identities is None else self.settings.home / self.settings.identities

    def person(self, role: "Role") -> "Person":
        """Whoever runs the command, in a role that may."""
        from serving.security.access import Person

        return Person(0, f"command line, {getpass.getuser()}", role)

    def note(self, person: "Person", action: "Action", what: str, who: "Identity | None" = None) -> None:
        """Write to the access log what is about to be done; where it cannot be written nothing is done."""
        from serving.security.access_log.chain import RECORDED, Entry

        pupils = () if who is None else (who.pupil,)
        self.log.write(Entry(person.name, person.role, action, what, pupils, RECORDED))

    def erasures(self) -> "ErasureList":
        """The list of erasures, against which a restored backup is tried."""
        from serving.backups.erased import ERASED_FILE, ErasureList

        return ErasureList(self.settings.home / ERASED_FILE, self.log.key())

    def places(self, folders: list[Path] | None) -> "Places":
        """Everywhere that may hold a pupil."""
        from serving.rights.held import places_of

        return places_of(self.settings, folders or ())

    def whoever_has_a_code(self, action: "Action") -> "Person":
        """Whoever's one-time code is typed: at a machine that several share, an account of the machine is nobody's name.

        Raises
        ------
        NotSignedIn
            The code is not known; that is in the log too.
        NotThere
            Its role does not hold the action.
        """
        from serving.security.access import require
        from serving.security.sign_ins import sign_in_once

        code = typer.prompt("One-time code of your own account", hide_input=True)
        person = sign_in_once(self.database, self.log, code, "command line")
        require(person, action)
        return person


@contextmanager
def office(home: Path | None) -> Iterator[Office]:
    """The office, closed at the end."""
    opened = Office(home)
    try:
        yield opened
    finally:
        opened.log.close()
        opened.database.close()
