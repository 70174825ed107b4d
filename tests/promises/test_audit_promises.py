"""What the audit promises of chance, by simulation where the truth is known."""

import numpy as np
import pandas as pd
import pytest

from tests.audits import scored, simulated
from training.audit.sanctions import sanctions
from training.audit.tables import group_tables

pytestmark = pytest.mark.promise


def permuted_within_schools(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng([seed, 7])
    order = np.lexsort((rng.random(len(frame)), frame["school"]))
    held = frame.sort_values("school", kind="stable")
    return held.assign(group=frame["group"].to_numpy()[order])


def gaps_in(frame: pd.DataFrame) -> dict[str, bool]:
    _, rows = group_tables(scored(frame, draws=400))
    return {row["group"]: bool(row["gaps"].get("recall", {}).get("is_gap")) for row in rows} | {
        "any": any(gap.get("is_gap", False) for row in rows for gap in row["gaps"].values())
    }


def test_permuted_labels_report_a_gap_in_at_most_one_audit_of_twenty():
    """200 audits; 17 is the 97.5 % point of a binomial of 200 at 5 %."""
    found = sum(
        gaps_in(permuted_within_schools(simulated(seed, gap=0.3, groups=6), seed))["any"]
        for seed in range(200)
    )
    assert found <= 17, found


def test_the_smallest_detectable_gap_is_found_four_times_in_five():
    """A planted gap of the size named is found at about the power named: 80 %, here within 12 of 100."""
    _, rows = group_tables(scored(simulated(999), draws=400))
    named = next(row for row in rows if row["group"] == "g0")["gaps"]["recall"]["smallest_detectable"]
    share = next(row for row in rows if row["group"] == "g0")["counts"]["positives"] / sum(
        row["counts"]["positives"] for row in rows
    )
    planted = named / (
        1 - share
    )  # the gap to everyone is smaller than to the others: the group is part of everyone
    found = np.mean([gaps_in(simulated(seed, gap=planted))["g0"] for seed in range(150)])
    assert 0.68 <= found <= 0.95, (found, named)


def test_ranges_hold_the_truth_nineteen_times_in_twenty():
    held = []
    for seed in range(200):
        _, rows = group_tables(scored(simulated(seed, schools=80), draws=400))
        recall = rows[0]["metrics"]["recall"]
        held.append(recall["low"] <= 0.5 <= recall["high"])
    assert 0.90 <= np.mean(held) <= 0.99, np.mean(held)


def suspensions(seed: int, factor: float, num: int = 6000, schools: int = 150) -> pd.DataFrame:
    """Events of a city's year: lengths by school, reason and record; one group's `factor` times as long and as often for good."""
    rng = np.random.default_rng([seed, 11])
    group = rng.choice(["WBRI", "APKN", "BCRB", "BAFR", "MWBC"], num, p=[0.4, 0.3, 0.06, 0.14, 0.1])
    school, reason = rng.integers(0, schools, num), rng.integers(0, 7, num)
    pupil = rng.integers(0, num // 2, num)
    times = np.where(group == "BCRB", factor, 1.0)
    mean = 4.0 * np.exp(0.3 * rng.normal(size=schools)[school] + 0.2 * rng.normal(size=7)[reason])
    return pd.DataFrame(
        {
            "pupil": pupil, "cluster": school, "reason": reason.astype(str), "earlier": rng.integers(0, 4, num),
            "sessions": 1 + rng.poisson(mean * times), "is_permanent": rng.random(num) < 0.01 * times, "ethnicity": group,
        }
    )  # fmt: skip


def told(seed: int, factor: float) -> set[str]:
    rows = sanctions(suspensions(seed, factor), ["ethnicity"], 400, seed)
    return {
        row["group"]
        for row in rows
        for key in ("length", "permanent")
        if row[key]["is_gap"] and row[key]["estimate"] > 1
    }


def test_rare_exclusions_for_good_are_told_in_one_audit_of_twenty_at_most():
    """200 audits of 60 exclusions for good, and of 12 schools; a group of whom none was is no gap by that."""
    for num, schools in ((6000, 150), (3000, 12)):
        found = [
            sanctions(suspensions(seed, 1.0, num, schools), ["ethnicity"], 400, seed) for seed in range(200)
        ]
        told = [
            [row["permanent"] for row in rows if row["permanent"]["status"] == "estimated"] for rows in found
        ]
        assert sum(any(each["is_gap"] for each in rows) for rows in told) <= 17
        held = [each["low"] <= 1 <= each["high"] for rows in told for each in rows]
        assert np.mean(held) >= 0.93


def test_a_planted_sanction_bias_is_found_and_no_other_is_made_up():
    found = [told(seed, 1.8) for seed in range(40)]
    assert np.mean(["BCRB" in groups for groups in found]) >= 0.8
    none = [told(seed, 1.0) for seed in range(100)]
    assert sum(bool(groups) for groups in none) <= 10  # the 97.5 % point of a binomial of 100 at 5 %
