"""The search for a recipe, inside the training dates, by log loss on schools left out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import optuna

from models.risk_model import ModelFeature
from training.fit import DEFAULT, binned, parameters
from training.folds import CrossValidated, cross_validate, make_folds
from training.panel import Panel
from training.settings import Settings

MOST_SEARCHED = 250_000  # pupil-dates that recipes are ranked on: an authority of 20,000 pupils has no more
SEARCHED = ("num_leaves", "min_data_in_leaf", "lambda_l2", "feature_fraction")


@dataclass(frozen=True)
class Searched:
    """The recipe that a search chose, and what it already knows of it.

    Attributes
    ----------
    tried : dict
        Parameters that replace the default's; empty where the default was best or alone.
    data : lightgbm.Dataset
        The binned training rows.
    checked : CrossValidated
        What leaving schools out said of the recipe, so that nobody need leave them out again.
    """

    tried: dict[str, Any]
    data: lgb.Dataset
    checked: CrossValidated


def search(
    panel: Panel,
    features: Sequence[ModelFeature],
    settings: Settings,
    progress: Callable[[str], None] = lambda step: None,
) -> Searched:
    """The tried recipe whose schools left out were told best.

    The default recipe is the first trial, so a search is never worse than none. Rows are never
    weighed or drawn by their outcome. Of a large authority whole pupils are left out, `MOST_SEARCHED` rows at most:
    recipes are ranked on fewer of them alike, and the one that was chosen is then checked on all.
    """
    some = panel if settings.trials == 1 else panel.some_pupils(MOST_SEARCHED)
    check = checker(some, features, settings)
    best: list[Searched] = []

    def loss(trial: optuna.Trial) -> float:
        progress(f"recipe {trial.number + 1} of {settings.trials}")
        searched = check(suggested(trial))
        if not best or searched.checked.log_loss < best[-1].checked.log_loss:
            best[:] = [searched]
        return searched.checked.log_loss

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=settings.seed, n_startup_trials=max(settings.trials // 2, 4))
    )
    study.enqueue_trial({name: DEFAULT[name] for name in SEARCHED})
    study.optimize(loss, n_trials=settings.trials)
    return best[0] if some is panel else checker(panel, features, settings)(best[0].tried)


def checker(
    panel: Panel, features: Sequence[ModelFeature], settings: Settings
) -> Callable[[dict[str, Any]], Searched]:
    """What leaves schools out of some rows, for any recipe: they are binned and parted once."""
    data = binned(panel, features, settings)
    folds = make_folds(data, panel.cluster, settings.folds)

    def check(tried: dict[str, Any]) -> Searched:
        checked = cross_validate(folds, panel.X, parameters(settings, features, tried), settings)
        return Searched(tried, data, checked)

    return check


def suggested(trial: optuna.Trial) -> dict[str, Any]:
    """One point of the space: small trees and large leaves, since positives are rare."""
    return {
        "num_leaves": trial.suggest_int("num_leaves", 4, 31, log=True),
        "min_data_in_leaf": trial.suggest_int("min_data_in_leaf", 20, 500, log=True),
        "lambda_l2": trial.suggest_float("lambda_l2", 0.1, 100.0, log=True),
        "feature_fraction": trial.suggest_float("feature_fraction", 0.2, 1.0),
    }
