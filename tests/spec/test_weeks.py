"""A pupil's weeks: marks and suspensions in, a row a week out, and nothing that was not known before the day."""

from datetime import date

from features.as_of import AsOf
from features.calendar import Calendar
from features.weeks import MOST, school_weeks, weeks
from tests.small import authority, records
from tests.spec.test_facts import marks

FRIDAY = date(2025, 2, 14)
ROLL = """
pupil | urn    | enrolment_status | entry_date | nc_year | birth_date
1     | 100002 | C                | 2020-09-07 | 7       | 2013-01-01
2     | 100002 | C                | 2020-09-07 | 7       | 2013-01-01
"""
EVENTS = """
pupil | urn    | start_date | category | sessions | reason_1 | outcome   | known_on
1     | 100002 | 2025-01-15 | SUSP     | 2        | PD       |           |
1     | 100002 | 2025-01-17 | SUSP     | 2        | PD       |           |
1     | 100002 | 2025-01-22 | LNCH     |          | PD       |           |
1     | 100002 | 2025-02-12 | SUSP     | 2        | PD       |           | 2025-02-14
1     | 100002 | 2025-02-05 | SUSP     | 2        | PD       | cancelled |
2     | 100002 | 2024-12-23 | PERM     |          | PA       |           |
"""
ATTENDANCE = [
    *marks(1, 100002, "2025-01-06", "2025-01-10"),
    *marks(1, 100002, "2025-01-13", "2025-01-17", "I", "\\"),
    # no register in the week of 20 January
    *marks(1, 100002, "2025-01-27", "2025-01-31", "O", "O"),
    *marks(1, 100002, "2025-02-10", "2025-02-13", "N", "N"),
]


def as_of(day: date = FRIDAY) -> AsOf:
    return AsOf(day, Calendar.of(authority()))


def told(day: date = FRIDAY, **tables):
    held = records(**{"roll": ROLL, "suspensions": EVENTS, "attendance": ATTENDANCE, **tables})
    return [tuple(row) for row in weeks(held, as_of(day), [1, 2]).itertuples(index=False)]


def test_a_row_a_week_and_none_where_nothing_is_known():
    assert told() == [
        (1, date(2025, 1, 6), 10, 0, 0),
        (1, date(2025, 1, 13), 10, 5, 2),
        (1, date(2025, 1, 27), 10, 10, 0),
        (2, date(2024, 12, 16), 0, 0, 1),  # begun in the holiday: told with the week before
    ]


def test_what_is_known_on_the_day_itself_is_not_told():
    """The suspension of 12 February became known on the 14th: told on the 15th, and not on the 14th."""
    assert (1, date(2025, 2, 10), 0, 0, 1) not in told()
    assert (1, date(2025, 2, 10), 0, 0, 1) in told(date(2025, 2, 15))


def test_what_becomes_known_later_changes_nothing():
    later = [
        {**row, "known_on": FRIDAY.isoformat()}
        for row in marks(1, 100002, "2025-01-20", "2025-01-24", "O", "O")
    ]
    assert told(attendance=[*ATTENDANCE, *later]) == told()


def test_nobody_and_nothing():
    assert weeks(records(roll=ROLL), as_of(), []).empty
    assert weeks(records(roll=ROLL), as_of(), [1]).empty


def test_school_weeks_are_of_this_school_year_and_the_last():
    found = school_weeks(as_of())
    assert len(found) <= MOST and found[-1].monday == date(2025, 2, 10)
    assert found == tuple(sorted(found, key=lambda week: week.monday))
    assert all(
        week.first < FRIDAY and week.half_term.first <= week.first <= week.half_term.last for week in found
    )
    october = school_weeks(as_of(date(2024, 10, 7)))
    assert october[0].first == date(2023, 9, 4) and october[-1].monday == date(2024, 9, 30)
    assert [week.monday for week in school_weeks(as_of(date(2024, 10, 8)))][-1] == date(2024, 10, 7)
    assert len(school_weeks(as_of(date(2025, 7, 18)))) == MOST
