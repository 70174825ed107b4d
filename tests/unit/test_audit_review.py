"""Findings kept with the model, and who may sign."""

import json
from datetime import date

import pytest

from models.errors import ModelRefused, ReviewRefused
from models.manifest import sha256, write_manifest
from models.reviewing import (
    AUDIT_FILE,
    close_finding,
    keep_with_model,
    review,
    reviews_of,
    sign_demonstration,
    standing_in_the_way,
)
from training.audit.findings import findings

ON = date(2026, 9, 1)
WORDS = "Read with two schools; the gaps are within what can be told."


@pytest.fixture
def model(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "model.txt").write_text("trees")
    (folder / "evidence.json").write_text(json.dumps({"data": {"trained_by": "ada lovelace"}}))
    write_manifest(folder)
    return folder


def audit(model, **finding):
    made = {
        "id": "F001",
        "kind": "missed_more",
        "severity": "matters",
        "state": "open",
        "due": "2026-10-31",
        "owner": "lead",
        **finding,
    }
    keep_with_model(model, {"model": {"folder_hash": sha256(model / "manifest.json")}, "findings": [made]})


def test_another_person_signs_in_their_own_words(model):
    audit(model)
    review(model, "Grace Hopper", "sign", WORDS, ON)
    (line,) = reviews_of(model)
    assert (line["reviewer"], line["decision"], line["reason"]) == ("Grace Hopper", "sign", WORDS)


@pytest.mark.parametrize("name", ["ada lovelace", "Ada  Lovelace", "ADALOVELACE "])
def test_whoever_trained_cannot_review(model, name):
    audit(model)
    for decision in ("sign", "refuse"):
        with pytest.raises(ReviewRefused, match="cannot review it"):
            review(model, name, decision, WORDS, ON)
    assert not (model / "reviews.jsonl").exists()


@pytest.mark.parametrize(
    ("choices", "says"),
    [
        ({"reviewer": " "}, "needs the reviewer's name"),
        ({"decision": "maybe"}, "Allowed values are sign and refuse"),
        ({"reason": "ok"}, "needs a reason in words"),
    ],
)
def test_a_review_needs_name_decision_and_reason(model, choices, says):
    audit(model)
    with pytest.raises(ReviewRefused, match=says):
        review(
            **{
                "model": model,
                "reviewer": "Grace Hopper",
                "decision": "sign",
                "reason": WORDS,
                "reviewed_on": ON,
                **choices,
            }
        )


def test_blocking_and_overdue_findings_stand_in_the_way_of_signing_only(model):
    for finding, says in (
        ({"severity": "blocks"}, "blocks a release"),
        ({"due": "2026-08-31"}, "was due on 2026-08-31"),
    ):
        audit(model, **finding)
        with pytest.raises(ReviewRefused, match=says):
            review(model, "Grace Hopper", "sign", WORDS, ON)
        assert review(model, "Grace Hopper", "refuse", WORDS, ON)["decision"] == "refuse"
        close_finding(model, "F001", "Grace Hopper", "Looked at with the schools; places were added.", ON)
        assert review(model, "Grace Hopper", "sign", WORDS, ON)["decision"] == "sign"


def test_a_review_is_of_one_audit_of_one_model(model):
    audit(model)
    review(model, "Grace Hopper", "sign", WORDS, ON)
    audit(model, due="2026-12-01")
    assert reviews_of(model) == []
    (model / "model.txt").write_text("treez")
    with pytest.raises(ModelRefused, match="SHA-256 differs"):
        review(model, "Grace Hopper", "sign", WORDS, ON)


def test_without_an_audit_or_a_known_trainer_nobody_signs(model):
    with pytest.raises(ReviewRefused, match="Audit it first"):
        review(model, "Grace Hopper", "sign", WORDS, ON)
    keep_with_model(model, {"model": {"folder_hash": "another"}, "findings": []})
    with pytest.raises(ReviewRefused, match="of another model"):
        review(model, "Grace Hopper", "sign", WORDS, ON)
    (model / "evidence.json").write_text("{}")
    (model / "audit.json").unlink()
    write_manifest(model)
    audit(model)
    with pytest.raises(ReviewRefused, match="does not say who trained it"):
        review(model, "Grace Hopper", "sign", WORDS, ON)


def test_an_unknown_finding_cannot_be_closed(model):
    audit(model)
    with pytest.raises(ReviewRefused, match="no finding F9. It has F001"):
        close_finding(model, "F9", "Grace Hopper", "Looked at with the schools.", ON)


def test_findings_have_owner_due_date_and_stop_threshold():
    gap = {"recall": {"is_gap": True, "difference": {"estimate": -0.2}}}
    row = {"attribute": "e", "group": "g", "label": "G", "n": 5, "events": 30, "gaps": gap}
    row["metrics"] = {"recall": {"status": "estimated", "years_needed": None}}
    facts = {"groups": [row], "label_bias": None, "proxies": None, "audited_on": "2026-09-01"}
    (found,) = findings(facts)
    assert (found["severity"], found["due"], found["state"]) == ("matters", "2026-10-31", "open")
    assert "cannot be said without estimates" in found["sentence"]
    assert found["owner"]
    assert found["stop_threshold"]


def made_up(model, is_made_up: bool) -> None:
    audit(model, severity="blocks", sentence="Boys: missed more.")
    keep_with_model(model, json.loads((model / AUDIT_FILE).read_text()) | {"is_made_up": is_made_up})


def test_a_demonstration_closes_what_blocks_and_says_that_nothing_was_done(model):
    made_up(model, True)
    assert sign_demonstration(model) == ["F001. Boys: missed more."]
    facts = json.loads((model / AUDIT_FILE).read_text())
    (finding,) = facts["findings"]
    assert finding["state"] == "closed" and "Nothing was done" in finding["closed_with"]
    assert reviews_of(model)[-1]["decision"] == "sign" and not standing_in_the_way(facts, date.today())
    assert sign_demonstration(model) == []


def test_real_records_are_signed_by_a_person_alone(model):
    made_up(model, False)
    with pytest.raises(ReviewRefused, match="real records"):
        sign_demonstration(model)
    assert standing_in_the_way(json.loads((model / AUDIT_FILE).read_text()), ON) and not reviews_of(model)
