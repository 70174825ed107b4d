"""The recipe: LightGBM under declared directions, stopped and recalibrated by whole schools left out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import lightgbm as lgb
import numpy as np

from models.errors import RecipeRefused
from models.risk_model import Calibrator, ModelFeature
from training.logistic import fit_logistic
from training.panel import Panel
from training.settings import Settings

FIXED: dict[str, Any] = {
    "objective": "binary",
    "deterministic": True,
    "force_col_wise": True,
    "feature_pre_filter": False,  # one binned dataset serves every smallest leaf that the search tries
    "verbosity": -1,
}
DEFAULT: dict[str, Any] = {
    "learning_rate": 0.08,
    "num_leaves": 8,
    "min_data_in_leaf": 100,
    "lambda_l2": 10.0,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "max_bin": 127,
}
FEWEST_EVENTS = 10


@dataclass(frozen=True)
class CrossValidated:
    """What leaving whole schools out says of one recipe.

    Attributes
    ----------
    rounds : int
        Trees at which the mean loss over folds is least.
    log_loss : float
        That least mean loss, in nats a row.
    log_odds : numpy.ndarray of float64, shape (n,)
        Out-of-fold, from boosters stopped where the *other* folds' loss is least, so that no row
        helped to choose where its own prediction stopped.
    """

    rounds: int
    log_loss: float
    log_odds: np.ndarray


@dataclass(frozen=True)
class Fitted:
    """One fit of the recipe, and what it takes to fit it again on some of its rows: their bins among it."""

    booster: lgb.Booster
    data: lgb.Dataset
    parameters: dict[str, Any]
    rounds: int
    calibrator: Calibrator
    log_loss: float


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
        panel.y,
        feature_name=[feature.name for feature in features],
        categorical_feature=[feature.name for feature in features if feature.is_categorical],
        params=parameters(settings, features, {}),
    ).construct()


def some_rows(data: lgb.Dataset, rows: np.ndarray) -> lgb.Dataset:
    """Rows of a binned dataset, by index in order, that share its bins."""
    return data.subset(cast("list[int]", rows)).construct()


def school_folds(cluster: np.ndarray, folds: int) -> np.ndarray:
    """Fold of each row, shape (n,): whole schools, dealt out from the largest to keep folds even."""
    schools, codes, rows = np.unique(cluster, return_inverse=True, return_counts=True)
    if len(schools) < 2:
        raise RecipeRefused("Records of one school cannot show what holds in another. Import more schools.")
    deal = np.empty(len(schools), dtype=np.int64)
    deal[np.lexsort((schools, -rows))] = np.arange(len(schools)) % min(folds, len(schools))
    return deal[codes]


@dataclass(frozen=True)
class Fold:
    """One part of the schools left out."""

    rows: np.ndarray
    kept: lgb.Dataset
    left_out: lgb.Dataset


def make_folds(data: lgb.Dataset, cluster: np.ndarray, folds: int) -> list[Fold]:
    """The folds as subsets of one binned dataset."""
    fold = school_folds(cluster, folds)
    return [
        Fold(
            np.flatnonzero(fold == number),
            some_rows(data, np.flatnonzero(fold != number)),
            some_rows(data, np.flatnonzero(fold == number)),
        )
        for number in range(fold.max() + 1)
    ]


def cross_validate(
    folds: list[Fold],
    X: np.ndarray,
    chosen: Mapping[str, Any],
    settings: Settings,
    watch: Callable[[int, float], None] = lambda rounds, loss: None,
) -> CrossValidated:
    """Grow one booster a fold in step, until their mean loss has not fallen for `patience` trees.

    Parameters
    ----------
    X : numpy.ndarray of float32, shape (n, F)
        The rows of the folds.
    chosen : mapping
        From `parameters`.
    watch : callable of (int, float)
        Told the trees so far and their mean loss, after each; what it raises ends it.
    """
    boosters = [lgb.Booster(dict(chosen), fold.kept).add_valid(fold.left_out, "left_out") for fold in folds]
    size = np.array([len(fold.rows) for fold in folds])
    losses: list[list[float]] = []
    means: list[float] = []
    while len(means) < settings.max_rounds and len(means) - int(np.argmin(means or [0])) <= settings.patience:
        for booster in boosters:
            booster.update()
        losses.append([booster.eval_valid()[0][2] for booster in boosters])
        means.append(float((size * losses[-1]).sum() / size.sum()))
        watch(len(means), means[-1])
    curve = np.array(losses)  # (rounds, folds)
    log_odds = np.empty(len(X))
    for number, (booster, fold) in enumerate(zip(boosters, folds, strict=True)):
        others = np.arange(len(folds)) != number
        stop = int(np.argmin((curve[:, others] * size[others]).sum(axis=1))) + 1
        log_odds[fold.rows] = booster.predict(X[fold.rows], raw_score=True, num_iteration=stop)
    return CrossValidated(int(np.argmin(means)) + 1, min(means), log_odds)


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
    return Fitted(booster, data, chosen, checked.rounds, calibrator, checked.log_loss)


def base_rates(panel: Panel, where: np.ndarray) -> dict[str, float]:
    """The outcome's rate by phase among some rows that may be learned from."""
    phases = np.unique(panel.phase[where])
    return {str(phase): float(panel.y[where & (panel.phase == phase)].mean()) for phase in phases}
