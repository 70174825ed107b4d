"""The only file that compares a date with an as-of date.

An **as-of date** is the day a list is made. A fact may be used at an as-of date only if its own date
and its known-on date are both strictly before it. Look-backs are counted in school days.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from dateutil.easter import easter

from features.records.authority import HALF_TERMS, Authority

UNSETTLED_DAYS = 7  # an N mark is not counted before the school has had a week to settle it
LONGEST_LOOK_BACK = 380  # school days: two years; there is no "ever" without a bound
SHORT_FALL = 15  # school days from a trained position in the year beyond which a list carries a warning


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
    """Last day (inclusive) of the outcome window of a pupil in a year group on a day.

    The earlier of `days` from the as-of date and the end of compulsory schooling, which is
    complete observation.
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

    @cached_property
    def lookup(self) -> ir.Table:
        """Every day the calendar can place: date, and `day`, the school days strictly before it (int32)."""
        span = np.arange(self.days[0], self.days[-1] + 366, dtype="datetime64[D]")
        rows = pd.DataFrame(
            {"date": span.astype(object), "day": np.searchsorted(self.days, span).astype("int32")}
        )
        return ibis.memtable(rows, schema=ibis.schema({"date": "date", "day": "int32"}))

    def distance_from_trained(self, day: date) -> int:
        """School days from a day to the nearest end of a half-term of its academic year."""
        here = self.index(day)
        year = self.half_term(day).year
        return min(abs(here - self.index(half.last)) for half in self.half_terms if half.year == year)


@dataclass(frozen=True)
class AsOf:
    """One as-of date on an authority's calendar, and every comparison with it.

    Parameters
    ----------
    on : date
        The day the list is made.
    calendar : Calendar
    """

    on: date
    calendar: Calendar

    @cached_property
    def index(self) -> int:
        return self.calendar.index(self.on)

    @property
    def academic_year_start(self) -> int:
        return academic_year_start(self.on)

    def first_day(self, length: int, back: int = 0) -> date:
        """First day of a look-back of `length` school days that ends `back` school days before.

        Where the calendar does not reach so far, a day before its first: a window that starts there is
        never covered. After the calendar's last school day, a look-back of no length starts on the as-of date.
        """
        position = self.index - length - back
        if position >= len(self.calendar.days):
            return self.on
        return self.calendar.days[position].item() if position >= 0 else date.min

    def reaches(self, length: int) -> bool:
        """Does the calendar hold so many school days before the as-of date?"""
        return self.index >= length

    def end_day(self, back: int = 0) -> date:
        """The day (exclusive) on which a look-back that ends `back` school days before ends."""
        return self.on if back == 0 else self.first_day(0, back)

    def within(self, day: ir.DateColumn, length: int, back: int = 0) -> ir.BooleanValue:
        """Is a day inside a look-back of `length` school days that ends `back` school days before?"""
        return (day >= self.first_day(length, back)) & (day < self.end_day(back))

    def knows(self, own: ir.DateColumn, known_on: ir.DateColumn) -> ir.BooleanValue:
        """Are both the fact's own date and its known-on date strictly before the as-of date?"""
        return (own < self.on) & (known_on < self.on)

    def is_before(self, day: ir.DateColumn) -> ir.BooleanValue:
        return day < self.on

    def dated(self, rows: ir.Table, column: str) -> ir.Table:
        """Name a date column `date` and add `day`, its position in school days (0 before the calendar)."""
        rows = rows.mutate(date=rows[column])
        rows = rows.left_join(self.calendar.lookup, "date").drop("date_right")
        return rows.mutate(day=rows.day.fill_null(0))

    def days_in_window(self, nc_year: int, days: int = 365) -> int:
        """Calendar days in the outcome window of a year group: `days`, fewer where compulsory schooling ends."""
        return max((self.window_end(nc_year, days) - self.on).days + 1, 0)

    @property
    def settled_before(self) -> date:
        """The first day whose N marks may not be settled yet."""
        return self.on - timedelta(days=UNSETTLED_DAYS)

    def is_settled(self, day: ir.DateColumn) -> ir.BooleanValue:
        """Is a day so long ago that its N marks are settled?"""
        return day < self.settled_before

    def applies(self, start: ir.DateColumn, end: ir.DateColumn) -> ir.BooleanValue:
        """Is a right (an objection, a restriction) in force on the as-of date itself?"""
        return (start <= self.on) & (end.isnull() | (end >= self.on))

    @cached_property
    def is_after_easter(self) -> bool:
        """Is it after Easter Sunday in its academic year?"""
        return self.on > easter(self.academic_year_start + 1)

    def in_window(self, day: ir.DateColumn, end: ir.DateColumn) -> ir.BooleanValue:
        """Is a day on or after the as-of date and not after the end of a row's outcome window?"""
        return (day >= self.on) & (day <= end)

    def window_end(self, nc_year: int, days: int) -> date:
        """`window_end` of a year group on the as-of date."""
        return window_end(self.on, nc_year, days)
