"""Reading registers: tens of millions of rows in one pass, most of them without a second look.

DuckDB looks every cell up among the texts that are right as they stand, and adds their numbers up
(`packing`). A row with any other text comes back as text and is read, repaired and checked like a row
of any other table. So a clean file costs little more than its scan, and a messy one is not treated
more lightly.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import BinaryIO

import duckdb
import numpy as np
import pyarrow as pa

from features.codes import code_set
from features.errors import ExtractRefused
from features.records.authority import Authority
from features.records.cells import is_day_first, iso
from features.records.extract import EMPTY, File
from features.records.identities import Pupils
from features.records.lookups import make_lookups, scan_query
from features.records.packing import Packing
from features.records.read import csv_source, numbered, quoted, refusal, scan_form
from features.records.second_look import rows_of_texts, second_look
from features.records.spool import REJECTED, Block, Registers

BATCH = 1 << 20
DATES = ("date", "recorded_on")


class _Uncertain(Exception):
    """A file had empty lines, so rows cannot be told apart by counting lines."""


def read_registers(
    files: Sequence[File],
    authority: Authority,
    pupils: Pupils,
    schools: np.ndarray,
    connection: duckdb.DuckDBPyConnection,
    spool: Path,
    tick: Callable[[int], None],
) -> Registers:
    """Read and check every row of the registers; repeats are left for later.

    Parameters
    ----------
    schools : array of int64, sorted
    spool : Path
        A file to make; it holds no UPN.
    tick : callable
        Told how many more rows were read.

    Raises
    ------
    ExtractRefused
        A file cannot be parsed, or holds what may not come in.
    """
    packing = Packing(
        np.unique(np.fromiter(pupils.pseudonyms.values(), "int64", len(pupils.pseudonyms))),
        schools,
        (authority.authority.extracted_on - date(1970, 1, 1)).days,
        tuple(sorted(code_set("attendance")["code"])),
        any("recorded_on" in file.positions for file in files),
    )
    make_lookups(packing, pupils, authority.values.get("attendance", {}), connection)
    turned = [_day_first_columns(file, connection) for file in files]
    by_column = {
        name: frozenset(index for index, names in enumerate(turned) if name in names) for name in DATES
    }
    found = Registers(list(files), packing, authority, pupils, spool, by_column)
    try:
        _scan_all(found, turned, connection, tick)
    except _Uncertain:
        found = Registers(
            [replace(file, num_rows=None) for file in files], packing, authority, pupils, spool, by_column
        )
        _scan_all(found, turned, connection, tick)
    if not found.num_rows:
        raise ExtractRefused(EMPTY.format(files[0].name))
    return found


def _scan_all(
    found: Registers,
    turned: list[frozenset[str]],
    connection: duckdb.DuckDBPyConnection,
    tick: Callable[[int], None],
) -> None:
    forms = [(scan_form(found.files, index), turned[index]) for index in range(len(found.files))]
    with found.spool.open("wb") as out:
        for (_, day_first), group in groupby(range(len(forms)), lambda index: forms[index]):
            indexes = list(group)
            try:
                _scan(found, indexes, day_first, connection, out, tick)
            except duckdb.Error as error:
                raise refusal(error, [found.files[index] for index in indexes]) from None


def _day_first_columns(file: File, connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Date columns that a file writes day-first; the whole column is read only where its start says so."""
    if file.traits is None:
        return frozenset()
    dated = [name for name in ("date", "recorded_on") if name in file.positions]
    first = [
        row for _, (_, row) in zip(range(50), numbered(file), strict=False) if len(row) == len(file.header)
    ]
    turned = []
    for name in dated:
        place = file.positions[name]
        starts = [row[place].strip() for row in first if row[place].strip()]
        if not starts or iso(starts[0]) is None:
            try:
                texts = connection.execute(f"SELECT DISTINCT c{place} FROM {csv_source([file])}").fetchall()
            except duckdb.Error as error:
                raise refusal(error, [file]) from None
            if is_day_first(text or "" for (text,) in texts):
                turned.append(name)
    return frozenset(turned)


def _scan(
    found: Registers,
    indexes: list[int],
    day_first: frozenset[str],
    connection: duckdb.DuckDBPyConnection,
    out: BinaryIO,
    tick: Callable[[int], None],
) -> None:
    files = [found.files[index] for index in indexes]
    source = csv_source(files) if files[0].traits else f"read_parquet({quoted(str(files[0].path))})"
    begin, num_rows = found.num_rows, 0
    ends = np.cumsum([file.num_rows or 0 for file in files])
    query = scan_query(files[0], source, day_first, found.packing)
    for batch in connection.sql(query).to_arrow_reader(BATCH):
        packed = batch.column(0).fill_null(REJECTED).to_numpy(zero_copy_only=False)
        years = batch.column(1).fill_null(0).to_numpy(zero_copy_only=False)
        suspects = np.flatnonzero(packed == REJECTED)
        if len(suspects):
            packed, years = packed.copy(), years.copy()
            places = suspects + num_rows
            file = np.searchsorted(ends[:-1], places, side="right")
            places = places - np.append(0, ends)[file]
            rows = rows_of_texts(
                found, batch.column(2).take(pa.array(suspects)), np.array(indexes)[file], places
            )
            packed[suspects], years[suspects] = second_look(found, rows)
        _count(found, begin + num_rows, packed, years)
        num_rows += len(packed)
        out.write(memoryview(packed))
        tick(len(packed))
    if len(files) == 1 and num_rows != files[0].num_rows:
        found.files[indexes[0]] = replace(files[0], num_rows=None)
    elif len(files) > 1 and num_rows != ends[-1]:
        raise _Uncertain
    found.starts += (begin + (ends if len(files) > 1 else np.array([num_rows]))).tolist()


def _count(found: Registers, start: int, packed: np.ndarray, years: np.ndarray) -> None:
    kept = packed != REJECTED
    counts = np.bincount(years[kept])
    by_year = {int(year): int(counts[year]) for year in np.flatnonzero(counts)}
    found.blocks.append(Block(start, len(packed), by_year))
    if found.packing.has_recorded:
        counts = np.bincount(found.packing.digit(packed[kept], "recorded"))
        for digit in np.flatnonzero(counts[1:]) + 1:
            found.recorded[int(digit) - 1 + found.packing.first_day] += int(counts[digit])
