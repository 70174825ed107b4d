"""Several authorities' evidence of one recipe together: the facts of `pooled_evidence.json`.

Each figure is pooled by random effects over the authorities that can tell it; each comparator by itself, the same rule
everywhere. The gate is the gain over the rule that is hardest to beat, at large.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats
from scipy.special import expit

from models.errors import ModelRefused
from models.facts.evidence import STATEMENT
from models.facts.poolable import SHARES
from models.facts.pooled import POOLED_FILE, EvidenceExport, GivenFigure, PooledEvidence
from models.manifest import sha256
from training.comparators import COMPARATORS, INDIVIDUAL
from training.evaluate import MADE_UP, sentence_case
from training.gate import NO_GAIN_OVER_RULE, NO_GAIN_OVER_SCHOOL, is_above, sentence
from training.intervals import LEVEL, TOO_FEW, TOO_FEW_SCHOOLS, to_log_odds
from training.pooled.errors import PoolRefused
from training.pooled.export import recipe_hash
from training.pooled.random_effects import FEWEST_FOR_SPREAD, RandomEffects, random_effects, shared
from training.whole import write_texts

SCHEMA_VERSION = 1
FEWEST_AUTHORITIES = 2
NOBODY = "no authority can tell it"
ONE_ALONE = "only one authority can tell it"
TWO_ALONE = "two authorities cannot tell how far authorities lie apart"
TWO_LINE = (
    "Two authorities cannot tell how far authorities lie apart, nor where one more would lie. The range of what holds at large allows "
    "for that and is very wide; what holds in these two together is told beside it."
)
QUESTIONS = {
    "outcome": "outcome", "window_days": "window in days", "places_per_school": "places per school", "comparators": "comparators",
}  # fmt: skip
GAINS = (("over_best_rule", NO_GAIN_OVER_RULE), ("over_school_only", NO_GAIN_OVER_SCHOOL))


@dataclass(frozen=True)
class Export:
    """An export as it was read.

    Attributes
    ----------
    path : Path
    hash : str
        SHA-256 of the file.
    facts : EvidenceExport
    """

    path: Path
    hash: str
    facts: EvidenceExport


def pool(paths: Sequence[Path], on: date | None = None) -> PooledEvidence:
    """Pool the exports of two authorities or more.

    Raises
    ------
    PoolRefused
        A file cannot be read, there is only one, an authority is there twice, or they are of different questions or recipes:
        every reason at once.
    """
    exports = read(paths)
    breaches = against(exports)
    if breaches:
        raise PoolRefused(*breaches, "Nothing was pooled.")
    first = exports[0].facts
    figures = [pooled_figure(which, exports) for which in figures_of(exports)]
    gate = gate_of(figures, first.question.comparators)
    is_made_up = first.is_made_up
    return PooledEvidence.checked({
        "schema_version": SCHEMA_VERSION,
        "first_lines": [
            *([MADE_UP] if is_made_up else []),
            *([TWO_LINE] if len(exports) < FEWEST_FOR_SPREAD else []),
            *(sentence_case(reason) for reason in gate["reasons"]),
            STATEMENT,
        ],
        "is_made_up": is_made_up,
        "pooled_on": str(on or date.today()),
        "question": first.question.plain(),
        "recipe": first.recipe,
        "recipe_hash": first.recipe_hash,
        "authorities": [
            {"authority": each.facts.authority, "export_hash": each.hash}
            | {name: each.facts[name] for name in ("model_hash", "data_hash", "protocol_hash", "commit", "made_on", "test", "gate")}
            for each in exports
        ],
        "notes": notes(exports),
        "gate": gate,
        "figures": figures,
    })  # fmt: skip


def read(paths: Sequence[Path]) -> list[Export]:
    """Every export; all that is wrong with any of them at once."""
    found, breaches = [], []
    for path in paths:
        try:
            facts = EvidenceExport.read(path)
        except OSError as error:
            breaches.append(
                f"{path} cannot be read: {error.strerror}. Make it with: pathways evidence export MODEL {path}"
            )
            continue
        except ModelRefused as error:
            breaches += error.breaches
            continue
        if facts.recipe_hash != recipe_hash(facts.recipe):
            breaches.append(
                f"{path}: recipe_hash is not that of its recipe: the file was altered. Export it again."
            )
        found.append(Export(path, sha256(path), facts))
    if breaches:
        raise PoolRefused(*breaches, "Nothing was pooled.")
    return found


def against(exports: Sequence[Export]) -> list[str]:
    """Why some exports cannot be pooled, every reason at once; empty where they can."""
    breaches = []
    if len(exports) < FEWEST_AUTHORITIES:
        breaches.append(
            f"One authority's evidence is no pool: {exports[0].path} is of {exports[0].facts.authority} alone, and says no more than its own "
            "evidence page. Give the exports of two authorities or more."
            if exports
            else "No export was given. Give those of two authorities or more."
        )
    return [*breaches, *twice(exports), *differing(exports)]


def twice(exports: Sequence[Export]) -> list[str]:
    """Authorities, or records, that are there more than once: they would count as if they were several."""
    found = []
    for what, name in (("authority", "authority"), ("records", "data_hash")):
        by_value: dict[str, list[Path]] = {}
        for each in exports:
            by_value.setdefault(each.facts[name], []).append(each.path)
        found += [
            f"{what}: the same {'records are' if what == 'records' else f'authority, {value}, is'} in {listed(held)} ({name}), and would count "
            f"{len(held)} times. Give one export of each authority."
            for value, held in by_value.items()
            if len(held) > 1
        ]
    return found


def differing(exports: Sequence[Export]) -> list[str]:
    """What makes them answers to different questions, or the work of different recipes; a sentence each."""
    found = []
    sides: dict[str, list[Any]] = {
        f"question.{name} ({words})": [each.facts.question[name] for each in exports]
        for name, words in QUESTIONS.items()
    }
    sides["is_made_up (made-up records)"] = [each.facts.is_made_up for each in exports]
    settings = [each.facts.recipe.get("settings", {}) for each in exports]
    sides |= {
        f"recipe.settings.{name}": [each.get(name) for each in settings]
        for name in sorted({name for each in settings for name in each})
    }
    for name, values in sides.items():
        texts = [json.dumps(value, sort_keys=True) for value in values]
        if len(set(texts)) > 1:
            told = "; ".join(
                f"{text} in {listed([each.path for each, own in zip(exports, texts, strict=True) if own == text])}"
                for text in dict.fromkeys(texts)
            )
            found.append(f"{name} differs: {told}. Train all of them alike, or pool those that are.")
    features = [set(each.facts.recipe.get("features", ())) for each in exports]
    for each, own in zip(exports, features, strict=True):
        if missing := sorted(set().union(*features) - own):
            found.append(
                f"recipe.features differs: {each.path} has no {', '.join(missing)}, and another has. A recipe that reads more is another "
                "recipe: train without the tables or conditions that not everybody has."
            )
    if not found and len({each.facts.recipe_hash for each in exports}) > 1:
        found.append(
            "recipe_hash differs: the recipes read the same features in another order. Train all with one version."
        )
    return found


def listed(paths: Sequence[Path]) -> str:
    return ", ".join(map(str, paths))


def notes(exports: Sequence[Export]) -> list[str]:
    """What a reader must know of how the authorities differ."""
    found = []
    commits = {each.facts.commit or "not known" for each in exports}
    if len(commits) > 1:
        found.append(
            f"They were trained by different versions of the code: {', '.join(sorted(each[:12] for each in commits))}."
        )
    if len({tuple(each.facts.test) for each in exports}) > 1:
        tested = "; ".join(
            f"{each.facts.authority}: {len(each.facts.test)}, {each.facts.test[0]} to {each.facts.test[-1]}"
            for each in exports
        )
        found.append(
            f"They were tested on different dates ({tested}). What lies between years is in what lies between authorities."
        )
    for each in exports:
        untold = [row for row in each.facts.figures if row.measure == "gain" and row.status != "estimated"]
        if untold:
            found.append(
                f"{each.facts.authority} gives no gain ({untold[0].reason}). It adds nothing to the gains, neither for nor against, and is "
                "not counted among their authorities."
            )
        few = [row.schools for row in each.facts.figures if row.measure == "gain" and row.schools is not None]
        if few and min(few) < TOO_FEW_SCHOOLS:
            found.append(
                f"{each.facts.authority} has too few schools to tell a gain alone. Its children count here as all others do."
            )
    return found


def figures_of(exports: Sequence[Export]) -> list[tuple[str, str, str, str]]:
    """Measure, of, attribute and group of each figure that anybody gave, in the order given."""
    return list(
        dict.fromkeys(
            (row.measure, row.of, row.attribute, row.group) for each in exports for row in each.facts.figures
        )
    )


def pooled_figure(which: tuple[str, str, str, str], exports: Sequence[Export]) -> dict[str, Any]:
    """One figure over the authorities that can tell it.

    Returns
    -------
    dict
        As `models.facts.pooled.PooledFigure`.
    """
    is_share = which[0] in SHARES
    rows = [
        (each.facts.authority, row)
        for each in exports
        for row in each.facts.figures
        if (row.measure, row.of, row.attribute, row.group) == which
    ]
    told = [row for _, row in rows if row.status == "estimated"]
    at_large, found = in_general(told, is_share)
    weight = iter(found.weight if found else ())
    enough = found is not None and len(told) >= FEWEST_FOR_SPREAD
    return {
        **dict(zip(("measure", "of", "attribute", "group"), which, strict=True)),
        "label": rows[0][1].label,
        "num_authorities": len(told),
        "pupils": sum(row.pupils or 0 for row in told) or None,
        "at_large": at_large,
        "together": together(told, is_share),
        "another": ranged(found.mean, found.reach_of_new, is_share)
        if found and enough
        else cannot_tell(too_few(told)),
        "tau": figure(found.tau, *found.tau_range) if found and enough else cannot_tell(too_few(told)),
        "i_squared": round(found.i_squared, 4) if found and enough else None,
        "authorities": [
            {
                "authority": name,
                **in_one(row, is_share),
                "weight": round(float(next(weight)), 4) if found and row.status == "estimated" else None,
                "pupils": row.pupils,
            }
            for name, row in rows
        ],
    }


def too_few(told: Sequence[GivenFigure]) -> str:
    """Why so few authorities do not say how far authorities lie apart."""
    return (NOBODY, ONE_ALONE, TWO_ALONE)[len(told)]


def in_general(told: Sequence[GivenFigure], is_share: bool) -> tuple[dict[str, Any], RandomEffects | None]:
    """The mean over authorities with its range; of one authority alone, or none, why there is none."""
    if len(told) < FEWEST_AUTHORITIES:
        return cannot_tell(too_few(told)), None
    estimate, error, degrees, pupils = columns(told, "estimate", "error", "degrees", "pupils")
    found = random_effects(estimate, shared(error, degrees, pupils))
    return ranged(found.mean, found.reach, is_share), found


def columns(told: Sequence[GivenFigure], *names: str) -> np.ndarray:
    """Fields of figures that can be told; float64, shape (fields, K)."""
    return np.array([[row[name] for row in told] for name in names], dtype=float)


def together(told: Sequence[GivenFigure], is_share: bool) -> dict[str, Any]:
    """The figure of all their children as if they were one authority, each school a cluster.

    Satterthwaite's degrees of freedom, from those of each authority's error. It says nothing of any other authority.
    """
    if len(told) < FEWEST_AUTHORITIES:
        return cannot_tell(too_few(told))
    estimate, error, own, size = columns(told, "estimate", "error", "degrees", "size")
    share = size / size.sum()
    parts = (share * error) ** 2
    degrees = parts.sum() ** 2 / (parts**2 / own).sum()
    reach = stats.t.ppf((1 + LEVEL) / 2, degrees) * np.sqrt(parts.sum())
    return ranged(float(share @ estimate), float(reach), is_share)


def in_one(row: GivenFigure, is_share: bool) -> dict[str, Any]:
    """An authority's own figure with its range; none for few schools, which count in the pool and tell nothing alone."""
    if row.estimate is None or row.error is None or row.degrees is None or row.schools is None:
        return cannot_tell(row.reason)
    if row.schools < TOO_FEW_SCHOOLS:
        return cannot_tell(TOO_FEW)
    return ranged(row.estimate, float(stats.t.ppf((1 + LEVEL) / 2, row.degrees)) * row.error, is_share)


def ranged(estimate: float, reach: float, is_share: bool) -> dict[str, Any]:
    """A figure with its range; that of a share is made on its log-odds, so that it stays between none and all."""
    if not is_share:
        return figure(estimate, estimate - reach, estimate + reach)
    if not 0 < estimate < 1:
        return figure(estimate, max(estimate - reach, 0.0), min(estimate + reach, 1.0))
    middle, half = to_log_odds(np.array(estimate)), reach / (estimate * (1 - estimate))
    return figure(estimate, float(expit(middle - half)), float(expit(middle + half)))


def figure(estimate: float, low: float, high: float) -> dict[str, Any]:
    return {
        "status": "estimated", "estimate": round(estimate, 6), "low": round(low, 6), "high": round(high, 6), "reason": "",
    }  # fmt: skip


def cannot_tell(reason: str) -> dict[str, Any]:
    return {"status": "cannot_tell", "estimate": None, "low": None, "high": None, "reason": reason}


def gate_of(figures: Sequence[Mapping[str, Any]], comparators: Sequence[str]) -> dict[str, Any]:
    """The gate on gains at large: over the individual rule that leaves the least gain, and over knowing the school alone."""
    individual = [each.name for each in COMPARATORS if each.kind == INDIVIDUAL and each.name in comparators]
    gains = {name: gain_at_large(figures, "gain", name) for name in individual}
    told = {name: gain for name, gain in gains.items() if gain["estimate"] is not None}
    best = min(sorted(told or gains), key=lambda name: told[name]["estimate"] if told else 0.0)
    held: dict[str, dict[str, Any]] = {
        "over_best_rule": {"rule": best, "gain": gains[best]},
        "over_school_only": {
            "rule": "school_only",
            "gain": gain_at_large(figures, "gain_pooled", "school_only"),
        },
    }
    reasons = [
        f"Pooled over authorities, {words}{f' ({best})' if name == 'over_best_rule' else ''}: {sentence(held[name]['gain'])}"
        for name, words in GAINS
        if not is_above(held[name]["gain"])
    ]
    return {"passed": not reasons, "reasons": reasons, **held}


def gain_at_large(figures: Sequence[Mapping[str, Any]], measure: str, over: str) -> dict[str, Any]:
    """One of the gains; cannot tell where nobody gave it."""
    for each in figures:
        if (each["measure"], each["of"], each["attribute"]) == (measure, over, ""):
            return dict(each["at_large"])
    return cannot_tell(NOBODY)


def write_pooled(out: Path, facts: PooledEvidence, pages: Mapping[str, str]) -> None:
    """Write the facts and pages into a folder of their own, all or none.

    Raises
    ------
    PoolRefused
        The folder is there, or cannot be written.
    """
    write_texts(out, {POOLED_FILE: facts.text(), **pages}, PoolRefused)
