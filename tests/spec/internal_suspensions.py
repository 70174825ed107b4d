"""Specs of internal suspensions, as of Friday 14 February 2025."""

from tests.spec.specs import spec

WINDOWS = spec(
    "internal suspensions by look-back; none is zero where the school records them, and none is a suspension",
    {
        "num_internal_suspensions_20": {1: 1, 2: 0},
        "num_internal_suspensions_60": {1: 2, 2: 0},
        "num_internal_suspensions_190": {1: 3, 2: 0},
        "num_sessions_internal_60": {1: 6, 2: 0},
        "num_sessions_internal_190": {1: 14, 2: 0},
        "days_since_internal_suspension": {1: 20, 2: None},
        "change_num_internal_suspensions_60": {1: 1, 2: 0},
        "num_suspensions_20": {1: 0},
        "num_suspensions_60": {1: 0},
        "num_sessions_towards_15_days": {1: 0},
        "num_sessions_towards_45_days": {1: 0},
        "num_disruption_190": {1: 0},
        "days_since_suspension": {1: None},
    },
    internal_suspensions="""
    pupil | urn | start_date | sessions | reason_1
    1     | 2   | 0 ago      | 32       | DB
    1     | 2   | 20 ago     | 2        | DB
    1     | 2   | 21 ago     | 4        | DB
    1     | 2   | 61 ago     | 8        | DB
    1     | 2   | 191 ago    | 16       | DB
    9     | 2   | 300 ago    | 1        |
    """,
)

NOT_RECORDED = spec(
    "where a school of the look-back had not begun to record, or never has, it is missing and not none",
    {
        "num_internal_suspensions_20": {1: 0, 2: None, 3: None, 4: 0, 5: 0},
        "num_internal_suspensions_60": {1: 0, 2: None, 3: None, 4: 0, 5: None},
        "num_internal_suspensions_190": {1: None, 2: None, 3: None, 4: None, 5: None},
        "num_sessions_internal_60": {1: 0, 2: None, 5: None},
        "num_sessions_internal_190": {1: None, 2: None},
        "days_since_internal_suspension": {1: None, 2: None},
        "change_num_internal_suspensions_60": {1: None, 2: None, 4: None},
    },
    roll="""
    pupil | urn | enrolment_status | entry_date | leaving_date | birth_date
    1     | 2   | C                | 2019-09-02 |              | 2011-03-04
    2     | 1   | C                | 2019-09-02 |              | 2016-03-04
    3     | 1   | C                | 2019-09-02 | 11 ago       | 2011-03-04
    3     | 2   | C                | 10 ago     |              |
    4     | 1   | C                | 2019-09-02 | 61 ago       | 2011-03-04
    4     | 2   | C                | 60 ago     |              |
    5     | 1   | C                | 2019-09-02 | 60 ago       | 2011-03-04
    5     | 2   | C                | 59 ago     |              |
    """,
    internal_suspensions="""
    pupil | urn | start_date | sessions
    9     | 2   | 100 ago    | 1
    """,
)

KNOWN_LATER = spec(
    "one counts once it is known, in the latest version known, strictly before the as-of date; a blank length is no session",
    {
        "num_internal_suspensions_20": {1: 0, 2: 1, 3: 1, 4: 1},
        "num_sessions_internal_60": {1: 0, 2: 2, 3: 4, 4: 0},
    },
    internal_suspensions="""
    pupil | urn | start_date | sessions | known_on
    1     | 2   | 5 ago      | 2        | 0 ago
    2     | 2   | 5 ago      | 2        | 1 ago
    3     | 2   | 9 ago      | 2        | 8 ago
    3     | 2   | 9 ago      | 4        | 4 ago
    3     | 2   | 9 ago      | 6        | 0 ago
    4     | 2   | 5 ago      |          | 4 ago
    9     | 2   | 300 ago    | 1        | 299 ago
    """,
)

SPECS = (WINDOWS, NOT_RECORDED, KNOWN_LATER)
