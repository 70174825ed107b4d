"""The parts of the leak alarm, on tables small enough to read; its rates are promises (tests/promises/test_leaks.py)."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from tests.promises.test_leaks import alarms, model_of
from tests.worlds import FEATURES, LEAKS, world
from training.evidence.leaks import (
    SUDDEN,
    beside,
    coded,
    date_before,
    fresher,
    lowest_count,
    lowest_share,
    regions,
    risen,
)


def test_a_pupil_is_followed_to_the_next_date_and_not_over_a_gap():
    pupil = np.array([1, 2, 1, 2, 1])
    as_of = np.array(
        ["2022-10-21", "2022-10-21", "2022-12-16", "2023-02-18", "2023-12-15"], dtype="datetime64[D]"
    )
    assert date_before(pupil, as_of).tolist() == [-1, -1, 0, 1, -1]
    later = as_of.copy()
    later[3] += np.timedelta64(1, "D")  # 121 days after: not the next date
    assert date_before(pupil, later).tolist() == [-1, -1, 0, -1, -1]


def test_missing_is_a_step_of_its_own():
    code, num = coded(np.array([0.0, 0.0, 1.0, np.nan]))
    assert code[3] == num - 1
    assert code[0] == code[1] < code[2] < num - 1
    assert coded(np.array([np.nan, np.nan]))[1] == 2


def test_regions_are_from_a_step_up_below_a_step_and_any_value():
    found = [tuple(each.tolist()) for each in regions(4)]
    assert (False, True, True, False) in found
    assert (True, False, False, False) in found
    assert found[-1] == (True, True, True, False)
    assert not any(each[-1] for each in found)


@pytest.mark.parametrize(
    ("inside", "place"), [((0, 1, 1, 0), 0), ((1, 0, 0, 0), 1), ((1, 1, 1, 0), 3), ((0, 0, 1, 0), 1)]
)
def test_the_step_next_to_a_region(inside, place):
    assert beside(np.array(inside, bool)).tolist() == [index == place for index in range(4)]


def test_bounds_lie_below_what_was_seen_and_nothing_seen_is_nothing():
    assert lowest_count(0) == lowest_share(0, 10) == fresher(0, 10, 3, 30) == 0.0
    assert lowest_count(20) < 20
    assert 0.3 < lowest_share(10, 10) < 0.5
    assert fresher(20, 40, 20, 40) < 1 < fresher(200, 400, 20, 400)


@pytest.mark.parametrize("leak", sorted(LEAKS))
def test_a_planted_leak_is_named_and_the_same_authority_without_it_is_not(leak):
    held = LEAKS[leak][1]
    assert {tell.feature for tell in alarms(world(7, "suspensions", leak, 1.0, 3000, 30))} & set(held)
    assert alarms(world(7, "suspensions", "", 0.0, 3000, 30)) == []


def test_the_sentence_names_the_feature_and_what_was_seen():
    tell = max(alarms(world(7, "none", "move", 1.0, 3000, 30)), key=lambda tell: tell.excess)
    assert tell.feature in tell.sentence
    assert f"{tell.observed:.0f} of {tell.num} pupil-dates" in tell.sentence
    assert tell.observed > tell.expected


def test_without_outcomes_there_is_no_sign():
    record = world(7, "none", "", 0.0, 1500, 20)
    model = model_of(record)
    record.y[:] = 0.0
    assert risen(model, record) == []
    assert len(model.feature_names) == len(FEATURES)


def escalating(yearly: float) -> list[str]:
    """Signs where a record newly stands in some children, and a share of them has the outcome each year from then on."""
    rng, num, times = np.random.default_rng(3), 40_000, 9
    day = 60 * np.arange(times)
    since = np.where(
        rng.random(num) < 0.03, rng.integers(1, times, num), times
    )  # the date at which it is first there
    begins = np.where(since < times, day[np.minimum(since, times - 1)], 0)
    risk = np.where(since < times, -np.log1p(-yearly), -np.log1p(-0.005)) / 365
    event = begins + rng.exponential(1 / risk)
    at = np.repeat(np.arange(times), num)
    who, now = np.tile(np.arange(num), times), day[at]
    record = world(7, "none", "", 0.0, 40, 4)
    panel = replace(
        record, X=(np.tile(since, times) <= at)[:, None].astype(np.float32), pupil=who,
        y=((event[who] >= now) & (event[who] < now + 365)).astype(float),
        as_of=np.datetime64("2022-09-01") + now.astype("timedelta64[D]"),
        **{name: np.resize(getattr(record, name), len(who)) for name in ("cluster", "school", "phase", "district", "nc_year", "standing", "is_hidden_exit", "target")},
        moment=at.astype(np.int32),
    )  # fmt: skip
    model = SimpleNamespace(feature_names=["has_record"], estimate=lambda X: np.full(len(X), 0.005))
    return [tell.sign for tell in risen(model, panel)]


def test_what_multiplies_a_small_risk_and_leaves_it_small_is_no_leak():
    """A first suspension does: eight in a hundred afterwards, half a one before. At half of them it is a leak, or as good as one."""
    assert SUDDEN not in escalating(0.08)
    assert SUDDEN in escalating(0.5)
