"""A backup of the service's home, made while the service runs: one folder, sealed by a manifest, whole or not at all."""

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from features.files import whole_folder
from models.manifest import write_manifest
from serving.backups.erased import ERASED_FILE
from serving.database.connection import WAIT_S, Database
from serving.errors import BackupRefused
from serving.security.access_log.head import Note, begin_head, read_note
from serving.security.access_log.key import Head, LogKey
from serving.settings import FILE_NAME, Settings

FORMAT = 1
BACKUP_FILE, BACKUPS_FILE = "backup.json", "backups.jsonl"
DATABASE, HEAD, KEY, TRUSTED = "service.db", "access_log.head", "access_log.key", "reviewers.keys"
IDENTITIES, PREPARED = "identities", "prepared"
NOT_IN_IT = (
    "The record store, lists, models and MLflow: they are made again from the authority's extracts and the releases.",
    "Releases: keep their folder; `pathways install` puts one back under the same tag.",
)


@dataclass(frozen=True)
class Backup:
    """What `backup.json` says.

    Attributes
    ----------
    made_at : str
        ISO 8601, UTC.
    rows : dict of str to int
        Rows of each table of the database.
    release : str
        The tag that the service pins.
    """

    made_at: str
    rows: dict[str, int]
    release: str


@dataclass(frozen=True)
class Listed:
    """A backup that the home lists: when it was made, and where."""

    made_at: str
    folder: Path

    @property
    def made_on(self) -> date:
        """The day on which it was made."""
        return date.fromisoformat(self.made_at[:10])

    @property
    def is_there(self) -> bool:
        """Is it still where it was made?"""
        return (self.folder / DATABASE).is_file()


def listed_backups(home: Path) -> list[Listed]:
    """The backups that a home lists, oldest first; none where none was made.

    Raises
    ------
    BackupRefused
        The list cannot be read.
    """
    path = home / BACKUPS_FILE
    try:
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [Listed(each["made_at"], Path(each["folder"])) for each in map(json.loads, lines)]
    except (OSError, ValueError, KeyError, TypeError):
        raise BackupRefused(
            f"{path} cannot be read, so nobody knows which backups there are. Put it right: a line a backup, with made_at and folder."
        ) from None


def back_up(settings: Settings, database: Database, key: LogKey, out: Path) -> Backup:
    """Copy database, settings, key and head of the access log, identities and prepared dates into a new folder.

    The database is copied by SQLite itself, so writers go on meanwhile and the copy is of one moment.

    Raises
    ------
    BackupRefused
        The folder is there, the database is not a file, or the access log is not as its head file says.
    NoRoom
        There is no room for it; nothing half-made is left.
    """
    if database.path is None:
        raise BackupRefused(
            "The database is PostgreSQL's: back it up with pg_dump, and the service's home with it, both as of one moment."
        )
    if out.exists():
        raise BackupRefused(f"{out} is already there, and a backup is never written over. Name a new folder.")
    with whole_folder(out, mode=0o700) as part:
        note = read_note(
            settings.head_file
        )  # before the database: a note that lags behind the log is still true
        copy_database(database.path, part / DATABASE)
        begin_head(part / HEAD, agreed_head(part / DATABASE, note), key)
        made = Backup(
            datetime.now(UTC).isoformat(timespec="seconds"), rows_of(part / DATABASE), settings.release
        )
        for path, name in (
            (settings.home / FILE_NAME, FILE_NAME),
            (settings.key_file, KEY),
            (settings.trusted_keys, TRUSTED),
            (settings.home / ERASED_FILE, ERASED_FILE),
            (settings.prepared, PREPARED),
            (settings.home / settings.identities if settings.identities else None, IDENTITIES),
        ):
            if path is not None:
                _copy(path, part / name)
        (part / BACKUP_FILE).write_text(json.dumps({"format": FORMAT, **asdict(made)}, indent=1) + "\n")
        write_manifest(part)
        for each in part.rglob("*"):
            each.chmod(0o700 if each.is_dir() else 0o600)
    with (settings.home / BACKUPS_FILE).open("a", encoding="utf-8") as listed:
        listed.write(json.dumps({"made_at": made.made_at, "folder": str(out.resolve())}) + "\n")
    return made


def copy_database(source: Path, target: Path) -> None:
    """Copy a SQLite database as it stands at one moment, into one file without a write-ahead log."""
    with closing(sqlite3.connect(source, timeout=WAIT_S)) as live, closing(sqlite3.connect(target)) as copy:
        try:
            live.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.OperationalError as error:
            raise BackupRefused(
                f"The database could not be copied to {target.parent.parent} ({error.sqlite_errorname}). Make room there, or name "
                "another disk; nothing half-made is left."
            ) from None


def agreed_head(path: Path, note: Note | None) -> Head:
    """The last row of a copied access log, which must hold the row that the head file noted.

    Raises
    ------
    BackupRefused
        A backup of a log that was cut would make the cut look whole.
    """
    with closing(sqlite3.connect(path)) as copy:
        number, sealed = note.head if note else (0, "")
        row = copy.execute("SELECT hash FROM access_log WHERE number = ?", (number,)).fetchone()
        last = copy.execute("SELECT number, hash FROM access_log_head").fetchone()
    if note is None or (number and (row is None or row[0] != sealed)):
        raise BackupRefused(
            "The access log is not as its head file says, and a backup would make that look whole. Look first: pathways verify-log"
        )
    return int(last[0]), str(last[1])


def rows_of(path: Path) -> dict[str, int]:
    """Rows of each table of a SQLite database."""
    with closing(sqlite3.connect(path)) as connection:
        names = [
            name
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
            )
        ]
        return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}


def _copy(source: Path, target: Path) -> None:
    """Copy a file or a folder that is there."""
    if source.is_dir():
        shutil.copytree(source, target)
    elif source.exists():
        shutil.copyfile(source, target)
