"""How MLflow loads a candidate again: from its sealed folder of text, never from a pickle."""

from pathlib import Path

import pandas as pd

from models.risk_model import RiskModel, load_model


class Estimates:
    """A candidate as MLflow calls it."""

    def __init__(self, model: RiskModel) -> None:
        self.model = model

    def predict(self, frame: pd.DataFrame, params: dict[str, object] | None = None) -> pd.DataFrame:
        """One column, estimate, in the order of the rows."""
        return pd.DataFrame({"estimate": self.model.estimate(frame)}, index=frame.index)


def _load_pyfunc(path: str) -> Estimates:
    """MLflow calls this by name; every file is checked against the folder's manifest first."""
    return Estimates(load_model(Path(path)))
