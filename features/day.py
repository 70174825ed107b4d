"""A day's two marks as sessions to count, several small counts in one integer."""

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import pandas as pd

from features.codes import code_set

MEASURES = (
    "possible", "absent", "unauthorised", "illness", "late", "suspended", "alternative", "part_time",
    "unsettled",
)  # fmt: skip
UNSETTLED = ("possible", "absent", "unauthorised")  # what an N mark would add to
BITS = 12  # of a measure in a packed sum: 4,095 sessions, more than registers hold in a span
PACKS = {"first": MEASURES[:5], "second": MEASURES[5:]}  # five to an integer of 63 bits


@lru_cache(1)
def marks() -> tuple[str, ...]:
    """The codes of a session's mark, in order; a mark is told by its place among them."""
    return tuple(code_set("attendance").code)


def pair(am: np.ndarray, pm: np.ndarray) -> np.ndarray:
    """The number of a day's two marks, from the place of each (int16)."""
    return am * np.int16(len(marks())) + pm


@lru_cache(1)
def sessions_of_pairs() -> pd.DataFrame:
    """The sessions of a day by measure, a row a pair of marks in order of its number."""
    codes = code_set("attendance")
    is_class = codes.statistical_class.eq
    measures = {
        "possible": codes.counts_as_possible,
        "absent": codes.counts_as_absent,
        "unauthorised": is_class("unauthorised_absence"),
        "illness": codes.code == "I",
        "late": codes.code.isin(["L", "U"]),
        "suspended": codes.code == "E",
        "alternative": codes.code.isin(["K", "B"]),
        "part_time": codes.code == "C2",
        "unsettled": codes.code == "N",
    }
    return pd.DataFrame(
        {name: np.add.outer(*2 * [held.to_numpy("int8")]).ravel() for name, held in measures.items()}
    )


def packed(sessions: pd.DataFrame | Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Measures side by side in the integers of `PACKS`, so that one sum adds up all of them (int64)."""
    return {
        pack: np.sum(
            [np.asarray(sessions[name], "int64") << BITS * at for at, name in enumerate(names)], axis=0
        )
        for pack, names in PACKS.items()
    }


def unpacked(sums: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Each of `MEASURES` that packs, or sums of them, tell of (int16)."""
    return {
        name: (sums[pack] >> BITS * at & 2**BITS - 1).astype("int16")
        for pack, names in PACKS.items()
        if pack in sums
        for at, name in enumerate(names)
    }
