"""The audit of the project's own models: of the recipe, on the forward test dates."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from features.records.store import Records
from models.errors import ModelRefused
from models.risk_model import load_model
from training.audit.of_cohort import about_model, audit_cohort
from training.candidate import Judged
from training.from_store import frames_of
from training.origin import EVIDENCE_REFITS, cohort_panel, fit_again, judge, model_of
from training.search import SEARCHED
from training.settings import Settings
from training.splits import eligible_dates, split_dates

Progress = Callable[[str], None]


def audit_model(
    folder: Path,
    records: Records,
    audited_on: date | None = None,
    progress: Progress = lambda step: None,
) -> dict[str, Any]:
    """Audit a candidate on the store it was trained on; the facts of `audit.json`.

    The served model has learned from the test dates, so its recipe is fitted again on the training
    dates alone: what is audited is what the evidence is of.

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
    frames = frames_of(records, settings, progress=progress)
    split = split_dates(
        eligible_dates(frames.closes, frames.covered_from, frames.known_until),
        frames.closes,
        settings.window_days,
    )
    tried = {name: value for name, value in served.facts.recipe["parameters"].items() if name in SEARCHED}
    origin = fit_again(frames, settings, tried, split, progress)
    model = model_of(origin, frames, EVIDENCE_REFITS, progress)
    cohort = judge(model, origin.training, cohort_panel(frames, settings, split), frames, settings)
    judged = Judged(cohort, model, origin.training)
    return audit_cohort(judged, frames, records, about_model(folder), audited_on, progress)
