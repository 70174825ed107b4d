"""How far schools lie apart beyond the luck of their few pupils: the intraclass correlation, and how unsure it is.

With few schools or few events the correlation is known badly, and a single best value (often 0) makes every range
too narrow. So it is kept as a distribution over a grid: the beta-binomial likelihood of the schools' counts, with
the restricted-likelihood term for the rate that was estimated with it, times a prior that favours small values.

References
----------
Williams (1975), The analysis of binary responses from toxicological experiments involving reproduction and
teratogenicity: the beta-binomial model.
Eldridge, Ukoumunne and Carlin (2009), The intra-cluster correlation coefficient in cluster randomized trials.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

GRID = np.concatenate([[0.0], np.geomspace(1e-4, 0.6, 31)])
PRIOR = 9.0  # density (1 - correlation) ** PRIOR: between schools, .1 is large and .3 is rare
VARIATION = GRID / (1 - GRID)  # the same grid for counts: squared variation of schools' ratios
_WIDTH = np.gradient(GRID)


@dataclass(frozen=True)
class Between:
    """What is known of the correlation of two pupils of one school.

    Attributes
    ----------
    weight : numpy.ndarray of float64, shape (len(GRID),)
        The chance of each value of `GRID`; sums to 1.
    """

    weight: np.ndarray

    @property
    def mean(self) -> float:
        return float(self.weight @ GRID)

    def drawn(self, rng: np.random.Generator, draws: int) -> np.ndarray:
        """Values drawn from the distribution; float64, shape (draws,)."""
        return rng.choice(GRID, draws, p=self.weight)


def between(over: np.ndarray, under: np.ndarray) -> Between:
    """The correlation within schools, from each school's share.

    Parameters
    ----------
    over, under : numpy.ndarray of float64, shape (S,)
        Events and pupils of each school, as numbers of independent pupils (they need not be whole).
        Schools with nobody add nothing; without any event, or with nothing else, only the prior is left.
    """
    num, rate = under.sum(), over.sum() / max(under.sum(), 1e-12)
    if not 0 < rate < 1:
        return _posterior(np.zeros(len(GRID)))
    over, under = over[under > 0], under[under > 0]
    rho = GRID[1:, None]
    yes, no = rate * (1 - rho) / rho, (1 - rate) * (1 - rho) / rho
    apart = (special.betaln(over + yes, under - over + no) - special.betaln(yes, no)).sum(axis=1)
    together = over.sum() * np.log(rate) + (under - over).sum() * np.log1p(-rate)
    log = np.concatenate([[together], apart])
    return _posterior(log + 0.5 * np.log((1 - GRID) * num + GRID * (under**2).sum()))


def between_counts(seen: np.ndarray, expected: np.ndarray) -> Between:
    """The same for events beside an expected number: negative binomial, with `VARIATION` for its grid.

    Parameters
    ----------
    seen, expected : numpy.ndarray of float64, shape (S,)
        Events of each school and how many there would be at everyone's ratio; the sums are equal.
    """
    if not seen.sum() > 0:
        return _posterior(np.zeros(len(GRID)))
    seen, expected = seen[expected > 0], expected[expected > 0]
    size = 1 / VARIATION[1:, None]
    apart = special.gammaln(seen + size) - special.gammaln(size)
    apart = (
        apart + special.xlogy(seen, expected / (size + expected)) - size * np.log1p(expected / size)
    ).sum(axis=1)
    together = special.xlogy(seen, expected).sum() - expected.sum()
    log = np.concatenate([[together], apart])
    return _posterior(log + 0.5 * np.log(expected.sum() + VARIATION * (expected**2).sum()))


def _posterior(log: np.ndarray) -> Between:
    weight = _WIDTH * (1 - GRID) ** PRIOR * np.exp(log - log.max())
    return Between(weight / weight.sum())
