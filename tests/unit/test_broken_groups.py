"""Groups on both sides of a break: no rate of them is told, no gap, no part, no finding; across two audits neither."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from features.contract.breaks import breaks
from models.audit_attributes import NOT_KNOWN
from models.facts.audit import Group
from tests import small
from tests.audits import needs, parted, spoilt
from tests.unit.test_audit_attributes import panel_of
from training.audit.attributes import break_notes, breaks_told, cohort_attributes
from training.audit.label_bias import broken_groups
from training.audit.scored import Attribute, crossed
from training.broken import AFTER, BEFORE, BOTH, broken, of_groups, side_of
from training.compare.side_by_side import between, not_compared

REAL = breaks(small.authority(small.AUTHORITY.replace("is_made_up = true\n", "")))
MEALS = of_groups(REAL)["fsm_eligible"]
FIRST, LAST = np.datetime64("2026-10-23"), np.datetime64("2026-12-18")


def test_the_breaks_after_which_a_group_is_another():
    assert {name: one.name for name, one in of_groups(REAL).items()} == {
        "idaci_decile": "idaci_vintage",
        "fsm_eligible": "free_school_meals",
    }


def test_targeted_meals_go_on_and_expanded_ones_mean_one_thing():
    found = broken(MEALS, "fsm_eligible", ("yes", "no", "expanded", "other_category", NOT_KNOWN))
    assert set(found) == {"no"}
    assert "cannot compare with earlier years" in found["no"]


def test_where_the_category_is_not_told_even_targeted_meals_do_not_go_on():
    found = broken(MEALS, "fsm_eligible", ("yes", "no", "category_not_told", "expanded"))
    assert set(found) == {"yes", "no", "category_not_told"}


def test_every_decile_of_two_vintages_is_two_groups():
    one = of_groups(REAL)["idaci_decile"]
    assert set(broken(one, "idaci_decile", ("1", "10", NOT_KNOWN))) == {"1", "10"}


@pytest.mark.parametrize(
    ("told", "side"),
    [
        (["2026-08-31", "2026-08-31"], BEFORE),
        (["2026-08-31", "2026-09-01"], BOTH),
        (["2026-09-01", "2026-10-01"], AFTER),
        ([None, None], BEFORE),
        ([None, "2026-09-01"], AFTER),
    ],
)
def test_groups_lie_where_they_were_told_and_not_where_the_list_was_made(told, side):
    """Lists of October and December: what counts is the census that each reads, to the day."""
    days = pd.Series(pd.to_datetime(told))
    assert side_of(MEALS, days, np.array([FIRST, LAST])) == side


def test_a_few_with_an_old_census_do_not_put_a_day_on_two_sides():
    days = pd.Series(pd.to_datetime(["2026-05-21"] * 4 + ["2026-10-01"] * 6))
    assert side_of(MEALS, days, np.full(10, LAST)) == AFTER
    assert side_of(MEALS, days[::-1].reset_index(drop=True), np.full(10, LAST)) == AFTER


def known(told_on: list[str], groups: list[str]) -> tuple[pd.DataFrame, object]:
    panel = panel_of(len(groups))
    half = np.where(np.arange(len(groups)) < len(groups) // 2, FIRST, LAST)
    panel = replace(panel, as_of=half.astype("datetime64[D]"))
    frame = pd.DataFrame(
        {
            "pupil": panel.pupil,
            "as_of": panel.as_of,
            "told_on": pd.to_datetime(told_on),
            "fsm_eligible": groups,
        }
    )
    return frame, panel


def test_an_audit_over_both_sides_names_the_break_and_breaks_the_groups():
    frame, panel = known(["2026-05-21"] * 2 + ["2026-10-01"] * 2, ["yes", "no", "no", "expanded"])
    (made,) = [each for each in cohort_attributes(panel, frame, breaks=REAL) if each.name == "fsm_eligible"]
    assert set(made.broken) == {"no"}
    told = breaks_told(REAL, panel, frame, [made])
    assert [(one["name"], one["side"], one["groups"]) for one in told] == [
        ("free_school_meals", BOTH, ["no"])
    ]
    (note,) = break_notes(told)
    assert (
        "2026-09-01" in note and "Not eligible for free school meals" in note and "cannot be compared" in note
    )
    assert broken_groups(frame, REAL) == {("fsm_eligible", "no")}


@pytest.mark.parametrize("day", ["2026-05-21", "2026-10-01"])
def test_an_audit_on_one_side_breaks_nothing_and_says_which(day):
    frame, panel = known([day] * 4, ["yes", "no", "no", "yes"])
    (made,) = [each for each in cohort_attributes(panel, frame, breaks=REAL) if each.name == "fsm_eligible"]
    assert made.broken == {}
    told = breaks_told(REAL, panel, frame, [made])
    assert told[0]["side"] == (BEFORE if day < "2026-09-01" else AFTER)
    assert break_notes(told) == [] and broken_groups(frame, REAL) == set()


REASON = "cannot compare with earlier years: a reason"


@pytest.fixture(scope="module")
def too_low():
    return spoilt(needs(5, need=(0.0, 0.0)), "too_low")


def test_no_rate_no_gap_no_part_and_no_finding_of_a_broken_group(too_low):
    """The same estimates, too low for a group, are found where the group is one and not asked of where it is two."""
    whole, two = parted(too_low), parted(too_low, broken={"g1": REASON})
    assert "g1" in {each["group"] for each in whole["findings"]}
    assert "g1" not in {each["group"] for each in two["findings"]}
    other, row = two["groups"]
    assert Group.model_validate(row).is_broken and not other["is_broken"]
    assert {(rate["status"], rate["reason"]) for rate in row["metrics"].values()} == {("cannot_tell", REASON)}
    assert row["gaps"] == {} and row["parts"] == {"status": "cannot_tell", "reason": REASON}
    assert row["n"] == whole["groups"][1]["n"] > 0  # counted, and never left out in silence
    assert other["metrics"]["recall"]["status"] == "estimated"


def test_nobody_is_asked_to_wait_for_more_years_for_a_broken_group(too_low):
    two = parted(too_low, broken={"g0": REASON, "g1": REASON})
    assert [each for each in two["findings"] if each["kind"] == "cannot_tell"] == []


def test_a_crossing_of_a_broken_group_is_broken():
    one = Attribute("group", ("a", "b"), np.array([0, 0, 1, 1]), broken={"a": REASON})
    other = Attribute("sex", ("F", "M"), np.array([0, 1, 0, 1]))
    assert crossed(one, other).broken == {"a x F": REASON, "a x M": REASON}


def of_side(side: str) -> dict:
    row = {
        "name": "free_school_meals",
        "attribute": "fsm_eligible",
        "side": side,
        "groups": ["no"],
        "sentence": "It changed.",
    }
    groups = [
        {"attribute": "fsm_eligible", "group": "no", "is_crossing": False},
        {"attribute": "sex x fsm_eligible", "group": "F x no", "is_crossing": True},
        {"attribute": "sex", "group": "F", "is_crossing": False},
    ]
    return {"breaks": [row], "groups": groups}


@pytest.mark.parametrize(
    ("a", "b", "refused"),
    [
        (of_side(BEFORE), of_side(AFTER), True),
        (of_side(AFTER), of_side(AFTER), False),
        (of_side(BEFORE), of_side(BEFORE), False),
        ({"groups": []}, of_side(AFTER), True),
        ({"groups": []}, of_side(BEFORE), False),
    ],
    ids=["over it", "after", "before", "an audit of before breaks were told", "both before"],
)
def test_two_audits_are_compared_by_a_group_only_where_it_is_the_same(a, b, refused):
    found = between(a, b)
    expected = {("fsm_eligible", "no"), ("sex x fsm_eligible", "F x no")} if refused else set()
    assert set(found) == expected


def test_a_rate_that_is_not_compared_says_why_and_no_number():
    rate = {
        "status": "estimated",
        "estimate": 0.5,
        "low": 0.4,
        "high": 0.6,
        "reason": "",
        "pooled": None,
        "years_needed": None,
    }
    assert not_compared(rate, "") == rate
    assert (
        not_compared(rate, "it changed")["estimate"] is None
        and not_compared(rate, "it changed")["reason"] == "it changed"
    )


def test_the_day_of_the_break_is_that_of_the_table():
    assert MEALS.first_day == date(2026, 9, 1)
