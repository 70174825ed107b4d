"""What may leave: nothing small, nothing exact, and nothing that the difference of two audits gives away."""

import itertools
from functools import cache

import numpy as np
import pytest

from models.disclosure import (
    BASE,
    FEWEST,
    MOVED_VARIANCE,
    SHOWN_FROM,
    Disclosed,
    disclose,
    moved,
    shown,
    widened,
)

KEYS = [at.to_bytes(2, "big") for at in range(1000)]  # of a thousand tables


def test_small_counts_are_suppressed_and_others_are_multiples():
    rng = np.random.default_rng(1)
    for _ in range(200):
        exact = {f"c{at}": int(count) for at, count in enumerate(rng.integers(0, 60, 12))}
        for name, count in disclose(exact).counts.items():
            assert count is None or (count % BASE == 0 and count >= FEWEST and abs(count - exact[name]) <= 4)
            assert exact[name] >= FEWEST or count is None
            assert exact[name] < FEWEST + BASE or count is not None


def test_the_same_table_is_published_the_same_way_and_another_another_way():
    exact = {f"c{at}": 12 for at in range(40)}
    assert disclose(exact) == disclose(dict(reversed(exact.items())))
    assert disclose(exact).counts != {**disclose({**exact, "c0": 13}).counts}


def test_a_published_table_stays_as_it_was_published():
    """Lots drawn in another way would publish old tables anew: of two forms of one table more can be told."""
    exact = {"a": 9, "b": 10, "c": 11, "d": 12, "e": 13, "f": 14, "g": 47, "h": 48, "i": 52, "j": 53}
    assert list(disclose(exact).counts.values()) == [None, None, None, 10, None, 15, 50, 45, 55, 50]


def test_from_which_count_on_all_are_shown():
    assert {shown(FEWEST - 1, key, "c") for key in KEYS} == {None}
    assert {shown(FEWEST, key, "c") for key in KEYS} == {None, FEWEST}
    assert None in {shown(SHOWN_FROM - 1, key, "c") for key in KEYS}
    assert None not in {shown(SHOWN_FROM, key, "c") for key in KEYS}


def test_a_sum_halfway_between_two_steps_is_rounded_up():
    """17.5 is moved by -2 to 2: three of five lots lead to 17.5 or above, which is 20."""
    found = [moved(17.5, key, "c") for key in KEYS]
    assert set(found) == {15, 20}
    assert found.count(20) / len(found) == pytest.approx(0.6, abs=0.05)


def test_a_moved_sum_is_right_on_average_and_spread_as_is_said():
    sums = np.arange(20.025, 25, 0.05)
    off = np.array([[moved(each, key, "c") - each for each in sums] for key in KEYS])
    assert off.mean() == pytest.approx(0, abs=0.1)
    assert off.var() == pytest.approx(MOVED_VARIANCE, rel=0.02)


def test_a_share_is_shown_where_exactly_ten_are_not_in_it():
    made = Disclosed({"few left": 51, "part": 50, "whole": 60, "none": None})
    assert made.rate("part", "whole") == 0.83
    assert made.rate("few left", "whole") is None
    assert made.rate("none", "whole") is None and made.rate("part", "none") is None


def test_rates_and_totals_are_made_of_shown_counts_only():
    made = disclose({"part": 40, "whole": 100, "rest of it": 8, "nearly all": 97})
    assert made.rate("part", "whole") == round(made.counts["part"] / made.counts["whole"], 2)
    assert made.rate("rest of it", "whole") is None
    assert made.rate("nearly all", "whole") is None  # the few who are left would show
    assert made.total(["part", "rest of it"]) == made.counts["part"]
    assert made.total(["rest of it"]) is None


def test_a_part_is_never_shown_as_larger_than_its_whole():
    exact = {f"{name}{at}": 23 for at in range(60) for name in ("whole", "part", "some")}
    made = disclose({**exact, "few": 3})
    least = (made.part(f"some{at}", f"part{at}", f"whole{at}") for at in range(60))
    assert all(
        some <= min(made.counts[f"part{at}"], made.counts[f"whole{at}"]) for at, some in enumerate(least)
    )
    assert any(made.counts[f"part{at}"] > made.counts[f"whole{at}"] for at in range(60))
    assert all(made.part(f"part{at}", f"whole{at}") <= made.counts[f"whole{at}"] for at in range(60))
    assert made.part("few", "whole0") is None and made.part("part0", "few") is None


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [(0.21, 0.34, (0.2, 0.35)), (0.2, 0.35, (0.2, 0.35)), (0.0, 1.0, (0.0, 1.0)), (0.96, 0.99, (0.95, 1.0)),
     (0.35, 0.55, (0.35, 0.55)), (0.3499, 0.5501, (0.3, 0.6)), (-0.06, 1.04, (0.0, 1.0))],
)  # fmt: skip
def test_ranges_are_widened_outwards(low, high, told):
    assert widened(low, high) == told


@cache
def possible(published: int | None) -> frozenset[int]:
    """Every count that could have been published so, under any lot."""
    lots = [(bar, moved) for bar in range(FEWEST, FEWEST + BASE) for moved in range(-2, 3)]
    return frozenset(
        count
        for count in range(80)
        for bar, moved in lots
        if (None if count < bar else max(FEWEST, BASE * ((2 * (count + moved) + BASE) // (2 * BASE))))
        == published
    )


def test_the_formula_above_is_the_one_that_publishes():
    for count in range(80):
        seen = {shown(count, bytes([at]), "c") for at in range(200)}
        assert {published for published in seen if count not in possible(published)} == set()
        assert seen == {published for published in [None, *range(10, 90, 5)] if count in possible(published)}


def test_two_audits_one_pupil_apart_pin_no_suppressed_value():
    """An attacker knows that one pupil joined one cell, which cell it was, and both published tables."""
    for before in range(80):
        for first, second in itertools.product(
            {p for p in [None, *range(10, 90, 5)] if before in possible(p)},
            {p for p in [None, *range(10, 90, 5)] if before + 1 in possible(p)},
        ):
            left = {count for count in possible(first) if count + 1 in possible(second)}
            assert len(left) >= 2, (before, first, second)
            if first is None and second is None:
                assert len(left) >= FEWEST


def test_margins_pin_no_suppressed_value():
    """Groups of two attributes part the same pupils: the cells of one bound a suppressed cell of the other."""
    rng = np.random.default_rng(2)
    for _ in range(60):
        few, many = int(rng.integers(0, 10)), int(rng.integers(20, 60))
        girls = int(rng.integers(10, many - 9))
        whole = few + many
        first = disclose({"few": few, "many": many, "girls": girls, "boys": whole - girls})
        second = disclose({"few": few, "many": many + 1, "girls": girls + 1, "boys": whole - girls})
        assert first.counts["few"] is None
        left = {
            small
            for small in range(15)
            for large in possible(first.counts["many"])
            if large + 1 in possible(second.counts["many"])
            for g in possible(first.counts["girls"])
            if g + 1 in possible(second.counts["girls"])
            if small + large - g in possible(first.counts["boys"]) & possible(second.counts["boys"])
        }
        assert few in left
        assert len(left) >= 3
