"""What estimates over the test cohort are made of: for analysts, over all children and over those listed, never of one.

Contributions are LightGBM's own (Lundberg et al. 2020, https://doi.org/10.1038/s42256-019-0138-9; the same as shap's
`TreeExplainer`): they add up to the log-odds before recalibration. They explain the model's sum, not children.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from models.risk_model import RiskModel
from training.evidence.recall import school_list
from training.evidence.test_cohort import TestCohort

ROWS = 2_000  # of everyone, and as many at most of the listed: each costs a third of a millisecond
FEWEST = 10  # distinct children of whom a mean is told
TOLD = 20  # features, those that move estimates most


@dataclass(frozen=True)
class Explained:
    """Contributions to the estimates of some rows.

    Attributes
    ----------
    names, families : tuple of str
        Each feature and the family it is of, in the model's order.
    X : numpy.ndarray of float32, shape (n, F)
        Features; NaN is missing.
    values : numpy.ndarray of float64, shape (n, F)
        What each adds to the log-odds before recalibration.
    by_family : pandas.DataFrame
        The same summed over each family, a column a family.
    base : float
        The log-odds that they are added to.
    pupil : numpy.ndarray of int64, shape (n,)
    """

    names: tuple[str, ...]
    families: tuple[str, ...]
    X: np.ndarray
    values: np.ndarray
    by_family: pd.DataFrame
    base: float
    pupil: np.ndarray

    @property
    def num_pupils(self) -> int:
        return len(np.unique(self.pupil))


def explain(model: RiskModel, cohort: TestCohort) -> tuple[Explained, Explained]:
    """Everyone in the running, and those with a place: some rows of each, by the lowest pseudonyms, which are as good as by lot."""
    panel = cohort.panel
    running = panel.standing == ""
    listed = running & (school_list(cohort) > 0.5)
    return explained(model, cohort, running), explained(model, cohort, listed)


def explained(model: RiskModel, cohort: TestCohort, where: np.ndarray) -> Explained:
    """The contributions of at most `ROWS` of some rows."""
    panel = cohort.panel
    at = np.flatnonzero(where)
    at = at[np.argsort(panel.pupil[at], kind="stable")][:ROWS]
    found = model.contributions(panel.X[at]) if len(at) else np.empty((0, panel.X.shape[1] + 1))
    return Explained(
        names=model.feature_names,
        families=tuple(feature.family for feature in model.facts.features),
        X=panel.X[at],
        values=found[:, :-1],
        by_family=model.by_family(found),
        base=float(found[0, -1]) if len(at) else 0.0,
        pupil=panel.pupil[at],
    )


def as_facts(everyone: Explained, listed: Explained) -> dict[str, Any]:
    """Means over all children and over those listed, by family and for the features that move estimates most.

    Returns
    -------
    dict
        num_pupils, num_listed (None below `FEWEST`), families and features: rows of name, family, mean_size (the mean of the
        contribution without its sign, over everyone) and mean_listed (with its sign, over those listed, less everyone's; None
        where too few are listed). Empty where fewer than `FEWEST` children are in the running.
    """
    is_told, has_listed = everyone.num_pupils >= FEWEST, listed.num_pupils >= FEWEST
    found: dict[str, Any] = {
        "num_pupils": everyone.num_pupils if is_told else None,
        "num_listed": listed.num_pupils if has_listed else None,
        "families": [],
        "features": [],
    }
    if not is_told:
        return found

    def rows(ours: np.ndarray, theirs: np.ndarray, names: list[tuple[str, str]]) -> list[dict[str, Any]]:
        size = np.abs(ours).mean(axis=0)
        apart = theirs.mean(axis=0) - ours.mean(axis=0) if has_listed else None
        return [
            {
                "name": names[at][0],
                "family": names[at][1],
                "mean_size": round(float(size[at]), 5),
                "mean_listed": None if apart is None else round(float(apart[at]), 5),
            }
            for at in np.argsort(-size, kind="stable")
        ]

    ours, theirs = everyone.by_family, listed.by_family
    found["families"] = rows(ours.to_numpy(), theirs.to_numpy(), [(str(name), str(name)) for name in ours])
    named = list(zip(everyone.names, everyone.families, strict=True))
    found["features"] = rows(everyone.values, listed.values, named)[:TOLD]
    return found
