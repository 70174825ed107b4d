"""On a made-up authority, and only there: the model beside the truth."""

from typing import Any

import numpy as np
import pandas as pd

from models.places import floors
from training.evidence.calibration import slope
from training.evidence.test_cohort import TestCohort
from training.intervals import Interval, ratio
from training.logistic import fit_logistic, logit
from training.panel import days


def against_truth(cohort: TestCohort, truth: pd.DataFrame, phase_rates: dict[str, float]) -> dict[str, Any]:
    """How much of the best possible recall the model reaches, at the same places and by the same rule.

    Recall here is expected recall: the sum of true chances of the listed over the sum of all, so that
    luck in who happened to be excluded plays no part. The best possible list is the list rule applied
    to the true chances themselves.

    Parameters
    ----------
    truth : pandas.DataFrame
        pupil, as_of, and the true chance of the outcome in a column of its name.
    phase_rates : dict
        Base rates of the phases, for the floor.
    """
    if cohort.settings.outcome not in truth:
        return {"status": "cannot_tell", "reason": f"the truth is not told of {cohort.settings.outcome}"}
    panel = cohort.panel
    rows = pd.DataFrame({"pupil": panel.pupil, "as_of": panel.as_of})
    found = truth[["pupil", "as_of", cohort.settings.outcome]].assign(as_of=days(truth["as_of"]))
    chance = rows.merge(found, on=["pupil", "as_of"], how="left", validate="one_to_one")[
        cohort.settings.outcome
    ].to_numpy(float)
    told = ~np.isnan(chance)
    if not told.any():
        return {"status": "cannot_tell", "reason": "the truth covers none of the test dates"}
    weight = np.where(told, chance, 0.0)
    ours = cohort.listed(cohort.estimate, floor=cohort.floor)
    best = cohort.listed(np.where(told, chance, np.nan), floor=floors(panel.phase, phase_rates))
    share = share_of(cohort, ours * weight, best * weight, told)
    assessed = told & panel.can_train
    return {
        "status": "estimated",
        "num_dates": int(len(np.unique(panel.as_of[told]))),
        "expected_recall": share_of(cohort, ours * weight, weight, told).as_facts(),
        "best_expected_recall": share_of(cohort, best * weight, weight, told).as_facts(),
        "share_of_best_recall": round(share.estimate, 6) if share.estimate is not None else None,
        "share_of_best_recall_interval": share.as_facts(),
        "share_of_best_recall_pooled": pooled_share(cohort, chance, weight),
        "rank_correlation": rank_correlation(chance[assessed], cohort.estimate[assessed]),
        "calibration_slope": slope_on_truth(cohort, chance, assessed),
        "realised_slope": slope(cohort, assessed)["slope"],
    }


def share_of(cohort: TestCohort, part: np.ndarray, whole: np.ndarray, told: np.ndarray) -> Interval:
    """One sum over another, by school, on the rows the truth covers."""
    return cohort.clusters.interval(
        ratio, (part * told, whole * told), cohort.is_positive & told, is_share=False
    )


def pooled_share(cohort: TestCohort, chance: np.ndarray, weight: np.ndarray) -> float | None:
    """The share of the best possible recall with the same total of places pooled over the authority."""
    told = ~np.isnan(chance)
    best = float((cohort.pooled(np.where(told, chance, np.nan)) * weight).sum())
    ours = float((cohort.pooled(np.where(told, cohort.estimate, np.nan)) * weight).sum())
    return round(ours / best, 6) if best else None


def slope_on_truth(cohort: TestCohort, chance: np.ndarray, where: np.ndarray) -> float | None:
    """Slope of the true chance (not of what happened) on the estimates' log-odds."""
    z = logit(cohort.estimate[where])[:, None]
    return round(float(fit_logistic(z, chance[where])[0]), 6) if np.ptp(z) > 1e-9 else None


def rank_correlation(chance: np.ndarray, estimate: np.ndarray) -> float | None:
    """Spearman's, of estimates with true chances; None where either is the same for everyone."""
    if len(chance) < 2 or np.ptp(chance) == 0 or np.ptp(estimate) == 0:
        return None
    return round(float(pd.Series(chance).corr(pd.Series(estimate), method="spearman")), 6)
