"""Filling a report: counts by rule, whole-file repairs, bulk loads."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from features.records.check import RULES, Verdict, distinct
from features.records.checked import Checked, boolean_forms
from features.records.extract import Extract, File
from features.records.lags import Bulk
from features.records.read import Rows
from features.records.report import Report, TableCounts
from features.records.spool import Registers
from features.tables import TABLES


def fill_report(
    report: Report,
    extract: Extract,
    tables: Mapping[str, Checked],
    registers: Registers,
    rejected: Mapping[str, tuple[Rows, Verdict]],
    bulk: Bulk | None,
) -> None:
    """Count every table, in the contract's order."""
    for name in (name for name in TABLES if name in extract.files):
        is_marks = name == "attendance"
        num_rows = registers.num_rows if is_marks else len(tables[name].rows)
        repaired = registers.repaired if is_marks else tables[name].repaired
        report.tables[name] = TableCounts(num_rows, _by_rule(rejected[name][1]), repaired)
        if load := bulk if is_marks else tables[name].bulk:
            day = str(np.datetime64(load.day, "D"))
            report.bulk_recorded_on[name] = {"recorded_on": day, "rows": load.rows}
        rows = (
            rows_by_file(extract.files[name], registers)
            if is_marks
            else np.bincount(tables[name].rows.file, minlength=len(extract.files[name]))
        )
        _whole_files(report, name, extract.files[name], rows, _turned(tables.get(name), registers, rows))
        if not is_marks:
            _booleans(report, tables[name], extract.files[name])
    order = ("day_first", "boolean_text", "bom", "crlf", "windows_1252", "empty_rows", "separator_line")
    report.file_repairs = {rule: report.file_repairs[rule] for rule in order if rule in report.file_repairs}


def _by_rule(verdict: Verdict) -> Counter:
    rules, counts = np.unique(verdict.rule, return_counts=True)
    return Counter({RULES[rule]: int(count) for rule, count in zip(rules, counts, strict=True)})


def rows_by_file(files: Sequence[File], registers: Registers) -> np.ndarray:
    return np.diff(registers.starts)


def _turned(checked: Checked | None, registers: Registers, rows: np.ndarray) -> tuple[frozenset[int], int]:
    """Files with a day-first column, and the cells in those columns."""
    if checked is not None:
        reads = list(checked.columns.values())
        return frozenset().union(*(read.day_first for read in reads)), sum(
            read.num_day_first for read in reads
        )
    files = registers.day_first_files
    return frozenset().union(*files.values()), int(
        sum(rows[list(indexes)].sum() for indexes in files.values())
    )


def _whole_files(
    report: Report, table: str, files: Sequence[File], rows: np.ndarray, turned: tuple[frozenset[int], int]
) -> None:
    found: dict[str, list[int]] = {
        "day_first": sorted(turned[0]),
        "bom": [index for index, file in enumerate(files) if file.traits and file.traits.has_bom],
        "crlf": [index for index, file in enumerate(files) if file.traits and file.traits.is_crlf],
        "windows_1252": [
            index for index, file in enumerate(files) if file.traits and file.traits.is_windows_1252
        ],
        "empty_rows": [
            index for index, file in enumerate(files) if file.traits and file.traits.num_empty_rows
        ],
        "separator_line": [
            index for index, file in enumerate(files) if file.traits and file.traits.has_separator_line
        ],
    }
    for rule, indexes in found.items():
        if indexes:
            entry: dict[str, Any] = {
                "files": [files[index].name for index in indexes],
                "rows": int(rows[indexes].sum()),
            }
            if rule == "day_first":
                entry["cells"] = turned[1]
            if rule == "empty_rows":
                entry["rows_left_out"] = sum(
                    traits.num_empty_rows for file in files if (traits := file.traits)
                )
            report.file_repairs.setdefault(rule, {})[table] = entry


def empty_files(extract: Extract, tables: Mapping[str, Checked], registers: Registers) -> list[str]:
    """Files with a header and no row: an export that failed, or a table in which there is nothing."""
    found = []
    for name, files in extract.files.items():
        rows = (
            rows_by_file(files, registers)
            if name == "attendance"
            else np.bincount(tables[name].rows.file, minlength=len(files))
        )
        found += [file.name for file, number in zip(files, rows.tolist(), strict=True) if not number]
    return found


def _booleans(report: Report, checked: Checked, files: Sequence[File]) -> None:
    """Y and N, or 1 and 0, where the contract asks for true and false; nothing where all is true or false."""
    forms = boolean_forms(checked)
    if forms["Y_N"] or forms["1_0"]:
        report.file_repairs.setdefault("boolean_text", {})[checked.table.name] = {
            "files": [file.name for file in files if file.traits],
            "rows": len(checked.rows),
            **{f"rows_{form}": count for form, count in forms.items()},
        }


def unused_values(extract: Extract, tables: Mapping[str, Checked]) -> list[dict[str, str]]:
    """The extract's own values in authority.toml that no cell has: a slip, or a value that did not come up this time.

    Of the registers only what a row is read by is looked at, so their values are not among them.

    Returns
    -------
    list of dict
        table, column and value.
    """
    found = []
    for table, columns in extract.authority.values.items():
        for column, own in columns.items():
            if table not in tables or column not in tables[table].rows.text.column_names:
                continue
            cells = {text.strip() for text in distinct(tables[table].rows, column)[1] if text}
            found += [
                {
                    "table": table,
                    "column": column,
                    "value": written if extract.names.is_plain(written) else "(not shown)",
                }
                for written in own
                if written not in cells
            ]
    return found
