"""What stops an import once its tables can be read: lost rows, private columns, and phases without places."""

import csv
from collections.abc import Iterator

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from features.errors import AuthorityRefused, ExtractRefused
from features.records import private
from features.records.authority import FILE_NAME, UPN
from features.records.checked import Checked
from features.records.extract import Extract, File
from features.records.found_files import PROTECTED, looks_like
from features.records.read import UNPARSED, as_text, broken, csv_source, numbered, refusal
from features.records.register_scan import STRETCH_ROWS
from features.records.rejected import places
from features.records.shown import has_upn
from features.tables import ATTENDANCE

SEPARATORS = ",;\t|"
LONGEST = 40  # letters of a value that could be a number or a name
NO = {"n", "no", "0", "0.0", "false", "-", "none"}  # what marks nobody, in a column that marks children
MARKS = (
    f"by its name it marks children who are {PROTECTED}, and it would not be read, so they would be scored and could be named. "
    f"Put each of them in {PROTECTED}.csv, and take the column out of the file."
)


def refuse_swallowed(extract: Extract) -> None:
    """Refuse a CSV file in which a cell, known or not, holds rows: between two stray quotation marks they are lost."""
    breaches = [breach for files in extract.files.values() for file in files if (breach := _swallowed(file))]
    if breaches:
        raise ExtractRefused(*breaches)


def _swallowed(file: File) -> str:
    """The lines of a file on which a cell begins that holds rows, in words; "" for none."""
    if file.traits is None or not file.traits.has_quotes:
        return ""
    if (
        file.table == ATTENDANCE.name and not file.traits.has_open_lines
    ):  # too long to look through for nothing
        return ""
    try:
        found = [line for line, row in numbered(file) if any(_holds_rows(cell, len(row)) for cell in row)]
    except csv.Error:  # longer than any cell can be
        return broken(file, is_sure=True)
    if not found:
        return ""
    lines = file.original_lines(np.array(found, "int64")).tolist()
    more = f" and {len(lines) - 1} more" if len(lines) > 1 else ""
    return (
        f"{file.name}: on line {lines[0]}{more} a cell in quotation marks runs over the end of its line and holds what looks like "
        "other rows, so the children of those rows would be lost. Take the stray quotation mark out, or the line break out of the cell."
    )


def _holds_rows(cell: str, num_cells: int) -> bool:
    """Does a cell hold a line break, and a UPN or a line with as many separators as a row has?"""
    if "\n" not in cell and "\r" not in cell:
        return False
    if UPN.search(cell):
        return True
    return any(line.count(mark) >= num_cells - 1 for line in cell.splitlines() for mark in SEPARATORS)


def refuse_upns(checked: Checked) -> None:
    """Refuse a UPN in a column of text: what stands there is shown on pages and lists as the name of a school or district.

    Raises
    ------
    ExtractRefused
    """
    breaches = []
    for column in checked.table.columns:
        if column.kind == "text" and column.name in checked.columns:
            read = checked.columns[column.name]
            held = [place for place, word in enumerate(read.words) if has_upn(word)]
            rows = np.flatnonzero(np.isin(read.values, np.array(held, "int64")))
            if len(rows):
                breaches.append(
                    f"{'; '.join(places(checked.rows.take(rows)))}, column {column.name}: the text holds a UPN, which would be shown on every page "
                    "that names it. Take it out."
                )
    if breaches:
        raise ExtractRefused(*breaches)


def refuse_placeless(schools: Checked, roll: Checked, extract: Extract) -> None:
    """Refuse an authority that does not say how many places a phase with pupils has."""
    phases = dict(zip(schools.values("urn").tolist(), schools.texts("phase"), strict=True))
    with_pupils = {phases[urn] for urn in np.unique(roll.values("urn")).tolist() if urn in phases}
    if missing := sorted(with_pupils - set(extract.authority.meeting.places_per_school)):
        raise AuthorityRefused(
            *(
                f"{FILE_NAME}, meeting.places_per_school: the phase {phase} has pupils and no number of places. "
                f"Add {phase} = 0, or how many children a meeting there can look at."
                for phase in missing
            )
        )


def known_names(tables: dict[str, Checked]) -> frozenset[str]:
    if "names" not in tables:
        return frozenset()
    words = (
        tables["names"].columns[name].words
        for name in ("forename", "surname")
        if name in tables["names"].columns
    )
    return frozenset(word.casefold() for column in words for word in column)


def refuse_private(extract: Extract, names: frozenset[str], connection: duckdb.DuckDBPyConnection) -> None:
    """Refuse a column the contract does not know that holds numbers or names which may not come in, or says who is withheld."""
    breaches = [
        f"{file.name}, column {extract.names.column(file.header, place)}: {why}"
        for files in extract.files.values()
        for file in files
        if file.ignored
        for place, why in _held(file, names, connection)
    ]
    if breaches:
        raise ExtractRefused(*breaches)


def _held(
    file: File, names: frozenset[str], connection: duckdb.DuckDBPyConnection
) -> Iterator[tuple[int, str]]:
    """Places of a file's unknown columns that hold what may not come in, found in one pass over it."""
    columns = {place: private.Held(names) for place in file.ignored}
    marking = {place: False for place in file.ignored if looks_like(file.header[place]) == PROTECTED}
    try:
        for batch in _batches(file, connection):
            for (place, held), cells in zip(columns.items(), batch.columns, strict=True):
                texts = _short(as_text(pa.chunked_array([cells])))
                held.add(texts)
                if place in marking:
                    marking[place] |= any(text.strip().casefold() not in {"", *NO} for text in texts)
    except duckdb.Error as error:
        raise refusal(error, [file]) from None
    except (pa.ArrowException, OSError, ValueError):
        raise ExtractRefused(UNPARSED.format(file.name, "Parquet")) from None
    for place, held in columns.items():
        if held.what:
            yield place, f"{held.what}. Take the column out of the file and import again."
        elif marking.get(place):
            yield place, MARKS


def _batches(file: File, connection: duckdb.DuckDBPyConnection) -> Iterator[pa.RecordBatch]:
    """The unknown columns of a file, in their order; no column of lists or records, which holds no number."""
    if file.traits is not None:
        wanted = ", ".join(f"c{place}" for place in file.ignored)
        yield from connection.sql(f"SELECT {wanted} FROM {csv_source([file])}").to_arrow_reader(STRETCH_ROWS)
        return
    with pq.ParquetFile(file.path) as parquet:
        for batch in parquet.iter_batches(
            STRETCH_ROWS, columns=[file.header[place] for place in file.ignored]
        ):
            cells = [
                pa.nulls(len(batch), pa.string()) if pa.types.is_nested(column.type) else column
                for column in (_column(batch, file, place) for place in file.ignored)
            ]
            yield pa.record_batch(cells, names=[str(place) for place in file.ignored])


def _column(batch: pa.RecordBatch, file: File, place: int) -> pa.Array:
    """A column by its place in a file, in which another may have the same name."""
    name = file.header[place]
    same = [index for index, other in enumerate(batch.schema.names) if other == name]
    return batch.column(same[file.header[:place].count(name)])


def _short(cells: pa.ChunkedArray) -> list[str]:
    """The distinct values that could be a number or a name."""
    length = pc.utf8_length(cells)
    is_short = pc.and_(pc.greater_equal(length, 1), pc.less_equal(length, LONGEST))
    return cells.filter(is_short).unique().to_pylist()
