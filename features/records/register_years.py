"""Registers by academic year: sorted, rid of duplicates, counted, and ready to be written."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from features.records.check import RULES, Verdict
from features.records.lags import academic_years
from features.records.packing import Packing
from features.records.read import Rows
from features.records.registers import Registers
from features.tables import ATTENDANCE

BLOCK = 1 << 22


def years_of(registers: Registers) -> list[int]:
    """The academic years in which the registers have rows, by the calendar year they began in."""
    days = registers.packing.days(np.flatnonzero(registers.has_day))
    return sorted({int(year) for year in academic_years(days)})


def blocks(registers: Registers) -> Iterator[np.ndarray]:
    rows = registers.rows()
    for start in range(0, len(rows), BLOCK):
        yield np.asarray(rows[start : start + BLOCK])


def _as_text(registers: Registers, packed: np.ndarray, spooled: np.ndarray) -> Rows:
    """Rows as the text they were read as, in its one spelling, with their files and places."""
    packing = registers.packing
    upns = {int(pupil): upn for upn, pupil in registers.upns.items()}
    days = packing.days(packing.digit(packed, "day")).astype("datetime64[D]")
    columns = {
        "upn": [upns[pupil] for pupil in packing.pupils[packing.digit(packed, "pupil")].tolist()],
        "urn": packing.schools[packing.digit(packed, "school")].astype(str).tolist(),
        "date": np.datetime_as_string(days).tolist(),
        **{
            name: [packing.codes[mark] for mark in packing.digit(packed, name).tolist()]
            for name in ("am", "pm")
        },
    }
    if packing.has_recorded:
        columns["recorded_on"] = [
            str(np.datetime64(int(day) - 1 + packing.first_day, "D")) if day else None
            for day in packing.digit(packed, "recorded")
        ]
    starts = np.array(registers.starts)
    file = np.searchsorted(starts, spooled, side="right") - 1
    table = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    return Rows(registers.files, table, file.astype("int32"), spooled - starts[file])


def year_rows(registers: Registers, year: int) -> np.ndarray:
    """Every kept row of an academic year, sorted."""
    packing = registers.packing
    is_year = academic_years(packing.days(np.arange(packing.num_days))) == year
    parts = []
    for block in blocks(registers):
        kept = block[block >= 0]
        parts.append(kept[is_year[packing.digit(kept, "day")]])
    rows = np.concatenate(parts) if parts else np.empty(0, "int64")
    rows.sort()
    return rows


def first_of_key(rows: np.ndarray, packing: Packing) -> tuple[np.ndarray, np.ndarray]:
    """The rows that stay, and the keys that had more than one row.

    Parameters
    ----------
    rows : array of int64, sorted
    """
    keys = rows // packing.key
    is_repeat = np.zeros(len(rows), bool)
    np.equal(keys[1:], keys[:-1], out=is_repeat[1:])
    if not is_repeat.any():
        return rows, keys[:0]
    return rows[~is_repeat], np.unique(keys[is_repeat])


def reject_repeats(registers: Registers, keys: np.ndarray) -> None:
    """Put every row of some keys but the one that stays under `duplicate` or `duplicate_key`.

    The lowest packed number of a key stays, in the place where it stands first; so which row stays
    does not depend on the order of rows, and which line is named does.
    """
    if not len(keys):
        return
    packing = registers.packing
    found, values = [], []
    sieve = np.zeros(1 << 16, bool)
    sieve[keys & 0xFFFF] = True
    for number, block in enumerate(blocks(registers)):
        block_keys = block // packing.key
        likely = np.flatnonzero(sieve[block_keys & 0xFFFF] & (block >= 0))
        likely = likely[np.isin(block_keys[likely], keys)]
        found.append(likely + number * BLOCK)
        values.append(block[likely])
    place, value = np.concatenate(found), np.concatenate(values)
    order = np.lexsort((place, value))
    place, value = place[order], value[order]
    key = value // packing.key
    is_same_key = np.append(False, key[1:] == key[:-1])
    is_same_row = np.append(False, value[1:] == value[:-1])
    lost = np.flatnonzero(is_same_key)
    rule = np.where(is_same_row[lost], RULES.index("duplicate"), RULES.index("duplicate_key")).astype("int8")
    column = np.full(len(lost), [column.name for column in ATTENDANCE.columns].index("date"), "int8")
    rows = _as_text(registers, value[lost], place[lost])
    registers.rejected.append((rows, Verdict(rule, np.where(is_same_row[lost], 0, column).astype("int8"))))


@dataclass
class Settled:
    """The registers without their repeats, counted.

    Attributes
    ----------
    school_days : pandas.DataFrame
        urn, day (days since 1970-01-01), rows.
    suspended : pandas.DataFrame
        pupil, urn, day, am, pm: rows in which a mark is E, and which.
    """

    school_days: pd.DataFrame
    suspended: pd.DataFrame

    @property
    def coverage(self) -> pd.DataFrame:
        """table, urn, first_day, last_day, rows."""
        spans = self.school_days.groupby("urn", as_index=False).agg(
            first_day=("day", "min"), last_day=("day", "max"), rows=("rows", "sum")
        )
        return spans.assign(table="attendance")[["table", "urn", "first_day", "last_day", "rows"]]


def settle(registers: Registers, keep: Callable[[int, np.ndarray], None]) -> Settled:
    """Sort each academic year, drop repeats, count, and hand the rows on.

    Parameters
    ----------
    keep : callable
        Given a year and its rows, packed and sorted.
    """
    repeated, counted, suspended = [], [], []
    for year in years_of(registers):
        rows, keys = first_of_key(year_rows(registers, year), registers.packing)
        repeated.append(keys)
        for start in range(0, len(rows), BLOCK):
            counted.append(_count_days(rows[start : start + BLOCK], registers.packing))
            suspended.append(_find_suspended(rows[start : start + BLOCK], registers.packing))
        keep(year, rows)
    reject_repeats(registers, np.concatenate(repeated) if repeated else np.empty(0, "int64"))
    days = pd.concat(counted) if counted else _count_days(np.empty(0, "int64"), registers.packing)
    days = days.groupby(["urn", "day"], as_index=False)["rows"].sum()
    marks = pd.concat(suspended) if suspended else _find_suspended(np.empty(0, "int64"), registers.packing)
    return Settled(days, marks)


def _count_days(rows: np.ndarray, packing: Packing) -> pd.DataFrame:
    pairs = rows // packing.weights["school"] % (packing.bases["day"] * packing.bases["school"])
    counts = np.bincount(pairs) if len(pairs) else np.zeros(0, "int64")
    found = np.flatnonzero(counts)
    day, school = np.divmod(found, packing.bases["school"])
    return pd.DataFrame({"urn": packing.schools[school], "day": packing.days(day), "rows": counts[found]})


def _find_suspended(rows: np.ndarray, packing: Packing) -> pd.DataFrame:
    code = packing.codes.index("E")
    is_am, is_pm = packing.digit(rows, "am") == code, packing.digit(rows, "pm") == code
    found = np.flatnonzero(is_am | is_pm)
    marked = rows[found]
    return pd.DataFrame(
        {
            "pupil": packing.pupils[packing.digit(marked, "pupil")],
            "urn": packing.schools[packing.digit(marked, "school")],
            "day": packing.days(packing.digit(marked, "day")),
            "am": is_am[found],
            "pm": is_pm[found],
        }
    )
