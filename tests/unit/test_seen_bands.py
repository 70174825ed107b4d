"""What a card may say in place of an estimate: bands that each hold enough, and what was seen in them."""

import numpy as np
import pandas as pd
import pytest

from models.facts.evidence import SeenBands
from serving.prepared.bands import (
    NO_BAND,
    THE_SAME,
    TOO_FEW,
    banded,
    range_words,
    seen_words,
)
from tests.meetings import SEEN_BANDS
from training.evidence import seen_bands as bands
from training.evidence.seen_bands import FEWEST_CHILDREN, FEWEST_RARER, edges_of, facts_of, merged
from training.intervals import clusters

SCHOOLS = 20


def found(children, repeated=1):
    """Bands of children given as (how many, how many with the outcome, their estimate), spread evenly over schools.

    `repeated`: at how many dates each of them is seen, with the same outcome at each.
    """
    estimate, is_positive = [], []
    for num, num_with, value in children:
        estimate += [value] * num
        is_positive += [True] * num_with + [False] * (num - num_with)
    pupil = np.tile(np.arange(len(estimate)), repeated)
    of = clusters(pupil % SCHOOLS, pupil, 100, 1)
    return merged(np.tile(np.array(estimate), repeated), np.tile(np.array(is_positive), repeated), of)


def told(children, repeated=1):
    """The same as a record: children, with the outcome and status of each band."""
    made = SeenBands.checked({
        "fewest_children": FEWEST_CHILDREN, "fewest_rarer": FEWEST_RARER, "bands": facts_of(found(children, repeated)),
    })  # fmt: skip
    return [(each.num_children, each.num_with_outcome, each.status) for each in made.bands]


ENOUGH = [(6000, 60, 0.01), (600, 30, 0.05), (150, 24, 0.16), (120, 28, 0.21)]


def counted(each):
    return (each.num, each.num_with)


def test_bands_are_told_where_each_holds_enough():
    assert [counted(each) for each in found(ENOUGH)] == [(6000, 60), (600, 30), (150, 24), (120, 28)]
    statuses = [status for _, _, status in told(ENOUGH)]
    assert statuses == ["estimated"] * 4


@pytest.mark.parametrize(
    ("top", "is_alone"),
    [
        ((FEWEST_CHILDREN, FEWEST_RARER, 0.25), True),
        ((FEWEST_CHILDREN - 1, FEWEST_RARER, 0.25), False),
        ((FEWEST_CHILDREN, FEWEST_RARER - 1, 0.25), False),
    ],
)
def test_the_top_band_is_merged_where_it_holds_too_few(top, is_alone):
    """At exactly the least it stands; one child or one outcome less, and it is merged with the one below."""
    below = (400, 30, 0.05)
    last = found([(6000, 60, 0.004), below, top])[-1]
    assert counted(last) == (top[:2] if is_alone else (below[0] + top[0], below[1] + top[1]))


def test_children_without_the_outcome_can_be_the_rarer_kind():
    """In a band where nearly everyone had it, those who had not are counted."""
    few = FEWEST_RARER - 1
    assert len(found([(6000, 60, 0.02), (200, 30, 0.4), (150, 150 - few, 0.9)])) == 2
    assert len(found([(6000, 60, 0.02), (200, 30, 0.4), (150, 150 - few - 1, 0.9)])) == 3


def test_where_the_outcome_was_seen_no_more_often_bands_are_one():
    rising = [(6000, 60, 0.01), (600, 60, 0.05), (300, 31, 0.1)]
    assert len(found(rising)) == 3
    assert [counted(each) for each in found([*rising[:2], (300, 30, 0.1)])] == [(6000, 60), (900, 90)]


@pytest.mark.parametrize("num_with", [0, FEWEST_RARER - 1, FEWEST_RARER])
def test_where_everyone_together_is_too_few_nothing_is_told(num_with):
    (only,) = told([(5000, num_with, 0.01)])
    if num_with == FEWEST_RARER:
        assert only[2] == "estimated"
    else:
        assert only == (None, None, "cannot_tell")


def test_with_too_few_schools_nothing_is_told():
    pupil = np.arange(3000)
    of = clusters(pupil % 5, pupil, 100, 1)
    (only,) = merged(np.linspace(0.01, 0.2, 3000), pupil % 10 == 0, of)
    assert only.lacking == "too few schools to say"
    assert facts_of([only])[0]["num_children"] is None


def test_a_child_counts_once_from_the_first_date_in_the_band():
    assert [counted(each) for each in found(ENOUGH, repeated=6)] == [counted(each) for each in found(ENOUGH)]
    pupil = np.array([1, 2, 1, 2])
    of = clusters(pupil, pupil, 100, 1)
    first = bands.seen(0.0, np.array([True, True, True, False]), np.array([False, True, True, True]), of)
    assert counted(first) == (2, 1)  # what came after the first child's second date is not looked at


def test_edges_follow_the_estimates_alone():
    estimate = np.repeat([0.01, 0.05, 0.1, 0.2], [450, 50, 15, 8])
    assert edges_of(estimate) == [0.05, 0.1, 0.2]
    assert (
        edges_of(np.full(10, 0.3)) == [0.3] and edges_of(np.zeros(3)) == [] and edges_of(np.array([])) == []
    )


def test_an_estimate_exactly_at_an_edge_is_in_the_band_above():
    pupil, edge = np.arange(3), SEEN_BANDS.bands[1].from_estimate
    frame = banded(
        pupil, np.array([np.nextafter(edge, 0), edge, np.nextafter(edge, 1)]), np.empty((3, 0)), SEEN_BANDS
    )
    assert frame["band"].tolist() == [0, 1, 1]
    at = merged(
        np.repeat([0.0, edge], [6000, 200]),
        np.arange(6200) % 10 == 0,
        clusters(np.arange(6200) % 20, np.arange(6200), 100, 1),
    )
    assert [each.low for each in at][-1] in (0.0, edge)


def test_counts_leave_rounded_and_ranges_outwards():
    for exact, band in zip(found(ENOUGH), facts_of(found(ENOUGH)), strict=True):
        assert band["num_children"] % 5 == 0 and band["num_with_outcome"] % 5 == 0
        assert (
            abs(band["num_children"] - exact.num) <= 8 and abs(band["num_with_outcome"] - exact.num_with) <= 4
        )
        assert band["low"] <= exact.share.low and exact.share.high <= band["high"]
        assert band["low"] <= band["estimate"] <= band["high"]
        assert (100 * band["low"]) % 1 == pytest.approx(0, abs=1e-9) or (
            100 * band["low"]
        ) % 1 == pytest.approx(1)


def test_what_was_seen_is_said_both_ways():
    words = seen_words(SEEN_BANDS.bands[2], "any_suspension", 182)
    assert words == (
        "Of the 410 children with past records like these on the test dates, 65 were suspended at least once in the six months after, "
        "and 345 were not. That is 16 of every 100 (range 11 to 21). It cannot say which."
    )
    assert "fewer than 1 of every 100 (range 0 to 1)" in seen_words(
        SEEN_BANDS.bands[0].model_copy(update={"estimate": 0.005}), "any_suspension", 182
    )


def test_a_range_is_from_the_lowest_bands_share_to_the_highests():
    low, middle, top = SEEN_BANDS.bands
    assert range_words(middle, middle) == THE_SAME
    assert "anything from 5 to 16 of every 100" in range_words(middle, top)
    assert "anything from fewer than 1 to 16 of every 100" in range_words(low, top)


def test_a_band_too_thin_says_so_in_words_and_with_no_number():
    thin = facts_of(found([(5000, 3, 0.01)]))
    band = SeenBands.checked({"fewest_children": 100, "fewest_rarer": 20, "bands": thin}).bands[0]
    assert seen_words(band, "any_suspension", 182) == TOO_FEW and range_words(band, band) == ""
    assert not any(letter.isdigit() for letter in TOO_FEW)


def test_without_refits_nothing_tells_a_range():
    pupil, estimate = np.array([7, 3]), np.array([0.2, 0.01])
    frame = banded(pupil, estimate, np.empty((2, 0)), SEEN_BANDS)
    expected = pd.DataFrame(
        {"pupil": [3, 7], "band": [0, 2], "lowest_band": NO_BAND, "highest_band": NO_BAND}
    )
    pd.testing.assert_frame_equal(frame, expected, check_dtype=False)
    spread = banded(pupil, estimate, np.array([[0.02, 0.12, 0.3], [0.01, 0.01, 0.01]]), SEEN_BANDS)
    assert spread.to_dict("list") == {
        "pupil": [3, 7],
        "band": [0, 2],
        "lowest_band": [0, 1],
        "highest_band": [0, 2],
    }


def test_a_release_without_bands_leaves_everyone_in_none():
    frame = banded(np.array([1]), np.array([0.2]), np.ones((1, 4)), None)
    assert frame.iloc[0].tolist() == [1, NO_BAND, NO_BAND, NO_BAND]


@pytest.mark.parametrize(
    "change",
    [{"from_estimate": 0.01}, {"below_estimate": 0.5}, {"num_children": None}],
    ids=["begins above nought", "leaves a hole", "says no count"],
)
def test_bands_that_do_not_hold_together_are_refused(change):
    plain = SEEN_BANDS.plain()
    plain["bands"][0] |= change
    with pytest.raises(ValueError):
        SeenBands.checked(plain)
