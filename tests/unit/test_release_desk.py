"""The reviewer's desk: findings in the order in which they need somebody, decisions, the whole audit, the evidence; no child."""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from models.facts.audit import Audit
from models.release import ReleaseFacts
from serving.releases import service as releases
from serving.releases.service import carried, in_order, reviewed, reviews_of
from tests.served import served, the_desk
from tests.unit.test_service_pages import Officer

EXAMPLE = Path(__file__).parents[1] / "example_audit.json"


@pytest.fixture
def reviewer():
    return Officer(served(), "reviewer")


def finding(number: str, severity: str, due: str, state: str = "open"):
    first = Audit.read(EXAMPLE).findings[0]
    return first.model_copy(update={"id": number, "severity": severity, "due": due, "state": state})


def test_findings_stand_in_the_order_in_which_they_need_somebody():
    rows = [
        finding("F001", "noted", "2026-01-01"),
        finding("F002", "blocks", "2026-03-01"),
        finding("F003", "blocks", "2026-02-01"),
        finding("F004", "blocks", "2025-01-01", "closed"),
    ]
    shown = in_order(rows, date(2026, 1, 2))
    assert [each.finding.id for each in shown] == ["F003", "F002", "F001", "F004"]
    assert [each.is_overdue for each in shown] == [False, False, True, False]


@pytest.mark.parametrize(("today", "is_overdue"), [("2026-01-01", False), ("2026-01-02", True)])
def test_a_finding_is_overdue_after_its_day(today, is_overdue):
    (one,) = in_order([finding("F001", "noted", "2026-01-01")], date.fromisoformat(today))
    assert one.is_overdue is is_overdue


def test_the_desk_shows_release_findings_and_decisions(reviewer):
    page = reviewer.go("/release").text
    assert "demonstration-1" in page and "It did not pass." in page
    assert "1 open finding is overdue." in page
    rows = re.findall(r'<th scope="row">(F[0-9]+)</th>', page)
    assert rows == ["F001", "F002", "F003"]
    assert "The schools sent what was missing" in page
    assert page.index("Signed") < page.index("Refused")
    assert "Looked at &lt;every&gt; finding." in page
    assert "None" not in re.sub(r"<[^>]+>", "", page.split("<main")[1])


def test_the_whole_audit_and_the_evidence_are_one_step_away(reviewer):
    page = reviewer.go("/release").text
    for path, says in (
        ("/release/audit", "Who is missed?"),
        ("/release/evidence", "How good is this model?"),
    ):
        assert f'href="{path}"' in page
        assert says in reviewer.go(path).text
    other = Officer(served(), "data_scientist")
    assert other.go("/release/audit").status_code == 404


def test_what_cannot_be_read_is_left_out_and_said(tmp_path, monkeypatch):
    said: list[str] = []  # not caplog: libraries of other tests set up logging anew
    monkeypatch.setattr(releases.logger, "error", lambda words, *of: said.append(words % of))
    assert carried(tmp_path / "audit.json", Audit) is None and said == []
    (tmp_path / "audit.json").write_text(json.dumps({"title": ["A.Child"]}))
    assert carried(tmp_path / "audit.json", Audit) is None
    assert len(said) == 1 and "audit.json cannot be read" in said[0] and "A.Child" not in said[0]
    (tmp_path / "reviews.jsonl").write_text('{"decision": "maybe"}\n')
    assert reviews_of(tmp_path / "reviews.jsonl") == []
    live = the_desk().require_release() if served() else None
    bare = reviewed(replace(live, folder=tmp_path), date(2026, 1, 1))
    assert (bare.audit, bare.evidence, list(bare.findings), list(bare.reviews)) == (None, None, [], [])
    assert isinstance(bare.facts, ReleaseFacts)
