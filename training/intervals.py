"""How sure a figure is, when pupils come in schools.

Schools are resampled whole, with all their pupils and dates, from counts; the list is held fixed.
With few schools, or events concentrated in few, resampling is too sure of itself: a delete-one-school
jackknife with Student's t takes its place, and with very few nothing is said.

References
----------
Cameron, Gelbach and Miller (2008), Bootstrap-based improvements for inference with clustered errors.
Efron and Stein (1981), The jackknife estimate of variance.
Carter, Schnepel and Steigerwald (2017), Asymptotic behavior of a t-test robust to cluster
heterogeneity: the effective number of clusters.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from scipy import stats

ENOUGH_SCHOOLS = 30
TOO_FEW_SCHOOLS = 6
LEVEL = 0.95
TOO_FEW = "too few schools to say"
NO_EVENTS = "no pupil had the outcome"
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
        Distinct pupils with the outcome, by school.
    """
    total = events.sum()
    return float(total**2 / (events.astype(float) ** 2).sum()) if total else 0.0


@lru_cache(maxsize=8)
def school_weights(num: int, draws: int, seed: int) -> np.ndarray:
    """How often each school is drawn; int64, shape (draws, num). Each row sums to `num`."""
    return np.random.default_rng([seed, num]).multinomial(num, np.full(num, 1.0 / num), size=draws)


def interval(
    counts: np.ndarray, statistic: Statistic, events: np.ndarray, draws: int, seed: int, is_share: bool = True,
    drawn: np.ndarray | None = None,
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
        The statistic lies in [0, 1]: the jackknife works on its log-odds. Otherwise on the statistic.
    drawn : numpy.ndarray of float, shape (draws, C), optional
        The sums of the resampled schools, where they were drawn for many statistics at once.
    """
    num_events, schools = int(events.sum()), effective_schools(events)
    with np.errstate(invalid="ignore", divide="ignore"):
        estimate = float(statistic(counts.sum(axis=0)))
        if num_events == 0 or not np.isfinite(estimate):
            reason = NOTHING_BELOW if num_events else NO_EVENTS
            return Interval("cannot_tell", None, None, None, num_events, schools, "none", reason)
        if schools < TOO_FEW_SCHOOLS:
            return Interval("cannot_tell", estimate, None, None, num_events, schools, "none", TOO_FEW)
        if is_share and estimate in (0.0, 1.0):
            return Interval("estimated", estimate, *exact(estimate, schools), num_events, schools, "exact")
        if schools < ENOUGH_SCHOOLS:
            low, high = jackknife(counts, statistic, estimate, schools, is_share)
            return Interval("estimated", estimate, low, high, num_events, schools, "school_jackknife")
        drawn = school_weights(len(counts), draws, seed) @ counts if drawn is None else drawn
        low, high = np.nanpercentile(statistic(drawn), (100 * (1 - LEVEL) / 2, 100 * (1 + LEVEL) / 2))
    return Interval("estimated", estimate, float(low), float(high), num_events, schools, "school_bootstrap")


def jackknife(
    counts: np.ndarray, statistic: Statistic, estimate: float, schools: float, is_share: bool
) -> tuple[float, float]:
    """Delete one school at a time; Student's t on the effective number of schools less one."""
    counts = counts[counts.any(axis=1)]
    without = statistic(counts.sum(axis=0) - counts)
    scale, back = (to_log_odds, from_log_odds) if is_share else (np.asarray, np.asarray)
    values = scale(without)
    values = values[np.isfinite(values)]
    error = np.sqrt((len(values) - 1) / len(values) * ((values - values.mean()) ** 2).sum())
    reach = stats.t.ppf((1 + LEVEL) / 2, schools - 1) * error
    middle = scale(np.array(estimate))
    return float(back(middle - reach)), float(back(middle + reach))


def exact(estimate: float, schools: float) -> tuple[float, float]:
    """Clopper and Pearson's bound for none or all, as if each effective school were one pupil."""
    bound = ((1 - LEVEL) / 2) ** (1 / schools)
    return (0.0, 1 - bound) if estimate == 0 else (bound, 1.0)


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
    ) -> Interval:
        """The interval of a statistic of summed columns, each of shape (n,)."""
        return interval(
            self.sums(*columns), statistic, self.events(is_event), self.draws, self.seed, is_share
        )


def clusters(cluster: np.ndarray, pupil: np.ndarray, draws: int, seed: int) -> Clusters:
    """Index the schools of a cohort."""
    names, code = np.unique(cluster, return_inverse=True)
    return Clusters(code, len(names), draws, seed, pupil)
