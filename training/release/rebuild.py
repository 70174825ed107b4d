"""A model grown again from its recorded recipe, and whether it is the same, byte for byte."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from features.records.store import Records
from models.errors import ModelRefused
from models.manifest import files_in, sha256, write_manifest
from models.release import is_release
from models.risk_model import RiskModel
from training.fit import fit
from training.from_store import frames_of
from training.memory import remembered
from training.origin import learnable, make_model
from training.search import SEARCHED
from training.settings import Settings
from training.splits import eligible_dates, split_dates

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Rebuilt:
    """What came of growing a model again.

    Attributes
    ----------
    model : RiskModel
        As grown now.
    num_equal : int
        Files of the model that are the same, byte for byte.
    differing : tuple of str
        Those that are not; empty where it is the same model.
    """

    model: RiskModel
    num_equal: int
    differing: tuple[str, ...]


def rebuild(
    model: RiskModel, records: Records, refits: int | None = None, progress: Progress = lambda step: None
) -> Rebuilt:
    """Grow a model again from its recipe and the records it learned from, and compare.

    Parameters
    ----------
    refits : int or None
        Refits to grow; the n-th depends on the seed and n alone, so more of them leave the first as they were.

    Raises
    ------
    ModelRefused
        The store holds other records than those the model learned from.
    """
    facts = model.facts
    if facts.data_hash != records.data_hash:
        raise ModelRefused(
            f"The model learned from other records than these: its data hash is {facts.data_hash[:12]}, the store's is "
            f"{records.data_hash[:12]}. Give the store it was trained on."
        )
    settings = Settings(**facts.recipe["settings"])
    more = replace(settings, refits=max(refits or 0, settings.refits))
    frames = frames_of(records, settings, progress=progress)
    eligible = eligible_dates(frames.closes, frames.covered_from, frames.known_until)
    split = split_dates(eligible, frames.closes, settings.window_days)
    everything = learnable(frames, frames.outcomes, settings, split.eligible)
    tried = {name: value for name, value in facts.recipe["parameters"].items() if name in SEARCHED}
    progress("fit")
    fitted = fit(everything, frames.features, tried, settings)
    again = make_model(
        fitted, everything, frames, more, remembered(split.eligible, settings), more.refits, progress
    )
    first = replace(
        again,
        refit_texts=again.refit_texts[: settings.refits],
        facts=replace(again.facts, recipe={**again.facts.recipe, "settings": settings.as_facts()}),
    )
    with tempfile.TemporaryDirectory() as folder:
        was, now = (hashes(one, Path(folder) / name) for name, one in (("was", model), ("now", first)))
    differing = tuple(sorted(name for name in was.keys() | now.keys() if was.get(name) != now.get(name)))
    return Rebuilt(again, len(was) - len(differing), differing)


def refuse_no_model(folder: Path) -> None:
    """ModelRefused where there is no such folder, naming the releases beside it."""
    if folder.exists():
        return
    beside = folder.parent
    there = sorted(each.name for each in beside.iterdir() if is_release(each)) if beside.is_dir() else []
    found = (
        f"The releases in {beside} are {', '.join(there)}." if there else f"There is no release in {beside}."
    )
    raise ModelRefused(f"There is no model at {folder}. {found}")


def hashes(model: RiskModel, folder: Path) -> dict[str, str]:
    """SHA-256 of each file of a model, as it is saved."""
    folder.mkdir()
    model.save(folder)
    return {name: sha256(folder / name) for name in files_in(folder)}


def save_sealed(model: RiskModel, out: Path) -> None:
    """Keep a model in a folder of its own, sealed; it carries no evidence."""
    out.mkdir(parents=True)
    model.save(out)
    write_manifest(out)
