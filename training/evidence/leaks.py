"""The leak alarm: results too good to be true, and which feature makes them so."""

from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd

from models.risk_model import RiskModel
from training.evidence.recall import school_list
from training.evidence.test_cohort import TestCohort
from training.panel import days

AUC_TOO_GOOD = 0.97
CARRIES = 0.5
TELLS = 0.8  # AUC below which a score tells too little for a leak to be what carries it
COLLAPSE = 0.3
LAG_DAYS = 14


def leak_alarm(
    cohort: TestCohort, model: RiskModel, auc: dict[str, Any], lagged: pd.DataFrame | None
) -> dict[str, Any]:
    """Three signs that a feature knows what the outcome window was to tell.

    Parameters
    ----------
    auc : dict
        From `ranking.auc`.
    lagged : pandas.DataFrame or None
        pupil, as_of and the features of some test dates, as if everything had been known `LAG_DAYS`
        later; None leaves that sign out and says so.

    Returns
    -------
    dict
        is_raised, alarms (sentences that name the feature), top_feature, share_of_gain, auc, lag.
    """
    share = gain_shares(model.booster)
    top = int(np.argmax(share))
    name = model.feature_names[top]
    alarms = []
    if auc["estimate"] is not None and auc["estimate"] > AUC_TOO_GOOD:
        alarms.append(
            f"AUC {auc['estimate']:.3f} is above {AUC_TOO_GOOD}; the feature that tells most is {name}."
        )
    if share[top] > CARRIES and (auc["estimate"] or 0.0) > TELLS:
        alarms.append(f"One feature carries the score: {name} has {share[top]:.0%} of the model's gain.")
    lag = without_newest(cohort, model, lagged)
    if lag["status"] == "estimated" and lag["recall_lagged"] < (1 - COLLAPSE) * lag["recall"]:
        alarms.append(
            f"Recall falls from {lag['recall']:.2f} to {lag['recall_lagged']:.2f} when everything is known {LAG_DAYS} days later; "
            f"the feature that tells most is {name}."
        )
    return {
        "is_raised": bool(alarms),
        "alarms": alarms,
        "top_feature": name,
        "share_of_gain": round(float(share[top]), 6),
        "auc": auc["estimate"],
        "lag": lag,
    }


def gain_shares(booster: lgb.Booster) -> np.ndarray:
    """Each feature's share of the reduction in loss that the trees' splits made; shape (F,)."""
    gain = booster.feature_importance("gain")
    return gain / max(gain.sum(), 1e-12)


def without_newest(cohort: TestCohort, model: RiskModel, lagged: pd.DataFrame | None) -> dict[str, Any]:
    """Recall at capacity on the dates of `lagged`, with the features as they were and as they would be."""
    if lagged is None:
        return {
            "status": "cannot_tell",
            "reason": "no matrix with longer lags was given",
            "recall": None,
            "recall_lagged": None,
        }
    panel = cohort.panel
    there = np.isin(panel.as_of, np.unique(days(lagged["as_of"])))
    rows = pd.DataFrame({"pupil": panel.pupil[there], "as_of": panel.as_of[there]})
    later = rows.merge(
        lagged.assign(as_of=days(lagged["as_of"])), on=["pupil", "as_of"], how="left", validate="one_to_one"
    )
    estimate = cohort.estimate.copy()
    estimate[there] = model.estimate(later)
    positive = cohort.is_positive & there
    if not positive.any():
        return {
            "status": "cannot_tell",
            "reason": "no pupil had the outcome",
            "recall": None,
            "recall_lagged": None,
        }
    before = float((school_list(cohort) * positive).sum() / positive.sum())
    after = float((cohort.listed(estimate, floor=cohort.floor) * positive).sum() / positive.sum())
    return {"status": "estimated", "reason": "", "recall": round(before, 6), "recall_lagged": round(after, 6)}
