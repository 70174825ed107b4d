"""What a gap is made of: parts that add up, what they are laid to, and what is left unsaid."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from serving.audit_page import audit_page
from tests.audits import needs, parted, scored, spoilt
from training.audit.findings import OF_THE_MODEL, findings
from training.audit.from_file import audit_file
from training.audit.parts import PARTED, PARTS, ListRule, enter_parts, rule_of
from training.audit.tables import group_tables

LARGE = {"num": 15000, "schools": 80}


def row_of(facts: Mapping[str, Any], group: str) -> dict[str, Any]:
    return next(row for row in facts["groups"] if row["group"] == group)


def recall(facts: Mapping[str, Any], group: str) -> dict[str, Any]:
    found: dict[str, Any] = row_of(facts, group)["parts"]["rates"]["recall"]
    return found


def kinds(facts: Mapping[str, Any], group: str = "") -> set[str]:
    return {each["kind"] for each in facts["findings"] if group in ("", each["group"])}


@pytest.fixture(scope="module")
def perfect():
    return parted(needs(1, need=(0.0, 1.2), **LARGE))


@pytest.mark.parametrize("how", ["too_low", "noise"])
@pytest.mark.parametrize("pooled", [True, False])
def test_parts_add_up_to_the_gap_and_the_gap_is_the_tables(how, pooled):
    facts = parted(spoilt(needs(2), how), pooled=pooled, floor=0.03)
    for row in facts["groups"]:
        for rate in PARTED:
            parts = row["parts"]["rates"][rate]
            assert sum(parts[name]["estimate"] for name in PARTS) == pytest.approx(parts["gap"], abs=1e-9)
            assert parts["gap"] == pytest.approx(row["gaps"][rate]["difference"]["estimate"], abs=2e-6)
            assert all(
                parts[name]["low"] <= parts[name]["estimate"] <= parts[name]["high"]
                for name in PARTS
                if name != "chance"
            )
            assert parts["list"]["estimate"] == 0, "a list made by the rule has no part of its own"
    json.dumps(facts, allow_nan=False)


def test_a_perfect_lists_gap_is_need_and_has_one_finding(perfect):
    parts = recall(perfect, "g1")
    assert parts["gap"] > 0.05
    assert parts["need"]["estimate"] > 0.7 * parts["gap"]
    assert not kinds(perfect) & set(OF_THE_MODEL)
    assert [each["severity"] for each in perfect["findings"] if each["kind"] == "need"] == ["noted"]
    assert not any(each["severity"] == "blocks" for each in perfect["findings"])


@pytest.mark.parametrize(
    ("how", "mark"), [("too_low", "is_too_low"), ("too_high", "is_too_high"), ("too_flat", "is_too_flat")]
)
def test_estimates_that_are_off_within_a_group_are_named(how, mark):
    facts = parted(spoilt(needs(3, **LARGE), how))
    assert row_of(facts, "g1")["parts"]["calibration"][mark]
    assert "calibration" in kinds(facts, "g1")
    assert not kinds(facts, "g0") & set(OF_THE_MODEL)


def test_an_underestimated_group_blocks_and_says_what_it_costs():
    facts = parted(spoilt(needs(4, **LARGE), "too_low"))
    (found,) = [each for each in facts["findings"] if each["kind"] == "calibration"]
    assert (found["group"], found["severity"], found["owner"]) == ("g1", "blocks", "data science lead")
    assert (
        "too low for this group" in found["sentence"] and "more would have had a place" in found["sentence"]
    )
    assert recall(facts, "g1")["calibration"]["high"] < 0


def test_noise_within_a_group_is_its_ranking_and_calibration():
    facts = parted(spoilt(needs(5, **LARGE), "noise"))
    told = row_of(facts, "g1")["parts"]
    assert told["calibration"]["is_too_steep"] and told["ranking"]["is_named"]
    assert told["ranking"]["auc"] < told["ranking"]["auc_expected"] - 0.05
    assert {"calibration", "ranking"} <= kinds(facts, "g1")
    assert recall(facts, "g1")["ranking"]["high"] < 0


def test_steep_estimates_of_an_equal_spread_are_no_ranking_fault():
    facts = parted(spoilt(needs(6, **LARGE), "too_steep"))
    assert "calibration" in kinds(facts, "g1") and "ranking" not in kinds(facts)


def test_withheld_records_and_less_spread_need_are_one_question_and_no_fault():
    """Two worlds that a list and its outcomes cannot tell apart get the same answer."""
    for frame in (spoilt(needs(7, **LARGE), "withheld"), needs(7, spread=(1.0, 0.6), **LARGE)):
        facts = parted(frame)
        (found,) = [each for each in facts["findings"] if each["kind"] == "tells_less"]
        assert (found["group"], found["severity"]) == ("g1", "noted")
        assert "cannot say" in found["sentence"]
        assert not kinds(facts) & set(OF_THE_MODEL)
        parts = recall(facts, "g1")
        assert (
            parts["ranking"]["estimate"] == 0 and parts["ranking"]["low"] <= parts["ranking"]["at_most"] < 0
        )


def test_evidence_from_outside_makes_it_the_models_own():
    says = "Records lack more there."
    facts = parted(
        spoilt(needs(7, **LARGE), "withheld"), evidence=lambda attribute, group, inside, chance: says
    )
    (found,) = [each for each in facts["findings"] if each["kind"] == "ranking"]
    assert found["group"] == "g1" and says in found["sentence"] and found["severity"] != "noted"
    assert recall(facts, "g1")["ranking"]["estimate"] < 0


def test_outside_evidence_is_asked_only_where_the_estimates_tell_less():
    asked = []
    parted(needs(1, **LARGE), evidence=lambda attribute, group, inside, chance: asked.append(group) or "")
    assert not asked


def test_without_estimates_nothing_is_laid_to_anything_and_nothing_blocks():
    frame = needs(8, need=(0.0, 2.0), **LARGE)
    listed = ListRule(
        frame["estimate"].to_numpy(),
        frame["school"].to_numpy(),
        np.full(80, 10),
        np.ones(len(frame), bool),
        np.zeros(len(frame)),
    )
    audited = scored(frame.drop(columns="estimate").assign(listed=listed.listed(listed.score)))
    overall, rows = group_tables(audited)
    enter_parts(audited, None, overall, rows)
    assert {row["parts"]["status"] for row in (overall, *rows)} == {"cannot_tell"}
    facts = {
        "groups": rows,
        "label_bias": None,
        "proxies": None,
        "coverage": None,
        "audited_on": "2026-09-01",
    }
    made = findings(facts)
    assert made and not any(each["severity"] == "blocks" for each in made)
    assert all("cannot be said without estimates" in each["sentence"] for each in made)


def test_a_group_that_cannot_be_assessed_is_a_part_and_a_finding():
    frame = needs(9, **LARGE)
    rng = np.random.default_rng(1)
    lost = ((frame["group"] == "g1") & (rng.random(len(frame)) < 0.3)).to_numpy()
    facts = parted(frame.assign(estimate=np.where(lost, np.nan, frame["estimate"])))
    parts = recall(facts, "g1")
    assert parts["not_assessed"]["high"] < 0
    assert sum(parts[name]["estimate"] for name in PARTS) == pytest.approx(parts["gap"], abs=1e-9)
    (found,) = [each for each in facts["findings"] if each["kind"] == "not_assessed"]
    assert (found["group"], found["severity"]) == ("g1", "blocks")


def test_scores_that_are_no_chances_are_taken_apart_as_well():
    frame = spoilt(needs(10, **LARGE), "too_low")
    facts = parted(frame.assign(estimate=3 + 2 * np.log(frame["estimate"] / (1 - frame["estimate"]))))
    assert row_of(facts, "g1")["parts"]["calibration"]["is_too_low"]


def test_the_order_of_rows_changes_nothing():
    frame = spoilt(needs(11), "too_low")
    turned = frame.sample(frac=1, random_state=1).reset_index(drop=True)
    assert recall(parted(frame), "g1")["calibration"]["estimate"] == pytest.approx(
        recall(parted(turned), "g1")["calibration"]["estimate"], abs=1e-6
    )


def test_a_list_of_an_unknown_rule_is_matched_or_said_to_depart():
    frame = needs(12)
    rule = ListRule(
        frame["estimate"].to_numpy(),
        frame["school"].to_numpy(),
        np.full(60, 5),
        np.ones(len(frame), bool),
        np.full(len(frame), -np.inf),
    )
    audited = scored(frame.assign(listed=rule.listed(rule.score)))
    found, same = rule_of(audited, rule.score)
    assert same == 1 and np.array_equal(found.places, rule.places)
    rng = np.random.default_rng(2)
    inside = (frame["group"] == "g1").to_numpy()
    refused = np.where(inside & (rng.random(len(frame)) < 0.6), 0.0, audited.listed)
    other = replace(audited, listed=refused)
    found, same = rule_of(other, rule.score)
    assert same < 1
    overall, rows = group_tables(other)
    enter_parts(other, found, overall, rows)
    parts = next(row for row in rows if row["group"] == "g1")["parts"]["rates"]["recall"]
    assert parts["list"]["high"] < 0


def test_in_few_schools_nothing_is_taken_apart_or_named():
    facts = parted(spoilt(needs(13, schools=4), "too_low"))
    assert not row_of(facts, "g1")["parts"]["rates"]
    assert not kinds(facts) & set(OF_THE_MODEL)


def part(estimate: float, high: float) -> dict[str, Any]:
    return {"estimate": estimate, "low": estimate - 0.02, "high": high}


def group_row(
    name: str = "g", attribute: str = "a", is_crossing: bool = False, **parts: Any
) -> dict[str, Any]:
    none = part(0.0, 0.02)
    rates = {"recall": {"gap": -0.05, "reason": "", **{each: parts.get(each, none) for each in PARTS}}}
    calibration = {"beside_everyone": parts.get("beside", 1.0), "slope": 1.0, "p_shift": 0.01, "p_slope": 0.5}
    calibration |= {
        mark: mark in parts.get("marks", ())
        for mark in ("is_too_low", "is_too_high", "is_too_steep", "is_too_flat")
    }
    own = {"status": "estimated", "estimate": 1.3, "low": 1.1, "high": 1.5, "reason": ""}
    return {
        "attribute": attribute, "group": name, "is_crossing": is_crossing, "label": name, "n": 1000, "events": 100, "gaps": {},
        "metrics": {"recall": own, "observed_over_expected": own},
        "parts": {"rates": rates, "calibration": calibration, "ranking": {}, "not_assessed": parts.get("unassessed")},
    }  # fmt: skip


def found(
    rows: list[dict[str, Any]], coverage: list[dict[str, Any]] | None = None
) -> list[tuple[str, str, str]]:
    facts = {
        "groups": rows,
        "label_bias": None,
        "proxies": None,
        "coverage": coverage,
        "audited_on": "2026-09-01",
    }
    return [(each["kind"], each["group"], each["severity"]) for each in findings(facts)]


@pytest.mark.parametrize(
    ("beside", "loss", "severity"),
    [
        (1.25, part(0.0, 0.02), "blocks"),
        (1.249, part(0.0, 0.02), "matters"),
        (1.1, part(-0.05, -0.01), "blocks"),
        (1.1, part(-0.049, -0.01), "matters"),
        (1.1, part(-0.05, 0.0), "matters"),
        (1.05, part(0.0, 0.02), "matters"),
        (1.049, part(0.0, 0.02), "noted"),
    ],
)
def test_what_blocks_of_calibration_is_cut_exactly(beside, loss, severity):
    assert found([group_row(marks=("is_too_low",), beside=beside, calibration=loss)]) == [
        ("calibration", "g", severity)
    ]


def test_an_overestimated_group_blocks_by_whose_places_it_takes():
    high = group_row("h", marks=("is_too_high",), beside=0.7)
    assert found([high, group_row("g")]) == [("calibration", "h", "matters")]
    assert found([high, group_row("g", calibration=part(-0.06, -0.02))]) == [("calibration", "h", "blocks")]


def test_a_crossing_is_named_only_where_neither_side_is():
    side = group_row("g", marks=("is_too_low",), beside=1.2)
    crossing = group_row("g x F", "a x sex", True, marks=("is_too_low",), beside=1.2)
    assert found([side, crossing]) == [("calibration", "g", "matters")]
    assert found([group_row("g"), crossing]) == [("calibration", "g x F", "matters")]


@pytest.mark.parametrize(
    ("num", "severity"), [(14, []), (15, ["matters"]), (19, ["matters"]), (20, ["blocks"])]
)
def test_not_assessed_is_cut_exactly(num, severity):
    told = {"num_pupils": num, "of": 100, "share_everyone": 0.1, "p": 0.001}
    assert [each[2] for each in found([group_row(unassessed=told)])] == severity


@pytest.mark.parametrize(
    ("older", "severity"), [(13.9, []), (14, ["matters"]), (27.9, ["matters"]), (28, ["blocks"])]
)
def test_stale_records_are_cut_exactly(older, severity):
    # Of everyone: the mean over both groups, half of which each is.
    rows = [
        {"attribute": "a", "group": name, "label": name, "n": 100, "days_behind": days, "share_missing": 0.1}
        for name, days in (("g", 2 * older), ("h", 0.0))
    ]
    assert [each[2] for each in found([], rows)] == severity


def test_rows_that_stand_for_several_people_add_up_as_well():
    frame = spoilt(needs(14), "too_low")
    rng = np.random.default_rng(3)
    rule = ListRule(
        frame["estimate"].to_numpy(), frame["school"].to_numpy(), np.full(60, 5), np.ones(len(frame), bool), np.zeros(len(frame))
    )  # fmt: skip
    audited = replace(
        scored(frame.assign(listed=rule.listed(rule.score))),
        weight=rng.integers(1, 5, len(frame)).astype(float),
    )
    overall, rows = group_tables(audited)
    enter_parts(audited, rule, overall, rows)
    for row in rows:
        parts = row["parts"]["rates"]["recall"]
        assert parts["gap"] == pytest.approx(row["gaps"]["recall"]["difference"]["estimate"], abs=2e-6)
        assert sum(parts[name]["estimate"] for name in PARTS) == pytest.approx(parts["gap"], abs=1e-9)
        assert parts["list"]["estimate"] == 0


def test_a_file_with_a_list_and_its_estimates_is_taken_apart(tmp_path):
    frame = spoilt(needs(15, **LARGE), "too_low")
    frame["listed"] = (frame["estimate"].rank(ascending=False, method="first") <= 750).astype(int)
    path = tmp_path / "scores.csv"
    frame[["y", "group", "estimate", "listed", "school"]].to_csv(path, index=False)
    facts = audit_file(
        path, "y", ["group"], estimate="estimate", listed="listed", cluster="school", draws=200
    )
    assert "calibration" in kinds(facts, "g1")
    assert not any("does not follow" in note for note in facts["notes"])
    page = audit_page(facts)
    assert "What each gap is made of" in page and "The estimates are too low for this group" in page
    raw = audit_file(path, "y", ["group"], listed="listed", cluster="school", draws=200)
    assert "No gap can be laid to need or to the list here: no estimates were given" in audit_page(raw)
    assert not any(each["severity"] == "blocks" for each in raw["findings"])
