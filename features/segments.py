"""Time cut into segments, once for all as-of dates, and the spans of each date that they add up to.

A look-back's edge never lies inside a segment, so a mark is summed once, however many look-backs it is in.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd

from features.as_of import AsOf, AsOfDates, places

WIDEST = 60  # school days in a span that are told apart, each by a bit of an integer


@dataclass(frozen=True)
class Cut:
    """Segments of time for some as-of dates.

    Attributes
    ----------
    dates : AsOfDates
    offsets : tuple of int
        School days before an as-of date at which its look-backs start or end; no segment crosses one. The
        largest is how far back its spans reach.
    beyond : tuple of int
        Further ones that no segment crosses, which need no span.
    is_dated : bool
        Are the days of every span told apart? Else only those of the last `2 * WIDEST` school days.
    """

    dates: AsOfDates
    offsets: tuple[int, ...]
    beyond: tuple[int, ...] = ()
    is_dated: bool = True

    @cached_property
    def first(self) -> np.datetime64:
        """A day before any mark that a look-back can reach."""
        return self.dates.calendar.days[0] - 366

    @cached_property
    def days(self) -> np.ndarray:
        """Every day from the first to the last before the last as-of date (datetime64[D], shape (n,))."""
        return np.arange(self.first, np.datetime64(self.dates.days[-1]))

    @cached_property
    def position(self) -> np.ndarray:
        """How many school days lie before each of `days` (int16, shape (n,))."""
        return self.dates.calendar.positions(self.days).astype("int16")

    @cached_property
    def known_from(self) -> np.ndarray:
        """The first as-of date, by index, that lies after each of `days` (int32, shape (n,))."""
        return np.searchsorted(np.array(self.dates.days, "datetime64[D]"), self.days, side="right").astype(
            "int32"
        )

    @cached_property
    def segment(self) -> np.ndarray:
        """The segment of each of `days`, by index (int32, shape (n,))."""
        return (np.searchsorted(self.starts, self.days, side="right") - 1).astype("int32")

    @cached_property
    def bit(self) -> np.ndarray:
        """A bit for each of `days`: its place among the school days of its segment; 0 for others (int64, shape (n,))."""
        place = (self.position - self.position_of_starts[self.segment]).astype("int64")
        is_told = np.isin(self.days, self.dates.calendar.days) & (place < WIDEST)
        return np.where(is_told, np.left_shift(1, np.where(is_told, place, 0)), 0)

    @cached_property
    def starts(self) -> np.ndarray:
        """First days of the segments (datetime64[D])."""
        edges = [self._edges(moment) for moment in self.dates.moments]
        beyond = [self._day(moment, offset) for moment in self.dates.moments for offset in self.beyond]
        return np.unique(np.concatenate([np.array([self.first, *beyond], "datetime64[D]"), *edges]))

    @cached_property
    def position_of_starts(self) -> np.ndarray:
        """How many school days lie before each segment (int32)."""
        return self.dates.calendar.positions(self.starts)

    @cached_property
    def begins(self) -> np.datetime64:
        """The first day that a look-back reaches."""
        reach = max(*self.offsets, *self.beyond)
        return min(self._day(moment, reach) for moment in self.dates.moments)

    @cached_property
    def spans(self) -> pd.DataFrame:
        """A row a span of an as-of date.

        Returns
        -------
        pandas.DataFrame
            span (number), as_of, at (the date's index), index (its school-day position), date (first day),
            ago (of that day, as `AsOfDates.dated` has it), day_of_bit (school-day position of the lowest bit),
            is_settled, and segments (array of their indices).
        """
        tables = []
        for at, moment in enumerate(self.dates.moments):
            starts = self._edges(moment)
            of = np.searchsorted(starts, self.starts, side="right") - 1
            of[self.starts >= np.datetime64(moment.on)] = -1
            tables.append(pd.DataFrame({
                "as_of": moment.on, "at": at, "index": moment.index, "date": starts.astype(object),
                "ago": 2 * moment.index - places(moment.calendar, starts), "day_of_bit": moment.calendar.positions(starts),
                "is_settled": starts < np.datetime64(moment.settled_before),
                "segments": [np.flatnonzero(of == number) for number in range(len(starts))],
            }))  # fmt: skip
        return pd.concat(tables, ignore_index=True).rename_axis("span").reset_index()

    def _day(self, moment: AsOf, offset: int) -> np.datetime64:
        return max(np.datetime64(moment.first_day(0, offset)), self.first)

    def _edges(self, moment: AsOf) -> np.ndarray:
        """First days of the spans of one as-of date, none whose days are told apart of more than `WIDEST`."""
        days = moment.calendar.days
        edges = np.unique([self._day(moment, offset) for offset in self.offsets])
        edges = np.union1d(edges, [max(np.datetime64(moment.settled_before), edges[0])])
        positions = np.unique(moment.calendar.positions(edges))
        if not self.is_dated:
            positions = positions[positions >= moment.index - 2 * WIDEST]
        wide = [days[low + WIDEST : high : WIDEST] for low, high in pairwise(positions)]
        edges = np.unique(np.concatenate([edges, *wide]))
        return edges[edges < np.datetime64(moment.on)]
