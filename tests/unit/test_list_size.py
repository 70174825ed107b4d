"""The verdict by list size: what two gains say together, also exactly at zero, and at every size of list."""

from dataclasses import replace

import numpy as np
import pytest

from tests.unit.test_evidence import cohort, frames  # noqa: F401
from training.evidence.list_size import TIMES, by_capacity
from training.gate import CANNOT_TELL, EARNS_ITS_PLACE, NO_BETTER, gains, verdict
from training.intervals import ALIKE, TOO_FEW


def gain(low, high, status="estimated", reason="", estimate=None):
    middle = (low + high) / 2 if estimate is None else estimate
    return {"status": status, "estimate": middle, "low": low, "high": high, "reason": reason}


UNTOLD = {"status": "cannot_tell", "estimate": 0.1, "low": None, "high": None, "reason": TOO_FEW}
SAME = {"status": "cannot_tell", "estimate": 0.0, "low": None, "high": None, "reason": ALIKE}
ABOVE, ACROSS, BELOW = gain(0.01, 0.05), gain(-0.01, 0.05), gain(-0.05, -0.01)


@pytest.mark.parametrize(
    ("over_rule", "over_school", "said"),
    [
        (ABOVE, ABOVE, EARNS_ITS_PLACE),
        (gain(0.0, 0.05), ABOVE, CANNOT_TELL),
        (gain(-0.05, 0.0), ABOVE, NO_BETTER),
        (ABOVE, ACROSS, CANNOT_TELL),
        (ABOVE, BELOW, NO_BETTER),
        (BELOW, UNTOLD, NO_BETTER),
        (UNTOLD, ABOVE, CANNOT_TELL),
        (SAME, ABOVE, NO_BETTER),
        (SAME | {"estimate": None, "reason": "no pupil had the outcome"}, ABOVE, CANNOT_TELL),
    ],
)
def test_a_verdict_is_of_both_gains(over_rule, over_school, said):
    found = {"over_best_rule": {"gain": over_rule}, "over_school_only": {"gain": over_school}}
    assert verdict(found) == said


def test_each_size_is_judged_with_its_own_places(cohort):  # noqa: F811
    rng = np.random.default_rng(2)
    spread = np.clip(cohort.estimate[:, None] + 0.01 * rng.normal(size=(len(cohort.panel), 3)), 0.0, 1.0)
    rows = by_capacity(cohort, spread)
    assert [row["times"] for row in rows] == list(TIMES)
    assert all(
        a["num_listed_per_date"] <= b["num_listed_per_date"] for a, b in zip(rows, rows[1:], strict=False)
    )
    for row in rows:
        assert {name: row[name] for name in ("over_best_rule", "over_school_only")} == gains(
            cohort, row["times"]
        )
        assert row["verdict"] == verdict(row)
        assert 0 < row["share_arbitrary"] < 1
    assert rows[0]["over_best_rule"] != rows[-1]["over_best_rule"]


def test_a_perfect_model_earns_its_place_and_a_rule_none_of_its_own(cohort):  # noqa: F811
    known = np.nan_to_num(cohort.panel.y)
    none = np.zeros((len(known), 0))
    perfect = replace(cohort, estimate=0.1 + 0.8 * known)
    assert {row["verdict"] for row in by_capacity(perfect, none)} == {EARNS_ITS_PLACE}
    rule = replace(cohort, estimate=cohort.rivals["prior_suspensions"] / 100, floor=np.full(len(known), -1.0))
    rivals = dict.fromkeys(cohort.rivals, cohort.rivals["prior_suspensions"])
    same = replace(rule, rivals=rivals)
    assert {row["verdict"] for row in by_capacity(same, none)} == {NO_BETTER}
    assert all(row["share_arbitrary"] is None for row in by_capacity(same, none))
