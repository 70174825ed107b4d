"""The list rule, on tables small enough to check by eye."""

import numpy as np
import pytest

from models.places import (
    STATES,
    expected_place,
    floors,
    give_places,
    has_place,
    listing_probability,
    standing,
)

NONE = np.nan
RUNNING = np.array([""])


def places(scores, units, given):
    return expected_place(np.array(scores, dtype=float), np.array(units, dtype=int), np.array(given)).tolist()


@pytest.mark.parametrize(
    ("scores", "units", "given", "expected"),
    [
        ([0.9, 0.5, 0.1], [0, 0, 0], [2], [1, 1, 0]),
        ([0.9, 0.5, 0.1], [0, 0, 1], [1, 1], [1, 0, 1]),  # each unit for itself
        ([0.5, 0.5, 0.1], [0, 0, 0], [1], [0.5, 0.5, 0]),  # a tie at the cut
        ([0.9, 0.5, 0.5, 0.5], [0, 0, 0, 0], [2], [1, 1 / 3, 1 / 3, 1 / 3]),
        ([0.5, 0.5], [0, 0], [5], [1, 1]),  # fewer pupils than places
        ([0.5, 0.4], [0, 0], [0], [0, 0]),  # a phase without places
        ([NONE, 0.4, NONE], [0, 0, 0], [2], [0, 1, 0]),  # who is in no running takes none
        ([NONE, NONE], [0, 0], [2], [0, 0]),
        ([], [], [3], []),  # a school with no pupils
    ],
)
def test_expected_place(scores, units, given, expected):
    assert places(scores, units, given) == pytest.approx(expected)


def test_ties_add_up_to_the_places():
    rng = np.random.default_rng(3)
    score, unit = rng.integers(0, 5, 400).astype(float), rng.integers(0, 12, 400)
    given = rng.integers(0, 12, 12)
    chance = expected_place(score, unit, given)
    sizes = np.bincount(unit, minlength=12)
    assert np.bincount(unit, chance, 12) == pytest.approx(np.minimum(given, sizes))


def test_expected_place_is_the_mean_over_random_orders():
    rng = np.random.default_rng(4)
    score, unit, given = rng.integers(0, 3, 12).astype(float), np.repeat([0, 1], 6), np.array([2, 3])
    drawn = [has_place(score, unit, given, rng.permutation(12)) for _ in range(4000)]
    assert np.mean(drawn, axis=0) == pytest.approx(expected_place(score, unit, given), abs=0.04)


def test_a_real_list_settles_ties_by_the_tie_break():
    score = np.array([0.5, 0.5, 0.5])
    assert has_place(score, np.zeros(3, int), np.array([1]), np.array([7, 2, 9])).tolist() == [
        False,
        True,
        False,
    ]


def test_rows_in_another_order_give_the_same_list():
    rng = np.random.default_rng(5)
    score, unit, pupil = rng.integers(0, 4, 60).astype(float), rng.integers(0, 4, 60), rng.permutation(60)
    listed = set(pupil[has_place(score, unit, np.full(4, 5), pupil)])
    order = rng.permutation(60)
    assert set(pupil[order][has_place(score[order], unit[order], np.full(4, 5), pupil[order])]) == listed


def test_standing_takes_the_first_that_holds():
    found = standing(np.array([1, 0, 0, 1, 1]), np.array([0, 0, 1, 1, 0]), np.array([0, 0, 1, 1, 1]))
    assert found.tolist() == [
        "",
        "not_assessed",
        "not_assessed",
        "exclusion_in_progress",
        "already_supported",
    ]


def test_floor_is_twice_the_base_rate_and_unknown_phases_list_nobody():
    found = floors(np.array(["primary", "secondary", "special"]), {"primary": 0.001, "secondary": 0.02})
    assert found.tolist() == [0.002, 0.04, np.inf]


def given(estimate, refits, floor=0.0, states=None, num_places=2, tie_break=None):
    num = len(estimate)
    states = np.array([""] * num) if states is None else np.array(states)
    return give_places(
        np.array(estimate, dtype=float),
        np.array(refits, dtype=float),
        np.zeros(num, int),
        np.array([num_places]),
        np.full(num, floor),
        states,
        np.arange(num) if tie_break is None else np.array(tie_break),
    )


def test_no_place_is_given_below_the_floor():
    found = given([0.9, 0.01, 0.02], [[0.9, 0.9], [0.01, 0.01], [0.02, 0.02]], floor=0.05)
    assert found.state.tolist() == ["listed", "not_listed", "not_listed"]
    assert found.listing_probability.tolist() == [1, 0, 0]


def test_an_estimate_at_exactly_the_floor_has_a_place():
    found = given([0.05, np.nextafter(0.05, 0)], [[0.05] * 2, [np.nextafter(0.05, 0)] * 2], floor=0.05)
    assert found.state.tolist() == ["listed", "not_listed"]
    assert found.listing_probability.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("times", "last_listed_is_near_line", "first_missed"),
    [
        (199, False, "not_listed"),
        (200, False, "could_go_either_way"),  # at exactly 0.8 and 0.2
        (201, True, "could_go_either_way"),
    ],
)
def test_listing_probabilities_at_exactly_the_bounds(times, last_listed_is_near_line, first_missed):
    """Two places; of a thousand refits, so many give the second to the third pupil."""
    second = np.r_[np.full(times, 0.3), np.full(1000 - times, 0.7)]
    found = given([0.9, 0.7, 0.5], [[0.9] * 1000, second, [0.5] * 1000])
    assert found.listing_probability.tolist() == [1, (1000 - times) / 1000, times / 1000]
    assert found.is_near_line.tolist() == [False, last_listed_is_near_line, False]
    assert found.state.tolist() == ["listed", "listed", first_missed]


@pytest.mark.parametrize(("num_places", "either"), [(1, 0), (2, 1), (3, 1), (4, 2), (5, 2)])
def test_half_of_an_odd_number_of_places_is_rounded_down(num_places, either):
    refits = np.random.default_rng(8).random((12, 60))
    found = given(np.arange(12, 0, -1.0), refits, num_places=num_places)
    assert (found.listing_probability[num_places:] > 0).all()
    enough = (found.listing_probability[num_places:] >= 0.2).sum()
    assert (found.state == "could_go_either_way").sum() == min(either, enough)


@pytest.mark.parametrize(
    ("estimates", "tie_break", "first"),
    [
        ((0.5, 0.6), [0, 1, 2, 3], 3),  # as often listed: the higher estimate
        ((0.6, 0.5), [0, 1, 3, 2], 2),
        ((0.5, 0.5), [0, 1, 7, 3], 3),  # and as high: the lower pseudonym
        ((0.5, 0.5), [0, 1, 3, 7], 2),
    ],
)
def test_who_missed_a_place_as_narrowly_goes_by_estimate_then_pseudonym(estimates, tie_break, first):
    refits = [[0.9, 0.9], [0.1, 0.1], [0.8, 0.2], [0.2, 0.8]]
    found = given([0.9, 0.8, *estimates], refits, tie_break=tie_break)
    assert found.listing_probability.tolist() == [1, 0, 0.5, 0.5]
    assert np.flatnonzero(found.state == "could_go_either_way").tolist() == [first]


def test_near_the_line_and_either_way():
    # Five refits, two places: pupil 1 has a place in three of them, pupil 2 in two, pupil 3 in none.
    refits = [[0.9] * 5, [0.5, 0.5, 0.5, 0.1, 0.1], [0.2, 0.2, 0.2, 0.4, 0.4], [0.05] * 5]
    found = given([0.9, 0.5, 0.4, 0.1], refits)
    assert found.state.tolist() == ["listed", "listed", "could_go_either_way", "not_listed"]
    assert found.listing_probability.tolist() == pytest.approx([1, 0.6, 0.4, 0])
    assert found.is_near_line.tolist() == [False, True, False, False]


def test_half_as_many_again_at_most_go_either_way():
    rng = np.random.default_rng(6)
    refits = rng.random((12, 40))
    found = given(rng.random(12), refits, num_places=4)
    assert (found.state == "listed").sum() == 4
    assert (found.state == "could_go_either_way").sum() == 2
    unlisted = found.state == "not_listed"
    either = found.state == "could_go_either_way"
    assert found.listing_probability[either].min() >= found.listing_probability[unlisted].max()


def test_who_stands_apart_takes_no_place():
    states = ["already_supported", "exclusion_in_progress", "not_assessed", "", ""]
    found = given(
        [0.9, 0.8, np.nan, 0.2, 0.1], np.tile([[0.9], [0.8], [np.nan], [0.2], [0.1]], 3), states=states
    )
    assert found.state.tolist() == [*states[:3], "listed", "listed"]
    assert np.isnan(found.listing_probability[:3]).all()


def test_every_pupil_has_exactly_one_state():
    rng = np.random.default_rng(7)
    states = rng.choice(["", "", "", "not_assessed", "already_supported"], 200)
    found = give_places(
        rng.random(200),
        rng.random((200, 10)),
        rng.integers(0, 9, 200),
        np.full(9, 5),
        np.full(200, 0.3),
        states,
        np.arange(200),
    )
    assert set(found.state) <= set(STATES)
    assert (found.state[states != ""] == states[states != ""]).all()


def test_listing_probability_counts_ties_as_shares():
    refits = np.array([[0.5, 0.9], [0.5, 0.1]])
    found = listing_probability(refits, np.zeros(2, int), np.array([1]), 0.0, np.array(["", ""]))
    assert found.tolist() == [0.75, 0.25]
