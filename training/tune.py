"""A longer search for a recipe, inside the training dates alone: pruned, and taken up again after a kill.

Trials are kept in a SQLite file. Each draws its numbers from the seed and its own number, and one that was cut
short is finished first: a search that was killed and taken up again is the search that was not.
"""

import fcntl
import json
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState

from features.files import write_whole
from models.errors import RecipeRefused
from models.risk_model import ModelFeature
from training.fit import DEFAULT, binned, parameters
from training.folds import CrossValidated, cross_validate, make_folds
from training.panel import Panel
from training.search import SEARCHED, suggested
from training.settings import Settings

STUDY_FILE, RECIPE_FILE, NAME = "study.db", "recipe.json", "tune"
LOOK_EVERY, UNPRUNED_TREES, UNPRUNED_TRIALS = 10, 30, 4
# What must be the same for trials to be compared, or a recipe to be used.
SAME = ("data_hash", "outcome", "window_days", "seed", "folds", "max_rounds", "patience", "features")
STARTUP = 8  # trials drawn at random before the sampler learns from them

Progress = Callable[[str], None]
Told = Callable[[Sequence[FrozenTrial]], None]


@dataclass(frozen=True)
class Budget:
    """When to stop, whichever comes first; None is no limit.

    Attributes
    ----------
    trials : int or None
        In all, those of earlier runs among them.
    minutes : float or None
        Of this run; a trial that has begun is finished.
    """

    trials: int | None = None
    minutes: float | None = None

    def __post_init__(self) -> None:
        if self.trials is None and self.minutes is None:
            raise RecipeRefused("A search needs a budget: --trials N, --minutes M, or both.")
        breaches = [
            f"Invalid {name} {value}. Allowed values are above 0."
            for name, value in (("trials", self.trials), ("minutes", self.minutes))
            if value is not None and value <= 0
        ]
        if breaches:
            raise RecipeRefused(*breaches)


def tune(
    panel: Panel,
    features: Sequence[ModelFeature],
    settings: Settings,
    data_hash: str,
    out: Path,
    budget: Budget,
    told: Told = lambda trials: None,
    progress: Progress = lambda step: None,
) -> dict[str, Any]:
    """Search for the recipe whose schools left out are told best, and write `recipe.json`.

    Parameters
    ----------
    panel : Panel
        The training dates' rows that may be learned from, with outcomes as known on the first test date.
    out : Path
        Folder of the search. One that holds a search of the same records and settings is taken up again.
    told : callable of the trials so far
        After each trial, and once at the start.

    Returns
    -------
    dict
        What `recipe.json` holds: what the search is of, parameters, log_loss, rounds, default_log_loss,
        and how many trials were complete or pruned.

    Raises
    ------
    RecipeRefused
        The folder holds another search, or a search is going on in it.
    """
    about = about_search(features, settings, data_hash)
    with opened(out, about) as study:
        folds = make_folds(binned(panel, features, settings), panel.cluster, settings.folds)
        until = time.monotonic() + 60 * budget.minutes if budget.minutes else None
        told(study.trials)
        for trial in numbered(study, settings.seed, budget.trials):
            progress(f"recipe {trial.number + 1}" + (f" of {budget.trials}" if budget.trials else ""))
            try:
                found = tried(trial, folds, panel, features, settings)
                trial.set_user_attr("rounds", found.rounds)
                study.tell(trial, found.log_loss)
            except optuna.TrialPruned:
                study.tell(trial, state=TrialState.PRUNED)
            told(study.trials)
            if until is not None and time.monotonic() >= until:
                break
        recipe = recipe_of(study, about)
    write_whole(out / RECIPE_FILE, json.dumps(recipe, indent=1) + "\n")
    return recipe


def about_search(features: Sequence[ModelFeature], settings: Settings, data_hash: str) -> dict[str, Any]:
    """What a search is of: the values of `SAME`."""
    held = {"data_hash": data_hash, "features": [feature.name for feature in features]}
    return {name: held[name] if name in held else getattr(settings, name) for name in SAME}


@contextmanager
def opened(out: Path, about: Mapping[str, Any]) -> Iterator[optuna.Study]:
    """A search's study, held for oneself."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    out.mkdir(parents=True, exist_ok=True)
    with (out / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RecipeRefused(
                f"A search is going on in {out}. Wait for it, or give another --out."
            ) from None
        study = optuna.create_study(
            storage=f"sqlite:///{out / STUDY_FILE}",
            study_name=NAME,
            load_if_exists=True,
            pruner=optuna.pruners.MedianPruner(UNPRUNED_TRIALS, UNPRUNED_TREES, LOOK_EVERY),
        )
        held = study.user_attrs.get("about", about)
        other = [name for name in SAME if held[name] != about[name]]
        if other:
            raise RecipeRefused(
                f"{out} holds a search with other {', '.join(other)}: its trials cannot be compared with new ones. Give another --out."
            )
        study.set_user_attr("about", dict(about))
        yield study


def numbered(study: optuna.Study, seed: int, trials: int | None) -> Iterator[optuna.Trial]:
    """Trials to run: first those that were cut short, then new ones, while there are fewer than `trials`."""
    cut_short = study.get_trials(states=(TrialState.RUNNING,))
    if not study.trials:
        study.enqueue_trial({name: DEFAULT[name] for name in SEARCHED})
    while cut_short or trials is None or len(finished(study.trials)) < trials:
        number = cut_short[0].number if cut_short else len(finished(study.trials))
        # One sampler a trial: what it draws is the same whether or not the search was taken up again.
        study.sampler = optuna.samplers.TPESampler(seed=1000 * seed + number, n_startup_trials=STARTUP)
        # Optuna keeps the numbers that a trial has drawn; asked again, they are the same.
        yield optuna.Trial(study, cut_short.pop(0)._trial_id) if cut_short else study.ask()


def finished(trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    """The trials that came to an end."""
    return [trial for trial in trials if trial.state.is_finished()]


def tried(
    trial: optuna.Trial, folds: list[Any], panel: Panel, features: Sequence[ModelFeature], settings: Settings
) -> CrossValidated:
    """One recipe, judged on the schools left out; TrialPruned where others were better after as many trees."""

    def watch(rounds: int, loss: float) -> None:
        if rounds % LOOK_EVERY == 0:
            trial.report(loss, rounds)
            if trial.number and trial.should_prune():
                raise optuna.TrialPruned

    with warnings.catch_warnings():  # of a loss that was reported before the trial was cut short
        warnings.filterwarnings("ignore", message="The reported value is ignored")
        return cross_validate(
            folds, panel.X, parameters(settings, features, suggested(trial)), settings, watch
        )


def recipe_of(study: optuna.Study, about: Mapping[str, Any]) -> dict[str, Any]:
    """The best recipe so far; the default is the first trial, so a search is never worse than none."""
    trials = finished(study.trials)
    states = [trial.state for trial in trials]
    return {
        **about,
        "parameters": dict(study.best_params),
        "log_loss": study.best_value,
        "rounds": study.best_trial.user_attrs["rounds"],
        "default_log_loss": trials[0].value,
        "num_complete": states.count(TrialState.COMPLETE),
        "num_pruned": states.count(TrialState.PRUNED),
    }


def read_recipe(path: Path, data_hash: str, outcome: str, window_days: int) -> dict[str, Any]:
    """The parameters of a recipe that a search found, for a training run on the same records.

    Raises
    ------
    RecipeRefused
        Not a recipe, or one of other records, outcome or window: a search on later records has seen what
        would here be the test.
    """
    try:
        held = json.loads(path.read_text())
        parameters = {name: held["parameters"][name] for name in SEARCHED}
        there = {name: held[name] for name in ("data_hash", "outcome", "window_days")}
    except (OSError, ValueError, KeyError, TypeError):
        raise RecipeRefused(f"{path} is no recipe. Make one with: pathways tune STORE --out DIR") from None
    here = {"data_hash": data_hash, "outcome": outcome, "window_days": window_days}
    other = [name for name in here if here[name] != there[name]]
    if other:
        raise RecipeRefused(
            f"{path} was searched for with other {', '.join(other)}: its search may have seen what is the test here. Search again: pathways tune."
        )
    return parameters
