"""An authority's school days, half-terms and academic years."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from features.records.authority import HALF_TERMS, Authority


def academic_year_start(day: date) -> int:
    """The calendar year in which the academic year of a day began (1 September)."""
    return day.year if day.month >= 9 else day.year - 1


def academic_year(day: date) -> str:
    """The academic year of a day, as "2024/25"."""
    start = academic_year_start(day)
    return f"{start}/{(start + 1) % 100:02d}"


def end_of_compulsory_schooling(year: int) -> date:
    """The last Friday in June of a calendar year (Education Act 1996 s.8, SI 1997/1970)."""
    last = date(year, 6, 30)
    return last - timedelta(days=(last.weekday() - 4) % 7)


def window_end(on: date, nc_year: int, days: int) -> date:
    """Last day (inclusive) of the outcome window that opens on a day for a pupil in a year group.

    The earlier of `days` from that day and the end of compulsory schooling, which is complete observation.
    """
    leaves = end_of_compulsory_schooling(academic_year_start(on) + 1 + max(11 - nc_year, 0))
    return min(on + timedelta(days=days - 1), leaves)


@dataclass(frozen=True)
class HalfTerm:
    """One half-term: its academic year, name ("autumn_1" ...), and first and last school day."""

    year: str
    name: str
    first: date
    last: date

    @property
    def term(self) -> str:
        """The statutory term: autumn, spring or summer."""
        return self.name.split("_")[0]


@dataclass(frozen=True)
class Calendar:
    """An authority's school days.

    Attributes
    ----------
    half_terms : tuple of HalfTerm, in order
    days : array of datetime64[D], shape (n,), sorted
        The weekdays inside half-terms, less closures.
    """

    half_terms: tuple[HalfTerm, ...]
    days: np.ndarray

    @classmethod
    def of(cls, authority: Authority) -> "Calendar":
        half_terms = tuple(
            HalfTerm(year, name, *authority.terms[year][name])
            for year in sorted(authority.terms)
            for name in HALF_TERMS
        )
        closed = np.array(
            sorted(day for days in authority.closures.values() for day in days), "datetime64[D]"
        )
        spans = [np.arange(np.datetime64(half.first), np.datetime64(half.last) + 1) for half in half_terms]
        days = np.concatenate(spans)
        return cls(half_terms, days[np.is_busday(days, holidays=closed)])

    def index(self, day: date) -> int:
        """How many school days lie strictly before a day."""
        return int(np.searchsorted(self.days, np.datetime64(day)))

    def positions(self, days: Iterable[date]) -> np.ndarray:
        """`index` of many days at once, int32, shape (n,)."""
        return np.searchsorted(self.days, np.array(list(days), "datetime64[D]")).astype("int32")

    def as_of_dates(self) -> tuple[date, ...]:
        """The last school day of each half-term: the dates that training uses."""
        return tuple(
            self.days[self.index(half.last + timedelta(days=1)) - 1].item() for half in self.half_terms
        )

    def half_term(self, day: date) -> HalfTerm:
        """The half-term a day falls in, else the one that ended last before it (the first, if none did)."""
        begun = [half for half in self.half_terms if half.first <= day]
        return begun[-1] if begun else self.half_terms[0]

    def start_of_half_term(self, day: date) -> date:
        return self.half_term(day).first

    def start_of_term(self, day: date) -> date:
        """First school day of the statutory term (autumn, spring, summer) of a day."""
        now = self.half_term(day)
        return min(half.first for half in self.half_terms if (half.year, half.term) == (now.year, now.term))

    def start_of_year(self, day: date) -> date:
        """First school day of the academic year of a day."""
        now = self.half_term(day)
        return min(half.first for half in self.half_terms if half.year == now.year)

    def middle_of_years(self, start: int) -> list[tuple[int, date, date]]:
        """For each academic year: its first calendar year, the last of its first `start` school days, its last day."""
        spans: dict[str, list[HalfTerm]] = {}
        for half in self.half_terms:
            spans.setdefault(half.year, []).append(half)
        return [
            (
                academic_year_start(span[0].first),
                self.days[self.index(span[0].first) + start - 1].item(),
                span[-1].last,
            )
            for span in spans.values()
        ]

    def distance_from_trained(self, day: date) -> int:
        """School days from a day to the nearest end of a half-term of its academic year."""
        here = self.index(day)
        year = self.half_term(day).year
        return min(abs(here - self.index(half.last)) for half in self.half_terms if half.year == year)
