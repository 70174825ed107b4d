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

from features.codes import code_set
from features.errors import ExtractRefused
from features.records.authority import Authority
from features.records.cells import is_day_first, iso
from features.records.extract import EMPTY, File
from features.records.identities import Pupils
from features.records.lookups import Lookups
from features.records.packing import Packing
from features.records.read import csv_source, numbered, refusal
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
    turned = [_day_first_columns(file, connection) for file in files]
    by_column = {
        name: frozenset(index for index, names in enumerate(turned) if name in names) for name in DATES
    }
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
