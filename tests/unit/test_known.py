"""Records as known: a spell is two facts, and its end and reason come with the second."""

from datetime import date

from features.about import About
from features.as_of import AsOf
from features.calendar import Calendar
from features.known import roll_spells
from tests import small

RECORDS = small.records(
    roll="""
    pupil | urn    | enrolment_status | entry_date | leaving_date | leaving_reason | end_known_on
    1     | 100002 | C                | 2024-09-02 | 2025-01-31   | ehe            | 2025-02-13
    2     | 100002 | C                | 2024-09-02 | 2025-01-31   | ehe            | 2025-02-14
    3     | 100002 | C                | 2024-09-02 | 2025-02-14   | moved          | 2025-01-06
    4     | 100002 | C                | 2025-02-14 |              |                |
    5     | 100004 | C                | 2022-09-05 | 2023-08-31   | moved          | 2023-09-01
    6     | 100005 | C                | 2023-09-08 |              |                |
    7     | 100005 | C                | 2023-09-09 |              |                |
    """
)


def test_an_end_and_its_reason_are_known_only_after_both_its_dates():
    rows = (
        roll_spells(RECORDS, AsOf(date(2025, 2, 14), Calendar.of(RECORDS.authority)).alone)
        .to_pyarrow()
        .to_pylist()
    )
    told = {row["pupil"]: (row["is_open"], row["leaving_date"], row["leaving_reason"]) for row in rows}
    assert told[1] == (False, date(2025, 1, 31), "ehe")
    assert told[2] == told[3] == (True, None, None)
    assert 4 not in told


def test_history_follows_a_school_that_became_an_academy():
    rows = (
        roll_spells(RECORDS, AsOf(date(2025, 2, 14), Calendar.of(RECORDS.authority)).alone)
        .to_pyarrow()
        .to_pylist()
    )
    told = {row["pupil"]: (row["cluster"], row["is_continued"]) for row in rows}
    assert (told[5], told[6], told[7]) == ((100005, False), (100005, True), (100005, False))


def test_what_is_held_of_some_pupils_is_not_taken_for_the_whole_authority_nor_the_other_way():
    as_of = AsOf(date(2025, 2, 14), Calendar.of(RECORDS.authority))

    def pupils(rows) -> set[int]:
        return set(rows.to_pandas()["pupil"])

    everyone = pupils(roll_spells(RECORDS, as_of.alone))
    assert pupils(About(RECORDS, as_of, [1, 6]).people) <= {1, 6}
    assert pupils(roll_spells(About(RECORDS, as_of, [1, 6]).records, as_of.alone)) == {1, 6}
    assert pupils(roll_spells(RECORDS, as_of.alone)) == everyone
