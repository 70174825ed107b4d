"""A pupil taken out of the backups that the service lists, each sealed again as it was sealed before."""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from features.files import whole_file, write_whole
from models.errors import ModelRefused
from models.manifest import verify_manifest, write_manifest
from serving.backups.make import BACKUP_FILE, DATABASE, IDENTITIES, PREPARED, copy_database, rows_of
from serving.database.connection import open_database
from serving.rights.from_home import take_out
from serving.rights.held import Places
from serving.rights.identity import Identity
from serving.rights.searched import search_tables


@dataclass(frozen=True)
class FromBackup:
    """What an erasure did to one backup.

    Attributes
    ----------
    rows : int
        Deleted of its database.
    files : int
        Changed or taken away.
    held_in_tables : tuple of str
        Tables of its database of which a row still holds the pupil, or text that names them.
    """

    rows: int
    files: int
    held_in_tables: tuple[str, ...]


def erase_from_backup(folder: Path, who: Identity) -> FromBackup:
    """Take a pupil out of a backup's database, identities and prepared dates, and seal it again.

    A backup that was altered before stays unsealed, so that a restore still refuses it. One whose erasure was interrupted
    is told from that by a mark beside the folder, and is sealed when the erasure is given again.

    Raises
    ------
    DatabaseRefused
        Its database was made by a newer version, or is none.
    NoRoom
        There is no room for a copy of its database, or the folder may not be written to: it is as it was, or marked.
    """
    mark = folder.with_name(f".{folder.name}.erasing")
    is_sealed = mark.exists() or _is_sound(folder)
    if is_sealed:
        write_whole(mark, "")
    for left in folder.glob(f".{DATABASE}.unfinished-*"):  # of a run that was killed: the write-ahead log too
        left.unlink()
    found = {name: folder / name for name in (PREPARED, IDENTITIES) if (folder / name).is_dir()}
    places = Places(tuple(found.values()), found.get(IDENTITIES))
    with whole_file(folder / DATABASE, mode=0o600) as part:
        copy_database(folder / DATABASE, part)
        database = open_database(f"sqlite:///{part}")
        try:
            rows, removed = take_out(database, who, places)
            tables = search_tables(database, who)
        finally:
            database.close()
        with closing(sqlite3.connect(part)) as copy:
            copy.execute("PRAGMA journal_mode=DELETE")
    if is_sealed:
        facts = json.loads((folder / BACKUP_FILE).read_text(encoding="utf-8"))
        facts["rows"] = rows_of(folder / DATABASE)
        write_whole(folder / BACKUP_FILE, json.dumps(facts, indent=1) + "\n", mode=0o600)
        write_manifest(folder)
        mark.unlink()
    return FromBackup(sum(rows.values()), len(removed), tables)


def _is_sound(folder: Path) -> bool:
    try:
        return BACKUP_FILE in verify_manifest(folder)
    except ModelRefused:
        return False
