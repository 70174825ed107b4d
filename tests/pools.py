"""Authorities that give to pooled evidence, made by hand in milliseconds: what their tests counted, by school."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from tests import released
from training.comparators import COMPARATORS, PLACE
from training.intervals import effective_schools
from training.pooled.by_school import jackknifed
from training.pooled.export import export

RULES = tuple(each.name for each in COMPARATORS)
PLACES = tuple(each.name for each in COMPARATORS if each.kind == PLACE)
WHICH = {"attribute": "", "group": "", "label": ""}


def counted(
    found: np.ndarray,
    size: np.ndarray,
    other: np.ndarray | None = None,
    pupils: np.ndarray | None = None,
    **which: Any,
) -> dict[str, Any]:
    """A figure as training keeps it, from what each school counted."""
    pupils = size if pupils is None else pupils
    by_school = np.column_stack([found - (0 if other is None else other), size]).astype(float)
    error, degrees = jackknifed(by_school, effective_schools(pupils))
    return WHICH | {
        "measure": "recall", "of": "model", "found": float(found.sum()),
        "found_by_other": None if other is None else float(other.sum()), "size": float(size.sum()), "error": round(error, 8),
        "degrees": round(degrees, 2), "pupils": int(pupils.sum()), "schools": round(effective_schools(pupils), 4), **which,
    }  # fmt: skip


def rows(
    seed: int = 1,
    schools: int = 30,
    gain: float = 0.15,
    recall: float = 0.5,
    group: str = "F",
    each: int = 40,
) -> list[dict[str, Any]]:
    """Everything that an authority counted; rules find what the model finds, but for the gain, and some find less still."""
    rng = np.random.default_rng([seed, schools])
    size = 5 + rng.poisson(each, schools)
    ours = rng.binomial(size, recall)
    made = [counted(ours, size)]
    for number, name in enumerate(RULES):
        theirs = rng.binomial(size, max(recall - gain - 0.03 * number, 0.02))
        made += [counted(theirs, size, of=name), counted(ours, size, theirs, measure="gain", of=name)]
        made.append(counted(theirs, 3 * size, measure="precision", of=name))
        if name in PLACES:
            made.append(counted(ours, size, theirs, measure="gain_pooled", of=name))
    half = size // 2
    of_group = {"attribute": "sex", "group": group, "label": "Girls"}
    return [*made, counted(ours, 3 * size, measure="precision"), counted(ours // 2, half, **of_group)]


def authority(
    folder: Path, name: str, counts: list[dict[str, Any]] | None = None, refits: int = 2, **changes: Any
) -> Path:
    """A signed candidate of an authority of this name; changes are of its evidence, by its fields joined with `__`."""
    told = released.evidence(data_hash=hashlib.sha256(name.encode()).hexdigest())
    told |= {"authority": name, "for_pooling": rows() if counts is None else counts}
    told["recipe"]["settings"] = {"trials": 1, "folds": 5, "seed": len(name)}
    for path, value in changes.items():
        *inner, last = path.split("__")
        at = told
        for each in inner:
            at = at[each]
        at[last] = value
    return released.candidate(folder / name, released.model(refits=refits), told)


def given(folder: Path, name: str, counts: list[dict[str, Any]] | None = None, **changes: Any) -> Path:
    """What that authority's export wrote."""
    facts = export(authority(folder, name, counts, **changes))
    path = folder / f"{name}.json"
    path.write_text(facts.text(), encoding="utf-8")
    return path


def region(folder: Path, num: int = 4, gain: float = 0.15, **options: Any) -> list[Path]:
    """The exports of so many authorities, alike but for chance."""
    return [
        given(folder, f"Area {letter}", rows(seed, gain=gain, **options))
        for seed, letter in enumerate("ABCDEFGHIJ"[:num], 1)
    ]
