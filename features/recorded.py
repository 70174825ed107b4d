"""Since when a school records internal suspensions: before that, and at a school that never did, they are not recorded.

A school has recorded them since the first day of the half-term of its first row known. Whoever was on the roll of a
school in a part of a look-back in which it had not begun has no value: not recorded is not none.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from features.as_of import AsOf, AsOfDates
from features.known import clusters, roll_spells
from features.records.store import Records
from features.tables import SCHOOL_STATUSES

TABLE = "internal_suspensions"


@dataclass(frozen=True)
class Unrecorded:
    """Who was where before records of internal suspensions begin.

    Attributes
    ----------
    spells : pandas.DataFrame
        as_of, pupil, and until (exclusive): the end of the part of a spell in which the school had not begun.
    """

    spells: pd.DataFrame

    @classmethod
    def of(cls, records: Records, dates: AsOfDates) -> "Unrecorded":
        """Parts of spells that are not recorded, as known at some as-of dates."""
        since = recorded_since(records, dates)
        spells = roll_spells(records, dates)
        spells = spells.filter(spells.enrolment_status.isin(SCHOOL_STATUSES))
        rows = spells.select("as_of", "pupil", "cluster", "entry_date", "leaving_date").to_pandas()
        rows = rows.merge(since, on=["as_of", "cluster"], how="left")
        entry, since_day = pd.to_datetime(rows["entry_date"]), pd.to_datetime(rows["since"])
        leaving = pd.to_datetime(rows["leaving_date"]) + pd.Timedelta(days=1)
        never = pd.Timestamp("2200-01-01")
        until = np.minimum(leaving.fillna(never), since_day.fillna(never))
        rows = rows.assign(until=until)[(until > entry).to_numpy()]
        return cls(rows.groupby(["as_of", "pupil"], as_index=False)["until"].max())

    def pupils(self, moment: AsOf, start: date) -> np.ndarray:
        """Pseudonyms of whom a look-back from a day on reaches over a part that is not recorded; int64."""
        rows = self.spells
        is_here = pd.to_datetime(rows["as_of"]) == pd.Timestamp(moment.on)
        first = pd.Timestamp(max(start, date(1900, 1, 1)))
        return np.unique(rows.loc[is_here & (rows["until"] > first), "pupil"].to_numpy("int64"))


def recorded_since(records: Records, dates: AsOfDates) -> pd.DataFrame:
    """as_of, cluster, since: the first day of the half-term of each school's first row known; a school without a row is left out."""
    rows = dates.known(records.tables[TABLE], "start_date").inner_join(clusters(records), "urn")
    found = rows.group_by("as_of", "cluster").agg(first=rows.start_date.min()).to_pandas()
    start = dates.calendar.start_of_half_term
    days = [pd.Timestamp(day).date() for day in found["first"]]
    return found.assign(since=[min(day, start(day)) for day in days]).drop(columns="first")
