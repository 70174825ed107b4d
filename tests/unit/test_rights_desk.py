"""The desk of information governance: a request from the call of a family to its answer, with its clock; a copy with its letter."""

import re
import threading
import time
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from serving.database.tables import LogEntry, PupilKey
from serving.errors import DatabaseRefused, RecordsRefused
from serving.rights import service as rights_service
from serving.rights.letter import letter
from serving.rights.pages import Clock
from serving.rights.under_way import ERASURES, UnderWay
from serving.wording import pupil_of
from tests.served import Served, served, the_desk
from tests.unit.test_service_matrix import OWN, erasure
from tests.unit.test_service_pages import Officer

OWNER = "information_governance"
UNKNOWN_CODE = "0123-4567-89ab-cde1"  # another than that of a referral which the matrix makes


@pytest.fixture(scope="module")
def service() -> Served:
    return served()


@pytest.fixture
def owner(service) -> Officer:
    return Officer(service, OWNER)


def child(service: Served, place: int = 0) -> tuple[str, str]:
    """Code and name of a child of the first school."""
    code = service.pupils(service.school, "not_listed")[place]
    _, forename, surname = the_desk().names[pupil_of(code)]
    return code, f"{forename} {surname}"


def entered(owner: Officer, service: Served, kind: str, place: int = 0, **typed: str) -> str:
    """A request entered with the desk's forms; its number."""
    code, _ = child(service, place)
    owner.go("/rights")
    owner.send("/rights/children", asked=code)
    found = owner.send("/rights/requests", kind=kind, words="Please <b>look</b>.", **typed)
    assert found.status_code == 200 and "Recorded." in found.text
    return max(re.findall(r'id="r([0-9]+)"', found.text), key=int)


def granted_erasure(service: Served) -> tuple[str, str]:
    """A granted erasure of a child on whom nothing else is held: its number, and the child's code."""
    values, said = erasure(service, OWN)
    return str(values["request"]), said["asked"]


def begin(owner: Officer, number: str, code: str):
    owner.go("/rights")
    return owner.send(f"/rights/requests/{number}/erasures", asked=code, is_meant="yes")


def waited(owner: Officer, number: str, gone: str) -> str:
    """The page of a request once it no longer says something."""
    for _ in range(600):
        page = owner.go(f"/rights/requests/{number}").text
        if gone not in page:
            return page
        time.sleep(0.05)
    raise AssertionError(page)


def test_an_erasure_holds_no_request_and_says_how_far_it_is(service, owner, monkeypatch):
    (number, code), (other, other_code) = granted_erasure(service), granted_erasure(service)
    going, whole = threading.Event(), rights_service.erase

    def slow(*given):
        given[-1]("It is at a step.")
        assert going.wait(30)
        return whole(*given)

    monkeypatch.setattr(rights_service, "erase", slow)
    begun = begin(owner, number, code)
    assert begun.status_code == 200 and "It is being carried out" in begun.text
    assert "It is at a step." in owner.go(f"/rights/requests/{number}").text
    card = re.search(rf'aria-labelledby="e{number}">(.*?)</article>', owner.go("/rights").text, re.DOTALL)[1]
    assert "It is being carried out." in card and "<form" not in card
    refused = begin(owner, other, other_code)
    assert refused.status_code == 422 and "Another erasure is under way" in refused.text
    going.set()
    page = waited(owner, number, "It is being carried out")
    assert 'id="proof"' in page and "found nothing" in page
    assert begin(owner, other, other_code).status_code == 200
    assert 'id="proof"' in waited(owner, other, "It is being carried out")


def test_an_erasure_that_ends_while_its_page_is_made_names_nobody_and_says_how_far_it_was(
    service, owner, monkeypatch
):
    number, _ = granted_erasure(service)
    before = owner.go(f"/rights/requests/{number}").text
    one, steps = (service.home, int(number)), rights_service.steps_taken
    monkeypatch.setitem(ERASURES._begun, one, UnderWay(datetime.now(UTC)))

    def ended_meanwhile(*given):
        read = steps(*given)
        ERASURES._begun.pop(one, None)
        return read

    monkeypatch.setattr(rights_service, "steps_taken", ended_meanwhile)
    page = owner.go(f"/rights/requests/{number}").text
    assert "It is being carried out" in page and "being erased" in page
    assert "It is being carried out" not in before and "being erased" not in before


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (DatabaseRefused("The database is busy."), "The database is busy."),
        (RecordsRefused("Still found in a file.", "And in another."), "<li>And in another.</li>"),
        (ZeroDivisionError("Amy Khan"), "A mistake of this program stopped it (ZeroDivisionError)."),
    ],
)
def test_an_erasure_that_ends_without_its_proof_says_why_and_is_given_again(
    service, owner, monkeypatch, error, says
):
    number, code = granted_erasure(service)

    def stops(*given):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(rights_service, "erase", stops)
        begin(owner, number, code)
        page = waited(owner, number, "It is being carried out")
    assert "The erasure ended without its proof" in page and says in page and "Amy" not in page
    card = re.search(rf'aria-labelledby="e{number}">(.*?)</article>', owner.go("/rights").text, re.DOTALL)[1]
    assert "It ended without its proof." in card and "<form" in card
    begin(owner, number, code)
    page = waited(owner, number, "It is being carried out")
    assert 'id="proof"' in page, re.sub("<[^>]+>", " ", page.split("<h1")[1])


def card_of(page: str, number: str) -> str:
    return re.search(rf'<article class="card" aria-labelledby="r{number}">(.*?)</article>', page, re.DOTALL)[
        1
    ]


@pytest.mark.parametrize(
    ("days", "says", "is_urgent"),
    [
        (-2, "Overdue by 2 days", True),
        (-1, "Overdue by 1 day", True),
        (0, "Due today", True),
        (1, "1 day left", True),
        (7, "7 days left", True),  # at exactly
        (8, "8 days left", False),
    ],
)
def test_a_clock_says_how_long_there_is(days, says, is_urgent):
    assert (Clock(days).says, Clock(days).is_urgent) == (says, is_urgent)


def test_a_request_goes_from_a_name_to_its_answer(service, owner):
    _, name = child(service)
    owner.go("/rights")
    found = owner.send("/rights/children", asked=name)
    assert found.status_code == 200 and name in found.text
    number = entered(owner, service, "rectify")
    card = card_of(owner.page, number)
    assert name in card and "Please &lt;b&gt;look&lt;/b&gt;." in card and "days left" in card
    refused = owner.send(f"/rights/requests/{number}/answers", granted="", words="Looked at it.")
    assert refused.status_code == 422 and f'id="{number}-granted-wrong"' in refused.text
    assert "Looked at it." in refused.text
    done = owner.send(f"/rights/requests/{number}/answers", granted="yes", words="Put right.")
    assert done.status_code == 200 and f'id="r{number}"' not in done.text
    assert re.search(rf">{number}</a></th>.*?Granted", done.text, re.DOTALL)


def test_what_is_overdue_is_said_first(service, owner):
    long_ago = (date.today() - timedelta(days=62)).isoformat()
    number = entered(owner, service, "complain", 1, received_on=long_ago)
    assert "overdue.</strong>" in owner.page
    assert "<strong>Overdue by 32 days</strong>: acknowledge by" in card_of(owner.page, number)
    tomorrow = (date.today() + timedelta(days=1)).isoformat()
    owner.send("/rights/children", asked=child(service, 1)[0])
    refused = owner.send("/rights/requests", kind="rectify", words="A", received_on=tomorrow)
    assert refused.status_code == 422 and "still to come" in refused.text


def test_an_objection_takes_the_child_off_the_list_at_once(service, owner):
    code = service.pupils(service.school, "listed")[
        -2
    ]  # an objection lasts the day: others ask of the first and the last
    asked = {"as_of": "2025-05-23", "of": {"school": service.school}}

    def listed() -> set[str]:
        return {each["pupil"] for each in service.ask("POST", "/v1/list", "officer", asked).json()["listed"]}

    assert code in listed()
    owner.go("/rights")
    owner.send("/rights/children", asked=code)
    owner.send("/rights/requests", kind="object", words="Stop.")
    number = max(re.findall(r'id="r([0-9]+)"', owner.page), key=int)
    assert code not in listed()
    owner.send(f"/rights/requests/{number}/answers", granted="no", words="Declined for the test.")


def test_a_copy_has_its_letter_first_and_is_in_the_log(service, owner):
    code, _ = child(service)
    owner.go("/rights")
    owner.send("/rights/children", asked=code)
    found = owner.send("/rights/copies")
    assert found.status_code == 200 and code in found.text
    assert 0 < found.text.index("In short") < found.text.index("What this service is")
    told = found.text.split('id="letter"')[1].split("</section>")[0]
    assert code not in told and not re.search(r"[0-9a-f]{12}", told)
    with the_desk().database.reading() as session:
        rows = session.scalars(select(LogEntry).where(LogEntry.request == found.headers["x-request-id"]))
        (row,) = rows
        assert row.what == "everything held on one pupil" and row.tokens


def test_a_search_for_a_code_that_is_nobodys_leaves_no_trace(service, owner):
    owner.go("/rights")
    found = owner.send("/rights/children", asked=UNKNOWN_CODE)
    assert found.status_code == 200
    copied = owner.post("/rights/copies", data={"form_token": token(owner), "pupil": UNKNOWN_CODE})
    assert copied.status_code == 200 and "Nothing." in copied.text
    assert (
        owner.post("/rights/copies", data={"form_token": token(owner), "pupil": "no code"}).status_code == 404
    )
    with the_desk().database.reading() as session:
        assert session.get(PupilKey, pupil_of(UNKNOWN_CODE)) is None


def token(owner: Officer) -> str:
    return re.search(r'name="form_token" value="([^"]+)"', owner.page)[1]


def test_a_letter_counts_people_and_names_none():
    held = {
        "service": {"screenings": [{}, {}], "referrals": [{}]},
        "lists": [
            {"list_of": "schools", "as_of": "2025-05-23", "state": "listed"},
            {"list_of": "districts", "as_of": "2025-05-23", "state": "not_listed"},
        ],
        "viewers": [
            {"person": "Pat", "role": "officer"},
            {"person": "Pat", "role": "officer"},
            {"person": "Sam", "role": "officer"},
            {"person": "Kim", "role": "data_scientist"},
        ],
        "files": [],
    }
    told = " ".join(letter(held))
    assert "list of 23 May 2025" in told and "talked about your child twice" in told
    assert "asked a meeting to talk about your child once" in told
    assert "1 data scientist (who sees no names), 2 officers of a meeting" in told
    assert not any(name in told for name in ("Pat", "Sam", "Kim"))
    nothing = " ".join(letter({"service": {}, "lists": [], "viewers": [], "files": []}))
    assert "Nobody has looked" in nothing and "on no list" in nothing
