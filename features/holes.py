"""Pupils whose features reach over a hole in their school's registers: what is missing is not nothing.

A hole is a stretch of more than ten school days inside a school's registers on which it kept none
(`records/holes`). An absence that nobody wrote down counts as none, so whoever was on that school's roll has no
value of any feature of marks whose look-back touches it. It is known once the first mark after it is; before
that the registers read as stopped.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from features.as_of import AsOf, AsOfDates
from features.known import roll_spells
from features.records.store import Records


@dataclass(frozen=True)
class Holes:
    """The holes of some schools, and who was there.

    Attributes
    ----------
    spells : pandas.DataFrame
        as_of, pupil; first_day, last_day and known_on of a hole in the registers of a school whose roll the
        pupil was on meanwhile, as known at the date.
    """

    spells: pd.DataFrame

    @classmethod
    def of(cls, records: Records, dates: AsOfDates) -> "Holes":
        """The holes of a store's registers at some as-of dates."""
        holes = records.holes
        if holes.empty:
            return cls(pd.DataFrame())
        spells = roll_spells(records, dates)
        spells = spells.filter(spells.urn.isin(sorted(set(holes["urn"].tolist()))))
        rows = spells.select("as_of", "pupil", "urn", "entry_date", "leaving_date").to_pandas()
        rows = rows.merge(holes, on="urn")
        entry, leaving = (pd.to_datetime(rows[name]) for name in ("entry_date", "leaving_date"))
        first, last = (pd.to_datetime(rows[name]) for name in ("first_day", "last_day"))
        return cls(rows[(entry <= last) & (leaving.isna() | (leaving >= first))])

    def pupils(self, moment: AsOf, start: date) -> np.ndarray:
        """Pseudonyms of whom a look-back from a day on reaches over a hole that is known; int64."""
        if self.spells.empty:
            return np.empty(0, "int64")
        rows = self.spells
        on = pd.Timestamp(moment.on)
        first = pd.Timestamp(max(start, date(1900, 1, 1)))
        is_here = (pd.to_datetime(rows["as_of"]) == on) & (pd.to_datetime(rows["known_on"]) < on)
        return np.unique(
            rows.loc[is_here & (pd.to_datetime(rows["last_day"]) >= first), "pupil"].to_numpy("int64")
        )
