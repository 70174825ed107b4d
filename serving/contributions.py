"""Which families of records raised or lowered an estimate, against the mean of the same year group.

They are LightGBM's own contributions to the log-odds of the booster before recalibration, summed by
family. They explain the model, not the child. They cost about half a millisecond a row and booster, so only
named pupils are explained, the mean of a year group is that of a fixed sample of it, and stability is asked
of some refits.
"""

import lightgbm as lgb
import numpy as np
import pandas as pd

from models.risk_model import RiskModel

SAMPLE = 100  # pupils of a year group whose mean contributions stand for it
REFITS = 10  # boosters asked whether a sign is stable
STABLE = 0.9  # share of them that must agree


def family_contributions(model: RiskModel, matrix: pd.DataFrame, pupils: set[int]) -> pd.DataFrame:
    """Contributions by family of some pupils of one as-of date.

    Parameters
    ----------
    matrix : pandas.DataFrame
        The cohort with its features.
    pupils : set of int
        Whom to explain; those not assessed are passed over.

    Returns
    -------
    pandas.DataFrame
        pupil, family, contribution (log-odds against the mean of the year group), is_sign_stable (at least
        `STABLE` of the refits asked give the same sign). Empty for no pupils.
    """
    assessed = matrix[matrix["is_assessed"]]
    wanted = assessed[assessed["pupil"].isin(pupils)]
    if wanted.empty:
        return pd.DataFrame({"pupil": [], "family": [], "contribution": [], "is_sign_stable": []})
    # A pseudonym is a keyed hash, so the first pupils in its order are a fair sample, and always the same.
    sample = assessed.sort_values("pupil").groupby("nc_year").head(SAMPLE)
    shown = _against_year_group(model, model.booster, wanted, sample)
    refits = [_against_year_group(model, refit, wanted, sample) for refit in model.refits[:REFITS]]
    agreeing = np.mean([np.sign(refit) == np.sign(shown) for refit in refits], axis=0)
    families = shown.columns
    return pd.DataFrame(
        {
            "pupil": np.repeat(wanted["pupil"].to_numpy(), len(families)),
            "family": np.tile(families, len(wanted)),
            "contribution": shown.to_numpy().ravel(),
            "is_sign_stable": (np.asarray(agreeing) >= STABLE).ravel(),
        }
    )


def _against_year_group(
    model: RiskModel, booster: lgb.Booster, wanted: pd.DataFrame, sample: pd.DataFrame
) -> pd.DataFrame:
    both = pd.concat([wanted, sample])
    by_family = model.by_family(np.asarray(booster.predict(model.values(both), pred_contrib=True)))
    own, others = by_family.iloc[: len(wanted)], by_family.iloc[len(wanted) :]
    means = others.groupby(sample["nc_year"].to_numpy()).mean()
    return own.reset_index(drop=True) - means.loc[wanted["nc_year"].to_numpy()].reset_index(drop=True)
