"""How MLflow loads a candidate again: from its sealed folder of text, never from a pickle."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from models.risk_model import RiskModel, load_model

CUT = "cut"


class Estimates:
    """A candidate as MLflow calls it.

    Attributes
    ----------
    model : RiskModel
    cut : float or None
        None gives estimates. Else 1 from this estimate up and 0 below it: what MLflow's evaluation of a
        `classifier` compares with outcomes. No list is made by a cut.
    """

    def __init__(self, model: RiskModel, cut: float | None = None) -> None:
        self.model, self.cut = model, cut

    def predict(self, frame: pd.DataFrame, params: dict[str, object] | None = None) -> np.ndarray:
        """The estimated chance of the outcome (or, with a cut, the class) of each row; shape (n,)."""
        estimate = self.model.estimate(frame)
        return estimate if self.cut is None else (estimate >= self.cut).astype(np.int64)


def _load_pyfunc(path: str, model_config: Mapping[str, Any] | None = None) -> Estimates:
    """MLflow calls this by name; every file is checked against the folder's manifest first.

    Parameters
    ----------
    model_config : mapping, optional
        `cut`: see `Estimates`.
    """
    cut = (model_config or {}).get(CUT)
    return Estimates(load_model(Path(path)), None if cut is None else float(cut))
