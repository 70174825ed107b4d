"""School context, a full school year old: how a school answered other children, before. Declarations only.

Every figure is of the 190 school days that ended 190 school days before the as-of date, at the pupil's
school or the one it was before it became an academy. Which school it is, is never a feature.
"""

from features.feature import Feature, lagged, latest, ratio, share

SOURCE = "this project: published rates are a year or more behind in the same way"
NO_HISTORY = "Missing: the school has no such year of records."
YEAR = 190  # school days


def of_last_year(name: str, value, unit: str, sentence: str) -> Feature:
    return Feature(name, "school", "schools", lagged(value, YEAR), YEAR, unit, NO_HISTORY, sentence, SOURCE)


FEATURES = (
    of_last_year(
        "school_suspension_rate", share("suspensions", of="pupils"), "suspensions a pupil a year",
        "This school gave {number} suspensions a pupil in the school year before last.",
    ),
    of_last_year(
        "school_permanent_exclusion_rate", share("permanent", of="pupils"), "permanent exclusions a pupil a year",
        "This school gave {number} permanent exclusions a pupil in the school year before last.",
    ),
    of_last_year(
        "school_absence_rate", share("absent", of="possible"), "share of possible sessions",
        "Pupils of this school missed {percent} of sessions in the school year before last.",
    ),
    of_last_year("school_num_pupils", latest("pupils"), "pupils", "This school had {number} pupils a year ago."),
    of_last_year(
        "school_suspension_rate_to_peers", ratio(share("suspensions", of="pupils"), share("peer_suspensions", of="peer_pupils")),
        "ratio", "This school suspended {number} times as often as schools of its phase and size, in the school year before last.",
    ),
    Feature(
        "school_phase", "school", "pupils", latest("phase_code"), None,
        "primary 1, middle 2, secondary 3, all-through 4, special 5", "Never missing for a pupil with an estimate.",
        "The phase of this school.", "docs/reference/records-contract.md: schools",
    ),
)  # fmt: skip
