"""Rejected rows as they are kept: whole, with the file, the line, the rule and the column."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np
import pyarrow as pa

from features.records.check import RULES, Verdict
from features.records.extract import File
from features.records.read import Rows, lines_of
from features.tables import TABLES

MOST_LINES = 400


def rejected_table(table: str, rows: Rows, verdict: Verdict) -> pa.Table:
    """file, line, rule, column, then the contract's columns as text; in order of file and line.

    The column is blank for an exact duplicate. A Parquet file has row numbers for lines.
    """
    columns = np.array([column.name for column in TABLES[table].columns], object)
    is_duplicate = verdict.rule == RULES.index("duplicate")
    names = pa.array(columns[verdict.column], pa.string(), mask=is_duplicate)
    found = pa.table(
        {
            "file": pa.array([rows.files[index].name for index in rows.file], pa.string()),
            "line": pa.array(lines(rows)),
            "rule": pa.array(np.array(RULES, object)[verdict.rule], pa.string()),
            "column": names,
            **{name: rows.text[name] for name in rows.text.column_names},
        }
    )
    return found.sort_by([("file", "ascending"), ("line", "ascending")])


def lines(rows: Rows) -> np.ndarray:
    """The line of each row, int64, shape (rows,)."""
    found = np.zeros(len(rows), "int64")
    for index in np.unique(rows.file):
        here = np.flatnonzero(rows.file == index)
        here = here[np.argsort(rows.place[here], kind="stable")]
        found[here] = lines_of(rows.files[index], rows.place[here])
    return found


def places(rows: Rows) -> list[str]:
    """Where rows stand, a text for each file: `roll.csv, lines 2, 5 to 9`."""
    numbers = lines(rows)
    return [
        place(rows.files[file], sorted(numbers[rows.file == file].tolist()))
        for file in np.unique(rows.file).tolist()
    ]


def place(file: File, numbers: Sequence[int]) -> str:
    """Some lines of a file, or rows of a Parquet file."""
    unit = "row" if file.traits is None else "line"
    return f"{file.name}, {unit}{'' if len(numbers) == 1 else 's'} {spans(numbers)}"


def spans(numbers: Sequence[int]) -> str:
    """ "2, 5 to 9, 14", with at most 400 parts."""
    parts = []
    for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        span = [number for _, number in run]
        parts.append(f"{span[0]}" if len(span) == 1 else f"{span[0]} to {span[-1]}")
    more = f" and {len(parts) - MOST_LINES} more places" if len(parts) > MOST_LINES else ""
    return ", ".join(parts[:MOST_LINES]) + more
