"""Of a large authority every so many-th date of each child is learned from: which, when, and that small ones lose none."""

from dataclasses import replace

import numpy as np
import pytest

from tests.simulated import Law, simulate
from training import panel
from training import search as searching
from training.fit import DEFAULT
from training.origin import cohort_panel, learnable
from training.panel import make_panel, thinning
from training.settings import Settings
from training.splits import eligible_dates, split_dates

SETTINGS = Settings()


@pytest.fixture(scope="module")
def frames():
    return simulate(400, 8, seed=2)


@pytest.fixture(scope="module")
def split(frames):
    return split_dates(
        eligible_dates(frames.closes, frames.covered_from, frames.known_until), frames.closes, 365
    )


@pytest.mark.parametrize(("beyond", "every"), [(0, 1), (1, 2)])
def test_exactly_as_many_rows_as_are_learned_from_lose_none(frames, split, monkeypatch, beyond, every):
    there = len(make_panel(frames.matrix, frames.outcomes, SETTINGS.outcome, (), split.training))
    monkeypatch.setattr(panel, "MOST_LEARNED", there - beyond)
    assert thinning(frames.matrix, split.training) == every


def test_each_child_keeps_every_third_date_and_children_differ_in_which(frames, split):
    names, dates = frames.feature_names, split.training
    whole = make_panel(frames.matrix, frames.outcomes, SETTINGS.outcome, names, dates)
    some = make_panel(frames.matrix, frames.outcomes, SETTINGS.outcome, names, dates, 3)
    assert set(some.pupil) == set(whole.pupil[np.isin(whole.pupil, some.pupil)])
    first = {}
    for pupil in np.unique(some.pupil):
        places = np.searchsorted(np.array(dates, "datetime64[D]"), some.as_of[some.pupil == pupil])
        assert (np.diff(places) == 3).all()
        first[pupil] = places[0]
    assert set(first.values()) == {0, 1, 2}
    at = [
        np.flatnonzero((whole.pupil == p) & (whole.as_of == d))[0]
        for p, d in zip(some.pupil, some.as_of, strict=True)
    ]
    assert np.array_equal(some.X, whole.X[at], equal_nan=True)
    assert np.array_equal(some.target, whole.target[at], equal_nan=True)
    assert len(some) == pytest.approx(len(whole) / 3, rel=0.1)


def test_only_what_is_learned_from_is_thinned(frames, split, monkeypatch):
    whole = cohort_panel(frames, SETTINGS, split)
    monkeypatch.setattr(panel, "MOST_LEARNED", 500)
    thin = learnable(frames, frames.outcomes, SETTINGS, split.training)
    assert 0 < len(thin) <= 500
    assert len(cohort_panel(frames, SETTINGS, split)) == len(whole) > 2 * len(thin)


@pytest.mark.parametrize(("fewer", "num_parts"), [(0, 1), (1, 2)])
def test_whole_pupils_are_left_out_and_at_exactly_the_most_none(frames, split, fewer, num_parts):
    whole = cohort_panel(frames, SETTINGS, split)
    some = whole.some_pupils(len(whole) - fewer)
    assert (some is whole) is (num_parts == 1)
    assert len(some) == pytest.approx(len(whole) / num_parts, rel=0.35)
    assert not set(some.pupil) & set(whole.pupil[~np.isin(whole.pupil, some.pupil)])
    assert len(some) == np.isin(whole.pupil, some.pupil).sum()


def test_recipes_are_ranked_on_some_pupils_and_the_chosen_one_is_checked_on_all(monkeypatch):
    many = simulate(3000, 20, seed=3, law=Law(base=-3.0))
    eligible = eligible_dates(many.closes, many.covered_from, many.known_until)
    settings = replace(SETTINGS, trials=3, folds=3, max_rounds=15)
    rows = learnable(many, many.outcomes, settings, split_dates(eligible, many.closes, 365).training)
    monkeypatch.setattr(searching, "MOST_SEARCHED", len(rows) // 3)
    seen = []
    of = searching.checker
    monkeypatch.setattr(
        searching, "checker", lambda panel, *rest: seen.append(len(panel)) or of(panel, *rest)
    )
    found = searching.search(rows, many.features, settings)
    assert len(seen) == 2 and seen[0] < len(rows) / 2 and seen[1] == len(rows)
    assert found.checked.log_odds.shape == (len(rows),) and found.data.num_data() == len(rows)
    alone = searching.search(rows, many.features, replace(settings, trials=1))
    assert seen[2:] == [len(rows)] and alone.tried == {name: DEFAULT[name] for name in searching.SEARCHED}
