"""Whether the evidence travels: to a district, a year or a school the model has not seen."""

from collections.abc import Callable
from typing import Any

import lightgbm as lgb
import numpy as np
from scipy import stats

from models.places import floors
from training.evidence.calibration import observed_over_expected
from training.evidence.recall import school_list
from training.evidence.test_cohort import TestCohort
from training.fit import FEWEST_EVENTS, Fitted, base_rates, grow
from training.folds import side_by_side, some_rows
from training.intervals import LEVEL, TOO_FEW, TOO_FEW_SCHOOLS, effective_schools
from training.panel import Panel


def leave_districts_out(
    cohort: TestCohort,
    training: Panel,
    fitted: Fitted,
    progress: Callable[[str], None] = lambda step: None,
) -> list[dict[str, Any]]:
    """Each district's recall by a model that never saw it, beside the model that did.

    Parameters
    ----------
    training : Panel
        The rows that `fitted` was grown on.
    """
    panel = cohort.panel
    named = [str(each) for each in np.unique(panel.district)]
    kept = {name: training.district != name for name in named}
    left = [name for name in named if training.y[kept[name]].sum() >= FEWEST_EVENTS and not kept[name].all()]

    def without(name: str) -> lgb.Booster:
        progress(f"without {name}")
        return grow(some_rows(fitted.data, np.flatnonzero(kept[name])), fitted.parameters, fitted.rounds)

    with side_by_side() as pool:
        grown = dict(zip(left, pool.map(without, left), strict=True))
    rows = []
    for name in named:
        here = panel.district == name
        facts: dict[str, Any] = {
            "district": name,
            "recall": cohort.recall(school_list(cohort), where=here).as_facts(),
        }
        if name not in grown:
            rows.append(facts | {"recall_unseen": None, "observed_over_expected_unseen": None})
            continue
        estimate = cohort.estimate.copy()
        estimate[here] = fitted.calibrator.probability(
            np.asarray(grown[name].predict(panel.X[here], raw_score=True))
        )
        unseen = TestCohort(
            panel,
            estimate,
            floors(panel.phase, base_rates(training, kept[name])),
            {},
            cohort.clusters,
            cohort.settings,
        )
        rows.append(
            facts
            | {
                "recall_unseen": unseen.recall(school_list(unseen), where=here).as_facts(),
                "observed_over_expected_unseen": observed_over_expected(unseen, here & panel.can_train),
            }
        )
    return rows


def new_school(cohort: TestCohort) -> dict[str, Any]:
    """The range in which the recall of a school not yet seen lies, 19 times in 20.

    A beta distribution of schools' recall by the method of moments: the spread between schools beyond
    what their few pupils would show by chance. Each distinct pupil counts once, with the mean of the
    places held over the dates before the outcome.
    """
    listed, rows = school_list(cohort), np.flatnonzero(cohort.is_positive)
    pupils, code = np.unique(cohort.panel.pupil[rows], return_inverse=True)
    held = np.bincount(code, listed[rows]) / np.bincount(code) if len(rows) else np.zeros(0)
    school = np.zeros(len(pupils), dtype=np.int64)
    school[code[::-1]] = cohort.clusters.code[rows][::-1]
    num, found = (
        np.bincount(school, minlength=1).astype(float),
        np.bincount(school, held, 1) if len(pupils) else np.zeros(1),
    )
    facts = {"status": "cannot_tell", "low": None, "high": None, "num_schools": int((num > 0).sum())}
    if effective_schools(num) < TOO_FEW_SCHOOLS or not 0 < held.mean() < 1:
        return facts | {"reason": TOO_FEW}
    mean, rho = held.mean(), between_schools(num[num > 0], found[num > 0], held)
    bounds = stats.beta.ppf(
        ((1 - LEVEL) / 2, (1 + LEVEL) / 2), mean * (1 - rho) / rho, (1 - mean) * (1 - rho) / rho
    )
    return facts | {
        "status": "estimated", "reason": "", "low": round(float(bounds[0]), 6), "high": round(float(bounds[1]), 6),
        "between_schools": round(float(rho), 6),
    }  # fmt: skip


def between_schools(num: np.ndarray, found: np.ndarray, held: np.ndarray) -> float:
    """Intraclass correlation by analysis of variance, kept within (0, 1); Donner and Koval (1980)."""
    schools, total = len(num), num.sum()
    between = (num * (found / num - held.mean()) ** 2).sum() / (schools - 1)
    within = ((held**2).sum() - (found**2 / num).sum()) / max(total - schools, 1)
    size = (total - (num**2).sum() / total) / (schools - 1)
    return float(np.clip((between - within) / max(between + (size - 1) * within, 1e-12), 0.001, 0.999))
