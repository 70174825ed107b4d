"""Specs of the context features, as of Friday 14 February 2025 unless a spec says otherwise."""

from datetime import date

from tests.spec.specs import spec

YEAR_GROUP = spec(
    "year group from the last census, else the roll at entry, else the birth date, aged to the date",
    {
        "year_group": {1: 9, 2: 0, 3: 7, 4: 11, 5: None, 6: 3, 7: 0, 8: 0},
        "is_transition_year": {1: 0, 2: 1, 3: 1, 4: 0, 5: None, 6: 0, 7: 1, 8: 1},
        "num_months_young_in_year": {1: 11, 2: 0, 3: None, 4: None, 5: None, 6: 4, 7: 11, 8: 0},
        "num_days_in_window": {1: 365, 2: 365, 4: 134, 5: 365},
    },
    roll="""
    pupil | urn | enrolment_status | entry_date | birth_date | nc_year
    1     | 2   | C                | 2022-09-05 | 2011-08-31 | 7
    2     | 1   | C                | 2024-09-02 |            | R
    3     | 1   | C                | 2022-09-05 |            | 5
    4     | 2   | C                | 2023-09-04 |            | 10
    5     | 2   | C                | 2023-09-04 |            | X
    6     | 1   | C                | 2023-09-04 | 2017-01-10 |
    7     | 1   | C                | 2024-09-02 | 2020-08-31 |
    8     | 1   | C                | 2024-09-02 | 2019-09-01 | X
    """,
    census="""
    pupil | urn | census_date | birth_date | sen_provision | nc_year
    1     | 2   | 2024-05-16  | 2011-08-31 | N             | 8
    2     | 1   | 2024-10-03  | 2019-09-01 | N             | R
    8     | 1   | 2024-10-03  | 2019-09-01 | N             | X
    """,
)

END_OF_SCHOOLING = spec(
    "the window ends with compulsory schooling, the last Friday in June of Year 11, and is never shorter than nothing",
    {"num_days_in_window": {1: 0, 2: 344, 3: 365}, "year_group": {1: 11, 2: 10}},
    as_of=date(2025, 7, 18),
    roll="""
    pupil | urn | enrolment_status | entry_date | nc_year
    1     | 2   | C                | 2024-09-02 | 11
    2     | 2   | C                | 2024-09-02 | 10
    3     | 2   | C                | 2024-09-02 | 9
    """,
)

JOINING = spec(
    "a stay at a school, however often re-registered; an academy is the school it was; long ago is missing",
    {
        "days_since_joining_school": {1: 20, 2: None, 3: 299, 4: 299, 5: 104, 6: 104, 7: 9},
        "num_in_year_moves_380": {1: 1, 2: 0, 3: 0, 4: 0, 5: 0, 6: 0, 7: 2},
        "is_dual_registered": {1: 0, 7: 0},
    },
    schools="""
    urn | name | phase     | type       | district | opened_on  | predecessor_urn
    1   | One  | primary   | maintained | North    |            |
    2   | Two  | secondary | maintained | North    |            |
    3   | Old  | secondary | maintained | North    |            |
    4   | New  | secondary | academy    | North    | 2024-11-01 | 3
    """,
    roll="""
    pupil | urn | enrolment_status | entry_date | leaving_date | birth_date
    1     | 1   | C                | 2021-09-06 | 20 ago       | 2011-03-04
    1     | 2   | C                | 20 ago     |              | 2011-03-04
    2     | 2   | C                | 2021-09-06 |              | 2011-03-04
    3     | 3   | C                | 2023-09-04 | 2024-10-31   | 2011-03-04
    3     | 4   | C                | 2024-11-01 |              | 2011-03-04
    4     | 2   | M                | 2023-09-04 | 2024-05-03   | 2011-03-04
    4     | 2   | C                | 2024-05-04 |              | 2011-03-04
    5     | 2   | C                | 2021-09-06 | 2022-07-22   | 2011-03-04
    5     | 1   | C                | 2022-09-05 | 2024-07-19   | 2011-03-04
    5     | 2   | C                | 2024-09-02 |              | 2011-03-04
    6     | 2   | C                | 2024-09-02 |              | 2011-03-04
    7     | 2   | C                | 2021-09-06 | 2024-11-29   | 2011-03-04
    7     | 1   | C                | 2024-12-02 | 10 ago       | 2011-03-04
    7     | 2   | C                | 9 ago      |              | 2011-03-04
    """,
)

MOVES = spec(
    "a move in the middle of a year is after its tenth school day and before its last; joining in August is not; known later is not there yet",
    {"num_in_year_moves_380": {1: 0, 2: 1, 3: 0, 4: 0, 5: 1}, "days_since_joining_school": {2: 94, 3: 104}},
    roll="""
    pupil | urn | enrolment_status | entry_date | leaving_date | birth_date | known_on
    1     | 2   | C                | 2024-09-13 |              | 2011-03-04 |
    2     | 2   | C                | 2024-09-16 |              | 2011-03-04 |
    3     | 2   | C                | 2024-08-28 |              | 2011-03-04 |
    4     | 1   | C                | 2021-09-06 |              | 2011-03-04 |
    4     | 2   | C                | 2024-12-02 |              | 2011-03-04 | 0 ago
    5     | 1   | C                | 2021-09-06 | 2024-11-29   | 2011-03-04 |
    5     | 2   | C                | 2024-12-02 |              | 2011-03-04 |
    5     | 1   | G                | 2025-01-20 |              | 2011-03-04 |
    """,
)

DUAL = spec(
    "a main and a subsidiary registration together; not once the other has ended",
    {"is_dual_registered": {1: 1, 2: 0, 3: 1}},
    roll="""
    pupil | urn | enrolment_status | entry_date | leaving_date | end_known_on | birth_date
    1     | 2   | M                | 2022-09-05 |              |              | 2011-03-04
    1     | 1   | S                | 2024-01-08 |              |              | 2011-03-04
    2     | 2   | M                | 2022-09-05 |              |              | 2011-03-04
    2     | 1   | S                | 2024-01-08 | 2025-01-31   |              | 2011-03-04
    3     | 2   | M                | 2022-09-05 |              |              | 2011-03-04
    3     | 1   | S                | 2024-01-08 | 2025-01-31   | 0 ago        | 2011-03-04
    """,
)

OPEN = spec(
    "each service or plan, while it is open",
    {
        "is_cin_open": {1: 1, 2: 0}, "is_cpp_open": {1: 1, 2: 0}, "is_cla_open": {1: 1, 2: 0}, "is_plac_open": {1: 1, 2: 0},
        "is_early_help_open": {1: 1, 2: 0}, "is_young_carer_open": {1: 1, 2: 0}, "is_s19_medical_open": {1: 1, 2: 0},
        "is_ap_placement_open": {1: 1, 2: 0}, "is_off_site_direction_open": {1: 1, 2: 0}, "is_managed_move_open": {1: 1, 2: 0},
        "is_part_time_timetable_open": {1: 1, 2: 0}, "is_mhst_open": {1: 1, 2: 0}, "is_youth_justice_open": {1: 1, 2: 0},
        "num_involvements_begun_190": {1: 5, 2: 0},
    },
    involvements="""
    pupil | kind               | start_date | end_date
    1     | cin                | 9 ago      |
    1     | cpp                | 9 ago      |
    1     | cla                | 9 ago      |
    1     | plac               | 9 ago      |
    1     | early_help         | 9 ago      |
    1     | young_carer        | 9 ago      |
    1     | s19_medical        | 9 ago      |
    1     | ap_placement       | 9 ago      |
    1     | off_site_direction | 9 ago      |
    1     | managed_move       | 9 ago      |
    1     | part_time_timetable| 9 ago      |
    1     | mhst               | 9 ago      |
    1     | youth_justice      | 9 ago      |
    """,
)  # fmt: skip

CLOSED = spec(
    "a spell open then ended: open until its end is known, then past for two school years",
    {
        "is_cin_open": {1: 0, 2: 1, 3: 1, 4: 0, 5: 0},
        "has_had_social_worker_380": {1: 1, 2: 0, 3: 0, 4: 0, 5: 0},
        "has_had_early_help_380": {1: 0, 4: 1, 5: 0},
        "has_had_alternative_380": {1: 0, 5: 1},
        "num_involvements_begun_190": {1: 0, 2: 1, 3: 0, 4: 0, 5: 0},
    },
    involvements="""
    pupil | kind         | start_date | end_date | known_on | end_known_on
    1     | cin          | 300 ago    | 9 ago    |          | 1 ago
    2     | cin          | 100 ago    | 9 ago    |          | 0 ago
    3     | cin          | 191 ago    | 0 ago    |          | 5 ago
    4     | cin          | 500 ago    | 381 ago  |          |
    4     | early_help   | 500 ago    | 380 ago  |          |
    5     | ap_placement | 200 ago    | 100 ago  |          |
    5     | mhst         | 5 ago      |          | 0 ago    |
    """,
)

CUSTODY = spec(
    "custody, where the authority names a condition: open until its end is known, then past for two school years",
    {
        "is_custody_open": {1: 1, 2: 0, 3: 1, 4: 0, 5: 0, 6: 0},
        "has_had_custody_380": {1: 0, 2: 1, 3: 0, 4: 1, 5: 0, 6: 0},
    },
    background="custody named",
    involvements="""
    pupil | kind          | start_date | end_date | known_on | end_known_on
    1     | custody       | 9 ago      |          |          |
    2     | custody       | 99 ago     | 9 ago    |          | 1 ago
    3     | custody       | 99 ago     | 9 ago    |          | 0 ago
    4     | custody       | 500 ago    | 380 ago  |          |
    5     | custody       | 500 ago    | 381 ago  |          |
    6     | youth_justice | 99 ago     | 9 ago    |          |
    6     | custody       | 9 ago      |          | 0 ago    |
    """,
)

CUSTODY_NOT_COVERED = spec(
    "custody of the past is missing where records do not reach two school years; an open spell is not",
    {"is_custody_open": {1: 1, 2: 0}, "has_had_custody_380": {1: None, 2: None}},
    as_of=date(2021, 2, 12),
    background="custody named",
    involvements="""
    pupil | kind    | start_date | end_date
    1     | custody | 9 ago      |
    2     | custody | 30 ago     | 9 ago
    """,
)

NOT_COVERED = spec(
    "past involvements, moves and joining are missing where records do not reach two school years; open ones are not",
    {
        "is_cin_open": {1: 1},
        "has_had_social_worker_380": {1: None},
        "has_had_early_help_380": {1: None},
        "has_had_alternative_380": {1: None},
        "num_involvements_begun_190": {1: None},
    },
    background="since 2024",
    involvements="""
    pupil | kind | start_date
    1     | cin  | 9 ago
    """,
)

FIRST_YEAR = spec(
    "joining and moves are missing where the calendar does not reach two school years",
    {
        "days_since_joining_school": {1: None, 2: None},
        "num_in_year_moves_380": {1: None},
        "year_group": {1: 6},
    },
    as_of=date(2021, 2, 12),
    roll="""
    pupil | urn | enrolment_status | entry_date | birth_date
    1     | 2   | C                | 2020-11-02 | 2010-03-04
    2     | 2   | C                | 2017-09-04 | 2010-03-04
    """,
)

SPECS = (
    YEAR_GROUP, END_OF_SCHOOLING, JOINING, MOVES, DUAL, OPEN, CLOSED, CUSTODY, CUSTODY_NOT_COVERED, NOT_COVERED, FIRST_YEAR,
)  # fmt: skip
