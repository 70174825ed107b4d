"""Who is on roll at an as-of date, and why someone is not assessed: one matrix of many cases."""

from datetime import date
from functools import cache

import pytest

from tests import small
from tests.spec.specs import matrix

FRIDAY = date(2025, 5, 2)  # after Easter
SCHOOLS = small.SCHOOLS + (
    "100006 | Silent      | secondary | maintained | North    |            |\n"
    "100007 | Stopped     | secondary | maintained | North    |            |\n"
    "100008 | Just Opened | secondary | free       | North    | 2025-04-28 |\n"
    "100009 | Just Enough | secondary | maintained | North    |            |\n"
    "100010 | Was         | primary   | maintained | North    |            |\n"
    "100011 | Is Now      | primary   | academy    | North    | 2025-04-28 | 100010\n"
)
ROLL = """
pupil | urn    | enrolment_status | entry_date | leaving_date | end_known_on | known_on   | nc_year | birth_date
1     | 100002 | C                | 2024-09-02 |              |              |            | 8       |
2     | 100002 | C                | 2025-05-02 |              |              |            | 8       |
3     | 100002 | C                | 2025-05-01 |              |              |            | 8       |
4     | 100002 | C                | 2025-05-01 |              |              | 2025-05-02 | 8       |
5     | 100002 | C                | 2024-09-02 | 2025-05-01   |              |            | 8       |
6     | 100002 | C                | 2024-09-02 | 2025-05-02   |              |            | 8       |
7     | 100002 | C                | 2024-09-02 | 2025-05-01   | 2025-05-02   |            | 8       |
8     | 100002 | C                | 2024-09-02 | 2025-07-18   | 2025-03-01   |            | 8       |
9     | 100001 | C                | 2022-09-05 | 2025-04-25   | 2025-05-20   |            | 4       |
9     | 100002 | C                | 2025-04-28 |              |              |            | 7       |
10    | 100002 | M                | 2024-09-02 |              |              |            | 8       |
10    | 100003 | S                | 2024-11-04 |              |              |            | 8       |
11    | 100003 | S                | 2024-11-04 |              |              |            | 8       |
12    | 100002 | G                | 2024-11-04 |              |              |            | 8       |
13    | 100003 | C                | 2024-11-04 |              |              |            | 8       |
14    | 100002 | C                | 2024-09-02 |              |              |            | 11      |
15    | 100003 | C                | 2024-09-02 |              |              |            | 11      |
16    | 100002 | C                | 2024-09-02 |              |              |            | 12      |
17    | 100001 | C                | 2024-09-02 |              |              |            | N2      |
18    | 100001 | C                | 2023-09-04 |              |              |            | N2      |
19    | 100002 | C                | 2023-09-04 |              |              |            | 11      |
20    | 100002 | C                | 2024-09-02 |              |              |            | X       |
21    | 100002 | C                | 2024-09-02 |              |              |            |         | 2013-01-05
22    | 100006 | C                | 2024-09-02 |              |              |            | 8       |
23    | 100007 | C                | 2024-09-02 |              |              |            | 8       |
24    | 100008 | C                | 2025-04-28 |              |              |            | 8       |
25    | 100009 | C                | 2024-09-02 |              |              |            | 8       |
26    | 100011 | C                | 2025-04-28 |              |              |            | 3       |
31    | 100002 | C                | 2024-09-02 |              |              |            | 8       |
32    | 100002 | C                | 2024-09-02 |              |              |            | 8       |
33    | 100002 | C                | 2024-09-02 |              |              |            | 8       |
34    | 100002 | C                | 2024-09-02 |              |              |            | 11      |
35    | 100002 | C                | 2024-09-02 |              |              |            | 8       |
36    | 100002 | C                | 2024-09-02 |              |              |            | 10      |
41    | 100002 | C                | 2024-09-02 |              |              |            | 8       |
42    | 100002 | C                | 2024-09-02 |              |              |            | 8       |
43    | 100002 | C                | 2025-01-06 |              |              |            | 8       |
44    | 100002 | C                | 2024-09-02 |              |              |            | 8       |
45    | 100002 | C                | 2024-09-02 |              |              |            | 8       |
46    | 100002 | C                | 2024-09-02 |              |              |            | 8       |
51    | 100002 | C                | 2024-09-02 |              |              |            | 8       |
52    | 100002 | C                | 2024-09-02 |              |              |            | 8       |
53    | 100002 | C                | 2024-09-02 |              |              |            | 8       |
"""
CENSUS = """
pupil | urn    | census_date | birth_date | sen_provision | nc_year | known_on
19    | 100002 | 2025-01-16  | 2009-01-01 | N             | 11      | 2025-02-20
20    | 100002 | 2025-01-16  | 2012-01-01 | N             | X       | 2025-02-20
33    | 100002 | 2025-01-16  | 2012-01-01 | N             | 8       | 2025-02-20
"""
ATTENDANCE = r"""
pupil | urn    | date       | am | pm | known_on
1     | 100002 | 2025-04-30 | /  | \  |
1     | 100001 | 2025-04-30 | /  | \  |
23    | 100007 | 2025-04-03 | /  | \  |
23    | 100007 | 2025-04-30 | /  | \  | 2025-05-02
25    | 100009 | 2025-04-04 | /  | \  |
26    | 100010 | 2025-04-11 | /  | \  |
"""
SUSPENSIONS = """
pupil | urn    | category | start_date | sessions | outcome    | outcome_on | known_on
41    | 100002 | PERM     | 2025-04-28 |          |            |            |
42    | 100002 | PERM     | 2025-04-28 |          | upheld     | 2025-04-30 |
43    | 100002 | PERM     | 2024-11-04 |          |            |            |
44    | 100002 | PERM     | 2025-04-28 |          | reinstated | 2025-04-30 |
45    | 100002 | PERM     | 2025-04-28 |          | cancelled  | 2025-05-02 |
46    | 100002 | PERM     | 2025-04-28 |          |            |            | 2025-05-02
"""
WITHHELD = """
pupil | reason     | from       | to
31    | objection  | 2025-05-02 |
32    | restricted | 2025-01-01 | 2025-05-02
33    | objection  | 2025-01-01 | 2025-05-01
34    | objection  | 2025-01-01 |
35    | objection  | 2025-05-03 |
32    | objection  | 2025-01-01 |
"""
SUPPORT = """
pupil | kind     | start_date | end_date   | end_known_on
51    | targeted | 2025-03-03 |            |
52    | targeted | 2025-03-03 | 2025-04-30 |
53    | targeted | 2025-03-03 | 2025-04-30 | 2025-05-02
"""


@cache
def people() -> dict[int, dict]:
    tables = {
        "schools": SCHOOLS, "roll": ROLL, "census": CENSUS, "attendance": ATTENDANCE, "suspensions": SUSPENSIONS,
        "withheld": WITHHELD, "support": SUPPORT,
    }  # fmt: skip
    return matrix(small.records(**tables), FRIDAY)


def test_on_roll_as_known_strictly_before():
    gone = {
        2: "enters on the day",
        4: "entry known on the day",
        5: "left",
        11: "S alone",
        12: "a guest",
        16: "Year 12",
        17: "nursery",
    }
    assert not gone.keys() & people().keys()
    assert {1, 3, 6, 7, 8, 9, 10, 13} <= people().keys()


def test_of_two_spells_that_read_as_open_the_later_counts():
    assert people()[9]["urn"] == 100002
    assert people()[9]["nc_year"] == 7


def test_year_group_ages_from_what_tells_it():
    told = {pupil: people()[pupil]["nc_year"] for pupil in (18, 19, 20, 21)}
    assert told == {18: 0, 19: 11, 20: 8, 21: 7}


@pytest.mark.parametrize(
    ("pupil", "reason"),
    [
        (1, None),
        (10, None),  # at the main school, with a place in a unit beside it
        (13, "alternative_provision"),
        (14, "year_11_after_easter"),
        (15, "alternative_provision"),
        (22, "registers_stopped"),
        (23, "registers_stopped"),
        (24, None),
        (25, None),
        (26, None),  # its registers are those of the school it was
        (31, "objection"),
        (32, "restricted"),
        (33, None),
        (34, "objection"),
        (35, None),
        (36, None),  # Year 10 after Easter
    ],
)
def test_why_someone_is_not_assessed(pupil, reason):
    assert people()[pupil]["not_assessed_reason"] == reason
    assert people()[pupil]["is_assessed"] is (reason is None)


def test_an_unknown_year_group_is_kept_with_its_reason():
    made = matrix(small.records(roll="pupil|urn|enrolment_status|entry_date\n1|100002|C|2024-09-02"), FRIDAY)
    assert (made[1]["nc_year"], made[1]["not_assessed_reason"]) == (-1, "year_group_unknown")


def test_a_permanent_exclusion_that_stands_is_in_progress_while_on_that_roll():
    marked = {pupil for pupil, row in people().items() if row["is_exclusion_in_progress"]}
    assert marked == {41, 42, 45}


def test_supported_while_a_spell_of_support_reads_as_open():
    assert {pupil for pupil, row in people().items() if row["is_supported"]} == {51, 53}


def test_the_school_it_is_today_is_the_cluster():
    assert people()[26]["cluster"] == 100011
    assert (people()[1]["phase"], people()[1]["district"], people()[1]["half_term"]) == (
        "secondary",
        "North",
        "summer_1",
    )
