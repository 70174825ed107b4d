"""Promise: the 95 % range of a pooled figure holds the truth in at least 93 of 100 pools, by what leaves authorities.

Pools of 2, 3, 5 and 10 authorities: alike, of 3 to 100 schools, all of few schools; schools alike or of very unequal size;
authorities that lie apart and that do not. The truth at large is the mean over endlessly many authorities; together, that of
these authorities' children; of one more, its own figure. Every share is over the whole grid, and over the part of it that
shares any one thing, so that no hard cell hides behind easy ones.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import product

import numpy as np
import pytest

from models.facts.poolable import ClusteredRatio
from models.facts.pooled import GivenFigure
from tests.pools import counted
from tests.promises.test_intervals_cover import true_recall
from training.pooled.export import given
from training.pooled.pool import pooled_figure

pytestmark = pytest.mark.promise
POOLS, LEAST, LEAST_OF_NEW, MOST_FALSE = 60, 0.93, 0.90, 0.03
SEVERITY, MIDDLE, KEPT = 0.6, -0.4, 0.3
SIZES: dict[str, Callable[[np.random.Generator, int], np.ndarray]] = {
    "alike": lambda rng, num: np.full(num, 30),
    "mixed": lambda rng, num: np.array([4, 60, 5, 12, 4, 6, 100, 5, 30, 4])[:num],
    "few": lambda rng, num: rng.integers(4, 9, num),
}


@dataclass(frozen=True)
class Cell:
    authorities: int
    sizes: str
    is_uneven: bool  # schools as heavy-tailed as a log-normal's
    tau: float  # between authorities: of the gain, or of the log-odds of recall


class Giver:
    """An export with one figure in it."""

    def __init__(self, name: str, row: GivenFigure) -> None:
        self.facts = type("Facts", (), {"authority": name, "figures": [row]})


def grid(taus: tuple[float, ...]) -> list[Cell]:
    return [Cell(*each) for each in product((2, 3, 5, 10), SIZES, (False, True), taus)]


def authority(rng: np.random.Generator, schools: int, cell: Cell, gain: float, middle: float = MIDDLE):
    """Positives of each school, how many the model found, and a rule that finds so much less on average."""
    size = 1 + rng.poisson(
        8 * rng.lognormal(-0.5, 1.0, schools) if cell.is_uneven else rng.gamma(3.0, 3.0, schools)
    )
    found = rng.binomial(size, 1 / (1 + np.exp(-(middle + SEVERITY * rng.normal(size=schools)))))
    recall = true_recall(SEVERITY, MIDDLE)
    by_luck = (recall * (1 - KEPT) - gain) / (
        1 - recall
    )  # the rule keeps so many of the found, and finds so many others
    rule = rng.binomial(found, KEPT) + rng.binomial(size - found, min(max(by_luck, 0.0), 1.0))
    return size, found, rule


def leaves(counts: dict, rng: np.random.Generator) -> GivenFigure:
    """What an authority would give, moved and rounded."""
    return GivenFigure.checked(given(ClusteredRatio.checked(counts), rng.bytes(32)))


def holds(facts: dict, truth: float) -> bool:
    return facts["low"] <= truth <= facts["high"]


def check(by_part: dict, least: float, total: int) -> None:
    for part, held in sorted(by_part.items(), key=str):
        print(part, len(held), round(float(np.mean(held)), 3))
    for part, held in by_part.items():
        assert len(held) > total / 8 and np.mean(held) >= least, (part, len(held), np.mean(held))


def pooled_gain(cell: Cell, number: int, mean: float, seed: int):
    """One pool's facts, the mean over authorities, and the true gain of its own and of one more."""
    rng = np.random.default_rng([seed, number, cell.authorities, int(1000 * cell.tau), cell.is_uneven])
    gains = mean + cell.tau * rng.normal(size=cell.authorities + 1)
    rows, own = [], []
    for schools, gain in zip(SIZES[cell.sizes](rng, cell.authorities), gains, strict=False):
        size, found, rule = authority(rng, int(schools), cell, gain)
        row = leaves(counted(found, size, rule, measure="gain", of="chance"), rng)
        rows.append(row)
        own.append((size.sum(), gain, row.status == "estimated"))
    facts = pooled_figure(("gain", "chance", "", ""), [Giver(str(at), row) for at, row in enumerate(rows)])  # type: ignore[arg-type]
    size, gain = np.array([(size, gain) for size, gain, is_told in own if is_told]).reshape(-1, 2).T
    return facts, float(size @ gain / max(size.sum(), 1)), float(gains[-1])


def test_gains():
    parts: dict[str, dict] = {name: defaultdict(list) for name in ("at_large", "together", "another")}
    cells = grid((0.0, 0.03, 0.08))
    for cell, number in product(cells, range(POOLS)):
        facts, of_these, of_another = pooled_gain(cell, number, 0.03, 1)
        for name, truth in (("at_large", 0.03), ("together", of_these), ("another", of_another)):
            if facts[name]["status"] == "estimated":
                for part in (("all", ""), *asdict(cell).items()):
                    parts[name][part].append(holds(facts[name], truth))
    for name, least in (("at_large", LEAST), ("together", LEAST), ("another", LEAST_OF_NEW)):
        print(name)
        check(parts[name], least, POOLS * len(cells))


def test_a_recipe_that_gains_nothing_passes_at_most_3_times_in_100():
    by_part = defaultdict(list)
    cells = grid((0.0, 0.05))
    for cell, number in product(cells, range(POOLS)):
        facts, *_ = pooled_gain(cell, number, 0.0, 2)
        if facts["at_large"]["status"] == "estimated":
            for part in (("all", ""), *asdict(cell).items()):
                by_part[part].append(facts["at_large"]["low"] > 0)
    print({part: round(float(np.mean(held)), 3) for part, held in by_part.items()})
    assert np.mean(by_part["all", ""]) <= MOST_FALSE
    assert max(np.mean(held) for held in by_part.values()) <= 2 * MOST_FALSE


def test_recall():
    """A share, with its range on the log-odds; authorities' own middles lie apart."""
    parts: dict[str, dict] = {name: defaultdict(list) for name in ("at_large", "together")}
    cells = grid((0.0, 0.4))
    for cell, number in product(cells, range(POOLS)):
        rng = np.random.default_rng([3, number, cell.authorities, int(10 * cell.tau), cell.is_uneven])
        middles = MIDDLE + cell.tau * rng.normal(size=cell.authorities)
        rows, own = [], []
        for schools, middle in zip(SIZES[cell.sizes](rng, cell.authorities), middles, strict=True):
            size, found, _ = authority(rng, int(schools), cell, 0.0, middle)
            row = leaves(counted(found, size), rng)
            rows.append(row)
            if row.status == "estimated":
                own.append((size.sum(), recall_about(float(middle))))
        facts = pooled_figure(
            ("recall", "model", "", ""), [Giver(str(at), row) for at, row in enumerate(rows)]
        )  # type: ignore[arg-type]
        size, recall = np.array(own).reshape(-1, 2).T
        large = true_recall(float(np.hypot(SEVERITY, cell.tau)), MIDDLE)
        for name, truth in (("at_large", large), ("together", float(size @ recall / max(size.sum(), 1)))):
            if facts[name]["status"] == "estimated":
                for part in (("all", ""), *asdict(cell).items()):
                    parts[name][part].append(holds(facts[name], truth))
    for name, by_part in parts.items():
        print(name)
        check(by_part, LEAST, POOLS * len(cells))


_MIDDLES = np.linspace(-3, 3, 301)
_RECALLS = np.array([true_recall(SEVERITY, float(middle)) for middle in _MIDDLES])


def recall_about(middle: float) -> float:
    """The mean recall of schools about a middle, read from a table."""
    return float(np.interp(middle, _MIDDLES, _RECALLS))
