"""The audit of the project's own models: of the recipe, on the forward test dates."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from features.records.store import Records
from models.errors import ModelRefused
from models.risk_model import RiskModel, load_model
from training.audit.attributes import cohort_attributes, cohort_groups
from training.audit.compose import compose
from training.audit.coverage import coverage, listing_stability
from training.audit.label_bias import label_bias
from training.audit.mitigation import mitigation
from training.audit.proxies import proxies
from training.audit.scored import Scored
from training.audit.sweep import by_other_outcomes, sweep
from training.candidate import EVIDENCE_FILE
from training.evidence.recall import school_list
from training.evidence.test_cohort import TestCohort
from training.frames import Frames
from training.from_store import frames_of
from training.panel import Panel, make_panel
from training.run import judge, judged_model, other_outcomes_of, training_panel
from training.search import SEARCHED
from training.settings import Settings
from training.splits import eligible_dates, split_dates

DATES_A_YEAR = 6
MITIGATED = "ethnicity_major"

Progress = Callable[[str], None]


def audit_model(
    folder: Path,
    records: Records,
    audited_on: date | None = None,
    progress: Progress = lambda step: None,
    frames: Frames | None = None,
) -> dict[str, Any]:
    """Audit a candidate on the store it was trained on; the facts of `audit.json`.

    The served model has learned from the test dates, so its recipe is fitted again on the training
    dates alone: what is audited is what the evidence is of.

    Parameters
    ----------
    frames : Frames or None
        Those that the model was trained on, where they are still at hand; None makes them again.

    Raises
    ------
    ModelRefused
        The folder is no candidate, or was trained on other records than these.
    """
    served = load_model(folder)
    if served.facts.data_hash != records.data_hash:
        raise ModelRefused(
            f"{folder} was trained on other records than these: its data hash is {served.facts.data_hash[:12]}, the store's is "
            f"{records.data_hash[:12]}. Audit it on the store it was trained on, or train again."
        )
    settings = Settings(**served.facts.recipe["settings"])
    frames = frames or frames_of(records, settings, progress=progress)
    split = split_dates(
        eligible_dates(frames.closes, frames.covered_from, frames.known_until),
        frames.closes,
        settings.window_days,
    )
    training = training_panel(frames, settings, split)
    tried = {name: value for name, value in served.facts.recipe["parameters"].items() if name in SEARCHED}
    model, _ = judged_model(training, frames, settings, tried, split, progress)
    test = make_panel(frames.matrix, frames.outcomes, settings.outcome, frames.feature_names, split.test)
    cohort = judge(model, training, test, frames, settings)
    evidence = json.loads((folder / EVIDENCE_FILE).read_text()) if (folder / EVIDENCE_FILE).is_file() else {}
    about = {
        "folder": folder.name,
        "folder_hash": served.folder_hash,
        "trained_by": evidence.get("data", {}).get("trained_by", ""),
    }
    return audit_cohort(
        cohort,
        model,
        frames,
        training,
        cohort_groups(records, sorted({*split.eligible})),
        records,
        about,
        audited_on,
        progress,
    )


def audit_cohort(
    cohort: TestCohort,
    model: RiskModel,
    frames: Frames,
    training: Panel,
    known_groups: pd.DataFrame,
    records: Records | None = None,
    about_model: dict[str, Any] | None = None,
    audited_on: date | None = None,
    progress: Progress = lambda step: None,
) -> dict[str, Any]:
    """Audit a test cohort that is at hand; the facts of `audit.json`.

    Parameters
    ----------
    cohort : TestCohort
        From `run.judge`.
    training : Panel
        Rows learned from.
    known_groups : pandas.DataFrame
        From `cohort_groups`, of the training and test dates.
    records : Records or None
        For label bias and freshness; None leaves both out and says so.
    about_model : dict or None
        folder, folder_hash, trained_by.
    """
    panel = cohort.panel
    progress("groups")
    attributes = cohort_attributes(panel, known_groups)
    scored = Scored(
        outcome=panel.y,
        listed=school_list(cohort),
        estimate=cohort.estimate,
        is_judged=panel.can_train,
        clusters=cohort.clusters,
        attributes=attributes,
        years=len(panel.dates) / DATES_A_YEAR,
    )
    notes = [] if panel.is_known.all() else [
        f"{int((~panel.is_known).sum()):,} times a pupil left the authority and no outcome could be seen: they are in no rate that needs one."
    ]  # fmt: skip
    if records is None:
        notes.append("No record store was given, so label bias and freshness cannot be told.")
    progress("capacities")
    capacities = sweep(scored, lambda times: cohort.listed(cohort.estimate, times, cohort.floor))
    progress("proxies and coverage")
    registers = None
    if records is not None:
        registers = records.coverage[records.coverage["table"] == "attendance"][["urn", "last_day"]]
    parts: dict[str, Any] = {
        "proxies": proxies(panel, model, attributes, cohort.settings.seed),
        "coverage": coverage(cohort, attributes, registers),
        "stability": listing_stability(cohort, model, attributes),
        "other_outcomes": by_other_outcomes(scored, other_outcomes_of(frames, cohort.settings, panel)),
    }
    if any(each.name == MITIGATED for each in attributes):
        progress("mitigation")
        learned = {each.name: each for each in cohort_attributes(training, known_groups)}
        parts["mitigation"] = mitigation(cohort, scored, model, training, learned[MITIGATED], MITIGATED)
    about = {
        "kind": "model", "title": "", "authority": frames.authority, "is_made_up": frames.is_made_up,
        "outcome": cohort.settings.outcome, "window_days": cohort.settings.window_days,
        "audited_on": str(audited_on or date.today()), "model": about_model, "data_hash": frames.hash,
        "columns": None, "test_dates": [str(day) for day in panel.dates],
    }  # fmt: skip
    progress("tables and ranges")

    def bias(rows: list[dict[str, Any]]) -> dict[str, Any] | None:
        if records is None:
            return None
        progress("label bias")
        return label_bias(records, known_groups, rows, cohort.settings.draws, cohort.settings.seed)

    return compose(scored, about, notes, capacities, bias, **parts)
