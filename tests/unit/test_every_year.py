"""Every year that can be tested: each knows nothing of itself or later, and together they are counted by hand."""

from dataclasses import replace

import numpy as np
import pytest

from models.errors import RecipeRefused
from tests.simulated import Law, simulate
from training import run
from training.evidence.every_year import TestYear, every_year, joined, together
from training.evidence.recall import school_list
from training.gate import gate
from training.panel import days
from training.run import judge_year, train
from training.settings import Settings
from training.splits import earlier_splits, eligible_dates, split_dates

SETTINGS = Settings(
    trials=1, max_rounds=20, folds=3, refits=2, draws=100, places_per_school={"primary": 2, "secondary": 3}
)


def quiet(step: str) -> None:
    pass


@pytest.fixture(scope="module")
def frames():
    return simulate(2500, 30, years=7, seed=4, law=Law(base=-3.4))


@pytest.fixture(scope="module")
def splits(frames):
    eligible = eligible_dates(frames.closes, frames.covered_from, frames.known_until)
    split = split_dates(eligible, frames.closes, 365)
    return split, *earlier_splits(split, frames.closes)


@pytest.fixture(scope="module")
def cohorts(frames, splits):
    return [judge_year(frames, SETTINGS, each, quiet).cohort for each in splits]


def test_seven_years_of_records_give_three_test_years(splits):
    assert len(splits) == 3
    assert len({day for each in splits for day in each.test}) == 18


def changed_from(frames, day, but):
    """The same frames with the outcome of other dates than some turned round, and all features after a day spoilt."""
    outcomes = frames.outcomes.copy()
    turned = ~np.isin(days(outcomes["as_of"]), np.array(but, "datetime64[D]"))
    outcomes.loc[turned, "serious_exclusion"] = 1 - outcomes.loc[turned, "serious_exclusion"]
    matrix = frames.matrix.copy()
    later = days(matrix["as_of"]) > np.datetime64(day)
    features = list(frames.feature_names)
    matrix.loc[later, features] = matrix.loc[later, features].to_numpy()[::-1]
    return replace(frames, outcomes=outcomes, matrix=matrix)


@pytest.mark.parametrize("number", [1, 2])
def test_a_years_lists_know_nothing_of_that_year_or_a_later_one(frames, splits, cohorts, number):
    one = splits[number]
    spoilt = changed_from(frames, one.test[-1], one.training)
    again = judge_year(spoilt, SETTINGS, one, quiet).cohort
    assert np.array_equal(again.estimate, cohorts[number].estimate)
    assert np.array_equal(again.floor, cohorts[number].floor)
    for name, score in cohorts[number].rivals.items():
        assert np.array_equal(again.rivals[name], score), name
    assert not np.array_equal(again.is_positive, cohorts[number].is_positive)
    fewer = changed_from(frames, one.test[-1], one.training[:-1])
    assert not np.array_equal(
        judge_year(fewer, SETTINGS, one, quiet).cohort.estimate, cohorts[number].estimate
    )


def test_what_was_known_on_its_first_day_is_what_a_year_learns_from(frames, splits, cohorts):
    one = splits[1]
    then = frames.outcomes.copy()
    known = (then["serious_exclusion"] == 1).fillna(False).to_numpy(bool)
    then.loc[known & (np.arange(len(then)) % 2 == 0), "serious_exclusion"] = 0
    early = replace(frames, outcomes_then={one.test[0]: then})
    assert not np.array_equal(judge_year(early, SETTINGS, one, quiet).cohort.estimate, cohorts[1].estimate)
    assert np.array_equal(judge_year(early, SETTINGS, splits[2], quiet).cohort.estimate, cohorts[2].estimate)


def test_together_is_each_years_lists_counted_up(cohorts):
    whole = together(cohorts)
    assert whole.panel.dates == sorted(day for each in cohorts for day in each.panel.dates)
    assert whole.panel.X.shape == (sum(map(len, (each.panel for each in cohorts))), 0)
    listed = np.concatenate([school_list(each) for each in reversed(cohorts)])
    assert np.array_equal(school_list(whole), listed)
    found = sum(float((school_list(each) * each.is_positive).sum()) for each in cohorts)
    positives = sum(int(each.is_positive.sum()) for each in cohorts)
    assert whole.recall(school_list(whole)).estimate == pytest.approx(found / positives, abs=1e-6)
    for name in whole.rivals:
        wanted = np.concatenate([each.listed(each.rivals[name]) for each in reversed(cohorts)])
        assert np.array_equal(whole.listed(whole.rivals[name]), wanted), name
    pooled = np.concatenate([each.pooled(each.estimate, floor=each.floor) for each in reversed(cohorts)])
    assert np.array_equal(whole.pooled(whole.estimate, floor=whole.floor), pooled)


def test_the_same_schools_in_three_years_are_not_three_times_as_many(cohorts):
    whole = together(cohorts)
    one = cohorts[0].recall(school_list(cohorts[0]))
    assert whole.recall(school_list(whole)).schools < 1.5 * one.schools
    assert whole.recall(school_list(whole)).events > one.events


def test_one_year_is_itself(cohorts):
    assert together(cohorts[:1]) is cohorts[0]
    assert gate(cohorts[0], cohorts[0]) == gate(cohorts[0])


def of(cohort, estimate):
    return replace(cohort, estimate=estimate, floor=np.zeros(len(estimate)))


def test_the_gate_rests_on_all_years_and_the_latest_must_not_be_without_a_gain(cohorts):
    perfect = [of(each, each.is_positive + 0.0) for each in cohorts]
    whole = together(perfect)
    assert gate(perfect[0], whole)["passed"]
    assert gate(perfect[0], whole)["over_best_rule"] != gate(perfect[0])["over_best_rule"]
    rule = gate(perfect[0])["over_best_rule"]["rule"]
    at_nought = of(cohorts[0], cohorts[0].rivals[rule])
    latest = gate(at_nought, together([at_nought, *perfect[1:]]))
    assert latest["over_best_rule"]["gain"]["low"] > 0
    assert not latest["passed"]
    assert any("in the latest test year" in reason for reason in latest["reasons"])


def test_a_year_with_too_little_to_learn_from_says_so_and_stops_nothing(frames, splits, monkeypatch):
    def refuse(*given):
        raise RecipeRefused("too little")

    monkeypatch.setattr(run, "learn", refuse)
    year = judge_year(frames, SETTINGS, splits[2], quiet)
    assert (year.cohort, year.reason) == (None, "too little")


def test_a_row_a_year_and_panels_keep_their_order(cohorts, splits):
    years = [TestYear(split, cohort) for split, cohort in zip(splits, cohorts, strict=True)]
    found = every_year([*years[:2], TestYear(splits[2], None, "too little")])
    assert [row["num_training_dates"] for row in found["years"]] == [len(each.training) for each in splits]
    assert found["years"][2]["recall"] is None and found["years"][2]["reason"] == "too little"
    panel = joined([each.panel for each in reversed(cohorts)])
    assert (np.diff(panel.moment) >= 0).all() and panel.school.max() + 1 == len(np.unique(panel.school))


def test_a_training_run_tells_every_year_and_settles_them_before(frames, splits, tmp_path):
    evidence = train(frames, SETTINGS, tmp_path / "model").evidence
    told = evidence.every_year
    assert [year.test for year in told.years] == [[str(day) for day in each.test] for each in splits]
    assert evidence.protocol.earlier_tests == [[str(day) for day in each.test] for each in splits[1:]]
    assert evidence.tested_on == sorted(str(day) for each in splits for day in each.test)
    assert told.years[0].recall == evidence.headline.recall_at_capacity
    assert evidence.capacities[3].over_best_rule == evidence.gate.over_best_rule
    assert evidence.gate.over_best_rule.gain.events == told.recall.events
