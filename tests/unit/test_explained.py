"""What estimates are made of: counted by hand, equal to shap's own, and no dot or mean that is of fewer than ten children."""

import warnings
from dataclasses import replace

import numpy as np
import pytest

from tests.simulated import Law, simulate
from training.evidence.explained import FEWEST, as_facts, explain
from training.evidence.recall import school_list
from training.run import train
from training.settings import Settings
from training.track_explained import means, plots

SETTINGS = Settings(trials=1, max_rounds=20, folds=3, refits=2, draws=100, with_transport=False)


@pytest.fixture(scope="module")
def candidate(tmp_path_factory):
    frames = simulate(2000, 24, seed=5, law=Law(base=-3.2))
    return train(frames, SETTINGS, tmp_path_factory.mktemp("explained") / "model")


def first(explained, num):
    """The rows of the first few children."""
    keep = np.isin(explained.pupil, np.unique(explained.pupil)[:num])
    parts = {name: getattr(explained, name)[keep] for name in ("X", "values", "by_family", "pupil")}
    return replace(explained, **parts)


def test_contributions_are_shaps_own_and_add_up_to_the_log_odds(candidate):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import shap

        everyone, _ = explain(candidate.judged.model, candidate.judged.cohort)
        theirs = shap.TreeExplainer(candidate.judged.model.booster)(everyone.X[:50].astype(np.float64))
    assert np.allclose(everyone.values[:50], theirs.values, atol=1e-6)
    whole = candidate.judged.model.booster.predict(everyone.X, raw_score=True)
    assert np.allclose(everyone.values.sum(axis=1) + everyone.base, whole, atol=1e-6)
    assert np.allclose(everyone.by_family.sum(axis=1), everyone.values.sum(axis=1), atol=1e-9)


def test_the_listed_are_those_with_a_place(candidate):
    cohort = candidate.judged.cohort
    _, listed = candidate.explained
    assert listed.num_pupils == len(np.unique(cohort.panel.pupil[(school_list(cohort) > 0.5)]))


def test_means_by_hand(candidate):
    everyone, listed = candidate.explained
    found = as_facts(everyone, listed)
    size = np.abs(everyone.values).mean(axis=0)
    top = found["features"][0]
    at = everyone.names.index(top["name"])
    assert top["mean_size"] == pytest.approx(size.max(), abs=1e-5)
    assert top["mean_listed"] == pytest.approx(
        listed.values[:, at].mean() - everyone.values[:, at].mean(), abs=1e-5
    )
    sizes = [row["mean_size"] for row in found["features"]]
    assert sizes == sorted(sizes, reverse=True)
    assert {row["family"] for row in found["families"]} == set(everyone.families)
    assert candidate.evidence.explained.plain() == found


@pytest.mark.parametrize(("num", "is_told"), [(FEWEST - 1, False), (FEWEST, True)])
def test_no_mean_is_of_fewer_than_ten_children(candidate, num, is_told):
    everyone, listed = candidate.explained
    few = as_facts(everyone, first(listed, num))
    assert (few["num_listed"] == num) is is_told
    assert all((row["mean_listed"] is not None) is is_told for row in [*few["families"], *few["features"]])
    assert bool(as_facts(first(everyone, num), listed)["families"]) is is_told
    names = [name for name, _ in plots(everyone, first(listed, num), False)]
    assert ("mean_of_listed" in names) is is_told
    assert bool(list(plots(first(everyone, num), listed, False))) is is_told


def test_a_dot_for_a_child_is_drawn_of_made_up_data_alone(candidate):
    everyone, listed = candidate.explained
    made_up, real = (
        {name: len(dots(figure)) for name, figure in plots(everyone, listed, flag)} for flag in (True, False)
    )
    assert {"families", "features", "mean_of_listed"} <= set(real) <= set(made_up)
    assert set(made_up) - set(real) == {"beeswarm"}
    dependence = [name for name in real if name.startswith("dependence_")]
    assert len(dependence) == 4
    for name in dependence:
        assert made_up[name] >= len(everyone.pupil) > 1000
        assert real[name] <= 22


def dots(figure):
    return [dot for axes in figure.axes[:1] for part in axes.collections for dot in part.get_offsets()]


def test_every_dot_of_real_records_is_ten_children_or_more():
    x = np.r_[np.zeros(30), np.arange(1, 25), [np.nan] * 5].astype(float)
    y, pupil = np.arange(len(x), dtype=float), np.arange(len(x))
    mean_x, mean_y = means(x, y, pupil)
    assert len(mean_x) == len(mean_y) == 3
    assert mean_x[0] == 0 and mean_y[0] == y[:30].mean()
    assert sum(mean_x * [30, 10, 14]) == pytest.approx(x[:54].sum())
    one_child = np.zeros(len(x), dtype=int)
    assert len(means(x, y, one_child)[0]) == 0
