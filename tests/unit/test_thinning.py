"""Of a large authority every so many-th date of each child is learned from: which, when, and that small ones lose none."""

import numpy as np
import pytest

from tests.simulated import simulate
from training import panel
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
