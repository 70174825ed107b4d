"""Internal suspensions: half a day or more away from lessons inside the school. Declarations only.

They are what a school did, and never a suspension: they count towards no limit, and in no feature or outcome of
suspensions. An authority makes these features where it supplies the table; where a school of the look-back had not
begun to record them they are missing, which is not none.
"""

from features.feature import Feature, change, count, days_since, total

SOURCE = "docs/reference/records-contract.md: internal_suspensions; DfE policy of 29 January 2026, under discussion"
NOT_RECORDED = "Missing where a school that the child was at in the look-back had not recorded any yet: not recorded is not none."
NONE = f"Zero: none was known in the look-back. {NOT_RECORDED}"

COUNTS = tuple(
    Feature(
        f"num_internal_suspensions_{window}", "suspensions", "internal_suspensions", count(), window, "internal suspensions", NONE,
        f"Kept from lessons inside school {{number}} times in the last {window} school days.", SOURCE, direction=1,
    )
    for window in (20, 60, 190)
)  # fmt: skip

# No direction, as for the lengths in suspensions.py.
SESSIONS = tuple(
    Feature(
        f"num_sessions_internal_{window}", "suspensions", "internal_suspensions", total("sessions"), window, "sessions", NONE,
        f"Kept from lessons inside school for {{number}} sessions (half days) in the last {window} school days.", SOURCE,
    )
    for window in (60, 190)
)  # fmt: skip

COURSE = (
    Feature(
        "days_since_internal_suspension", "suspensions", "internal_suspensions", days_since(), 190, "school days",
        f"Missing: none was known in the last 190 school days. {NOT_RECORDED}",
        "Last kept from lessons inside school {number} school days ago.", SOURCE, direction=-1,
    ),
    Feature(
        "change_num_internal_suspensions_60", "suspensions", "internal_suspensions", change(count()), 60, "internal suspensions", NONE,
        "Kept from lessons inside school {number} more times than in the 60 school days before.", SOURCE,
    ),
)  # fmt: skip

FEATURES = (*COUNTS, *SESSIONS, *COURSE)
