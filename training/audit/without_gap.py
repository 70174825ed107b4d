"""Tables as they would be without any gap: the same pupils, schools and groups, and others found.

A draw takes each school's chance from a beta distribution, at everyone's rate and with a correlation within
schools that is itself drawn from what the table says of it; then finds as many pupils as were found, each by
its school's chance and without a look at its group. Groups stay with pupils, so groups who overlap or share
schools move together. Where schools do not differ this is the permutation test of groups.

References
----------
Fisher (1935), The design of experiments; Cochran (1954) and Mantel and Haenszel (1959) for groups within strata.
Efraimidis and Spirakis (2006), Weighted random sampling with a reservoir: so many by weight, each once.
"""

from collections.abc import Sequence

import numpy as np

from training.audit.scored import Attribute
from training.audit.units import Units

MOST_HITS = 12.0  # mean hits a pupil; all but 6 in a million are hit at least once
CELLS = 20_000_000  # pupils times draws at once
RANDOM_BITS = 24


def rarer_by_group(
    units: Units, attributes: Sequence[Attribute], draws: int, rng: np.random.Generator
) -> list[np.ndarray]:
    """How much of the rarer kind each group has in draws without any gap.

    Parameters
    ----------
    units : Units
        Of a share that is neither 0 nor 1.

    Returns
    -------
    list of numpy.ndarray of float64, each of shape (draws, G)
    """
    events = max(round(units.rarer_rate * len(units)), 1)
    first = np.searchsorted(units.school, np.arange(units.num_schools))
    size = np.diff(np.append(first, len(units))).astype(np.float64)
    codes = [each.code[units.row] for each in attributes]
    is_even = bool((units.under == units.under[0]).all())
    sums = [np.empty((draws, len(each.groups))) for each in attributes]
    at_once = max(1, CELLS // len(units))
    for begin in range(0, draws, at_once):
        num = min(at_once, draws - begin)
        chance = chances(units, num, rng)
        draw, unit = found(mean_hits(chance, size, events), first, size, events, len(units), rng)
        weight = None if is_even else units.under[unit]
        for made, code, attribute in zip(sums, codes, attributes, strict=True):
            width = len(attribute.groups)
            made[begin : begin + num] = np.bincount(draw * width + code[unit], weight, num * width).reshape(
                num, width
            )
    return [made * units.under[0] for made in sums] if is_even else sums


def chances(units: Units, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Each school's chance of the rarer kind; float64, shape (draws, S)."""
    rho = units.between.drawn(rng, draws)[:, None]
    times = (1 - rho) / np.maximum(rho, 1e-9)
    chance = rng.beta(units.rarer_rate * times, (1 - units.rarer_rate) * times, (draws, units.num_schools))
    return np.where(rho > 0, np.clip(chance, 1e-12, 1 - 1e-9), units.rarer_rate)


def mean_hits(chance: np.ndarray, size: np.ndarray, events: int) -> np.ndarray:
    """Mean hits of a pupil of each school so that somewhat more than `events` pupils are hit; shape of `chance`."""
    weight, aim = -np.log1p(-chance), min(events + 3 * np.sqrt(events) + 3, 0.98 * size.sum())
    low, high = np.full((len(weight), 1), -2.0), np.full((len(weight), 1), 32.0)
    for _ in range(24):
        middle = (low + high) / 2
        hit = (-np.expm1(-np.minimum(weight * np.exp(middle), MOST_HITS)) * size).sum(axis=1, keepdims=True)
        low, high = np.where(hit < aim, middle, low), np.where(hit < aim, high, middle)
    return np.minimum(weight * np.exp(high), MOST_HITS)


def found(
    hits: np.ndarray, first: np.ndarray, size: np.ndarray, events: int, num: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw and pupil of everyone found: those hit at least once, and of them `events` at random.

    Hits fall at random on a school's pupils, so that time and memory go with those found and not with all.
    """
    draws, schools = hits.shape
    draw, school = np.divmod(np.repeat(np.arange(draws * schools), rng.poisson(hits * size).ravel()), schools)
    is_hit = np.zeros(draws * num, dtype=bool)
    is_hit[draw * num + first[school] + (rng.random(len(draw)) * size[school]).astype(np.int64)] = True
    draw, unit = np.divmod(np.flatnonzero(is_hit).astype(np.uint64), np.uint64(num))
    bits = np.uint64(num.bit_length())
    lot = rng.integers(0, 1 << RANDOM_BITS, len(unit), dtype=np.uint64)
    key = (draw << (bits + np.uint64(RANDOM_BITS))) | (lot << bits) | unit
    key.sort()
    draw = (key >> (bits + np.uint64(RANDOM_BITS))).astype(np.int64)
    unit = (key & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64)
    is_kept = np.arange(len(draw)) - np.searchsorted(draw, np.arange(draws))[draw] < events
    return draw[is_kept], unit[is_kept]
