"""Role x endpoint x own or other school, whole: the rows below against what the service's own document lists."""

import json
import re
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from models.manifest import sha256
from serving.database.tables import LogEntry
from serving.rights import service as rights
from serving.rights.record import RightAsked
from serving.security.access import Person, Role
from serving.security.accounts import add_user
from tests.served import AS_OF, Served, served, the_desk

DAY = AS_OF.isoformat()
OFFICER, SCIENTIST, REVIEWER = "officer", "data_scientist", "reviewer"
GOVERNANCE, ADMINISTRATOR, MANAGER = "information_governance", "administrator", "manager"
ROLES = (OFFICER, SCIENTIST, REVIEWER, GOVERNANCE, ADMINISTRATOR, MANAGER)
OWN, OTHER, NONE = "own", "other", "none"
ANYBODY = "anybody"
UNHEARD_OF = count(
    0x5151515151510001
)  # as long as real ones: a proof of erasure looks for the number anywhere


@dataclass(frozen=True)
class Row:
    """Who may, about whom, and a request that would be answered.

    Attributes
    ----------
    roles : tuple of str
        `ANYBODY` alone: without signing in.
    scope : str
        "school": an officer is answered about their own school only; "district": the officer of one school is not
        answered; "none": nothing in it is a school's.
    ask : callable of (Served, where) to (path values, body)
    abstains : bool
        Another school's pupil is not an error but an abstention, as a pupil who is nowhere.
    answered : tuple of int
        How whoever may is answered; 422 where a rule keeps this home's request from being carried out.
    """

    roles: tuple[str, ...]
    scope: str
    ask: Any
    abstains: bool = False
    answered: tuple[int, ...] = (200, 201, 303)


def urn_of(service: Served, where: str) -> int:
    return service.school if where == OWN else service.other_school


def pupil(service: Served, where: str) -> str:
    return service.pupils(urn_of(service, where), "not_listed")[0]


def nothing(service: Served, where: str) -> tuple[dict[str, int], Any]:
    return {}, None


def body(**said: Any) -> Any:
    return lambda service, where: ({}, said)


def form(**said: Any) -> Any:
    return body(**said)


def about(**said: Any) -> Any:
    return lambda service, where: ({}, {"pupil": pupil(service, where), **said})


def screening(service: Served, where: str) -> int:
    """A new screening of a pupil of the own or the other school, begun by whoever may, and left with its outcome or open."""
    who = OFFICER if where == OWN else "neighbour"
    service.put_aside(who)
    begun = service.ask(
        "POST", "/v1/screenings", who, {"pupil": pupil(service, where), "meeting_on": DAY, "is_second": True}
    )
    assert begun.status_code == 201, begun.text
    return begun.json()["screening"]


def with_screening(**said: Any) -> Any:
    return lambda service, where: ({"screening": screening(service, where)}, said or None)


def finished(service: Served, where: str) -> tuple[dict[str, int], Any]:
    number = screening(service, where)
    who = OFFICER if where == OWN else "neighbour"
    done = {"version": 1, "considered": ["family"], "considered_words": "Talked.", "view": "Ours.", "was_known": True,
            "outcome": "targeted", "review_on": "2025-06-10"}  # fmt: skip
    made = service.ask("POST", f"/v1/screenings/{number}/versions", who, done)
    assert made.status_code == 201, made.text
    held = {**done, "version": 2, "held_on": "2025-06-10", "review_on": None,
            "review_found": "She is well.", "review_next": "ends"}  # fmt: skip
    return {"screening": number}, held


def finished_form(service: Served, where: str) -> tuple[dict[str, int], Any]:
    values, said = finished(service, where)
    return values, {**said, "was_known": "yes", "review_on": ""}


def begin_form(service: Served, where: str) -> tuple[dict[str, int], Any]:
    said = {"pupil": pupil(service, where), "meeting_on": DAY, "as_of": DAY, "is_second": "yes"}
    return begin(service, where)[0], said


def frequency_form(service: Served, where: str) -> tuple[dict[str, int], Any]:
    """A screening of a listed child where there is one, and the view with which its frequency is opened."""
    who = OFFICER if where == OWN else "neighbour"
    service.put_aside(who)
    begun = {
        "pupil": frequency(service, where)[1]["pupil"],
        "meeting_on": DAY,
        "as_of": DAY,
        "is_second": True,
    }
    made = service.ask("POST", "/v1/screenings", who, begun)
    assert made.status_code == 201, made.text
    settled = {
        "considered": "family",
        "considered_words": "T",
        "view": "V",
        "was_known": "yes",
        "outcome": "no_action",
    }
    return {"screening": made.json()["screening"]}, {"version": "1", **settled}


def begin(service: Served, where: str) -> tuple[dict[str, int], Any]:
    service.put_aside(OFFICER)
    return {}, {"pupil": pupil(service, where), "meeting_on": DAY, "is_second": True}


def referral(service: Served, where: str) -> tuple[dict[str, int], Any]:
    who = OFFICER if where == OWN else "neighbour"
    made = service.ask("POST", "/v1/referrals", who, referred(service, where)[1])
    assert made.status_code == 201, made.text
    return {"referral": made.json()["referral"]}, {"version": made.json()["version"], "words": "Moved away."}


def referred(service: Served, where: str) -> tuple[dict[str, int], Any]:
    return {}, {
        "pupil": pupil(service, where),
        "route": "school",
        "referred_by": "form tutor",
        "reasons": "Worried.",
    }


def held(service: Served, where: str) -> tuple[dict[str, int], Any]:
    """A referral of another school's pupil, kept for information governance."""
    said = {**referred(service, OTHER)[1], "school": service.school}
    made = service.ask("POST", "/v1/referrals", OFFICER, said)
    assert made.status_code == 201, made.text
    return {"referral": made.json()["referral"]}, {"version": 1, "becomes": "pass_on", "words": "Agreed."}


def wrong_fact(service: Served, where: str) -> tuple[dict[str, int], Any]:
    who = OFFICER if where == OWN else "neighbour"
    said = {
        "pupil": pupil(service, where),
        "family": "attendance",
        "fact": "Absent.",
        "what_is_right": "Was there.",
        "told_by": "mother",
    }
    made = service.ask("POST", "/v1/wrong-facts", who, said)
    assert made.status_code == 201, made.text
    return {"wrong_fact": made.json()["wrong_fact"]}, {
        "version": 1,
        "state": "corrected",
        "words": "Put right.",
    }


def right(service: Served, where: str) -> tuple[dict[str, int], Any]:
    asked = {"pupil": pupil(service, where), "kind": "rectify", "words": "A wrong date."}
    made = service.ask("POST", "/v1/rights", GOVERNANCE, asked)
    assert made.status_code == 201, made.text
    return {"request": made.json()["request"]}, {
        "version": made.json()["version"],
        "granted": True,
        "words": "Done.",
    }


def right_form(service: Served, where: str) -> tuple[dict[str, int], Any]:
    values, said = right(service, where)
    return values, {**said, "granted": "yes"}


def complaint(service: Served, where: str) -> tuple[dict[str, int], Any]:
    asked = {"pupil": pupil(service, where), "kind": "complain", "words": "Nobody asked us."}
    made = service.ask("POST", "/v1/rights", GOVERNANCE, asked)
    return {"request": made.json()["request"]}, {"version": 1}


def fact_of_request(service: Served, where: str) -> tuple[dict[str, int], Any]:
    said = {"family": "sen", "fact": "A", "what_is_right": "B", "told_by": "C"}
    return right(service, where)[0], said


def erasure(service: Served, where: str) -> tuple[dict[str, int], Any]:
    """A granted erasure of a child whom no other test asks about; a new one each time."""
    code = f"{next(UNHEARD_OF):016x}"
    code = "-".join(code[start : start + 4] for start in range(0, 16, 4))
    asked = {"pupil": code, "kind": "erase", "words": "They ask for it."}
    with the_desk().database.writing() as session:
        granter = Person(0, "somebody else", Role.INFORMATION_GOVERNANCE)
        made = rights.ask(session, granter, RightAsked.model_validate_json(json.dumps(asked)))
        rights.answer_request(session, granter, made.request, 1, True, "No reason to keep.")
    return {"request": made.request}, {"asked": code, "is_meant": "yes"}


def closing(service: Served, where: str) -> tuple[dict[str, int], Any]:
    audit = sha256(service.home / "candidate" / "audit.json")
    return {"finding": 3}, {"audit": audit, "words": "Looked at with both schools concerned."}


def decision(service: Served, where: str) -> tuple[dict[str, int], Any]:
    audit = sha256(service.home / "candidate" / "audit.json")
    return {}, {"audit": audit, "sign_or_refuse": "refuse", "reason": "One finding blocks and stays open."}


def new_account(service: Served, where: str) -> tuple[dict[str, int], Any]:
    return {}, {"name": f"made-up {uuid4().hex}", "role": "reviewer"}


def account(service: Served, where: str) -> tuple[dict[str, int], Any]:
    with the_desk().database.writing() as session:
        return {"account": add_user(session, f"made-up {uuid4().hex}", Role.REVIEWER).id}, {"form_token": ""}


def officers_account(service: Served, where: str) -> tuple[dict[str, int], Any]:
    with the_desk().database.writing() as session:
        made = add_user(session, f"made-up {uuid4().hex}", Role.OFFICER, [service.school])
    return {"account": made.id}, {"form_token": "", "schools": str(service.other_school)}


def frequency(service: Served, where: str) -> tuple[dict[str, int], Any]:
    who = OFFICER if where == OWN else "neighbour"
    service.put_aside(who)
    state = "listed" if service.pupils(urn_of(service, where), "listed") else "not_listed"
    one = service.pupils(urn_of(service, where), state)[0]
    begun = {
        "pupil": one,
        "meeting_on": DAY,
        "as_of": DAY,
        "considered": ["family"],
        "considered_words": "T",
        "view": "V",
        "is_second": True,
    }
    made = service.ask("POST", "/v1/screenings", who, begun)
    assert made.status_code == 201, made.text
    aside = {
        "version": 1,
        "considered": ["family"],
        "considered_words": "T",
        "view": "V",
        "outcome": "no_action",
        "was_known": True,
    }
    assert (
        service.ask("POST", f"/v1/screenings/{made.json()['screening']}/versions", who, aside).status_code
        == 201
    )
    return {}, {"as_of": DAY, "pupil": one}


def a_list(service: Served, where: str) -> tuple[dict[str, int], Any]:
    return {}, {"as_of": DAY, "of": {"school": urn_of(service, where)}}


def estimate(service: Served, where: str) -> tuple[dict[str, int], Any]:
    return {}, {"as_of": DAY, "pupils": [pupil(service, where)]}


def profile(service: Served, where: str) -> tuple[dict[str, int], Any]:
    return {}, {"as_of": DAY, "district": service.district(urn_of(service, where))}


MATRIX = {
    "POST /v1/estimate": Row((OFFICER, SCIENTIST), "school", estimate, abstains=True),
    "POST /v1/list": Row((OFFICER, SCIENTIST), "school", a_list),
    "POST /v1/explain": Row((OFFICER, SCIENTIST), "school", about(as_of=DAY), abstains=True),
    "POST /v1/frequency": Row((OFFICER,), "school", frequency),
    "POST /v1/screenings": Row((OFFICER,), "school", begin),
    "GET /v1/screenings/{screening}": Row((OFFICER,), "school", with_screening()),
    "GET /v1/screenings/{screening}/versions": Row((OFFICER,), "school", with_screening()),
    "POST /v1/screenings/{screening}/versions": Row(
        (OFFICER,), "school", with_screening(version=1, view="We think.")
    ),
    "POST /v1/screenings/{screening}/set-aside": Row(
        (OFFICER,), "school", with_screening(version=1, words="Later.")
    ),
    "POST /v1/screenings/{screening}/reviews": Row((OFFICER,), "school", finished),
    "POST /v1/screenings-of-pupil": Row((OFFICER,), "school", about(), abstains=True),
    "POST /v1/reviews-due": Row((OFFICER,), "none", body(by=DAY)),
    "POST /v1/referrals": Row((OFFICER,), "school", referred),
    "GET /v1/referrals": Row((OFFICER,), "none", nothing),
    "POST /v1/referrals/{referral}/close": Row((OFFICER,), "school", referral),
    "GET /v1/referrals/held": Row((GOVERNANCE,), "none", nothing),
    "POST /v1/referrals/{referral}/pass-on": Row((GOVERNANCE,), "none", held),
    "GET /referrals/held": Row((GOVERNANCE,), "none", nothing),
    "POST /referrals/{referral}/pass-on": Row((GOVERNANCE,), "none", held),
    "POST /v1/wrong-facts": Row(
        (OFFICER,), "school", about(family="sen", fact="A", what_is_right="B", told_by="C")
    ),
    "GET /v1/wrong-facts": Row((OFFICER, GOVERNANCE), "none", nothing),
    "POST /v1/wrong-facts/{wrong_fact}/answers": Row((GOVERNANCE,), "none", wrong_fact),
    "POST /v1/caseload": Row((OFFICER,), "none", body(as_of=DAY, status="looked_after")),
    "POST /v1/profile": Row((OFFICER, SCIENTIST, REVIEWER, GOVERNANCE, MANAGER), "none", profile),
    "POST /v1/rights": Row((GOVERNANCE,), "none", about(kind="rectify", words="A wrong date.")),
    "POST /v1/rights/export": Row((GOVERNANCE,), "none", about()),
    "POST /v1/figures": Row(
        (OFFICER, SCIENTIST, REVIEWER, GOVERNANCE, MANAGER), "none", body(since="2025-01-01", until=DAY)
    ),
    "GET /v1/rights": Row((GOVERNANCE,), "none", nothing),
    "POST /v1/rights/{request}/answer": Row((GOVERNANCE,), "none", right),
    "GET /v1/release/audit": Row(ROLES, "none", nothing),
    "GET /v1/release/card": Row(ROLES, "none", nothing),
    "GET /v1/version": Row(ROLES, "none", nothing),
    "GET /v1/openapi.json": Row(ROLES, "none", nothing),
    "GET /": Row((ANYBODY,), "none", nothing),
    "GET /index.html": Row((ANYBODY,), "none", nothing),
    "GET /schools/{urn}": Row(
        (OFFICER, SCIENTIST), "school", lambda s, where: ({"urn": urn_of(s, where)}, None)
    ),
    "GET /districts/{number}": Row((OFFICER, SCIENTIST), "district", lambda s, where: ({"number": 1}, None)),
    "GET /districts/{number}/profile": Row(
        (OFFICER, SCIENTIST, REVIEWER, GOVERNANCE, MANAGER), "none", lambda s, where: ({"number": 1}, None)
    ),
    **{
        f"GET /schools/{{urn}}/{kind}": Row(
            (OFFICER,), "school", lambda s, where: ({"urn": urn_of(s, where)}, None)
        )
        for kind in ("pack", "workbook", "summary", "minutes")
    },
    **{
        f"GET /districts/{{number}}/{kind}": Row(
            (OFFICER,), "district", lambda s, where: ({"number": 1}, None)
        )
        for kind in ("pack", "workbook", "summary", "minutes")
    },
    "POST /sign-in": Row((ANYBODY,), "none", form(one_time="not-a-token")),
    "POST /sign-out": Row(ROLES, "none", form()),
    "POST /children": Row((OFFICER,), "none", form(asked="Khan")),
    "POST /screenings": Row((OFFICER,), "school", begin_form),
    "GET /screenings": Row((OFFICER,), "none", nothing),
    "GET /screenings/{screening}": Row((OFFICER,), "school", with_screening()),
    "POST /screenings/{screening}": Row((OFFICER,), "school", with_screening(version="1", view="We think.")),
    "POST /screenings/{screening}/frequency": Row((OFFICER,), "school", frequency_form),
    "POST /screenings/{screening}/reviews": Row((OFFICER,), "school", finished_form),
    "POST /screenings/{screening}/set-aside": Row(
        (OFFICER,), "school", with_screening(version="1", words="Later.")
    ),
    "POST /screenings/{screening}/wrong-facts": Row(
        (OFFICER,), "school", with_screening(family="sen", fact="A", what_is_right="B", told_by="C")
    ),
    "GET /screenings/{screening}/plan": Row((OFFICER,), "school", with_screening()),
    "GET /screenings/{screening}/plan/pdf": Row(
        (OFFICER,), "school", lambda s, where: (finished(s, where)[0], None)
    ),
    "GET /referrals": Row((OFFICER,), "none", nothing),
    "POST /referrals": Row((OFFICER,), "school", referred),
    "POST /referrals/{referral}/close": Row((OFFICER,), "school", referral),
    "GET /wrong-facts": Row((OFFICER, GOVERNANCE), "none", nothing),
    "POST /wrong-facts": Row(
        (OFFICER,), "school", about(family="sen", fact="A", what_is_right="B", told_by="C")
    ),
    "POST /wrong-facts/lines": Row((OFFICER,), "school", about(as_of=DAY)),
    "POST /wrong-facts/{wrong_fact}/answers": Row((GOVERNANCE,), "none", wrong_fact),
    "GET /reviews": Row((OFFICER,), "none", nothing),
    "GET /caseloads": Row((OFFICER,), "none", nothing),
    "POST /caseloads/{status}": Row((OFFICER,), "none", lambda s, where: ({"status": 1}, {"asked": "Khan"})),
    "GET /caseloads/{status}": Row((OFFICER,), "none", lambda s, where: ({"status": 1}, None)),
    "GET /figures": Row((OFFICER, SCIENTIST, REVIEWER, GOVERNANCE, MANAGER), "none", nothing),
    "POST /figures": Row(
        (OFFICER, SCIENTIST, REVIEWER, GOVERNANCE, MANAGER), "none", form(since="2025-01-01", until=DAY)
    ),
    "GET /rights": Row((GOVERNANCE,), "none", nothing),
    "POST /rights/children": Row((GOVERNANCE,), "none", form(asked="Khan")),
    "POST /rights/requests": Row((GOVERNANCE,), "none", about(kind="rectify", words="A wrong date.")),
    "POST /rights/requests/{request}/answers": Row((GOVERNANCE,), "none", right_form),
    "GET /rights/requests/{request}": Row((GOVERNANCE,), "none", lambda s, where: (right(s, where)[0], None)),
    "POST /rights/requests/{request}/acknowledgements": Row((GOVERNANCE,), "none", complaint),
    "POST /rights/requests/{request}/wrong-facts": Row((GOVERNANCE,), "none", fact_of_request),
    "POST /rights/requests/{request}/erasures": Row((GOVERNANCE,), "none", erasure),
    "POST /rights/viewers": Row((GOVERNANCE,), "none", about()),
    "GET /rights/records": Row((GOVERNANCE,), "none", nothing),
    "POST /rights/purges": Row((GOVERNANCE,), "none", form(form_token="")),
    "POST /rights/log-plans": Row((GOVERNANCE,), "none", form(form_token="")),
    # No row of this home's log is old: test_retention_desk.py has rows that are.
    "POST /rights/log-purges": Row((GOVERNANCE,), "none", form(form_token=""), answered=(422,)),
    "POST /rights/log-purges/{row}": Row(
        (GOVERNANCE,), "none", lambda s, where: ({"row": 1}, {"form_token": ""}), answered=(422,)
    ),
    "POST /rights/copies": Row((GOVERNANCE,), "none", about()),
    "GET /accounts": Row((ADMINISTRATOR,), "none", nothing),
    "POST /accounts": Row((ADMINISTRATOR,), "none", new_account),
    "POST /accounts/{account}/codes": Row((ADMINISTRATOR,), "none", account),
    "POST /accounts/{account}/scopes": Row((ADMINISTRATOR,), "none", officers_account),
    "POST /accounts/{account}/close": Row((ADMINISTRATOR,), "none", account),
    "GET /help": Row(ROLES, "none", nothing),
    **{
        f"GET /{path}": Row((ANYBODY,), "none", nothing)
        for path in ("accessibility", "privacy", "glossary", "style.css")
    },
    "GET /service": Row((ADMINISTRATOR,), "none", nothing),
    "POST /service/log-checks": Row((ADMINISTRATOR,), "none", form(form_token="")),
    **{
        f"GET /release{path}": Row((REVIEWER,), "none", nothing)
        for live in ("", "/candidate")
        for path in (live, f"{live}/audit", f"{live}/evidence")
    },
    "GET /release/candidate/comparison": Row((REVIEWER,), "none", nothing),
    "POST /release/candidate/findings/{finding}/closings": Row((REVIEWER,), "none", closing),
    "POST /release/candidate/decisions": Row((REVIEWER,), "none", decision),
    "GET /v1/live": Row((ANYBODY,), "none", nothing),
    "GET /v1/ready": Row((ANYBODY,), "none", nothing),
    "POST /v1/sign-in": Row((ANYBODY,), "none", body(one_time="not-a-token")),
    "GET /v1/sign-in/begin": Row((ANYBODY,), "none", nothing),
    "GET /v1/sign-in/back": Row((ANYBODY,), "none", nothing),
    "POST /v1/sign-out": Row(ROLES, "none", body()),
}
BEGUN_IN_LOG = ("POST /rights/requests/{request}/erasures", "POST /rights/purges")
ASKED: dict[tuple[str, str], tuple[dict[str, int], Any]] = {}
CASES = [
    (key, who, where)
    for key, row in MATRIX.items()
    for who in ("", *ROLES)
    for where in ((OWN, OTHER) if row.scope == "school" else (OWN,))
    if "sign-" not in key  # each has a test of its own
]


@pytest.fixture(scope="module")
def service() -> Served:
    return served()


@pytest.fixture(scope="module")
def document(service) -> dict:
    return service.ask("GET", "/v1/openapi.json", REVIEWER).json()


def test_every_endpoint_has_a_row_and_every_row_an_endpoint(document):
    listed = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    assert listed == set(MATRIX)


def test_the_document_names_the_roles_of_the_rows(document):
    told = {
        f"{m.upper()} {p}": tuple(sorted(of["x-roles"]))
        for p, ms in document["paths"].items()
        for m, of in ms.items()
    }
    assert told == {
        key: () if row.roles == (ANYBODY,) else tuple(sorted(row.roles)) for key, row in MATRIX.items()
    }


@pytest.mark.parametrize(("key", "who", "where"), CASES)
def test_who_is_answered_about_whom(service, key, who, where):
    row = MATRIX[key]
    method, path = key.split(" ", 1)
    may = row.roles == (ANYBODY,) or who in row.roles
    if may or (key, where) not in ASKED:
        ASKED[key, where] = row.ask(service, where)  # whoever may use up what was made: a new one each time
    values, said = ASKED[key, where]
    is_page = not path.startswith("/v1/")
    sent = {"data": said} if is_page and method == "POST" else {"body": said}
    found = service.ask(method, path.format(**values), who, **sent)
    if row.roles == (ANYBODY,):
        assert found.status_code == 200
    elif not who:
        assert found.status_code == 401
    elif who not in row.roles:
        assert found.status_code == 404, found.text
        assert (
            "There is no such thing" in found.text if is_page else found.json()["type"].endswith("not-there")
        )
    elif who == OFFICER and where == OTHER and row.abstains:
        assert found.status_code == 200
        assert "not_found" in found.text or found.json().get("screenings") == []
    elif who == OFFICER and (
        where == OTHER or row.scope == "district"
    ):  # one school of a district is not the district
        assert found.status_code == 404, found.text
    else:
        assert found.status_code in row.answered, found.text
    logged = rows_of(found.headers["x-request-id"])
    # Reads and refusals are in it too; what takes away has a row before it begins.
    most = 2 if may and key in BEGUN_IN_LOG else 1
    assert len(logged) == (most if who and row.roles != (ANYBODY,) else 0)
    for entry in logged:
        assert (entry.person, entry.role) == (f"made-up {who}", who)
        assert (entry.outcome == "refused") == (
            found.status_code >= 400 and found.status_code not in row.answered
        )
        names_somebody = (
            found.status_code < 400 and not row.abstains and (row.scope == "school" or "{screening}" in path)
        )
        assert not names_somebody or entry.tokens


# A body can be varied in what else it names: a child on another roll must stay like one on none whatever it says.
BESIDE: dict[str, Any] = {
    "no school": lambda service: {},
    "own school": lambda service: {"school": service.school},
    "other school": lambda service: {"school": service.other_school},
    "no school's number": lambda service: {"school": 999_999},
}
NOBODY = "0123-4567-89ab-cdef"
TELLING = [
    key
    for key, row in MATRIX.items()
    if row.scope == "school"
    and key.startswith("POST")
    and "{" not in key
    and key != "POST /v1/list"  # names no child
]


@pytest.mark.parametrize("beside", BESIDE)
@pytest.mark.parametrize("key", TELLING)
def test_a_child_on_another_roll_is_answered_as_one_on_none(service, key, beside):
    method, path = key.split(" ", 1)
    said = MATRIX[key].ask(service, OTHER)[1]
    found = []
    for code in (pupil(service, OTHER), NOBODY):
        about_one = {
            **said,
            **BESIDE[beside](service),
            **({"pupils": [code]} if "pupils" in said else {"pupil": code}),
        }
        is_page = not path.startswith("/v1/")
        answer = service.ask(
            method, path, OFFICER, **({"data": about_one} if is_page else {"body": about_one})
        )
        text = answer.text.replace(code, "CODE")
        # A record's own number and time, and the day's proofs, are all that may differ.
        text = re.sub(r'"referral":\d+|"made_at":"[^"]*"', "", text)
        found.append((answer.status_code, answer.headers.get("location"), text))
    assert found[0] == found[1]


@pytest.mark.parametrize("path", ["/v1/referrals", "/referrals"])
def test_afterwards_too_nothing_tells_a_child_on_another_roll_from_one_on_none(service, path):
    seen = []
    for code in (pupil(service, OTHER), NOBODY):
        said = {
            **referred(service, OTHER)[1],
            "pupil": code,
            "school": service.school,
            "reasons": "Not to be found.",
        }
        made = service.ask("POST", "/v1/referrals", OFFICER, said)
        assert made.status_code == 201 and made.json()["state"] == "held"
        closed = service.ask(
            "POST",
            f"/v1/referrals/{made.json()['referral']}/close",
            OFFICER,
            {"version": 1, "words": "Moved."},
        )
        seen.append((closed.status_code, "Not to be found." in service.ask("GET", path, OFFICER).text))
    assert seen == [(404, False)] * 2


def rows_of(request: str) -> list[LogEntry]:
    """What the access log says of one request."""
    with the_desk().database.reading() as session:
        return list(session.scalars(select(LogEntry).where(LogEntry.request == request)))
