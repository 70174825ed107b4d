"""Phrases of the page that sets two models beside each other, in plain words."""

from models.facts.fact import Figure

MADE_UP_COMPARE = "MADE-UP DATA. No child, school or figure on this page is real."
HOW_TO_READ = (
    "A is the model that is there. B is the one that could take its place. Both were fitted again on the same past dates and made their "
    "lists for the same later dates. Where a range holds zero, the records cannot tell the two apart."
)
TWO_OVERLAPS = (
    "They learned from all their dates. What is said above is of the same recipes fitted again on the earlier dates alone, so the share of "
    "places that stay need not be the same."
)
NO_DIFFERENCE = (
    "No difference has a range here. Give the record store to the command, and it will be worked out."
)
NO_AUDITS = "One of the two has no audit, so they cannot be set beside each other. Audit both first."
OTHER_AUDITS = "The two audits are of different records. Differences between them may come from that."
NOBODY_MOVES = "Nobody enters and nobody leaves. Both models give the same places."
MOVES_FILE = "Who they are is in moves.csv, by pseudonym. Keep it as safe as the lists."
FIGURES = {
    "recall_at_capacity": "Children found, at their school’s meeting",
    "recall_at_capacity_pooled": "Children found, places pooled over the authority",
    "recall_at_capacity_district": "Children found, at the district’s meeting",
    "precision": "Places that went to children with the outcome",
    "observed_over_expected": "Observed over expected",
    "log_loss": "Log loss, in thousandths (lower is better)",
}
ON_CHART = {
    "recall_at_capacity": "Found, at school",
    "recall_at_capacity_pooled": "Found, places pooled",
    "recall_at_capacity_district": "Found, at district",
    "precision": "Precision of the places",
}
MOVES = {"enters": "Would enter", "leaves": "Would leave"}
UNKNOWN = "not known"


def verdict(found: Figure) -> str:
    """What a difference with its range says, in a few words; B against A."""
    low, high = found.low, found.high
    if low is None or high is None:
        return f"cannot tell: {found.reason}"
    if low > 0:
        return "higher with B"
    return "lower with B" if high < 0 else "cannot be told apart"
