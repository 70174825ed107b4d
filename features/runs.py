"""Runs of whole days away, told from the bits of an integer: a bit a school day."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from features.grouped import NEVER
from features.segments import WIDEST

LONGEST_RUN = 60  # school days within which spells of absence are told; a run's days fit an integer's bits


def runs(told: Mapping[str, np.ndarray], spans: pd.DataFrame) -> dict[str, np.ndarray]:
    """`longest_away` and `spells_away` of one as-of date, on each pupil's newest row (int8, shape (pupils, spans))."""
    # The last LONGEST_RUN + 1 school days, the first of which tells whether a run was under way, as bits.
    place = (spans.day_of_bit - spans["index"] + LONGEST_RUN + 1).to_numpy()
    late = place > -WIDEST
    away, place = told["away"][:, late], place[late]
    days = np.where(place < 0, away >> np.maximum(-place, 0), away << np.maximum(place, 0))
    days = np.bitwise_or.reduce(days, axis=1)
    newest = np.arange(len(spans)) == np.max(
        np.where(told["last_day"] != NEVER, np.arange(len(spans)), NEVER), axis=1, keepdims=True
    )
    spells = np.bitwise_count((days & ~(days << 1)) >> 1)
    return {
        "longest_away": longest_run(days >> 1)[:, np.newaxis] * newest,
        "spells_away": spells[:, np.newaxis] * newest,
    }


def longest_run(bits: np.ndarray) -> np.ndarray:
    """The most neighbouring bits that are set in each integer of fewer than 64 bits (int8)."""
    runs = {1: bits}  # by length: a bit where a run of at least so many begins
    for length in (1, 2, 4, 8, 16):
        runs[2 * length] = runs[length] & (runs[length] >> length)
    longest, begins = np.zeros(len(bits), "int64"), np.full(len(bits), -1)
    for length in sorted(runs, reverse=True):
        still = begins & (runs[length] >> longest)
        begins = np.where(still != 0, still, begins)
        longest += np.where(still != 0, length, 0)
    return longest.astype("int8")
