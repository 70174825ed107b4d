"""What an optional table adds: counted by hand, with nothing where there is no table, and told on the evidence page."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.facts.evidence import Evidence, OptionalTable
from serving.reports import evidence_page, headings
from tests import small
from tests.simulated import FEATURES, Law, simulate
from training.ablation import ablation
from training.audit.scored import Attribute
from training.compare.differences import listed
from training.from_store import optional_features
from training.origin import cohort_panel, judge, learn, model_of
from training.run import adds
from training.settings import Settings
from training.splits import eligible_dates, split_dates

SETTINGS = Settings(trials=1, max_rounds=40, folds=3, refits=2, draws=100)
EXAMPLE = Path(__file__).parents[1] / "example_evidence.json"
TELLING = tuple(each.name for each in FEATURES if each.family != "school")  # of which some must tell


@pytest.fixture(scope="module")
def judged():
    frames = replace(
        simulate(num_pupils=3000, num_schools=40, years=5, seed=6, law=Law(base=-3.2)),
        optional={"attainment": TELLING},
    )
    split = split_dates(
        eligible_dates(frames.closes, frames.covered_from, frames.known_until), frames.closes, 365
    )
    origin = learn(frames, SETTINGS, split, lambda step: None)
    model = model_of(origin, frames, 2, lambda step: None)
    return (
        frames,
        split,
        judge(model, origin.training, cohort_panel(frames, SETTINGS, split), frames, SETTINGS),
    )


def test_the_recipe_without_the_table_never_reads_its_features_and_finds_less(judged):
    frames, split, cohort = judged
    (one,) = adds(frames, SETTINGS, cohort, {}, split, lambda step: None)
    told = OptionalTable.model_validate(json.loads(json.dumps(one)))
    assert (told.table, tuple(told.features)) == ("attainment", TELLING)
    recall = told.figures[0]
    ours = (listed(cohort) * cohort.is_positive).sum() / cohort.is_positive.sum()
    assert recall.with_table == pytest.approx(ours, abs=1e-6)
    assert recall.without is not None and recall.without < recall.with_table
    assert recall.difference.estimate == pytest.approx(recall.with_table - recall.without, abs=2e-6)
    assert [row.name for row in told.figures] == [
        "recall_at_capacity", "recall_at_capacity_pooled", "precision", "observed_over_expected",
    ]  # fmt: skip


def test_by_group_it_is_recall_of_the_group_and_a_broken_group_is_left_out(judged):
    _, _, cohort = judged
    num = len(cohort.panel)
    half = Attribute("half", ("a", "b"), np.arange(num) % 2, broken={"b": "two groups"})
    few = Attribute("few", ("c", "rest"), np.where(np.arange(num) < 9, 0, 1))
    (one,) = ablation(cohort, {"attainment": TELLING}, (half, few), lambda names: cohort)
    assert [(row["attribute"], row["group"]) for row in one["groups"]] == [("half", "a"), ("few", "rest")]
    inside = cohort.is_positive & (half.code == 0)
    assert one["groups"][0]["without"] == pytest.approx(
        (listed(cohort) * inside).sum() / inside.sum(), abs=1e-6
    )
    assert one["groups"][0]["difference"]["estimate"] == 0  # the same cohort on both sides


def test_where_there_is_no_table_nothing_is_fitted_again(judged):
    frames, split, cohort = judged
    assert adds(replace(frames, optional={}), SETTINGS, cohort, {}, split, lambda step: 1 / 0) == []


def test_tables_are_those_that_the_authority_supplies():
    records = small.records()
    assert optional_features(records) == {}
    both = small.records(
        internal_suspensions="pupil | urn | start_date | sessions\n1 | 100002 | 2024-11-12 | 2",
        attainment="pupil | stage | subject | year | taken_by\n1 | ks2 | maths | 2023 | 2023-05-12",
    )
    found = optional_features(both)
    assert set(found) == {"internal_suspensions", "attainment"}
    assert (
        "num_internal_suspensions_60" in found["internal_suspensions"]
        and "share_ks2_met" in found["attainment"]
    )


def test_the_page_tells_what_each_table_adds_and_without_one_has_no_such_section(judged):
    frames, split, cohort = judged
    held = json.loads(EXAMPLE.read_text())
    assert "adds" not in headings(Evidence.checked(held)) and 'id="adds"' not in evidence_page(
        Evidence.checked(held)
    )
    sex = Attribute("sex", ("F", "M"), np.arange(len(cohort.panel)) % 2, labels={"F": "Girls", "M": "Boys"})
    told = ablation(cohort, {"attainment": TELLING}, (sex,), lambda names: cohort)
    page = evidence_page(Evidence.checked({**held, "optional_tables": json.loads(json.dumps(told))}))
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "What each optional table adds" in text and "Results of statutory assessments" in text
    assert "Sex: Girls" in text
