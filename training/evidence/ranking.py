"""Measures that know no capacity, shown beside recall and never alone."""

from typing import Any

import numpy as np

from training.evidence.test_cohort import TestCohort
from training.intervals import interval

CELLS = 1000
THRESHOLDS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2)
RULES = {
    "prior_suspensions": 1.0,
    "english_rule_pack": 2.0,
}  # the rule as a yes or no: any suspension; two signs


def auc(cohort: TestCohort) -> dict[str, Any]:
    """The chance that a positive's estimate is above a negative's, ties as one half.

    Counted in `CELLS` cells of equal size, so that schools can be resampled from counts.
    """
    where = cohort.panel.can_train
    cell = cells(cohort.estimate, where)
    key = cohort.clusters.code[where] * CELLS + cell
    positive = cohort.is_positive & where
    counts = [
        np.bincount(key, flag[where], cohort.clusters.num * CELLS).reshape(cohort.clusters.num, CELLS)
        for flag in (positive, ~positive)
    ]

    def area(sums: np.ndarray) -> np.ndarray:
        hits, others = sums[..., :CELLS], sums[..., CELLS:]
        below = np.cumsum(others, axis=-1) - others / 2
        return (hits * below).sum(axis=-1) / (hits.sum(axis=-1) * others.sum(axis=-1))

    found = interval(
        np.hstack(counts), area, cohort.clusters.events(positive), cohort.clusters.draws, cohort.clusters.seed
    )
    return found.as_facts()


def cells(estimate: np.ndarray, where: np.ndarray) -> np.ndarray:
    """Cell of each of some rows, in order of estimate; equal estimates share a cell."""
    values, codes, counts = np.unique(estimate[where], return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - counts / 2
    return np.minimum((middle / counts.sum() * CELLS).astype(np.int64), CELLS - 1)[codes]


def decision_curve(cohort: TestCohort) -> dict[str, Any]:
    """Net benefit of screening who is above a threshold, beside screening by a rule, all, or none.

    Vickers and Elkin (2006): true positives less false positives weighed by the threshold's odds, per
    1,000 pupils. A threshold says how many screenings one find is worth: 0.02 is 50.
    """
    where = cohort.panel.can_train
    y, num = cohort.panel.y[where], int(where.sum())

    def benefit(screened: np.ndarray, threshold: float) -> float:
        false = (screened & (y == 0)).sum() * threshold / (1 - threshold)
        return round(float(1000 * ((screened & (y == 1)).sum() - false) / num), 4)

    estimates = {"model": cohort.estimate[where]}
    if "six_term_logistic" in cohort.rivals:
        estimates["six_term_logistic"] = cohort.rivals["six_term_logistic"][where]
    curves = {
        name: [benefit(estimate >= bar, bar) for bar in THRESHOLDS] for name, estimate in estimates.items()
    }
    for name, bar in RULES.items():
        if name in cohort.rivals:
            curves[name] = [benefit(cohort.rivals[name][where] >= bar, threshold) for threshold in THRESHOLDS]
    curves["everyone"] = [benefit(np.ones(num, dtype=bool), threshold) for threshold in THRESHOLDS]
    curves["nobody"] = [0.0] * len(THRESHOLDS)
    return {"thresholds": list(THRESHOLDS), "net_benefit_per_1000": curves}
