"""Figures of the evidence, recomputed by hand on cohorts small enough to count."""

import numpy as np
import pandas as pd
import pytest

from tests.simulated import simulate
from training.comparators import COMPARATORS, comparator_scores, rate_by, side
from training.evidence.past_year import lead_time
from training.evidence.ranking import auc, decision_curve
from training.evidence.recall import by_part, headline, left_out, needed_to_screen, school_list
from training.evidence.test_cohort import TestCohort
from training.gate import gate
from training.intervals import clusters
from training.panel import make_panel
from training.settings import Settings
from training.stability import overlap

SETTINGS = Settings(places_per_school={"primary": 2, "secondary": 3}, draws=200)


@pytest.fixture(scope="module")
def frames():
    return simulate(900, 16, seed=3)


@pytest.fixture(scope="module")
def cohort(frames):
    dates = sorted(frames.closes)
    past, now = (
        side(
            make_panel(frames.matrix, frames.outcomes, "serious_exclusion", frames.feature_names, part),
            frames.feature_names,
            frames.groups,
        )
        for part in (dates[6:12], dates[18:20])
    )
    rng = np.random.default_rng(1)
    positive = rng.random(len(now.panel)) < 0.04
    y = np.where(now.panel.is_known, positive, np.nan)
    panel = type(now.panel)(**{**vars(now.panel), "y": y})
    estimate = np.clip(0.04 + 0.05 * np.nan_to_num(y) + 0.03 * rng.normal(size=len(y)), 0.001, 0.9)
    held = clusters(panel.cluster, panel.pupil, SETTINGS.draws, 1)
    return TestCohort(panel, estimate, np.full(len(y), 0.05), comparator_scores(past, now), held, SETTINGS)


def table(cohort):
    panel = cohort.panel
    return pd.DataFrame(
        {"pupil": panel.pupil, "moment": panel.moment, "school": panel.school, "phase": panel.phase, "y": panel.y,
         "standing": panel.standing, "estimate": cohort.estimate}
    )  # fmt: skip


def test_the_list_is_the_highest_above_the_floor_at_each_school_and_date(cohort):
    rows = table(cohort)
    running = rows[(rows.standing == "") & (rows.estimate >= 0.05)]
    wanted = set()
    for (_, phase), part in running.groupby(["school", "phase"]):
        wanted |= set(part.nlargest(SETTINGS.places_per_school[phase], "estimate").index)
    assert set(np.flatnonzero(school_list(cohort))) == wanted


def test_recall_counts_all_positives_also_those_who_take_no_place(cohort):
    found, rows = headline(cohort), table(cohort).assign(listed=school_list(cohort))
    positives = rows[rows.y == 1]
    assert found["recall_at_capacity"]["estimate"] == pytest.approx(positives.listed.mean(), abs=1e-6)
    assert found["recall_at_capacity"]["events"] == positives.pupil.nunique()
    assert sum(found["who_was_missed"].values()) == pytest.approx((1 - positives.listed).sum(), abs=0.3)
    assert found["who_was_missed"]["not_assessed"] == (positives.standing == "not_assessed").sum()
    known = rows[rows.y.notna()]
    assert found["precision"]["estimate"] == pytest.approx(
        (known.listed * known.y).sum() / known.listed.sum(), abs=1e-6
    )


def test_number_needed_to_screen_turns_the_interval_round():
    found = needed_to_screen({"status": "estimated", "estimate": 0.2, "low": 0.1, "high": 0.5})
    assert found == {"status": "estimated", "estimate": 5.0, "low": 2.0, "high": 10.0}


def test_parts_add_up(cohort):
    parts = by_part(cohort, cohort.panel.phase, "phase")
    assert sum(part["num_on_roll"] for part in parts) == len(cohort.panel)
    assert sum(part["num_positives"] for part in parts) == cohort.is_positive.sum()


def test_bounds_hold_the_figure_between_them(cohort):
    found = left_out(cohort)
    gone = ~cohort.panel.is_known
    assert found["num_left_out"] == gone.sum()
    assert found["hidden_exits_positive"]["recall"]["events"] >= found["all_negative"]["recall"]["events"]


def test_the_pooled_list_has_the_same_total(cohort):
    assert cohort.pooled(cohort.estimate).sum() == pytest.approx(cohort.listed(cohort.estimate).sum(), abs=5)
    assert cohort.pooled_places().sum() == cohort.school_places().sum()


def test_chance_finds_its_share(cohort):
    listed = cohort.listed(cohort.rivals["chance"])
    rows = table(cohort).assign(listed=listed)
    running = rows[rows.standing == ""]
    assert running.groupby("school").listed.nunique().max() == 1  # everyone tied


def test_auc_is_that_of_every_pair(cohort):
    where = cohort.panel.can_train
    hits, others = (cohort.estimate[where & (cohort.panel.y == value)] for value in (1, 0))
    pairs = (hits[:, None] > others).mean() + (hits[:, None] == others).mean() / 2
    assert auc(cohort)["estimate"] == pytest.approx(pairs, abs=0.002)


def test_net_benefit_by_hand(cohort):
    found = decision_curve(cohort)
    where = cohort.panel.can_train
    y, screened = cohort.panel.y[where], cohort.estimate[where] >= 0.05
    by_hand = 1000 * ((screened & (y == 1)).sum() - (screened & (y == 0)).sum() * 0.05 / 0.95) / where.sum()
    place = found["thresholds"].index(0.05)
    assert found["net_benefit_per_1000"]["model"][place] == pytest.approx(by_hand, abs=1e-3)


def test_the_gate_is_against_the_best_of_the_individual_rules(cohort):
    found = gate(cohort)
    rules = [rival.name for rival in COMPARATORS if rival.kind == "individual"]
    recalls = {name: (cohort.listed(cohort.rivals[name]) * cohort.is_positive).sum() for name in rules}
    assert found["over_best_rule"]["rule"] == max(recalls, key=recalls.get)
    ours = (school_list(cohort) * cohort.is_positive).sum()
    gain = (ours - max(recalls.values())) / cohort.is_positive.sum()
    assert found["over_best_rule"]["gain"]["estimate"] == pytest.approx(gain, abs=1e-6)


def test_a_small_cell_starts_from_its_phase(cohort, frames):
    panel = make_panel(
        frames.matrix, frames.outcomes, "serious_exclusion", frames.feature_names, sorted(frames.closes)[6:8]
    )
    overall = panel.y[panel.can_train & (panel.phase == "primary")].mean()
    found = rate_by(panel, panel.cluster, panel, np.full(len(panel), 999999))
    assert found[panel.phase == "primary"] == pytest.approx(
        np.full((panel.phase == "primary").sum(), overall)
    )


def test_overlap_of_equal_and_of_disjoint_refits(cohort):
    panel, places, floor = cohort.panel, cohort.school_places(), np.zeros(len(cohort.panel))
    same = np.tile(cohort.estimate[:, None], 4)
    assert overlap(same, panel, places, floor)["expected_overlap"] == pytest.approx(1)
    turned = np.column_stack([cohort.estimate, 1 - cohort.estimate])
    assert overlap(turned, panel, places, floor)["expected_overlap"] < 0.1


def test_lead_time_counts_school_days_before_the_event(cohort):
    day = cohort.panel.as_of.min()
    first_listed = np.flatnonzero((school_list(cohort) > 0) & (cohort.panel.as_of == day))[:2]
    school_days = np.arange(day, day + np.timedelta64(400, "D"))
    events = pd.DataFrame(
        {
            "pupil": cohort.panel.pupil[first_listed],
            "event_on": [day + np.timedelta64(25, "D"), day + np.timedelta64(10, "D")],
        }
    )
    found = {row["lead"]: row for row in lead_time(cohort, events, school_days)}
    assert [found[lead]["num_listed"] for lead in (0, 20, 40)] == [2, 1, 0]
    assert found[20]["share"] == 0.5
