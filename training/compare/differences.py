"""Two ways of estimating the same test cohort: every difference with its interval.

Schools are resampled whole, the same schools for both, so what the two share does not widen the interval.
"""

from typing import Any

import numpy as np

from training.evidence.list_size import TIMES
from training.evidence.test_cohort import TestCohort
from training.intervals import Statistic, difference

SMALLEST = 1e-12  # an estimate of 0 or 1 has no logarithm


def differences(a: TestCohort, b: TestCohort) -> dict[str, Any]:
    """B less A, on the same rows of the same test dates.

    Returns
    -------
    dict
        figures: of each, `a`, `b` (None where it cannot be told) and `difference` with its interval;
        by_capacity and by_phase: the same of recall; expected_overlap: of A's places, the share that B
        gives to the same children.
    """
    lists = {
        "recall_at_capacity": (listed(a), listed(b)),
        "recall_at_capacity_pooled": tuple(c.pooled(c.estimate, floor=c.floor) for c in (a, b)),
        "recall_at_capacity_district": tuple(c.district(c.estimate, c.floor) for c in (a, b)),
    }
    in_a, in_b = lists["recall_at_capacity"]
    positive = a.is_positive
    return {
        "figures": [
            *(recall(a, name, *pair) for name, pair in lists.items()),
            precision(a, in_a, in_b),
            calibration(a, b),
            log_loss(a, b),
        ],
        "by_capacity": [
            {"times": times, **recall(a, "recall_at_capacity", listed(a, times), listed(b, times))}
            for times in TIMES
        ],
        "by_phase": [
            {"phase": str(phase), **recall(a, "recall_at_capacity", in_a, in_b, positive & (a.panel.phase == phase))}
            for phase in np.unique(a.panel.phase)
        ],
        "expected_overlap": round(float(np.minimum(in_a, in_b).sum() / max(in_a.sum(), SMALLEST)), 6),
        "test_dates": [str(day) for day in a.panel.dates],
        "num_schools": a.clusters.num,
        "num_events": len(set(a.panel.pupil[positive].tolist())),
    }  # fmt: skip


def listed(cohort: TestCohort, times: float = 1.0) -> np.ndarray:
    """The chance of a place on a school's list, by the rule as served; shape (n,)."""
    return cohort.listed(cohort.estimate, times, cohort.floor)


def recall(
    cohort: TestCohort, name: str, in_a: np.ndarray, in_b: np.ndarray, positive: np.ndarray | None = None
) -> dict[str, Any]:
    """Recall of both, and B's less A's."""
    positive = cohort.is_positive if positive is None else positive
    columns = (in_b * positive, in_a * positive, positive.astype(float))
    return beside(cohort, name, difference, columns, positive, ((1, 2), (0, 2)))


def precision(cohort: TestCohort, in_a: np.ndarray, in_b: np.ndarray) -> dict[str, Any]:
    """Of the places whose outcome was seen, the share that went to positives; B's less A's."""
    seen = cohort.panel.is_known
    positive = cohort.is_positive & seen
    columns = (in_b * positive, in_b * seen, in_a * positive, in_a * seen)
    named = positive & ((in_a > 0) | (in_b > 0))
    return beside(cohort, "precision", gap_of_shares, columns, named, ((2, 3), (0, 1)))


def calibration(a: TestCohort, b: TestCohort) -> dict[str, Any]:
    """Observed over expected among those judged; B's less A's."""
    judged = a.panel.can_train
    positive = a.is_positive & judged
    y = positive.astype(float)
    columns = (y, b.estimate * judged, y, a.estimate * judged)
    return beside(a, "observed_over_expected", gap_of_shares, columns, positive, ((2, 3), (0, 1)))


def log_loss(a: TestCohort, b: TestCohort) -> dict[str, Any]:
    """Mean log loss among those judged, in thousandths of a nat a pupil-date; B's less A's, so below 0 favours B."""
    judged = a.panel.can_train
    columns = (1000 * loss(b) * judged, 1000 * loss(a) * judged, judged.astype(float))
    return beside(a, "log_loss", difference, columns, a.is_positive & judged, ((1, 2), (0, 2)))


def loss(cohort: TestCohort) -> np.ndarray:
    """Log loss of each row; shape (n,)."""
    chance = np.clip(cohort.estimate, SMALLEST, 1 - SMALLEST)
    return -np.where(cohort.is_positive, np.log(chance), np.log1p(-chance))


def beside(
    cohort: TestCohort, name: str, statistic: Statistic, columns: tuple[np.ndarray, ...], is_event: np.ndarray,
    parts: tuple[tuple[int, int], tuple[int, int]],
) -> dict[str, Any]:  # fmt: skip
    """A figure of A, of B, and the difference with its interval.

    Parameters
    ----------
    parts : two pairs of int
        Which columns' sums A's figure is a ratio of, and which B's.
    """
    sums = [float(column.sum()) for column in columns]
    of_a, of_b = (round(sums[over] / sums[under], 6) if sums[under] else None for over, under in parts)
    found = cohort.clusters.interval(statistic, columns, is_event, is_share=False)
    return {"name": name, "a": of_a, "b": of_b, "difference": found.as_facts()}


def gap_of_shares(sums: np.ndarray) -> np.ndarray:
    """The first sum over the second, less the third over the fourth."""
    return sums[..., 0] / sums[..., 1] - sums[..., 2] / sums[..., 3]
