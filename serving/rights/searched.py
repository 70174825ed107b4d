"""A byte search of what is left, packed files and compressed tables unpacked: proof, or where it fails."""

import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import select

from serving.database.base import Row
from serving.database.connection import Database
from serving.rights.found import files_under, has_bytes, is_about
from serving.rights.identity import Identity


@dataclass(frozen=True)
class Searched:
    """What a search read and where it still found the pupil.

    Attributes
    ----------
    num_files, num_bytes : int
        Read.
    held_in : tuple of Path
        Files that still hold the pupil; empty is the proof.
    """

    num_files: int
    num_bytes: int
    held_in: tuple[Path, ...]


def search(folders: Iterable[Path], who: Identity) -> Searched:
    """Search every byte under some folders for a pupil's UPN, pseudonym (as text and as eight bytes) and name."""
    texts = [text.encode() for text in who.written]
    wide = [text.encode("utf-16-le") for text in who.written]
    wanted = [*texts, *wide, *who.raw]
    num_files, num_bytes, held_in = 0, 0, []
    for path in files_under(folders):
        num_files, num_bytes = num_files + 1, num_bytes + path.stat().st_size
        if has_bytes(path, wanted) or _is_packed_in(path, wanted) or _is_in_table(path, who):
            held_in.append(path)
    return Searched(num_files, num_bytes, tuple(held_in))


def _is_packed_in(path: Path, wanted: list[bytes]) -> bool:
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as packed:
        return any(each in packed.read(name) for name in packed.namelist() for each in wanted)


def _is_in_table(path: Path, who: Identity) -> bool:
    """Every row is read here, whatever the file says of its least and greatest values."""
    if path.suffix != ".parquet":
        return False
    with pq.ParquetFile(path) as file:
        return any(is_about(batch, who).true_count > 0 for batch in _tables(file))


def _tables(file: pq.ParquetFile) -> Iterator[pa.Table]:
    for group in range(file.num_row_groups):
        yield file.read_row_group(group)


def search_tables(database: Database, who: Identity) -> tuple[str, ...]:
    """Tables of a database, on any engine, of which a row holds the pupil or text that names them."""
    found = []
    with database.reading() as session:
        for name, table in Row.metadata.tables.items():
            for row in session.execute(select(table)):
                if any(value == who.pupil or _names(str(value), who) for value in _leaves(tuple(row))):
                    found.append(name)
                    break
    return tuple(found)


def _names(text: str, who: Identity) -> bool:
    return any(each in text for each in who.written)


def _leaves(value: Any) -> Iterator[Any]:
    """The values within a row, down through its JSON: spelled as Python, a dict would hide quotation marks."""
    if isinstance(value, dict):
        yield from value
        yield from _leaves(tuple(value.values()))
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _leaves(each)
    else:
        yield value
