"""Statuses: a small table in, the statuses of each pupil out."""

from collections.abc import Mapping
from datetime import date

import pandas as pd
import pytest

from features.as_of import AsOf
from features.calendar import Calendar
from features.status import STATUSES, statuses
from serving.signposts import SIGNPOSTS
from tests.small import AUTHORITY, records, rows
from tests.spec.test_facts import FRIDAY, marks

ROLL = """
pupil | urn    | enrolment_status | entry_date | leaving_date | leaving_reason       | nc_year | birth_date
11    | 100001 | C                | 2024-10-14 |              |                      | 6       | 2014-01-01
12    | 100002 | C                | 2025-01-06 |              |                      | 8       | 2012-01-01
13    | 100003 | C                | 2024-10-14 |              |                      | 9       | 2011-01-01
13    | 100001 | C                | 2020-09-07 | 2024-10-11   | permanently_excluded | 5       |
14    | 100001 | C                | 2020-09-07 | 2024-10-11   | ehe                  | 4       |
14    | 100002 | C                | 2025-01-06 |              |                      | 8       | 2012-01-01
15    | 100001 | C                | 2020-09-07 | 2024-10-11   | moved                | 4       |
15    | 100002 | C                | 2025-01-06 |              |                      | 8       | 2012-01-01
16    | 100001 | C                | 2020-09-07 | 2024-10-11   | moved                | 4       |
16    | 100002 | C                | 2024-10-14 |              |                      | 8       | 2012-01-01
17    | 100003 | C                | 2020-09-07 | 2024-12-20   | moved                | 4       |
17    | 100002 | C                | 2025-01-06 |              |                      | 8       | 2012-01-01
18    | 100002 | M                | 2022-09-05 |              |                      | 7       | 2011-01-01
18    | 100003 | S                | 2025-01-06 |              |                      | 9       |
"""
CENSUS = """
pupil | census_date | urn    | sen_provision | sen_need_1 | nc_year | known_on
1     | 2024-10-03  | 100002 | K             | MLD        | 10      |
2     | 2024-10-03  | 100002 | K             | SEMH       | 10      |
3     | 2024-10-03  | 100002 | E             | ASD        | 10      |
4     | 2024-10-03  | 100002 | E             | ASD        | 10      |
4     | 2025-01-16  | 100002 | N             |            | 10      | 2025-02-14
5     | 2024-10-03  | 100002 | E             | ASD        | 10      |
"""
INVOLVEMENTS = """
pupil | kind           | start_date | end_date   | end_known_on
2     | ehcp           | 2024-11-04 |            |
4     | ehcp           | 2023-11-06 | 2024-11-04 |
6     | ehc_assessment | 2025-01-06 |            |
6     | cin            | 2025-01-06 |            |
6     | cpp            | 2024-12-02 |            |
7     | cla            | 2024-12-02 |            |
7     | plac           | 2020-09-07 |            |
8     | cla            | 2023-12-04 | 2024-12-02 |
9     | cla            | 2020-09-07 | 2022-09-05 |
10    | cin            | 2024-11-04 | 2025-02-03 | 2025-02-14
15    | cla            | 2024-11-04 |            |
19    | s19_medical    | 2025-01-06 |            |
20    | youth_justice  | 2025-01-06 |            |
21    | custody        | 2025-01-06 |            |
22    | mhst           | 2025-01-06 |            |
23    | ap_placement   | 2025-01-06 |            |
"""
SUSPENSIONS = """
pupil | urn    | category | start_date | sessions | outcome   | outcome_on | known_on
2     | 100002 | SUSP     | 2025-01-13 | 2        |           |            |
30    | 100002 | SUSP     | 2025-01-06 | 10       |           |            |
31    | 100002 | SUSP     | 2025-01-06 | 10       |           |            |
31    | 100002 | LNCH     | 2025-01-20 |          |           |            |
32    | 100002 | SUSP     | 2025-01-06 | 30       |           |            |
33    | 100002 | SUSP     | 2025-01-06 | 31       |           |            |
34    | 100002 | SUSP     | 2024-09-09 | 60       |           |            |
35    | 100002 | SUSP     | 2024-09-09 | 60       |           |            |
35    | 100002 | SUSP     | 2024-10-21 | 1        |           |            |
36    | 100002 | SUSP     | 2025-02-06 | 14       |           |            |
37    | 100002 | SUSP     | 2025-02-03 | 10       |           |            |
37    | 100002 | SUSP     | 2025-02-10 | 10       |           |            |
38    | 100002 | SUSP     | 2025-02-03 | 10       |           |            |
38    | 100002 | SUSP     | 2025-02-11 | 10       |           |            |
39    | 100002 | PERM     | 2025-02-03 |          |           |            |
40    | 100001 | PERM     | 2024-02-05 |          | upheld    | 2024-03-01 |
41    | 100001 | PERM     | 2024-02-05 |          | withdrawn | 2024-03-01 |
42    | 100002 | SUSP     | 2025-01-06 | 31       |           |            | 2025-02-14
"""
ATTENDANCE = [
    *marks(50, 100002, "2024-11-04", "2024-12-06"), *marks(50, 100002, "2025-01-06", "2025-01-06", "O", "O"),
    *marks(50, 100002, "2025-01-07", "2025-01-08", "/", "O"), *marks(50, 100002, "2025-01-09", "2025-01-10", "/", "O"),
    *marks(51, 100002, "2024-11-04", "2024-12-06"), *marks(51, 100002, "2025-01-06", "2025-01-07", "O", "O"),
    *marks(52, 100002, "2024-11-04", "2024-12-06", "/", "O"),
    *marks(53, 100002, "2025-01-06", "2025-01-16", "O", "O"),
    *marks(54, 100002, "2024-11-04", "2024-11-22", "I", "I"), *marks(54, 100002, "2024-09-02", "2024-10-25"),
    *marks(54, 100002, "2024-11-25", "2024-12-20"), *marks(54, 100002, "2025-01-06", "2025-02-07"),
    *marks(54, 100002, "2024-04-08", "2024-05-24"),
]  # fmt: skip
SUPPORT = """
pupil | kind     | start_date | end_date
60    | targeted | 2025-01-06 |
61    | targeted | 2024-11-04 | 2025-01-06
"""
ORDINARY = {"secondary_school", "family_advice"}
SETTLED = [pupil for pupil in range(1, 62) if not 11 <= pupil <= 18]


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    return told(None)


def told(pupils: list[int] | None, toml: str = AUTHORITY, as_of: date = FRIDAY) -> pd.DataFrame:
    settled = [
        {
            "pupil": str(pupil),
            "urn": "100002",
            "enrolment_status": "C",
            "entry_date": "2021-09-06",
            "nc_year": "7",
        }
        for pupil in SETTLED
    ]
    held = records(
        toml=toml, roll=[*rows(ROLL), *settled], census=CENSUS, involvements=INVOLVEMENTS, suspensions=SUSPENSIONS,
        attendance=ATTENDANCE, support=SUPPORT,
    )  # fmt: skip
    return statuses(held, AsOf(as_of, Calendar.of(held.authority)), pupils)


def day(text: str) -> date:
    return date.fromisoformat(text)


SPECS: Mapping[str, tuple[int, Mapping[str, date | None]]] = {
    "SEN support": (1, {"sen_support": None}),
    "a plan of the council's, newer than the census, and a suspension": (
        2,
        {"ehc_plan_and_suspension": day("2025-01-13"), "mental_health": None},
    ),
    "a plan known from the census alone": (3, {"ehc_plan": None}),
    "a plan that ended after the census": (4, {}),
    "an assessment, and a social worker since the first open plan": (
        6,
        {"ehc_assessment": day("2025-01-06"), "social_worker": day("2024-12-02")},
    ),
    "looked after stands in for looked after before": (7, {"looked_after": day("2024-12-02")}),
    "was looked after until lately": (8, {"previously_looked_after": day("2024-12-02")}),
    "was looked after more than two school years ago": (9, {}),
    "an end that is not known yet reads as open": (10, {"social_worker": day("2024-11-04")}),
    "taught for health": (19, {"health_absence": day("2025-01-06")}),
    "youth justice, with its lawful basis": (20, {"custody_or_youth_justice": day("2025-01-06")}),
    "custody, without one": (21, {}),
    "mental health": (22, {"mental_health": day("2025-01-06")}),
    "a place in alternative provision beside the school's own roll": (
        23,
        {"alternative_provision": day("2025-01-06")},
    ),
    "five days in a term are not more than five": (30, {}),
    "five days and a lunchtime": (31, {"near_15_days": day("2025-01-20")}),
    "fifteen days are not more than fifteen": (32, {"near_15_days": day("2025-01-06")}),
    "more than fifteen": (33, {"over_15_days": day("2025-01-06")}),
    "thirty days in a year": (34, {}),
    "more than thirty days in a year": (35, {"near_45_days": day("2024-10-21")}),
    "a suspension of seven days under way": (
        36,
        {"near_15_days": day("2025-02-06"), "sixth_day": day("2025-02-06")},
    ),
    "two suspensions back to back are one run": (
        37,
        {"near_15_days": day("2025-02-10"), "sixth_day": day("2025-02-03")},
    ),
    "two suspensions with a day in school between": (38, {"near_15_days": day("2025-02-11")}),
    "a permanent exclusion in progress": (39, {"sixth_day": day("2025-02-03")}),
    "a permanent exclusion that stood": (40, {"excluded_before": day("2024-02-05")}),
    "one that was withdrawn": (41, {}),
    "a suspension known on the day itself": (42, {}),
    "exactly one session in ten": (50, {"persistent_absence": None}),
    "under one session in ten": (51, {}),
    "half of sessions stand in for one in ten": (52, {"severe_absence": None}),
    "too few sessions to tell": (53, {}),
    "fifteen days of illness this year, more than one session in ten": (
        54,
        {"health_absence": None, "persistent_absence": None},
    ),
    "helped now": (60, {"already_supported": day("2025-01-06")}),
    "no longer helped": (61, {}),
}


@pytest.mark.parametrize("words", SPECS)
def test_status(found: pd.DataFrame, words: str) -> None:
    pupil, expected = SPECS[words]
    assert of(found, pupil) == {**expected, "secondary_school": None, "family_advice": None}


def of(frame: pd.DataFrame, pupil: int) -> dict[str, date | None]:
    return {row.status: row.since for row in frame[frame.pupil == pupil].itertuples()}


MOVES: Mapping[str, tuple[int, Mapping[str, date | None]]] = {
    "a primary pupil of Year 6, here for more than 60 school days": (
        11, {"primary_age": None, "transition": None, "family_advice": None}),
    "new, and never here before": (
        12, {"transition": day("2025-01-06"), "secondary_school": None, "family_advice": None}),
    "in a pupil referral unit after a permanent exclusion": (
        13, {"excluded_before": day("2024-10-11"), "alternative_provision": day("2024-10-14"), "family_advice": None}),
    "back from home education": (
        14, {"fair_access_or_returning": day("2025-01-06"), "transition": day("2025-01-06"), "secondary_school": None, "family_advice": None}),
    "weeks on no roll, but looked after, who has a route of their own": (
        15, {"looked_after": day("2024-11-04"), "transition": day("2025-01-06"), "secondary_school": None, "family_advice": None}),
    "moved without a gap, some time ago": (16, {"secondary_school": None, "family_advice": None}),
    "back from a pupil referral unit": (
        17, {"fair_access_or_returning": day("2025-01-06"), "transition": day("2025-01-06"), "secondary_school": None, "family_advice": None}),
    "on the roll of a second school that is a pupil referral unit": (
        18, {"alternative_provision": day("2025-01-06"), "secondary_school": None, "family_advice": None}),
}  # fmt: skip


@pytest.mark.parametrize("words", MOVES)
def test_status_of_who_moved(found: pd.DataFrame, words: str) -> None:
    pupil, expected = MOVES[words]
    assert of(found, pupil) == expected


def test_everyone_of_the_cohort_has_family_advice(found: pd.DataFrame) -> None:
    assert set(found.pupil[found.status == "family_advice"]) == set(range(1, 62))


def test_some_pupils_have_what_they_have_among_all(found: pd.DataFrame) -> None:
    some = [2, 17, 37, 52, 999]
    pd.testing.assert_frame_equal(told(some), found[found.pupil.isin(some)].reset_index(drop=True))


def test_custody_counts_where_it_has_a_lawful_basis() -> None:
    frame = told([20, 21], toml=AUTHORITY.replace('youth_justice = "a made-up', 'custody = "a made-up'))
    assert "custody_or_youth_justice" not in of(frame, 20)
    assert of(frame, 21)["custody_or_youth_justice"] == day("2025-01-06")


def test_every_status_is_declared_once_with_a_source_and_has_a_signpost() -> None:
    names = [status.name for status in STATUSES]
    assert len(names) == len(set(names))
    assert set(names) == set(SIGNPOSTS)
    assert [status.name for status in STATUSES if not (status.rule.endswith(".") and status.source)] == []
    assert {weaker for status in STATUSES for weaker in status.instead_of} <= set(names)
