"""The rates of an audit, each declared once: a share of counts, its name in words, and what 0 and 1 mean.

Training computes these, serving names them. Who adds a rate adds a record here: ranges, gaps, tables, CSV, the page and the
published copy follow (docs/how-to/extend.md).
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np

COUNTS = ("num", "positives", "negatives", "listed", "found", "needless", "expected", "observed")
NUM, POSITIVES, NEGATIVES, LISTED, FOUND, NEEDLESS, EXPECTED, OBSERVED = range(len(COUNTS))


@dataclass(frozen=True)
class Rate:
    """A rate as the ratio of two sums of counts.

    Attributes
    ----------
    name : str
        As in `audit.json`.
    title : str
        As a heading.
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
    harm : -1, 0 or 1
        The sign of a gap that is to a group's disadvantage, where gaps in it are tested; 0 where they are not.
    is_shown : bool
        Whether it stands in the table of every group, and leaves with the published copy; counts of children alone.
    """

    name: str
    title: str
    over: tuple[tuple[int, float], ...]
    under: tuple[tuple[int, float], ...]
    needs: tuple[str, ...]
    rests_on: str
    is_share: bool
    kinds: tuple[str, str]
    sentence: str
    harm: Literal[-1, 0, 1] = 0
    is_shown: bool = False

    def parts(self, counts: np.ndarray) -> np.ndarray:
        """Numerator and denominator; shape (..., 2) from counts of shape (..., C)."""
        return np.stack(
            [sum(weight * counts[..., at] for at, weight in side) for side in (self.over, self.under)],
            axis=-1,
        )


BOTH = ("positive", "negative")
RATES = (
    Rate(
        "recall", "Found, of those who had the outcome",
        ((FOUND, 1),), ((POSITIVES, 1),), BOTH, "positive", True,
        ("with the outcome and a place", "with the outcome and no place"),
        "Of those followed by the outcome, the share who had a place. 1: nobody was missed.", harm=-1, is_shown=True,
    ),
    Rate(
        "false_negative_rate", "Missed, of those who had the outcome",
        ((POSITIVES, 1), (FOUND, -1)), ((POSITIVES, 1),), BOTH, "positive", True,
        ("with the outcome and no place", "with the outcome and a place"),
        "Of those followed by the outcome, the share who were missed. 0: nobody was missed.",
    ),
    Rate(
        "false_omission_rate", "Had the outcome, of those without a place",
        ((POSITIVES, 1), (FOUND, -1)),
        ((POSITIVES, 1), (NEGATIVES, 1), (FOUND, -1), (NEEDLESS, -1)), (*BOTH, "unlisted"), "positive", True,
        ("with the outcome and no place", "with neither the outcome nor a place"),
        "Of those without a place, the share followed by the outcome. 0: nobody was missed.", harm=1, is_shown=True,
    ),
    Rate(
        "selection_rate", "Had a place, of everyone",
        ((LISTED, 1),), ((NUM, 1),), ("any",), "any", True,
        ("with a place", "without a place"),
        "Of everyone, the share who had a place.", is_shown=True,
    ),
    Rate(
        "precision", "Had the outcome, of those with a place",
        ((FOUND, 1),), ((FOUND, 1), (NEEDLESS, 1)), (*BOTH, "listed"), "listed", True,
        ("with a place and the outcome", "with a place and without the outcome"),
        "Of the places, the share given to those followed by the outcome. 1: nobody was listed without need.", is_shown=True,
    ),
    Rate(
        "false_positive_rate", "Had a place, of those without the outcome",
        ((NEEDLESS, 1),), ((NEGATIVES, 1),), BOTH, "negative", True,
        ("with a place and without the outcome", "with neither the outcome nor a place"),
        "Of those not followed by the outcome, the share who had a place. 0: nobody was listed without need.", harm=1, is_shown=True,
    ),
    Rate(
        "observed_over_expected", "Outcomes seen for each one estimated",
        ((OBSERVED, 1),), ((EXPECTED, 1),), BOTH, "positive", False,
        ("with the outcome", ""),
        "Outcomes seen for each one estimated. Above 1: the estimates were too low for this group.",
    ),
)  # fmt: skip
HARM = {rate.name: rate.harm for rate in RATES if rate.harm}  # missed, missed, and listed without need
TESTED = tuple(HARM)
TITLES = {rate.name: rate.title for rate in RATES}
BY_NAME = {rate.name: rate for rate in RATES}


def rates_shown(held: Collection[str]) -> tuple[str, ...]:
    """The rates that are shown of those that a file holds: one made before a rate was added does not hold it."""
    return tuple(rate.name for rate in RATES if rate.is_shown and rate.name in held)
