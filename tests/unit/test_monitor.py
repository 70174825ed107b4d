"""Watching: what moves for a reason everyone knows raises no alarm, a planted change does, and limits follow numbers."""

import re
from datetime import date

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest

from features.calendar import Calendar
from models.risk_model import Calibrator, ModelFacts, ModelFeature, RiskModel
from tests import small
from tests.watched import URNS, check, cohorts, exam_leave, facts, points, recode, share_recoded, store
from training.monitor.alarms import alarms
from training.monitor.closed import beside, closed_dates, performance
from training.monitor.coding import FAMILIES, NEW_IN_2024, coding
from training.monitor.drift import feature_drift
from training.monitor.errors import MonitorRefused
from training.monitor.freshness import freshness
from training.monitor.limits import design_effect, judge_distance, judge_share, share
from training.monitor.lists import churn, list_drift, not_assessed
from training.monitor.moments import moments
from training.monitor.scene import Seen, seen
from training.settings import Settings

MAY, JULY, AUGUST, OCTOBER = date(2025, 5, 23), date(2025, 7, 18), date(2025, 8, 20), date(2024, 10, 25)


def outside(rows, *names):
    return [tuple(row[name] for name in names) for row in rows if row["status"] == "outside"]


def codes(on, *changes):
    records = store(on, *changes)
    now, *earlier = cohorts(on)
    return coding(records, now, earlier)


def test_an_ordinary_year_raises_no_alarm():
    found = codes(JULY)
    assert outside(found, "kind", "name", "urn") == []
    assert {row["name"] for row in found if row["status"] == "within" and not row["urn"]} >= {
        "I",
        "O",
        "L",
        "DB",
        "K",
        "SEMH",
    }


def test_the_summer_raises_no_alarm():
    records = store(AUGUST)
    now, *earlier = cohorts(AUGUST)
    assert outside(coding(records, now, earlier), "kind", "name", "urn") == []
    rows = freshness(records, points(Calendar.of(records.authority), AUGUST), now[1])
    assert [(row["days_behind"], row["status"]) for row in rows] == [(0, "within")] * 3


def test_exam_leave_that_begins_weeks_earlier_raises_no_alarm():
    found = codes(MAY, exam_leave)
    assert outside(found, "kind", "name", "urn") == []
    assert not [row for row in found if row["name"] == "S"]  # Year 11 after Easter is in no share


def test_new_codes_are_counted_with_the_codes_they_came_from():
    found = codes(OCTOBER, share_recoded("B", "K", 0.6), share_recoded("C", "C2", 0.7))
    assert outside(found, "kind", "name", "urn") == []
    new = {row["name"]: row for row in found if row["kind"] == "attendance" and row["name"] in NEW_IN_2024}
    assert set(new) == {"K", "C2"}
    assert all(row["status"] == "cannot_tell" and "19 August 2024" in row["reason"] for row in new.values())
    assert {name for name in FAMILIES if "B, K" in name} <= {
        row["name"] for row in found if row["status"] == "within"
    }


def test_a_planted_recode_raises_an_alarm():
    found = outside(codes(JULY, recode("I", "O")), "kind", "name", "urn")
    assert ("attendance", "I", None) in found
    assert ("attendance", "O", None) in found
    assert {name for _, name, _ in found} == {"I", "O"}


def said(on, *changes):
    """The sentences about codes and features, with a feature of attendance and one of another family outside."""
    moved = [check("distance", name, "outside", family=family) for name, family in (("share_illness_20", "attendance"), ("num_moves", "context"))]  # fmt: skip
    found = facts(coding=codes(on, *changes), features=moved)
    return [each["sentence"] for each in alarms(found, found) if each["part"] in ("coding", "features")]


def test_a_planted_recode_is_one_alarm_with_what_moved_with_it():
    first, second = said(JULY, recode("I", "O"))
    assert re.match(
        r"Attendance codes are used otherwise than in earlier years: I: Illness .+?, 0\.0% of marks .+; O: ",
        first,
    )
    assert "3 of 3 schools are outside their own limits too." in first
    assert first.endswith("moved with it: share_illness_20.")
    assert second.startswith("num_moves: its values lie 0.12")


def test_a_recode_at_one_school_is_one_alarm_that_names_it():
    named = [sentence for sentence in said(JULY, recode("I", "M", URNS[1])) if "codes" in sentence]
    assert [sentence.partition(":")[0] for sentence in named if ": attendance" in sentence] == [
        f"Elm School ({URNS[1]})"
    ]
    assert not [sentence for sentence in named if "schools are outside" in sentence]


def test_a_recode_at_one_school_names_that_school_alone():
    found = outside(codes(JULY, recode("I", "M", URNS[1])), "name", "urn")
    assert {("I", URNS[1]), ("M", URNS[1])} <= set(found)
    assert not {urn for _, urn in found} - {URNS[1], None}


def test_a_recode_of_needs_and_of_reasons_raises_an_alarm():
    def change(tables):
        census, events = tables["census"], tables["suspensions"]
        here = (census["census_date"] >= date(2024, 9, 1)) & (census["urn"] == URNS[0])
        census.loc[here, ["sen_provision", "sen_need_1"]] = ["N", None]
        now = events["start_date"] >= date(2024, 9, 1)
        events.loc[now & (events["reason_1"] == "DB"), "reason_1"] = "OT"

    found = outside(codes(JULY, change), "kind", "name", "urn")
    assert ("sen_provision", "K", URNS[0]) in found
    assert {("reason", "DB", None), ("reason", "OT", None)} <= set(found)


def test_registers_that_stopped_and_notifications_that_went_silent_are_named():
    def change(tables):
        marks, events = tables["attendance"], tables["suspensions"]
        tables["attendance"] = marks[(marks["urn"] != URNS[2]) | (marks["date"] < date(2025, 6, 23))]
        tables["suspensions"] = events[(events["urn"] != URNS[0]) | (events["start_date"] < date(2024, 9, 1))]

    records = store(JULY, change)
    days = points(Calendar.of(records.authority), JULY)
    rows = {row["urn"]: row for row in freshness(records, days, cohorts(JULY)[0][1])}
    assert {urn: row["status"] for urn, row in rows.items()} == dict(
        zip(URNS, ["within", "within", "outside"], strict=True)
    )
    assert rows[URNS[2]]["days_behind"] > 10
    assert {urn for urn, row in rows.items() if row["suspensions_status"] == "outside"} == {URNS[0]}


@pytest.mark.parametrize(("on", "side"), [(date(2025, 8, 31), 8), (date(2025, 9, 1), 9)])
def test_the_end_of_august_is_never_held_beside_september(on, side):
    """On 1 September the nursery's children come into the cohort, with a summer of their own codes."""
    days = moments(Calendar.of(small.authority()), on, date(2025, 8, 31))
    assert [then.on.month for then, _ in days.earlier] == [side] * len(days.earlier)
    assert len(days.earlier) == 3


def test_the_same_point_of_a_longer_half_term_is_as_far_through_it():
    calendar = Calendar.of(small.authority())
    days = moments(calendar, MAY, date(2025, 8, 31))
    assert [then.on for then, _ in days.earlier] == [date(2024, 5, 24), date(2023, 5, 26), date(2022, 5, 27)]
    assert days.before.on == date(2025, 4, 11)
    days = moments(calendar, AUGUST, date(2025, 8, 31))
    assert days.earlier[0][0].on == date(2024, 8, 21)  # as long after the end of term


def test_a_day_without_anything_to_compare_is_refused():
    calendar = Calendar.of(small.authority())
    with pytest.raises(MonitorRefused, match="extracted on 2025-08-31"):
        moments(calendar, date(2025, 10, 1), date(2025, 8, 31))
    with pytest.raises(MonitorRefused, match="first half-term"):
        moments(calendar, date(2020, 10, 1), date(2025, 8, 31))


def shares(now, *earlier, of=2000):
    made = [share(np.arange(of) < round(of * value), np.ones(of)) for value in (now, *earlier)]
    return made[0], made[1:]


@pytest.mark.parametrize(
    ("now", "earlier", "of", "status"),
    [
        (0.040, (0.03, 0.03, 0.03), 2000, "within"),
        (0.120, (0.03, 0.03, 0.03), 2000, "outside"),
        (0.000, (0.03, 0.03, 0.03), 2000, "outside"),
        (0.060, (0.01, 0.06, 0.02), 2000, "within"),  # one earlier year was like it
        (0.120, (0.03, 0.03, 0.03), 60, "within"),  # few pupils: chance reaches so far
        (0.120, (0.03,), 29, "cannot_tell"),
        (0.120, (), 2000, "cannot_tell"),
    ],
)  # fmt: skip
def test_limits_of_a_share_follow_earlier_years_and_numbers(now, earlier, of, status):
    found = judge_share(*shares(now, *earlier, of=of), num=50)
    assert found["status"] == status
    assert (found["low"] is None) == (status == "cannot_tell") == bool(found["reason"])


def test_a_pupils_marks_go_together():
    """Half of 40 pupils at 100 marks each is no surer than half of 40 pupils."""
    marks = np.full(40, 100.0)
    assert share(np.where(np.arange(40) < 20, 100.0, 0.0), marks).error == pytest.approx(0.5 / np.sqrt(40))


def test_no_change_raises_an_alarm_in_about_one_run_of_a_hundred():
    """The promise of `limits`: 400 runs of 20 shares drawn from one law, whose odds limits are set aside."""
    rng = np.random.default_rng(5)
    alarms = 0
    for _ in range(400):
        drawn = rng.random((20, 2, 400)) < 0.3
        found = [
            judge_share(*(lambda a, b: (share(a, np.ones(400)), [share(b, np.ones(400))]))(*pair), 20, 1.0)
            for pair in drawn.astype(float)
        ]
        alarms += any(row["status"] == "outside" for row in found)
    assert alarms <= 12, alarms


def test_what_a_whole_school_shares_counts_schools():
    school = np.repeat(np.arange(20), 50)
    rng = np.random.default_rng(3)
    assert design_effect(rng.normal(size=20)[school], school) == pytest.approx(50)
    assert design_effect(rng.normal(size=1000), school) < 3


def test_a_distribution_is_held_beside_how_far_years_lie_apart():
    rng = np.random.default_rng(4)
    years = [rng.normal(size=1500) for _ in range(3)]
    assert judge_distance(rng.normal(size=1500), years, 100)["status"] == "within"
    assert judge_distance(rng.normal(1.0, 1.0, 1500), years, 100)["status"] == "outside"
    apart = [rng.normal(shift, 1.0, 1500) for shift in (-0.8, 0.0, 0.8)]
    assert judge_distance(rng.normal(0.9, 1.0, 1500), apart, 100)["status"] == "within"


def made(values, seed=1, reasons=None, listed=(), pupils=None, estimate=None):
    """A cohort of 600 with one feature and states."""
    rng = np.random.default_rng(seed)
    num = 600
    why = pd.Series([None] * num, dtype=object) if reasons is None else reasons
    rows = pd.DataFrame({
        "pupil": np.arange(num) if pupils is None else pupils, "cluster": np.arange(num) % 20, "phase": "secondary",
        "is_assessed": why.isna(), "not_assessed_reason": why, "share_missed_20": values,
    })  # fmt: skip
    state = np.where(np.isin(np.arange(num), list(listed)), "listed", "not_listed")
    state = np.where(why.notna(), "not_assessed", state)
    return Seen(rows, rng.random(num) if estimate is None else estimate, state, 40)


def model():
    feature = ModelFeature("share_missed_20", "attendance", 1)
    facts = ModelFacts("serious_exclusion", 365, (feature,), Calibrator(), {}, (MAY,), JULY, "", True, "", {})
    return RiskModel("", (), facts)


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        (lambda v: v, []),
        (lambda v: np.where(np.arange(600) % 5 < 4, np.nan, v), ["missing"]),
        (lambda v: v * 0, ["not_zero", "distance"]),
        (lambda v: v + 0.15, ["distance"]),
    ],
)  # fmt: skip
def test_features_that_moved_are_named(change, kinds):
    values = [np.clip(np.random.default_rng(seed).gamma(1.0, 0.05, 600) - 0.01, 0, 1) for seed in range(4)]
    now, earlier = made(change(values[0])), [made(each) for each in values[1:]]
    found = feature_drift(now, earlier, model())
    assert set(kinds) <= {row["kind"] for row in found if row["status"] == "outside"}
    assert bool(kinds) == any(row["status"] == "outside" for row in found)
    calm = feature_drift(now, earlier, model(), is_other_holy_days=True)
    assert not [row for row in calm if row["status"] == "outside"]


def test_a_feature_that_no_earlier_year_had_is_not_a_change():
    now, before = made(np.full(600, 0.1)), made(np.full(600, np.nan))
    (row,) = feature_drift(now, [before], model())
    assert row["status"] == "cannot_tell"


def test_who_came_and_who_went_each_with_a_reason():
    values = np.zeros(600)
    before = made(values, listed=range(6), estimate=np.full(600, 0.5))
    why = pd.Series([None] * 600, dtype=object)
    why[0] = "registers_stopped"
    estimate = np.full(600, 0.5)
    estimate[[1, 10]] = 0.3, 0.7
    pupils = np.arange(600)
    pupils[11] = 5000  # pupil 11 left, and pupil 5000 came
    now = made(values, listed=[2, 3, 10, 11, 12], reasons=why, estimate=estimate, pupils=pupils)
    found = churn(now, before, [])
    assert found["came"] == {"the estimate rose": 1, "new on roll": 1, "others at the school moved past": 1}
    assert found["went"] == {
        "others at the school moved past": 2,
        "now not assessed": 1,
        "the estimate fell": 1,
    }
    assert (found["num_new"], found["num_left"], found["num_listed"]) == (3, 4, 5)
    assert churn(now, None, [])["num_new"] is None


def test_lists_and_who_is_not_assessed_have_limits():
    values, stopped = np.zeros(600), pd.Series(["registers_stopped"] * 200 + [None] * 400, dtype=object)
    ordinary = [made(values, seed, listed=range(30)) for seed in range(3)]
    assert not outside(
        [*list_drift(ordinary[0], ordinary[1:]), *not_assessed(ordinary[0], ordinary[1:])], "name"
    )
    found = not_assessed(made(values, reasons=stopped), ordinary)
    assert set(outside(found, "name")) == {("all",), ("registers_stopped",)}
    assert ("places_used", "all") in outside(list_drift(made(values, listed=()), ordinary), "kind", "name")


def test_year_11_after_easter_follows_the_calendar():
    why = pd.Series(["year_11_after_easter"] * 120 + [None] * 480, dtype=object)
    values = np.zeros(600)
    assert not outside(not_assessed(made(values, reasons=why), [made(values)]), "name")


@pytest.mark.parametrize(
    ("name", "found", "status"),
    [
        ("recall", (0.10, 0.19), "outside"),
        ("recall", (0.10, 0.21), "within"),
        ("recall", (0.50, 0.60), "within"),
        ("observed_over_expected", (1.3, 1.9), "outside"),
        ("observed_over_expected", (0.9, 1.9), "within"),
        ("precision", (None, None), "cannot_tell"),
    ],
)  # fmt: skip
def test_closed_windows_are_held_beside_the_evidence(name, found, status):
    was = {"low": 0.2, "high": 0.4}
    assert beside(name, dict(zip(("low", "high"), found, strict=True)), was) == status


def test_a_window_that_has_closed_is_judged_from_the_store():
    """One date after those trained on has closed; its lists are judged by outcomes as known on the day watched."""
    records, calendar = store(JULY), Calendar.of(small.authority())
    rng = np.random.default_rng(1)
    X, names = rng.random((400, 2)), ("share_missed_20", "num_suspensions_60")
    quiet = {"objective": "binary", "verbosity": -1, "num_leaves": 3}
    booster = lgb.train(quiet, lgb.Dataset(X, (X[:, 0] > 0.7).astype(int), feature_name=list(names)), 2)
    settings = Settings(outcome="any_suspension", draws=100)
    facts = ModelFacts(
        "any_suspension", 365, tuple(ModelFeature(name, "attendance") for name in names), Calibrator(), {"secondary": 0.01},
        (date(2024, 4, 8),), AUGUST, "Smallshire", True, "", {"settings": settings.as_facts()},
    )  # fmt: skip
    model = RiskModel(booster.model_to_string(), (), facts)
    dates, following = closed_dates(records, model, calendar, JULY)
    assert (dates, following) == ([date(2024, 5, 24)], date(2025, 7, 21))
    ((_, then),) = seen(records, model, dates, lambda step: None)
    was = {"estimate": 0.3, "low": 0.2, "high": 0.4}
    evidence = {
        "headline": {"recall_at_capacity": was, "precision": was},
        "calibration": {"observed_over_expected": was},
    }
    found = performance(records, model, calendar, JULY, then.rows, evidence)
    assert found["dates"] == ["2024-05-24"]
    rows = {row["name"]: row for row in found["rows"]}
    events = records.tables["suspensions"].to_pandas()
    day, is_year_11 = events["start_date"].astype(str), events["pupil"] % 5 == 4
    leaves = np.where(is_year_11, "2024-06-28", "2024-08-31")  # compulsory schooling ends on a Friday in June
    inside = (day >= "2024-05-24") & (day <= leaves)
    assert rows["recall"]["found"]["events"] == events.loc[inside, "pupil"].nunique()
    assert rows["recall"]["status"] == "cannot_tell"  # three schools are too few to say
    assert {(row["attribute"], row["group"]) for row in found["groups"]} >= {
        ("sex", "F"),
        ("phase", "secondary"),
    }
    assert found["support_exposure"]["status"] == "cannot_tell"
