"""A few shared bands in place of a number: how often children with such records had the outcome.

Neither an estimate nor a place in a line is ever written down for the service: only which of these
bands an estimate falls in, and the bands of the 10th and 90th percentile of the model's refits. Shown
on one card, and only once the meeting's own view of that child is recorded (DESIGN section 11).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from serving.wording import OUTCOMES, span

WHOLE = 100
EDGES = (3, 10, 25)  # of 100: few enough to be shared by many, and told apart by anybody
LOWEST, HIGHEST = 10, 90  # percentiles of the refits
COLUMNS = ("pupil", "band", "lowest_band", "highest_band")


@dataclass(frozen=True)
class Band:
    """How many of `WHOLE` children with such records: from `low` to `high`, whole people."""

    low: int
    high: int

    def words(self, outcome: str, window_days: int) -> str:
        """The band said both ways, since a reader hears "10 of 100" and "90 of 100" differently."""
        did, did_not = OUTCOMES[outcome]
        return (
            f"The model expects that of every {WHOLE} children with past records like these, {self.low} to {self.high} {did} "
            f"in the {span(window_days)} after, and {WHOLE - self.high} to {WHOLE - self.low} {did_not}. It cannot say which."
        )

    def range_words(self) -> str:
        """What the model would have said had it learned from other schools."""
        return (
            f"Had it learned from other schools, it could have said anything from {self.low} to {self.high} of {WHOLE}, "
            f"that is from {WHOLE - self.high} to {WHOLE - self.low} of {WHOLE} without."
        )


BANDS = tuple(Band(low, high) for low, high in zip((0, *EDGES), (*EDGES, WHOLE), strict=True))


def spanning(lowest: int, highest: int) -> Band:
    """From the lowest of some bands to the highest."""
    return Band(BANDS[lowest].low, BANDS[highest].high)


def banded(pupil: np.ndarray, estimate: np.ndarray, refits: np.ndarray) -> pd.DataFrame:
    """Bands of some pupils who were assessed.

    Parameters
    ----------
    pupil : numpy.ndarray of int64, shape (n,)
    estimate : numpy.ndarray of float64, shape (n,)
    refits : numpy.ndarray of float, shape (n, R)
        Without refits (R = 0) nothing tells a range: it is then from the lowest band to the highest.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`: pupil (int64) and indices into `BANDS` (int8); n rows, in order of pupil.
    """
    edges = np.array(EDGES) / WHOLE
    if refits.shape[1]:
        low, high = np.percentile(refits, [LOWEST, HIGHEST], axis=1)
    else:
        low, high = np.zeros(len(estimate)), np.ones(len(estimate))
    found = pd.DataFrame({
        "pupil": pupil.astype(np.int64),
        "band": np.searchsorted(edges, estimate, side="right").astype(np.int8),
        "lowest_band": np.searchsorted(edges, np.minimum(low, estimate), side="right").astype(np.int8),
        "highest_band": np.searchsorted(edges, np.maximum(high, estimate), side="right").astype(np.int8),
    })  # fmt: skip
    return found.sort_values("pupil", ignore_index=True)
