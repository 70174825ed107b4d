"""Sanctions compared within schools: schools that suspended nobody stay in the table, and rare exclusions for good are no proof."""

import numpy as np
import pandas as pd
import pytest

from training.audit.sanctions import sanctions

SCHOOLS = 30


def events(rows_of_last: int) -> pd.DataFrame:
    """Three hundred events of thirty schools; the first school's events are exclusions for good, all of them."""
    rng = np.random.default_rng(5)
    school = np.append(np.arange(300 - rows_of_last) % (SCHOOLS - 1) + 1, np.zeros(rows_of_last, np.int64))
    return pd.DataFrame(
        {
            "pupil": np.arange(300), "cluster": school, "reason": rng.choice(["PA", "DB"], 300), "earlier": rng.integers(0, 3, 300),
            "sessions": np.where(school == 0, 0, rng.integers(1, 11, 300)),
            "is_permanent": (school == 0) | (rng.random(300) < 0.1), "ethnicity": rng.choice(["WBRI", "BCRB"], 300),
        }
    )  # fmt: skip


def test_a_school_that_only_excluded_for_good_is_told_with_the_others():
    rows = sanctions(events(4), ["ethnicity"], 200, seed=1)
    assert [row[name]["status"] for row in rows for name in ("length", "permanent")] == ["estimated"] * 4


def test_the_length_of_suspensions_does_not_turn_on_a_school_that_suspended_nobody():
    """The school has no length to add, whichever place its number takes among the schools."""
    seen = events(4)
    without = seen[seen["cluster"] != 0]
    assert [row["length"] | {"p_adjusted": 0} for row in sanctions(seen, ["ethnicity"], 200, seed=1)] == [
        row["length"] | {"p_adjusted": 0} for row in sanctions(without, ["ethnicity"], 200, seed=1)
    ]


def for_good(of_group: int, of_others: int, num: int = 4000, share: float = 0.05) -> dict[str, object]:
    """What is told of a group with so many exclusions for good, in forty schools with so many of others."""
    school = np.arange(num) % 40
    is_group = np.arange(num) // 40 < round(share * num / 40)
    is_permanent = np.zeros(num, dtype=bool)
    is_permanent[np.flatnonzero(is_group)[:of_group]] = True
    is_permanent[np.flatnonzero(~is_group)[:of_others]] = True
    events = pd.DataFrame(
        {
            "pupil": np.arange(num), "cluster": school, "reason": "PA", "earlier": 0, "sessions": 1 + np.arange(num) // 40 % 7,
            "is_permanent": is_permanent, "ethnicity": np.where(is_group, "BCRB", "WBRI"),
        }
    )  # fmt: skip
    return sanctions(events, ["ethnicity"], 400, seed=1)[0]["permanent"]


def test_a_group_of_whom_nobody_was_excluded_for_good_is_not_told_by_luck_alone():
    """Three to be expected and none seen: one group in twenty is so by luck, and the range says what it may be."""
    told = for_good(0, 60)
    assert told["status"] == "estimated" and told["estimate"] == told["low"] == 0.0
    assert told["high"] > 0.9 and told["p_adjusted"] > 0.02
    far_fewer = for_good(0, 400)
    assert far_fewer["is_gap"] and 0 < far_fewer["high"] < 1


def test_a_group_with_every_exclusion_for_good_has_a_range_and_no_infinite_figure():
    told = for_good(20, 0, share=0.5)
    assert told["status"] == "estimated" and told["is_gap"]
    assert 1 < told["low"] < told["estimate"] <= told["high"] == 100.0


@pytest.mark.parametrize(
    ("of_group", "of_others", "why"),
    [(0, 0, "no permanent"), (1, 30, "1.5 permanent exclusions to be expected")],
)
def test_where_too_few_are_to_be_expected_there_is_no_number(of_group, of_others, why):
    told = for_good(of_group, of_others)
    assert told["reason"].startswith(why)
    assert [told[name] for name in ("status", "estimate", "low", "high", "p_adjusted", "is_gap")] == [
        "cannot_tell", None, None, None, None, False,
    ]  # fmt: skip


def test_three_to_be_expected_are_enough_and_fewer_are_not():
    assert for_good(3, 57)["status"] == "estimated"
    assert for_good(3, 56)["status"] == "cannot_tell"


def test_a_figure_that_is_told_has_a_range_without_none():
    for of_group in range(3, 16):
        told = for_good(of_group, 100)
        assert told["is_gap"] == (told["p_adjusted"] < 0.05)
        assert not (told["is_gap"] and told["low"] <= 1 <= told["high"]), told


def test_reasons_that_are_answered_for_good_are_no_difference_of_groups():
    """A group with more weapons events, each answered as anybody's, has the ratio 1."""
    rng = np.random.default_rng(3)
    is_group = rng.random(8000) < 0.1
    is_weapon = rng.random(8000) < np.where(is_group, 0.4, 0.05)
    events = pd.DataFrame(
        {
            "pupil": np.arange(8000), "cluster": np.arange(8000) % 50, "reason": np.where(is_weapon, "OW", "PA"), "earlier": 0,
            "sessions": 4, "is_permanent": rng.random(8000) < np.where(is_weapon, 0.2, 0.01),
            "ethnicity": np.where(is_group, "BCRB", "WBRI"),
        }
    )  # fmt: skip
    told = sanctions(events, ["ethnicity"], 400, seed=1)[0]["permanent"]
    assert told["low"] < 1 < told["high"] and 0.8 < told["estimate"] < 1.25
    blind = sanctions(events.assign(reason="PA"), ["ethnicity"], 400, seed=1)[0]["permanent"]
    assert blind["is_gap"] and blind["estimate"] > 2
