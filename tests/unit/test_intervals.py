"""Intervals that know pupils come in schools."""

import numpy as np
import pytest
from scipy.stats import t

from training.intervals import (
    clusters,
    difference,
    effective_schools,
    freedom,
    interval,
    ratio,
    school_weights,
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


def gains(num, seed=1):
    table, events = counts(num, seed)
    rule = np.random.default_rng(seed).binomial(events, 0.3)
    return np.column_stack([table[:, 0], rule, events]).astype(float), events


def test_many_schools_are_resampled():
    table, events = gains(90)
    found = interval(table, difference, events, 1000, 1, is_share=False)
    assert found.method == "school_bootstrap"
    drawn = school_weights(90, 1000, 1) @ table
    assert [found.low, found.high] == pytest.approx(np.percentile(difference(drawn), [2.5, 97.5]))


def test_few_schools_get_a_jackknife_recomputed_by_hand():
    table, events = gains(9)
    found = interval(table, difference, events, 1000, 1, is_share=False)
    assert found.method == "school_jackknife"
    values = np.array([difference(np.delete(table, school, axis=0).sum(axis=0)) for school in range(9)])
    error = np.sqrt(8 / 9 * ((values - values.mean()) ** 2).sum())
    reach = t.ppf(0.975, effective_schools(events) - 1) * error
    assert [found.low, found.high] == pytest.approx([found.estimate - reach, found.estimate + reach])


@pytest.mark.parametrize(
    ("moves", "degrees"),
    [
        (np.ones(100), 100 * (3.16 - 0.277)),  # all alike: the schools themselves are fewer, and decide
        (np.array([1.0, *np.zeros(99)]), 3.16 - 0.277),
        (np.array([1.0, 1.0, *np.zeros(98)]), 2 * (3.16 - 0.277)),
        (np.array([1.0, *np.zeros(3)]), 3.16 - 1.385),
        (np.zeros(4), 1.0),
    ],
)
def test_few_schools_that_move_a_figure_leave_few_degrees_of_freedom(moves, degrees):
    assert freedom(moves) == pytest.approx(degrees)


def test_one_school_in_sixty_that_moves_a_gain_most_does_not_hide_it():
    """Every school gains as much; one is six times as large, and its own gain is half as much again."""
    table = np.column_stack([np.full(60, 6.0), np.tile([2.0, 3.0], 30), np.full(60, 10.0)])
    table[0] = [54.0, 9.0, 60.0]
    found = interval(table, difference, table[:, 2].astype(int), 1000, 1, is_share=False)
    assert found.method == "school_jackknife"
    assert found.low > 0.2


def test_a_gain_that_one_school_bears_is_as_unsure_as_one_school():
    table = np.tile([2.0, 2.0, 5.0], (12, 1))
    table[0] = [5.0, 0.0, 5.0]
    found = interval(table, difference, np.full(12, 5), 1000, 1, is_share=False)
    assert found.low < 0 < found.estimate < found.high


def test_a_gain_that_no_school_moves_is_no_certainty():
    table = np.tile([2.0, 2.0, 5.0], (12, 1))
    found = interval(table, difference, np.full(12, 5), 1000, 1, is_share=False)
    assert (found.status, found.estimate, found.low) == ("cannot_tell", 0.0, None)


def test_a_share_is_as_sure_as_independent_pupils_where_each_school_has_one():
    """1 of 12, one in each school: Clopper and Pearson's own 0.2 to 38.5 %."""
    table = np.column_stack([np.arange(12) == 0, np.ones(12)]).astype(float)
    found = interval(table, ratio, np.ones(12, int), 1000, 1)
    assert found.method == "exact"
    assert [found.low, found.high] == pytest.approx([0.00211, 0.38480], abs=1e-5)


def test_alike_pupils_of_a_school_make_a_share_less_sure():
    mixed = np.tile([2.0, 4.0], (20, 1))
    apart = np.column_stack([np.repeat([0.0, 4.0], 10), np.full(20, 4.0)])
    widths = [
        found.high - found.low
        for found in (interval(each, ratio, np.full(20, 4), 1000, 1) for each in (mixed, apart))
    ]
    assert widths[1] > 1.5 * widths[0]


def test_dates_of_one_pupil_are_no_more_pupils():
    table, events = counts(40)
    once, six = (interval(times * table, ratio, events, 1000, 1) for times in (1, 6))
    assert [six.low, six.high] == pytest.approx([once.low, once.high])


def test_a_count_over_an_expected_one_is_garwoods_where_each_school_has_one():
    table = np.column_stack([np.ones(10), np.full(10, 0.5)])
    found = interval(table, ratio, np.ones(10, int), 1000, 1, is_share=False, is_count=True)
    assert found.estimate == 2
    assert found.low == pytest.approx(4.795 / 5, rel=0.35)  # a little wider: schools could differ unseen
    assert found.low < 4.795 / 5
    assert found.high > 18.39 / 5


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


@pytest.mark.parametrize(("found", "low", "high"), [(0, 0.0, 0.0669), (8, 0.9331, 1.0)])
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
