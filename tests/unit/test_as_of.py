"""Comparisons with an as-of date, and the school calendar."""

from datetime import date

import pytest

from features.as_of import AsOf
from features.calendar import Calendar, academic_year, end_of_compulsory_schooling
from tests import small

CALENDAR = Calendar.of(small.authority())


def at(day: str) -> AsOf:
    return AsOf(date.fromisoformat(day), CALENDAR)


@pytest.mark.parametrize(
    ("day", "year"),
    [
        ("2024-08-31", "2023/24"),
        ("2024-09-01", "2024/25"),
        ("2025-08-31", "2024/25"),
        ("2000-01-01", "1999/00"),
    ],
)
def test_academic_year_begins_in_september(day, year):
    assert academic_year(date.fromisoformat(day)) == year


@pytest.mark.parametrize(
    ("year", "day"),
    [(2021, 25), (2022, 24), (2023, 30), (2024, 28), (2025, 27), (2026, 26), (2027, 25), (2028, 30)],
)
def test_compulsory_schooling_ends_on_the_last_friday_in_june(year, day):
    assert end_of_compulsory_schooling(year) == date(year, 6, day)


def test_school_days_are_weekdays_in_term_less_closures():
    days = {day.item() for day in CALENDAR.days}
    assert date(2025, 5, 2) in days
    assert not {date(2025, 5, 3), date(2025, 5, 5), date(2025, 4, 21), date(2025, 8, 4)} & days
    assert CALENDAR.index(date(2025, 5, 6)) - CALENDAR.index(date(2025, 5, 2)) == 1


def test_training_dates_are_the_last_school_days_of_half_terms():
    closed = small.AUTHORITY.replace("[2025-05-05]", "[2025-05-05, 2025-02-14]")
    calendar = Calendar.of(small.authority(closed))
    assert len(calendar.as_of_dates()) == 30
    assert date(2025, 2, 13) in calendar.as_of_dates()
    assert date(2025, 2, 14) in CALENDAR.as_of_dates()


@pytest.mark.parametrize(
    ("day", "half_term", "term", "year"),
    [
        ("2025-02-14", "spring_1", "2025-01-06", "2024-09-02"),
        ("2025-02-20", "spring_1", "2025-01-06", "2024-09-02"),
        ("2025-02-24", "spring_2", "2025-01-06", "2024-09-02"),
        ("2025-08-20", "summer_2", "2025-04-28", "2024-09-02"),
        ("2019-01-01", "autumn_1", "2020-09-07", "2020-09-07"),
    ],
)
def test_a_day_in_the_holidays_is_in_the_term_before(day, half_term, term, year):
    when = date.fromisoformat(day)
    assert CALENDAR.half_term(when).name == half_term
    assert CALENDAR.start_of_term(when) == date.fromisoformat(term)
    assert CALENDAR.start_of_year(when) == date.fromisoformat(year)


@pytest.mark.parametrize(
    ("day", "first_20", "before_that"),
    [
        ("2025-02-14", "2025-01-17", "2024-12-06"),
        ("2025-02-15", "2025-01-20", "2024-12-09"),  # a Saturday: the Friday counts
        ("2025-08-31", "2025-06-23", "2025-05-19"),  # after the calendar's last day
    ],
)
def test_look_backs_are_in_school_days(day, first_20, before_that):
    as_of = at(day)
    assert as_of.first_day(20) == date.fromisoformat(first_20)
    assert as_of.end_day(20) == date.fromisoformat(first_20)
    assert as_of.first_day(20, back=20) == date.fromisoformat(before_that)
    assert as_of.end_day() == date.fromisoformat(day)


def test_what_the_calendar_does_not_reach():
    as_of = at("2020-10-05")
    assert as_of.reaches(20) and not as_of.reaches(21)
    assert as_of.first_day(20) == date(2020, 9, 7)
    assert as_of.first_day(21) == date.min


@pytest.mark.parametrize(
    ("day", "nc_year", "window", "end"),
    [
        ("2025-02-14", 9, 365, "2026-02-13"),
        ("2025-02-14", 9, 182, "2025-08-14"),
        ("2025-02-14", 11, 365, "2025-06-27"),
        ("2025-02-14", 10, 365, "2026-02-13"),
        ("2025-07-18", 10, 365, "2026-06-26"),  # the summer before Year 11
        ("2025-07-18", 11, 365, "2025-06-27"),  # over before it begins
        ("2025-02-14", -1, 365, "2026-02-13"),
        ("2024-02-14", 0, 365, "2025-02-12"),  # a leap year has one more day
    ],
)
def test_the_window_ends_with_compulsory_schooling(day, nc_year, window, end):
    as_of = at(day)
    assert as_of.window_end(nc_year, window) == date.fromisoformat(end)
    assert as_of.days_in_window(nc_year, window) == max((date.fromisoformat(end) - as_of.on).days + 1, 0)


@pytest.mark.parametrize(
    ("day", "is_after"),
    [
        ("2025-04-19", False),
        ("2025-04-20", False),
        ("2025-04-21", True),
        ("2024-10-25", False),
        ("2024-04-01", True),
    ],
)
def test_easter(day, is_after):
    assert at(day).is_after_easter is is_after


def test_distance_from_a_trained_position_in_the_year():
    assert CALENDAR.distance_from_trained(date(2025, 2, 14)) == 0
    assert CALENDAR.distance_from_trained(date(2025, 2, 10)) == 4
    assert CALENDAR.distance_from_trained(date(2024, 9, 2)) == 39
