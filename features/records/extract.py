"""An extract's files: which table each belongs to, its header, and how its bytes are written."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from features.errors import ExtractRefused
from features.records import private
from features.records.authority import FILE_NAME, Authority
from features.records.plain_text import NotPlainText, Traits, decode, study
from features.table import Table
from features.tables import TABLES

NOT_READ = {".xlsx", ".xls", ".zip", ".gz", ".bz2", ".xz", ".zst", ".7z", ".tsv", ".txt"}
EMPTY = "{}: the table is empty. Supply its rows; a header alone is not a table."


@dataclass(frozen=True)
class File:
    """One file of an extract.

    Attributes
    ----------
    path : Path
        What is read: the file itself, or its copy in UTF-8.
    name : str
        As the authority knows it, from the extract's folder on: `census/2020-21.csv`.
    header : tuple of str
        Column names as written.
    positions : mapping of str to int
        Column of the contract to its place in the header.
    traits : Traits or None
        How the bytes of a CSV file are written; None for Parquet.
    num_rows : int or None
        Rows; None where lines say nothing of them. An empty line makes it one too many.
    """

    path: Path
    name: str
    table: str
    header: tuple[str, ...]
    positions: Mapping[str, int]
    traits: Traits | None = None
    num_rows: int | None = None
    types: tuple[pa.DataType, ...] = field(default=(), compare=False)

    @property
    def ignored(self) -> list[str]:
        """Columns that the contract does not know, as written."""
        known = set(self.positions.values())
        return [name for place, name in enumerate(self.header) if place not in known]


@dataclass(frozen=True)
class Extract:
    """What an authority supplied, before a row is read."""

    folder: Path
    authority: Authority
    files: Mapping[str, list[File]]

    @property
    def ignored_columns(self) -> dict[str, list[str]]:
        """Table to the columns that the contract does not know, in order of name."""
        ignored = {
            table: sorted({name for file in files for name in file.ignored})
            for table, files in self.files.items()
        }
        return {table: names for table, names in ignored.items() if names}


def find_extract(folder: Path, authority: Authority, workspace: Path) -> Extract:
    """Find and study every file of an extract; refuse what cannot be read at all.

    Parameters
    ----------
    workspace : Path
        A private folder; Windows-1252 files are copied there in UTF-8.

    Raises
    ------
    ExtractRefused
        A table is missing or empty, a column is missing or may not come in, a file cannot be read;
        every breach at once.
    """
    breaches: list[str] = []
    files: dict[str, list[File]] = {}
    for table in TABLES.values():
        try:
            paths = _paths(folder, table.name)
            unread = _unread(folder, table.name, paths)
        except PermissionError:
            breaches.append(f"{table.name}: the folder may not be read. Give yourself permission to open it.")
            continue
        breaches += [
            f"{path.relative_to(folder).as_posix()}: this would not be read. Save it as {table.name}.csv or {table.name}.parquet, or "
            f"as such files in a folder {table.name}; or take it out of the extract."
            for path in unread
        ]
        if not paths and not unread and not table.is_optional:
            breaches.append(
                f"{table.name}: the table is missing. Put {table.name}.csv or {table.name}.parquet beside {FILE_NAME}."
            )
        found = []
        for path in paths:
            try:
                found.append(_study(path, folder, table, authority.columns.get(table.name, {}), workspace))
            except ExtractRefused as refused:
                breaches += refused.breaches
        if found and not table.is_optional and all(file.num_rows == 0 for file in found):
            breaches.append(EMPTY.format(found[0].name))
        if found:
            files[table.name] = found
    if breaches:
        raise ExtractRefused(*breaches)
    return Extract(folder, authority, files)


def _paths(folder: Path, table: str) -> list[Path]:
    inside = sorted((folder / table).iterdir()) if (folder / table).is_dir() else []
    alone = [folder / f"{table}{suffix}" for suffix in (".csv", ".parquet")]
    return [
        path for path in (*alone, *inside) if path.is_file() and path.suffix.lower() in (".csv", ".parquet")
    ]


def _unread(folder: Path, table: str, paths: list[Path]) -> list[Path]:
    """What looks like a part of a table and would be left out in silence: a workbook or archive among its
    files, or, where the table has no file at all, anything that bears its name."""
    inside = sorted((folder / table).iterdir()) if (folder / table).is_dir() else []
    unread = [
        path
        for path in inside
        if not path.name.startswith(".") and (path.suffix.lower() in NOT_READ or not path.is_file())
    ]
    if paths or unread:
        return unread
    return sorted(path for path in folder.iterdir() if path.name.split(".")[0].casefold() == table)


def _study(path: Path, folder: Path, table: Table, own_names: Mapping[str, str], workspace: Path) -> File:
    name = path.relative_to(folder).as_posix()
    try:
        if path.suffix.lower() == ".parquet":
            parquet = pq.ParquetFile(path)
            schema = parquet.schema_arrow
            file = File(
                path,
                name,
                table.name,
                tuple(schema.names),
                {},
                None,
                parquet.metadata.num_rows,
                tuple(schema.types),
            )
        else:
            traits = study(path)
            readable = decode(path, traits, workspace / f"{name.replace('/', '_')}.utf8.csv")
            header = _header(readable)
            file = File(readable, name, table.name, header, {}, traits, traits.num_rows)
    except PermissionError:
        raise ExtractRefused(
            f"{name}: the file may not be read. Give yourself read permission on it."
        ) from None
    except NotPlainText as other:
        raise ExtractRefused(
            f"{name}: the file is {other}. Save it as CSV in UTF-8 (Excel: CSV UTF-8)."
        ) from None
    except (pa.ArrowException, UnicodeError, csv.Error, ValueError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:  # Arrow's own have none
            raise
        kind = "Parquet" if path.suffix.lower() == ".parquet" else "CSV in UTF-8 or Windows-1252"
        raise ExtractRefused(f"{name}: the file cannot be parsed as {kind}. Export it again.") from None
    if not file.header:
        raise ExtractRefused(EMPTY.format(name))
    if len(file.header) == 1 and any(mark in file.header[0] for mark in ";\t|"):
        raise ExtractRefused(
            f"{name}: the values are not separated by commas. Export it again as CSV with commas."
        )
    return replace(file, positions=_positions(file, table, own_names))


def _header(path: Path) -> tuple[str, ...]:
    with path.open(encoding="utf-8-sig", newline="") as text:
        return tuple(next(csv.reader(text), ()))


def _positions(file: File, table: Table, own_names: Mapping[str, str]) -> dict[str, int]:
    """Where each column of the contract stands; refuse missing, doubled and private ones."""
    positions: dict[str, int] = {}
    known = {column.name for column in table.columns}
    breaches = []
    for place, written in enumerate(file.header):
        name = own_names.get(written, own_names.get(written.strip(), written.strip().casefold()))
        if name in known and name in positions:
            breaches.append(f"{file.name}, column {name}: the column stands there twice. Keep one.")
        if name in known:
            positions.setdefault(name, place)
        elif table.name != "names" and private.is_name(written):
            breaches.append(
                f"{file.name}, column {written}: a name outside names. Take the column out; names belong in names.csv."
            )
    breaches += [
        f"{file.name}, column {column.name}: a required column is missing. Add it, or give the extract's own name "
        f"for it under [columns.{table.name}] in {FILE_NAME}."
        for column in table.columns
        if (column.is_required or column.must_exist) and column.name not in positions
    ]
    breaches += [
        f"{file.name}, column {file.header[place]}: a cell holds a list or a record, not one value. Export it as text."
        for place in positions.values()
        if file.types and pa.types.is_nested(file.types[place])
    ]
    if breaches:
        raise ExtractRefused(*breaches)
    return positions


def columns_of(files: Iterable[File], table: Table) -> list[str]:
    """The contract's columns that any of the files has, in the contract's order."""
    present = set().union(*(file.positions for file in files))
    return [column.name for column in table.columns if column.name in present]
