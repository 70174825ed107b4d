"""One origin of the evidence: what is learned from its training dates alone, with what was known on its first test date."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from models.risk_model import ModelFacts, RiskModel
from training.comparators import side
from training.evaluate import test_cohort
from training.evidence.test_cohort import TestCohort
from training.fit import Fitted, base_rates, finish, fit
from training.frames import Frames
from training.memory import choose, competes, remembered
from training.panel import Panel, make_panel, outcome_of, thinning
from training.search import search
from training.settings import OUTCOMES, SENSITIVITIES, Settings
from training.splits import Split
from training.stability import refit

VALID_DAYS = 365
EVIDENCE_REFITS = 10  # 45 pairs of lists tell how far they overlap; the served model's refits are more

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Origin:
    """What was learned at one origin.

    Attributes
    ----------
    split : Split
    training : Panel
        The rows it learned from.
    settings : Settings
        Of the run, with the memory that was chosen.
    tried : dict
        What the search inside the training dates chose.
    fitted : Fitted
    memory : dict or None
        As `training.memory.choose` tells it.
    """

    split: Split
    training: Panel
    settings: Settings
    tried: dict[str, Any]
    fitted: Fitted
    memory: dict[str, Any] | None


def learn(frames: Frames, settings: Settings, split: Split, progress: Progress) -> Origin:
    """Search, choose the memory and fit, inside the training dates of a split: nothing later is read."""
    training = training_panel(frames, settings, split)
    searched = search(training, frames.features, settings, progress)
    why = competes(frames.breaks, training.dates, last_close(frames, split))
    chosen = choose(training, frames.features, settings, searched, why)
    training, searched, settings = chosen.panel, chosen.searched, chosen.settings
    progress("fit")
    fitted = finish(training, frames.features, searched.tried, searched.data, searched.checked, settings)
    return Origin(split, training, settings, searched.tried, fitted, chosen.facts)


def fit_again(
    frames: Frames, settings: Settings, tried: dict[str, Any], split: Split, progress: Progress
) -> Origin:
    """An origin whose recipe is chosen already."""
    training = training_panel(frames, settings, split)
    progress("fit")
    return Origin(split, training, settings, tried, fit(training, frames.features, tried, settings), None)


def last_close(frames: Frames, split: Split) -> date:
    """The day by which the last test window's events are known."""
    return max(frames.closes[day] for day in split.test)


def training_panel(frames: Frames, settings: Settings, split: Split) -> Panel:
    """The training dates' rows that may be learned from, with outcomes as known on the first test date."""
    then = frames.outcomes_then.get(split.test[0], frames.outcomes)
    return learnable(frames, then, settings, split.training)


def learnable(frames: Frames, outcomes: pd.DataFrame, settings: Settings, dates: Sequence[date]) -> Panel:
    """The rows of some dates, or of the latest that the recipe remembers, that a model may learn from."""
    of = remembered(dates, settings)
    every = thinning(frames.matrix, of)
    panel = make_panel(frames.matrix, outcomes, settings.outcome, frames.feature_names, of, every)
    return panel.only(panel.can_train)


def cohort_panel(frames: Frames, settings: Settings, split: Split) -> Panel:
    """Everyone in the cohort of the test dates, with outcomes as the records tell them today."""
    return make_panel(frames.matrix, frames.outcomes, settings.outcome, frames.feature_names, split.test)


def other_outcomes_of(frames: Frames, settings: Settings, test: Panel) -> pd.DataFrame:
    """The outcomes the model was not trained for, where the frames have them, by the test's rows."""
    names = [
        name for name in (*OUTCOMES, *SENSITIVITIES) if name != settings.outcome and name in frames.outcomes
    ]
    return outcome_of(pd.DataFrame({"pupil": test.pupil, "as_of": test.as_of}), frames.outcomes, names)


def model_of(origin: Origin, frames: Frames, refits: int, progress: Progress) -> RiskModel:
    """The model of an origin: what its evidence is of."""
    learned = remembered(origin.split.training, origin.settings)
    return make_model(origin.fitted, origin.training, frames, origin.settings, learned, refits, progress)


def make_model(
    fitted: Fitted,
    panel: Panel,
    frames: Frames,
    settings: Settings,
    dates: tuple[date, ...],
    refits: int,
    progress: Progress,
) -> RiskModel:
    """A fit with its refits and the facts that belong to it."""
    boosters = refit(fitted, panel.cluster, refits, settings.seed, progress)
    facts = ModelFacts(
        outcome=settings.outcome,
        window_days=settings.window_days,
        features=frames.features,
        calibrator=fitted.calibrator,
        base_rates=base_rates(panel, np.ones(len(panel), dtype=bool)),
        trained_on=dates,
        expires_on=frames.known_until + timedelta(days=VALID_DAYS),
        authority=frames.authority,
        is_made_up=frames.is_made_up,
        data_hash=frames.hash,
        recipe={"parameters": fitted.parameters, "rounds": fitted.rounds, "settings": settings.as_facts()},
    )
    texts = tuple(booster.model_to_string() for booster in boosters)
    return RiskModel(fitted.booster.model_to_string(), texts, facts)


def judge(model: RiskModel, training: Panel, test: Panel, frames: Frames, settings: Settings) -> TestCohort:
    """The test cohort as the model and its rivals see it."""
    past, now = (side(panel, frames.feature_names, frames.groups) for panel in (training, test))
    return test_cohort(model, past, now, settings)
