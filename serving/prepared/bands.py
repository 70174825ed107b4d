"""A few shared bands in place of a number: what was seen of children with such records on the test dates.

Neither an estimate nor a place in a line is ever written down for the service: only which band of the release's evidence an
estimate falls in, and the bands of the 10th and 90th percentile of the model's refits. Shown on one card, and only once the
meeting's own view of that child is recorded (DESIGN section 11).
"""

from math import floor

import numpy as np
import pandas as pd

from models.facts.evidence import SeenBand, SeenBands
from models.said import of_so_many
from serving.numbers import is_told
from serving.wording import OUTCOMES, span

WHOLE = 100
LOWEST, HIGHEST = 10, 90  # percentiles of the refits
COLUMNS = ("pupil", "band", "lowest_band", "highest_band")
NO_BAND = -1  # nobody estimated, no bands in the release, or no refits to tell a range
NOT_SEEN = "The release that made this list does not say what was seen of children with such records. So nothing is said of how often."
TOO_FEW = "Too few children were seen on the test dates to say how often."
THE_SAME = "Had the model learned from other schools, it would mostly have said the same."


def seen_words(band: SeenBand, outcome: str, window_days: int) -> str:
    """What was seen in a band, with and without the outcome, since a reader hears "10 of 100" and "90 of 100" differently."""
    if not is_told(band):
        return TOO_FEW
    assert band.num_children is not None and band.num_with_outcome is not None
    did, did_not = OUTCOMES[outcome]
    about, low, high = whole(band)
    return (
        f"Of the {band.num_children:,} children with past records like these on the test dates, {band.num_with_outcome:,} {did} "
        f"in the {span(window_days)} after, and {band.num_children - band.num_with_outcome:,} {did_not}. That is {said(band)} of every "
        f"{WHOLE} (range {low} to {high}). It cannot say which."
    )


def range_words(lowest: SeenBand, highest: SeenBand) -> str:
    """How far it could have been another band, had the model learned from other schools; empty where it cannot be told."""
    if not is_told(lowest) or not is_told(highest):
        return ""
    if lowest is highest:
        return THE_SAME
    return (
        f"Had the model learned from other schools, what stands here could have been anything from {said(lowest)} to {said(highest)} "
        f"of every {WHOLE}."
    )


def said(band: SeenBand) -> str:
    """The share seen in a band that can be told, as children of a hundred."""
    assert band.estimate is not None
    return of_so_many(band.estimate, WHOLE)


def whole(band: SeenBand) -> tuple[int, int, int]:
    """The share seen in a band that can be told and its range, as whole people of `WHOLE`; halves are rounded up."""
    assert band.estimate is not None and band.low is not None and band.high is not None
    about, low, high = (floor(share * WHOLE + 0.5) for share in (band.estimate, band.low, band.high))
    return about, low, high


def banded(
    pupil: np.ndarray, estimate: np.ndarray, refits: np.ndarray, seen: SeenBands | None
) -> pd.DataFrame:
    """Bands of some pupils who were assessed.

    Parameters
    ----------
    pupil : numpy.ndarray of int64, shape (n,)
    estimate : numpy.ndarray of float64, shape (n,)
    refits : numpy.ndarray of float, shape (n, R)
        Without refits (R = 0) nothing tells a range, and none is given.
    seen : SeenBands or None
        Of the release's evidence; None where that has none.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`: pupil (int64) and indices into the bands (int8, `NO_BAND` for none); n rows, in order of pupil.
        An estimate exactly at an edge is in the band above it.
    """
    edges = np.array([each.from_estimate for each in seen.bands[1:]] if seen else [])

    def index(of: np.ndarray) -> np.ndarray:
        return np.searchsorted(edges, of, side="right").astype(np.int8)

    none = np.full(len(estimate), NO_BAND, dtype=np.int8)
    band, low, high = (none, none, none) if seen is None else (index(estimate), none, none)
    if seen is not None and refits.shape[1]:
        ends = np.percentile(refits, [LOWEST, HIGHEST], axis=1)
        low, high = index(np.minimum(ends[0], estimate)), index(np.maximum(ends[1], estimate))
    found = pd.DataFrame({
        "pupil": pupil.astype(np.int64), "band": band, "lowest_band": low, "highest_band": high,
    })  # fmt: skip
    return found.sort_values("pupil", ignore_index=True)
