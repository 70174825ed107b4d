"""The gate: a model that beats neither a simple rule nor the knowledge of the school is not released."""

from typing import Any

from training.comparators import COMPARATORS, INDIVIDUAL
from training.evidence.recall import pooled_list, school_list
from training.evidence.test_cohort import TestCohort
from training.intervals import difference

NO_GAIN_OVER_RULE = "no gain over the best simple rule"
NO_GAIN_OVER_SCHOOL = "no gain over school-level targeting"


def gate(cohort: TestCohort) -> dict[str, Any]:
    """Two differences in recall, both of which must be above zero with their whole interval.

    The best individual rule is the best on these same test dates, which favours the rule.

    Returns
    -------
    dict
        passed, reasons (sentences; empty where passed), over_best_rule (rule, gain) with places per
        school, over_school_only (gain) with the same places pooled over the authority.
    """
    ours, ours_pooled = school_list(cohort), pooled_list(cohort)
    positive = cohort.is_positive
    rules = {
        rival.name: cohort.listed(cohort.rivals[rival.name])
        for rival in COMPARATORS
        if rival.kind == INDIVIDUAL
    }
    best = max(sorted(rules), key=lambda name: float((rules[name] * positive).sum()))
    over_rule = gain(cohort, ours, rules[best])
    over_school = gain(cohort, ours_pooled, cohort.pooled(cohort.rivals["school_only"]))
    reasons = [
        f"{words}: {sentence(found)}"
        for found, words in ((over_rule, f"{NO_GAIN_OVER_RULE} ({best})"), (over_school, NO_GAIN_OVER_SCHOOL))
        if found["status"] != "estimated" or found["low"] <= 0
    ]
    return {
        "passed": not reasons,
        "reasons": reasons,
        "over_best_rule": {"rule": best, "gain": over_rule},
        "over_school_only": {"gain": over_school},
    }


def gain(cohort: TestCohort, ours: Any, theirs: Any) -> dict[str, Any]:
    """Recall of one list less that of another, on the same positives."""
    positive = cohort.is_positive
    columns = (ours * positive, theirs * positive, positive.astype(float))
    return cohort.clusters.interval(difference, columns, positive, is_share=False).as_facts()


def sentence(found: dict[str, Any]) -> str:
    """A gain in words."""
    if found["status"] != "estimated":
        return f"{found['reason']}."
    return f"recall differs by {found['estimate']:+.3f} ({found['low']:+.3f} to {found['high']:+.3f})."
