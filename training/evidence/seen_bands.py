"""What was seen in a few shared bands of the estimate: all that a card says in place of a number.

The bands are cut by the estimates alone: half of all outcomes expected lie in the lowest, half of the rest in the one above it, and
so on, so that the few children with the highest estimates are told apart, and each band has outcomes to be counted. What was then
seen only merges bands: one that holds too few with its neighbour, and two of which the higher saw no more often with one another.

A child counts once in a band, from the first test date on which the estimate fell in it. Of a child's dates none is then chosen by
what came after: whoever leaves the roll with the outcome has fewer dates, and would weigh otherwise by how early it came.
"""

from dataclasses import dataclass
from math import ceil, floor
from typing import Any

import numpy as np

from models.disclosure import disclose
from training.evidence.test_cohort import TestCohort
from training.intervals import SLACK, Clusters, Interval, ratio

CUTS = (1 / 2, 3 / 4, 7 / 8)  # shares of the outcomes expected that lie below each edge
# The least that a band holds. It is said as "of every 100", so it rests on 100 children; and with 20 of the rarer kind the range
# of a share reaches about half as far again to either side, and no count is so small that it may not leave.
FEWEST_CHILDREN = 100
FEWEST_RARER = 20
DIGITS = 6  # of an edge


@dataclass(frozen=True)
class Seen:
    """What was seen of the children of one band, exactly.

    Attributes
    ----------
    low : float
        The least estimate of the band.
    num, num_with : int
        Distinct children, and those of them with the outcome.
    share : Interval
    """

    low: float
    num: int
    num_with: int
    share: Interval

    @property
    def lacking(self) -> str:
        """Why it cannot be told; empty where it can."""
        if self.num < FEWEST_CHILDREN:
            return f"{self.num} children were in it, {FEWEST_CHILDREN} are needed"
        for kind, num in (("with", self.num_with), ("without", self.num - self.num_with)):
            if num < FEWEST_RARER:
                return f"{num} children {kind} the outcome were in it, {FEWEST_RARER} are needed"
        return self.share.reason


def seen_bands(cohort: TestCohort) -> dict[str, Any]:
    """The bands of a test cohort as facts; judged, as calibration is, on everyone assessed with an outcome seen.

    Returns
    -------
    dict
        Of `models.facts.evidence.SeenBands`. Where everyone together is too few there is one band, which cannot be told.
    """
    panel = cohort.panel
    rows = np.flatnonzero(panel.can_train)
    rows = rows[np.argsort(panel.moment[rows], kind="stable")]
    whole = cohort.clusters
    clusters = Clusters(whole.code[rows], whole.num, whole.draws, whole.seed, whole.pupil[rows])
    found = merged(cohort.estimate[rows], cohort.is_positive[rows], clusters)
    return {"fewest_children": FEWEST_CHILDREN, "fewest_rarer": FEWEST_RARER, "bands": facts_of(found)}


def merged(estimate: np.ndarray, is_positive: np.ndarray, clusters: Clusters) -> list[Seen]:
    """Bands that each hold enough, of rising shares; one that lacks where even everyone is too few.

    Parameters
    ----------
    estimate : numpy.ndarray of float64, shape (n,)
        In order of date: of a child's rows in a band the first counts.
    is_positive : numpy.ndarray of bool, shape (n,)
    clusters : Clusters
        Of the same rows.
    """
    edges = [0.0, *edges_of(estimate)]
    while True:
        at = np.searchsorted(edges[1:], estimate, side="right")
        found = [seen(edges[number], at == number, is_positive, clusters) for number in range(len(edges))]
        together = next((each for each in reversed(range(len(found))) if found[each].lacking), None)
        if together is None:
            together = next(
                (high for high in range(1, len(found)) if not rises(found[high - 1], found[high])), None
            )
        if together is None or len(edges) == 1:
            return found
        del edges[max(together, 1)]


def edges_of(estimate: np.ndarray) -> list[float]:
    """Estimates at which `CUTS` of the outcomes expected lie below; fewer where many estimates are alike."""
    order = np.sort(estimate)
    if not len(order) or not order[-1] > 0:
        return []
    running = np.cumsum(order)
    at = np.searchsorted(running, np.array(CUTS) * running[-1])
    return sorted({edge for edge in np.round(order[at], DIGITS).tolist() if edge > 0})


def seen(low: float, is_here: np.ndarray, is_positive: np.ndarray, clusters: Clusters) -> Seen:
    """The children of one band, each at the first of their rows in it."""
    rows = np.flatnonzero(is_here)
    first = np.zeros(len(is_here), dtype=bool)
    first[rows[np.unique(clusters.pupil[rows], return_index=True)[1]]] = True
    positive = first & is_positive
    share = clusters.interval(ratio, (positive.astype(float), first.astype(float)), positive)
    return Seen(low, int(first.sum()), int(positive.sum()), share)


def rises(below: Seen, above: Seen) -> bool:
    """Whether the outcome was seen more often in the higher of two bands."""
    return above.num_with * below.num > below.num_with * above.num


def facts_of(found: list[Seen]) -> list[dict[str, Any]]:
    """Bands as they may be shown: counts moved and rounded, the share made from those, the range to whole hundredths outwards."""
    told = disclose({
        f"{number}/{kind}": count
        for number, each in enumerate(found)
        for kind, count in (("with", each.num_with), ("without", each.num - each.num_with))
    })  # fmt: skip
    ends = [*(each.low for each in found[1:]), None]
    return [
        {
            **figure_of(each, told.counts[f"{number}/with"], told.counts[f"{number}/without"]),
            "from_estimate": each.low,
            "below_estimate": end,
        }
        for number, (each, end) in enumerate(zip(found, ends, strict=True))
    ]


def figure_of(each: Seen, num_with: int | None, num_without: int | None) -> dict[str, Any]:
    """The share of one band from the counts shown; without a figure where it lacks something."""
    if (
        each.lacking
        or num_with is None
        or num_without is None
        or each.share.low is None
        or each.share.high is None
    ):
        untold = dict.fromkeys(("estimate", "low", "high", "num_children", "num_with_outcome"))
        return {"status": "cannot_tell", **untold, "reason": each.lacking}
    num = num_with + num_without
    share = num_with / num
    return {
        "status": "estimated",
        "estimate": round(share, 4),
        "low": min(floor(100 * each.share.low + SLACK), floor(100 * share)) / 100,
        "high": max(ceil(100 * each.share.high - SLACK), ceil(100 * share)) / 100,
        "reason": "",
        "num_children": num,
        "num_with_outcome": num_with,
    }
