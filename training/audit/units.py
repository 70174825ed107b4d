"""Whom a rate is taken of: one entry a pupil, however many dates, with its school, and how much chance moves their sums."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.audit_rates import Rate
from training.audit.scored import Attribute, Scored
from training.between import VARIATION, Between, between, between_counts


@dataclass(frozen=True)
class Units:
    """A rate's numerator and denominator by pupil; arrays of U pupils, in the order of their schools.

    A pupil whose group changes between dates is one entry for each.

    Attributes
    ----------
    school : numpy.ndarray of int64, shape (U,)
    row : numpy.ndarray of int64, shape (U,)
        A pupil's first row, which says its groups.
    over, under : numpy.ndarray of float64, shape (U,)
        `under` is above 0; both count dates and carry rows' weights.
    num_schools : int
    is_share : bool
        `over` is at most `under`. Otherwise they are events and an expected number of them.
    """

    school: np.ndarray
    row: np.ndarray
    over: np.ndarray
    under: np.ndarray
    num_schools: int
    is_share: bool

    def __len__(self) -> int:
        return len(self.under)

    @cached_property
    def rate(self) -> float:
        """Everyone's; NaN where there is nobody."""
        return float(self.over.sum() / self.under.sum()) if len(self) else np.nan

    @cached_property
    def is_flipped(self) -> bool:
        """The numerator is the commoner of the two kinds, so that the other is counted."""
        return self.is_share and self.rate > 0.5

    @cached_property
    def rarer(self) -> np.ndarray:
        """What each pupil adds to the rarer of the two kinds; float64, shape (U,)."""
        return self.under - self.over if self.is_flipped else self.over

    @cached_property
    def rarer_rate(self) -> float:
        return 1 - self.rate if self.is_flipped else self.rate

    @cached_property
    def square(self) -> np.ndarray:
        """What each pupil adds to the variance of a sum, up to a factor; float64, shape (U,)."""
        return self.under**2 if self.is_share else self.under

    @cached_property
    def chance(self) -> float:
        """Variance by chance of a pupil with a denominator of 1."""
        return self.rate * (1 - self.rate) if self.is_share else self.rate

    @cached_property
    def spread(self) -> float:
        """How much pupils vary, as a part of all-or-nothing: 1 with one date each and places certain."""
        most = self.chance * self.square.sum()
        seen = float(((self.over - self.rate * self.under) ** 2).sum())
        return max(seen / most, 1e-6) if most > 0 else 1.0

    @cached_property
    def unit(self) -> float:
        """The denominator of one pupil who is found or is not, weighted by how much it moves a sum."""
        return float(self.square.sum() / self.under.sum())

    @cached_property
    def between(self) -> Between:
        """How far schools lie apart beyond chance."""
        scale = self.spread * self.unit
        over, under = (self.by_school(each) / scale for each in (self.over, self.under))
        return between(over, under) if self.is_share else between_counts(over, under * self.rate)

    @cached_property
    def own_and_shared(self) -> tuple[float, float]:
        """Variance of a pupil's own, and that shared by a school, as multiples of `chance`."""
        mean = self.between.mean
        if self.is_share:
            return (1 - mean) * self.spread, mean * self.spread
        return self.spread, float(self.between.weight @ VARIATION) * self.rate

    def by_school(self, values: np.ndarray) -> np.ndarray:
        """Summed by school; float64, shape (S,)."""
        return np.bincount(self.school, values, self.num_schools)

    def by_group(self, attribute: Attribute, values: np.ndarray) -> np.ndarray:
        """Summed by group; float64, shape (G,)."""
        return np.bincount(attribute.code[self.row], values, len(attribute.groups))

    def by_school_and_group(self, attribute: Attribute, values: np.ndarray) -> np.ndarray:
        """Summed by both; float64, shape (S, G)."""
        num = len(attribute.groups)
        key = self.school * num + attribute.code[self.row]
        return np.bincount(key, values, self.num_schools * num).reshape(-1, num)


def units(scored: Scored, rate: Rate) -> Units:
    """The pupils that a rate is taken of."""
    unit, first = scored.pupils
    over, under = rate.parts(scored.counts.T).T
    over, under = (np.bincount(unit, each, len(first)) for each in (over, under))
    at = np.flatnonzero(under > 1e-12)
    at = at[np.argsort(scored.clusters.code[first[at]], kind="stable")]
    return Units(
        scored.clusters.code[first[at]], first[at], over[at], under[at], scored.clusters.num, rate.is_share
    )
