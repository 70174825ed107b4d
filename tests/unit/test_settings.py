"""What a training run refuses, and why."""

import numpy as np
import pytest

from models.errors import RecipeRefused
from models.risk_model import Calibrator, ModelFeature
from training.fit import directions, recalibrate
from training.folds import school_folds
from training.logistic import fit_logistic
from training.settings import Settings


@pytest.mark.parametrize(
    "name",
    [
        "is_unbalance",
        "unbalance",
        "scale_pos_weight",
        "pos_bagging_fraction",
        "neg_bagging_fraction",
        "neg_subsample",
    ],
)
def test_weights_and_resampling_by_outcome_are_refused_with_the_reason(name):
    with pytest.raises(RecipeRefused, match="destroy calibration at these base rates"):
        Settings(booster={name: 10})


@pytest.mark.parametrize(
    "name", ["num_threads", "n_jobs", "objective", "seed", "weight_column", "monotone_constraints"]
)
def test_what_would_make_two_models_differ_is_refused(name):
    with pytest.raises(RecipeRefused, match=f"LightGBM's {name} is refused: "):
        Settings(booster={name: 1})


def test_every_breach_is_told_at_once():
    with pytest.raises(RecipeRefused) as refused:
        Settings(outcome="trouble", window_days=30, refits=1, booster={"scale_pos_weight": 50, "nthread": 8})
    assert len(refused.value.breaches) == 5
    assert refused.value.exit_code == 9


def test_a_categorical_feature_with_a_direction_is_refused_before_lightgbm_aborts():
    features = [ModelFeature("num_a", "sen", 1), ModelFeature("need", "sen", 1, is_categorical=True)]
    with pytest.raises(RecipeRefused, match="need the direction 0"):
        directions(features)


def test_folds_keep_schools_whole():
    cluster = np.random.default_rng(1).integers(0, 17, 500)
    fold = school_folds(cluster, 5)
    assert all(len(set(fold[cluster == school])) == 1 for school in set(cluster))
    assert set(fold) == set(range(5))


def test_records_of_one_school_are_refused():
    with pytest.raises(RecipeRefused, match="one school"):
        school_folds(np.full(50, 123456), 5)


def test_recalibration_finds_slope_and_intercept():
    rng = np.random.default_rng(2)
    z = rng.normal(-3, 1.5, 60000)
    y = (rng.random(60000) < 1 / (1 + np.exp(-(0.7 * z - 0.4)))).astype(float)
    found = recalibrate(z, y)
    assert found.slope == pytest.approx(0.7, abs=0.03)
    assert found.intercept == pytest.approx(-0.4, abs=0.1)


def test_a_ranking_that_runs_the_wrong_way_gives_everyone_the_base_rate():
    z = np.repeat([-1.0, 1.0], 1000)
    y = np.r_[np.tile([1, 0, 0, 0, 0], 200), np.zeros(1000)]
    found = recalibrate(z, y)
    assert found.slope == 0
    assert found.probability(z) == pytest.approx(np.full(2000, 0.1))


def test_a_ranking_that_runs_a_little_the_wrong_way_does_too():
    z = np.repeat([-1.0, 1.0], 1000)
    found = recalibrate(z, np.r_[np.tile([1, 0, 0, 0, 0], 200), np.tile([1, *np.zeros(9)], 100)])
    assert found.slope == 0
    assert found.probability(z) == pytest.approx(np.full(2000, 0.15))


def test_recalibration_is_kept_to_nine_figures_after_the_point():
    """It becomes part of a model's text, which must come out the same byte for byte."""
    rng = np.random.default_rng(3)
    z = rng.normal(-3, 1.5, 500)
    y = (rng.random(500) < 1 / (1 + np.exp(-z))).astype(float)
    found, exact = recalibrate(z, y), fit_logistic(z[:, None], y)
    assert [found.slope, found.intercept] == [round(float(each), 9) for each in exact]
    assert all(found_of != each for found_of, each in zip((found.slope, found.intercept), exact, strict=True))


def test_a_calibrator_is_slope_and_intercept_on_log_odds():
    assert Calibrator().probability(np.array([0.0, np.log(3)])) == pytest.approx([0.5, 0.75])
    found = Calibrator(2.0, -np.log(3)).probability(np.array([0.0, np.log(3)]))
    assert found == pytest.approx([0.25, 0.75])
