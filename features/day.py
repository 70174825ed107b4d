"""A day's two marks as sessions to count, several small counts in one integer."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from features.codes import code_set

MEASURES = (
    "possible", "absent", "unauthorised", "illness", "late", "suspended", "alternative", "part_time",
    "unsettled",
)  # fmt: skip
NO_MARK = "-"  # none was made: such a day is no register
UNSETTLED = ("possible", "absent", "unauthorised")  # what an N mark would add to
BITS = 12  # of a measure in a packed sum: 4,095 sessions, more than registers hold in a span
PACKS = {"first_pack": MEASURES[:5], "second_pack": MEASURES[5:]}  # five to an integer of 63 bits


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


def unpacked(packs: Any, measure: str) -> Any:
    """One of `MEASURES`, from packs or sums of them: arrays, or columns of an Ibis table, by the packs' names."""
    pack = pack_of(measure)
    return packs[pack] >> BITS * PACKS[pack].index(measure) & 2**BITS - 1


def pack_of(measure: str) -> str:
    """The pack that holds one of `MEASURES`."""
    return next(pack for pack, names in PACKS.items() if measure in names)
