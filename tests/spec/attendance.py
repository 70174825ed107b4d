"""Specs of the attendance features, as of Friday 14 February 2025 unless a spec says otherwise."""

from datetime import date

from tests.spec.specs import spec

OCTOBER = date(2024, 10, 25)

WINDOWS = spec(
    "a share is of the pupil's own possible sessions of 20, 60 or 190 school days; no mark is missing, not full attendance",
    {
        "share_missed_20": {1: 0.5, 2: 0, 3: 0, 4: None},
        "share_missed_60": {1: 100 / 120, 2: 0.5, 3: 0, 4: None},
        "share_missed_190": {1: 100 / 380, 2: 0.5, 3: 0.4, 4: None},
        "share_unauthorised_20": {1: 0.5, 2: 0, 4: None},
        "share_unauthorised_60": {1: 20 / 120, 2: 0, 4: None},
        "share_unauthorised_190": {1: 20 / 380, 2: 0, 4: None},
        "share_illness_20": {1: 0, 2: 0, 4: None},
        "share_illness_60": {1: 80 / 120, 2: 0, 4: None},
        "share_illness_190": {1: 80 / 380, 3: 0.4, 4: None},
        "is_persistently_absent_190": {1: 1, 2: 1, 3: 1, 4: None},
        "is_severely_absent_190": {1: 0, 2: 1, 3: 0, 4: None},
        "change_share_missed_20": {1: -0.5, 2: -1, 4: None},
    },
    attendance=r"""
    pupil | urn | date    | until  | am | pm
    1     | 2   | 190 ago | 61 ago | /  | \
    1     | 2   | 60 ago  | 21 ago | I  | I
    1     | 2   | 20 ago  | 1 ago  | /  | O
    2     | 2   | 21 ago  |        | M  | M
    2     | 2   | 20 ago  |        | /  | \
    3     | 2   | 61 ago  |        | I  | I
    3     | 2   | 60 ago  |        | /  | \
    3     | 2   | 20 ago  |        | /  | \
    3     | 2   | 190 ago |        | I  | I
    3     | 2   | 191 ago |        | I  | I
    3     | 2   | 21 ago  |        | /  | \
    4     | 2   | 0 ago   |        | I  | I
    """,
)

KNOWN_LATER = spec(
    "a mark counts once it is known, strictly before the as-of date, and a correction as it stands then",
    {"share_missed_20": {1: None, 2: 1, 3: 0.5}},
    attendance=r"""
    pupil | urn | date  | am | pm | known_on
    1     | 2   | 5 ago | I  | I  | 0 ago
    2     | 2   | 5 ago | I  | I  | 1 ago
    3     | 2   | 5 ago | I  | I  | 0 ago
    3     | 2   | 6 ago | I  | \  | 2 ago
    """,
)

NOT_POSSIBLE = spec(
    "codes that no session stands for are neither possible nor missed",
    {
        "share_missed_20": {1: None, 2: 0.5},
        "num_sessions_marked_suspended_60": {1: None, 2: 0},
        "days_since_absent": {1: None, 2: 3},
    },
    attendance=r"""
    pupil | urn | date  | am | pm
    1     | 2   | 5 ago | X  | Y1
    1     | 2   | 4 ago | -  | D
    1     | 2   | 3 ago | #  | Z
    2     | 2   | 3 ago | Q  | C1
    2     | 2   | 2 ago | -  | V
    """,
)

NEWEST_WEEK = spec(
    "N marks of the newest seven days are counted neither as possible nor as missed; older ones are missed",
    {
        "share_missed_20": {1: None, 2: 1, 3: 0, 4: 0.5},
        "share_unauthorised_20": {1: None, 2: 1, 3: 0, 4: 0.5},
        "days_since_absent": {1: None, 2: 6, 3: None, 4: 6},
        "days_longest_absence_60": {1: None, 2: 1, 3: 0, 4: 1},
    },
    attendance=r"""
    pupil | urn | date       | am | pm
    1     | 2   | 2025-02-07 | N  | N
    2     | 2   | 2025-02-06 | N  | N
    3     | 2   | 2025-02-13 | N  | \
    4     | 2   | 2025-02-06 | N  | N
    4     | 2   | 2025-02-10 | N  | N
    4     | 2   | 2025-02-11 | /  | \
    """,
)

LATE = spec(
    "late is L or U; U is missed without leave as well",
    {
        "share_late_20": {1: 0.5, 2: None},
        "share_late_60": {1: 4 / 6, 2: None},
        "share_unauthorised_20": {1: 0.25},
    },
    attendance=r"""
    pupil | urn | date   | am | pm
    1     | 2   | 1 ago  | L  | \
    1     | 2   | 2 ago  | /  | U
    1     | 2   | 30 ago | L  | L
    """,
)

CONTEXT = spec(
    "sessions suspended (E), taught off site (K, B) and part-time (C2); none where no session was possible is missing",
    {
        "num_sessions_marked_suspended_60": {1: 3, 2: 0, 3: None},
        "num_sessions_marked_suspended_190": {1: 5, 2: 0, 3: None},
        "num_sessions_alternative_60": {1: 0, 2: 2, 3: None},
        "num_sessions_part_time_60": {1: 1, 2: 0, 3: None},
    },
    attendance=r"""
    pupil | urn | date    | am | pm
    1     | 2   | 1 ago   | E  | E
    1     | 2   | 60 ago  | E  | C2
    1     | 2   | 61 ago  | E  | E
    2     | 2   | 2 ago   | K  | B
    3     | 2   | 2 ago   | -  | X
    """,
)

BEFORE_THE_CODE = spec(
    "a look-back that starts before a code existed is missing",
    {"num_sessions_part_time_60": {1: None}, "num_sessions_alternative_60": {1: 0}},
    as_of=OCTOBER,
    attendance=r"""
    pupil | urn | date  | am | pm
    1     | 2   | 1 ago | C2 | C2
    """,
)

CHANGES = spec(
    "a change is from the look-back before, or from the same weeks last year; missing where either is",
    {
        "change_share_missed_20": {1: 0.5, 2: None},
        "change_share_missed_60": {1: -0.5, 2: None},
        "change_share_missed_60_year": {1: 0.5, 2: 0.5},
    },
    attendance=r"""
    pupil | urn | date    | am | pm
    1     | 2   | 1 ago   | I  | I
    1     | 2   | 21 ago  | /  | I
    1     | 2   | 41 ago  | /  | I
    1     | 2   | 42 ago  | /  | I
    1     | 2   | 43 ago  | /  | \
    1     | 2   | 61 ago  | I  | I
    1     | 2   | 191 ago | /  | \
    1     | 2   | 250 ago | /  | \
    1     | 2   | 251 ago | I  | I
    2     | 2   | 1 ago   | /  | I
    2     | 2   | 191 ago | /  | \
    """,
)

RUNS = spec(
    "whole school days missed in a row, weekends and holidays apart; a spell that goes back further counts its days inside",
    {
        "days_longest_absence_60": {1: 3, 2: 60, 3: 1, 4: 0, 5: None, 6: 2, 7: 0},
        "num_absence_spells_60": {1: 2, 2: 0, 3: 2, 4: 0, 5: None, 6: 1, 7: 0},
        "days_since_absent": {1: 5, 2: 1, 3: 5, 4: 1, 5: None, 6: 59},
        "share_missed_20": {2: 1},
    },
    attendance=r"""
    pupil | urn | date       | until      | am | pm
    1     | 2   | 2024-12-19 | 2025-01-06 | I  | I
    1     | 2   | 2025-02-07 |            | I  | I
    2     | 2   | 70 ago     | 1 ago      | I  | I
    3     | 2   | 7 ago      |            | I  | I
    3     | 2   | 6 ago      |            | I  | \
    3     | 2   | 5 ago      |            | I  | I
    4     | 2   | 1 ago      |            | /  | I
    5     | 2   | 200 ago    | 61 ago     | /  | \
    6     | 2   | 60 ago     | 59 ago     | I  | I
    7     | 2   | 2025-02-08 |            | I  | I
    7     | 2   | 2025-02-10 |            | /  | \
    """,
)

DUAL = spec(
    "a dual-registered pupil's two registers add up; D is not possible; a day is missed whole only where no school saw the pupil",
    {
        "share_missed_20": {1: 1 / 4, 2: 3 / 8},
        "days_longest_absence_60": {1: 0, 2: 1},
        "num_absence_spells_60": {1: 0, 2: 1},
        "is_dual_registered": {1: 1, 2: 1},
    },
    roll="""
    pupil | urn | enrolment_status | entry_date | birth_date
    1     | 2   | M                | 2022-09-05 | 2011-03-04
    1     | 1   | S                | 2024-01-08 | 2011-03-04
    2     | 2   | M                | 2022-09-05 | 2011-03-04
    2     | 1   | S                | 2024-01-08 | 2011-03-04
    """,
    attendance=r"""
    pupil | urn | date   | am | pm
    1     | 2   | 1 ago  | I  | D
    1     | 1   | 1 ago  | D  | \
    1     | 2   | 2 ago  | /  | D
    1     | 1   | 2 ago  | D  | \
    2     | 2   | 1 ago  | I  | I
    2     | 1   | 1 ago  | /  | \
    2     | 2   | 5 ago  | D  | I
    2     | 1   | 5 ago  | D  | D
    2     | 2   | 10 ago | /  | \
    2     | 2   | 11 ago | /  | D
    """,
)

TWO_REGISTERS = spec(
    "a day is missed whole only where no register of a school that the pupil was on the roll of saw the pupil",
    {"days_longest_absence_60": {1: 0, 2: 1, 3: 1}, "num_absence_spells_60": {1: 0, 2: 1, 3: 1}, "share_missed_20": {1: 1 / 2, 2: 1, 3: 1}},
    roll="""
    pupil | urn | enrolment_status | entry_date | leaving_date | birth_date
    1     | 2   | C                | 2022-09-05 |              | 2011-03-04
    1     | 1   | G                | 2024-01-08 |              | 2011-03-04
    2     | 2   | C                | 2022-09-05 |              | 2011-03-04
    2     | 1   | C                | 2024-01-08 | 2024-07-19   | 2011-03-04
    3     | 2   | C                | 2022-09-05 |              | 2011-03-04
    """,
    attendance=r"""
    pupil | urn | date   | am | pm
    1     | 2   | 1 ago  | I  | I
    1     | 1   | 1 ago  | /  | \
    2     | 2   | 1 ago  | I  | I
    2     | 1   | 1 ago  | D  | D
    3     | 2   | 1 ago  | I  | I
    3     | 1   | 1 ago  | /  | \
    """,
)  # fmt: skip

MOVED = spec(
    "marks follow the pupil from school to school",
    {"share_missed_20": {1: 0.5}, "share_missed_60": {1: 0.5}},
    roll="""
    pupil | urn | enrolment_status | entry_date | leaving_date | birth_date
    1     | 1   | C                | 2022-09-05 | 2025-02-03   | 2011-03-04
    1     | 2   | C                | 2025-02-04 |              | 2011-03-04
    """,
    attendance=r"""
    pupil | urn | date       | am | pm
    1     | 1   | 2025-02-03 | I  | I
    1     | 2   | 2025-02-04 | /  | \
    """,
)

NOT_COVERED = spec(
    "a look-back that the authority's registers do not reach is missing, whatever the pupil has",
    {
        "share_missed_20": {1: 1}, "share_missed_60": {1: 1}, "share_missed_190": {1: None},
        "change_share_missed_20": {1: None, 2: 0}, "change_share_missed_60": {1: None, 2: None, 3: None}, "change_share_missed_60_year": {1: None},
        "is_persistently_absent_190": {1: None}, "is_severely_absent_190": {1: None},
        "num_sessions_marked_suspended_60": {1: 0}, "num_sessions_marked_suspended_190": {1: None},
        "share_unauthorised_190": {1: None}, "share_illness_190": {1: None}, "days_since_absent": {1: None},
        "days_longest_absence_60": {1: 2},
    },
    background="since 2024",
    attendance=r"""
    pupil | urn | date   | until | am | pm
    1     | 2   | 2 ago  | 1 ago | I  | I
    2     | 2   | 40 ago | 1 ago | /  | \
    3     | 2   | 90 ago | 1 ago | /  | \
    """,
)  # fmt: skip

NO_REGISTERS = spec(
    "where no register was ever taken everything about attendance is missing",
    {
        name: {1: None}
        for name in (
            "share_missed_20", "share_unauthorised_20", "share_illness_20", "share_late_20", "days_since_absent",
            "num_sessions_marked_suspended_60", "days_longest_absence_60", "num_absence_spells_60",
        )
    },
    background="nothing",
)  # fmt: skip

SPECS = (
    WINDOWS, KNOWN_LATER, NOT_POSSIBLE, NEWEST_WEEK, LATE, CONTEXT, BEFORE_THE_CODE, CHANGES, RUNS, DUAL, TWO_REGISTERS,
    MOVED, NOT_COVERED, NO_REGISTERS,
)  # fmt: skip
