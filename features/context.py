"""Context: year group, moves, and the services that know a child. Declarations only.

Involvements are help, not blame: their direction is left open. Those with a `sensitivity` are made only
where `authority.toml` names the condition relied on. Ethnicity, sex, free school meals and the area a
child lives in are not here.
"""

import ibis.expr.types as ir

from features.feature import Feature, Where, count, days_since, ever, latest
from features.involvements import KINDS

ROLL = "docs/reference/records-contract.md: roll"
KEPT = "docs/reference/records-contract.md: involvements"
NOT_OPEN = "No: no such spell was known to be open."


def is_open(kind: str) -> Where:
    """Spells of a kind that are open."""

    def where(rows: ir.Table) -> ir.BooleanValue:
        return rows.is_open & (rows.kind == kind)

    return where


def is_of(kinds: tuple[str, ...]) -> Where:
    """Spells of any of some kinds."""

    def where(rows: ir.Table) -> ir.BooleanValue:
        return rows.kind.isin(kinds)

    return where


def past(group: str) -> tuple[str, ...]:
    """Kinds that one feature of the past counts together."""
    return tuple(kind.code for kind in KINDS if kind.past == group)


PUPIL = (
    Feature(
        "year_group", "context", "pupils", latest("nc_year"), None, "national curriculum year, Reception 0",
        "Missing: neither a census, the roll nor a birth date tells.", "In Year {number}.", "School Census guide",
    ),
    Feature(
        "num_months_young_in_year", "context", "pupils", latest("months_young"), None, "months after 1 September",
        "Missing: no birth date is known.", "Born {number} months after 1 September (summer-born: 8 to 11).",
        "School Census guide",
    ),
    Feature(
        "is_transition_year", "context", "pupils", latest("is_transition"), None, "yes or no",
        "Missing: the year group is not known.", "In a year of transition (Reception, Year 6 or Year 7).", "Inclusive Pathways Framework (draft): transition; docs/explanation/framework.md",
    ),
    Feature(
        "is_dual_registered", "context", "pupils", latest("is_dual"), None, "yes or no",
        "No: one current registration.", "On the roll of two schools.", ROLL,
    ),
    Feature(
        "num_days_in_window", "context", "pupils", latest("days_in_window"), None, "days",
        "Never missing.", "{number} days are left in the window that the estimate is about.", "docs/explanation/design.md, section 4",
    ),
)  # fmt: skip

MOVES = (
    Feature(
        "days_since_joining_school", "context", "stays", days_since(), 380, "school days",
        "Missing: at this school (or the one it was) for more than two school years.",
        "Joined this school {number} school days ago.", ROLL, direction=-1,
    ),
    Feature(
        "num_in_year_moves_380", "context", "moves", count(), 380, "moves",
        "Zero: no move in the middle of a year was known.",
        "Moved school in the middle of a year {number} times in the last two school years.", ROLL, direction=1,
    ),
)  # fmt: skip

OPEN = tuple(
    Feature(
        f"is_{kind.code}_open",
        "context",
        "involvements",
        ever(is_open(kind.code)),
        None,
        "yes or no",
        NOT_OPEN,
        kind.feature,
        KEPT,
        sensitivity=kind.sensitivity,
    )
    for kind in KINDS
    if kind.feature
)

PAST = tuple(
    Feature(
        f"has_had_{group}_380", "context", "ended_involvements", ever(is_of(past(group))), 380,
        "yes or no", "No: none was known to have ended in the last two school years.", sentence, KEPT, sensitivity=sensitivity,
    )
    for group, sentence, sensitivity in (
        ("social_worker", "Had a social worker in the last two school years.", ""),
        ("early_help", "Had Early Help in the last two school years.", ""),
        ("alternative", "Was placed elsewhere in the last two school years.", ""),
        ("custody", "Was in custody in the last two school years.", "custody"),
    )
)  # fmt: skip

SERVICES = (
    Feature(
        "num_involvements_begun_190", "context", "involvements",
        count(is_of(tuple(kind.code for kind in KINDS if kind.is_service))), 190, "involvements",
        "Zero: none was known to have begun.", "{number} services began in the last 190 school days.", KEPT,
    ),
)  # fmt: skip

FEATURES = (*PUPIL, *MOVES, *OPEN, *PAST, *SERVICES)
