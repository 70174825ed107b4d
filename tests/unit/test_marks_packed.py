"""Counts that share an integer stay apart, at the most that two registers can hold in the longest look-back."""

import numpy as np
import pytest

from features.as_of import LONGEST_LOOK_BACK
from features.day import BITS, MEASURES, packed, unpacked

MOST = 2 * 366 * 2 * 2  # sessions of two registers on every day of two years


def sums(of: dict[str, int]) -> dict[str, int]:
    """What is read back of measures that were added up side by side, one session at a time and all together."""
    days = {name: np.array([number // 2, number - number // 2]) for name, number in of.items()}
    total = {name: pack.sum(keepdims=True) for name, pack in packed(days).items()}
    return {name: int(unpacked(total, name)[0]) for name in MEASURES}


@pytest.mark.parametrize("name", MEASURES)
def test_a_measure_at_its_most_moves_no_other(name):
    assert sums(dict.fromkeys(MEASURES, 0) | {name: MOST}) == dict.fromkeys(MEASURES, 0) | {name: MOST}


def test_all_at_their_most_come_back():
    assert sums(dict.fromkeys(MEASURES, MOST)) == dict.fromkeys(MEASURES, MOST)


def test_the_longest_look_back_has_room():
    assert 2 * 2 * LONGEST_LOOK_BACK < MOST < 2**BITS
