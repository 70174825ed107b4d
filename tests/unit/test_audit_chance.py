"""Rates of 0 and 1 and rare outcomes: what luck does is no gap, and no range is a point."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from models.audit_rates import BY_NAME
from tests.audits import scored
from training.audit.estimable import FEWEST_RARER
from training.audit.gaps import own_levels, tails
from training.audit.tables import group_tables
from training.audit.units import units
from training.audit.without_gap import rarer_by_group


def table(found: dict[str, tuple[int, int]], schools: int = 25, negatives: int = 1500) -> pd.DataFrame:
    """Groups with so many of so many positives found, dealt to schools in turn; negatives of whom one in ten is listed."""
    parts = [
        pd.DataFrame({"group": group, "y": 1.0, "listed": (np.arange(num) < yes).astype(float)})
        for group, (yes, num) in found.items()
    ]
    none = pd.DataFrame(
        {
            "group": np.resize(list(found), negatives),
            "y": 0.0,
            "listed": (np.arange(negatives) % 10 == 0) * 1.0,
        }
    )
    frame = pd.concat([*parts, none], ignore_index=True)
    return frame.assign(school=frame.groupby("y").cumcount() % schools)


def row_of(frame: pd.DataFrame, group: str) -> dict:
    return next(row for row in group_tables(scored(frame, draws=400))[1] if row["group"] == group)


def test_none_missed_beside_two_of_a_hundred_is_no_gap():
    row = row_of(table({"x": (25, 25), "rest": (98, 100)}), "x")
    assert not row["gaps"].get("recall", {}).get("is_gap", False)


def test_none_missed_of_many_beside_many_missed_is_a_gap():
    row = row_of(table({"x": (60, 60), "rest": (60, 100)}), "x")
    gap = row["gaps"]["recall"]
    assert gap["is_gap"]
    assert 0 < gap["difference"]["low"] <= gap["difference"]["estimate"] <= gap["difference"]["high"]
    assert gap["ratio"]["low"] > 1


def test_one_found_of_twelve_in_twelve_schools_has_the_exact_range():
    recall = row_of(table({"x": (1, 12), "rest": (48, 120)}, schools=12), "x")["metrics"]["recall"]
    assert [recall["low"], recall["high"]] == pytest.approx([0.00211, 0.38480], abs=1e-5)


@pytest.mark.parametrize(("missed", "status"), [(13, "estimated"), (12, "cannot_tell")])
def test_a_rate_is_estimated_where_exactly_three_of_the_rarer_kind_are_to_be_expected(missed, status):
    """Of 30 among 130, 13 missed make 3.0 to be expected and 12 make 2.8."""
    assert FEWEST_RARER == 3
    row = row_of(table({"x": (27, 30), "rest": (100 - missed + 3, 100)}), "x")
    assert row["metrics"]["recall"]["status"] == status
    if status == "cannot_tell":
        assert "2.8" in row["metrics"]["recall"]["reason"]
        assert "3 are needed" in row["metrics"]["recall"]["reason"]


@pytest.mark.parametrize(("num", "status"), [(10, "estimated"), (9, "cannot_tell")])
def test_a_rate_is_estimated_with_exactly_ten_pupils_with_the_outcome(num, status):
    assert row_of(table({"x": (5, num), "rest": (50, 100)}), "x")["metrics"]["recall"]["status"] == status


def test_everyone_found_is_still_a_range_for_everyone():
    overall, rows = group_tables(scored(table({"x": (25, 25), "rest": (100, 100)}), draws=200))
    assert overall["metrics"]["recall"]["estimate"] == 1
    assert overall["metrics"]["recall"]["low"] < 1
    assert not any(row["gaps"]["recall"]["is_gap"] for row in rows)
    assert all(row["gaps"]["recall"]["difference"]["low"] < 0 for row in rows)


def test_draws_without_a_gap_find_as_many_and_as_a_permutation_would():
    frame = table({"x": (4, 20), "rest": (16, 180)})
    made = scored(frame)
    recall = units(made, BY_NAME["recall"])
    drawn = rarer_by_group(recall, made.attributes, 4000, np.random.default_rng(1))[0]
    assert (drawn.sum(axis=1) == 20).mean() > 0.99
    at = made.attributes[0].groups.index("x")
    exact = stats.hypergeom(200, 20, 20)
    assert drawn[:, at].mean() == pytest.approx(exact.mean(), abs=0.1)
    assert drawn[:, at].var() == pytest.approx(exact.var(), rel=0.25)


def test_tails_are_those_of_the_binomial_and_the_negative_binomial():
    seen = np.arange(0.0, 8.0)
    for law in (stats.binom(12, 0.3), stats.nbinom(5, 0.6), stats.poisson(2.5)):
        below, above = tails(seen, np.full(8, law.mean()), np.full(8, law.var()))
        assert below == pytest.approx(law.cdf(seen) - law.pmf(seen) / 2, abs=2e-4)
        assert below + above == pytest.approx(np.ones(8))


def test_a_level_of_its_own_rejects_one_draw_in_twenty():
    drawn = np.random.default_rng(3).random((1000, 3)) ** np.array([1.0, 2.0, 0.5])
    levels = own_levels(drawn)
    assert (levels <= 0.05).all()
    assert (drawn[:, 1] <= levels[1]).mean() == pytest.approx(0.05, abs=0.002)
