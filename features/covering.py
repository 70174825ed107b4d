"""Which marks count: those of a day on which the pupil was on a roll of that school, as was known.

A school goes on marking a child who has left until somebody tells it. Such a mark is of nobody's spell, and
counts for nobody from the first as-of date at which the spell's end is known. Before that the spell reads as
open, and the mark counts. A school that turned into another is the same school (`known.clusters`).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.as_of import AsOfDates
from features.known import clusters
from features.records.store import Records

EVER = np.iinfo("int64").max


@dataclass(frozen=True)
class Covering:
    """The spells of every pupil at every school, in order of pupil and school; days as whole numbers from `begins`.

    Attributes
    ----------
    num_dates : int
    pupils, urns : array of int64, sorted
    school : array of int64, shape (urns,)
        The school that each URN is today, by index.
    key : array of int64, shape (spells,), sorted
        The pupil's index times the number of URNs, and the school's.
    first, last : array of int64, shape (spells,)
        Days; `last` is `EVER` for a spell that is open.
    since, until, over : array of int64, shape (spells,)
        Indices of as-of dates: the first at which the spell is known, the first at which that was superseded,
        and the first at which its end is known; before that it reads as open.
    """

    num_dates: int
    pupils: np.ndarray
    urns: np.ndarray
    school: np.ndarray
    key: np.ndarray
    first: np.ndarray
    last: np.ndarray
    since: np.ndarray
    until: np.ndarray
    over: np.ndarray

    @classmethod
    def of(cls, records: Records, dates: AsOfDates, begins: np.datetime64) -> "Covering":
        """The spells of a roll, of any enrolment status, those that were superseded too."""
        roll = records.tables["roll"]
        names = ["pupil", "urn", "entry_date", "leaving_date", "known_on", "end_known_on"]
        names += ["known_until"] if "known_until" in roll.columns else []
        rows = roll.select(*names).to_pyarrow().to_pandas(date_as_object=False)
        if "known_until" not in rows:
            rows["known_until"] = np.datetime64("NaT", "D")
        days = {name: rows[name].to_numpy("datetime64[D]") for name in names[2:6] + ["known_until"]}
        moments = np.array(dates.days, "datetime64[D]")

        def after(day: np.ndarray) -> np.ndarray:
            return np.where(np.isnat(day), len(moments), np.searchsorted(moments, day, side="right"))

        now = clusters(records).to_pyarrow().to_pandas().sort_values("urn")
        urns = now["urn"].to_numpy("int64")
        school = np.searchsorted(urns, now["cluster"].to_numpy("int64"))
        pupils = np.unique(rows["pupil"].to_numpy("int64"))
        key = np.searchsorted(pupils, rows["pupil"].to_numpy("int64")) * len(urns)
        key += school[np.searchsorted(urns, rows["urn"].to_numpy("int64"))]
        leaving = days["leaving_date"]
        is_open = np.isnat(leaving)
        columns = {
            "key": key,
            "first": (days["entry_date"] - begins).astype("int64"),
            "last": np.where(is_open, EVER, (np.where(is_open, begins, leaving) - begins).astype("int64")),
            "since": after(np.maximum(days["entry_date"], days["known_on"])),
            "until": after(days["known_until"]),
            "over": after(np.where(is_open, np.datetime64("NaT"), np.maximum(leaving, days["end_known_on"]))),
        }
        spells = pd.DataFrame(columns).sort_values(list(columns), kind="stable")
        return cls(len(moments), pupils, urns, school, **{name: spells[name].to_numpy() for name in columns})

    def is_sure(
        self, pupil: np.ndarray, urn: np.ndarray, first: np.ndarray, last: np.ndarray, known_from: np.ndarray
    ) -> np.ndarray:
        """Do all marks of some runs of days count wherever they are known?

        Parameters
        ----------
        pupil, urn, first, last, known_from : array, shape (runs,)
            Whose days at which school, the first and last of them, and the index of the first as-of date at
            which they are known.
        """
        start, number = self._spells(pupil, urn)
        found = np.zeros(len(pupil), bool)
        for place in range(number.max(initial=0)):
            spell = np.where(place < number, start + place, 0)
            found |= (
                (place < number)
                & (self.first[spell] <= first)
                & (last <= self.last[spell])
                & (self.since[spell] <= known_from)
                & (self.until[spell] == self.num_dates)
            )
        return found

    def counted(
        self, pupil: np.ndarray, urn: np.ndarray, day: np.ndarray, known_from: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The as-of dates at which some marks count.

        Returns
        -------
        tuple of array of int64
            The mark, by index, and the indices of the first as-of date at which it counts and the first
            after that at which it does not: a mark may have several rows, or none.
        """
        start, number = self._spells(pupil, urn)
        at = np.arange(self.num_dates)
        counts = np.zeros((len(pupil), self.num_dates), bool)
        for place in range(number.max(initial=0)):
            spell = np.where(place < number, start + place, 0)
            is_inside = (place < number) & (self.first[spell] <= day)
            ends = np.where(day <= self.last[spell], self.num_dates, self.over[spell])
            ends = np.minimum(ends, self.until[spell])
            counts |= is_inside[:, None] & (at >= self.since[spell][:, None]) & (at < ends[:, None])
        counts &= at >= known_from[:, None]
        edges = np.diff(counts.astype("int8"), axis=1, prepend=0, append=0)
        mark, begins = np.nonzero(edges == 1)
        return mark, begins, np.nonzero(edges == -1)[1]

    def _spells(self, pupil: np.ndarray, urn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where the spells of each row's pupil at its school begin, and how many there are."""
        heads = np.ones(len(pupil), bool)
        heads[1:] = (pupil[1:] != pupil[:-1]) | (urn[1:] != urn[:-1])
        someone, somewhere = pupil[heads], urn[heads]
        at = np.minimum(np.searchsorted(self.pupils, someone), max(len(self.pupils) - 1, 0))
        where = np.minimum(np.searchsorted(self.urns, somewhere), max(len(self.urns) - 1, 0))
        if not len(self.pupils) or not len(self.urns):
            nothing = np.zeros(len(pupil), "int64")
            return nothing, nothing
        key = at * len(self.urns) + self.school[where]
        start = np.searchsorted(self.key, key)
        number = np.searchsorted(self.key, key, side="right") - start
        number[(self.pupils[at] != someone) | (self.urns[where] != somewhere)] = 0
        group = np.cumsum(heads) - 1
        return start[group], number[group]
