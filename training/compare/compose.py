"""The facts of a comparison, with a record store or from what the two models brought alone."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from features.calendar import Calendar
from features.files import whole_folder
from features.matrix import feature_matrix
from features.records.store import Records
from models.errors import ModelRefused
from models.facts.comparison import Comparison
from models.risk_model import RiskModel, load_model
from training.compare.differences import differences
from training.compare.fitted import fitted_cohort
from training.compare.headline import headline, what_differs
from training.compare.moves import moves, on_list, summary
from training.compare.side_by_side import about, apart, audits, features_apart
from training.evaluate import MADE_UP, STATEMENT
from training.frames import Frames
from training.from_store import as_frame, frames_of
from training.settings import Settings
from training.splits import eligible_dates, split_dates

SCHEMA_VERSION = 1
COMPARE_FILE, MOVES_FILE = "compare.json", "moves.csv"
NO_STORE = "No record store was given, so the models' own figures stand beside each other, and no difference has an interval."
OTHER_RECORDS = "{name} learned from other records than these: its recipe was fitted again on them, and its served model is used as it is."

Progress = Callable[[str], None]


def compare(
    a: Path, b: Path, records: Records | None, on: date | None = None, progress: Progress = lambda step: None
) -> tuple[Comparison, pd.DataFrame | None]:
    """The facts of `compare.json`, and who would move (None without a store).

    Parameters
    ----------
    a, b : Path
        Folders of candidates or releases: what is, and what would take its place.
    records : Records or None
        On whose test dates the two recipes are set beside each other, and on whose last half-term the lists.

    Raises
    ------
    ModelRefused
        A folder holds no model, the two answer different questions, or the records do not make their features.
    """
    models = (load_model(a), load_model(b))
    refuse_other_questions(*models)
    told = [about(folder, model) for folder, model in zip((a, b), models, strict=True)]
    notes: list[str] = [] if records else [NO_STORE]
    found: dict[str, Any] = {"differences": None, "moves": None}
    moved = None
    if records:
        notes += [
            OTHER_RECORDS.format(name=one["name"])
            for one, model in zip(told, models, strict=True)
            if model.facts.data_hash != records.data_hash
        ]
        settings = Settings(**models[0].facts.recipe["settings"])
        progress("records")
        frames = frames_of(records, settings, progress=progress)
        found["differences"] = on_test_dates(models, frames, settings, progress)
        progress("lists")
        as_of = Calendar.of(records.authority).last_as_of(records.authority.authority.extracted_on)
        matrix = as_frame(list(feature_matrix(records, [as_of])))
        moved = moves(*models, matrix, settings)
        found["moves"] = summary(moved, str(as_of), int(on_list(models[0], matrix, settings).sum()))
    facts = models[0].facts
    settings_apart, features = apart(*told), features_apart(*models)
    is_made_up = any(model.facts.is_made_up for model in models)
    facts_of_both = Comparison.checked({
        "schema_version": SCHEMA_VERSION,
        "first_lines": [*([MADE_UP] if is_made_up else []), STATEMENT],
        "headline": [what_differs(told[0], told[1], settings_apart, features), *headline(*told, **found)],
        "authority": facts.authority,
        "is_made_up": is_made_up,
        "outcome": facts.outcome,
        "window_days": facts.window_days,
        "compared_on": str(on or date.today()),
        "notes": notes,
        "a": told[0],
        "b": told[1],
        "apart": settings_apart,
        "features": features,
        "audits": audits(a, b),
        **found,
    })  # fmt: skip
    return facts_of_both, moved


def on_test_dates(
    models: tuple[RiskModel, RiskModel],
    frames: Frames,
    settings: Settings,
    progress: Progress = lambda step: None,
) -> dict[str, Any]:
    """The differences of two recipes on the test dates of some frames; places and draws are A's."""
    eligible = eligible_dates(frames.closes, frames.covered_from, frames.known_until)
    split = split_dates(eligible, frames.closes, settings.window_days)
    return differences(
        *(fitted_cohort(model, frames, with_recipe(settings, model), split, progress) for model in models)
    )


def with_recipe(settings: Settings, model: RiskModel) -> Settings:
    """A model's own settings of its fit, with the places, draws and seed of the draws that both are judged by."""
    own = Settings(**model.facts.recipe["settings"])
    return Settings(**{
        **own.as_facts(),
        **{name: getattr(settings, name) for name in ("places_per_school", "places_per_district", "draws", "seed")},
    })  # fmt: skip


def refuse_other_questions(a: RiskModel, b: RiskModel) -> None:
    """Two models that predict different things are no better or worse than each other."""
    there = [
        f"{what}: {one} and {other}"
        for what, one, other in (
            ("outcome", a.facts.outcome, b.facts.outcome),
            ("window", a.facts.window_days, b.facts.window_days),
        )
        if one != other
    ]
    if there:
        raise ModelRefused(
            f"The models answer different questions ({'; '.join(there)}). Compare two of the same outcome and window."
        )


def write_compare(out: Path, facts: Comparison, moved: pd.DataFrame | None, pages: dict[str, str]) -> None:
    """Write `compare.json`, `moves.csv` (pseudonyms, its owner's alone) and pages beside their place, then rename."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with whole_folder(out) as part:
        (part / COMPARE_FILE).write_text(facts.text(), encoding="utf-8")
        for name, text in pages.items():
            (part / name).write_text(text, encoding="utf-8")
        if moved is not None:
            (part / MOVES_FILE).touch(mode=0o600)
            moved.to_csv(part / MOVES_FILE, index=False)
