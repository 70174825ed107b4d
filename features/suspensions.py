"""Suspensions and permanent exclusions: what schools did. Declarations only.

Each event counts once, in the latest version known; cancelled ones do not count. Lunchtime
suspensions count only where a feature says so.
"""

import ibis.expr.types as ir

from features.feature import Feature, Where, change, count, days_since, largest, total

SOURCE = "DfE statutory guidance on suspension and permanent exclusion: August 2024, and that in force from 26 July 2026 (primary text: check)"
REASONS = "DfE exclusion reason codes (codes/exclusion_reason.csv); grouping is this project's"
NONE = "Zero: no such event was known in the look-back."

REASON_GROUPS = {
    "disruption": (("DB", "LD", "CB"), "persistent disruption"),
    "physical": (("PP", "PA"), "a physical assault"),
    "verbal": (("VP", "VA"), "verbal abuse or threats"),
    "drugs": (("DA", "DR", "AR", "SR", "VR"), "drugs, alcohol, smoking or vaping"),
    "weapons": (("OW", "BW"), "a weapon or prohibited item"),
    "damage": (("DM", "TH"), "damage or theft"),
    "bullying": (
        ("BU", "TB", "RA", "LG", "DS", "MB", "AB"),
        "bullying or abuse of a protected characteristic",
    ),
    "sexual": (("SM", "SB"), "sexual misconduct or harmful sexual behaviour"),
    "online": (("MT", "MP"), "use of phones, social media or online technology"),
    "other_reason": (("PH", "OS", "OT"), "public health measures, conduct outside school, or another reason"),
}


def is_suspension(rows: ir.Table) -> ir.BooleanValue:
    return rows.category == "SUSP"


def is_lunchtime(rows: ir.Table) -> ir.BooleanValue:
    return rows.category == "LNCH"


def is_permanent(rows: ir.Table) -> ir.BooleanValue:
    return rows.category == "PERM"


def has_reason(codes: tuple[str, ...]) -> Where:
    """Rows of a suspension or permanent exclusion with any of its three reasons among the codes."""

    def where(rows: ir.Table) -> ir.BooleanValue:
        any_of = rows.reason_1.isin(codes) | rows.reason_2.isin(codes) | rows.reason_3.isin(codes)
        return any_of & ~is_lunchtime(rows)

    return where


COUNTS = tuple(
    Feature(
        f"num_suspensions_{window}", "suspensions", "suspensions", count(is_suspension), window, "suspensions", NONE,
        f"Suspended {{number}} times in the last {window} school days.", SOURCE, direction=1,
    )
    for window in (20, 60, 190, 380)
)  # fmt: skip

# Events have a direction. Their lengths have none: beside a count, more sessions may mean fewer and graver
# suspensions or a harsher school, and trees held to one direction cannot set length against number.
SESSIONS = tuple(
    Feature(
        f"num_sessions_suspended_{window}", "suspensions", "suspensions", total("sessions", is_suspension), window,
        "sessions", NONE, f"Suspended for {{number}} sessions (half days) in the last {window} school days.", SOURCE,
    )
    for window in (60, 190, 380)
)  # fmt: skip

COURSE = (
    Feature(
        "days_since_suspension", "suspensions", "suspensions", days_since(is_suspension), 380, "school days",
        "Missing: no suspension was known in two years.", "Last suspended {number} school days ago.", SOURCE, direction=-1,
    ),
    Feature(
        "num_sessions_longest_suspension_190", "suspensions", "suspensions", largest("sessions", is_suspension), 190,
        "sessions", NONE, "The longest suspension in the last 190 school days was {number} sessions.", SOURCE,
    ),
    Feature(
        "change_num_suspensions_60", "suspensions", "suspensions", change(count(is_suspension)), 60, "suspensions",
        NONE, "Suspended {number} more times than in the 60 school days before.", SOURCE,
    ),
)  # fmt: skip

REASON_COUNTS = tuple(
    Feature(
        f"num_{group}_190", "suspensions", "suspensions", count(has_reason(codes)), 190, "events", NONE,
        f"{{number}} times in the last 190 school days a suspension or exclusion gave as a reason: {words}.", REASONS, direction=1,
    )
    for group, (codes, words) in REASON_GROUPS.items()
)  # fmt: skip

LUNCHTIMES = tuple(
    Feature(
        f"num_lunchtime_suspensions_{window}", "suspensions", "suspensions", count(is_lunchtime), window, "lunchtimes",
        NONE, f"Suspended at lunchtime {{number}} times in the last {window} school days.", SOURCE, direction=1,
    )
    for window in (60, 190)
)  # fmt: skip

LIMITS = (
    Feature(
        "num_sessions_towards_15_days", "suspensions", "suspensions",
        total("statutory_sessions", lambda t: t.is_this_term), None, "sessions", NONE,
        "{number} sessions this term count towards the 15 days past which governors must meet.", SOURCE,
    ),
    Feature(
        "num_sessions_towards_45_days", "suspensions", "suspensions",
        total("statutory_sessions", lambda t: t.is_this_year), None, "sessions", NONE,
        "{number} sessions this year count towards the yearly limit of 45 days.", SOURCE,
    ),
    Feature(
        "num_permanent_exclusions_380", "suspensions", "suspensions", count(is_permanent), 380, "permanent exclusions",
        NONE, "Permanently excluded {number} times in the last two school years.", SOURCE, direction=1,
    ),
)  # fmt: skip

FEATURES = (*COUNTS, *SESSIONS, *COURSE, *REASON_COUNTS, *LUNCHTIMES, *LIMITS)
