"""A backup put back into a new home, and everybody erased since then erased from it again."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
from sqlalchemy import select, union

from features.files import all_or_none
from models.errors import ModelRefused
from models.manifest import verify_manifest
from serving.backups.erased import ERASED_FILE, erased_among, read_erased
from serving.backups.make import BACKUP_FILE, DATABASE, HEAD, IDENTITIES, KEY, PREPARED, TRUSTED
from serving.database.connection import open_database
from serving.database.tables import PUPIL_TABLES, RightsRequest
from serving.errors import BackupRefused
from serving.rights.from_home import erase_again
from serving.rights.held import Places
from serving.rights.identity import find_pupil
from serving.security.access_log.key import read_key
from serving.settings import FILE_NAME, read_settings


@dataclass(frozen=True)
class Restored:
    """What a restore came to.

    Attributes
    ----------
    num_erased : int
        Pupils of the backup who had been erased since, and are erased from the new home too.
    held_in : tuple of str
        Where a search still found one of them; empty where it is proven that none is left.
    """

    num_erased: int
    held_in: tuple[str, ...]


def restore(backup: Path, home: Path, erased: Path | None) -> Restored:
    """Make a home from a backup.

    Parameters
    ----------
    home : Path
        Must not be there. What service.toml names outside it must not be there either: nothing is written over.
    erased : Path or None
        The list of erasures as it stood last, from the home that was lost; None takes the backup's own, which knows
        of no erasure since.

    Raises
    ------
    BackupRefused
        The folder is no backup, was changed, or something is in the way; nothing was written.
    """
    try:
        named = verify_manifest(backup)
    except ModelRefused as error:
        raise BackupRefused(
            *error.breaches[:-1], f"Nothing was restored from {backup}. Name another backup."
        ) from None
    if BACKUP_FILE not in named:
        raise BackupRefused(f"{backup} is no backup of a service's home.")
    if home.exists():
        raise BackupRefused(f"{home} is already there, and a home is never written over. Name a new folder.")
    with all_or_none(home):
        home.mkdir(parents=True, mode=0o700)
        shutil.copyfile(backup / FILE_NAME, home / FILE_NAME)
        settings = read_settings(home)
        if settings.database:
            raise BackupRefused(
                "service.toml names a database of its own. Take that line out of the backup's copy, or restore it there."
            )
        identities = home / settings.identities if settings.identities else None
        goes = {
            DATABASE: home / DATABASE, HEAD: settings.head_file, KEY: settings.key_file, PREPARED: settings.prepared,
            ERASED_FILE: home / ERASED_FILE,
        } | ({TRUSTED: settings.trusted_keys} if settings.trusted_keys else {}) | ({IDENTITIES: identities} if identities else {})  # fmt: skip
        there = {name: path for name, path in goes.items() if (backup / name).exists()}
        if taken := [str(path) for path in there.values() if path.exists()]:
            raise BackupRefused(*(f"{path} is already there: move it away first." for path in taken))
        with all_or_none(*there.values()):
            for name, path in there.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                if (backup / name).is_dir():
                    shutil.copytree(backup / name, path)
                else:
                    shutil.copyfile(backup / name, path)
                    path.chmod(0o600)
            return erase_anew(home, identities, erased)


def erase_anew(home: Path, identities: Path | None, erased: Path | None) -> Restored:
    """Erase again from a restored home whoever is on the list of erasures."""
    settings = read_settings(home)
    seals = read_erased(home / ERASED_FILE)
    if erased is not None:
        if not erased.exists():
            raise BackupRefused(
                f"{erased} is not there: without it whoever was erased since would come back."
            )
        seals |= read_erased(erased)
        shutil.copyfile(erased, home / ERASED_FILE)
    if not seals:
        return Restored(0, ())
    key = read_key(settings.key_file)
    if key is None:
        raise BackupRefused(
            "The backup has no key of the access log, so nobody can tell whom the list of erasures means."
        )
    database = open_database(settings.database_url)
    try:
        with database.reading() as session:
            every = union(*(select(table.pupil) for table in (*PUPIL_TABLES, RightsRequest)))
            pupils = {pupil for pupil in session.scalars(every) if pupil is not None}
        if identities is not None:
            pupils |= set(pq.read_table(identities / "upn.parquet", columns=["pupil"])["pupil"].to_pylist())
        folders = tuple(
            each for each in (settings.prepared, identities) if each is not None and each.exists()
        )
        places, held = Places(folders, identities), []
        among = erased_among(pupils, seals, key)
        for pupil in among:
            held += erase_again(database, find_pupil(str(pupil), identities), places)
        return Restored(len(among), tuple(dict.fromkeys(held)))
    finally:
        database.close()
