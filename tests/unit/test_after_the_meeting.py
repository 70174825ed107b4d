"""After the meeting: a summary for the minutes, and a plan that a family can be given, with the child's beside it."""

import io
import re
from datetime import UTC, date, datetime

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from serving.caseloads.service import Child
from serving.database.tables import LogEntry
from serving.screening.minutes import NOT_REACHED, ONLY_SETTLED, minutes_data, minutes_of
from serving.screening.plan import WORDS, Contacts, plan_data
from serving.screening.record import OUTCOMES, AgreedAction, ScreeningRecord, ScreeningVersionRecord
from serving.wording import pupil_of
from tests.served import Served, served, the_desk
from tests.unit.test_wording import MAX_GRADE, grade

ON, AGAIN = date(2025, 5, 27), date(2025, 7, 1)
SAID = {
    "considered": ["family"], "considered_words": "Her aunt rang the office.", "childs_words": "I miss my friend.",
    "familys_words": "She sleeps badly.", "going_well": "She sings in the choir.", "view": "A bright girl who lost a friend.",
    "was_known": False, "outcome": "targeted", "needs": ["friendships"], "who_leads": "Ms Ward",
    "actions": [{"what": "Ring home", "who": "Form tutor", "by": "2025-06-06"}, {"what": "A place in the choir"}],
    "review_on": AGAIN.isoformat(),
}  # fmt: skip
NEVER = (
    "estimate",
    "frequen",
    "score",
    "screening",
    "of every 100",
    "near the line",
    "model",
    "the list",
    "records like these",
)


@pytest.fixture(scope="module")
def service() -> Served:
    return served()


def record(pupil: int, number: int, state: str = "done", on: date = ON, **said: object) -> ScreeningRecord:
    now = ScreeningVersionRecord.model_construct(
        version=1, state=state, author="A", at=datetime(2025, 5, 27, tzinfo=UTC), review_held_on=None, **said
    )
    return ScreeningRecord.model_construct(
        screening=number, pupil=pupil, school=100003, meeting_on=on, now=now
    )


def begin(service: Served, code: str, on: date = ON, **said: object) -> int:
    service.put_aside("officer")
    asked = {"pupil": code, "meeting_on": on.isoformat(), "as_of": "2025-05-23", "is_second": True, **said}
    made = service.ask("POST", "/v1/screenings", "officer", asked)
    assert made.status_code == 201, made.text
    return made.json()["screening"]


def logged(found) -> LogEntry:
    with the_desk().database.reading() as session:
        query = select(LogEntry).where(LogEntry.request == found.headers["x-request-id"])
        return session.scalars(query).one()


# The minutes


def test_each_child_stands_in_one_place():
    held = [
        record(1, 1, outcome="targeted"), record(2, 2, "open"), record(3, 3, "set_aside", words="Away."),
        record(4, 4, "set_aside", words="A slip."), record(4, 5, outcome="universal"),
    ]  # fmt: skip
    found = minutes_of(held, [5, 1, 2, 3, 4, 6])
    assert [each.pupil for each in found.settled] == [1, 4]
    assert [each.pupil for each in found.open] == [2]
    assert [each.pupil for each in found.set_aside] == [
        3
    ]  # of the fourth a slip was set aside, and it was then talked about
    assert found.not_reached == [5, 6] and found.pupils == [1, 2, 3, 4, 5, 6] and found.days == (ON,)


def test_of_one_days_meeting_whoever_was_talked_about_on_another_is_not_told_as_not_reached():
    held = [record(1, 1), record(2, 2, on=date(2025, 6, 3))]
    found = minutes_of(held, [1, 2, 3], ON)
    assert [each.pupil for each in found.settled] == [1] and found.not_reached == [3]
    assert found.days == (ON, date(2025, 6, 3)) and found.on == ON


def test_minutes_carry_what_was_settled_and_nothing_said_in_confidence():
    said = {name: value for name, value in SAID.items() if name not in ("actions", "review_on")}
    actions = (AgreedAction(what="Ring home", who="Form tutor", by=date(2025, 6, 6), became="done"),)
    held = [record(1, 1, actions=actions, review_on=AGAIN, **said)]
    told = minutes_data(minutes_of(held, [1]), {1: Child(1, "Ann Lee", "c", "", "Year 8", "A school")})
    (one,) = told["settled"]
    assert [title for title, _ in one["rows"]] == [
        "What the meeting settled on", "Needs found", "Who leads", "Look again on"
    ]  # fmt: skip
    assert one["rows"][0][1] == "Targeted" and one["rows"][3][1] == "1 July 2025"
    assert one["actions"] == [
        ["Ring home", "Form tutor", "6 June 2025"]
    ]  # what became of it is for a review to say
    for name in ("considered_words", "childs_words", "familys_words", "view"):
        assert str(SAID[name]) not in str(told)


def test_the_summary_of_a_school_and_its_copy(service):
    codes = service.pupils(service.school, "listed")
    begin(service, codes[0], **SAID)
    other = service.pupils(service.school, "not_listed")[3]
    begin(service, other, **{**SAID, "who_leads": "Of no list"})
    path = f"/schools/{service.school}"
    page = service.ask("GET", f"{path}/summary?as_of=2025-05-23", "officer")
    assert page.status_code == 200 and ONLY_SETTLED in page.text and NOT_REACHED in page.text
    for each in (
        "Ring home",
        "Form tutor",
        "6 June 2025",
        "Ms Ward",
        "1 July 2025",
        "Of no list",
        "Targeted",
    ):
        assert each in page.text
    assert SAID["view"] not in page.text and SAID["childs_words"] not in page.text
    entry = logged(page)
    assert (entry.action, entry.outcome) == ("read_screening", "shown") and len(entry.tokens.split()) >= len(
        codes
    )
    copy = service.ask("GET", f"{path}/minutes?as_of=2025-05-23", "officer")
    pdf = PdfReader(io.BytesIO(copy.content))
    said = " ".join(" ".join(each.extract_text().split()) for each in pdf.pages)
    assert (
        "Summary for the minutes" in said and "Ring home" in said and "Taken out by made-up officer" in said
    )
    assert SAID["view"] not in said and "What the records say" not in said
    assert logged(copy).action == "take_out" and logged(copy).tokens == entry.tokens
    pack = PdfReader(io.BytesIO(service.ask("GET", f"{path}/pack?as_of=2025-05-23", "officer").content))
    assert any("What is settled so far" in each.extract_text() for each in pack.pages)


def test_one_days_meeting_can_be_asked_for(service):
    begin(
        service,
        service.pupils(service.school, "listed")[1],
        date(2025, 6, 3),
        **{**SAID, "who_leads": "Of June"},
    )
    path = f"/schools/{service.school}/summary?as_of=2025-05-23"
    assert "Of June" in service.ask("GET", path, "officer").text
    assert "Of June" in service.ask("GET", f"{path}&on=2025-06-03", "officer").text
    assert "Of June" not in service.ask("GET", f"{path}&on={ON}", "officer").text


def test_a_district_sums_up_its_schools_and_another_officer_sees_none_of_them(service):
    found = service.ask("GET", f"/schools/{service.school}/summary", "neighbour")
    assert found.status_code == 404
    number = re.findall(r'href="/districts/([0-9]+)"', service.ask(
        "GET", "/", headers={"Cookie": f"pathways={service.tokens['neighbour']}"}).text)[0]  # fmt: skip
    theirs = service.ask("GET", f"/districts/{number}/summary", "neighbour")
    assert theirs.status_code == 200 and "Ms Ward" not in theirs.text


# The plan


@pytest.fixture(scope="module")
def plan(service) -> tuple[str, int, str]:
    """The page of a settled screening's plan, its number, and what the child is called."""
    code = service.pupils(service.school, "listed")[2]
    number = begin(service, code, date(2025, 5, 29), **SAID)
    names = service.reading.names.set_index("pupil").loc[pupil_of(code)]
    page = service.ask("GET", f"/screenings/{number}/plan", "officer")
    assert page.status_code == 200
    return page.text, number, f"{names['forename']} {names['surname']}"


def test_a_plan_says_what_who_when_and_how_to_say_that_it_is_wrong(plan, service):
    page, number, name = plan
    for each in ("Ring home", "Form tutor", "6 June 2025", "A place in the choir", "Ms Ward", "1 July 2025", "She sings in the choir.",
                 "If something is wrong", "You are not in trouble.", "data protection officer", name):  # fmt: skip
        assert each in page
    assert page.count('<article class="plan') == 2
    copy = service.ask("GET", f"/screenings/{number}/plan/pdf", "officer")
    pdf = PdfReader(io.BytesIO(copy.content))
    said = [" ".join(each.extract_text().split()) for each in pdf.pages]
    assert len(said) == 2 and all("Ring home" in each and "MADE-UP DATA" in each for each in said)
    assert pdf.metadata.title == f"Plan of {name}" and str(pdf.trailer["/Root"]["/Lang"]) == "en-GB"
    assert logged(copy).action == "take_out" and logged(copy).tokens


def test_a_plan_never_says_what_brought_the_child_before_the_meeting(plan, service):
    page, number, _ = plan
    copy = service.ask("GET", f"/screenings/{number}/plan/pdf", "officer").content
    given = [" ".join(each.extract_text().split()) for each in PdfReader(io.BytesIO(copy)).pages]
    given += re.findall(r'<article class="plan.*?</article>', page, re.DOTALL)
    words = {*NEVER, *(title.lower() for title in OUTCOMES.titles.values()), SAID["view"].lower(), SAID["childs_words"].lower(),
        SAID["familys_words"].lower(), SAID["considered_words"].lower()}  # fmt: skip
    found = {each for each in words for text in given if each in text.lower()}
    assert not found


def test_without_anything_settled_there_is_no_plan(service):
    number = begin(service, service.pupils(service.school, "listed")[3], date(2025, 5, 30))
    page = service.ask("GET", f"/screenings/{number}/plan", "officer")
    assert (
        page.status_code == 200
        and "once the meeting has settled" in page.text
        and "/plan/pdf" not in page.text
    )
    assert service.ask("GET", f"/screenings/{number}/plan/pdf", "officer").status_code == 422
    assert "/plan" not in service.ask("GET", f"/screenings/{number}", "officer").text


def test_what_is_done_and_what_is_no_longer_needed_is_not_still_to_do():
    actions = tuple(
        AgreedAction(what=f"To be {became}", became=became)
        for became in ("done", "going_on", "not_done", "no_longer_needed", None)
    )
    found = record(1, 1, actions=actions, review_on=None, going_well="", who_leads="")
    for told in plan_data(found, "Ann Lee", Contacts(), date(2025, 6, 1))["plans"]:
        assert [row[0] for row in told["actions"]] == ["To be going_on", "To be None"]
        assert told["done"] == ["To be done"] and told["leads"] == ""
        assert told["again"] == WORDS[told["reader"]]["again_never"]


def test_an_authoritys_own_addresses_stand_in_the_familys_plan_alone():
    found = record(1, 1, actions=(), review_on=None, going_well="", who_leads="")
    family, child = plan_data(found, "Ann Lee", Contacts("dpo@example.org", "", "0300 1"), date(2025, 6, 1))[
        "plans"
    ]
    assert family["contacts"] == [
        "About what we hold: dpo@example.org", "Free advice that is not the council’s (SENDIASS): 0300 1"
    ]  # fmt: skip
    assert not child["contacts"]


@pytest.mark.parametrize(("reader", "most"), [("family", MAX_GRADE), ("child", 5.0)])
def test_a_plan_is_in_plain_words(reader, most):
    said = [
        text for value in WORDS[reader].values() for text in ((value,) if isinstance(value, str) else value)
    ]
    hard = [(round(grade(text), 1), text) for text in said if len(text.split()) > 4 and grade(text) > most]
    assert not hard
