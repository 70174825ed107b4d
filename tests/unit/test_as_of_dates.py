"""What a view may use on each of several as-of dates, with a row at either edge of every comparison."""

from datetime import date, timedelta

import ibis
import pytest

from features.as_of import LONGEST_LOOK_BACK, ROWS_TOGETHER, SCHOOL_YEAR, AsOf, AsOfDates, in_window, inside
from features.calendar import Calendar
from tests import small

CALENDAR = Calendar.of(small.authority())
FRIDAY, SATURDAY, MONDAY = date(2025, 5, 2), date(2025, 5, 3), date(2025, 5, 5)  # the Monday is a closure
THURSDAY, WEDNESDAY, TUESDAY = date(2025, 5, 1), date(2025, 4, 30), date(2025, 5, 6)
DATES = AsOfDates.of([FRIDAY], CALENDAR)


def rows(**columns):
    """A table of dates, and `at`, the place of each row."""
    num = len(next(iter(columns.values())))
    made = [{name: days[at] for name, days in columns.items()} | {"at": at} for at in range(num)]
    return ibis.memtable(made, schema=ibis.schema(dict.fromkeys(columns, "date") | {"at": "int64"}))


def kept(table, condition=None):
    """Which rows are there, in order."""
    return sorted((table if condition is None else table.filter(condition)).to_pandas()["at"].tolist())


def test_dates_are_in_order_each_once():
    assert AsOfDates.of([FRIDAY, WEDNESDAY, FRIDAY], CALENDAR).days == (WEDNESDAY, FRIDAY)
    assert DATES.moments[0].alone.days == (FRIDAY,)
    assert DATES.moments[0].alone.calendar is CALENDAR


@pytest.mark.parametrize(
    ("num_pupils", "sizes"),
    [
        (0, [4]),
        (325_000, [4]),  # four dates of them are exactly as many as go together
        (325_001, [3, 1]),
        (650_000, [2, 2]),
        (650_001, [1, 1, 1, 1]),
        (9_000_000, [1, 1, 1, 1]),  # more than go together: still a date at a time
    ],
)
def test_as_many_dates_go_together_as_fit(num_pupils, sizes):
    assert ROWS_TOGETHER == 1_300_000
    days = [FRIDAY + timedelta(days=7 * week) for week in range(4)]
    batches = list(AsOfDates.of(days, CALENDAR).batches(num_pupils))
    assert [len(batch.moments) for batch in batches] == sizes
    assert [day for batch in batches for day in batch.days] == days


def test_what_a_view_may_ask_of_a_date():
    assert (LONGEST_LOOK_BACK, SCHOOL_YEAR) == (380, 190)
    (found,) = DATES.table.to_pandas().to_dict("records")
    index = int((CALENDAR.days.astype(object) < FRIDAY).sum())
    assert {name: value.date() if hasattr(value, "date") else value for name, value in found.items()} == {
        "as_of": FRIDAY,
        "index": index,
        "academic_year_start": 2024,
        "half_term": "summer_1",
        "is_after_easter": True,
        "start_of_term": date(2025, 4, 28),
        "start_of_year": date(2024, 9, 2),
        "earliest": CALENDAR.days[index - 380].item(),
        "year_ago": CALENDAR.days[index - 190].item(),
    }


def test_a_look_back_holds_its_first_day_and_not_the_as_of_date():
    moment = AsOf(FRIDAY, CALENDAR)
    table = rows(day=[date(2025, 4, 29), WEDNESDAY, THURSDAY, FRIDAY, SATURDAY])
    assert kept(table, moment.within(table.day, 2)) == [1, 2]
    assert kept(table, moment.within(table.day, 1, back=1)) == [1]
    assert kept(table, moment.within(table.day, 0)) == []
    assert kept(table, moment.is_before(table.day)) == [0, 1, 2]
    assert moment.day_before == THURSDAY


def test_an_n_mark_is_settled_after_a_week():
    assert AsOf(FRIDAY, CALENDAR).settled_before == date(2025, 4, 25)


def test_the_calendars_first_and_last_days_at_the_edge_of_a_look_back():
    first, last = CALENDAR.days[0].item(), CALENDAR.days[-1].item()
    assert AsOf(first, CALENDAR).first_day(0) == first
    assert AsOf(first, CALENDAR).first_day(1) == date.min
    assert AsOf(last, CALENDAR).first_day(0) == last
    after = AsOf(last + timedelta(days=1), CALENDAR)
    assert after.first_day(0) == after.on
    assert after.first_day(1) == last
    assert after.end_day(1) == last


@pytest.mark.parametrize(
    ("nc_year", "day", "days"),
    [(11, "2025-06-27", 1), (11, "2025-06-28", 0), (11, "2025-06-26", 2), (9, "2025-06-27", 365)],
)
def test_days_in_the_window_at_the_end_of_compulsory_schooling(nc_year, day, days):
    assert AsOf(date.fromisoformat(day), CALENDAR).days_in_window(nc_year) == days


def test_a_fact_is_used_where_its_day_and_its_known_on_date_are_before():
    table = rows(
        own=[THURSDAY, FRIDAY, THURSDAY, WEDNESDAY, SATURDAY],
        known_on=[THURSDAY, THURSDAY, FRIDAY, SATURDAY, THURSDAY],
    )
    assert kept(DATES.known(table, "own")) == [0]
    assert kept(table, DATES.moments[0].knows(table.own, table.known_on)) == [0]
    both = AsOfDates.of([FRIDAY, SATURDAY], CALENDAR)
    assert kept(both.known(table, "own")) == [0, 0, 1, 2]


def test_what_was_superseded_counts_up_to_that_day_and_with_it():
    table = rows(
        own=[WEDNESDAY] * 4, known_on=[WEDNESDAY] * 4, known_until=[THURSDAY, FRIDAY, SATURDAY, None]
    )
    found = DATES.known(table, "own")
    assert kept(found) == [1, 2, 3]
    assert set(found.columns) == {"own", "known_on", "at", "as_of"}


def test_a_spell_is_over_where_its_end_was_known_before():
    ends = rows(
        end=[THURSDAY, FRIDAY, THURSDAY, None, THURSDAY],
        end_known_on=[THURSDAY, THURSDAY, FRIDAY, None, None],
        as_of=[FRIDAY] * 5,
    )
    assert kept(ends, DATES.is_over(ends, "end")) == [0]
    assert kept(ends, ~DATES.is_over(ends, "end")) == [1, 2, 3, 4]  # unknown is not over
    assert kept(ends, DATES.is_before(ends, "end")) == [0, 2, 4]


def test_the_longest_look_back_holds_its_first_day():
    earliest = DATES.moments[0].first_day(LONGEST_LOOK_BACK)
    table = rows(day=[earliest - timedelta(days=1), earliest, FRIDAY], as_of=[FRIDAY] * 3)
    found = DATES.recent(table, "day")
    assert kept(found) == [1, 2]
    assert "earliest" not in found.columns


def test_a_right_is_in_force_on_its_first_and_on_its_last_day():
    table = rows(
        start=[FRIDAY, SATURDAY, WEDNESDAY, WEDNESDAY, WEDNESDAY, SATURDAY],
        end=[FRIDAY, None, FRIDAY, THURSDAY, None, SATURDAY],
    )
    assert kept(DATES.applying(table, "start", "end")) == [0, 2, 4]


def test_a_day_is_placed_among_school_days():
    first, last = CALENDAR.days[0].item(), CALENDAR.days[-1].item()
    index = DATES.moments[0].index
    days = [THURSDAY, WEDNESDAY, date(2025, 4, 27), FRIDAY, SATURDAY, MONDAY, TUESDAY]
    days += [first, first - timedelta(days=1), last, last + timedelta(days=1), last + timedelta(days=365)]
    found = DATES.dated(rows(day_=days, as_of=[FRIDAY] * len(days)), "day_").to_pandas().sort_values("at")
    ago = [1, 3, 8, -1, -2, -2, -3, 2 * index - 1, 2 * index]
    assert found["ago"].tolist()[: len(ago)] == ago
    assert found["days_ago"].tolist()[:9] == [1, 2, 4, 0, -1, -1, -1, index, index]
    assert found["day"].tolist()[7:9] == [0, 0]
    num = len(CALENDAR.days)
    assert found["day"].tolist()[9:] == [num - 1, num, num]
    assert found["ago"].tolist()[9:] == [2 * (index - num) + 1, 2 * (index - num), 2 * (index - num)]
    assert not {"index", "place", "date_right"} & set(found.columns)


@pytest.mark.parametrize(
    ("length", "back", "held"),
    [(1, 0, [0, 1]), (2, 0, [0, 1, 2, 3]), (1, 1, [2, 3]), (0, 0, [])],
)
def test_inside_a_look_back_in_halves_of_school_days(length, back, held):
    """0 is the day before the as-of date where no school is; 1 the last school day; 2 a day between it and the one before."""
    table = ibis.memtable([{"at": ago, "ago": ago} for ago in range(-1, 6)])
    assert kept(table, inside(table.ago, length, back)) == held
    if not back:
        assert kept(table, inside(table.ago, length)) == held


def test_an_outcome_window_holds_its_first_and_its_last_day():
    table = rows(
        day=[THURSDAY, FRIDAY, SATURDAY, MONDAY, TUESDAY], as_of=[FRIDAY] * 5, window_end=[MONDAY] * 5
    )
    assert kept(table, in_window(table.day, table)) == [1, 2, 3]
