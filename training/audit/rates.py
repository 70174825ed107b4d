"""The rates of an audit: each a share of counts, with what 0 and 1 mean and what it needs to exist."""

from dataclasses import dataclass

import numpy as np

from training.audit.scored import COUNTS, Attribute, Scored

NUM, POSITIVES, NEGATIVES, LISTED, FOUND, NEEDLESS, EXPECTED, OBSERVED = range(len(COUNTS))


@dataclass(frozen=True)
class Rate:
    """A rate as the ratio of two sums of counts.

    Attributes
    ----------
    over, under : tuple of (index into COUNTS, weight)
        Numerator and denominator.
    needs : tuple of str
        Kinds of distinct pupils of whom there must be enough: positive, negative, listed, unlisted, any.
    rests_on : str
        The kind whose spread over schools says how many schools the rate counts as.
    is_share : bool
        Lies in [0, 1].
    kinds : tuple of str
        Who is in the numerator, and who in the rest of the denominator, as said after "pupils".
    sentence : str
        What it is, and what 0 and 1 mean.
    """

    name: str
    over: tuple[tuple[int, float], ...]
    under: tuple[tuple[int, float], ...]
    needs: tuple[str, ...]
    rests_on: str
    is_share: bool
    kinds: tuple[str, str]
    sentence: str

    def parts(self, counts: np.ndarray) -> np.ndarray:
        """Numerator and denominator; shape (..., 2) from counts of shape (..., C)."""
        return np.stack(
            [sum(weight * counts[..., at] for at, weight in side) for side in (self.over, self.under)],
            axis=-1,
        )


BOTH = ("positive", "negative")
RATES = (
    Rate(
        "recall", ((FOUND, 1),), ((POSITIVES, 1),), BOTH, "positive", True,
        ("with the outcome and a place", "with the outcome and no place"),
        "Of those followed by the outcome, the share who had a place. 1: nobody was missed.",
    ),
    Rate(
        "false_negative_rate", ((POSITIVES, 1), (FOUND, -1)), ((POSITIVES, 1),), BOTH, "positive", True,
        ("with the outcome and no place", "with the outcome and a place"),
        "Of those followed by the outcome, the share who were missed. 0: nobody was missed.",
    ),
    Rate(
        "false_omission_rate", ((POSITIVES, 1), (FOUND, -1)),
        ((POSITIVES, 1), (NEGATIVES, 1), (FOUND, -1), (NEEDLESS, -1)), (*BOTH, "unlisted"), "positive", True,
        ("with the outcome and no place", "with neither the outcome nor a place"),
        "Of those without a place, the share followed by the outcome. 0: nobody was missed.",
    ),
    Rate(
        "selection_rate", ((LISTED, 1),), ((NUM, 1),), ("any",), "any", True,
        ("with a place", "without a place"),
        "Of everyone, the share who had a place.",
    ),
    Rate(
        "precision", ((FOUND, 1),), ((FOUND, 1), (NEEDLESS, 1)), (*BOTH, "listed"), "listed", True,
        ("with a place and the outcome", "with a place and without the outcome"),
        "Of the places, the share given to those followed by the outcome. 1: nobody was listed without need.",
    ),
    Rate(
        "false_positive_rate", ((NEEDLESS, 1),), ((NEGATIVES, 1),), BOTH, "negative", True,
        ("with a place and without the outcome", "with neither the outcome nor a place"),
        "Of those not followed by the outcome, the share who had a place. 0: nobody was listed without need.",
    ),
    Rate(
        "observed_over_expected", ((OBSERVED, 1),), ((EXPECTED, 1),), BOTH, "positive", False,
        ("with the outcome", ""),
        "Outcomes seen for each one estimated. Above 1: the estimates were too low for this group.",
    ),
)  # fmt: skip
HARM = {
    "recall": -1,
    "false_omission_rate": 1,
    "false_positive_rate": 1,
}  # missed, missed, and listed without need
TESTED = tuple(HARM)
POOLED = ("recall", "false_omission_rate")
BY_NAME = {rate.name: rate for rate in RATES}


def counted(scored: Scored, attribute: Attribute) -> np.ndarray:
    """The counts by school and group; shape (S, G, C)."""
    num = len(attribute.groups)
    key = scored.clusters.code * num + attribute.code
    sums = [np.bincount(key, column, scored.clusters.num * num) for column in scored.counts]
    return np.stack(sums, axis=-1).reshape(scored.clusters.num, num, len(COUNTS))


def distinct(scored: Scored, attribute: Attribute) -> dict[str, np.ndarray]:
    """Distinct pupils of each kind by group; int64, each of shape (G,).

    A pupil counts once in a group, however many dates it is there; with any chance of a place it
    counts as listed. Rows of weight 0 stand for nobody.
    """
    num = len(attribute.groups)
    pupil = np.unique(scored.clusters.pupil, return_inverse=True)[1]
    key, size = pupil * num + attribute.code, (int(pupil.max()) + 1) * num if len(pupil) else 0
    kinds = {
        "positive": scored.is_positive,
        "negative": scored.is_negative,
        "listed": (scored.listed > 0) & ~np.isnan(scored.outcome),
        "unlisted": (scored.listed < 1) & ~np.isnan(scored.outcome),
        "any": np.ones(len(scored), dtype=bool),
    }
    found = {}
    for kind, rows in kinds.items():
        is_there = np.zeros(size, dtype=bool)
        is_there[key[rows & scored.is_somebody]] = True
        found[kind] = is_there.reshape(-1, num).sum(axis=0)
    return found


def events_by_school(scored: Scored, attribute: Attribute) -> np.ndarray:
    """Distinct pupils with the outcome, by school of their first and group; int64, shape (S, G)."""
    num = len(attribute.groups)
    rows = np.flatnonzero(scored.is_positive & scored.is_somebody)
    pupil = np.unique(scored.clusters.pupil[rows], return_inverse=True)[1]
    first = rows[np.unique(pupil * num + attribute.code[rows], return_index=True)[1]]
    key = scored.clusters.code[first] * num + attribute.code[first]
    return np.bincount(key, minlength=scored.clusters.num * num).reshape(-1, num)
