"""The only file that compares a date with an as-of date.

An **as-of date** is the day a list is made. A fact may be used at an as-of date only if its own date
and its known-on date are both strictly before it. Look-backs are counted in school days.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from dateutil.easter import easter

from features.calendar import Calendar, academic_year_start, window_end

UNSETTLED_DAYS = 7  # an N mark is not counted before the school has had a week to settle it
SCHOOL_YEAR = 190
LONGEST_LOOK_BACK = 380  # school days: two years; there is no "ever" without a bound
ROWS_TOGETHER = 1_300_000  # pupils times as-of dates in one query, within 4 GB
SHORT_FALL = 15  # school days from a trained position in the year beyond which a list carries a warning


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

    @property
    def day_before(self) -> date:
        """The last day whose facts may be used."""
        return self.on - timedelta(days=1)

    def within(self, day: ir.DateColumn, length: int, back: int = 0) -> ir.BooleanValue:
        """Is a day inside a look-back of `length` school days that ends `back` school days before?"""
        return (day >= self.first_day(length, back)) & (day < self.end_day(back))

    def knows(self, own: ir.DateColumn, known_on: ir.DateColumn) -> ir.BooleanValue:
        """Are both the fact's own date and its known-on date strictly before the as-of date?"""
        return _knows(own, known_on, self.on)

    def is_before(self, day: ir.DateColumn) -> ir.BooleanValue:
        return day < self.on

    @cached_property
    def alone(self) -> "AsOfDates":
        """This date as the only one of its views."""
        return AsOfDates((self,))

    def days_in_window(self, nc_year: int, days: int = 365) -> int:
        """Calendar days in the outcome window of a year group: `days`, fewer where compulsory schooling ends."""
        return max((self.window_end(nc_year, days) - self.on).days + 1, 0)

    @property
    def settled_before(self) -> date:
        """The first day whose N marks may not be settled yet."""
        return self.on - timedelta(days=UNSETTLED_DAYS)

    @cached_property
    def is_after_easter(self) -> bool:
        """Is it after Easter Sunday in its academic year?"""
        return self.on > easter(self.academic_year_start + 1)

    def window_end(self, nc_year: int, days: int) -> date:
        """`window_end` of a year group on the as-of date."""
        return window_end(self.on, nc_year, days)


@dataclass(frozen=True)
class AsOfDates:
    """As-of dates whose views are made together: one query holds the rows of all, told apart by `as_of`.

    Writing a query takes Ibis longer than answering it takes DuckDB, so one that answers for every date
    costs what one for a single date does.

    Parameters
    ----------
    moments : tuple of AsOf
        In order of date, on one calendar.
    """

    moments: tuple[AsOf, ...]

    @classmethod
    def of(cls, days: Iterable[date], calendar: Calendar) -> "AsOfDates":
        """The dates in order, each once."""
        return cls(tuple(AsOf(day, calendar) for day in sorted(set(days))))

    def batches(self, num_pupils: int) -> Iterator["AsOfDates"]:
        """The dates, so many together as fit in memory with a row a pupil for each."""
        together = max(ROWS_TOGETHER // max(num_pupils, 1), 1)
        for start in range(0, len(self.moments), together):
            yield AsOfDates(self.moments[start : start + together])

    @property
    def days(self) -> tuple[date, ...]:
        return tuple(moment.on for moment in self.moments)

    @property
    def calendar(self) -> Calendar:
        return self.moments[0].calendar

    @cached_property
    def table(self) -> ir.Table:
        """One row a date: what a view may ask of it."""
        calendar = self.calendar
        rows = [
            {
                "as_of": moment.on,
                "index": moment.index,
                "academic_year_start": moment.academic_year_start,
                "half_term": calendar.half_term(moment.on).name,
                "is_after_easter": moment.is_after_easter,
                "start_of_term": calendar.start_of_term(moment.on),
                "start_of_year": calendar.start_of_year(moment.on),
                "earliest": moment.first_day(LONGEST_LOOK_BACK),
                "year_ago": moment.first_day(0, back=SCHOOL_YEAR),
            }
            for moment in self.moments
        ]
        types = dict.fromkeys(rows[0], "date") | {"index": "int32", "academic_year_start": "int32"}
        types |= {"half_term": "string", "is_after_easter": "boolean"}
        return ibis.memtable(rows, schema=ibis.schema(types))

    def each(self, rows: ir.Table) -> ir.Table:
        """Every row once for each date, with `as_of`."""
        return rows.cross_join(self.table.select("as_of"))

    def told(self, rows: ir.Table, *columns: str) -> ir.Table:
        """Rows with `as_of`, and columns of `table` beside them."""
        return rows.inner_join(self.table.select("as_of", *columns), "as_of")

    def known(self, rows: ir.Table, own: str) -> ir.Table:
        """Rows at each date at which they were known (`own` and `known_on` strictly before it), with `as_of`.

        A row with `known_until` was superseded by what became known then: it counts up to that day and with it.
        """
        rows = self.each(rows)
        rows = rows.filter(_knows(rows[own], rows.known_on, rows.as_of))
        if "known_until" not in rows.columns:
            return rows
        return rows.filter(rows.known_until.isnull() | (rows.as_of <= rows.known_until)).drop("known_until")

    def is_over(self, rows: ir.Table, end: str) -> ir.BooleanValue:
        """Was a spell's end known at its row's date?"""
        return _knows(rows[end], rows.end_known_on, rows.as_of).fill_null(False)

    def is_before(self, rows: ir.Table, day: str) -> ir.BooleanValue:
        return rows[day] < rows.as_of

    def recent(self, rows: ir.Table, day: str) -> ir.Table:
        """Rows of the longest look-back."""
        rows = self.told(rows, "earliest")
        return rows.filter(rows[day] >= rows.earliest).drop("earliest")

    def applying(self, rows: ir.Table, start: str, end: str) -> ir.Table:
        """Rights in force on each date itself, with `as_of`."""
        rows = self.each(rows)
        return rows.filter(rows[start] <= rows.as_of, rows[end].isnull() | (rows[end] >= rows.as_of))

    def dated(self, rows: ir.Table, column: str) -> ir.Table:
        """Name a date column `date` and place it among school days.

        Returns
        -------
        ibis Table
            Also `day`, its position in school days (0 before the calendar), `days_ago`, the school days from
            it to the as-of date, and `ago`, the same in halves: 2n - 1 for a school day n school days before,
            2n for a day between that one and the next.
        """
        rows = self.told(rows.mutate(date=rows[column]), "index")
        rows = rows.left_join(self._positions, "date").drop("date_right")
        place, day = rows.place.fill_null(0), rows.day.fill_null(0)
        return rows.mutate(day=day, days_ago=rows["index"] - day, ago=2 * rows["index"] - place).drop(
            "index", "place"
        )

    @cached_property
    def _positions(self) -> ir.Table:
        """Every day the calendar can place: date, day and place (`places`)."""
        days = self.calendar.days
        span = np.arange(days[0], days[-1] + 366, dtype="datetime64[D]")
        place = {"day": self.calendar.positions(span), "place": places(self.calendar, span)}
        rows = pd.DataFrame({"date": span.astype(object)} | place)
        return ibis.memtable(rows, schema=ibis.schema({"date": "date", "day": "int32", "place": "int32"}))


def places(calendar: Calendar, days: np.ndarray) -> np.ndarray:
    """Twice the school days strictly before each day, and one more for a school day (int32, shape (n,))."""
    return (2 * calendar.positions(days) + np.isin(days, calendar.days)).astype("int32")


def inside(ago: ir.IntegerColumn, length: int, back: int = 0) -> ir.BooleanValue:
    """`AsOf.within`, for a day that `AsOfDates.dated` has placed."""
    return ago.between(2 * back, 2 * (length + back) - 1)


def _knows(own: ir.DateColumn, known_on: ir.DateColumn, on: ir.DateValue | date) -> ir.BooleanValue:
    return (own < on) & (known_on < on)


def in_window(day: ir.DateColumn, rows: ir.Table) -> ir.BooleanValue:
    """Is a day inside each row's outcome window, from and with its `as_of` to and with its `window_end`?"""
    return (day >= rows.as_of) & (day <= rows.window_end)
