"""Specs of the suspension features, as of Friday 14 February 2025 unless a spec says otherwise."""

from datetime import date

from tests.spec.specs import spec

WINDOWS = spec(
    "suspensions and their sessions by look-back; lunchtimes and permanent exclusions are counted apart; none is zero",
    {
        "num_suspensions_20": {1: 1, 2: 0, 3: 0},
        "num_suspensions_60": {1: 2, 2: 0, 3: 0},
        "num_suspensions_190": {1: 3, 2: 1, 3: 0},
        "num_suspensions_380": {1: 4, 2: 2, 3: 0},
        "num_sessions_suspended_60": {1: 6, 2: 0, 3: 0},
        "num_sessions_suspended_190": {1: 14, 2: 3, 3: 0},
        "num_sessions_suspended_380": {1: 30, 2: 7, 3: 0},
        "num_lunchtime_suspensions_60": {1: 0, 2: 1, 3: 0},
        "num_lunchtime_suspensions_190": {1: 0, 2: 2, 3: 0},
        "num_permanent_exclusions_380": {1: 0, 2: 1, 3: 0},
        "days_since_suspension": {1: 20, 2: 61, 3: None},
        "num_sessions_longest_suspension_190": {1: 8, 2: 3, 3: 0},
        "change_num_suspensions_60": {1: 1, 2: -1, 3: 0},
    },
    suspensions="""
    pupil | urn | category | start_date | sessions
    1     | 2   | SUSP     | 20 ago     | 2
    1     | 2   | SUSP     | 21 ago     | 4
    1     | 2   | SUSP     | 61 ago     | 8
    1     | 2   | SUSP     | 191 ago    | 16
    1     | 2   | SUSP     | 381 ago    | 32
    1     | 2   | SUSP     | 0 ago      | 64
    2     | 2   | SUSP     | 61 ago     | 3
    2     | 2   | SUSP     | 380 ago    | 4
    2     | 2   | LNCH     | 10 ago     | 1
    2     | 2   | LNCH     | 70 ago     | 1
    2     | 2   | PERM     | 70 ago     |
    3     | 2   | PERM     | 381 ago    |
    """,
)

KNOWN_LATER = spec(
    "an event counts once it is known, strictly before the as-of date",
    {"num_suspensions_20": {1: 0, 2: 1}},
    suspensions="""
    pupil | urn | category | start_date | sessions | known_on
    1     | 2   | SUSP     | 5 ago      | 2        | 0 ago
    2     | 2   | SUSP     | 5 ago      | 2        | 1 ago
    """,
)

VERSIONS = spec(
    "of two versions of one event the latest known counts; one known later is not there yet",
    {
        "num_suspensions_20": {1: 1, 2: 1, 3: 1},
        "num_sessions_suspended_60": {1: 6, 2: 2, 3: 6},
        "num_physical_190": {1: 1, 2: 0, 3: 0},
        "num_disruption_190": {1: 0, 2: 1, 3: 1},
    },
    suspensions="""
    pupil | urn | category | start_date | sessions | reason_1 | known_on
    1     | 2   | SUSP     | 9 ago      | 2        | DB       | 8 ago
    1     | 2   | SUSP     | 9 ago      | 6        | PP       | 4 ago
    2     | 2   | SUSP     | 9 ago      | 2        | DB       | 8 ago
    2     | 2   | SUSP     | 9 ago      | 6        | PP       | 0 ago
    3     | 2   | SUSP     | 9 ago      | 2        | DB       | 8 ago
    3     | 2   | SUSP     | 9 ago      | 6        | DB       | 8 ago
    """,
)

CANCELLED = spec(
    "an event that was cancelled did not happen, from the day that is known; until then it stands",
    {
        "num_suspensions_20": {1: 0, 2: 1, 3: 1, 4: 1, 5: 0},
        "num_sessions_towards_15_days": {1: 0, 2: 4, 3: 4, 4: 4, 5: 0},
        "num_permanent_exclusions_380": {1: 0, 2: 0, 5: 0, 6: 1, 7: 1},
    },
    suspensions="""
    pupil | urn | category | start_date | sessions | outcome    | outcome_on | known_on
    1     | 2   | SUSP     | 9 ago      | 4        | cancelled  | 5 ago      | 8 ago
    2     | 2   | SUSP     | 9 ago      | 4        | cancelled  | 0 ago      | 8 ago
    3     | 2   | SUSP     | 9 ago      | 4        |            |            | 8 ago
    3     | 2   | SUSP     | 9 ago      | 4        | cancelled  | 5 ago      | 0 ago
    4     | 2   | SUSP     | 9 ago      | 4        | withdrawn  | 5 ago      | 8 ago
    5     | 2   | SUSP     | 9 ago      | 4        |            |            | 8 ago
    5     | 2   | SUSP     | 9 ago      | 4        | cancelled  | 5 ago      | 4 ago
    6     | 2   | PERM     | 9 ago      |          | reinstated | 5 ago      | 8 ago
    7     | 1   | PERM     | 99 ago     |          | upheld     | 50 ago     | 98 ago
    """,
)

REASONS = spec(
    "an event counts once in every group that any of its three reasons is in; lunchtimes in none; DS is a reason here",
    {
        "num_disruption_190": {1: 1, 2: 0},
        "num_physical_190": {1: 1, 2: 0},
        "num_verbal_190": {1: 1, 2: 1},
        "num_drugs_190": {1: 0, 2: 1},
        "num_weapons_190": {1: 1, 2: 0},
        "num_damage_190": {1: 0, 2: 1},
        "num_bullying_190": {1: 1, 2: 1},
        "num_sexual_190": {1: 0, 2: 1, 3: 1},
        "num_online_190": {1: 0, 2: 0, 3: 2},
        "num_other_reason_190": {1: 0, 2: 0, 3: 3},
    },
    suspensions="""
    pupil | urn | category | start_date | sessions | reason_1 | reason_2 | reason_3
    1     | 2   | SUSP     | 30 ago     | 2        | DB       | PP       | PA
    1     | 2   | PERM     | 29 ago     |          | OW       | VA       |
    1     | 2   | SUSP     | 28 ago     | 1        | DS       |          |
    1     | 2   | LNCH     | 27 ago     | 1        | DB       |          |
    1     | 2   | SUSP     | 191 ago    | 1        | TH       |          |
    2     | 2   | SUSP     | 30 ago     | 1        | SM       | VP       | TB
    2     | 2   | SUSP     | 31 ago     | 1        | VR       | DM       |
    3     | 2   | SUSP     | 190 ago    | 1        | SB       | MT       |
    3     | 2   | SUSP     | 31 ago     | 1        | OS       |          |
    3     | 2   | SUSP     | 32 ago     | 1        | PH       | MP       |
    3     | 2   | PERM     | 33 ago     |          | OT       |          |
    3     | 2   | LNCH     | 34 ago     | 1        | SM       |          |
    3     | 2   | SUSP     | 191 ago    | 1        | SM       |          |
    """,
)

LIMITS = spec(
    "towards the limits count sessions of this term or year, half a day a lunchtime, and no permanent exclusion",
    {
        "num_sessions_towards_15_days": {1: 7, 2: 0, 3: 0},
        "num_sessions_towards_45_days": {1: 17, 2: 4, 3: 0},
    },
    suspensions="""
    pupil | urn | category | start_date | sessions
    1     | 2   | SUSP     | 2025-01-06 | 6
    1     | 2   | LNCH     | 2025-01-10 | 3
    1     | 2   | PERM     | 2025-01-13 |
    1     | 2   | SUSP     | 2024-12-20 | 10
    1     | 2   | SUSP     | 2024-07-19 | 20
    2     | 1   | SUSP     | 2024-09-02 | 4
    """,
)

SECOND_HALF = spec(
    "a term is autumn, spring or summer, not a half-term",
    {"num_sessions_towards_15_days": {1: 6, 2: 0}, "num_sessions_towards_45_days": {1: 6, 2: 2}},
    as_of=date(2025, 3, 14),
    suspensions="""
    pupil | urn | category | start_date | sessions
    1     | 2   | SUSP     | 2025-01-06 | 4
    1     | 2   | SUSP     | 2025-03-03 | 2
    2     | 2   | SUSP     | 2024-12-20 | 2
    """,
)

TWO_SCHOOLS = spec(
    "events follow the pupil; the same day at two schools is two events",
    {"num_suspensions_60": {1: 2}, "num_sessions_suspended_60": {1: 3}},
    suspensions="""
    pupil | urn | category | start_date | sessions
    1     | 1   | SUSP     | 30 ago     | 1
    1     | 2   | SUSP     | 30 ago     | 2
    """,
)

NOT_COVERED = spec(
    "a look-back that the authority's suspensions do not reach is missing, not zero",
    {
        "num_suspensions_20": {1: 1}, "num_suspensions_60": {1: 1}, "num_suspensions_190": {1: None}, "num_suspensions_380": {1: None},
        "num_sessions_suspended_60": {1: 2}, "num_sessions_suspended_190": {1: None}, "num_sessions_suspended_380": {1: None},
        "days_since_suspension": {1: None}, "num_sessions_longest_suspension_190": {1: None}, "change_num_suspensions_60": {1: None},
        "num_physical_190": {1: None}, "num_lunchtime_suspensions_190": {1: None}, "num_permanent_exclusions_380": {1: None},
        "num_sessions_towards_15_days": {1: 2}, "num_sessions_towards_45_days": {1: 2},
    },
    background="since 2024",
    suspensions="""
    pupil | urn | category | start_date | sessions
    1     | 2   | SUSP     | 5 ago      | 2
    """,
)  # fmt: skip

NO_EVENTS = spec(
    "where no suspension was ever known, look-backs are missing",
    {"num_suspensions_20": {1: None}, "num_disruption_190": {1: None}, "days_since_suspension": {1: None}},
    background="nothing",
)

SPECS = (
    WINDOWS, KNOWN_LATER, VERSIONS, CANCELLED, REASONS, LIMITS, SECOND_HALF, TWO_SCHOOLS, NOT_COVERED, NO_EVENTS,
)  # fmt: skip
