"""Intervals that know pupils come in schools."""

import numpy as np
import pytest

from training.intervals import (
    clusters,
    difference,
    effective_schools,
    from_log_odds,
    interval,
    ratio,
    school_weights,
    to_log_odds,
)


def counts(num, seed=1):
    rng = np.random.default_rng(seed)
    events = rng.integers(4, 12, num)
    return np.column_stack([rng.binomial(events, 0.4), events]).astype(float), events


def test_effective_schools():
    assert effective_schools(np.array([5, 5, 5, 5])) == 4
    assert effective_schools(np.array([100, 0, 0])) == 1
    assert effective_schools(np.array([0, 0])) == 0


def test_every_draw_holds_as_many_schools_as_there_are():
    assert (school_weights(37, 1000, 1).sum(axis=1) == 37).all()


def test_many_schools_are_resampled():
    table, events = counts(90)
    found = interval(table, ratio, events, 1000, 1)
    assert found.method == "school_bootstrap"
    drawn = school_weights(90, 1000, 1) @ table
    assert [found.low, found.high] == pytest.approx(np.percentile(drawn[:, 0] / drawn[:, 1], [2.5, 97.5]))


def test_few_schools_get_a_jackknife_recomputed_by_hand():
    from scipy.stats import t

    table, events = counts(9)
    found = interval(table, ratio, events, 1000, 1)
    assert found.method == "school_jackknife"
    left = [np.delete(table, school, axis=0).sum(axis=0) for school in range(9)]
    values = to_log_odds(np.array([a / n for a, n in left]))
    error = np.sqrt(8 / 9 * ((values - values.mean()) ** 2).sum())
    reach = t.ppf(0.975, effective_schools(events) - 1) * error
    middle = to_log_odds(np.array(found.estimate))
    assert [found.low, found.high] == pytest.approx(
        [from_log_odds(middle - reach), from_log_odds(middle + reach)]
    )


def test_too_few_schools_to_say():
    table, events = counts(5)
    found = interval(table, ratio, events, 1000, 1)
    assert (found.status, found.low, found.high, found.reason) == (
        "cannot_tell",
        None,
        None,
        "too few schools to say",
    )


def test_many_schools_with_events_in_one_are_few():
    table, events = counts(60)
    table[0], events[0] = (4000, 9000), 9000
    assert interval(table, ratio, events, 1000, 1).status == "cannot_tell"


@pytest.mark.parametrize(("found", "low", "high"), [(0, 0.0, 0.265), (8, 0.735, 1.0)])
def test_none_or_all_is_no_certainty(found, low, high):
    table = np.tile([float(found), 8.0], (12, 1))
    estimate = interval(table, ratio, np.full(12, 8), 1000, 1)
    assert estimate.method == "exact"
    assert [estimate.low, estimate.high] == pytest.approx([low, high], abs=0.001)


def test_no_event_is_no_figure():
    estimate = interval(np.zeros((20, 2)), ratio, np.zeros(20, int), 1000, 1)
    assert (estimate.status, estimate.estimate) == ("cannot_tell", None)


def test_a_share_of_nothing_is_no_figure():
    table = np.column_stack([np.ones(20), np.zeros(20)])
    estimate = interval(table, ratio, np.ones(20, int), 1000, 1, is_share=False)
    assert (estimate.status, estimate.estimate, estimate.events) == ("cannot_tell", None, 20)


def test_events_are_distinct_pupils_at_the_school_of_the_first():
    found = clusters(np.array([10, 10, 20, 30]), np.array([1, 1, 1, 2]), 1000, 1)
    assert found.events(np.array([True, True, True, True])).tolist() == [1, 0, 1]


def test_difference_is_on_the_same_positives():
    assert difference(np.array([30.0, 20.0, 50.0])) == pytest.approx(0.2)
