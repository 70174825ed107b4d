"""Rejected rows as they are kept: whole, with the file, the line, the rule and the column."""

import numpy as np
import pyarrow as pa

from features.records.check import RULES, Verdict
from features.records.read import Rows, lines_of
from features.tables import TABLES


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
