"""The model as it is handed over: LightGBM text plus JSON, and three questions it answers."""

import json
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd

from models.booster_text import refuse_malformed
from models.errors import ModelRefused
from models.manifest import FILE_NAME as MANIFEST_FILE
from models.manifest import sha256, verify_manifest

FORMAT = 1
MODEL_FILE, FACTS_FILE, REFITS_FOLDER = "model.txt", "model.json", "refits"


@dataclass(frozen=True)
class ModelFeature:
    """One column the model reads, in the order in which it reads them.

    Attributes
    ----------
    name : str
        The column's name, the same in the matrix, in this model and on a card.
    family : str
        attendance, suspensions, sen, context or school.
    direction : int
        1 where a higher value can only raise the estimate, -1 only lower it, 0 where neither is known.
    is_categorical : bool
        The value is a code without an order.
    """

    name: str
    family: str
    direction: int = 0
    is_categorical: bool = False


@dataclass(frozen=True)
class Calibrator:
    """A logistic recalibration of the booster's log-odds: slope x log-odds + intercept."""

    slope: float = 1.0
    intercept: float = 0.0

    def probability(self, log_odds: np.ndarray) -> np.ndarray:
        """Estimates in (0, 1), of the shape of `log_odds`."""
        return 1.0 / (1.0 + np.exp(-(self.slope * log_odds + self.intercept)))


@dataclass(frozen=True)
class ModelFacts:
    """What is known of a model beside its trees.

    Attributes
    ----------
    outcome : str
    window_days : int
        The outcome window.
    features : tuple of ModelFeature
    calibrator : Calibrator
    base_rates : dict
        Phase to the outcome's rate in the dates trained on.
    trained_on : tuple of date
        The as-of dates, in order.
    expires_on : date
        From this day lists carry a warning that the model is old.
    authority : str
    is_made_up : bool
        Trained on a made-up authority.
    data_hash : str
        Of the record store, or of the frames given.
    recipe : dict
        Settings and fitted hyperparameters, for the record.
    """

    outcome: str
    window_days: int
    features: tuple[ModelFeature, ...]
    calibrator: Calibrator
    base_rates: dict[str, float]
    trained_on: tuple[date, ...]
    expires_on: date
    authority: str
    is_made_up: bool
    data_hash: str
    recipe: dict[str, Any]


@dataclass(frozen=True)
class RiskModel:
    """A booster, its refits on school-resampled data, and the facts that belong to them.

    Attributes
    ----------
    model_text : str
        LightGBM's text format.
    refit_texts : tuple of str
        R further boosters of the same recipe.
    facts : ModelFacts
    folder_hash : str
        SHA-256 of the manifest of the folder it was loaded from; empty for one not saved.
    """

    model_text: str
    refit_texts: tuple[str, ...]
    facts: ModelFacts
    folder_hash: str = ""

    @cached_property
    def booster(self) -> lgb.Booster:
        return lgb.Booster(model_str=self.model_text)

    @cached_property
    def refits(self) -> tuple[lgb.Booster, ...]:
        return tuple(lgb.Booster(model_str=text) for text in self.refit_texts)

    @property
    def feature_names(self) -> tuple[str, ...]:
        return tuple(feature.name for feature in self.facts.features)

    def values(self, X: pd.DataFrame | np.ndarray) -> np.ndarray:
        """The model's columns in its order, float32, shape (n, F); NaN is missing.

        Raises
        ------
        ModelRefused
            Columns are missing from a frame, or an array has another width. Columns beside those of
            the model are left alone.
        """
        if isinstance(X, pd.DataFrame):
            missing = [name for name in self.feature_names if name not in X.columns]
            if missing:
                raise ModelRefused(
                    f"The matrix lacks {len(missing)} of the model's {len(self.feature_names)} features: "
                    f"{', '.join(missing)}. Make it again with the version that trained the model, or train again."
                )
            return X[list(self.feature_names)].to_numpy(np.float32)
        if X.ndim != 2 or X.shape[1] != len(self.feature_names):
            raise ModelRefused(
                f"The model reads {len(self.feature_names)} features; the array has shape {X.shape}."
            )
        return X

    def estimate(self, X: pd.DataFrame | np.ndarray) -> np.ndarray:
        """Estimated chance of the outcome within the window; float64, shape (n,)."""
        return self.facts.calibrator.probability(
            np.asarray(self.booster.predict(self.values(X), raw_score=True))
        )

    def spread(self, X: pd.DataFrame | np.ndarray) -> np.ndarray:
        """The refits' estimates; float32, shape (n, R). Their 10th and 90th percentile are the range shown."""
        values = self.values(X)
        estimates = np.empty((len(values), len(self.refits)), dtype=np.float32)
        for column, refit in enumerate(self.refits):
            estimates[:, column] = self.facts.calibrator.probability(
                np.asarray(refit.predict(values, raw_score=True))
            )
        return estimates

    def contributions(self, X: pd.DataFrame | np.ndarray) -> np.ndarray:
        """LightGBM's own contributions to the log-odds before recalibration; shape (n, F + 1).

        The last column is the base value; a row sums to the booster's log-odds. They are the values
        of shap's TreeExplainer. They explain the model, not the child and not the world.
        """
        return np.asarray(self.booster.predict(self.values(X), pred_contrib=True))

    def by_family(self, contributions: np.ndarray) -> pd.DataFrame:
        """Contributions summed by family of records; one column a family, in order of name, no base value."""
        families = np.array([feature.family for feature in self.facts.features])
        return pd.DataFrame(
            {
                family: contributions[:, :-1][:, families == family].sum(axis=1)
                for family in sorted(set(families))
            }
        )

    def save(self, folder: Path) -> None:
        """Write model.txt, refits/NNN.txt and model.json; the caller writes the manifest last."""
        (folder / REFITS_FOLDER).mkdir(parents=True)
        (folder / MODEL_FILE).write_text(self.model_text)
        for number, text in enumerate(self.refit_texts):
            (folder / REFITS_FOLDER / f"{number:03}.txt").write_text(text)
        facts = {"format": FORMAT, **asdict(self.facts)}
        (folder / FACTS_FILE).write_text(json.dumps(facts, indent=1, default=str) + "\n")


def load_model(folder: Path) -> RiskModel:
    """Load a model from a folder, having checked every file in it against its manifest.

    Raises
    ------
    ModelRefused
        The folder is not a model's, is incomplete, is altered, or is of another format.
    """
    named = verify_manifest(folder)
    missing = [name for name in (MODEL_FILE, FACTS_FILE) if name not in named]
    if missing:
        raise ModelRefused(
            f"{folder} is not a model's folder: its manifest names no {' and no '.join(missing)}."
        )
    facts = json.loads((folder / FACTS_FILE).read_text())
    if facts.pop("format", None) != FORMAT:
        raise ModelRefused(
            f"{folder / FACTS_FILE} is of another format than {FORMAT}. Train again with this version."
        )
    found = facts_from(facts)
    boosters = [MODEL_FILE, *(name for name in named if name.startswith(f"{REFITS_FOLDER}/"))]
    texts = {name: (folder / name).read_text() for name in boosters}
    for name, text in texts.items():
        refuse_malformed(text, len(found.features), str(folder / name))
    return RiskModel(texts.pop(MODEL_FILE), tuple(texts.values()), found, sha256(folder / MANIFEST_FILE))


def facts_from(facts: dict[str, Any]) -> ModelFacts:
    """`ModelFacts` from what `RiskModel.save` wrote."""
    return ModelFacts(
        **{
            **facts,
            "features": tuple(ModelFeature(**feature) for feature in facts["features"]),
            "calibrator": Calibrator(**facts["calibrator"]),
            "trained_on": tuple(date.fromisoformat(day) for day in facts["trained_on"]),
            "expires_on": date.fromisoformat(facts["expires_on"]),
        }
    )
