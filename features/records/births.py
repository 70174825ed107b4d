"""Rules about birth dates: which cannot be, and which are not to be believed."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from features.records.check import BLANK, Read, Verdict
from features.table import Table

YOUNGEST, OLDEST = 2, 20  # whole years at entry, both believed


def ages(birth: np.ndarray, on: np.ndarray) -> np.ndarray:
    """Whole years from births to days (int64, shape (n,)), all as days since 1970-01-01.

    Somebody born on 29 February turns a year older on 1 March of a common year.
    """
    born, then = _year_and_day(birth), _year_and_day(on)
    return (then - born) // 10_000


def is_implausible(birth: np.ndarray, on: np.ndarray) -> np.ndarray:
    """Does a birth date put a child outside `YOUNGEST` to `OLDEST` on a day? Never where either is `BLANK`."""
    both = (birth != BLANK) & (on != BLANK)
    age = ages(np.where(both, birth, 0), np.where(both, on, 0))
    return both & ((age < YOUNGEST) | (age > OLDEST))


def check_births(
    table: Table,
    columns: Mapping[str, Read],
    pupil: np.ndarray,
    known_on: np.ndarray,
    entries: pd.DataFrame,
    verdict: Verdict,
) -> np.ndarray:
    """Reject a birth after the pupil's first entry on any roll known by the day the row was known.

    Parameters
    ----------
    known_on : array of int64, shape (rows,)
    entries : pandas.DataFrame
        pupil, known_on, entry, in order of `known_on`.

    Returns
    -------
    array of int64, shape (rows,)
        That first entry; `BLANK` where there is none.
    """
    birth = columns["birth_date"].values
    of_pupil = entries.groupby("pupil")["entry"]
    first, last = (
        pd.Series(pupil).map(days).to_numpy("float64") for days in (of_pupil.min(), of_pupil.max())
    )
    entry = np.where(np.isnan(first), BLANK, np.nan_to_num(first)).astype("int64")
    newest = np.where(np.isnan(last), BLANK, np.nan_to_num(last)).astype("int64")
    # Whichever entries were known, most births are believed; of the others it matters which.
    odd = np.flatnonzero(is_implausible(birth, entry) | is_implausible(birth, newest))
    if len(odd):
        entry[odd] = _first_known(pupil[odd], known_on[odd], entries)
    place = [column.name for column in table.columns].index("birth_date")
    verdict.mark((birth != BLANK) & (entry != BLANK) & (birth > entry), "date_order", place)
    return entry


def _first_known(pupil: np.ndarray, known_on: np.ndarray, entries: pd.DataFrame) -> np.ndarray:
    """The first entry of each row's pupil among those known by a day; `BLANK` where none was."""
    told = entries.assign(first=entries.groupby("pupil")["entry"].cummin())[["pupil", "known_on", "first"]]
    rows = pd.DataFrame({"pupil": pupil, "known_on": known_on}).rename_axis("place").reset_index()
    rows = pd.merge_asof(rows.sort_values("known_on", kind="stable"), told, on="known_on", by="pupil")
    first = rows.sort_values("place")["first"].to_numpy("float64")
    return np.where(np.isnan(first), BLANK, np.nan_to_num(first)).astype("int64")


def _year_and_day(days: np.ndarray) -> np.ndarray:
    """Days as whole numbers YYYYMMDD."""
    dates = days.astype("datetime64[D]")
    years, months = dates.astype("datetime64[Y]"), dates.astype("datetime64[M]")
    day = (dates - months).astype("int64") + 1
    month = (months - years).astype("int64") + 1
    return (years.astype("int64") + 1970) * 10_000 + month * 100 + day
