"""Internal suspensions and results of assessments on a card, as of Friday 14 February 2025: plain facts, told only where supplied."""

import pytest

from features.as_of import AsOf
from features.calendar import Calendar
from features.facts import facts
from tests.small import records, rows
from tests.spec.test_facts import ATTENDANCE, FRIDAY, TABLES, said

INSIDE = "inside school (internal suspension, which is no suspension)"
NOT_YET = "This school has recorded no internal suspension of any child yet: that is not known to be none."


def told(pupils: list[int], **optional: str):
    tables = {name: rows(text) for name, text in TABLES.items() if isinstance(text, str)}
    tables |= {name: rows(text) for name, text in optional.items()}
    found = records(**(tables | {"attendance": ATTENDANCE}))
    return facts(found, AsOf(FRIDAY, Calendar.of(found.authority)), pupils)


def of_inside(frame, pupil: int) -> list[tuple]:
    return [each for each in said(frame, pupil, "suspensions") if "internal suspension" in each[2]]


@pytest.mark.parametrize(
    ("table", "line"),
    [
        (
            "5 | 100002 | 2025-01-20 | 3",
            f"Kept from lessons {INSIDE} once, on 20 January 2025, 1.5 days in all.",
        ),
        ("5 | 100002 | 2025-01-20 | ", f"Kept from lessons {INSIDE} once, on 20 January 2025."),
        ("5 | 100002 | 2025-02-14 | 2", None),  # not known before the list's day
    ],
)
def test_an_internal_suspension_is_a_plain_fact_and_no_suspension(table, line):
    frame = told(
        [5], internal_suspensions=f"pupil | urn | start_date | sessions\n9 | 100002 | 2022-09-05 | 1\n{table}"
    )
    assert [each[2] for each in of_inside(frame, 5)] == ([line] if line else [])


def test_several_are_one_line_and_a_school_that_began_lately_says_so():
    table = """
    pupil | urn    | start_date | sessions
    5     | 100002 | 2024-11-12 | 2
    5     | 100002 | 2025-01-20 | 3
    """
    fact, since = of_inside(told([5], internal_suspensions=table), 5)
    assert fact[2].endswith("last on 20 January 2025, 2.5 days in all.") and " twice since " in fact[2]
    assert (
        since[0] == "missing" and "since 4 November 2024: before that, none on record is not none" in since[2]
    )


def test_a_school_without_a_row_has_not_recorded_any_which_is_not_none():
    frame = told(
        [1, 5], internal_suspensions="pupil | urn | start_date | sessions\n9 | 100009 | 2024-11-12 | 2"
    )
    assert of_inside(frame, 5) == [("missing", None, NOT_YET)]


def test_results_are_told_as_the_level_and_absence_as_nothing():
    table = """
    pupil | stage   | subject | year | result  | taken_by
    5     | eyfs    | gld     | 2016 | not_met | 2016-07-31
    5     | phonics |         | 2017 | 31      | 2017-07-31
    5     | ks2     | reading | 2022 | 97      | 2022-07-31
    5     | ks2     | maths   | 2022 | 100     | 2022-07-31
    6     | ks2     | reading | 2022 | absent  | 2022-07-31
    """
    frame = told([5, 6], attainment=table)
    assert [each[2] for each in said(frame, 5, "attainment")] == [
        "At the end of Reception (early years profile): at the level expected or above in 0 of 1 assessed.",
        "In the phonics check: had not met the standard.",
        "At the end of Year 6 (key stage 2): at the level expected or above in 1 of 2 assessed; scaled scores 98 on average, where 100 is expected.",
    ]
    assert said(frame, 6, "attainment") == []


def test_without_the_tables_nothing_is_told_of_them():
    frame = told([5])
    assert not of_inside(frame, 5) and "attainment" not in set(frame["family"])
