"""Specs of the special educational needs features, as of Friday 14 February 2025 unless a spec says otherwise."""

from datetime import date

from tests.spec.specs import spec

CENSUSES = spec(
    "provision and needs are of the last census known; none is missing",
    {
        "sen_provision": {1: 2, 2: 0, 3: None, 4: 1},
        "is_semh": {1: 1, 2: 0, 3: None, 4: 1},
        "is_slcn": {1: 1, 2: 0, 3: None, 4: 0},
        "is_asd": {1: 0, 2: 0, 3: None, 4: 0},
        "is_mld": {1: 0, 2: 0, 3: None, 4: 0},
        "is_spld": {1: 0, 2: 0, 3: None, 4: 0},
    },
    census="""
    pupil | urn | census_date | birth_date | sen_provision | sen_need_1 | sen_need_2 | nc_year | known_on
    1     | 2   | 2024-05-16  | 2011-03-04 | K             | ASD        |            | 8       | 2024-06-20
    1     | 2   | 2024-10-03  | 2011-03-04 | E             | SLCN       | SEMH       | 9       | 2024-11-07
    1     | 2   | 2025-01-16  | 2011-03-04 | N             |            |            | 9       | 2025-02-20
    2     | 2   | 2024-10-03  | 2011-03-04 | N             |            |            | 9       | 2024-11-07
    4     | 2   | 2024-10-03  | 2011-03-04 | K             | BESD       |            | 9       | 2024-11-07
    """,
)

OTHER_NEEDS = spec(
    "a need counts wherever it stands, first or second",
    {"is_asd": {1: 1, 2: 0}, "is_mld": {1: 1, 2: 0}, "is_spld": {1: 0, 2: 1}, "is_semh": {1: 0, 2: 0}},
    census="""
    pupil | urn | census_date | birth_date | sen_provision | sen_need_1 | sen_need_2 | nc_year
    1     | 2   | 2024-10-03  | 2011-03-04 | K             | ASD        | MLD        | 9
    2     | 2   | 2024-10-03  | 2011-03-04 | K             | SPLD       |            | 9
    """,
)

STEPS = spec(
    "provision stepped up or down within two school years, and how long ago it was last different",
    {
        "is_sen_stepped_up": {1: 1, 2: 0, 3: 1, 4: 0, 5: 0},
        "is_sen_stepped_down": {1: 0, 2: 1, 3: 1, 4: 0, 5: 0},
        "days_since_sen_differed": {1: 146, 2: 146, 3: 81, 4: None, 5: None},
        "sen_provision": {1: 1, 2: 0, 3: 1, 4: 1, 5: None},
    },
    census="""
    pupil | urn | census_date | birth_date | sen_provision | nc_year
    1     | 2   | 2024-05-16  | 2011-03-04 | N             | 8
    1     | 2   | 2024-10-03  | 2011-03-04 | K             | 9
    2     | 2   | 2024-05-16  | 2011-03-04 | K             | 8
    2     | 2   | 2024-10-03  | 2011-03-04 | N             | 9
    3     | 2   | 2024-05-16  | 2011-03-04 | N             | 8
    3     | 2   | 2024-10-03  | 2011-03-04 | E             | 9
    3     | 2   | 2025-01-16  | 2011-03-04 | K             | 9
    4     | 2   | 2022-10-06  | 2011-03-04 | N             | 7
    4     | 2   | 2024-10-03  | 2011-03-04 | K             | 9
    5     | 2   | 2022-10-06  | 2011-03-04 | K             | 7
    """,
)

DUAL = spec(
    "of two census rows on one day the main school's counts; once the pupil is there alone, the other school's does",
    {"sen_provision": {1: 0, 2: 2}},
    roll="""
    pupil | urn | enrolment_status | entry_date | leaving_date | birth_date
    1     | 1   | M                | 2022-09-05 |              | 2011-03-04
    1     | 2   | S                | 2024-01-08 |              | 2011-03-04
    2     | 1   | M                | 2022-09-05 | 2024-07-19   | 2011-03-04
    2     | 2   | S                | 2024-01-08 | 2024-07-19   | 2011-03-04
    2     | 2   | C                | 2024-09-02 |              | 2011-03-04
    """,
    census="""
    pupil | urn | census_date | birth_date | sen_provision | nc_year
    1     | 1   | 2024-10-03  | 2011-03-04 | N             | 9
    1     | 2   | 2024-10-03  | 2011-03-04 | K             | 9
    2     | 2   | 2024-10-03  | 2011-03-04 | E             | 9
    """,
)

NOT_COVERED = spec(
    "a change of provision is missing where the censuses do not reach two school years; the last provision is not",
    {
        "sen_provision": {1: 1},
        "is_sen_stepped_up": {1: None},
        "is_sen_stepped_down": {1: None},
        "days_since_sen_differed": {1: None},
        "days_since_ehcp_started": {1: None},
        "is_ehcp_open": {1: 1},
    },
    background="since 2024",
    census="""
    pupil | urn | census_date | birth_date | sen_provision | nc_year
    1     | 2   | 2024-10-03  | 2011-03-04 | N             | 9
    1     | 2   | 2025-01-16  | 2011-03-04 | K             | 9
    """,
    involvements="""
    pupil | kind | start_date
    1     | ehcp | 2025-01-16
    """,
)

COUNCIL = spec(
    "plans and assessments are the council's own; a spell reads as open until its end is known",
    {
        "is_ehc_assessment_open": {1: 1, 2: 0, 3: 1, 4: 0, 5: 0},
        "is_ehcp_open": {1: 0, 2: 1, 3: 0, 4: 0, 5: 1},
        "days_since_ehcp_started": {1: None, 2: 20, 3: None, 4: None, 5: None},
    },
    involvements="""
    pupil | kind           | start_date | end_date   | known_on   | end_known_on
    1     | ehc_assessment | 30 ago     |            |            |
    2     | ehc_assessment | 99 ago     | 21 ago     |            | 10 ago
    2     | ehcp           | 20 ago     |            |            |
    3     | ehc_assessment | 99 ago     | 21 ago     |            | 0 ago
    4     | ehcp           | 20 ago     |            | 0 ago      |
    5     | ehcp           | 2021-03-01 |            |            |
    """,
)

FIRST_YEAR = spec(
    "what the calendar itself does not reach is missing",
    {"is_sen_stepped_up": {1: None}, "sen_provision": {1: 1}, "days_since_ehcp_started": {1: None}},
    as_of=date(2021, 2, 12),
    census="""
    pupil | urn | census_date | birth_date | sen_provision | nc_year
    1     | 2   | 2020-01-16  | 2011-03-04 | N             | 4
    1     | 2   | 2020-05-21  | 2011-03-04 | E             | 4
    1     | 2   | 2020-10-01  | 2011-03-04 | K             | 5
    """,
    involvements="""
    pupil | kind | start_date
    1     | ehcp | 2020-11-02
    """,
)

SPECS = (CENSUSES, OTHER_NEEDS, STEPS, DUAL, NOT_COVERED, COUNCIL, FIRST_YEAR)
