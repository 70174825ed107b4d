"""When a change is more than chance and more than what years differ by: one rule for every share, one for every distribution.

A figure of today is held beside the same figure at the same point of earlier years. It is outside its limits
only where it lies beyond all of them by more than

1. chance would: `FALSE_ALARMS` is the probability that a run in which nothing changed raises one alarm of a
   kind, shared over the comparisons of that kind (Bonferroni), so each has a wide limit where pupils are few;
2. ordinary years differ by: odds that change by `TIMES`; between distributions a distance of `DISTANCE`, or
   `TIMES_APART` times as far as the earlier years lie from each other.

Errors count pupils, not marks: a pupil's marks go together. Schools are the same ones in both years, so what
lasts about a school cancels; a figure that is one and the same for a whole school counts schools.
Evidently was tried and does not import beside pandas 3.1 (it needs a removed internal), hence scipy.stats.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special, stats

FALSE_ALARMS = 0.01
TIMES, TIMES_AT_SCHOOL = 2.5, 4.0
DISTANCE, TIMES_APART = 0.15, 1.5
FEWEST = 30  # units below which a share is not judged
WITHIN, OUTSIDE, CANNOT_TELL = "within", "outside", "cannot_tell"
NO_EARLIER = "no earlier year holds this half-term with this figure"
TOO_FEW = f"fewer than {FEWEST} to take a share of"


@dataclass(frozen=True)
class Share:
    """A share with its standard error.

    Attributes
    ----------
    hits, of : float
    error : float
        Never 0: at least one unit of `of`, so that none and all are not held for certain.
    """

    hits: float
    of: float
    error: float

    @property
    def value(self) -> float:
        return self.hits / self.of if self.of else 0.0


def share(hits: np.ndarray, of: np.ndarray, inflate: float = 1.0) -> Share:
    """A share of sums over units that are independent of each other (pupils).

    Parameters
    ----------
    hits, of : numpy.ndarray of float, shape (n,)
        What each unit adds above and below the line.
    inflate : float
        Design effect of units that go together, by which the variance is multiplied.
    """
    total = float(of.sum())
    if not total:
        return Share(0.0, 0.0, np.inf)
    value = float(hits.sum()) / total
    error = np.sqrt(inflate * ((hits - value * of) ** 2).sum()) / total
    return Share(float(hits.sum()), total, float(max(error, 1 / total)))


def design_effect(values: np.ndarray, school: np.ndarray) -> float:
    """How many times as uncertain a mean is for pupils of the same schools resembling each other; 1 or more.

    From the intraclass correlation by one-way analysis of variance (Kish 1965, Survey Sampling).
    """
    code, sizes = np.unique(school, return_inverse=True, return_counts=True)[1:]
    num, schools = len(values), len(sizes)
    if schools < 2 or num <= schools:
        return 1.0
    means = np.bincount(code, values) / sizes
    between = (sizes * (means - values.mean()) ** 2).sum() / (schools - 1)
    within = ((values - means[code]) ** 2).sum() / (num - schools)
    size = (num - (sizes**2).sum() / num) / (schools - 1)
    spread = between + (size - 1) * within
    alike = float(np.clip((between - within) / spread, 0.0, 1.0)) if spread > 0 else 0.0
    return 1.0 + (float((sizes**2).sum() / num) - 1.0) * alike


def judge_share(now: Share, earlier: Sequence[Share], num: int, times: float = TIMES) -> dict[str, Any]:
    """A share beside those of earlier years.

    Parameters
    ----------
    num : int
        How many comparisons of this kind the run makes.
    times : float
        Factor by which odds may lie beyond every earlier year's.

    Returns
    -------
    dict
        status, now, of, earlier (their shares), low, high, reason; limits are None where it cannot be told.
    """
    held = [each for each in earlier if each.of >= FEWEST]
    told = {
        "now": rounded(now.value) if now.of else None,
        "of": round(now.of),
        "earlier": [rounded(each.value) for each in held],
    }
    if not held or now.of < FEWEST:
        is_few = now.of < FEWEST
        return untold(now.of, TOO_FEW if is_few else NO_EARLIER) | ({} if is_few else told)
    z = float(stats.norm.isf(FALSE_ALARMS / (2 * max(num, 1))))
    reach = [z * np.hypot(now.error, each.error) for each in held]
    low = min(
        min(at_odds(each.value, 1 / times), each.value - by) for each, by in zip(held, reach, strict=True)
    )
    high = max(max(at_odds(each.value, times), each.value + by) for each, by in zip(held, reach, strict=True))
    status = WITHIN if low <= now.value <= high else OUTSIDE
    return {
        "status": status,
        **told,
        "low": rounded(max(low, 0.0)),
        "high": rounded(min(high, 1.0)),
        "reason": "",
    }


def at_odds(value: float, times: float) -> float:
    """The share whose odds are `times` those of a share."""
    return value * times / (1 - value + value * times)


def judge_distance(
    now: np.ndarray, earlier: Sequence[np.ndarray], num: int, inflate: float = 1.0
) -> dict[str, Any]:
    """How far a distribution lies from earlier years' (Kolmogorov and Smirnov's distance), beside its limit.

    The limit is the greatest of `DISTANCE`, what chance reaches at these numbers, and `TIMES_APART` times the
    greatest distance of an earlier year from the others.

    Parameters
    ----------
    now, earlier : numpy.ndarray of float
        Values without missing ones.
    inflate : float
        Design effect, by which numbers are divided.

    Returns
    -------
    dict
        status, now (the distance), of, earlier (the earlier years' own distances), high, reason.
    """
    held = [each for each in earlier if len(each) >= FEWEST]
    if not held or len(now) < FEWEST:
        return untold(len(now), TOO_FEW if len(now) < FEWEST else NO_EARLIER)
    rest = np.concatenate(held)
    found = distance(now, rest)
    apart = [
        distance(each, np.concatenate([other for other in held if other is not each]))
        for each in held
        if len(held) > 1
    ]
    sizes = (len(now) / inflate, len(rest) / inflate)
    chance = float(special.kolmogi(FALSE_ALARMS / max(num, 1))) * np.sqrt(1 / sizes[0] + 1 / sizes[1])
    high = max(DISTANCE, chance, *(TIMES_APART * each for each in apart))
    return {
        "status": OUTSIDE if found > high else WITHIN, "now": rounded(found), "of": len(now),
        "earlier": [rounded(each) for each in apart], "low": 0.0, "high": rounded(min(high, 1.0)), "reason": "",
    }  # fmt: skip


def untold(of: float, reason: str) -> dict[str, Any]:
    """What cannot be told, and why."""
    nothing: dict[str, Any] = {"now": None, "of": round(of), "earlier": [], "low": None, "high": None}
    return {"status": CANNOT_TELL, **nothing, "reason": reason}


def distance(one: np.ndarray, other: np.ndarray) -> float:
    return float(stats.ks_2samp(one, other, method="asymp").statistic)


def rounded(value: float) -> float:
    return round(float(value), 6)
