"""The recipe: LightGBM under declared directions, stopped and recalibrated by whole schools left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np

from models.errors import RecipeRefused
from models.risk_model import Calibrator, ModelFeature
from training.folds import CrossValidated, cross_validate, make_folds
from training.logistic import fit_logistic
from training.panel import Panel
from training.settings import Settings

FIXED: dict[str, Any] = {
    "objective": "cross_entropy",  # the log loss, of a target that may lie between 0 and 1
    "deterministic": True,
    "force_col_wise": True,
    "feature_pre_filter": False,  # one binned dataset serves every smallest leaf that the search tries
    "verbosity": -1,
}
DEFAULT: dict[str, Any] = {
    "learning_rate": 0.1,
    "num_leaves": 16,
    "min_data_in_leaf": 100,
    "lambda_l2": 10.0,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "max_bin": 127,
}
FEWEST_EVENTS = 10


@dataclass(frozen=True)
class Fitted:
    """One fit of the recipe, and what it takes to fit it again on some of its rows: their bins among it."""

    booster: lgb.Booster
    data: lgb.Dataset
    parameters: dict[str, Any]
    rounds: int
    calibrator: Calibrator
    log_loss: float
    curve: tuple[float, ...] = ()


def parameters(
    settings: Settings, features: Sequence[ModelFeature], tried: Mapping[str, Any]
) -> dict[str, Any]:
    """LightGBM's parameters: fixed ones, the default recipe, what the search tries, what settings say.

    num_threads is never among them: OMP_NUM_THREADS governs.
    """
    return {
        **DEFAULT,
        **tried,
        **settings.booster,
        **FIXED,
        "seed": settings.seed,
        "monotone_constraints": directions(features),
    }


def directions(features: Sequence[ModelFeature]) -> list[int]:
    """Declared directions as monotone constraints; they do not bind missing values.

    Raises
    ------
    RecipeRefused
        A categorical feature has a direction: LightGBM would abort the whole process.
    """
    wrong = [feature.name for feature in features if feature.is_categorical and feature.direction]
    if wrong:
        raise RecipeRefused(
            f"A categorical feature has no up or down: give {', '.join(wrong)} the direction 0."
        )
    return [feature.direction for feature in features]


def binned(panel: Panel, features: Sequence[ModelFeature], settings: Settings) -> lgb.Dataset:
    """Bin the rows once; folds, trials and refits are subsets of it that share its bins."""
    if (events := int(panel.y.sum())) < FEWEST_EVENTS:
        raise RecipeRefused(
            f"The training dates hold {events} pupil-dates with {settings.outcome}; fewer than {FEWEST_EVENTS} teach nothing. "
            "Train on any_suspension, or with more years or schools."
        )
    return lgb.Dataset(
        panel.X,
        panel.target,
        feature_name=[feature.name for feature in features],
        categorical_feature=[feature.name for feature in features if feature.is_categorical],
        params=parameters(settings, features, {}),
    ).construct()


def recalibrate(log_odds: np.ndarray, y: np.ndarray) -> Calibrator:
    """Slope and intercept of the outcome on out-of-fold log-odds.

    A slope below zero would turn the order of the list round: what was learned does not carry from
    school to school, and everyone gets the base rate.
    """
    slope, intercept = fit_logistic(log_odds[:, None], y)
    if slope <= 0:
        slope, intercept = 0.0, fit_logistic(np.empty((len(y), 0)), y)[0]
    return Calibrator(round(float(slope), 9), round(float(intercept), 9))


def grow(data: lgb.Dataset, chosen: Mapping[str, Any], rounds: int) -> lgb.Booster:
    """One booster of a fixed number of trees."""
    return lgb.train(dict(chosen), data, num_boost_round=rounds)


def fit(
    panel: Panel, features: Sequence[ModelFeature], tried: Mapping[str, Any], settings: Settings
) -> Fitted:
    """The recipe, whole: rounds and recalibration from schools left out, then one booster on every row.

    Parameters
    ----------
    panel : Panel
        Rows that may be learned from (`Panel.can_train`).
    tried : mapping
        What the search chose.
    """
    data = binned(panel, features, settings)
    folds = make_folds(data, panel.cluster, settings.folds)
    checked = cross_validate(folds, panel.X, parameters(settings, features, tried), settings)
    return finish(panel, features, tried, data, checked, settings)


def finish(
    panel: Panel,
    features: Sequence[ModelFeature],
    tried: Mapping[str, Any],
    data: lgb.Dataset,
    checked: CrossValidated,
    settings: Settings,
) -> Fitted:
    """The one booster on every row, for a recipe that schools left out have already judged."""
    chosen = parameters(settings, features, tried)
    booster = grow(data, chosen, checked.rounds)
    calibrator = recalibrate(checked.log_odds, panel.y)
    return Fitted(booster, data, chosen, checked.rounds, calibrator, checked.log_loss, checked.curve)


def base_rates(panel: Panel, where: np.ndarray) -> dict[str, float]:
    """The outcome's rate by phase among some rows that may be learned from."""
    phases = np.unique(panel.phase[where])
    return {str(phase): float(panel.y[where & (panel.phase == phase)].mean()) for phase in phases}
