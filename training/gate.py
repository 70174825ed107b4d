"""The gate: a model that beats neither a simple rule nor the knowledge of the school is not released."""

from collections.abc import Mapping
from typing import Any

from training.comparators import COMPARATORS, INDIVIDUAL
from training.evidence.test_cohort import TestCohort
from training.intervals import ALIKE, difference

NO_GAIN_OVER_RULE = "no gain over the best simple rule"
NO_GAIN_OVER_SCHOOL = "no gain over school-level targeting"
VERDICTS = EARNS_ITS_PLACE, CANNOT_TELL, NO_BETTER = (
    "earns_its_place",
    "cannot_tell",
    "no_better_than_the_rule",
)


def gate(cohort: TestCohort, all_years: TestCohort | None = None) -> dict[str, Any]:
    """Two differences in recall, both of which must be above zero with their whole interval over every year tested.

    Parameters
    ----------
    cohort : TestCohort
        Of the latest test year. By its own figures alone the gains may be nobody's to tell, but they must not be none:
        what held in earlier years and no longer does earns no place.
    all_years : TestCohort or None
        It and those of earlier test years as one; None where it is the only one.

    Returns
    -------
    dict
        passed, reasons (sentences; empty where passed), and what `gains` returns.
    """
    found = gains(all_years or cohort)
    latest = found if all_years is None or all_years is cohort else gains(cohort)
    rule = found["over_best_rule"]["rule"]
    named = {"over_best_rule": f"{NO_GAIN_OVER_RULE} ({rule})", "over_school_only": NO_GAIN_OVER_SCHOOL}
    reasons = []
    for name, words in named.items():
        newest = latest[name]["gain"]
        if not is_above(found[name]["gain"]):
            reasons.append(f"{words}: {sentence(found[name]['gain'])}")
        elif newest["estimate"] is not None and newest["estimate"] <= 0:
            reasons.append(f"{words} in the latest test year: {sentence(newest)}")
    return {"passed": not reasons, "reasons": reasons, **found}


def gains(cohort: TestCohort, times: float = 1.0) -> dict[str, Any]:
    """The model's recall less the best rule's, and less that of knowing the school alone.

    The best individual rule is the best on these same test dates and with these places, which favours the rule.

    Parameters
    ----------
    times : float
        Of the places that the authority gives.

    Returns
    -------
    dict
        over_best_rule (rule, gain) with places per school, over_school_only (gain) with the same places pooled
        over the authority.
    """
    positive = cohort.is_positive
    rules = {
        rival.name: cohort.listed(cohort.rivals[rival.name], times)
        for rival in COMPARATORS
        if rival.kind == INDIVIDUAL
    }
    best = max(sorted(rules), key=lambda name: float((rules[name] * positive).sum()))
    ours = cohort.listed(cohort.estimate, times, cohort.floor)
    ours_pooled = cohort.pooled(cohort.estimate, times, cohort.floor)
    schools = cohort.pooled(cohort.rivals["school_only"], times)
    return {
        "over_best_rule": {"rule": best, "gain": gain(cohort, ours, rules[best])},
        "over_school_only": {"gain": gain(cohort, ours_pooled, schools)},
    }


def is_above(found: Mapping[str, Any]) -> bool:
    """The whole interval of a gain lies above zero."""
    return bool(found["status"] == "estimated" and found["low"] > 0)


def is_none(found: Mapping[str, Any]) -> bool:
    """No gain: the whole interval lies at zero or below, or both lists find the same children in every school."""
    if found["status"] == "estimated":
        return bool(found["high"] <= 0)
    return bool(found["reason"] == ALIKE and found["estimate"] <= 0)


def verdict(found: Mapping[str, Any]) -> str:
    """What two gains from `gains` say together; one of `VERDICTS`."""
    both = [found[name]["gain"] for name in ("over_best_rule", "over_school_only")]
    if all(is_above(each) for each in both):
        return EARNS_ITS_PLACE
    return NO_BETTER if any(is_none(each) for each in both) else CANNOT_TELL


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
