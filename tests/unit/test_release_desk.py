"""The reviewer's desk: findings in the order in which they need somebody, decisions, the whole audit, the evidence; no child."""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from models import reviewing
from models.facts.audit import Audit
from models.release import ReleaseFacts
from serving.errors import NotThere, RecordsRefused, Stale
from serving.opening import open_desk
from serving.releases import service as releases
from serving.releases.record import Decided, FindingClosed
from serving.releases.service import carried, in_order, reviewed, reviews_of
from serving.security.access import Person, Role
from serving.settings import read_settings
from tests.served import make_home, reading_of, served, the_desk, waiting_candidate
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


@pytest.fixture
def reviewed_here(tmp_path):
    """A desk of a home with a candidate that waits, and somebody of each name."""
    home = make_home(tmp_path / "home", reading_of(), candidate="candidate")
    desk = open_desk(read_settings(home))
    yield desk, lambda name: Person(1, name, Role.REVIEWER)
    desk.close()


WORDS = "Read with two schools; the gaps are within what can be told."


def shown_audit(desk) -> str:
    found = releases.candidate(desk, date(2026, 1, 1))
    return found.audit_hash


@pytest.mark.parametrize(
    ("who", "changes", "finding", "field", "says"),
    [
        ("Made-Up Trainer", {"sign_or_refuse": "refuse"}, {}, "", "cannot review it"),
        ("Grace", {"sign_or_refuse": None}, {}, "sign_or_refuse", "Choose one"),
        ("Grace", {"reason": "x" * 19}, {}, "reason", "at least 20"),
        ("Grace", {}, {"severity": "blocks"}, "", "blocks a release"),
        ("Grace", {}, {}, "", "was due on"),  # F002 of the example is overdue
    ],
)
def test_what_stands_in_the_way_of_a_decision_is_said_at_its_field(
    reviewed_here, who, changes, finding, field, says
):
    desk, named = reviewed_here
    folder = waiting_candidate(desk.settings.home / "candidate", **finding)
    asked = Decided(**{"audit": shown_audit(desk), "sign_or_refuse": "sign", "reason": WORDS, **changes})
    with pytest.raises(RecordsRefused) as refused:
        releases.decide(desk, named(who), asked)
    assert any(each.field == field and says in each.text for each in refused.value.broken), (
        refused.value.broken
    )
    assert not (folder / "reviews.jsonl").exists()


def test_a_finding_is_closed_and_the_candidate_signed_as_from_the_command_line(reviewed_here):
    desk, named = reviewed_here
    folder = waiting_candidate(desk.settings.home / "candidate")
    read = shown_audit(desk)
    with pytest.raises(RecordsRefused):
        releases.close(desk, named("Grace"), 2, FindingClosed(audit=read, words="x" * 19))
    assert (
        releases.close(desk, named("Grace"), 2, FindingClosed(audit=read, words="x" * 20)) == "F002"
    )  # at exactly
    with pytest.raises(Stale):  # the audit is another now
        releases.decide(desk, named("Grace"), Decided(audit=read, sign_or_refuse="sign", reason=WORDS))
    releases.decide(
        desk, named("Grace"), Decided(audit=shown_audit(desk), sign_or_refuse="sign", reason="x" * 20)
    )
    (line,) = reviewing.reviews_of(folder)
    assert (line["reviewer"], line["decision"]) == ("Grace", "sign")
    with pytest.raises(NotThere):
        releases.close(desk, named("Grace"), 77, FindingClosed(audit=shown_audit(desk), words=WORDS))
    with pytest.raises(NotThere):
        releases.decide(
            desk, Person(1, "x", Role.ADMINISTRATOR), Decided(audit=read, sign_or_refuse="sign", reason=WORDS)
        )


def test_what_changed_since_the_one_signed_last_is_told_by_finding():
    audit = Audit.read(EXAMPLE)
    first, second, third = audit.findings
    live = audit.model_copy(update={"findings": [first, second]})
    other = audit.model_copy(update={"findings": [second, third]})
    assert releases.new_and_gone(live, other) == ([third], [first])
    assert releases.new_and_gone(None, other) == ([second, third], [])


def test_without_a_candidate_the_desk_says_so(reviewed_here):
    desk, named = reviewed_here
    assert releases.candidate(desk, date(2026, 1, 1)) is None
    with pytest.raises(NotThere):
        releases.decide(desk, named("Grace"), Decided(audit="", sign_or_refuse="sign", reason=WORDS))


def test_an_altered_candidate_is_shown_and_cannot_be_decided_on(reviewed_here):
    desk, named = reviewed_here
    folder = waiting_candidate(desk.settings.home / "candidate")
    (folder / "evidence.json").write_text("{}")
    found = releases.candidate(desk, date(2026, 1, 1))
    assert "SHA-256 differs" in found.why_not and found.evidence is None
