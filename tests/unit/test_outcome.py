"""What counts as an outcome, who is left out, and what was known by when: one set of records."""

from datetime import date
from functools import cache

import pytest

from features.as_of import AsOf
from features.calendar import Calendar
from features.cohort import cohort
from features.outcome import OUTCOMES, eligible_dates, outcomes, window_closes
from tests import small

AS_OF = date(2024, 2, 9)  # a year's window ends on 7 February 2025; Year 11's on 28 June 2024
PUPILS = {**dict.fromkeys(range(1, 60), "8"), 31: "11", 32: "11", 33: "11", 34: "10", 35: "11"}
LEFT = """
pupil | leaving_date | leaving_reason       | end_known_on
21    | 2024-07-19   | moved                |
22    | 2024-07-19   | ehe                  |
23    | 2024-07-19   |                      |
24    | 2024-07-19   | unknown              |
25    | 2024-07-19   | moved                |
26    | 2025-02-07   | moved                |
27    | 2025-02-06   | moved                |
28    | 2024-07-19   | moved                | 2025-08-31
29    | 2024-02-08   | moved                | 2024-03-01
30    | 2024-07-19   | deceased             |
31    | 2024-06-28   |                      |
32    | 2024-05-24   | end_of_schooling     |
33    | 2024-05-24   | moved                |
36    | 2024-07-19   | moved                |
37    | 2024-07-19   | unknown              |
38    | 2024-07-19   | managed_move         |
39    | 2024-07-19   | permanently_excluded |
"""
BACK = """
pupil | urn    | enrolment_status | entry_date | known_on
36    | 100001 | C                | 2024-09-02 |
37    | 100001 | C                | 2024-09-02 |
38    | 100001 | C                | 2024-09-02 |
25    | 100001 | S                | 2024-09-02 |
"""
SUSPENSIONS = """
pupil | urn    | category | start_date | sessions | outcome    | outcome_on | known_on
1     | 100002 | SUSP     | 2024-02-09 | 10       |            |            |
1     | 100002 | SUSP     | 2025-02-07 | 10       |            |            |
2     | 100002 | SUSP     | 2024-02-08 | 10       |            |            |
2     | 100002 | SUSP     | 2025-02-08 | 10       |            |            |
3     | 100002 | SUSP     | 2024-03-01 | 19       |            |            |
3     | 100002 | LNCH     | 2024-03-02 | 1        |            |            |
4     | 100002 | PERM     | 2024-03-01 |          |            |            |
5     | 100002 | PERM     | 2024-03-01 |          | quashed    | 2024-05-01 |
6     | 100002 | PERM     | 2024-03-01 |          | cancelled  | 2024-05-01 |
7     | 100002 | SUSP     | 2024-03-01 | 20       | cancelled  | 2024-05-01 |
8     | 100002 | SUSP     | 2024-03-01 | 30       |            |            | 2024-03-04
8     | 100002 | SUSP     | 2024-03-01 | 4        |            |            | 2024-05-01
9     | 100002 | SUSP     | 2025-02-03 | 30       |            |            | 2025-08-31
10    | 100001 | SUSP     | 2024-03-01 | 12       |            |            |
10    | 100002 | SUSP     | 2024-04-09 | 12       |            |            |
11    | 100002 | PERM     | 2024-03-01 |          | upheld     | 2024-09-01 |
21    | 100002 | SUSP     | 2024-03-01 | 4        |            |            |
34    | 100002 | SUSP     | 2025-02-03 | 30       |            |            |
35    | 100002 | PERM     | 2024-06-28 |          |            |            |
39    | 100002 | PERM     | 2024-07-01 |          |            |            |
"""
INVOLVEMENTS = """
pupil | kind               | start_date
12    | part_time_timetable| 2024-02-09
13    | managed_move       | 2025-02-07
14    | part_time_timetable| 2024-02-08
15    | off_site_direction | 2024-03-01
"""


@cache
def records():
    left = {row["pupil"]: row for row in small.rows(LEFT)}
    roll = [
        {
            "pupil": str(pupil),
            "urn": "100002",
            "enrolment_status": "C",
            "entry_date": "2023-09-04",
            "nc_year": year,
            **left.get(str(pupil), {}),
        }
        for pupil, year in PUPILS.items()
    ]
    return small.records(roll=roll + small.rows(BACK), suspensions=SUSPENSIONS, involvements=INVOLVEMENTS)


@cache
def told(window: int = 365, known_by: date = date(2025, 8, 31)) -> dict[int, dict]:
    as_of = AsOf(AS_OF, Calendar.of(records().authority))
    rows = (
        outcomes(records(), cohort(records(), as_of.alone), [as_of], window, known_by)
        .to_pyarrow()
        .to_pylist()
    )
    assert len(rows) == len({row["pupil"] for row in rows})
    return {row["pupil"]: row for row in rows}


def of(outcome: str, *pupils: int, **how) -> list:
    return [told(**how)[pupil][outcome] for pupil in pupils]


def test_everyone_in_the_cohort_has_one_row():
    assert told().keys() == set(PUPILS)


def test_the_window_holds_the_as_of_date_and_its_last_day():
    assert of("num_sessions", 1, 2) == [20, 0]
    assert of("serious_exclusion", 1, 2) == [1, 0]
    assert of("any_suspension", 1, 2) == [1, 0]


def test_half_a_year_is_the_other_window():
    assert of("num_sessions", 1, 10, window=182) == [10, 24]
    assert of("serious_exclusion", 1, 10, window=182) == [0, 1]


def test_serious_is_twenty_sessions_or_a_permanent_exclusion_and_lunchtimes_do_not_count():
    assert of("serious_exclusion", 3, 4, 10) == [0, 1, 1]
    assert of("num_sessions", 3, 4, 10) == [19, 0, 24]


def test_permanent_exclusions_count_as_issued_unless_cancelled():
    assert of("permanent_exclusion", 4, 5, 6, 11) == [1, 1, 0, 1]
    assert of("upheld_permanent", 4, 5, 6, 11) == [1, 0, 0, 1]
    assert of("any_suspension", 4) == [0]


def test_cancelled_and_corrected_events_count_as_last_known():
    assert of("num_sessions", 7, 8) == [0, 4]
    assert of("num_sessions", 7, 8, known_by=date(2024, 5, 1)) == [20, 30]


def test_only_what_was_known_before_counts():
    assert of("any_suspension", 9) == [0]
    assert of("any_suspension", 9, known_by=date(2025, 9, 1)) == [1]
    assert of("permanent_exclusion", 4, known_by=date(2024, 3, 1)) == [0]
    assert of("permanent_exclusion", 4, known_by=date(2024, 3, 2)) == [1]


@pytest.mark.parametrize(
    ("pupil", "left", "hidden", "suspended"),
    [
        (21, True, None, 1),  # an event before leaving counts
        (22, True, 1, None),
        (23, True, 1, None),
        (24, True, 1, None),
        (25, True, None, None),  # a subsidiary place alone is no roll
        (26, False, 0, 0),  # on the window's last day
        (27, True, None, None),
        (28, False, 0, 0),  # not known yet
        (29, True, None, None),  # had left before, which was not known then
        (30, True, None, None),
        (36, False, 0, 0),
        (37, False, 0, 0),  # found at another school
        (38, False, 1, 0),
        (39, True, None, None),
    ],
)
def test_leavers_are_left_out_unless_something_happened_first(pupil, left, hidden, suspended):
    row = told()[pupil]
    assert (row["left_authority"], row["hidden_exit"], row["any_suspension"]) == (left, hidden, suspended)


def test_a_permanent_exclusion_before_leaving_is_positive():
    assert of("serious_exclusion", 39) == [1]


@pytest.mark.parametrize(
    ("pupil", "left"),
    [(31, False), (32, False), (33, True), (34, False), (35, False)],
)
def test_the_end_of_compulsory_schooling_is_complete_observation(pupil, left):
    assert told()[pupil]["left_authority"] is left


def test_year_11s_window_ends_on_the_last_friday_in_june():
    assert of("window_end", 1, 31, 34) == [date(2025, 2, 7), date(2024, 6, 28), date(2025, 2, 7)]
    assert of("permanent_exclusion", 31, 35) == [0, 1]
    assert of("serious_exclusion", 34) == [1]


def test_a_part_time_timetable_or_managed_move_begun_in_the_window_is_a_hidden_exit():
    assert of("hidden_exit", 12, 13, 14, 15) == [1, 1, 0, 0]


def test_a_date_is_eligible_once_its_window_and_lag_closed_before_the_extract():
    calendar = Calendar.of(small.authority())
    year = eligible_dates(records(), calendar, 365)
    assert len(year) == 24
    assert year[-1] == date(2024, 7, 19)
    assert eligible_dates(records(), calendar, 182)[-1] == date(2025, 2, 14)
    late = small.AUTHORITY.replace("[lawful_basis]", "[lag_days]\nsuspensions = 60\n[lawful_basis]")
    assert eligible_dates(small.records(toml=late), calendar, 365)[-1] == date(2024, 5, 24)


def test_lags_are_of_the_year_in_which_the_window_ends():
    lag = '[lag_days]\nsuspensions = { default = 3, "2024/25" = 200 }\n[lawful_basis]'
    slow = small.records(toml=small.AUTHORITY.replace("[lawful_basis]", lag))
    calendar = Calendar.of(slow.authority)
    assert window_closes(slow, AsOf(date(2023, 2, 10), calendar), 365) == date(2024, 2, 12)
    assert window_closes(slow, AsOf(AS_OF, calendar), 365) == date(2025, 8, 26)


def test_outcomes_are_named_once():
    assert set(OUTCOMES) <= told()[1].keys()
