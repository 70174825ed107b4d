"""Promises of a training run, on simulated authorities whose law is known."""

from dataclasses import replace
from statistics import median

import pytest

from tests.simulated import Law, simulate
from training.evidence.every_year import together
from training.gate import NO_GAIN_OVER_RULE, NO_GAIN_OVER_SCHOOL, gate
from training.run import judge_year, train
from training.settings import Settings
from training.splits import earlier_splits, eligible_dates, split_dates

pytestmark = pytest.mark.promise
QUICK = Settings(refits=10, trials=1, with_transport=False)
SEEDS = range(1, 6)


def evidence(tmp_path, seed, law, num_pupils=6000, num_schools=45):
    return train(
        simulate(num_pupils, num_schools, seed=seed, law=law), QUICK, tmp_path / f"candidate-{seed}"
    ).evidence


def test_calibration_slope_is_near_one_against_the_truth(tmp_path):
    """Not against what happened: against the true chances, so that luck plays no part."""
    found = [evidence(tmp_path, seed, Law(need=1.6, base=-4.4)) for seed in SEEDS]
    slopes = [one["against_truth"]["calibration_slope"] for one in found]
    assert 0.9 <= median(slopes) <= 1.1, slopes
    assert all(0.8 <= slope <= 1.25 for slope in slopes), slopes
    expected = [one["calibration"]["observed_over_expected"] for one in found]
    assert sum(one["low"] <= 1 <= one["high"] for one in expected) >= 4, expected


def test_a_real_signal_passes_the_gate(tmp_path):
    """The gate is no wall: where pupils differ in ways that no single rule sees, it opens."""
    law = Law(need=2.4, severity=0.3, base=-4.4)
    passed = [
        evidence(tmp_path, seed, law, 9000, 60)["gate"]["over_school_only"]["gain"]["low"] > 0
        for seed in SEEDS
    ]
    assert all(passed)


def test_noise_only_is_refused_and_the_list_called_largely_arbitrary(tmp_path):
    for seed in SEEDS:
        found = evidence(tmp_path, seed, Law(need=0.0, severity=0.0, base=-4.0))
        assert not found["gate"]["passed"]
        assert any(NO_GAIN_OVER_RULE in reason for reason in found["gate"]["reasons"])
        assert any("the list is largely arbitrary" in line.lower() for line in found["first_lines"]), found[
            "stability"
        ]
        assert any("arbitrary" in blocker for blocker in found["release"]["blockers"])


def test_noise_passes_no_gate_over_three_test_years_together():
    """More years narrow the range, and must not make a gain of nothing."""
    for seed in range(1, 11):
        frames = simulate(4000, 40, years=7, seed=seed, law=Law(need=0.0, severity=0.0, base=-4.0))
        eligible = eligible_dates(frames.closes, frames.covered_from, frames.known_until)
        split = split_dates(eligible, frames.closes, QUICK.window_days)
        years = [
            judge_year(frames, QUICK, each, lambda step: None)
            for each in (split, *earlier_splits(split, frames.closes))
        ]
        cohorts = [year.cohort for year in years if year.cohort]
        assert len(cohorts) == 3
        found = gate(cohorts[0], together(cohorts))
        assert not found["passed"], (seed, found)


def test_place_only_gives_no_gain_over_school_level_targeting(tmp_path):
    for seed in SEEDS:
        found = evidence(tmp_path, seed, Law(need=0.0, severity=1.0, base=-4.4))
        assert not found["gate"]["passed"]
        assert any(NO_GAIN_OVER_SCHOOL in reason for reason in found["gate"]["reasons"]), found["gate"]
        opening = " ".join(found["first_lines"]).lower()
        assert NO_GAIN_OVER_SCHOOL in opening


@pytest.mark.parametrize("share", [1.0, 0.6])
def test_a_planted_leak_is_caught_and_named(tmp_path, share):
    """Also one that gives away only part of the positives."""
    for seed in SEEDS:
        found = evidence(tmp_path, seed, Law(leak=share))
        assert found["leak_alarm"]["is_raised"]
        assert any("num_leak" in alarm for alarm in found["leak_alarm"]["alarms"])
        assert any("num_leak" in blocker for blocker in found["release"]["blockers"])


def test_an_honest_matrix_raises_no_alarm(tmp_path):
    raised = [evidence(tmp_path, seed, Law(need=1.8, base=-4.6))["leak_alarm"]["is_raised"] for seed in SEEDS]
    assert not any(raised)


def test_a_feature_that_is_known_too_early_collapses_with_longer_lags(tmp_path):
    """The newest fortnight told it all: the matrix with longer lags holds what was known without it."""
    frames = simulate(6000, 45, seed=1, law=Law(leak=0.6))
    last = frames.matrix["as_of"].isin(sorted(frames.matrix["as_of"].unique())[-12:-6])
    lagged = frames.matrix[last].drop(columns=["urn", "cluster"]).assign(num_leak=0.0)
    found = train(replace(frames, lagged=lagged), QUICK, tmp_path / "candidate").evidence["leak_alarm"]
    assert found["lag"]["recall_lagged"] < found["lag"]["recall"]
    assert any("14 days later" in alarm and "num_leak" in alarm for alarm in found["alarms"])
    assert found["lag"]["feature"] == "num_leak"
