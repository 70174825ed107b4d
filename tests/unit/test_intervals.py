"""Intervals that know pupils come in schools."""

import numpy as np
import pytest
from scipy.stats import beta, chi2, norm, t

from training.between import VARIATION, between_counts
from training.intervals import (
    Interval,
    clusters,
    count_range,
    difference,
    effective_schools,
    exact_count,
    exact_share,
    freedom,
    interval,
    ratio,
    school_weights,
    share_range,
    widened,
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


def test_every_school_is_drawn_as_often():
    assert school_weights(37, 4000, 1).mean(axis=0) == pytest.approx(np.ones(37), abs=0.08)


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


def alike_gains(events):
    """Gains that every school moves as much, so that only how many there are decides."""
    return np.column_stack([np.full(len(events), 6.0), np.resize([2.0, 3.0], len(events)), events])


@pytest.mark.parametrize(
    ("events", "method"),
    [
        ([10] * 30, "school_bootstrap"),  # exactly thirty effective schools
        ([10] * 29 + [9], "school_jackknife"),
        ([10] * 29, "school_jackknife"),
    ],
)
def test_thirty_effective_schools_are_enough_to_resample(events, method):
    events = np.array(events)
    assert interval(alike_gains(events), difference, events, 400, 1, is_share=False).method == method


@pytest.mark.parametrize(
    ("events", "status"),
    [([8] * 6, "estimated"), ([8] * 5 + [7], "cannot_tell"), ([8] * 5, "cannot_tell")],
)
def test_six_effective_schools_are_enough_to_say_something(events, status):
    events = np.array(events)
    table = np.column_stack([np.resize([2.0, 3.0], len(events)), events])
    assert interval(table, ratio, events, 400, 1).status == status


def area(sums):
    """A share that is no count of pupils over another."""
    return sums[..., 0] / sums[..., 1]


@pytest.mark.parametrize(
    "over", [[2.0, 3, 1, 4, 2, 3, 1], [5.0, 0, 0, 0, 0, 0, 0], [8.0, 8, 8, 8, 8, 8, 3]], ids=str
)
def test_a_share_of_another_kind_moves_in_log_odds_also_where_none_or_all_is_left(over):
    events = np.full(7, 8)
    table = np.column_stack([over, events])
    found = interval(table, area, events, 400, 1)
    assert found.method == "school_jackknife"
    values = np.array([area(np.delete(table, school, axis=0).sum(axis=0)) for school in range(7)])
    values = np.clip(values, 1e-6, 1 - 1e-6)
    moves = np.log(values / (1 - values))
    moves -= moves.mean()
    reach = t.ppf(0.975, min(6, freedom(moves))) * np.sqrt(6 / 7 * (moves**2).sum())
    middle = np.log(found.estimate / (1 - found.estimate))
    ends = [1 / (1 + np.exp(-(middle + side * reach))) for side in (-1, 1)]
    assert [found.low, found.high] == pytest.approx(ends)


@pytest.mark.parametrize(
    ("each", "low", "high"), [(0.0, 0.0, 1 - 0.025 ** (1 / 7)), (8.0, 0.025 ** (1 / 7), 1.0)]
)
def test_a_share_of_another_kind_at_none_or_all_is_as_sure_as_its_schools(each, low, high):
    table = np.tile([each, 8.0], (7, 1))
    found = interval(table, area, np.full(7, 8), 400, 1)
    assert (found.method, found.low, found.high) == ("exact", pytest.approx(low), pytest.approx(high))


def test_facts_have_six_figures_after_the_point():
    made = Interval("estimated", 0.12345678, 0.1, 0.2, 12, 7.00000049, "exact")
    assert made.as_facts() == {
        "status": "estimated", "estimate": 0.123457, "low": 0.1, "high": 0.2, "events": 12, "schools": 7.0,
        "method": "exact", "reason": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("moves", "degrees"),
    [
        (np.ones(100), 100 * (3.16 - 0.277)),  # all alike: the schools themselves are fewer, and decide
        (np.array([1.0, *np.zeros(99)]), 3.16 - 0.277),
        (np.array([1.0, 1.0, *np.zeros(98)]), 2 * (3.16 - 0.277)),
        (np.array([1.0, *np.zeros(3)]), 3.16 - 1.385),
        (np.zeros(4), 1.0),
        (np.array([1.0]), 1.0),  # never less than one
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


@pytest.mark.parametrize(("more", "gain"), [(2.0, 0.0), (3.0, 0.2)])
def test_a_gain_that_no_school_moves_is_no_certainty(more, gain):
    table = np.tile([more, 2.0, 5.0], (12, 1))
    found = interval(table, difference, np.full(12, 5), 1000, 1, is_share=False)
    assert (found.status, found.estimate, found.low) == ("cannot_tell", pytest.approx(gain), None)


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


@pytest.mark.parametrize("num", [0.0, 1.0, 2.5, 10.0])
def test_the_range_of_a_count_is_garwoods(num):
    low, high = count_range(np.array(num))
    assert low == pytest.approx(chi2.ppf(0.025, 2 * num) / 2 if num else 0.0)
    assert high == pytest.approx(chi2.ppf(0.975, 2 * num + 2) / 2)


@pytest.mark.parametrize(("over", "num"), [(0, 10), (1, 10), (2.5, 7.5), (10, 10)])
def test_the_range_of_a_share_is_clopper_and_pearsons(over, num):
    low, high = share_range(np.array(over / num), np.array(num))
    assert low == pytest.approx(beta.ppf(0.025, over, num - over + 1) if over else 0.0)
    assert high == pytest.approx(beta.ppf(0.975, over + 1, num - over) if over < num else 1.0)


@pytest.mark.parametrize(
    ("effect", "schools", "degrees"), [(3.0, 9, 8), (3.0, 2, 1), (3.0, 1, 1), (1.0, 9, 8), (0.4, 9, 8)]
)
def test_what_schools_add_is_widened_as_it_comes_of_few(effect, schools, degrees):
    times = (t.ppf(0.975, degrees) / norm.ppf(0.975)) ** 2
    assert widened(effect, schools) == pytest.approx(1 + max(effect - 1, 0) * times)


SEEN, EXPECTED = np.array([9.0, 1, 7, 0, 8, 2, 6, 3]), np.array([3.0, 4, 5, 3, 4, 6, 5, 4])


@pytest.mark.parametrize("dates", [1, 6])
def test_a_count_of_schools_that_differ_is_less_sure(dates):
    """By hand, and the same where every pupil is there on six dates."""
    num, total = 36.0, 34.0
    variation = between_counts(SEEN, EXPECTED * num / total).weight @ VARIATION
    beyond = variation * num * sum(each**2 for each in EXPECTED) / total**2
    assert beyond > 0.5
    schools = total**2 / sum(each**2 for each in EXPECTED)
    effect = 1 + beyond * (t.ppf(0.975, schools - 1) / norm.ppf(0.975)) ** 2
    ends = [chi2.ppf(0.025, 2 * num / effect) / 2, chi2.ppf(0.975, 2 * num / effect + 2) / 2]
    found = exact_count(dates * np.column_stack([SEEN, EXPECTED]), SEEN.astype(int))
    assert found == pytest.approx([end * effect / total for end in ends])


def test_a_count_whose_pupils_are_not_counted_is_as_unsure_as_one_pupil():
    table = np.column_stack([SEEN, EXPECTED])
    assert exact_count(table, np.zeros(8, int)) == exact_count(table, np.eye(8, dtype=int)[0])


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
    estimate = interval(np.ones((20, 2)), ratio, np.zeros(20, int), 1000, 1)
    assert (estimate.estimate, estimate.reason) == (None, "no pupil had the outcome")


def test_one_event_is_a_figure_without_a_range():
    estimate = interval(np.ones((20, 2)), ratio, np.eye(20, dtype=int)[0], 1000, 1)
    assert (estimate.estimate, estimate.schools, estimate.reason) == (1.0, 1.0, "too few schools to say")


def test_a_share_whose_pupils_are_not_counted_is_as_unsure_as_one_pupil():
    table = np.tile([1.0, 2.0], (8, 1))
    assert exact_share(table, np.zeros(8, int)) == exact_share(table, np.eye(8, dtype=int)[0])


def test_a_share_of_nothing_is_no_figure():
    table = np.column_stack([np.ones(20), np.zeros(20)])
    estimate = interval(table, ratio, np.ones(20, int), 1000, 1, is_share=False)
    assert (estimate.status, estimate.estimate, estimate.events) == ("cannot_tell", None, 20)
    assert estimate.reason == "nobody is there to take a share of"


def test_events_are_distinct_pupils_at_the_school_of_the_first():
    found = clusters(np.array([10, 10, 20, 30]), np.array([1, 1, 1, 2]), 1000, 1)
    assert found.events(np.array([True, True, True, True])).tolist() == [1, 0, 1]


def test_columns_are_summed_by_school():
    found = clusters(np.array([10, 30, 10]), np.array([1, 2, 3]), 1000, 1)
    assert found.sums(np.array([1.0, 2, 4]), np.ones(3)).tolist() == [[5, 2], [2, 1]]


@pytest.mark.parametrize(
    "how", [{}, {"is_share": False, "is_count": True}, {"is_share": False}], ids=["share", "count", "other"]
)
def test_a_cohorts_interval_is_that_of_its_schools_sums_and_distinct_pupils(how):
    """Eight schools, six pupils each on two dates; one pupil of each school is not asked about."""
    school, pupil = np.repeat(np.arange(8), 12), np.arange(96) // 2
    is_asked = pupil % 6 > 0
    is_event = is_asked & (np.random.default_rng(9).random(96) < 0.4 + 0.3 * (school % 2))
    columns = (is_event.astype(float), is_asked.astype(float))
    held = clusters(school, pupil, 400, 1)
    pupils = None if how else np.full(8, 5)
    by_hand = interval(
        held.sums(*columns), ratio, held.events(is_event), 400, 1, how.get("is_share", True), pupils, "is_count" in how
    )  # fmt: skip
    assert held.interval(ratio, columns, is_event, **how) == by_hand
    assert by_hand.method == ("school_jackknife" if how == {"is_share": False} else "exact")


def test_difference_is_on_the_same_positives():
    assert difference(np.array([30.0, 20.0, 50.0])) == pytest.approx(0.2)
