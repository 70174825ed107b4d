"""How long each class of record is kept: what is due is counted, then goes, and nothing else does."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from serving.corrections import service as wrong_facts
from serving.database.connection import unlocked
from serving.database.retention import CLASSES, purge, read_keep
from serving.errors import NotThere, RecordsRefused
from serving.figures import service as figures
from serving.purging import PURGES
from serving.referrals import service as referrals
from serving.rights import service as requests
from serving.screening import service as screenings
from serving.screening.record import Prompted
from serving.security import accounts
from serving.security.access_log.chain import Entry
from serving.security.access_log.verify import verify
from serving.security.access_log.write import AccessLog
from serving.security.rolls import load_roll
from tests.officers import (
    AMY,
    AS_OF,
    BEN,
    CAT,
    MEETING,
    ROLL,
    SCHOOLS,
    STATUSES,
    WHOLE,
    asks,
    but,
    furnish,
    load,
    raised,
    wrong,
)

LATER = date.today() + timedelta(days=20 * 365)


@pytest.fixture
def office(database, tmp_path):
    people = furnish(database)
    log = AccessLog(database, tmp_path / "access_log.head")
    with database.writing() as session:
        screenings.begin(session, people["ash"], AMY, MEETING, but(WHOLE, review_on=None))
        screenings.begin(
            session, people["ash"], BEN, MEETING, but(WHOLE, review_on=LATER + timedelta(days=9))
        )
        referrals.refer(session, people["ash"], AMY, raised("family", "mother", "Worried."))
        answered = wrong_facts.say_wrong(
            session, people["ash"], AMY, wrong("attendance", "Absent.", "Present.", "mother")
        )
        wrong_facts.answer(
            session, people["governance"], answered.wrong_fact, 1, "stands", "Asked the office."
        )
        wrong_facts.say_wrong(
            session, people["ash"], BEN, wrong("attendance", "Absent.", "Present.", "mother")
        )
        for kind in ("object", "export"):
            made = requests.ask(session, people["governance"], asks(kind, AMY, "Asks."))
            requests.answer_request(session, people["governance"], made.request, 1, True, "Granted.")
        requests.ask(session, people["governance"], asks("erase", AMY, "Asks."))
        accounts.one_time_token(session, "ash")
        load_roll(session, AS_OF + timedelta(days=1), SCHOOLS, ROLL[ROLL["pupil"] != CAT], STATUSES)
    for pupil in (AMY, BEN):
        log.write(Entry("ash", "officer", "explain", "card", [pupil]))
    for name in ("lists", "prepared"):
        folder = tmp_path / "made" / name / "2025-05-23"
        folder.mkdir(parents=True)
        (folder / f"{name}.json").write_text(json.dumps({"as_of": "2025-05-23"}))
        (folder / "page.html").write_text("a page")
    yield people, log
    log.close()


def due(database, tmp_path: Path, **given) -> dict[str, int]:
    log = AccessLog(database, tmp_path / "access_log.head")
    found = purge(database, log, [tmp_path / "made"], **given)
    log.close()
    return {each.record_class.name: each.num for each in found}


def test_nothing_is_due_before_its_time(database, office, tmp_path):
    found = due(database, tmp_path, today=date(2025, 7, 1))
    assert {name for name, num in found.items() if num} <= {"pupil_keys"}


def test_what_is_due_is_counted_and_then_goes(database, office, tmp_path):
    _, log = office
    wanted = {
        "screenings": 1, "referrals": 1, "wrong_facts": 1, "rights_requests": 1, "placements": 1, "tokens": 1, "access_log": 0,
        "pupil_keys": 0, "lists": 2,
    }  # fmt: skip
    assert due(database, tmp_path, today=LATER) == wanted
    assert due(database, tmp_path, today=LATER) == wanted, "a dry run changed something"
    assert due(database, tmp_path, today=LATER, is_dry_run=False) == wanted
    assert not any((tmp_path / "made").rglob("page.html"))
    assert verify(database, log.head_file).broken_at is None
    left = due(database, tmp_path, today=LATER)
    assert left == dict.fromkeys(wanted, 0)
    assert verify(database, log.head_file).num_rows == 2, "rows of the access log went without two people"


def test_an_objection_in_force_a_request_without_answer_and_a_review_ahead_stay(database, office, tmp_path):
    people, _ = office
    due(database, tmp_path, today=LATER, is_dry_run=False)
    with database.reading() as session:
        assert requests.objecting(session) == {AMY}
        assert [each.kind for each in requests.requests(session, people["governance"])] == ["erase"]
        assert len(screenings.screenings_of(session, people["ash"], BEN)) == 1
        assert len(wrong_facts.wrong_facts(session, people["ash"])) == 1


def test_an_authoritys_own_period_counts(database, office, tmp_path):
    tomorrow = date.today() + timedelta(days=1)
    assert (
        due(database, tmp_path, today=tomorrow, keep=read_keep(["screenings=0", "lists=10000"]))["screenings"]
        == 1
    )
    assert due(database, tmp_path, today=tomorrow, keep={"lists": 10_000})["lists"] == 0


@pytest.mark.parametrize("given", ["screenings", "screenings=-1", "screenings=soon", "diaries=3", "=3"])
def test_a_period_that_cannot_be_is_refused(database, office, tmp_path, given):
    with pytest.raises(RecordsRefused):
        due(database, tmp_path, keep=read_keep([given]))


def test_every_class_has_a_period_a_reason_and_a_way_to_go():
    assert {each.name for each in CLASSES} == {*PURGES, "access_log", "lists"}
    assert all(each.why and each.what and each.counted_from for each in CLASSES)


@pytest.mark.parametrize(
    ("days", "says"),
    [
        (0, "at once"),
        (30, "30 days"),
        (364, "364 days"),
        (365, "1 year"),
        (366, "366 days"),
        (2190, "6 years"),
    ],
)
def test_a_period_is_said_in_words(days, says):
    assert replace(CLASSES[0], days=days).period.endswith(says)


def test_a_record_changed_lately_stays(database, office, tmp_path):
    people, _ = office
    with database.writing() as session, unlocked(session, "screening_versions", "UPDATE"):
        session.execute(
            text("UPDATE screening_versions SET at = :long_ago WHERE screening = 1"),
            {"long_ago": datetime(2010, 1, 1)},
        )
    assert due(database, tmp_path)["screenings"] == 1
    with database.writing() as session:
        screenings.record(session, people["ash"], 1, 1, but(WHOLE, review_on=None))
    assert due(database, tmp_path)["screenings"] == 0


def many(database, people, num: int) -> None:
    """Screenings of many pupils: half listed; of those a third new to the meeting."""
    pupils = list(range(10_000, 10_000 + num))
    with database.writing() as session:
        roll = ROLL.iloc[[0] * num].assign(pupil=pupils)
        load_roll(session, AS_OF + timedelta(days=1), SCHOOLS, roll, STATUSES)
        for pupil in pupils:
            prompted = Prompted("listed", AS_OF, "r") if pupil % 2 else Prompted("no_list")
            said = but(WHOLE, was_known=pupil % 3 != 0, outcome="no_action" if pupil % 4 == 1 else "targeted")
            screenings.begin(session, people["ash"], pupil, MEETING, said, prompted)


def test_figures_are_counts_that_may_leave(database):
    people = furnish(database)
    many(database, people, 240)
    with database.reading() as session:
        found = figures.figures(session, people["reviewer"], MEETING, MEETING)["groups"]
        assert set(found) == {"all", "primary"}
        assert abs(found["all"]["screened_listed"] - 120) <= 5
        assert found["all"]["screened_listed"] % 5 == 0
        assert abs(found["all"]["share_new_to_meeting"] - 1 / 3) < 0.1
        assert abs(found["all"]["share_listed_no_action"] - 1 / 2) < 0.1
        groups = {pupil: "first" if pupil < 10_003 else "second" for pupil in range(10_000, 10_240)}
        by_group = figures.figures(session, people["reviewer"], MEETING, MEETING, groups)["groups"]
        assert by_group["first"]["screened_listed"] is None
        assert by_group["first"]["share_new_to_meeting"] is None
        own = figures.figures(session, people["south"], MEETING, MEETING)["groups"]["all"]
        assert own["screened_listed"] is None
        with pytest.raises(NotThere):
            figures.figures(session, people["administrator"], MEETING, MEETING)


def test_figures_of_nothing_are_no_zero(database):
    with database.writing() as session:
        load(session)
    people = furnish_only(database)
    with database.reading() as session:
        found = figures.figures(session, people, MEETING, MEETING)["groups"]["all"]
    assert set(found.values()) == {None}


def furnish_only(database):
    with database.writing() as session:
        return accounts.add_user(session, "reviewer", accounts.Role.REVIEWER)
