"""The only file that compares a date with an as-of date.

An **as-of date** is the day a list is made. A fact may be used at an as-of date only if its own date
and its known-on date are both strictly before it. Look-backs are counted in school days.
"""

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
LONGEST_LOOK_BACK = 380  # school days: two years; there is no "ever" without a bound
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

    def within(self, day: ir.DateColumn, length: int, back: int = 0) -> ir.BooleanValue:
        """Is a day inside a look-back of `length` school days that ends `back` school days before?"""
        return (day >= self.first_day(length, back)) & (day < self.end_day(back))

    def knows(self, own: ir.DateColumn, known_on: ir.DateColumn) -> ir.BooleanValue:
        """Are both the fact's own date and its known-on date strictly before the as-of date?"""
        return (own < self.on) & (known_on < self.on)

    def is_before(self, day: ir.DateColumn) -> ir.BooleanValue:
        return day < self.on

    @cached_property
    def positions(self) -> ir.Table:
        """Every day the calendar can place: date, and `day`, the school days strictly before it (int32)."""
        days = self.calendar.days
        span = np.arange(days[0], days[-1] + 366, dtype="datetime64[D]")
        rows = pd.DataFrame({"date": span.astype(object), "day": self.calendar.positions(span)})
        return ibis.memtable(rows, schema=ibis.schema({"date": "date", "day": "int32"}))

    def dated(self, rows: ir.Table, column: str) -> ir.Table:
        """Name a date column `date` and add `day`, its position in school days (0 before the calendar)."""
        rows = rows.mutate(date=rows[column])
        rows = rows.left_join(self.positions, "date").drop("date_right")
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

    def window_end(self, nc_year: int, days: int) -> date:
        """`calendar.window_end` of a year group on the as-of date."""
        return window_end(self.on, nc_year, days)


def in_window(day: ir.DateColumn, rows: ir.Table) -> ir.BooleanValue:
    """Is a day inside each row's outcome window, from and with its `as_of` to and with its `window_end`?"""
    return (day >= rows.as_of) & (day <= rows.window_end)
