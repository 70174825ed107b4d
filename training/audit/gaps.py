"""Which groups' rates differ from everyone's by more than chance, and by how much.

Whether everyone's list finds a group less often is asked of every group, crossing and tested rate at once. Without
any gap (`without_gap`), the number found in a group has a known mean and variance: what the school's own rate would
give, plus what its schools add. A binomial (or, where schools differ much, negative binomial) distribution with that
mean and variance says how far out the number seen lies; the same is asked of every draw without a gap, and the
furthest of the table in each draw is what a gap must exceed (step-down). So the level is that of the table, for
rates near 0 or 1, small groups and few schools as well. The range of a gap is every gap that the same test of the
group alone does not reject, so that the range of a gap that is reported never includes no gap.

References
----------
Westfall and Young (1993), Resampling-based multiple testing; Romano and Wolf (2005), Exact and approximate
stepdown methods for multiple hypothesis testing.
Lancaster (1961), Significance tests in discrete distributions: the mid-p.
Miettinen and Nurminen (1985), Comparative analysis of two rates: ranges by inverting a score test.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import special

from training.audit.scored import Attribute
from training.audit.units import Units
from training.audit.without_gap import rarer_by_group

CHANCE = 0.05
POWER = 0.8
HALVINGS = 50
METHOD = (
    "Gaps in recall, in the false omission rate and in the false positive rate are tested together, over every group and crossing of the table, "
    "against 1,000 draws without any gap: as many found, at random among each school's own pupils, with schools that differ as far as "
    "these do (step-down, mid-p). Where no group is treated differently, at most about one audit in twenty reports a gap, with rare outcomes and small "
    "groups too. The range of a gap is what the same test of that group alone does not rule out: it is not adjusted for the number of groups, "
    "and where a gap is reported it never includes no gap. The smallest detectable gap is the one to the group's disadvantage that would be reported 4 times in 5."
)


@dataclass(frozen=True)
class Supposed:
    """A gap that is supposed, and how far what was seen lies from it.

    Attributes
    ----------
    own, rest : numpy.ndarray of float64, shape (G,)
        Rates of the group and of all others.
    off : numpy.ndarray of float64, shape (G,)
        The group's numerator less what the supposed gap makes of everyone's.
    weight_own, weight_rest : numpy.ndarray of float64, shape (G,)
        How `off` weighs the group's numerator and the others'.
    """

    own: np.ndarray
    rest: np.ndarray
    off: np.ndarray
    weight_own: np.ndarray
    weight_rest: np.ndarray


@dataclass(frozen=True)
class Compared:
    """An attribute's groups against everyone, in one rate; arrays of shape (G,).

    Attributes
    ----------
    units : Units
    attribute : Attribute
    """

    units: Units
    attribute: Attribute

    @cached_property
    def size(self) -> np.ndarray:
        """The rate's denominator."""
        return self.units.by_group(self.attribute, self.units.under)

    @cached_property
    def share(self) -> np.ndarray:
        """The group's part of everyone's denominator."""
        return self.size / max(float(self.units.under.sum()), 1e-12)

    @cached_property
    def seen(self) -> np.ndarray:
        """The rarer kind."""
        return self.units.by_group(self.attribute, self.units.rarer)

    @cached_property
    def expected(self) -> np.ndarray:
        """The rarer kind at everyone's rate."""
        return self.share * self.units.rarer.sum()

    @cached_property
    def by_school(self) -> np.ndarray:
        """The denominator by school; shape (S, G)."""
        return self.units.by_school_and_group(self.attribute, self.units.under)

    @cached_property
    def square(self) -> np.ndarray:
        return self.units.by_group(self.attribute, self.units.square)

    @cached_property
    def num(self) -> np.ndarray:
        """Distinct pupils."""
        return self.units.by_group(self.attribute, np.ones(len(self.units)))

    @property
    def rarer_pupils(self) -> np.ndarray:
        """Pupils of the rarer kind to be expected at everyone's rate: what was seen would choose what is shown."""
        return self.num * self.units.rarer_rate

    @cached_property
    def variance(self) -> np.ndarray:
        """Of `seen` less `expected`, without a gap."""
        own, shared = self.units.own_and_shared
        within = (1 - 2 * self.share) * self.square + self.share**2 * self.units.square.sum()
        apart = self.by_school - self.share * self.units.by_school(self.units.under)[:, None]
        num = len(self.units)
        return self.units.chance * (own * within + shared * (apart**2).sum(axis=0)) * num / max(num - 1, 1)

    @cached_property
    def design_effect(self) -> np.ndarray:
        """Variance beside that of as many independent pupils; below 1 where groups are mixed alike in schools that differ."""
        plain = self.units.chance * self.size * (1 - self.share) * self.scale
        return self.variance / np.maximum(plain, 1e-12)

    @property
    def scale(self) -> float:
        """The denominator that counts as one pupil."""
        return self.units.spread * self.units.unit

    @cached_property
    def surprise(self) -> np.ndarray:
        """Two-sided mid-p of what was seen, by the distribution with its mean and variance."""
        return two_sided(self.seen / self.scale, self.expected / self.scale, self.variance / self.scale**2)

    def surprise_of(self, drawn: np.ndarray) -> np.ndarray:
        """The same of draws without a gap, in which pupils are found or are not; shape (draws, G)."""
        total = drawn.sum(axis=1)
        usual = float(np.median(total))
        if np.ptp(self.units.under) > 0:
            return self._surprise_of(drawn, total[:, None])
        # Whole pupils take few values: each is asked once.
        least, step = drawn.min(axis=0), self.units.under[0]
        place = np.rint((drawn - least) / step).astype(np.int64)
        values = least + step * np.arange(place.max() + 1)[:, None]
        found = np.take_along_axis(self._surprise_of(values, usual), place, axis=0)
        is_short = np.abs(total - usual) > step / 2
        found[is_short] = self._surprise_of(drawn[is_short], total[is_short, None])
        return found

    def _surprise_of(self, drawn: np.ndarray, total: np.ndarray | float) -> np.ndarray:
        scale = self.units.unit
        mean, variance = self.expected / scale, self.variance / self.units.spread / scale**2
        return two_sided(mean + (drawn - self.share * total) / scale, mean, variance)

    @cached_property
    def rate(self) -> np.ndarray:
        """The group's own; NaN where nobody is there to take a share of."""
        over = self.size - self.seen if self.units.is_flipped else self.seen
        return np.divide(over, self.size, out=np.full(len(over), np.nan), where=self.size > 0)

    @cached_property
    def _rate(self) -> np.ndarray:
        """The same, everyone's where nobody is there."""
        return np.where(self.size > 0, self.rate, self.units.rate)

    def difference(self, levels: np.ndarray | float = CHANCE) -> tuple[np.ndarray, np.ndarray]:
        """Low and high of the group's rate less everyone's.

        Parameters
        ----------
        levels : float, or numpy.ndarray of shape (G,)
            Two-sided level at which a gap is ruled out.
        """
        most = 1 - self.share
        if not self.units.is_share:
            most = most * (self._rate + 40 * (1 + np.sqrt(self.seen)) / np.maximum(self.size, 1e-12))
        return self._range(levels, self._rate - self.units.rate, self.share - 1, most, self.if_differing)

    def ratio(self, levels: np.ndarray | float = CHANCE) -> tuple[np.ndarray, np.ndarray]:
        """Low and high of the group's rate over everyone's, which must be above 0."""
        most = 1 / np.maximum(self.share, 1e-12)
        return self._range(levels, self._rate / self.units.rate, np.zeros(len(most)), most, self.if_times)

    def _range(
        self, levels: np.ndarray | float, estimate: np.ndarray, least: np.ndarray, most: np.ndarray,
        supposing: Callable[[np.ndarray], Supposed],
    ) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
        """The values between which the test does not reject, by halving."""
        bounds = []
        for end, lower in ((least, False), (most, True)):
            inner, outer = estimate, end
            is_open = self.tail(supposing(end), lower) > levels / 2
            for _ in range(HALVINGS):
                middle = (inner + outer) / 2
                is_out = self.tail(supposing(middle), lower) <= levels / 2
                inner, outer = np.where(is_out, inner, middle), np.where(is_out, middle, outer)
            bounds.append(np.where(is_open, end, outer))
        return bounds[0], bounds[1]

    def tail(self, supposed: Supposed, is_lower: bool) -> np.ndarray:
        """The chance, if so, of a rate as low as was seen (or as high); half of the chance of the very same."""
        mean, variance = self.moments(supposed)
        below, above = tails(mean + supposed.off * self._sign / self.scale, mean, variance)
        return below if is_lower != self.units.is_flipped else above

    def moments(self, supposed: Supposed) -> tuple[np.ndarray, np.ndarray]:
        """Mean of the group's rarer kind, and variance of what is off, in pupils."""
        own, rest = (1 - each if self.units.is_flipped else each for each in (supposed.own, supposed.rest))
        size = self.size / self.scale
        others = size * (1 - self.share) / np.maximum(self.share, 1e-12)
        chances = [each * (1 - each) if self.units.is_share else each for each in (own, rest)]
        variance = supposed.weight_own**2 * size * chances[0] + supposed.weight_rest**2 * others * chances[1]
        return size * own, self.design_effect * variance

    @property
    def _sign(self) -> float:
        return -1.0 if self.units.is_flipped else 1.0

    def if_differing(self, by: np.ndarray) -> Supposed:
        """The group's rate lies `by` above everyone's; everyone's as seen, where that can be."""
        apart, everyone = by / np.maximum(1 - self.share, 1e-12), self.units.rate
        most = np.minimum(1.0, 1 - apart) if self.units.is_share else np.inf
        rest = np.clip(everyone - self.share * apart, np.maximum(0.0, -apart), most)
        off = self.size * (self._rate - everyone - by)
        return Supposed(rest + apart, rest, off, 1 - self.share, self.share)

    def if_times(self, times: np.ndarray) -> Supposed:
        """The group's rate is `times` everyone's; everyone's as seen, where that can be."""
        own = times * self.units.rate
        off = self.size * (self._rate - own)
        own = np.minimum(own, 1.0) if self.units.is_share else own
        everyone = np.minimum(self.units.rate, own / np.maximum(times, 1e-12))
        rest = np.maximum((everyone - self.share * own) / np.maximum(1 - self.share, 1e-12), 0.0)
        return Supposed(own, rest, off, 1 - times * self.share, times * self.share)

    def smallest(self, bar: float, sign: int) -> np.ndarray:
        """The gap that a test at level `bar` finds `POWER` of the time; NaN where none would be.

        Parameters
        ----------
        sign : int
            1 for a gap above everyone's rate, -1 for one below.
        """
        is_more = sign * self._sign > 0
        mean, variance = self.expected / self.scale, self.variance / self.scale**2
        side = 1 if is_more else 0
        inner, outer = mean, self.size / self.scale if is_more else np.zeros(len(mean))
        is_seen = 2 * tails(outer, mean, variance)[side] <= bar
        for _ in range(HALVINGS):
            middle = (inner + outer) / 2
            is_out = 2 * tails(middle, mean, variance)[side] <= bar
            inner, outer = np.where(is_out, inner, middle), np.where(is_out, middle, outer)
        edge = outer
        if np.ptp(self.units.under) == 0 and self.units.spread > 1 - 1e-9:  # pupils come whole
            edge = np.ceil(outer - 1e-9) - 0.5 if is_more else np.floor(outer + 1e-9) + 0.5

        def power(by: np.ndarray) -> np.ndarray:
            supposed = self.if_differing(sign * by)
            centre, spread = self.moments(supposed)
            off = mean + sign * self._sign * by * self.size / self.scale
            return tails(centre + edge - off, centre, spread)[side]

        low, high = np.zeros(len(mean)), self._most(sign)
        is_seen &= power(high) >= POWER
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            is_found = power(middle) >= POWER
            low, high = np.where(is_found, low, middle), np.where(is_found, middle, high)
        return np.where(is_seen, high, np.nan)

    def _most(self, sign: int) -> np.ndarray:
        """The furthest that the group's rate can lie from everyone's as seen, on one side."""
        rate, other = self.units.rate, (1 - self.share) / np.maximum(self.share, 1e-12)
        up, down = rate, 1 - rate
        if sign < 0:
            up, down = down, up
        return np.minimum(down, up * other)


def tails(seen: np.ndarray, mean: np.ndarray, variance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The chance of less than was seen and of more, half of the chance of the very same in each.

    Of the binomial distribution with this mean and variance where the variance is the smaller, of the
    negative binomial where it is the larger; `seen` need not be whole.
    """
    mean = np.maximum(mean, 1e-9)
    ratio = np.maximum(variance / mean, 1e-6)
    ratio = np.where(np.abs(ratio - 1) < 1e-4, 1 - 1e-4, ratio)
    is_binomial = ratio < 1
    chance = np.where(is_binomial, ratio, 1 / ratio)
    size = mean / np.abs(1 - ratio)

    def up_to(number: np.ndarray) -> np.ndarray:
        left = np.where(is_binomial, np.maximum(size - number, 0), size)
        found = special.betainc(np.maximum(left, 1e-12), np.maximum(number + 1, 1e-12), chance)
        return np.where(number <= -1, 0.0, np.where(left <= 0, 1.0, found))

    below = (up_to(seen) + up_to(seen - 1)) / 2
    return below, 1 - below


def two_sided(seen: np.ndarray, mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Twice the smaller tail, at most 1."""
    return np.minimum(2 * np.minimum(*tails(seen, mean, variance)), 1.0)


@dataclass(frozen=True)
class Tested:
    """What came of an attribute's gaps in one rate, judged with all of their table; arrays of shape (G,).

    Attributes
    ----------
    p : numpy.ndarray of float64
        Adjusted for every other gap of the table; NaN where a group was not tested.
    level : numpy.ndarray of float64
        Of the group's own range: what it rules out is what the test of the group alone rejects.
    bar : float
        What the most surprising gap of the table must lie below.
    """

    p: np.ndarray
    level: np.ndarray
    bar: float

    @property
    def is_gap(self) -> np.ndarray:
        return self.p < CHANCE


def judge(
    rates: Sequence[Sequence[tuple[Compared, np.ndarray]]], draws: int, seed: int
) -> list[list[Tested]]:
    """All gaps of a table, together.

    Parameters
    ----------
    rates : for each rate, for each attribute, its groups and which of them are tested (bool, shape (G,))
        All of a rate are of the same `Units`.

    Returns
    -------
    list of list of Tested
        In the same order.
    """
    seen, drawn = [np.zeros(0)], [np.zeros((draws, 0))]
    for number, attributes in enumerate(rates):
        units = attributes[0][0].units if attributes else None
        if units is None or not 0 < units.rate < 1:  # nobody differs from anybody
            seen += [np.ones(int(which.sum())) for _, which in attributes]
            drawn += [np.ones((draws, int(which.sum()))) for _, which in attributes]
            continue
        rng = np.random.default_rng([seed, number])
        sums = rarer_by_group(units, [each.attribute for each, _ in attributes], draws, rng)
        for (each, which), made in zip(attributes, sums, strict=True):
            seen.append(each.surprise[which])
            drawn.append(each.surprise_of(made)[:, which])
    surprise, chance = np.concatenate(seen), np.concatenate(drawn, axis=1)
    p, level = np.maximum(step_down(-surprise, -chance, ties=0.5), surprise), own_levels(chance)
    bar = float(np.quantile(chance.min(axis=1), CHANCE)) if len(surprise) else CHANCE
    begin = 0
    found: list[list[Tested]] = []
    for attributes in rates:
        found.append([])
        for _, which in attributes:
            end = begin + int(which.sum())
            tested = Tested(np.full(len(which), np.nan), np.full(len(which), CHANCE), bar)
            tested.p[which], tested.level[which] = p[begin:end], level[begin:end]
            found[-1].append(tested)
            begin = end
    return found


def step_down(seen: np.ndarray, drawn: np.ndarray, ties: float = 1.0) -> np.ndarray:
    """Adjusted p-values: each against the largest draw among itself and all smaller ones.

    Parameters
    ----------
    seen : numpy.ndarray of float, shape (F,)
        Larger is further from no gap.
    drawn : numpy.ndarray of float, shape (draws, F)
        The same of draws without a gap.
    ties : float
        What a draw as large as what was seen counts: 1, or a half for a mid-p.
    """
    order = np.argsort(-seen, kind="stable")
    p, largest = np.empty(len(seen)), np.full(len(drawn), -np.inf)
    for place in order[::-1]:
        largest = np.maximum(largest, drawn[:, place])
        p[place] = exceeding(largest, seen[place], ties)
    p[order] = np.maximum.accumulate(p[order])
    return p


def exceeding(drawn: np.ndarray, value: float, ties: float = 1.0) -> float:
    """The share of draws beyond a value, with `ties` of those equal to it and of the value itself; never 0."""
    slack = 1e-9 * abs(value) + 1e-15
    more, same = (drawn > value + slack).sum(), (np.abs(drawn - value) <= slack).sum()
    return float((ties + more + ties * same) / (1 + len(drawn)))


def own_levels(drawn: np.ndarray) -> np.ndarray:
    """The greatest unadjusted p-value that a group's own draws reject at `CHANCE`, at most `CHANCE`; shape (F,)."""
    levels = np.empty(drawn.shape[1])
    for at in range(len(levels)):
        values, counts = np.unique(drawn[:, at], return_counts=True)
        half = (0.5 + np.cumsum(counts) - counts / 2) / (1 + len(drawn))
        kept = int(np.searchsorted(half, CHANCE))  # the first value that is not rejected
        before = (0.5 + counts[:kept].sum()) / (1 + len(drawn))
        top = (
            values[kept] * (1 - 1e-9) if kept < len(values) and before < CHANCE else values[max(kept - 1, 0)]
        )
        levels[at] = min(top, CHANCE)
    return levels
