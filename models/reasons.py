"""Which families of records raised and lowered an estimate, and whether that holds from refit to refit.

They explain the model's own sum, on the log-odds before recalibration; not the child and not the world.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from models.risk_model import RiskModel

REFERENCES_PER_YEAR = 100  # pupils of a year group whose mean a pupil is set against
SIGN_REFITS = 8  # refits whose sign must agree; each costs as much as the model's own contributions
COLUMNS = ("pupil", "family", "contribution", "is_sign_stable")


def reasons(model: RiskModel, matrix: pd.DataFrame, pupils: np.ndarray) -> pd.DataFrame:
    """What each family of records added to the estimates of some pupils, against their year group's mean.

    Parameters
    ----------
    model : RiskModel
    matrix : pandas.DataFrame
        The cohort at one as-of date: pupil, nc_year, is_assessed and the model's features.
    pupils : numpy.ndarray of int64, shape (n,)
        Whose reasons; others of the matrix serve for the mean alone.

    Returns
    -------
    pandas.DataFrame
        pupil, family, contribution (log-odds before recalibration, less the mean of
        `REFERENCES_PER_YEAR` assessed pupils of the year group, or all where there are fewer) and
        is_sign_stable (each of the first `SIGN_REFITS` refits gives the same sign; False without
        refits, since nothing then shows that it holds). n x families rows, by pupil, then family.

    Notes
    -----
    The reference pupils are those with the lowest pseudonyms: it is keyed, so they are as good as
    drawn by lot, and the same records give the same reasons.
    """
    named = matrix[matrix["pupil"].isin(pupils)].sort_values("pupil")
    assessed = matrix[matrix["is_assessed"].astype(bool)].sort_values("pupil")
    references = assessed.groupby("nc_year").head(REFERENCES_PER_YEAR)
    own = against_year(model, named, references)
    refits = [replace(model, model_text=text) for text in model.refit_texts[:SIGN_REFITS]]
    same = [np.sign(against_year(refit, named, references)) == np.sign(own) for refit in refits]
    is_stable = np.logical_and.reduce(same) if same else np.zeros(own.shape, dtype=bool)
    return pd.DataFrame(
        {
            "pupil": np.repeat(named["pupil"].to_numpy(), own.shape[1]),
            "family": np.tile(own.columns.to_numpy(), len(named)),
            "contribution": own.to_numpy().ravel(),
            "is_sign_stable": np.asarray(is_stable).ravel(),
        },
        columns=list(COLUMNS),
    )


def against_year(model: RiskModel, named: pd.DataFrame, references: pd.DataFrame) -> pd.DataFrame:
    """Contributions by family, less the mean of the references of the same year group; one row a named pupil.

    A year group without a reference is set against the mean of all references.
    """
    own = model.by_family(model.contributions(named))
    others = model.by_family(model.contributions(references))
    means = (
        others.groupby(references["nc_year"].to_numpy())
        .mean()
        .reindex(named["nc_year"])
        .fillna(others.mean())
    )
    return own - means.to_numpy()
