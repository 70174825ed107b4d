"""Whom the lists found and whom they missed, at the places there are.

Recall at capacity is the share of all positives in the cohort who had a place: also of those who take
none, since a child in alternative provision or on a school whose registers stopped was missed as well.
"""

from typing import Any

import numpy as np
import pandas as pd

from models.places import IN_PROGRESS, NOT_ASSESSED, NOT_LISTED, SUPPORTED
from training.evidence.test_cohort import TestCohort


def headline(cohort: TestCohort) -> dict[str, Any]:
    """The figures a reader sees first, all of the list rule as served."""
    listed, pooled = school_list(cohort), pooled_list(cohort)
    num_dates = len(cohort.panel.dates)
    return {
        "recall_at_capacity": cohort.recall(listed).as_facts(),
        "recall_at_capacity_pooled": cohort.recall(pooled).as_facts(),
        "recall_at_capacity_district": cohort.recall(
            cohort.district(cohort.estimate, cohort.floor)
        ).as_facts(),
        "precision": cohort.precision(listed).as_facts(),
        "number_needed_to_screen": needed_to_screen(cohort.precision(listed).as_facts()),
        "num_positives_per_date": round(float(cohort.is_positive.sum() / num_dates), 1),
        "num_listed_per_date": round(float(listed.sum() / num_dates), 1),
        "num_missed_per_date": round(float((cohort.is_positive * (1 - listed)).sum() / num_dates), 1),
        "num_places_per_date": round(float(cohort.school_places().sum() / num_dates), 1),
        "num_on_roll_per_date": round(len(cohort.panel) / num_dates, 1),
        "who_was_missed": who_was_missed(cohort, listed),
    }


def school_list(cohort: TestCohort) -> np.ndarray:
    """The chance of a place on a school's list, by the rule as served; shape (n,)."""
    return cohort.listed(cohort.estimate, floor=cohort.floor)


def pooled_list(cohort: TestCohort) -> np.ndarray:
    """The chance of a place where the same total is pooled over the authority; shape (n,)."""
    return cohort.pooled(cohort.estimate, floor=cohort.floor)


def needed_to_screen(precision: dict[str, Any]) -> dict[str, Any]:
    """Children screened for each one with the outcome: 1 / precision, the interval turned round."""
    return {
        "status": precision["status"],
        **{
            name: round(1 / precision[of], 1) if precision[of] else None
            for name, of in (("estimate", "estimate"), ("low", "high"), ("high", "low"))
        },
    }


def who_was_missed(cohort: TestCohort, listed: np.ndarray) -> dict[str, float]:
    """Positives without a place, by why: pupil-dates (with ties, expected ones), over all test dates."""
    missed = cohort.is_positive * (1 - listed)
    names = {"": NOT_LISTED}
    return {
        names.get(state, state): round(float(missed[cohort.panel.standing == state].sum()), 1)
        for state in (SUPPORTED, IN_PROGRESS, NOT_ASSESSED, "")
    }


def by_part(cohort: TestCohort, part: np.ndarray, name: str) -> list[dict[str, Any]]:
    """Recall, precision and natural frequency by date or by phase.

    Parameters
    ----------
    part : numpy.ndarray, shape (n,)
        The value that parts the cohort.
    name : str
        What it is called in a row.
    """
    listed = school_list(cohort)
    rows = []
    for value in np.unique(part):
        where = part == value
        precision = cohort.precision(listed, where)
        rows.append(
            {
                name: str(value),
                "num_on_roll": int(where.sum()),
                "num_positives": int((cohort.is_positive & where).sum()),
                "num_listed": round(float(listed[where].sum()), 1),
                "recall": cohort.recall(listed, where=where).as_facts(),
                "precision": precision.as_facts(),
            }
        )
    return rows


def natural_frequencies(cohort: TestCohort) -> list[dict[str, Any]]:
    """Of the children on a typical day's lists, about how many would go on to the outcome.

    One row for all schools' lists together and one a phase: `of` children, `about` how many, `low` and
    `high`; None where there are too few schools to say.
    """
    listed = school_list(cohort)
    rows = []
    for phase in ("", *np.unique(cohort.panel.phase)):
        where = (cohort.panel.phase == phase) | (phase == "")
        num = float(listed[where].sum() / len(cohort.panel.dates))
        found = cohort.precision(listed, where)
        counts = {
            name: None if share is None or found.status != "estimated" else round(share * num)
            for name, share in (("about", found.estimate), ("low", found.low), ("high", found.high))
        }
        rows.append({"phase": str(phase) or "all", "of": round(num), **counts})
    return rows


def comparators(cohort: TestCohort, kinds: dict[str, str], sentences: dict[str, str]) -> list[dict[str, Any]]:
    """Each rival's recall and precision on the same cohort, dates and places, ties in random order."""
    rows = []
    for name, score in cohort.rivals.items():
        listed = cohort.listed(score)
        rows.append(
            {
                "name": name,
                "kind": kinds[name],
                "sentence": sentences[name],
                "recall": cohort.recall(listed).as_facts(),
                "recall_pooled": cohort.recall(cohort.pooled(score)).as_facts(),
                "precision": cohort.precision(listed).as_facts(),
            }
        )
    return rows


def other_outcomes(cohort: TestCohort, others: pd.DataFrame) -> list[dict[str, Any]]:
    """The same lists judged by other outcomes; a column of 0, 1 and null each, in the order of the rows."""
    listed = school_list(cohort)
    rows = []
    for name in others.columns:
        positive = others[name].fillna(0).to_numpy() == 1
        rows.append(
            {
                "outcome": name,
                "num_positives": int(positive.sum()),
                "recall": cohort.recall(listed, positive).as_facts(),
            }
        )
    return rows


def left_out(cohort: TestCohort) -> dict[str, Any]:
    """Who left the authority without the outcome, and both bounds on what they may hide.

    `all_negative`: none of them had it. `hidden_exits_positive`: those who went to unknown or home
    education, or moved under management, all did.
    """
    listed, gone = school_list(cohort), ~cohort.panel.is_known
    hidden = cohort.is_positive | (gone & cohort.panel.is_hidden_exit)

    def bound(positive: np.ndarray) -> dict[str, Any]:
        places = float(listed.sum())
        return {
            "recall": cohort.recall(listed, positive).as_facts(),
            "precision": round(float((listed * positive).sum() / places), 6) if places else None,
        }

    return {
        "num_left_out": int(gone.sum()),
        "num_hidden_exits": int((gone & cohort.panel.is_hidden_exit).sum()),
        "all_negative": bound(cohort.is_positive),
        "hidden_exits_positive": bound(hidden),
    }
