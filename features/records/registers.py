"""Reading registers: tens of millions of rows in one pass, most of them without a second look.

Every cell is looked up among the texts that are right as they stand, and their numbers are added up
(`packing`). A row with any other text is read, repaired and checked like a row of any other table. So
a clean file costs little more than its scan, and a messy one is not treated more lightly.
"""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from features.codes import code_set
from features.errors import ExtractRefused
from features.records.authority import Authority
from features.records.cells import iso
from features.records.date_order import Shown, day_first_files
from features.records.extract import EMPTY, File
from features.records.identities import Pupils
from features.records.lookups import Lookups
from features.records.packing import Packing
from features.records.read import UNPARSED, as_text, csv_source, is_textual, numbered, refusal
from features.records.register_scan import Stretches, Uneven, scan
from features.records.second_look import rows_of_texts, second_look
from features.records.spool import Block, Registers

DATES = ("date", "recorded_on")


def read_registers(
    files: Sequence[File],
    authority: Authority,
    pupils: Pupils,
    schools: np.ndarray,
    since: pd.Series,
    connection: duckdb.DuckDBPyConnection,
    spool: Path,
    tick: Callable[[int], None],
) -> Registers:
    """Read and check every row of the registers; repeats are left for later.

    Parameters
    ----------
    schools : array of int64, sorted
    since : pandas.Series
        By pupil, the day from which the roll knows them.
    spool : Path
        A file to make; it holds no UPN.
    tick : callable
        Told how many more rows were read.

    Raises
    ------
    ExtractRefused
        A file cannot be parsed, or holds what may not come in.
    """
    everyone = np.unique(np.fromiter(pupils.pseudonyms.values(), "int64", len(pupils.pseudonyms)))
    packing = Packing(
        everyone,
        schools,
        (authority.authority.extracted_on - date(1970, 1, 1)).days,
        tuple(sorted(code_set("attendance")["code"])),
        any("recorded_on" in file.positions for file in files),
        authority,
        since.reindex(everyone).fillna(0).to_numpy("int64"),
    )
    lookups = Lookups(packing, pupils, authority.values.get("attendance", {}))
    shown = {
        (index, name): one
        for index, file in enumerate(files)
        for name, one in _shown(file, connection).items()
    }
    by_column = day_first_files(
        "attendance",
        files,
        shown,
        lambda index: _schools(files[index], connection),
        "attendance" in authority.dates,
    )
    turned = [
        frozenset(name for name, indexes in by_column.items() if index in indexes)
        for index in range(len(files))
    ]
    uneven: frozenset[int] = frozenset()
    while True:
        found = Registers(list(files), packing, authority, pupils, spool, by_column)
        try:
            _spool(found, scan(files, turned, lookups, uneven, connection), tick)
            break
        except Uneven as one:
            uneven |= {one.index}
    if not found.num_rows:
        raise ExtractRefused(EMPTY.format(files[0].name))
    return found


def _shown(file: File, connection: duckdb.DuckDBPyConnection) -> dict[str, Shown]:
    """What each date column shows of its order; a whole column is read only where its start is no ISO date."""
    found = {}
    for name in DATES:
        if name not in file.positions:
            continue
        place = file.positions[name]
        if file.traits is None:
            if not is_textual(file.types[place]):
                continue
        else:
            rows = (row for _, (_, row) in zip(range(50), numbered(file), strict=False))
            starts = [row[place].strip() for row in rows if len(row) > place and row[place].strip()]
            if starts and iso(starts[0]) is not None:
                continue
        found[name] = Shown.by(_texts(file, name, connection))
    return found


def _schools(file: File, connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    return frozenset(text.strip() for text in _texts(file, "urn", connection)) - {""}


def _texts(file: File, name: str, connection: duckdb.DuckDBPyConnection) -> set[str]:
    """The distinct texts of a column."""
    place = file.positions[name]
    if file.traits is not None:
        try:
            rows = connection.execute(f"SELECT DISTINCT c{place} FROM {csv_source([file])}").fetchall()
        except duckdb.Error as error:
            raise refusal(error, [file]) from None
        return {text or "" for (text,) in rows}
    found: set[str] = set()
    try:
        with pq.ParquetFile(file.path) as parquet:
            for batch in parquet.iter_batches(columns=[file.header[place]]):
                cells = as_text(pa.chunked_array([batch.column(0)]))
                found.update(text or "" for text in cells.unique().to_pylist())
    except (pa.ArrowException, OSError, ValueError):
        raise ExtractRefused(UNPARSED.format(file.name, "Parquet")) from None
    return found


def _spool(found: Registers, stretches: Stretches, tick: Callable[[int], None]) -> None:
    """Write every row's number, looking again at rows that have none yet, and count what is kept."""
    num_rows = np.zeros(len(found.files), "int64")
    with closing(stretches), found.spool.open("wb") as out:
        for index, stretch in stretches:
            packed, years, suspects = stretch.packed, stretch.years, stretch.suspects
            found.recorded.update(stretch.recorded)
            if len(suspects):
                places = suspects + num_rows[index]
                rows = rows_of_texts(found, stretch.texts, np.full(len(suspects), index, "int32"), places)
                packed[suspects], again = second_look(found, rows)
                years = years + again
            found.blocks.append(Block(int(num_rows.sum()), len(packed), years))
            num_rows[index] += len(packed)
            out.write(packed.data)
            tick(len(packed))
    for index, file in enumerate(found.files):
        if num_rows[index] != file.num_rows:  # empty lines, or line breaks in a value: rows are not lines
            found.files[index] = replace(file, num_rows=None)
    found.starts += np.cumsum(num_rows).tolist()
