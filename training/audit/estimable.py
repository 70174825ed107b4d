"""Whether a rate of a group can be told, and with what range; if not, why, and what would tell."""

from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np

from training.audit.rates import Rate, counted, distinct, events_by_school
from training.audit.scored import COUNTS, Attribute, Scored
from training.intervals import Interval, interval, ratio, school_weights

FEWEST = 10  # distinct pupils of each kind that a rate rests on
NOBODY = "nobody is in this group"
NO_ESTIMATES = "no estimates were given"


@dataclass(frozen=True)
class Sums:
    """The counts of one attribute, as they are and as schools were resampled.

    Attributes
    ----------
    attribute : Attribute
    by_school : numpy.ndarray of float64, shape (S, G, C)
    drawn : numpy.ndarray of float64, shape (draws, G, C)
    pupils : dict of str to numpy.ndarray of int64, shape (G,)
        Distinct pupils of each kind.
    events : numpy.ndarray of int64, shape (S, G)
        Distinct pupils with the outcome.
    """

    attribute: Attribute
    by_school: np.ndarray
    drawn: np.ndarray
    pupils: dict[str, np.ndarray]
    events: np.ndarray

    def resting_on(self, rate: Rate, group: int) -> np.ndarray:
        """Whose spread over schools the rate rests on; int64, shape (S,)."""
        if rate.rests_on == "positive":
            return self.events[:, group]
        at = {"any": "num", "listed": "listed", "negative": "negatives"}[rate.rests_on]
        return np.ceil(self.by_school[:, group, COUNTS.index(at)]).astype(np.int64)


def sums_of(scored: Scored, attribute: Attribute) -> Sums:
    """Count an attribute's groups by school, once and resampled."""
    by_school = counted(scored, attribute)
    schools = scored.clusters
    weights = school_weights(schools.num, schools.draws, schools.seed).astype(np.float64)
    drawn = (weights @ by_school.reshape(schools.num, -1)).reshape(schools.draws, *by_school.shape[1:])
    return Sums(attribute, by_school, drawn, distinct(scored, attribute), events_by_school(scored, attribute))


def rate_of(
    scored: Scored, sums: Sums, group: int, rate: Rate, found: dict[str, int], point: float, fewest: int
) -> dict[str, Any]:
    """A rate with its interval where there are enough pupils, else why not and what would tell."""
    facts = {"status": "cannot_tell", "estimate": None, "low": None, "high": None, "reason": ""}
    lacking = [(kind, found[kind]) for kind in rate.needs if found[kind] < fewest]
    if found["any"] == 0:
        return facts | {"reason": NOBODY, "years_needed": None}
    if (
        rate.name == "observed_over_expected"
        and sums.by_school[:, group, COUNTS.index("expected")].sum() == 0
    ):
        return facts | {"reason": NO_ESTIMATES, "years_needed": None}
    if lacking:
        return facts | {
            "reason": too_few(lacking, fewest),
            "years_needed": years_needed(lacking, scored.years, fewest),
        }
    told = interval(
        rate.parts(sums.by_school[:, group]), ratio, sums.resting_on(rate, group), scored.clusters.draws,
        scored.clusters.seed, rate.is_share, rate.parts(sums.drawn[:, group]),
    )  # fmt: skip
    return stated(told, point) | {"years_needed": None}


def stated(told: Interval, point: float | None = None) -> dict[str, Any]:
    """An interval as the audit's facts; with a point from elsewhere in place of its own."""
    estimate = told.estimate if point is None or np.isnan(point) else float(point)
    facts: dict[str, Any] = {
        "status": "cannot_tell",
        "estimate": None if estimate is None else round(estimate, 6),
        "low": None,
        "high": None,
        "reason": told.reason or "the schools in it are too alike or too few to say",
    }
    if told.low is None or told.high is None or not np.isfinite([told.low, told.high]).all():
        return facts
    bounds = {"low": round(float(told.low), 6), "high": round(float(told.high), 6)}
    return facts | bounds | {"status": "estimated", "reason": ""}


def too_few(lacking: list[tuple[str, int]], fewest: int) -> str:
    """Why a rate cannot be told, in words."""
    words = {
        "positive": "with the outcome", "negative": "without the outcome", "listed": "listed", "unlisted": "not listed", "any": "in it",
    }  # fmt: skip
    return "; ".join(
        f"{number} pupil{'' if number == 1 else 's'} {words[kind]}, {fewest} are needed"
        for kind, number in lacking
    )


def years_needed(lacking: list[tuple[str, int]], years: float, fewest: int) -> int | None:
    """Years of data after which there would be enough, at this group's own pace; None where nobody tells."""
    if not years or any(number == 0 for _, number in lacking):
        return None
    return max(ceil(fewest / number * years) for _, number in lacking)
