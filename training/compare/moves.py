"""Who would enter and who would leave the lists if one model took the other's place, and which records moved them.

Of the served models, on one cohort. Families' contributions explain the models' own sums (the log-odds after
recalibration, against the mean of the same year group); not the child and not the world.
"""

from typing import Any

import numpy as np
import pandas as pd

from models.places import floors, has_place, in_running, standing
from models.reasons import REFERENCES_PER_YEAR, against_year
from models.risk_model import RiskModel
from training.settings import Settings

ENTERS, LEAVES = "enters", "leaves"
MEANS = (
    "What each family of records adds under B less what it adds under A, in log-odds after recalibration and against the mean of the "
    "same year group. It explains the two models' sums, not a child's life. A place can also move through what the models say of others."
)


def moves(a: RiskModel, b: RiskModel, matrix: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Everyone who has a place at school under one model only.

    Parameters
    ----------
    matrix : pandas.DataFrame
        The cohort at one as-of date, with the features of both models.

    Returns
    -------
    pandas.DataFrame
        pupil, urn, phase, move (enters or leaves), and a column a family: what it adds under B less what
        it adds under A. In order of pupil.
    """
    matrix = matrix.sort_values("pupil").reset_index(drop=True)
    in_a, in_b = (on_list(model, matrix, settings) for model in (a, b))
    moved = matrix[in_a != in_b]
    assessed = matrix[matrix["is_assessed"].astype(bool)]
    references = assessed.groupby("nc_year").head(REFERENCES_PER_YEAR)
    families = sorted({each.family for model in (a, b) for each in model.facts.features})
    found = moved[["pupil", "urn", "phase"]].assign(move=np.where(in_b[in_a != in_b], ENTERS, LEAVES))
    if len(moved) == 0:
        return found.assign(**{family: np.float64() for family in families})
    shifts = added(b, moved, references, families) - added(a, moved, references, families)
    return pd.concat([found.reset_index(drop=True), shifts], axis=1)


def added(
    model: RiskModel, moved: pd.DataFrame, references: pd.DataFrame, families: list[str]
) -> pd.DataFrame:
    """What each family adds for each pupil; 0 for a family of which the model reads nothing."""
    own = against_year(model, moved, references) * model.facts.calibrator.slope
    return own.reindex(columns=families, fill_value=0.0).reset_index(drop=True)


def on_list(model: RiskModel, matrix: pd.DataFrame, settings: Settings) -> np.ndarray:
    """Whether each pupil has a place at school under a model; bool, shape (n,)."""
    is_assessed = matrix["is_assessed"].to_numpy(bool)
    estimate = np.full(len(matrix), np.nan)
    if is_assessed.any():
        estimate[is_assessed] = model.estimate(matrix[is_assessed])
    phase = matrix["phase"].to_numpy(str)
    out = standing(
        is_assessed, matrix["is_exclusion_in_progress"].to_numpy(bool), matrix["is_supported"].to_numpy(bool)
    )
    score = in_running(estimate, out, floors(phase, model.facts.base_rates))
    schools, unit = np.unique(matrix["urn"].to_numpy(), return_inverse=True)
    phases = np.empty(len(schools), dtype=object)
    phases[unit] = phase
    places = np.array([settings.places_per_school.get(each, 0) for each in phases])
    return has_place(score, unit, places, matrix["pupil"].to_numpy())


def summary(moved: pd.DataFrame, as_of: str, num_places: int) -> dict[str, Any]:
    """Counts of those who move, and which family moved most of them; no pupil in it.

    Parameters
    ----------
    num_places : int
        Places that A gave.
    """
    families = [name for name in moved.columns if name not in ("pupil", "urn", "phase", "move")]
    rows = []
    for move, sign in ((ENTERS, 1.0), (LEAVES, -1.0)):
        those = moved[moved["move"] == move]
        shifts = sign * those[families].to_numpy(float)
        most = (
            np.bincount(shifts.argmax(axis=1), minlength=len(families))
            if len(those)
            else np.zeros(len(families))
        )
        rows.append({
            "move": move,
            "num_pupils": len(those),
            "num_schools": int(those["urn"].nunique()),
            "by_phase": {str(phase): int(num) for phase, num in those["phase"].value_counts().sort_index().items()},
            "families": [
                {
                    "family": family,
                    "mean_shift": round(float(those[family].mean()), 4) if len(those) else None,
                    "num_most": int(num),
                }
                for family, num in zip(families, most, strict=True)
            ],
        })  # fmt: skip
    return {"as_of": as_of, "num_places_a": num_places, "means": MEANS, "moves": rows}
