"""An extract's files: which table each belongs to, its header, and how its bytes are written."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from features.errors import AuthorityRefused, ExtractRefused
from features.records.authority import FILE_NAME, Authority
from features.records.found_files import PROTECTED, FoundFiles, find_files
from features.records.header import BadHeader, first_lines, positions_of, unknown_own_names
from features.records.plain_text import NotPlainText, Traits, decode, study
from features.records.shown import Names, words_of
from features.table import Table
from features.tables import TABLES

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
    def ignored(self) -> list[int]:
        """Places of the columns that the contract does not know."""
        known = set(self.positions.values())
        return [place for place in range(len(self.header)) if place not in known]

    def original_lines(self, lines: np.ndarray) -> np.ndarray:
        """Line numbers of what is read as those of the authority's own file."""
        return lines if self.traits is None else self.traits.original(lines)


@dataclass(frozen=True)
class Extract:
    """What an authority supplied, before a row is read.

    Attributes
    ----------
    found : FoundFiles
        Everything in the folder, also what is not read.
    names : Names
        By which a pupil's value is told from a name of a column or file.
    """

    folder: Path
    authority: Authority
    files: Mapping[str, list[File]]
    found: FoundFiles
    names: Names

    @property
    def ignored_columns(self) -> dict[str, list[str]]:
        """Table to the columns that the contract does not know, in order of name."""
        ignored = {
            table: sorted({self.names.column(file.header, place) for file in files for place in file.ignored})
            for table, files in self.files.items()
        }
        return {table: names for table, names in ignored.items() if names}

    @property
    def several(self) -> dict[str, list[str]]:
        """Table to the files and folders it lies in beside authority.toml, where that is more than one."""
        places = {
            table: sorted({name + slash for name, slash, _ in (file.name.partition("/") for file in files)})
            for table, files in self.files.items()
        }
        return {table: names for table, names in places.items() if len(names) > 1}

    @property
    def not_read(self) -> list[dict[str, str]]:
        """What lies in the folder and is not read, with the table that it looks like ("" for none)."""
        return [
            {"name": self.names.path(one.name), "looks_like": one.looks_like} for one in self.found.unread
        ]


def find_extract(folder: Path, authority: Authority, workspace: Path) -> Extract:
    """Find and study every file of an extract; refuse what cannot be read at all.

    Parameters
    ----------
    workspace : Path
        A private folder; files that not every reader takes are copied there in plain UTF-8.

    Raises
    ------
    AuthorityRefused
        A name under `[columns]` stands in no file.
    ExtractRefused
        A table is missing or empty, a column is missing or may not come in, a file cannot be read, or
        looks like `withheld` and would not be read as it; every breach at once.
    """
    found = find_files(folder, authority)
    names = words_of(found.tables["names"])
    alike = words_of(path for one in found.unread for path in one.of_people)
    names = replace(names, is_whole=names.is_whole and alike.is_whole, unread=alike.words)
    breaches = _amiss(found, names)
    misnamed: list[str] = []
    files: dict[str, list[File]] = {}
    for table in TABLES.values():
        paths = found.tables[table.name]
        is_told = any(one.looks_like == table.name for one in found.unread) or table.name in found.closed
        if not paths and not table.is_optional and not is_told:
            breaches.append(
                f"{table.name}: the table is missing. Put {table.name}.csv or {table.name}.parquet beside {FILE_NAME}."
            )
        studied: list[File] = []
        headers: list[Sequence[str]] = []
        for number, path in enumerate(paths):
            try:
                copy = workspace / f"{table.name}-{number}.utf8.csv"
                name = names.path(path.relative_to(folder).as_posix())
                own_names = authority.columns.get(table.name, {})
                studied.append(_study(path, name, table, own_names, names, copy, headers))
            except ExtractRefused as refused:
                breaches += refused.breaches
        if len(headers) == len(paths) and (headers or table.is_optional):
            misnamed += unknown_own_names(table.name, authority.columns.get(table.name, {}), headers, names)
        if studied and not table.is_optional and all(file.num_rows == 0 for file in studied):
            breaches.append(EMPTY.format(studied[0].name))
        if studied:
            files[table.name] = studied
    if misnamed:  # what follows from a wrong name there goes with it
        raise AuthorityRefused(*misnamed, *breaches)
    if breaches:
        raise ExtractRefused(*breaches)
    return Extract(folder, authority, files, found, names)


def _amiss(found: FoundFiles, names: Names) -> list[str]:
    """What may not be passed over: a part of a table that has no other, a list of protected children, a closed door."""
    breaches = [
        f"{names.path(name)}: the {'folder' if name in TABLES else 'file'} may not be read. Give yourself permission to open it."
        for name in found.closed
    ]
    breaches += [
        f"{names.path(name)}: this looks like {PROTECTED}, and would be read as another table, so that children whom it protects "
        f"would be scored. Save it as {PROTECTED}.csv beside {FILE_NAME}, or take it out of the extract."
        for name in found.misplaced
    ]
    for one in found.unread:
        table = one.looks_like
        is_inside = one.name.split("/")[0] in TABLES and "/" in one.name
        if table == PROTECTED:
            breaches.append(
                f"{names.path(one.name)}: this would not be read, and looks like {PROTECTED}: children whom it protects would be "
                f"scored and could be named. Save it as {PROTECTED}.csv or {PROTECTED}.parquet beside {FILE_NAME}, or take it out of the extract."
            )
        elif one.is_sealed:
            breaches.append(
                f"{names.path(one.name)}: this is under a password, or an archive that import cannot look into, so nobody can see whether it is "
                f"the list of children who are {PROTECTED}. If it is, save it as {PROTECTED}.csv beside {FILE_NAME}; then take it out of the extract."
            )
        elif table and (is_inside or not found.tables[table] and _is_table_or_core(one.name, table)):
            breaches.append(
                f"{names.path(one.name)}: this would not be read. Save it as {table}.csv or {table}.parquet, or "
                f"as such files in a folder {table}; or take it out of the extract."
            )
    return breaches


def _is_table_or_core(name: str, table: str) -> bool:
    """Is it a table that an extract must have, or does it bear the very name of an optional one?"""
    return not TABLES[table].is_optional or name.split(".")[0].casefold() == table


def _study(
    path: Path,
    name: str,
    table: Table,
    own_names: Mapping[str, str],
    names: Names,
    copy: Path,
    headers: list[Sequence[str]],
) -> File:
    """One file, its header read and kept in `headers`."""
    try:
        rows: Sequence[Sequence[str]]
        if path.suffix.lower() == ".parquet":
            with pq.ParquetFile(path) as parquet:
                schema, num_rows = parquet.schema_arrow, parquet.metadata.num_rows
            header, types = tuple(schema.names), tuple(schema.types)
            file, rows = File(path, name, table.name, header, {}, None, num_rows, types), [header]
        else:
            readable, traits = decode(path, study(path), copy)
            rows = first_lines(readable)
            header = tuple(rows[0]) if rows else ()
            file = File(readable, name, table.name, header, {}, traits, traits.num_rows)
        if not file.header:
            raise ExtractRefused(EMPTY.format(name))
        if len(file.header) == 1 and any(mark in file.header[0] for mark in ";\t|"):
            raise ExtractRefused(
                f"{name}: the values are not separated by commas. Export it again as CSV with commas."
            )
        headers.append(file.header)
        return replace(file, positions=positions_of(rows, table, own_names, names, file.traits, file.types))
    except PermissionError:
        raise ExtractRefused(
            f"{name}: the file may not be read. Give yourself read permission on it."
        ) from None
    except NotPlainText as other:
        raise ExtractRefused(
            f"{name}: the file is {other}. Save it as CSV in UTF-8 (Excel: CSV UTF-8)."
        ) from None
    except BadHeader as bad:
        raise ExtractRefused(
            *(f"{name}{',' if said.startswith('column ') else ':'} {said}" for said in bad.args)
        ) from None
    except (pa.ArrowException, UnicodeError, csv.Error, ValueError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:  # Arrow's own have none
            raise
        kind = "Parquet" if path.suffix.lower() == ".parquet" else "CSV in UTF-8 or Windows-1252"
        raise ExtractRefused(f"{name}: the file cannot be parsed as {kind}. Export it again.") from None


def columns_of(files: Iterable[File], table: Table) -> list[str]:
    """The contract's columns that any of the files has, in the contract's order."""
    present = set().union(*(file.positions for file in files))
    return [column.name for column in table.columns if column.name in present]
