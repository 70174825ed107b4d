"""Which marks count: those of a day on which the pupil was on a roll of that school, as was known.

A school goes on marking a child who has left until somebody tells it. Such a mark is of nobody's spell, and
counts for nobody from the first as-of date at which the spell's end is known. Before that the spell reads as
open, and the mark counts. A school that turned into another is the same school (`known.clusters`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

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
    def of(cls, num_dates: int, urns: np.ndarray, school: np.ndarray, spells: pd.DataFrame) -> "Covering":
        """From spells in any order: pupil, urn, and `first` to `over`."""
        pupils = np.unique(spells["pupil"].to_numpy("int64"))
        key = np.searchsorted(pupils, spells["pupil"].to_numpy("int64")) * len(urns)
        key += school[np.searchsorted(urns, spells["urn"].to_numpy("int64"))]
        names = ["key", "first", "last", "since", "until", "over"]
        rows = spells.assign(key=key)[names].sort_values(names, kind="stable")
        return cls(num_dates, pupils, urns, school, **{name: rows[name].to_numpy("int64") for name in names})

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


def schools_today(urns: Sequence[int], successor: Mapping[int, int]) -> list[int]:
    """The URN of the school that each is today, along the links from a school to the one that it turned into."""
    found = []
    for urn in urns:
        now, seen = urn, {urn}
        while now in successor and successor[now] not in seen:
            now = successor[now]
            seen.add(now)
        found.append(now)
    return found
