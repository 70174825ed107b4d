"""Attendance: what the registers say. Declarations only.

A share is of a pupil's own possible sessions, as national statistics count them; where no register
was taken it is missing, which is not full attendance.
"""

from features.contract.breaks import first_day
from features.feature import Feature, at_least, change, days_since, given, largest, share, total

SOURCE = "DfE, Working together to improve school attendance (2024); School Attendance (Pupil Registration) Regulations 2024 reg. 10"
NO_REGISTER = "Missing: no possible session was marked in the look-back. It does not mean full attendance."
SINCE_2024 = first_day("attendance_codes")

MISSED = tuple(
    Feature(
        f"share_missed_{window}", "attendance", "marks", share("absent", of="possible"), window,
        "share of possible sessions", NO_REGISTER,
        f"Missed {{percent}} of possible sessions in the last {window} school days.", SOURCE, direction=1,
    )
    for window in (20, 60, 190)
)  # fmt: skip

KINDS_OF_ABSENCE = tuple(
    Feature(
        f"share_{kind}_{window}", "attendance", "marks", share(kind, of="possible"), window,
        "share of possible sessions", NO_REGISTER, sentence.format(window=window), SOURCE, direction=direction,
    )
    for kind, sentence, direction, windows in (
        ("unauthorised", "Absent without leave for {{percent}} of possible sessions in the last {window} school days.", 1, (20, 60, 190)),
        ("illness", "Ill for {{percent}} of possible sessions in the last {window} school days.", 0, (20, 60, 190)),
        ("late", "Late for {{percent}} of possible sessions in the last {window} school days.", 1, (20, 60)),
    )
    for window in windows
)  # fmt: skip

CONTEXT_OF_ABSENCE = (
    *(
        Feature(
            f"num_sessions_marked_suspended_{window}", "attendance", "marks", given(total("suspended"), of="possible"), window, "sessions",
            f"Zero: no session was marked E. {NO_REGISTER}", f"Marked as suspended (E) for {{number}} sessions in the last {window} school days.",
            SOURCE,  # no direction, as for the lengths in suspensions.py
        )
        for window in (60, 190)
    ),
    Feature(
        "num_sessions_alternative_60", "attendance", "marks", given(total("alternative"), of="possible"), 60, "sessions",
        f"Zero: no session was marked K or B. {NO_REGISTER}", "Taught off site for {number} sessions in the last 60 school days.", SOURCE,
    ),
    Feature(
        "num_sessions_part_time_60", "attendance", "marks", given(total("part_time"), of="possible"), 60, "sessions",
        f"Zero: no session was marked C2. {NO_REGISTER} Missing too where the code did not exist yet.",
        "On a part-time timetable for {number} sessions in the last 60 school days.", SOURCE, available_from=SINCE_2024,
    ),
)  # fmt: skip

CHANGES = (
    Feature(
        "change_share_missed_20", "attendance", "marks", change(share("absent", of="possible")), 20,
        "share of possible sessions", NO_REGISTER, "Missed {points} more of possible sessions than in the 20 school days before.",
        SOURCE, direction=1,
    ),
    Feature(
        "change_share_missed_60", "attendance", "marks", change(share("absent", of="possible")), 60,
        "share of possible sessions", NO_REGISTER, "Missed {points} more of possible sessions than in the 60 school days before.",
        SOURCE, direction=1,
    ),
    Feature(
        "change_share_missed_60_year", "attendance", "marks", change(share("absent", of="possible"), back=190), 60,
        "share of possible sessions", NO_REGISTER, "Missed {points} more of possible sessions than in the same weeks last year.",
        SOURCE, direction=1,
    ),
)  # fmt: skip

SPELLS = (
    Feature(
        "days_longest_absence_60", "attendance", "marks", given(largest("longest_away"), of="possible"), 60, "school days",
        f"Zero: no whole day was missed. {NO_REGISTER}", "Away for {number} whole school days in a row, the longest in the last 60.", SOURCE, direction=1,
    ),
    Feature(
        "num_absence_spells_60", "attendance", "marks", given(total("spells_away"), of="possible"), 60, "spells",
        f"Zero: no spell began. {NO_REGISTER}", "Began {number} spells of whole days away in the last 60 school days.", SOURCE, direction=1,
    ),
    Feature(
        "days_since_absent", "attendance", "marks", days_since(lambda t: t.absent > 0), 190, "school days",
        "Missing: no session was marked as missed in 190 school days.", "Last missed a session {number} school days ago.", SOURCE,
    ),
)  # fmt: skip

FLAGS = (
    Feature(
        "is_persistently_absent_190", "attendance", "marks", at_least(share("absent", of="possible"), 0.1), 190, "yes or no",
        NO_REGISTER, "Missed 10 % or more of possible sessions in the last 190 school days.", SOURCE, direction=1,
    ),
    Feature(
        "is_severely_absent_190", "attendance", "marks", at_least(share("absent", of="possible"), 0.5), 190, "yes or no",
        NO_REGISTER, "Missed half or more of possible sessions in the last 190 school days.", SOURCE, direction=1,
    ),
)  # fmt: skip

FEATURES = (*MISSED, *KINDS_OF_ABSENCE, *CONTEXT_OF_ABSENCE, *CHANGES, *SPELLS, *FLAGS)
