"""Whether a rate of a group can be told, and with what range; if not, why, and what would tell."""

from dataclasses import dataclass
from functools import cached_property
from math import ceil
from typing import Any

import numpy as np

from models.audit_rates import BY_NAME, COUNTS, Rate
from training.audit.counting import counted, distinct, events_by_school
from training.audit.gaps import Compared
from training.audit.scored import Attribute, Scored
from training.audit.units import Units, units
from training.intervals import (
    NOTHING_BELOW,
    SLACK,
    TOO_FEW,
    TOO_FEW_SCHOOLS,
    count_range,
    effective_schools,
    share_range,
    widened,
)

FEWEST = 10  # distinct pupils of each kind that a rate rests on
FEWEST_RARER = (
    3.0  # of the rarer kind, seen or to be expected: else none is seen by luck more often than 1 time in 20
)
WHOLE = 1 - 1e-12  # the share of a group that is everyone
NOBODY = "nobody is in this group"
NO_ESTIMATES = "no estimates were given"


class Pool(dict[str, Units]):
    """The pupils that each rate of a list is taken of, by its name; made when first asked for."""

    def __init__(self, scored: Scored) -> None:
        super().__init__()
        self.scored = scored

    def __missing__(self, name: str) -> Units:
        self[name] = units(self.scored, BY_NAME[name])
        return self[name]


@dataclass(frozen=True)
class Sums:
    """The counts of one attribute, and what chance makes of them.

    Attributes
    ----------
    attribute : Attribute
    by_school : numpy.ndarray of float64, shape (S, G, C)
    pupils : dict of str to numpy.ndarray of int64, shape (G,)
        Distinct pupils of each kind.
    events : numpy.ndarray of int64, shape (S, G)
        Distinct pupils with the outcome.
    pool : Pool
    """

    attribute: Attribute
    by_school: np.ndarray
    pupils: dict[str, np.ndarray]
    events: np.ndarray
    pool: Pool

    @cached_property
    def against(self) -> "Against":
        """Each rate's groups against everyone, by its name."""
        return Against(self)

    def resting_on(self, rate: Rate, group: int) -> np.ndarray:
        """Whose spread over schools the rate rests on; int64, shape (S,)."""
        if rate.rests_on == "positive":
            return self.events[:, group]
        at = {"any": "num", "listed": "listed", "negative": "negatives"}[rate.rests_on]
        return np.ceil(self.by_school[:, group, COUNTS.index(at)]).astype(np.int64)


class Against(dict[str, Compared]):
    """An attribute's groups against everyone, by the name of the rate; made when first asked for."""

    def __init__(self, sums: Sums) -> None:
        super().__init__()
        self.sums, self.ranges = sums, Ranges(self)

    def __missing__(self, name: str) -> Compared:
        self[name] = Compared(self.sums.pool[name], self.sums.attribute)
        return self[name]


class Ranges(dict[str, tuple[np.ndarray, np.ndarray]]):
    """Low and high of every group's rate, by the name of the rate; made when first asked for."""

    def __init__(self, against: Against) -> None:
        super().__init__()
        self.against = against

    def __missing__(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        self[name] = ranges(self.against[name])
        return self[name]


def ranges(compared: Compared) -> tuple[np.ndarray, np.ndarray]:
    """Low and high of each group's rate; float64, each of shape (G,), NaN where nobody is there.

    Clopper and Pearson's range (Garwood's, for events beside an expected number) of as many independent pupils
    as the group is worth: fewer than it has, where pupils of one school are alike. How alike is taken
    from everyone, as a small group says nothing of it. Korn and Graubard (1998).
    """
    pupils, size = compared.units, np.maximum(compared.size, 1e-12)
    own, shared = pupils.own_and_shared
    together = (compared.by_school**2).sum(axis=0)
    schools = compared.size**2 / np.maximum(together, 1e-12)
    with np.errstate(invalid="ignore"):
        if pupils.is_share:
            effect = (own * compared.square + shared * together) / size**2 * compared.num
            low, high = share_range(compared.rate, compared.num / widened(effect, schools))
        else:
            events = np.maximum(compared.seen, compared.expected)
            variation = shared / max(pupils.rate, 1e-12)
            effect = widened(own + variation * events * together / size**2, schools)
            low, high = (each * effect / size for each in count_range(compared.seen / effect))
    is_there = compared.size > 0
    return np.where(is_there, low, np.nan), np.where(is_there, high, np.nan)


def sums_of(scored: Scored, attribute: Attribute, pool: Pool | None = None) -> Sums:
    """Count an attribute's groups by school."""
    return Sums(
        attribute, counted(scored, attribute), distinct(scored, attribute), events_by_school(scored, attribute),
        Pool(scored) if pool is None else pool,
    )  # fmt: skip


def rate_of(
    scored: Scored, sums: Sums, group: int, rate: Rate, found: dict[str, int], point: float, fewest: int
) -> dict[str, Any]:
    """A rate with its interval where there are enough pupils, else why not and what would tell."""
    facts: dict[str, Any] = {
        "status": "cannot_tell",
        "estimate": None,
        "low": None,
        "high": None,
        "reason": "",
    }
    lacking = [(kind, found[kind]) for kind in rate.needs if found[kind] < fewest]
    if found["any"] == 0:
        return facts | {"reason": NOBODY, "years_needed": None}
    if reason := sums.attribute.broken.get(sums.attribute.groups[group]):
        return facts | {"reason": reason, "years_needed": None}
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
    compared = sums.against[rate.name]
    if not compared.size[group] > 0:
        return facts | {"reason": NOTHING_BELOW, "years_needed": None}
    rarer = float(compared.rarer_pupils[group])
    is_part = bool(compared.share[group] < WHOLE) and 0 < compared.units.rate < 1
    if rate.is_share and is_part and rarer < FEWEST_RARER - SLACK:
        years = ceil(FEWEST_RARER / rarer * scored.years) if scored.years and rarer > 0 else None
        return facts | {"reason": too_rare(rate, compared, rarer), "years_needed": years}
    facts |= {"years_needed": None}
    if effective_schools(sums.resting_on(rate, group)) < TOO_FEW_SCHOOLS:
        return facts | {"reason": TOO_FEW}
    estimate = float(compared.rate[group]) if np.isnan(point) else float(point)
    return facts | {"estimate": round(estimate, 6)} | bounded(sums.against.ranges[rate.name], group)


def too_rare(rate: Rate, compared: Compared, rarer: float) -> str:
    """Why a rate whose rarer kind is hardly there cannot be told, in words."""
    kind = rate.kinds[1 if compared.units.is_flipped else 0]
    return f"about {rarer:.1f} pupils {kind} are to be expected, {FEWEST_RARER:g} are needed"


def bounded(ends: tuple[np.ndarray, np.ndarray], group: int) -> dict[str, Any]:
    """The range of one group as facts."""
    low, high = (round(float(each[group]), 6) for each in ends)
    return {"status": "estimated", "low": low, "high": high, "reason": ""}


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
