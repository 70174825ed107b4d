"""A made-up authority's school calendar, by rule, for any academic year.

The rules give the half-terms of a typical large city between 2018 and 2030: half-term in the week of the
last Monday of October, Easter in the middle of a fortnight's holiday, the spring bank holiday in the
May week. Only the first Monday of May falls in term, so it is the one closure.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

HALF_TERMS = ("autumn_1", "autumn_2", "spring_1", "spring_2", "summer_1", "summer_2")
MONDAY, FRIDAY = 0, 4


def first_weekday(weekday: int, on_or_after: date) -> date:
    """The first such weekday (Monday is 0) on or after a date."""
    return on_or_after + timedelta((weekday - on_or_after.weekday()) % 7)


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher's rule)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    month, day = divmod(h + k - 7 * m + 114, 31)
    return date(year, month, day + 1)


@dataclass(frozen=True)
class SchoolYear:
    """One academic year.

    Attributes
    ----------
    start : int
        The calendar year of its September.
    half_terms : tuple of (date, date)
        First and last school day of each of the six half-terms.
    closures : tuple of date
    days : (D,) datetime64[D] array
        Every school day in order.
    half : (D,) int array
        The half-term (0 to 5) of each school day.
    """

    start: int
    half_terms: tuple[tuple[date, date], ...]
    closures: tuple[date, ...]
    days: np.ndarray
    half: np.ndarray

    @property
    def label(self) -> str:
        return f"{self.start}/{(self.start + 1) % 100:02d}"

    @property
    def last_day(self) -> date:
        return self.half_terms[-1][1]

    @property
    def end_of_compulsory_schooling(self) -> date:
        """The last Friday in June, on which a pupil of Year 11 ceases to be of compulsory school age
        (Education Act 1996 s8; SI 1997/1970)."""
        return first_weekday(FRIDAY, date(self.start + 1, 6, 24))

    def index(self, dates: np.ndarray) -> np.ndarray:
        """The position of the first school day on or after each date; D where there is none."""
        return np.searchsorted(self.days, dates)


def school_year(start: int) -> SchoolYear:
    """The academic year that begins in September of `start`."""
    spring, week = start + 1, timedelta(7)
    october = first_weekday(MONDAY, date(start, 10, 25))
    february = first_weekday(MONDAY, date(spring, 2, 12))
    holiday = easter(spring)
    may = first_weekday(MONDAY, date(spring, 5, 25))
    halves = (
        (first_weekday(MONDAY, date(start, 9, 1)), october - timedelta(3)),
        (october + week, first_weekday(FRIDAY, date(start, 12, 16))),
        (first_weekday(MONDAY, date(spring, 1, 4)), february - timedelta(3)),
        (february + week, holiday - timedelta(9)),
        (holiday + timedelta(8), may - timedelta(3)),
        (may + week, first_weekday(FRIDAY, date(spring, 7, 17))),
    )
    closures = (first_weekday(MONDAY, date(spring, 5, 1)),)
    days, half = [], []
    for number, (first, last) in enumerate(halves):
        run = np.arange(np.datetime64(first), np.datetime64(last) + 1)
        run = run[np.is_busday(run, holidays=closures)]
        days.append(run)
        half.append(np.full(len(run), number))
    return SchoolYear(start, halves, closures, np.concatenate(days), np.concatenate(half))
