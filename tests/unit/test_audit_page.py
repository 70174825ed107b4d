"""The audit page, from facts: one file with everything in it, nothing of a group name run as markup, the schema held."""

import json
from pathlib import Path

import jsonschema
import pandas as pd
import pytest

from models.facts.schemas import schema
from serving import audit_words
from serving.audit_charts import gathered
from serving.audit_page import audit_page, no_finding, row_id, untold_groups
from tests.audits import simulated
from training.audit.from_file import audit_file

EXAMPLE = Path(__file__).parents[1] / "example_audit.json"

SCHEMA = schema("audit")


@pytest.fixture(scope="module")
def facts(tmp_path_factory):
    frame = simulated(1, gap=0.35).replace({"group": {"g1": "<script>alert(1)</script>"}})
    frame = pd.DataFrame(frame).assign(score=lambda f: f["listed"] * 0.9)
    path = tmp_path_factory.mktemp("audit") / "scores.csv"
    frame.to_csv(path, index=False)
    return audit_file(path, "y", ["group"], listed="listed", cluster="school", draws=200)


def test_the_facts_hold_the_published_schema(facts):
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(json.dumps(facts)))


def test_a_group_name_is_never_markup(facts):
    page = audit_page(facts)
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_the_first_page_answers_four_questions_and_all_is_inside(facts):
    page = audit_page(facts)
    places = [
        page.index(words)
        for words in (
            "Who is missed?",
            "Who is listed without need?",
            "What can we not tell?",
            "What to do next?",
            "Found and missed, by group",
        )
    ]
    assert places == sorted(places)
    assert "cannot be seen in these records" in page
    assert "http" not in page.replace("http://www.w3.org", "")
    assert len(page.encode()) < 5_000_000
    assert page.count('role="img"') == page.count("<figure>")
    assert "F001" in page


def test_groups_that_cannot_be_told_are_named_with_when_they_could_be():
    def row(group, years=None, status="cannot_tell"):
        recall = {
            "status": status,
            "years_needed": years,
            "reason": "too few",
            "estimate": 0.5,
            "low": 0.4,
            "high": 0.6,
        }
        return {
            "attribute": "x",
            "group": group,
            "label": group.title(),
            "n": 5,
            "is_crossing": False,
            "metrics": {"recall": recall},
        }

    facts = {"kind": "file", "columns": {}, "groups": [row("a", status="estimated"), row("b", 1), row("c", 4), row("d"), row("e", 1), row("not known")]}  # fmt: skip
    naming = audit_words.OF_A_FILE
    assert untold_groups(facts, naming) == [
        "x: B, E (after 1 year of lists); C (after 4 years of lists); D (nobody can say when)."
    ]
    facts["groups"] = facts["groups"][1:]
    assert untold_groups(facts, naming) == ["x: none of its 4 groups; the soonest after 1 year of lists."]


def test_where_no_finding_is_about_a_rate_the_groups_told_apart_in_it_are_named():
    def row(label, is_gap, is_crossing=False):
        return {
            "label": label,
            "is_crossing": is_crossing,
            "gaps": {"false_positive_rate": {"is_gap": is_gap}},
        }

    rows = [
        row("Girls", False),
        {"label": "One", "is_crossing": False, "gaps": {}},
        row("Girls x A", True, True),
    ]
    assert no_finding(rows, "false_positive_rate") == audit_words.NO_GAP
    assert "this: Boys. " in no_finding([*rows, row("Boys", True)], "false_positive_rate")


def test_groups_of_whom_nothing_can_be_told_are_gathered_by_the_reason_and_lose_no_number():
    header = ("Group", "Events", "Pupils", "Times as long", "Told from chance")
    few, one = "cannot tell: too few schools to say", "cannot tell: 1 pupil to compare, 10 are needed"
    rows = [
        ("Indian", "95", "46", few, "no"),
        ("Bangladeshi", "216", "82", "0.97 (0.88 to 1.07)", "no"),
        ("Refused", "66", "", few, "no"),
        ("Chinese", "1", "1", one, "no"),
    ]
    assert gathered(header, rows, 3) == [
        rows[1], rows[3],
        ("Indian (95 events, 46 pupils); Refused (66 events)", "", "", few, ""),
    ]  # fmt: skip


def test_every_group_keeps_one_row_or_place_to_which_links_lead():
    facts = json.loads(EXAMPLE.read_text())
    page = audit_page(facts)
    crossings = {row["attribute"] for row in facts["groups"] if row["is_crossing"]}
    for row in facts["groups"]:
        if row["attribute"] not in crossings:
            assert page.count(f'id="{row_id(row["attribute"], row["group"])}"') == 1
            assert row["label"] in page


def test_findings_on_a_phone_have_the_heads_of_their_columns_beside_them():
    facts = json.loads(EXAMPLE.read_text())
    page = audit_page(facts)
    assert page.count('<td data-name="Stop"') == page.count('<td data-name="Finding"') > 0
