"""A pupil's rows taken out of files; what cannot be edited goes whole.

A file is written beside its place and renamed, so that it is either as before or without the pupil. Where a
folder's files are sealed by a manifest, it is sealed again.
"""

import csv
import hashlib
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from features.files import whole_file, write_whole
from features.records.write import ROW_GROUP, writer_over
from models.errors import ModelRefused
from models.manifest import FILE_NAME, files_in, sha256, verify_manifest, write_manifest
from serving.rights.found import csv_rows, files_under, is_about, is_pupil, json_entries, may_hold, mentions
from serving.rights.identity import Identity

ERASED = "erased"
NOTICE = (
    '<!DOCTYPE html>\n<html lang="en-GB"><head><meta charset="utf-8"><title>Taken away</title></head><body><main>'
    "<h1>This page was taken away</h1><p>Somebody on it asked for their data to be erased. Make the page again if it is "
    "still needed.</p></main></body></html>\n"
)


@dataclass(frozen=True)
class Removed:
    """What was done to a file: `rows` taken out, or the whole file taken away (`rows` 0)."""

    file: Path
    rows: int


def remove_from(folders: Iterable[Path], who: Identity) -> list[Removed]:
    """Take a pupil out of every file under some folders; a second run finds nothing left to do.

    Parquet, CSV and JSON lose the rows; in JSON an entry keeps its place without the pupil, so that the states
    of a list still add up to its roll. A page becomes a notice; any other file that names the pupil goes whole.
    Databases are left alone.
    """
    folders = list(folders)
    sealed = [
        path.parent for path in files_under(folders) if path.name == FILE_NAME and _is_sound(path.parent)
    ]
    found = [each for path in files_under(folders) if (each := _remove(path, who)) is not None]
    for folder in sealed:
        if any(folder in each.file.parents for each in found):
            write_manifest(folder)
    for folder in folders:
        if found and folder.is_dir():
            _hash_again(folder, found)
    return found


def _is_sound(folder: Path) -> bool:
    """Is the folder as it was sealed? One that is not stays unsound: sealing it again would hide that."""
    try:
        verify_manifest(folder)
    except ModelRefused:
        return False
    return True


def _remove(path: Path, who: Identity) -> Removed | None:
    if path.suffix == ".parquet":
        return _from_parquet(path, who)
    if path.suffix == ".json":
        return _from_json(path, who)
    if path.suffix == ".csv" and (rows := len(list(csv_rows(path, who)))):
        _from_csv(path, who)
        return Removed(path, rows)
    if path.suffix in (".db", ".sqlite") or not mentions(path, who):
        return None
    if path.suffix == ".html":
        _write(path, NOTICE)
    else:
        path.unlink()
    return Removed(path, 0)


def _from_parquet(path: Path, who: Identity) -> Removed | None:
    with pq.ParquetFile(path) as file:
        groups = range(file.num_row_groups)
        held = [group for group in groups if may_hold(file.metadata.row_group(group), who)]
        rows = sum(int(pc.sum(is_about(file.read_row_group(group), who)).as_py() or 0) for group in held)
        if rows == 0:
            return None
        schema = file.schema_arrow.remove_metadata()
        with (
            whole_file(path, mode=path.stat().st_mode & 0o777) as part,
            writer_over(part, schema) as writer,
        ):
            for group in groups:
                table = file.read_row_group(group).replace_schema_metadata(None)
                if group in held:
                    table = table.filter(pc.invert(is_about(table, who)))
                writer.write_table(table, ROW_GROUP)
    return Removed(path, rows)


def _from_json(path: Path, who: Identity) -> Removed | None:
    facts = json.loads(path.read_text(encoding="utf-8"))
    rows = len(list(json_entries(facts, who)))
    if rows == 0:
        return None
    _write(path, json.dumps(_without(facts, who), indent=1, ensure_ascii=False) + "\n")
    return Removed(path, rows)


def _without(node: Any, who: Identity) -> Any:
    if isinstance(node, dict):
        kept = {key: _without(value, who) for key, value in node.items() if not is_pupil(key, who)}
        if not any(is_pupil(value, who) for value in node.values()):
            return kept
        # What is about the pupil goes; what counts them stays.
        return {key: None if is_pupil(node[key], who) else value for key, value in kept.items()}
    if isinstance(node, list):
        return [_without(value, who) for value in node if not is_pupil(value, who)]
    return node


def _from_csv(path: Path, who: Identity) -> None:
    """Leave out the lines of the rows that hold the pupil; all others stay byte for byte."""
    text = path.read_bytes().decode("utf-8", errors="surrogateescape")
    lines = list(io.StringIO(text, newline=""))  # as the reader counts them: other marks end no line of a CSV
    reader = csv.reader(io.StringIO(text, newline=""))
    kept, last = [], 0
    for row in reader:
        if not any(is_pupil(cell.lstrip("\ufeff"), who) for cell in row):
            kept += lines[last : reader.line_num]
        last = reader.line_num
    _write(path, "".join(kept))


def _write(path: Path, text: str) -> None:
    write_whole(path, text.encode("utf-8", errors="surrogateescape"), mode=path.stat().st_mode & 0o777)


def _hash_again(folder: Path, found: list[Removed]) -> None:
    """A record store whose rows changed is other records: its hash must not say that it is the old ones."""
    for path in files_under([folder]):
        if path.name != "store.json" or not any(path.parent in each.file.parents for each in found):
            continue
        facts = json.loads(path.read_text(encoding="utf-8"))
        digest = hashlib.sha256()
        for name in files_in(path.parent):
            if name.endswith(".parquet"):
                digest.update(sha256(path.parent / name).encode())
        facts["data_hash"] = digest.hexdigest()
        facts[ERASED] = facts.get(ERASED, 0) + 1
        _write(path, json.dumps(facts, indent=1, ensure_ascii=False) + "\n")
