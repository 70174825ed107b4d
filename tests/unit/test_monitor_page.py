"""The monitor's page and alarms: the alarms first, nothing a zero that cannot be told, a page that all can read."""

import re
from typing import get_args

import jsonschema
import pytest

from features.codes import in_words
from models.facts.monitor import Alarm, Monitor
from models.facts.schemas import schema
from models.said import figures_beside
from serving import monitor_words
from tests.end_to_end.test_pages import Page
from tests.fact_pages import monitor_page
from tests.house.test_words import BANNED
from tests.watched import closed, facts
from training.monitor.alarms import alarms
from training.monitor.errors import MonitorRefused
from training.monitor.write import write_monitor

SCHEMA = schema("monitor")
CALM = {"alarms": [], "earlier": []}


def text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.rpartition("</style>")[2]))


def test_each_part_has_its_alarm_in_one_sentence():
    found = facts()
    parts = {alarm["part"] for alarm in found["alarms"]}
    assert parts == {"model", "coding", "freshness", "lists", "not_assessed", "churn", "groups"}
    said = [alarm["sentence"] for alarm in found["alarms"]]
    limits = "(limits 2.0% to 11%; earlier years 4.0%, 5.0%)"
    assert (
        f"Attendance codes are used otherwise than in earlier years: I: Illness (not appointments), 12% of marks {limits}. "
        "What is made from these records moved with it: share_missed_20." in said
    )
    assert (
        f"Ash School (100001): codes of special educational needs are used otherwise than in earlier years: K: SEN support, 12% of pupils {limits}."
        in said
    )
    assert f"12% of assessed pupils of secondary schools {limits} are listed." in said
    assert f"12% of pupils {limits} are not assessed, with the reason “registers stopped”." in said
    assert "The model expired on 1 July 2025. Train or release a newer one." in said
    assert (
        f"Free school meals, Eligible for free school meals: 12% of these pupils {limits} are listed." in said
    )
    assert any("of 20 June 2025, 19 school days ago" in sentence for sentence in said)
    assert any("no suspension is known, where earlier years had 20" in sentence for sentence in said)
    assert not [sentence for sentence in said if BANNED.search(sentence)]


@pytest.mark.parametrize(
    "found", [facts(), facts(performance=closed()), facts(**{**CALM, "earlier": ["2024-07-19"]})]
)
def test_facts_keep_to_their_published_schema(found):
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(found, SCHEMA)


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("features", {"status": "cannot_tell"}),  # without a reason
        ("coding", {"low": None}),  # judged, and no limit
        ("groups", {"pupil": 1}),
    ],
)
def test_the_schema_refuses_what_no_look_at_a_model_says(part, change):
    found = facts()
    found[part][0] |= change
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(found, SCHEMA)


def test_closed_windows_raise_an_alarm_too():
    found = facts(performance=closed())
    assert "performance" in {alarm["part"] for alarm in alarms(found, found)}


@pytest.mark.parametrize("found", [facts(), facts(performance=closed()), facts(**CALM)])
def test_the_page_is_whole_and_in_order(found):
    page = Page(monitor_page(found))
    assert not page.misnested and not page.open
    levels = [int(tag[1]) for tag, _, _ in page.all("h1", "h2", "h3", "h4")]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in zip(levels, levels[1:], strict=False))
    assert len(page.all("table")) == len(page.all("caption"))
    assert all(attrs.get("scope") in ("col", "row") for _, attrs, _ in page.all("th"))
    assert not page.all("script", "link", "img", "iframe")
    ids = [attrs["id"] for _, attrs, _ in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert page.text.count(monitor_words.MADE_UP_MONITOR) == 2
    assert not BANNED.search(text(page.text))


def test_alarms_stand_first_and_their_absence_is_said():
    page = text(monitor_page(facts()))
    assert page.index("things are outside their limits") < page.index("How fresh are the records")
    assert "Nothing is outside its limits." in text(monitor_page(facts(**CALM)))
    assert "nothing can be compared yet" in text(monitor_page(facts(**CALM)))


def test_every_part_that_may_raise_an_alarm_has_a_name():
    """One without it is an error of the template: the page of a falling label could not be made."""
    assert set(monitor_words.PARTS) == set(get_args(Alarm.model_fields["part"].annotation))


def test_breaks_and_schools_whose_sanctions_moved_inside_are_told():
    school = {
        "urn": 100001,
        "suspended_before": 40,
        "suspended_after": 12,
        "internal_before": 10,
        "internal_after": 61,
        "is_moved": True,
    }
    change = {
        "name": "attendance_codes", "first_day": "2024-08-19", "last_day": "", "kind": "feature", "certainty": "B; first census: check",
        "sentence": "Attendance codes changed on 19 August 2024.", "source": "SI 2024/208",
    }  # fmt: skip
    quiet = school | {"urn": 100002, "is_moved": False}
    alarm = {"part": "label", "sentence": "Suspensions fall as internal suspensions rise at 1 of 2 schools."}
    page = text(monitor_page(facts(alarms=[alarm], breaks=[change], sanctions=[school, quiet])))
    assert "What is learned. Suspensions fall as internal" in page
    assert (
        "19 August 2024 Attendance codes changed on 19 August 2024. other pages about it read; first census: check"
        in page
    )
    assert "Ash School (100001) 40 12 10 61" in page and "Elm School (100002) 40" not in page
    assert "Ash School (100001) 120" in page  # how fresh its records are
    assert "no break" not in page and "No break" in text(monitor_page(facts()))


def test_what_cannot_be_told_has_its_reason():
    page = text(monitor_page(facts(performance=closed())))
    assert "cannot tell: it moves" in page
    assert "10% (5% to 15%)" in page
    assert re.search(r"Girls 3 cannot tell", page)


def test_the_folder_is_whole_or_not_there(tmp_path):
    write_monitor(tmp_path / "out", Monitor.checked(facts()), {"monitor.html": "<p>"})
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["monitor.html", "monitor.json"]
    with pytest.raises(MonitorRefused, match="already there"):
        write_monitor(tmp_path / "out", Monitor.checked(facts()), {})


@pytest.mark.parametrize(
    ("now", "low", "high", "said"),
    [
        (0.12, 0.02, 0.11, ("12%", "2.0%", "11%")),
        (0.1104, 0.02, 0.1102, ("11.04%", "2.000%", "11.02%")),  # 11% beside a limit of 11% would be no alarm
        (0.0202, 0.0204, 0.5, ("2.02%", "2.04%", "50.0%")),
        (0.11, 0.02, 0.11, ("11%", "2.0%", "11%")),  # exactly at its limit: within
        (0.5, None, None, ("50%", "", "")),
    ],
)
def test_a_figure_is_printed_on_the_side_of_its_limits_where_it_lies(now, low, high, said):
    assert figures_beside(now, low, high) == said


def test_codes_are_said_in_words():
    assert in_words("sen_provision", "K") == "K: SEN support"
    assert in_words("attendance", "I").startswith("I: ")
    assert in_words("attendance", "no_such") == "no such"
    assert in_words("listed", "all_through") == "all through"
