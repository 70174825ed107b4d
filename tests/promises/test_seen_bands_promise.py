"""Promise: the range told of a band holds the truth in at least 93 of 100 bands told, whatever the merging does.

The truth is the mean of the true chances of an endless authority in the band, with new schools; the grid has few and many schools,
schools that differ, outcomes rare and common, several dates of one child, and estimates that say too much or too little.
"""

from collections import defaultdict
from dataclasses import asdict, dataclass
from functools import cache
from itertools import product

import numpy as np
import pytest

from training.evidence.seen_bands import Seen, figure_of, merged
from training.intervals import clusters

pytestmark = pytest.mark.promise
AUTHORITIES, DATES, LEAST = 30, 3, 0.93


@dataclass(frozen=True)
class Cell:
    schools: int
    pupils: int
    between: float  # standard deviation of the schools' log-odds
    base: float  # middle of the log-odds of the true chance
    slope: float  # of the estimate's log-odds on the true ones: 1 is right


GRID = [Cell(*each) for each in product((24, 120), (6000, 15000), (0.0, 0.6), (-5.5, -3.5), (0.7, 1.0, 1.4))]


def drawn(cell: Cell, seed: int, pupils: int, schools: int):
    """Estimates and true chances at each date, the outcome, the pupil and the school; in order of date."""
    rng = np.random.default_rng([seed, cell.schools, pupils])
    school = rng.integers(schools, size=pupils)
    severity = cell.between * rng.normal(size=schools)
    known = cell.base + 1.3 * rng.normal(size=pupils)
    moved = known + 0.4 * rng.normal(size=(DATES, pupils))
    chance = 1 / (1 + np.exp(-(moved + severity[school])))
    estimate = 1 / (1 + np.exp(-(cell.base + cell.slope * (moved - cell.base))))
    outcome = rng.random(pupils) < chance  # one draw a child: its dates share most of their window
    return (
        estimate.ravel(),
        chance.ravel(),
        outcome.ravel(),
        np.tile(np.arange(pupils), DATES),
        np.tile(school, DATES),
    )


@cache
def endless(cell: Cell):
    """A far larger authority of the same kind, its rows in order of estimate, and running sums of true chances."""
    estimate, chance, *_ = drawn(cell, 10**6, 100_000, 4000)
    order = np.argsort(estimate)
    return estimate[order], np.concatenate([[0.0], np.cumsum(chance[order])])


def truth(cell: Cell, found: list[Seen]) -> list[float]:
    estimate, sums = endless(cell)
    at = [*np.searchsorted(estimate, [each.low for each in found]).tolist(), len(estimate)]
    return [float((sums[b] - sums[a]) / (b - a)) for a, b in zip(at[:-1], at[1:], strict=True)]


def test_the_range_of_a_band_holds_what_is_so():
    """Over the whole grid, and over the half or third of it that shares any one thing."""
    by_part: dict[tuple[str, float], list[bool]] = defaultdict(list)
    for cell in GRID:
        for authority in range(AUTHORITIES):
            estimate, _, outcome, pupil, school = drawn(cell, authority, cell.pupils, cell.schools)
            found = merged(estimate, outcome, clusters(school, pupil, 1000, 1))
            for each, so in zip(found, truth(cell, found), strict=True):
                if each.lacking:
                    continue
                facts = figure_of(each, each.num_with, each.num - each.num_with)
                for part in asdict(cell).items():
                    by_part[part].append(facts["low"] <= so <= facts["high"])
    for part, held in by_part.items():
        assert len(held) > AUTHORITIES * len(GRID) / 3 and np.mean(held) >= LEAST, (
            part,
            np.mean(held),
            len(held),
        )
