"""The manager's desk: counts as they may leave, with honest names, beside the half-term before; no child and no school's own count."""

import re
from datetime import date, timedelta

import pandas as pd
import pytest

from models.disclosure import FEWEST, SHOWN_FROM, WHERE_IT_BITES, disclose
from serving.charts import Bar, bar_chart
from serving.database.connection import open_database
from serving.figures.pages import need_chart, of_100
from serving.figures.service import LATER, SOON, figures, profile
from serving.http.problems import Problem
from serving.opening import open_desk
from serving.prepared.profile import reach_of_help
from serving.screening import service as screenings
from serving.screening.record import Prompted
from serving.settings import read_settings
from tests.officers import AMY, AS_OF, EVE, MEETING, WHOLE, but, furnish
from tests.served import AS_OF as PREPARED
from tests.served import Served, make_home, prepare, reading_of, served
from tests.unit.test_service_pages import Officer

SINCE, UNTIL = date(2025, 1, 1), date(2025, 12, 31)
TODAY = date(2026, 1, 5)
BEFORE = PREPARED - timedelta(days=42)


@pytest.fixture(scope="module")
def service() -> Served:
    return served()


@pytest.fixture
def office(tmp_path):
    opened = open_database(f"sqlite:///{tmp_path / 'service.db'}")
    yield opened, furnish(opened)
    opened.close()


def settled(opened, person, pupil, times: int, days: int | None, **changes: object) -> None:
    """Screenings with an outcome, each reviewed so many days after its meeting; None leaves the review to come."""
    for _ in range(times):
        with opened.writing() as session:
            prompted = Prompted("listed", AS_OF, "release-1")
            made = screenings.begin(
                session, person, pupil, MEETING, but(WHOLE, **changes), prompted, is_second=True
            )
            if days is not None:
                held = but(WHOLE, review_on=None, review_found="Well.", review_next="ends")
                screenings.hold_review(
                    session, person, made.screening, 1, MEETING + timedelta(days=days), held
                )


@pytest.mark.parametrize(
    ("days", "counted"),
    [
        (SOON, "reviewed_in_six_weeks"),  # at exactly
        (SOON + 1, "reviewed_in_twelve_weeks"),
        (LATER, "reviewed_in_twelve_weeks"),
        (LATER + 1, "reviewed_later"),
        (None, "review_overdue"),
    ],
)
def test_time_to_review_is_counted_from_the_meeting_to_the_first_review(office, days, counted):
    opened, people = office
    settled(opened, people["north"], AMY, 20, days)
    with opened.reading() as session:
        told = figures(session, people["manager"], SINCE, UNTIL, today=TODAY)["groups"]["all"]
    parts = ("reviewed_in_six_weeks", "reviewed_in_twelve_weeks", "reviewed_later", "review_overdue")
    assert {name for name in parts if told[name]} == {counted}
    assert told["settled"] in (20, 15, 25) and told["helped"] <= told["settled"]


@pytest.mark.parametrize(("today", "is_overdue"), [(date(2025, 9, 30), False), (date(2025, 10, 1), True)])
def test_a_review_is_overdue_after_its_day(office, today, is_overdue):
    opened, people = office
    settled(opened, people["north"], AMY, 20, None, review_on=date(2025, 9, 30))
    with opened.reading() as session:
        told = figures(session, people["manager"], SINCE, UNTIL, today=today)["groups"]["all"]
    assert bool(told["review_overdue"]) == is_overdue


def test_figures_are_of_districts_where_they_are_asked_for(office):
    opened, people = office
    for officer, pupil in (("north", AMY), ("south", EVE)):
        settled(opened, people[officer], pupil, 16, None)
    with opened.reading() as session:
        told = figures(session, people["manager"], SINCE, UNTIL, by="district")["groups"]
        own = figures(session, people["north"], SINCE, UNTIL, by="district")["groups"]
    assert list(told) == ["all", "North", "South"] and list(own) == ["all", "North"]


def test_reach_of_help_is_disclosure_controlled_and_shows_every_group():
    matrix = pd.DataFrame({"pupil": range(100)})
    group_of = {pupil: "A" if pupil < 90 else "B" for pupil in range(95)}
    is_supported = pd.Series([pupil < 30 or pupil == 92 for pupil in range(100)])
    (found,) = reach_of_help(matrix, is_supported, {"sex": group_of})
    told = {each["group"]: each for each in found["groups"]}
    assert list(told) == ["A", "B", "Not known"]
    assert told["A"]["on_roll"] % 5 == 0 and told["A"]["helped"] % 5 == 0 and 0.2 < told["A"]["rate"] < 0.45
    assert told["B"] == {"group": "B", "on_roll": None, "helped": None, "rate": None}
    assert reach_of_help(matrix, is_supported, {}) == []


@pytest.mark.parametrize(
    ("count", "is_shown"),
    [(FEWEST - 1, {False}), (FEWEST, {True, False}), (SHOWN_FROM - 1, {True, False}), (SHOWN_FROM, {True})],
)
def test_where_disclosure_control_bites_is_said_as_it_is(count, is_shown):
    found = {disclose({"a": count, "salt": salt}).counts["a"] is not None for salt in range(200)}
    assert found == is_shown
    assert f"fewer than {FEWEST}" in WHERE_IT_BITES and f"From {SHOWN_FROM} on" in WHERE_IT_BITES


def test_a_picture_of_need_stands_beside_the_prepared_date_before(tmp_path):
    home, reading = tmp_path / "home", reading_of()
    make_home(home, reading)
    (release,) = [each for each in (home / "releases").iterdir() if not each.name.startswith("candidate")]
    prepare(home / "prepared", reading_of(seed=2, as_of=BEFORE), release, as_of=BEFORE)
    desk = open_desk(read_settings(home))
    try:
        district = sorted(set(reading.schools["district"]))[0]
        told = profile(desk, district, PREPARED)
        then = desk.pictures(BEFORE)[district]["phases"]
        assert told.before == BEFORE and told.where_it_bites == WHERE_IT_BITES
        rates = {(phase["phase"], need["need"]): need["rate"] for phase in then for need in phase["needs"]}
        assert any(rate is not None for rate in rates.values())
        assert {
            (phase.phase, need.need): need.rate_before for phase in told.phases for need in phase.needs
        } == {
            (phase.phase, need.need): rates.get((phase.phase, need.need))
            for phase in told.phases
            for need in phase.needs
        }
        chart = need_chart(
            next(each for each in told.phases if any(need.rate for need in each.needs)), BEFORE
        )
        assert "No help entered since a screening" in chart.header and any(
            "11 April" in each for each in chart.header
        )
        assert "stroke-dasharray" in chart.svg
        with pytest.raises(Problem):
            desk.pictures(date(2020, 1, 1))
    finally:
        desk.close()


def test_a_share_that_is_not_shown_has_no_bar():
    chart = bar_chart(
        "T", "D", [Bar("Shown", 0.5, None), Bar("Held back", None, None)], ("now", ""), ("A",), [("Shown",)]
    )
    assert chart.svg.count("<rect") == 1
    assert bar_chart("T", "D", [Bar("Held back", None, None)], ("now", ""), ("A",), []).svg == ""


@pytest.mark.parametrize(
    ("rate", "says"),
    [(None, "not shown"), (0.0, "0"), (0.009, "under 1"), (0.01, "1"), (0.254, "25"), (1.0, "100")],
)
def test_a_share_is_said_as_people(rate, says):
    assert of_100(rate) == says


def test_a_manager_sees_counts_and_never_a_child_a_school_or_a_code(service):
    manager = Officer(service, "manager")
    schools = set(service.reading.schools["name"])
    for path in ("/figures", "/districts/1/profile", "/help"):
        page = manager.go(path).text
        assert manager.go(path).status_code == 200
        assert not re.search(r"[0-9a-f]{4}(-[0-9a-f]{4}){3}", page) and not [
            each for each in schools if each in page
        ]
    page = manager.go("/districts/1/profile").text
    assert (
        "No help entered since a screening" in page
        and "Without help" not in page
        and "not “without help”" in page
    )
    page = manager.go("/figures").text
    assert (
        "From 14 on every count is shown" in page and "Help by sex" in page and "Review overdue now" in page
    )
    shown = manager.send("/figures", by="district")
    assert shown.status_code == 200 and "by district" in shown.text
    told = service.ask(
        "POST", "/v1/figures", "manager", {"since": "2025-01-01", "until": "2025-12-31"}
    ).json()
    assert told["reach_as_of"] == "2025-05-23" and {each["by"] for each in told["reach"]} == {
        "sex",
        "fsm_eligible",
    }
    for path in ("/", f"/schools/{service.school}", "/rights", "/accounts", "/release"):
        assert manager.go(path).status_code in (303, 404), path
