"""When the authority came to know a row: what was recorded, or the row's own date and a lag."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from features.records.authority import Authority
from features.records.check import BLANK, Read
from features.table import Table

LONGEST_AHEAD = 366  # days: nobody's admission is planned a year ahead


def credible(table: Table, columns: Mapping[str, Read], extracted_on: int) -> dict[str, Read]:
    """The columns with what a system puts where it knows no day (1 January 1900) not believed of the past.

    A row, or an end, that says it was recorded more than `LONGEST_AHEAD` days before its own day does not say when
    it was (`recorded_before`). An outcome from before its event is known by the day of the extract (`outcome_before`).
    """
    found = dict(columns)
    for own, recorded in ((table.date, "recorded_on"), (table.end, "end_recorded_on")):
        if own in columns and recorded in columns:
            ahead = columns[own].values > _plus(columns[recorded].values, LONGEST_AHEAD)
            found[recorded] = _instead(columns[recorded], ahead, BLANK, "recorded_before")
    if "outcome_on" in columns:
        before = columns["start_date"].values > _plus(columns["outcome_on"].values, 0)
        found["outcome_on"] = _instead(columns["outcome_on"], before, extracted_on, "outcome_before")
    return found


def _plus(days: np.ndarray, number: int) -> np.ndarray:
    """Some days later; after any day where blank."""
    return np.where(days == BLANK, np.iinfo("int64").max, days + number)


def _instead(read: Read, rows: np.ndarray, value: int, rule: str) -> Read:
    if not rows.any():
        return read
    repaired = read.repaired + Counter({rule: int(rows.sum())})
    return replace(read, values=np.where(rows, value, read.values), repaired=repaired)


@dataclass(frozen=True)
class Bulk:
    """One `recorded_on` that covers more than half of a table's rows: a load, not a day of knowing."""

    day: int
    rows: int


def find_bulk(recorded: np.ndarray) -> Bulk | None:
    """The bulk load of a table, if there was one.

    Parameters
    ----------
    recorded : array of int64, shape (rows read,)
        `recorded_on` of every row in days since 1970-01-01, `BLANK` where blank.
    """
    days, counts = np.unique(recorded[recorded != BLANK], return_counts=True)
    if not len(days) or 2 * counts.max() <= len(recorded):
        return None
    return Bulk(int(days[counts.argmax()]), int(counts.max()))


def academic_years(days: np.ndarray) -> np.ndarray:
    """The calendar year in which the academic year (1 September to 31 August) of each day began."""
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype("int64")
    return (months - 8) // 12 + 1970


def year_text(year: int) -> str:
    """ "2024/25" for the academic year that began in 2024."""
    return f"{year}/{(year + 1) % 100:02d}"


def known_on(
    authority: Authority, table: str, own: np.ndarray, recorded: np.ndarray | None, bulk: Bulk | None
) -> np.ndarray:
    """The day on which each row, or each spell's end, became known.

    A row of a bulk load was known by the day of the load at the latest, however long the lag.

    Parameters
    ----------
    own : array of int64
        The date itself; where it is `BLANK` so is the answer.
    recorded : array of int64 or None
        The day recorded; `BLANK` where blank, None where the extract has no such column.
    """
    known = np.full(len(own), BLANK, "int64")
    is_dated = own != BLANK
    years = academic_years(own[is_dated])
    lags = np.zeros(len(years), "int64")
    for year in np.unique(years):
        lags[years == year] = authority.lag(table, year_text(int(year)))
    known[is_dated] = own[is_dated] + lags
    if recorded is not None:
        is_told = is_dated & (recorded != BLANK)
        is_load = is_told & (recorded == bulk.day) if bulk else np.zeros(len(own), bool)
        known[is_load] = np.minimum(known[is_load], recorded[is_load])
        known[is_told & ~is_load] = recorded[is_told & ~is_load]
    return known
