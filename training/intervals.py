"""How sure a figure is, when pupils come in schools; the list is held fixed.

A share (recall, precision) and a count over an expected number get the exact range of as many independent pupils
as theirs are worth: fewer where pupils of one school are alike, more cautiously with few schools. So a rate of
which one kind was seen once, or never, or in one school, has a range that holds the truth. Any other figure
(a gain over a rule, an area) resamples schools whole, with all their pupils and dates; where few schools
bear it, a delete-one-school jackknife with Student's t takes its place. With very few schools nothing is said, and
no range is a point.

References
----------
Korn and Graubard (1998), Confidence intervals for proportions with small expected number of positive
counts estimated from survey data.
Cameron, Gelbach and Miller (2008), Bootstrap-based improvements for inference with clustered errors.
Efron and Stein (1981), The jackknife estimate of variance.
Johnson and Rust (1992), Population inferences and variance estimation for NAEP data: the degrees of freedom
of a jackknife's variance.
Carter, Schnepel and Steigerwald (2017), Asymptotic behavior of a t-test robust to cluster
heterogeneity: the effective number of clusters.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from scipy import special, stats

from training.between import VARIATION, between, between_counts

ENOUGH_SCHOOLS = 30
TOO_FEW_SCHOOLS = 6
LEVEL = 0.95
SLACK = 1e-9
TOO_FEW = "too few schools to say"
NO_EVENTS = "no pupil had the outcome"
ALIKE = "the schools in it do not differ, so that they say nothing of chance"
NEAREST = 1e-6  # a share this near to 0 or 1 has log-odds to reckon with
NOTHING_BELOW = "nobody is there to take a share of"

Statistic = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % interval.

    Attributes
    ----------
    status : str
        "estimated", or "cannot_tell" with a `reason`; then low and high are None.
    estimate, low, high : float or None
    events : int
        Distinct pupils with the outcome that the figure rests on.
    schools : float
        Effective number of schools: 1 / the sum of squared event shares.
    method : str
        school_bootstrap, school_jackknife, exact, or none.
    reason : str
    """

    status: str
    estimate: float | None
    low: float | None
    high: float | None
    events: int
    schools: float
    method: str
    reason: str = ""

    def as_facts(self) -> dict[str, Any]:
        """As plain JSON values, rounded to six figures after the point."""
        return {
            name: round(value, 6) if isinstance(value, float) else value
            for name, value in asdict(self).items()
        }


def effective_schools(events: np.ndarray) -> float:
    """1 / the sum of squared event shares; 0 without events.

    Parameters
    ----------
    events : numpy.ndarray of int, shape (S,)
        Distinct pupils with the outcome (or any other weight), by school.
    """
    total = events.sum()
    return float(total**2 / (events.astype(float) ** 2).sum()) if total else 0.0


@lru_cache(maxsize=8)
def school_weights(num: int, draws: int, seed: int) -> np.ndarray:
    """How often each school is drawn; int64, shape (draws, num). Each row sums to `num`."""
    return np.random.default_rng([seed, num]).multinomial(num, np.full(num, 1.0 / num), size=draws)


def interval(
    counts: np.ndarray, statistic: Statistic, events: np.ndarray, draws: int, seed: int, is_share: bool = True,
    pupils: np.ndarray | None = None, is_count: bool = False,
) -> Interval:  # fmt: skip
    """The interval of any statistic of summed counts.

    Parameters
    ----------
    counts : numpy.ndarray of float, shape (S, C)
        What each school adds to the sums that the statistic is made of.
    statistic : callable of (..., C) to (...)
        NaN where it is not defined.
    events : numpy.ndarray of int, shape (S,)
        Distinct pupils with the outcome, by school.
    is_share : bool
        The statistic lies in [0, 1]. A `ratio` then gets an exact range; of any other the jackknife works on
        its log-odds.
    pupils : numpy.ndarray of int, shape (S,), optional
        Distinct pupils whom a share is taken of, where they are not those with the outcome.
    is_count : bool
        The statistic is the `ratio` of events seen to an expected number.
    """
    num_events, schools = int(events.sum()), effective_schools(events)
    with np.errstate(invalid="ignore", divide="ignore"):
        estimate = float(statistic(counts.sum(axis=0)))
        if num_events == 0 or not np.isfinite(estimate):
            reason = NOTHING_BELOW if num_events else NO_EVENTS
            return Interval("cannot_tell", None, None, None, num_events, schools, "none", reason)
        if schools < TOO_FEW_SCHOOLS:
            return Interval("cannot_tell", estimate, None, None, num_events, schools, "none", TOO_FEW)
        if is_count:
            bounds, method = exact_count(counts, events), "exact"
        elif is_share and statistic is ratio:
            bounds, method = exact_share(counts, events if pupils is None else pupils), "exact"
        elif is_share and estimate in (0.0, 1.0):
            bounds, method = exact(estimate, schools), "exact"
        else:
            bounds, method = resampled(counts, statistic, estimate, schools, draws, seed, is_share)
    if not bounds[1] - bounds[0] > SLACK:
        return Interval("cannot_tell", estimate, None, None, num_events, schools, "none", ALIKE)
    return Interval("estimated", estimate, *bounds, num_events, schools, method)


def resampled(
    counts: np.ndarray, statistic: Statistic, estimate: float, schools: float, draws: int, seed: int, is_share: bool
) -> tuple[tuple[float, float], str]:  # fmt: skip
    """The bootstrap's range, or the jackknife's where few schools have pupils with the outcome or move the figure."""
    degrees = min(schools - 1, freedom(without_each(counts, statistic, is_share)))
    if degrees < ENOUGH_SCHOOLS - 1:
        return jackknife(counts, statistic, estimate, degrees, is_share), "school_jackknife"
    drawn = statistic(school_weights(len(counts), draws, seed) @ counts)
    low, high = np.nanpercentile(drawn, (100 * (1 - LEVEL) / 2, 100 * (1 + LEVEL) / 2))
    return (float(low), float(high)), "school_bootstrap"


def freedom(moves: np.ndarray) -> float:
    """Degrees of freedom of a jackknife's variance: fewer where few schools move the figure; at least 1.

    Johnson and Rust (1992): Satterthwaite's, with a constant fitted to simulations so that normal moves of all
    schools alike give about as many as there are schools.

    Parameters
    ----------
    moves : numpy.ndarray of float, shape (S,)
        How the figure differs without each school.
    """
    squares = moves**2
    if not squares.any():
        return 1.0
    return max(float((3.16 - 2.77 / np.sqrt(len(moves))) * squares.sum() ** 2 / (squares**2).sum()), 1.0)


def without_each(counts: np.ndarray, statistic: Statistic, is_share: bool) -> np.ndarray:
    """How the statistic (a share: its log-odds) differs without each school, from their mean; shape (S,)."""
    counts = counts[counts.any(axis=1)]
    values = statistic(counts.sum(axis=0) - counts)
    if is_share:
        values = to_log_odds(np.clip(values, NEAREST, 1 - NEAREST))
    return np.nan_to_num(values - np.nanmean(values))


def jackknife(
    counts: np.ndarray, statistic: Statistic, estimate: float, degrees: float, is_share: bool
) -> tuple[float, float]:
    """Delete one school at a time; Student's t on so many degrees of freedom."""
    scale, back = (to_log_odds, from_log_odds) if is_share else (np.asarray, np.asarray)
    moves = without_each(counts, statistic, is_share)
    error = np.sqrt((len(moves) - 1) / len(moves) * (moves**2).sum())
    reach = stats.t.ppf((1 + LEVEL) / 2, degrees) * error
    middle = scale(np.array(estimate))
    return float(back(middle - reach)), float(back(middle + reach))


def exact_share(counts: np.ndarray, pupils: np.ndarray) -> tuple[float, float]:
    """The range of a share whose pupils (and all their dates) come in schools.

    Parameters
    ----------
    counts : numpy.ndarray of float, shape (S, 2)
        Numerator and denominator, which may count a pupil at several dates.
    pupils : numpy.ndarray of int, shape (S,)
        Distinct pupils in the denominator. Dates of one pupil count as one.
    """
    over, under = counts.T
    share, num = over.sum() / under.sum(), max(float(pupils.sum()), 1.0)
    dates = max(float(under.sum()) / num, SLACK)
    rho = between(over / dates, under / dates).mean
    effect = 1 - rho + rho * ((under / dates) ** 2).sum() / num
    low, high = share_range(np.array(share), num / widened(effect, effective_schools(under)))
    return float(low), float(high)


def exact_count(counts: np.ndarray, pupils: np.ndarray) -> tuple[float, float]:
    """The range of events over an expected number, where pupils (and all their dates) come in schools."""
    seen, expected = counts.T
    total = float(expected.sum())
    dates = max(float(seen.sum()) / max(float(pupils.sum()), 1.0), SLACK)
    rate, num = float(seen.sum()) / total, float(seen.sum()) / dates
    variation = between_counts(seen / dates, expected * rate / dates).weight @ VARIATION
    effect = widened(1 + variation * num * (expected**2).sum() / total**2, effective_schools(expected))
    low, high = (each * effect * dates / total for each in count_range(np.array(num) / effect))
    return float(low), float(high)


def exact(estimate: float, schools: float) -> tuple[float, float]:
    """Clopper and Pearson's range, as if each effective school were one pupil."""
    low, high = share_range(np.array(estimate), np.array(schools))
    return float(low), float(high)


def share_range(share: np.ndarray, num: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Clopper and Pearson's (1934) range of a share of so many independent pupils, who need not be whole.

    Parameters
    ----------
    share, num : numpy.ndarray of float64
        NaN where there is no share.
    """
    over, rest = share * num, (1 - share) * num
    tail = (1 - LEVEL) / 2
    low = np.where(over > SLACK, special.betaincinv(np.maximum(over, SLACK), rest + 1, tail), 0.0)
    high = np.where(rest > SLACK, special.betaincinv(over + 1, np.maximum(rest, SLACK), 1 - tail), 1.0)
    return low, high


def count_range(num: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Garwood's (1936) range of the mean of a count, which need not be whole."""
    tail = (1 - LEVEL) / 2
    low = np.where(num > SLACK, special.gammaincinv(np.maximum(num, SLACK), tail), 0.0)
    return low, special.gammaincinv(num + 1, 1 - tail)


def widened(effect: np.ndarray | float, schools: np.ndarray | float) -> np.ndarray:
    """A design effect, at least 1; its part beyond 1 widened by Student's t as it comes of so many schools.

    Korn and Graubard (1998), Confidence intervals for proportions with small expected number of positive
    counts estimated from survey data.
    """
    times = stats.t.ppf((1 + LEVEL) / 2, np.maximum(schools - 1, 1)) / stats.norm.ppf((1 + LEVEL) / 2)
    return 1 + np.maximum(effect - 1, 0) * times**2


def to_log_odds(share: np.ndarray) -> np.ndarray:
    return np.log(share) - np.log1p(-share)


def from_log_odds(value: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-value))


def ratio(sums: np.ndarray) -> np.ndarray:
    """The first sum over the second: a share, or observed over expected."""
    return sums[..., 0] / sums[..., 1]


def difference(sums: np.ndarray) -> np.ndarray:
    """The first sum less the second, over the third: a gain in recall on the same positives."""
    return (sums[..., 0] - sums[..., 1]) / sums[..., 2]


@dataclass(frozen=True)
class Clusters:
    """The schools of a test cohort, by which every figure's counts are summed.

    Attributes
    ----------
    code : numpy.ndarray of int, shape (n,)
        Index of each row's school, 0 to num - 1.
    num, draws, seed : int
    pupil : numpy.ndarray of int64, shape (n,)
    """

    code: np.ndarray
    num: int
    draws: int
    seed: int
    pupil: np.ndarray

    def sums(self, *columns: np.ndarray) -> np.ndarray:
        """Each column summed by school; shape (num, columns)."""
        return np.stack([np.bincount(self.code, column, self.num) for column in columns], axis=1)

    def events(self, is_event: np.ndarray) -> np.ndarray:
        """Distinct pupils with an event, by the school of their first one; int64, shape (num,)."""
        rows = np.flatnonzero(is_event)
        first = rows[np.unique(self.pupil[rows], return_index=True)[1]]
        return np.bincount(self.code[first], minlength=self.num)

    def interval(
        self,
        statistic: Statistic,
        columns: tuple[np.ndarray, ...],
        is_event: np.ndarray,
        is_share: bool = True,
        is_count: bool = False,
    ) -> Interval:
        """The interval of a statistic of summed columns, each of shape (n,).

        A `ratio` that is a share is one of the distinct pupils in its last column.
        """
        pupils = self.events(columns[-1] > 0) if is_share and statistic is ratio else None
        return interval(
            self.sums(*columns),
            statistic,
            self.events(is_event),
            self.draws,
            self.seed,
            is_share,
            pupils,
            is_count,
        )


def clusters(cluster: np.ndarray, pupil: np.ndarray, draws: int, seed: int) -> Clusters:
    """Index the schools of a cohort."""
    names, code = np.unique(cluster, return_inverse=True)
    return Clusters(code, len(names), draws, seed, pupil)
