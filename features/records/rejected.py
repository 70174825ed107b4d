"""Rejected rows as they are kept: whole, with the file, the line, the rule and the column."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np
import pyarrow as pa

from features.records.check import RULES, Verdict
from features.records.date_order import FORMS
from features.records.extract import File
from features.records.read import Rows, lines_of
from features.table import Table
from features.tables import TABLES

MOST_LINES = 400
SENTENCES = {
    "duplicate": "The row says exactly what another row says. Leave one of them out.",
    "upn_form": "The UPN does not have the form of one: a letter, eleven digits, then a digit or a letter. Copy it from the school's own system.",
    "upn_check_letter": "The UPN's first letter does not fit its digits, so one character is wrong. Copy it from the school's own system.",
    "required_blank": "The column may not be blank. Fill it in.",
    "unknown_code": "The code is not one of the Department for Education's set, nor one that the authority said it uses. Use one of those.",
    "out_of_range": "The number is missing or outside what is possible. Put in the right one.",
    "bad_date": "The date cannot be read, there is no such day, or it lies forty years before the extract. "
    + FORMS,
    "future_date": "The date lies after the day the extract was made. Put in the right one.",
    "date_order": "The dates are in the wrong order: an end before its start, or a birth after joining a school. Put the wrong one right.",
    "unknown_school": "The school's URN is not in the schools table. Put in the right one, or add the school.",
    "unknown_pupil": "No school's roll has a row for this UPN. Put in the right one, or add the pupil's row to the roll.",
    "duplicate_key": "Another row says something different of the same pupil, school and day. Leave the wrong one out.",
    "spell_overlap": "The spell begins before the pupil's spell at another school ends, and the two are not main and subsidiary registration. Put the dates or the registration right.",
}
SHORT = {
    "duplicate": "said twice, of which one is kept",
    "upn_form": "no UPN by its form",
    "upn_check_letter": "a UPN whose first letter does not fit",
    "required_blank": "a blank that may not be",
    "unknown_code": "a code that is not known, or was not in force on its day",
    "out_of_range": "a number that is missing or cannot be",
    "bad_date": "a date that cannot be read",
    "future_date": "a date after the extract",
    "date_order": "an end before its start, or a birth after joining a school",
    "unknown_school": "a school that is not in the schools table",
    "unknown_pupil": "a UPN that is on no roll",
    "duplicate_key": "another row of the same pupil, school and day",
    "spell_overlap": "a spell inside another",
}


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


def headers_among(table: Table, rows: Rows) -> list[str]:
    """A sentence for each file among whose rows the names of the columns stand again, as where two files were joined."""
    cells = {name: rows.text[name].to_pylist() for name in rows.text.column_names}
    known = {column.name for column in table.columns}
    written = [known | {text.strip().casefold() for text in file.header} for file in rows.files]
    again = [
        sum((texts[row] or "").strip().casefold() in written[file] for texts in cells.values()) > 1
        for row, file in enumerate(rows.file.tolist())
    ]
    return [
        f"{where}: the names of the columns stand here again, so two files were joined, and what lies below may stand under the wrong "
        f"names. Save each as a file of its own in a folder {table.name}; or, if their columns are in one order, take the line out."
        for where in places(rows.take(np.flatnonzero(again)))
    ]


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
