"""Statutory assessments: when a result was there at the latest, and results that its stage cannot have."""

from collections import Counter
from collections.abc import Mapping

import numpy as np

from features.records.cells import PHONICS_MARKS
from features.records.check import BLANK, KEPT, Read, Verdict
from features.table import Column, Table

LAST_MONTH, LAST_DAY = 7, 31  # every statutory assessment of a school year is over by the end of July


def check_results(table: Table, columns: Mapping[str, Read], extracted_on: int, verdict: Verdict) -> Read:
    """Reject results of years to come and marks that only phonics has; the day by which each was taken.

    Parameters
    ----------
    extracted_on : int
        Days since 1970-01-01.

    Returns
    -------
    Read
        31 July of the year, in days since 1970-01-01, as a column `taken_by`; `BLANK` where the year is.
    """
    places = [column.name for column in table.columns]
    year, stage, result = columns["year"], columns["stage"], columns["result"]
    this_year = int(np.datetime64(extracted_on, "D").astype("datetime64[Y]").astype("int64")) + 1970
    verdict.mark((year.values != BLANK) & (year.values > this_year), "future_date", places.index("year"))
    marks = [
        place for place, word in enumerate(result.words) if word.isdigit() and int(word) <= PHONICS_MARKS
    ]
    others = np.flatnonzero(stage.words != "phonics")
    verdict.mark(
        np.isin(result.values, marks) & np.isin(stage.values, others), "out_of_range", places.index("result")
    )
    days = np.full(len(year.values), BLANK, "int64")
    for each in np.unique(year.values[year.values != BLANK]).tolist():
        last = np.datetime64(f"{each}-{LAST_MONTH:02d}-{LAST_DAY:02d}", "D").astype("int64")
        days[year.values == each] = int(last)
    spelling = np.where(days == BLANK, 0, np.unique(days, return_inverse=True)[1] + 1)
    kept = np.full(len(days), KEPT, "int8")
    return Read(Column("taken_by", "date"), days, spelling, kept, Counter(), np.array([], object))
