"""Being in difficulty: the unseen spells in which a pupil's incidents happen.

A pupil is settled, or in difficulty at one of three levels of incidents a year. Difficulty begins at a
rate that the pupil's kind, school and disengagement set, and ends after about two terms whatever they
are. So kinds of pupils differ in how many are in difficulty, not in how often a pupil in difficulty is
excluded: this is what gives every group the published number of suspensions a suspended pupil (near
sixty in a hundred just one, one in seven five or more).

The state is never recorded, and only incidents tell of it. `believe` follows, as an exact hidden Markov
filter, how likely each level is given every incident so far; truth.py starts from that belief.
"""

from functools import cache

import numpy as np

from features.synthetic import assumptions as assume
from features.synthetic.hazards import Hazards, effect_on_start
from features.synthetic.rates import PHASES

LEVELS = np.array([0.0, *assume.INCIDENTS_IN_DIFFICULTY])  # incidents a year; the first is settled
MOST = (
    0.7  # the largest share of a kind of pupils in difficulty: beyond it, their incidents are more frequent
)


@cache
def level_shares() -> np.ndarray:
    """Shares of the levels at which difficulty begins, (phase, 4); none begins settled."""
    return np.array([[0.0, *assume.LEVELS_OF_DIFFICULTY[name]] for name in PHASES])


def prevalence(phase: np.ndarray, incidents: np.ndarray) -> np.ndarray:
    """The share of a kind of pupils who are in difficulty, given their incidents a year."""
    return np.minimum(incidents / (level_shares() @ LEVELS)[phase], MOST)


def frequency(phase: np.ndarray, hazards: Hazards) -> np.ndarray:
    """What the incidents of every level are multiplied by: a biased response is more frequent."""
    share = prevalence(phase, hazards.incidents)
    mean = (level_shares() @ LEVELS)[phase]
    return np.where(share > 0, hazards.incidents / np.maximum(share * mean, 1e-12), 1.0) * hazards.bias


@cache
def start_odds() -> tuple[np.ndarray, np.ndarray]:
    """Shares in difficulty, and the odds at mean disengagement that give them over children.

    Where many are in difficulty, those most disengaged already are: equal odds for all would bring
    fewer into it than wanted. The effect is taken as log-normal, as spread out as it is over a spell.
    """
    kept = assume.STANDING + (1 - assume.STANDING) * assume.PERSISTENCE / (
        assume.PERSISTENCE + assume.END_OF_DIFFICULTY
    )
    points, weights = np.polynomial.hermite_e.hermegauss(41)
    spread = assume.EFFECT_DISENGAGEMENT * np.sqrt(kept)
    effect = np.exp(spread * points - spread**2 / 2)
    odds = np.geomspace(1e-5, 1e3, 500)
    each = odds[:, None] * effect / (1 + odds[:, None] * effect)
    return each @ weights / weights.sum(), odds


def start_probability(share: np.ndarray, disengagement: np.ndarray, is_individual: bool) -> np.ndarray:
    """The probability that difficulty begins in a half-term, by disengagement in it."""
    rate = assume.END_OF_DIFFICULTY * np.interp(share, *start_odds())
    return -np.expm1(-rate * effect_on_start(disengagement, is_individual))


def move(
    rng: np.random.Generator,
    level: np.ndarray,
    phase: np.ndarray,
    starts: np.ndarray,
    ends: np.ndarray | float,
) -> np.ndarray:
    """The level of each pupil one step on, given probabilities of starting and ending, (n,)."""
    pick, which = rng.random((2, len(level)))
    begun = 1 + (which[:, None] > np.cumsum(level_shares()[phase][:, 1:], axis=1)[:, :-1]).sum(axis=1)
    return np.where(level == 0, np.where(pick < starts, begun, 0), np.where(pick < ends, 0, level)).astype(
        "i1"
    )


def spread(belief: np.ndarray, phase: np.ndarray, starts: np.ndarray, ends: np.ndarray | float) -> np.ndarray:
    """The belief one step on, (n, 4), by the same probabilities."""
    settled, troubled = belief[:, 0], belief[:, 1:]
    ends = np.broadcast_to(ends, len(settled))
    after = np.empty_like(belief)
    after[:, 1:] = troubled * (1 - ends)[:, None] + (settled * starts)[:, None] * level_shares()[phase][:, 1:]
    after[:, 0] = settled * (1 - starts) + (troubled * ends[:, None]).sum(axis=1)
    return after


def september(before: np.ndarray, now: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of starting and ending with which a new school year brings the share in difficulty of
    pupils of a kind from `before` to `now`."""
    return np.clip((now - before) / (1 - before), 0, 1), np.clip(1 - now / np.maximum(before, 1e-12), 0, 1)


def believe(belief: np.ndarray, expected: np.ndarray, number: np.ndarray) -> np.ndarray:
    """The belief after `number` incidents where a pupil expects `expected` times the level, (n, 4)."""
    mean = np.maximum(expected[:, None] * LEVELS, 1e-9)
    with np.errstate(divide="ignore"):
        logs = number[:, None] * np.log(mean) - mean + np.log(belief)
    logs -= logs.max(axis=1, keepdims=True)
    weight = np.exp(logs)
    return weight / weight.sum(axis=1, keepdims=True)
