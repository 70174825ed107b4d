"""What, beside a list and its outcomes, shows that estimates say less within a group than they could.

Less spread-out estimates in a group are either less spread-out chances or poorer records; the list cannot say which. A
release has more: how complete and how fresh the group's records are, and the features themselves. Where features still
predict the outcome within the group once its recalibrated estimate is known, the model leaves something unused there.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import lightgbm as lgb
import numpy as np
from scipy import stats

from training.audit.findings import beyond_everyone
from training.audit.gaps import CHANCE
from training.audit.scored import Attribute
from training.evidence.test_cohort import TestCohort
from training.folds import school_folds
from training.logistic import logit

MORE_MISSING = 0.05  # share of features missing, beyond everyone's
DAYS_OLDER = 7.0  # calendar days since the last mark, beyond everyone's
FEWEST_EVENTS = 50
ROUNDS = 40
FOLDS = 5
GROWN: dict[str, Any] = {
    "objective": "binary", "deterministic": True, "force_col_wise": True, "verbosity": -1, "learning_rate": 0.05,
    "num_leaves": 8, "min_data_in_leaf": 40, "lambda_l2": 10.0, "feature_fraction": 0.7, "max_bin": 63,
}  # fmt: skip


class OutsideEvidence:
    """Evidence of a release's audit, asked group by group (`training.audit.parts.Evidence`).

    Parameters
    ----------
    coverage : sequence of mapping
        From `training.audit.coverage.coverage`: share_missing and days_behind of single attributes' groups.
    """

    def __init__(
        self, cohort: TestCohort, attributes: Sequence[Attribute], coverage: Sequence[Mapping[str, Any]]
    ) -> None:
        self.cohort = cohort
        self.groups = {each.name: each.groups for each in attributes}
        self.coverage = coverage

    def __call__(self, attribute: str, group: int, inside: np.ndarray, chance: np.ndarray) -> str:
        """What speaks for a ranking fault in a group with rows `inside`; "" where nothing does."""
        return self.poorer_records(attribute, self.groups[attribute][group]) or self.unused_features(
            inside, chance
        )

    def poorer_records(self, attribute: str, group: str) -> str:
        """More missing, or older, than of everyone."""
        rows = [each for each in self.coverage if each["attribute"] == attribute]
        own = [each for each in rows if each["group"] == group]
        if not own:
            return ""
        missing = beyond_everyone(own[0], rows, "share_missing")
        if missing is not None and missing >= MORE_MISSING:
            return f"Records lack more there: {100 * missing:.0f} of 100 facts more are missing than of everyone."
        older = beyond_everyone(own[0], rows, "days_behind")
        if older is not None and older >= DAYS_OLDER:
            return (
                f"Records are older there: the last marks are {older:.0f} days further back than of everyone."
            )
        return ""

    def unused_features(self, inside: np.ndarray, chance: np.ndarray) -> str:
        """Whether the features predict what the group's recalibrated estimate leaves; whole schools are left out in turn."""
        panel, seed = self.cohort.panel, self.cohort.settings.seed
        rows = np.flatnonzero(inside & panel.can_train)
        y = panel.y[rows]
        if self.cohort.clusters.events(inside & (panel.y == 1)).sum() < FEWEST_EVENTS:
            return ""
        p = p_unused(panel.X[rows], y, chance[rows], panel.cluster[rows], seed)
        if p is None or p >= CHANCE:
            return ""
        return "The same features, fitted within the group, predict what its estimates leave open: the model leaves them unused there."


def p_unused(X: np.ndarray, y: np.ndarray, chance: np.ndarray, school: np.ndarray, seed: int) -> float | None:
    """One-sided p that features predict y beyond a known chance, by schools left out in turn (Student's t over schools).

    Parameters
    ----------
    X : numpy.ndarray of float32, shape (n, features)
    y, chance, school : numpy.ndarray, shape (n,)

    Returns
    -------
    float or None
        None with fewer schools than folds.
    """
    if len(np.unique(school)) < 2 * FOLDS:
        return None
    start = logit(chance)
    gain = np.zeros(len(y))
    fold = school_folds(school, FOLDS)
    for number in range(FOLDS):
        fit, apart = fold != number, fold == number
        data = lgb.Dataset(X[fit], y[fit], init_score=start[fit], free_raw_data=True)
        booster = lgb.train({**GROWN, "seed": seed}, data, ROUNDS)
        moved = np.asarray(booster.predict(X[apart], raw_score=True))
        gain[apart] = (y[apart] - chance[apart]) * moved
    by_school = np.bincount(np.unique(school, return_inverse=True)[1], gain)
    error = np.sqrt((by_school**2).sum())
    if error <= 0:
        return None
    schools = (by_school**2).sum() ** 2 / (by_school**4).sum()
    return float(stats.t.sf(by_school.sum() / error, max(schools - 1, 1)))
