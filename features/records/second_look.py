"""Register rows that hold a text not right as it stands: read, repaired and checked like any other rows."""

from collections import Counter
from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from features.codes import marks_in_force
from features.records.check import BLANK, RULES, Read, Verdict, check_cells, read_column
from features.records.known_rows import check_known
from features.records.lags import academic_years, credible
from features.records.lookups import COLUMNS
from features.records.read import Rows
from features.records.repeats import check_duplicates
from features.records.spool import REJECTED, Registers
from features.tables import ATTENDANCE


def rows_of_texts(found: Registers, texts: pa.Table, file: np.ndarray, places: np.ndarray) -> Rows:
    """Rows with every column that the registers have, blank where their own file does not have it."""
    names = [name for name in COLUMNS if name != "recorded_on" or found.packing.has_recorded]
    blank = pa.nulls(len(texts), pa.string())
    columns = {name: texts[name] if name in texts.column_names else blank for name in names}
    return Rows(found.files, pa.table(columns), file, places)


def second_look(found: Registers, rows: Rows) -> tuple[np.ndarray, Counter]:
    """Read, repair and check rows that hold a text not right as it stands.

    Returns
    -------
    tuple of array of int64 and Counter
        Packed numbers, `REJECTED` where a rule is broken; and the other rows by academic year.
    """
    packing = found.packing
    columns = credible(ATTENDANCE, read_columns(found, rows), packing.last_day)
    for read in columns.values():
        found.repaired.update(read.repaired)
    verdict = check_cells(ATTENDANCE, columns, packing.last_day)
    days = [name for name in ("date", "recorded_on") if name in columns]
    for name in days:
        is_early = (columns[name].values != BLANK) & (columns[name].values < packing.first_day)
        verdict.mark(is_early, "bad_date", [column.name for column in ATTENDANCE.columns].index(name))
    marks = {name: _in_force(found, columns, name, verdict) for name in ("am", "pm")}
    pupil = check_known(ATTENDANCE, columns, packing.schools, found.pupils, verdict)
    kept = np.flatnonzero(verdict.is_kept)
    packed = np.full(len(rows), REJECTED, "int64")
    digits = {
        "pupil": np.searchsorted(packing.pupils, pupil[kept]),
        "school": np.searchsorted(packing.schools, columns["urn"].values[kept]),
        "day": columns["date"].values[kept] - packing.first_day,
        **{name: packing.code_index(mark[kept].tolist()) for name, mark in marks.items()},
    }
    if "recorded_on" in columns:
        recorded = columns["recorded_on"].values[kept]
        digits["recorded"] = np.where(recorded == BLANK, 0, recorded - packing.first_day + 1)
    packed[kept] = packing.pack(digits)
    if "recorded_on" in columns:
        recorded = columns["recorded_on"].values
        found.recorded.update(recorded[recorded != BLANK].tolist())
    lost = np.flatnonzero(~verdict.is_kept)
    if len(lost):
        found.rejected.append((rows.take(lost), Verdict(verdict.rule[lost], verdict.column[lost])))
    return packed, Counter(academic_years(columns["date"].values[kept]).tolist())


def _in_force(found: Registers, columns: Mapping[str, Read], half: str, verdict: Verdict) -> np.ndarray:
    """The marks of a half-day as the codes in force on its day say them; `unknown_code` where none is certain to."""
    marks = np.array(columns[half].texts(np.arange(len(verdict.rule))), object)
    day = columns["date"].values
    told = np.flatnonzero((marks != "") & (day != BLANK) & (day <= found.packing.last_day))
    read = marks_in_force(marks[told], day[told])
    nothing = np.zeros(len(marks), bool)
    nothing[told[read == ""]] = True
    verdict.mark(nothing, "unknown_code", [column.name for column in ATTENDANCE.columns].index(half))
    if num_other := int(np.sum((read != marks[told]) & (read != ""))):
        found.repaired["code_of_its_day"] += num_other
    marks[told] = read
    return marks


def read_columns(found: Registers, rows: Rows) -> dict[str, Read]:
    """Every column of some register rows, read from text."""
    own_values = found.authority.values.get("attendance", {})
    return {
        name: read_column(
            rows,
            ATTENDANCE.column(name),
            own_values.get(name, {}),
            day_first=found.day_first_files.get(name, frozenset()),
            blank=found.authority.blank_words,
        )
        for name in rows.text.column_names
    }


def rejected_rows(registers: Registers) -> tuple[Rows, Verdict]:
    """Rejected register rows in order of file and line, with exact duplicates among them found."""
    if not registers.rejected:
        names = [name for name in COLUMNS if name != "recorded_on" or registers.packing.has_recorded]
        nothing = pa.table({name: pa.array([], pa.string()) for name in names})
        return Rows(registers.files, nothing, np.empty(0, "int32"), np.empty(0, "int64")), Verdict.clean(0)
    parts = [rows for rows, _ in registers.rejected]
    verdicts = [verdict for _, verdict in registers.rejected]
    rows = Rows(
        registers.files,
        pa.concat_tables([part.text for part in parts]),
        np.concatenate([part.file for part in parts]),
        np.concatenate([part.place for part in parts]),
    )
    rule, column = (np.concatenate([getattr(one, name) for one in verdicts]) for name in ("rule", "column"))
    order = np.lexsort((rows.place, rows.file))
    rows, verdict = rows.take(order), Verdict(rule[order], column[order])
    own = verdict.rule != RULES.index("duplicate_key")
    alone = rows.take(np.flatnonzero(own))
    columns = read_columns(registers, alone)
    repeated = Verdict.clean(len(alone))
    check_duplicates(columns, repeated)
    again = np.zeros(len(rows), bool)
    again[np.flatnonzero(own)[~repeated.is_kept]] = True
    verdict.mark(again, "duplicate", 0)
    return rows, verdict
