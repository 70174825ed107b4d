"""The story of a training run, from top to bottom."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from models.risk_model import ModelFacts, RiskModel
from training.ablation import ablation
from training.audit.attributes import cohort_attributes
from training.audit.scored import Attribute
from training.candidate import Candidate, Judged, compose, refuse_in_the_way, write_candidate
from training.comparators import side
from training.evaluate import evaluate, test_cohort
from training.evidence.breaks import break_facts
from training.evidence.recall import headline
from training.evidence.support_exposure import refuse_without_support, support_exposure
from training.evidence.test_cohort import TestCohort
from training.evidence.transport import leave_districts_out
from training.fit import Fitted, base_rates, finish, fit
from training.frames import Frames
from training.memory import choose, competes, remembered
from training.panel import Panel, make_panel, outcome_of
from training.pooled.by_school import for_pooling
from training.protocol import fix_protocol, look
from training.search import search
from training.settings import OUTCOMES, SENSITIVITIES, Settings
from training.splits import Split, earlier_split, eligible_dates, split_dates
from training.stability import refit

VALID_DAYS = 365
MOST_FOLLOWED = 500_000  # rows that the leak alarm reads: more sharpen it little and cost time
EVIDENCE_REFITS = 10  # 45 pairs of lists tell how far they overlap; the served model's refits are more

Progress = Callable[[str], None]


def train(
    frames: Frames,
    settings: Settings,
    out: Path,
    ledger: Path | None = None,
    progress: Progress = lambda step: None,
) -> Candidate:
    """Train, judge and hand over.

    Parameters
    ----------
    out : Path
        The candidate's folder; must not exist.
    ledger : Path or None
        Where looks at the test are counted.
    progress : callable of str
        Told each step as it begins.

    Raises
    ------
    TooFewYears
        No forward split exists.
    ModelRefused, RecipeRefused
        The frames do not belong together, the folder is in the way, there is nothing to learn from, or
        lists were in use and who was helped is not known.
    """
    refuse_in_the_way(out)
    eligible = eligible_dates(frames.closes, frames.covered_from, frames.known_until)
    split = split_dates(eligible, frames.closes, settings.window_days)
    refuse_without_support(frames.support, frames.lists_in_use_from, frames.closes, split)

    progress("training dates")
    training = training_panel(frames, settings, split)
    searched = search(training, frames.features, settings, progress)
    tried = searched.tried
    last_close = max(frames.closes[day] for day in split.test)
    why = competes(frames.breaks, training.dates, last_close)
    memory = choose(training, frames.features, settings, searched, why)
    training, searched, settings = memory.panel, memory.searched, memory.settings
    progress("fit")
    fitted = finish(training, frames.features, tried, searched.data, searched.checked, settings)
    model = judged_model(training, frames, settings, fitted, split, progress)

    protocol = fix_protocol(settings, split, frames.hash)
    looks = look(protocol, ledger)  # from here on the test's outcomes are read

    progress("test dates")
    test = make_panel(frames.matrix, frames.outcomes, settings.outcome, frames.feature_names, split.test)
    cohort = judge(model, training, test, frames, settings)
    found = evaluate(
        cohort,
        model,
        other_outcomes_of(frames, settings, test),
        frames.events,
        frames.school_days,
        frames.truth,
        frames.lagged,
        followed(frames, settings, split),
    )
    found["memory"] = memory.facts
    found["breaks"] = break_facts(frames.breaks, frames.moved, frames.schools, training, test, last_close)
    found["optional_tables"] = adds(frames, settings, cohort, tried, split, progress)
    found["for_pooling"] = for_pooling(cohort, attributes_of(frames, cohort.panel))
    found["support_exposure"] = support_exposure(cohort, frames.support, frames.lists_in_use_from)
    found["transport"] |= travels(frames, settings, cohort, training, fitted, tried, split, progress)

    progress("the served model")
    everything = learnable(frames, frames.outcomes, settings, split.eligible)
    whole = fit(everything, frames.features, tried, settings)
    learned = remembered(split.eligible, settings)
    served = make_model(whole, everything, frames, settings, learned, settings.refits, progress)

    progress("writing")
    evidence = compose(frames, settings, split, protocol, looks, fitted, training, test, found)
    write_candidate(out, served, evidence, protocol)
    return Candidate(out, served, evidence, Judged(cohort, model, training))


def training_panel(frames: Frames, settings: Settings, split: Split) -> Panel:
    """The training dates' rows that may be learned from, with outcomes as known on the first test date."""
    then = frames.outcomes if frames.outcomes_then is None else frames.outcomes_then
    return learnable(frames, then, settings, split.training)


def judged_model(
    training: Panel,
    frames: Frames,
    settings: Settings,
    fitted: Fitted,
    split: Split,
    progress: Progress,
) -> RiskModel:
    """The recipe on the training dates alone: what evidence and audit are of."""
    learned = remembered(split.training, settings)
    return make_model(fitted, training, frames, settings, learned, EVIDENCE_REFITS, progress)


def adds(
    frames: Frames, settings: Settings, cohort: TestCohort, tried: dict[str, Any], split: Split, progress: Progress
) -> list[dict[str, Any]]:  # fmt: skip
    """What each optional table adds; empty where the records hold none."""
    if not frames.optional:
        return []

    def without(names: tuple[str, ...]) -> TestCohort:
        own = replace(frames, features=tuple(each for each in frames.features if each.name not in names))
        training = training_panel(own, settings, split)
        model = make_model(
            fit(training, own.features, tried, settings),
            training,
            own,
            settings,
            remembered(split.training, settings),
            0,
            progress,
        )
        test = make_panel(own.matrix, own.outcomes, settings.outcome, own.feature_names, split.test)
        return judge(model, training, test, own, settings)

    return ablation(cohort, frames.optional, attributes_of(frames, cohort.panel), without, progress)


def attributes_of(frames: Frames, panel: Panel) -> tuple[Attribute, ...]:
    """The audit's attributes of a panel's rows; none where the frames hold no groups."""
    if frames.groups is None:
        return ()
    return cohort_attributes(panel, frames.groups, frames.matrix, frames.breaks)


def learnable(frames: Frames, outcomes: pd.DataFrame, settings: Settings, dates: tuple[date, ...]) -> Panel:
    """The rows of some dates, or of the latest that the recipe remembers, that a model may learn from."""
    of = remembered(dates, settings)
    panel = make_panel(frames.matrix, outcomes, settings.outcome, frames.feature_names, of)
    return panel.only(panel.can_train)


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


def other_outcomes_of(frames: Frames, settings: Settings, test: Panel) -> pd.DataFrame:
    """The outcomes the model was not trained for, where the frames have them, by the test's rows."""
    names = [
        name for name in (*OUTCOMES, *SENSITIVITIES) if name != settings.outcome and name in frames.outcomes
    ]
    return outcome_of(pd.DataFrame({"pupil": test.pupil, "as_of": test.as_of}), frames.outcomes, names)


def followed(frames: Frames, settings: Settings, split: Split) -> Panel:
    """Pupils at every eligible date, to follow each from one to the next; of a large authority some, whole, by pseudonym."""
    every = -(-len(frames.matrix) // MOST_FOLLOWED)
    rows = frames.matrix[frames.matrix["pupil"] % every == 0] if every > 1 else frames.matrix
    return make_panel(rows, frames.outcomes, settings.outcome, frames.feature_names, split.eligible)


def travels(
    frames: Frames, settings: Settings, cohort: TestCohort, training: Panel, fitted: Fitted, tried: dict[str, Any],
    split: Split, progress: Progress,
) -> dict[str, Any]:  # fmt: skip
    """Recall in districts left out, and in the year before where records reach that far."""
    if not settings.with_transport:
        return {}
    found: dict[str, Any] = {"districts": leave_districts_out(cohort, training, fitted, progress)}
    earlier = earlier_split(split, frames.closes)
    if earlier:
        progress("the year before")
        past = learnable(frames, frames.outcomes, settings, earlier.training)
        refitted = fit(past, frames.features, tried, settings)
        learned = remembered(earlier.training, settings)
        model = make_model(refitted, past, frames, settings, learned, 0, progress)
        test = make_panel(
            frames.matrix, frames.outcomes, settings.outcome, frames.feature_names, earlier.test
        )
        found["earlier_year"] = {
            "test": [str(day) for day in earlier.test],
            "headline": headline(judge(model, past, test, frames, settings)),
        }
    return found
