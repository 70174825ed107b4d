"""A shorter memory competes only over a break of the outcome, inside the training dates, and wins only where it tells more."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from features.contract.breaks import breaks
from models.facts.breaks import Memory
from tests import small
from tests.simulated import Law, simulate
from training.memory import DATES, choose, competes, mean_by_school, remembered
from training.origin import learnable
from training.panel import Panel
from training.search import search
from training.settings import Settings

REAL = breaks(small.authority(small.AUTHORITY.replace("is_made_up = true\n", "")))
SETTINGS = Settings(trials=1, max_rounds=60, folds=3)
DAYS = tuple(date(2024, month, 1) for month in range(1, 13))
LABEL = [one for one in REAL if one.name == "exclusions_guidance"]


def test_nothing_competes_without_a_break_of_the_outcome():
    days = [date(2023, 1, 2 + at) for at in range(8)]
    assert competes(REAL, days, date(2025, 12, 31)) == []
    assert [one.name for one in competes(REAL, days, date(2026, 1, 29))] == ["internal_suspension"]
    assert [one.name for one in competes(REAL, days, date(2026, 7, 26))] == [
        "internal_suspension",
        "exclusions_guidance",
    ]


@pytest.mark.parametrize(("num", "there"), [(DATES, False), (DATES + 1, True)])
def test_there_has_to_be_more_than_a_year_to_forget(num, there):
    days = [date(2023, 1, 2 + at) for at in range(num)]
    assert bool(competes(REAL, days, date(2027, 7, 21))) is there


def test_the_latest_dates_are_remembered_and_0_is_all():
    assert remembered(DAYS, SETTINGS) == DAYS
    assert remembered(DAYS, replace(SETTINGS, memory=DATES)) == DAYS[-DATES:]
    assert "memory" not in SETTINGS.as_facts()
    assert Settings(**replace(SETTINGS, memory=DATES).as_facts()).memory == DATES


@pytest.fixture(scope="module")
def frames():
    return simulate(num_pupils=4000, num_schools=40, years=5, seed=4, law=Law(base=-3.2))


@pytest.fixture(scope="module")
def stable(frames) -> Panel:
    """Twelve dates of one law."""
    days = sorted(set(frames.matrix["as_of"]))[:12]
    return learnable(frames, frames.outcomes, SETTINGS, tuple(days))


def turned(panel: Panel, frames) -> Panel:
    """The same, but before the latest year it was children without suspensions who had the outcome."""
    early = ~np.isin(panel.as_of, np.array(panel.dates[-DATES:], "datetime64[D]"))
    column = frames.feature_names.index("num_suspensions_190")
    others = np.flatnonzero(early & (panel.X[:, column] == 0))
    y, num = panel.y.copy(), int(panel.y[early].sum())
    y[early] = 0.0
    y[np.random.default_rng(5).choice(others, num, replace=False)] = 1.0
    return replace(panel, y=y, target=y)


def chosen(panel: Panel, frames, why=tuple(LABEL)):
    searched = search(panel, frames.features, SETTINGS)
    return choose(panel, frames.features, SETTINGS, searched, why), searched


def test_without_a_break_everything_stays_as_it_is(stable, frames):
    found, searched = chosen(stable, frames, ())
    assert found.panel is stable and found.searched is searched
    assert (found.settings, found.facts) == (SETTINGS, None)


def test_in_a_world_of_one_law_all_dates_are_learned_from(stable, frames):
    found, _ = chosen(stable, frames)
    assert found.facts is not None and not Memory.model_validate(found.facts).is_shorter
    assert found.panel is stable and found.settings.memory == 0
    assert "learned from all of them" in found.facts["sentence"]


def test_where_the_early_dates_told_the_other_way_the_latest_alone_win(stable, frames):
    found, _ = chosen(turned(stable, frames), frames)
    assert found.facts is not None and Memory.model_validate(found.facts).is_shorter
    assert found.settings.memory == DATES
    assert found.panel.dates == stable.dates[-DATES:]
    assert len(found.searched.checked.log_odds) == len(found.panel)


def test_the_error_is_that_of_schools_drawn_whole():
    mean, error = mean_by_school(np.array([1.0, 1.0, 0.0, 0.0]), np.array([7, 7, 9, 9]))
    assert (mean, error) == (0.5, 0.5)
