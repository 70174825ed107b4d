"""Specs of the school features: what a school did in the school year before last."""

from tests.spec.specs import spec

SCHOOLS = """
urn | name  | phase       | type       | district | opened_on  | predecessor_urn
1   | Small | all_through | maintained | North    |            |
2   | Large | all_through | maintained | North    |            |
3   | Also  | all_through | maintained | North    |            |
4   | Old   | middle      | maintained | North    |            |
5   | New   | middle      | academy    | North    | 2024-09-02 | 4
6   | Fresh | special     | free       | North    |            |
"""

RATES = spec(
    "rates of the 190 school days that ended 190 school days ago, of the school and of those like it in phase and size",
    {
        "school_suspension_rate": {1: 2, 2: 1 / 2, 4: 0, 5: 1},
        "school_permanent_exclusion_rate": {1: 0, 2: 1 / 2, 4: 0, 5: 0},
        "school_absence_rate": {1: 0.5, 2: None, 5: 0.75},
        "school_num_pupils": {1: 1, 2: 2, 4: 2, 5: 1},
        "school_suspension_rate_to_peers": {1: 1, 2: 2, 4: 0, 5: 1},
        "school_phase": {1: 4, 2: 4, 4: 4, 5: 2},
    },
    schools=SCHOOLS,
    roll="""
    pupil | urn | enrolment_status | entry_date | leaving_date | birth_date
    1     | 1   | C                | 2021-09-06 |              | 2011-03-04
    2     | 2   | C                | 2021-09-06 |              | 2011-03-04
    3     | 2   | C                | 2021-09-06 | 150 ago      | 2011-03-04
    4     | 3   | C                | 2021-09-06 |              | 2011-03-04
    9     | 3   | C                | 191 ago    |              | 2011-03-04
    10    | 3   | C                | 190 ago    |              | 2011-03-04
    11    | 3   | C                | 2021-09-06 | 191 ago      | 2011-03-04
    12    | 3   | S                | 2021-09-06 |              | 2011-03-04
    5     | 4   | C                | 2021-09-06 | 2024-08-31   | 2011-03-04
    5     | 5   | C                | 2024-09-02 |              | 2011-03-04
    """,
    suspensions="""
    pupil | urn | category | start_date | sessions | outcome   | outcome_on
    1     | 1   | SUSP     | 380 ago    | 2        |           |
    1     | 1   | SUSP     | 191 ago    | 2        |           |
    1     | 1   | SUSP     | 381 ago    | 2        |           |
    1     | 1   | SUSP     | 190 ago    | 2        |           |
    1     | 1   | SUSP     | 200 ago    | 2        | cancelled | 190 ago
    1     | 1   | LNCH     | 200 ago    | 1        |           |
    3     | 2   | SUSP     | 200 ago    | 2        |           |
    3     | 2   | PERM     | 200 ago    |          |           |
    5     | 4   | SUSP     | 200 ago    | 2        |           |
    """,
    attendance=r"""
    pupil | urn | date    | am | pm
    1     | 1   | 200 ago | I  | \
    1     | 1   | 190 ago | I  | I
    5     | 4   | 380 ago | /  | I
    5     | 4   | 191 ago | I  | I
    """,
)

NO_HISTORY = spec(
    "a school without such a year of records has none; the phase is known all the same",
    {
        "school_suspension_rate": {1: None}, "school_permanent_exclusion_rate": {1: None}, "school_absence_rate": {1: None},
        "school_num_pupils": {1: None}, "school_suspension_rate_to_peers": {1: None}, "school_phase": {1: 5},
    },
    schools=SCHOOLS,
    roll="""
    pupil | urn | enrolment_status | entry_date | birth_date
    1     | 6   | C                | 2024-09-02 | 2011-03-04
    """,
)  # fmt: skip

ALTERNATIVE = spec(
    "alternative provision and pupil referral units have no phase code",
    {"school_phase": {1: None, 2: 1, 3: 3}},
    roll="""
    pupil | urn    | enrolment_status | entry_date | birth_date
    1     | 100003 | C                | 2024-09-02 | 2011-03-04
    2     | 1      | C                | 2024-09-02 | 2011-03-04
    3     | 2      | C                | 2024-09-02 | 2011-03-04
    """,
)

NOT_COVERED = spec(
    "where registers do not reach two school years nothing is said of any school",
    {
        "school_suspension_rate": {1: None}, "school_permanent_exclusion_rate": {1: None}, "school_absence_rate": {1: None},
        "school_num_pupils": {1: None}, "school_suspension_rate_to_peers": {1: None}, "school_phase": {1: 3},
    },
    background="since 2024",
)  # fmt: skip

SPECS = (RATES, NO_HISTORY, ALTERNATIVE, NOT_COVERED)
