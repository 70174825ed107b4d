"""A register row in one whole number, so that forty million of them sort in seconds.

A row is written as digits of mixed base: pupil, day, school, day recorded, morning mark, afternoon
mark. Equal numbers are duplicate rows; equal leading three digits are one key; and the order of the
numbers is the order of the rows in the store.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isqrt

import numpy as np

from features.errors import ExtractRefused
from features.records.authority import Authority
from features.records.check import FORTY_YEARS
from features.records.lags import known_on

FEWEST_DAYS = 3_653


@dataclass(frozen=True)
class Packing:
    """What each digit stands for.

    Attributes
    ----------
    pupils : array of int64, sorted
    schools : array of int64, sorted
    last_day : int
        Days since 1970-01-01.
    codes : tuple of str, sorted
    has_recorded : bool
        Some file says when its rows were recorded.
    authority : Authority
        Whose lags apply where none is said.
    since : array of int64, shape (pupils,)
        The day from which the roll knows each pupil; a day before any where it does not say.
    """

    pupils: np.ndarray
    schools: np.ndarray
    last_day: int
    codes: tuple[str, ...]
    has_recorded: bool
    authority: Authority
    since: np.ndarray

    @cached_property
    def num_days(self) -> int:
        """Days that fit, up to `last_day`: all of forty years, unless the table says when rows were recorded."""
        room = (2**63 - 1) // (max(1, len(self.pupils)) * max(1, len(self.schools)) * len(self.codes) ** 2)
        days = min(FORTY_YEARS, isqrt(room) - 1 if self.has_recorded else room)
        if days < FEWEST_DAYS:
            raise ExtractRefused(
                "attendance: the extract has more pupils and schools than one authority. Import it in parts."
            )
        return days

    @property
    def first_day(self) -> int:
        return self.last_day - self.num_days + 1

    @property
    def bases(self) -> dict[str, int]:
        return {
            "pupil": max(1, len(self.pupils)),
            "day": self.num_days,
            "school": max(1, len(self.schools)),
            "recorded": self.num_days + 1 if self.has_recorded else 1,
            "am": len(self.codes),
            "pm": len(self.codes),
        }

    @cached_property
    def weights(self) -> dict[str, int]:
        """What one step of each digit adds."""
        weights, weight = {}, 1
        for name, base in reversed(self.bases.items()):
            weights[name] = weight
            weight *= base
        return weights

    @property
    def key(self) -> int:
        """Rows with the same quotient by this number share a key."""
        return self.weights["school"]

    def digit(self, packed: np.ndarray, name: str) -> np.ndarray:
        """One digit of each number."""
        return packed // self.weights[name] % self.bases[name]

    def digits(self, packed: np.ndarray) -> dict[str, np.ndarray]:
        """Every digit of each number; both marks as one, `pair`: the morning's place times their number, and the afternoon's.

        From the last digit on, one division each: tens of millions of rows pass here.
        """
        found, rest = {}, packed
        for name, base in (
            ("pair", self.weights["recorded"]),
            ("recorded", self.bases["recorded"]),
            ("school", self.bases["school"]),
            ("day", self.bases["day"]),
        ):
            if base == 1:
                found[name] = np.zeros(len(packed), "int64")
                continue
            above = rest // base
            found[name] = rest - above * base
            rest = above
        return found | {"pupil": rest}

    @cached_property
    def lagged(self) -> np.ndarray:
        """The day on which a row of each day is known that does not say when it was recorded (int64, shape (num_days,))."""
        return known_on(self.authority, "attendance", self.days(np.arange(self.num_days)), None, None)

    def known_on(self, packed: np.ndarray) -> np.ndarray:
        """The day on which each row was known, as it says or after the lag."""
        recorded = self.digit(packed, "recorded")
        lagged = self.lagged[self.digit(packed, "day")]
        return np.where(recorded > 0, self.days(recorded - 1), lagged)

    def pack(self, digits: dict[str, np.ndarray]) -> np.ndarray:
        steps = [digits[name] * weight for name, weight in self.weights.items() if name in digits]
        return np.sum(steps, axis=0)

    def days(self, digit: np.ndarray) -> np.ndarray:
        return digit + self.first_day

    def code_index(self, words: Sequence[str]) -> np.ndarray:
        return np.searchsorted(np.array(self.codes, object), np.array(words, object))
