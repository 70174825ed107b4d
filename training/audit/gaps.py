"""Which groups' rates lie apart from everyone's, with chance over the whole table kept to one in twenty.

A gap is tested by its score: what each school adds to a group's numerator beyond the rate of everyone.
The signs of schools' scores are drawn by lot, the same for every group, so that groups who share schools
stay together; the largest gap of the whole table under such draws is what a gap must exceed. Stepping
down, those already told apart leave the table.

References
----------
Kline and Santos (2012), A score based approach to wild bootstrap inference.
Romano and Wolf (2005), Exact and approximate stepdown methods for multiple hypothesis testing.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

CHANCE = 0.05
POWER = 0.8
METHOD = (
    "Gaps in recall, in the false omission rate and in the false positive rate are tested together, over every group and crossing of the table, by "
    "drawing the signs of schools' scores (step-down maximum, wild score bootstrap): in a table without any gap, at most "
    "about one audit in twenty reports one. The ranges beside single rates are not adjusted."
)


@dataclass(frozen=True)
class Score:
    """What each school adds to a group's rate beyond everyone's.

    Attributes
    ----------
    by_school : numpy.ndarray of float64, shape (S,)
    under : float
        The denominator of the group's rate; the sum of scores over it is the gap.
    """

    by_school: np.ndarray
    under: float

    @property
    def gap(self) -> float:
        return float(self.by_school.sum() / self.under)

    @property
    def error(self) -> float:
        """Standard error of the gap where there is none; never 0 for a rate of 0 or 1."""
        num = np.count_nonzero(self.by_school)
        return float(np.sqrt((self.by_school**2).sum() * num / max(num - 1, 1)) / self.under)


def score(group: np.ndarray, everyone: np.ndarray) -> Score:
    """The score of one group's gap.

    Parameters
    ----------
    group, everyone : numpy.ndarray of float, shape (S, 2)
        Numerator and denominator of the rate by school; the group is a part of everyone.
    """
    over, under = everyone.sum(axis=0)
    rate, share = over / under, group[:, 1].sum() / under
    own = group[:, 0] - rate * group[:, 1]
    theirs = everyone[:, 0] - rate * everyone[:, 1]
    return Score(own - share * theirs, float(group[:, 1].sum()))


@dataclass(frozen=True)
class Tested:
    """The gaps of a table, judged together; arrays of shape (F,).

    Attributes
    ----------
    p : numpy.ndarray of float64
        Adjusted for every other gap of the table.
    smallest : numpy.ndarray of float64
        The gap that would have been found `POWER` of the time.
    """

    p: np.ndarray
    smallest: np.ndarray

    @property
    def is_gap(self) -> np.ndarray:
        return self.p < CHANCE


def judge_together(scores: list[Score], draws: int, seed: int) -> Tested:
    """Adjusted p-values and smallest detectable gaps of all the scores of a table."""
    if not scores:
        return Tested(np.zeros(0), np.zeros(0))
    by_school = np.stack([each.by_school for each in scores], axis=1)
    size = np.sqrt((by_school**2).sum(axis=0))
    held = np.maximum(size, 1e-12)
    signs = np.random.default_rng([seed, len(by_school)]).choice((-1.0, 1.0), (draws, len(by_school)))
    drawn = np.abs(signs @ by_school) / held
    seen = np.abs(by_school.sum(axis=0)) / held
    errors = np.array([each.error for each in scores])
    bar = np.quantile(drawn.max(axis=1), 1 - CHANCE)
    return Tested(step_down(seen, drawn), (bar + stats.norm.ppf(POWER)) * errors)


def step_down(seen: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Adjusted p-values: each against the largest draw among itself and all smaller ones.

    Parameters
    ----------
    seen : numpy.ndarray of float, shape (F,)
    drawn : numpy.ndarray of float, shape (draws, F)
    """
    order = np.argsort(-seen, kind="stable")
    p, largest = np.empty(len(seen)), np.full(len(drawn), -np.inf)
    for place in order[::-1]:
        largest = np.maximum(largest, drawn[:, place])
        p[place] = (1 + (largest >= seen[place] - 1e-12).sum()) / (1 + len(drawn))
    p[order] = np.maximum.accumulate(p[order])
    return p
