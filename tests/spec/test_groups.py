"""Audit attributes: a small census in, each pupil's groups out."""

from datetime import date

import pandas as pd
import pytest

from features.as_of import AsOf
from features.calendar import Calendar
from features.codes import code_set
from features.groups import COLUMNS, NOT_KNOWN, groups
from tests.small import records

FRIDAY = date(2025, 2, 14)
ROLL = """
pupil | urn    | enrolment_status | entry_date | sex | nc_year | birth_date
1     | 100001 | C                | 2020-09-07 | F   | R       | 2015-12-31
2     | 100001 | C                | 2020-09-07 |     | R       | 2016-01-01
3     | 100001 | C                | 2024-09-02 | M   | 3       | 2017-05-01
4     | 100001 | C                | 2024-09-02 |     |         |
5     | 100001 | C                | 2020-09-07 |     | R       | 2016-08-31
6     | 100001 | C                | 2020-09-07 |     | R       | 2016-04-30
7     | 100002 | M                | 2020-09-07 |     | 7       | 2008-10-01
7     | 100003 | S                | 2020-09-07 |     | 7       | 2008-10-01
"""
CENSUS = """
pupil | census_date | urn    | birth_date | sex | ethnicity | fsm_eligible | sen_provision | sen_need_1 | nc_year | idaci_decile | known_on
1     | 2024-05-16  | 100001 | 2015-12-31 | F   | BCRB      | false        | N             |            | 3       | 9            |
1     | 2024-10-03  | 100001 | 2015-12-31 | F   | AOPK      | true         | K             | SEMH       | 4       | 2            |
1     | 2025-01-16  | 100001 | 2015-12-31 | M   | WBRI      | false        | E             | ASD        | 4       | 9            | 2025-02-14
2     | 2024-10-03  | 100001 | 2016-01-01 | M   | WBRI      | false        | N             |            | 4       |              |
5     | 2024-10-03  | 100001 | 2016-08-31 | F   | REFU      | true         | E             | ASD        | 4       | 10           |
6     | 2024-10-03  | 100001 | 2016-04-30 | F   |           |              |               |            | 4       |              |
7     | 2024-10-03  | 100003 | 2008-10-01 | M   | BAFR      | true         | K             | SEMH       | 11      | 1            |
7     | 2024-10-03  | 100002 | 2008-10-01 | M   | MWBC      | false        | N             |            | 11      | 3            |
"""
EXPECTED = {
    # ethnicity, major, as recorded, fsm, sex, provision, need, idaci, year, term of birth
    1: ("APKN", "Asian", "AOPK", "yes", "F", "K", "SEMH", "2", "4", "autumn"),
    2: ("WBRI", "White", "WBRI", "no", "M", "N", "none", NOT_KNOWN, "4", "spring"),
    3: (NOT_KNOWN, NOT_KNOWN, NOT_KNOWN, NOT_KNOWN, "M", NOT_KNOWN, NOT_KNOWN, NOT_KNOWN, "3", "summer"),
    4: (NOT_KNOWN,) * 10,
    5: ("REFU", "Unclassified", "REFU", "yes", "F", "E", "ASD", "10", "4", "summer"),
    6: (NOT_KNOWN, NOT_KNOWN, NOT_KNOWN, NOT_KNOWN, "F", NOT_KNOWN, "none", NOT_KNOWN, "4", "spring"),
    7: ("MWBC", "Mixed", "MWBC", "no", "M", "N", "none", "3", "11", "autumn"),
}  # fmt: skip


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    held = records(roll=ROLL, census=CENSUS)
    return groups(held, AsOf(FRIDAY, Calendar.of(held.authority)).alone)


@pytest.mark.parametrize("pupil", EXPECTED)
def test_groups(found: pd.DataFrame, pupil: int) -> None:
    row = found[found.pupil == pupil].iloc[0]
    assert tuple(row[list(COLUMNS)]) == EXPECTED[pupil]


def test_everyone_of_the_cohort_is_in_a_group(found: pd.DataFrame) -> None:
    assert found.pupil.tolist() == sorted(EXPECTED)
    assert set(found.as_of) == {FRIDAY}
    assert not found[list(COLUMNS)].isna().any().any()
    assert found.set_index("pupil").told_on.isna().to_dict() == {
        1: False,
        2: False,
        3: True,
        4: True,
        5: False,
        6: False,
        7: False,
    }


def test_every_ethnicity_code_rolls_up_to_a_main_code_that_stands_for_itself() -> None:
    codes = code_set("ethnicity").set_index("code")
    assert (codes.loc[codes.main_code, "main_code"].to_numpy() == codes.main_code.to_numpy()).all()
    assert (codes.loc[codes.main_code, "major_group"].to_numpy() == codes.major_group.to_numpy()).all()
