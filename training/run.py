"""The story of a training run, from top to bottom."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from models.errors import RecipeRefused
from training.ablation import ablation
from training.audit.attributes import cohort_attributes
from training.audit.scored import Attribute
from training.candidate import Candidate, Judged, compose, refuse_in_the_way, write_candidate
from training.evaluate import evaluate
from training.evidence.breaks import break_facts
from training.evidence.every_year import TestYear, every_year, together, without_features
from training.evidence.explained import as_facts, explain
from training.evidence.leaks import MOST_FOLLOWED
from training.evidence.support_exposure import refuse_without_support, support_exposure
from training.evidence.test_cohort import TestCohort
from training.evidence.transport import leave_districts_out
from training.fit import fit
from training.frames import Frames
from training.memory import remembered
from training.origin import (
    EVIDENCE_REFITS,
    Progress,
    cohort_panel,
    fit_again,
    judge,
    last_close,
    learn,
    learnable,
    make_model,
    model_of,
    other_outcomes_of,
)
from training.panel import Panel, make_panel
from training.pooled.by_school import for_pooling
from training.protocol import fix_protocol, look
from training.settings import Settings
from training.splits import Split, earlier_splits, eligible_dates, split_dates


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
    earlier = earlier_splits(split, frames.closes) if settings.with_transport else ()

    progress("training dates")
    origin = learn(frames, settings, split, progress)
    training, tried = origin.training, origin.tried
    model = model_of(origin, frames, EVIDENCE_REFITS, progress)

    protocol = fix_protocol(origin.settings, split, earlier, frames.hash)
    looks = look(protocol, ledger)  # from here on the test's outcomes are read

    progress("test dates")
    test = cohort_panel(frames, settings, split)
    cohort = judge(model, training, test, frames, origin.settings)
    years = [TestYear(split, cohort), *(judge_year(frames, settings, each, progress) for each in earlier)]
    all_years = together([year.cohort for year in years if year.cohort])
    progress("evidence")
    found = evaluate(
        cohort,
        model,
        other_outcomes_of(frames, settings, test),
        frames.events,
        frames.school_days,
        frames.truth,
        frames.lagged,
        followed(frames, settings, split),
        all_years,
    )
    settings = origin.settings
    contributions = explain(model, cohort)
    found["explained"] = as_facts(*contributions)
    found["every_year"] = every_year(years)
    found["memory"] = origin.memory
    found["breaks"] = break_facts(
        frames.breaks, frames.moved, frames.schools, training, test, last_close(frames, split)
    )
    found["optional_tables"] = adds(frames, settings, cohort, tried, split, progress)
    found["for_pooling"] = for_pooling(all_years, attributes_of(frames, all_years.panel))
    found["support_exposure"] = support_exposure(cohort, frames.support, frames.lists_in_use_from)
    if settings.with_transport:
        districts = leave_districts_out(cohort, training, origin.fitted, progress)
        found["transport"] |= {"districts": districts}

    progress("the served model")
    everything = learnable(frames, frames.outcomes, settings, split.eligible)
    whole = fit(everything, frames.features, tried, settings)
    learned = remembered(split.eligible, settings)
    served = make_model(whole, everything, frames, settings, learned, settings.refits, progress)

    progress("writing")
    evidence = compose(frames, settings, split, protocol, looks, origin.fitted, training, test, found)
    write_candidate(out, served, evidence, protocol)
    return Candidate(out, served, evidence, Judged(cohort, model, training), contributions)


def judge_year(frames: Frames, settings: Settings, split: Split, progress: Progress) -> TestYear:
    """An earlier year's test dates by the recipe as it would have been made before them; searched anew, without refits."""

    def told(step: str) -> None:
        progress(f"the test year to {split.test[-1]}: {step}")

    try:
        origin = learn(frames, settings, split, told)
    except RecipeRefused as error:
        return TestYear(split, None, str(error))
    model = model_of(origin, frames, 0, told)
    test = cohort_panel(frames, settings, split)
    cohort = judge(model, origin.training, test, frames, origin.settings)
    return TestYear(split, replace(cohort, panel=without_features(cohort.panel)))


def adds(
    frames: Frames, settings: Settings, cohort: TestCohort, tried: dict[str, Any], split: Split, progress: Progress
) -> list[dict[str, Any]]:  # fmt: skip
    """What each optional table adds; empty where the records hold none."""
    if not frames.optional:
        return []

    def without(names: tuple[str, ...]) -> TestCohort:
        own = replace(frames, features=tuple(each for each in frames.features if each.name not in names))
        origin = fit_again(own, settings, tried, split, progress)
        test = cohort_panel(own, settings, split)
        return judge(model_of(origin, own, 0, progress), origin.training, test, own, settings)

    return ablation(cohort, frames.optional, attributes_of(frames, cohort.panel), without, progress)


def attributes_of(frames: Frames, panel: Panel) -> tuple[Attribute, ...]:
    """The audit's attributes of a panel's rows; none where the frames hold no groups."""
    if frames.groups is None:
        return ()
    return cohort_attributes(panel, frames.groups, frames.matrix, frames.breaks)


def followed(frames: Frames, settings: Settings, split: Split) -> Panel:
    """Pupils at every eligible date, to follow each from one to the next; of a large authority some, whole, by pseudonym."""
    every = -(-len(frames.matrix) // MOST_FOLLOWED)
    rows = frames.matrix[frames.matrix["pupil"] % every == 0] if every > 1 else frames.matrix
    return make_panel(rows, frames.outcomes, settings.outcome, frames.feature_names, split.eligible)
