"""Reading the files of a table as text, with the place of every row."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from glob import escape
from itertools import groupby
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from features.errors import ExtractRefused
from features.records.extract import File

UNPARSED = "{}: the file cannot be parsed as {}. Export it again."
LARGEST_EXACT = 2**53  # beyond it a float is no whole number that anyone wrote
CSV_FORM = (
    "auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"', hive_partitioning = false"
)


@dataclass(frozen=True)
class Rows:
    """Rows of one table as text.

    Attributes
    ----------
    text : pyarrow Table
        Columns of the contract, all text; null and "" are both blank.
    file : array of int32, shape (rows,)
        Index into `files`.
    place : array of int64, shape (rows,)
        Row in its file, from 0.
    """

    files: Sequence[File]
    text: pa.Table
    file: np.ndarray
    place: np.ndarray

    def __len__(self) -> int:
        return len(self.place)

    def take(self, rows: np.ndarray) -> "Rows":
        return Rows(self.files, self.text.take(pa.array(rows)), self.file[rows], self.place[rows])


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def very(path: Path) -> str:
    """The SQL of a file's path for DuckDB, which takes `[`, `*` and `?` in a path for a pattern."""
    return quoted(escape(str(path.absolute())))


def csv_source(files: Sequence[File]) -> str:
    """The SQL of a scan of CSV files with one header; columns c0, c1, ... as text."""
    paths = ", ".join(very(file.path) for file in files)
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(files[0].header)))
    return f"read_csv([{paths}], columns = {{{columns}}}, {CSV_FORM})"


def scan_form(files: Sequence[File], index: int) -> tuple:
    """Equal for files that one scan can read: one header, and as many rows as lines."""
    file = files[index]
    is_certain = file.traits is not None and file.num_rows is not None
    return file.header, 0 if is_certain else index + 1


def read_rows(files: Sequence[File], columns: Sequence[str], connection: duckdb.DuckDBPyConnection) -> Rows:
    """Read every row of some files into memory.

    Raises
    ------
    ExtractRefused
        A file cannot be parsed; the lines at fault are named.
    """
    files = list(files)
    tables: list[pa.Table] = []
    counts: list[int] = []
    for _, indexes in groupby(range(len(files)), lambda index: scan_form(files, index)):
        group = [files[index] for index in indexes]
        table = _read_csv(group, columns, connection) if group[0].traits else _read_parquet(group[0], columns)
        expected = sum(file.num_rows or 0 for file in group)
        if len(group) > 1 and len(table) != expected:  # empty lines, so rows are not lines
            return read_rows([replace(file, num_rows=None) for file in files], columns, connection)
        if len(table) != expected:
            files[len(counts)] = replace(group[0], num_rows=None)
        tables.append(table)
        counts += [file.num_rows or 0 for file in group] if len(group) > 1 else [len(table)]
    file = np.repeat(np.arange(len(files), dtype="int32"), counts)
    place = np.concatenate([np.arange(count, dtype="int64") for count in counts])
    return Rows(files, pa.concat_tables(tables), file, place)


def _read_csv(
    files: Sequence[File], columns: Sequence[str], connection: duckdb.DuckDBPyConnection
) -> pa.Table:
    positions = files[0].positions
    wanted = ", ".join(
        f'c{positions[name]} AS "{name}"' if name in positions else f'NULL::VARCHAR AS "{name}"'
        for name in columns
    )
    try:
        return connection.sql(f"SELECT {wanted} FROM {csv_source(files)}").to_arrow_table()
    except duckdb.Error as error:
        raise refusal(error, files) from None


def _read_parquet(file: File, columns: Sequence[str]) -> pa.Table:
    names = {name: file.header[place] for name, place in file.positions.items()}
    try:
        with pq.ParquetFile(file.path) as parquet:  # the very file: no pattern, and no column out of its path
            table = parquet.read(columns=[names[name] for name in columns if name in names])
        return pa.table(
            {
                name: as_text(table[names[name]]) if name in names else pa.nulls(len(table), pa.string())
                for name in columns
            }
        )
    except (pa.ArrowException, OSError, ValueError):
        raise ExtractRefused(UNPARSED.format(file.name, "Parquet")) from None


def is_textual(kind: pa.DataType) -> bool:
    """Does a Parquet column hold text, which may be written in any form?"""
    if isinstance(kind, pa.BaseExtensionType):
        return is_textual(kind.storage_type)
    if pa.types.is_dictionary(kind):
        return is_textual(kind.value_type)
    is_kind = (
        pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view, pa.types.is_binary,
        pa.types.is_large_binary, pa.types.is_binary_view, pa.types.is_fixed_size_binary,
    )  # fmt: skip
    return any(is_it(kind) for is_it in is_kind)


def plainly(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Cells in a type that Arrow can take rows of: it has none of its views, which other writers make of text."""
    kind = cells.type
    if isinstance(kind, pa.BaseExtensionType):
        return plainly(cells.cast(kind.storage_type))
    if pa.types.is_dictionary(kind) and not pa.types.is_nested(kind.value_type):
        parts = [
            pa.DictionaryArray.from_arrays(
                part.indices, plainly(pa.chunked_array([part.dictionary])).combine_chunks()
            )
            for part in cells.chunks
        ]
        return pa.chunked_array(parts) if parts else cells
    if pa.types.is_string_view(kind):
        return cells.cast(pa.string())
    return cells.cast(pa.binary()) if pa.types.is_binary_view(kind) else cells


def as_text(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Cells as the text a CSV file would hold: a day without its midnight, a whole number without its point."""
    if pa.types.is_string(cells.type):
        return cells
    cells = plainly(cells)
    if pa.types.is_dictionary(cells.type):
        return as_text(cells.cast(cells.type.value_type))
    texts = cells.cast(pa.string())
    if pa.types.is_timestamp(cells.type):
        days = cells.cast(pa.date32(), safe=False)
        return pc.if_else(pc.equal(days.cast(cells.type), cells), days.cast(pa.string()), texts)
    if pa.types.is_floating(cells.type):
        is_whole = pc.and_(pc.equal(pc.floor(cells), cells), pc.less(pc.abs(cells), LARGEST_EXACT))
        whole = pc.if_else(is_whole, cells, 0).cast(pa.int64(), safe=False)
        return pc.if_else(is_whole, whole.cast(pa.string()), texts)
    return texts


def refusal(error: duckdb.Error, files: Sequence[File]) -> BaseException:
    """What a failed scan means, in words that hold no value; DuckDB's own message echoes the row."""
    if isinstance(error, duckdb.InterruptException):
        return KeyboardInterrupt()
    if isinstance(error, duckdb.OutOfMemoryException):
        return MemoryError("DuckDB ran out of the memory it may use")
    if "No space left" in str(error):
        return OSError(28, "No space left on device")
    found = [found for file in files if (found := broken(file))]
    return ExtractRefused(*(found or [broken(files[0], is_sure=True)]))


def broken(file: File, *, is_sure: bool = False) -> str:
    """The lines of a CSV file that do not have the header's number of values; "" for none."""
    try:
        found = [line for line, row in numbered(file) if len(row) != len(file.header)]
        lines = file.original_lines(np.array(found, "int64")).tolist()
    except csv.Error:
        lines, is_sure = [], True
    if lines:
        more = f" and {len(lines) - 1} more" if len(lines) > 1 else ""
        return (
            f"{file.name}: the file cannot be parsed. Line {lines[0]}{more} does not hold {len(file.header)} values as the header does. "
            "Put a value that holds a comma in quotation marks, and leave no quotation mark open."
        )
    return UNPARSED.format(file.name, "CSV") if is_sure else ""


def numbered(file: File) -> Iterator[tuple[int, list[str]]]:
    """Every row of a CSV file below its header, with the line it starts on in what is read."""
    with file.path.open(encoding="utf-8-sig", newline="") as text:
        reader = csv.reader(text)
        next(reader, None)
        start = reader.line_num + 1
        for row in reader:
            if row:
                yield start, row
            start = reader.line_num + 1


def lines_of(file: File, places: np.ndarray) -> np.ndarray:
    """Line numbers, as an editor shows them, of some rows of a file; row numbers from 1 in Parquet.

    Parameters
    ----------
    places : array of int64
        Rows in the file, from 0, in rising order.
    """
    if file.traits is None:
        return places + 1
    if file.num_rows is not None:
        return file.original_lines(places + 2)
    wanted = iter(places)
    lines, place = [], next(wanted, None)
    for row, (line, _) in enumerate(numbered(file)):
        while place == row:
            lines.append(line)
            place = next(wanted, None)
        if place is None:
            break
    return file.original_lines(np.array(lines, "int64"))
