"""How every page of somebody signed in is put together: who, the way round, and proof of its forms."""

from dataclasses import replace
from typing import Any

from pydantic import BaseModel
from starlette.responses import HTMLResponse

from serving.desk import Desk
from serving.http.calls import Call
from serving.http.forms import form_token
from serving.http.problems import KINDS, Problem
from serving.pages import template
from serving.prepared.read import Prepared
from serving.security.access import MAY, Action, Person, Role
from serving.web import words as labels
from serving.wording import MADE_UP, PSEUDONYMS

WAYS = (
    ("/", "Lists", Action.LIST),
    ("/referrals", "Referrals", Action.READ_REFERRAL),
    ("/reviews", "Reviews", Action.REVIEW_SCREENING),
    ("/caseloads", "Caseloads", Action.READ_CASELOAD),
    ("/wrong-facts", "Wrong facts", Action.READ_WRONG_FACT),
    ("/figures", "Figures", Action.READ_FIGURES),
)


def page(desk: Desk, call: Call[Any], name: str, status: int = 200, **shown: Any) -> HTMLResponse:
    """A page, with what every page of somebody signed in needs."""
    person = call.signed_in
    return HTMLResponse(
        template(name).render(
            **{"errors": {}, "prefix": "", "said": "", "stamp": None, **shown},
            ways=ways_of(person),
            person=person,
            may=lambda action: person.role in MAY[Action(action)],
            labels=labels,
            proof=form_token(call.token),
            banner=MADE_UP if desk.settings.is_demonstration else "",
            without_names="" if desk.names or person.role != Role.OFFICER else PSEUDONYMS,
        ),
        status,
    )


def asking(call: Call[Any], body: BaseModel) -> Call[Any]:
    """The same person's call with another record in it: what a page asks of an endpoint under `/v1`."""
    return replace(call, body=body)


def ways_of(person: Person) -> list[tuple[str, str]]:
    """The pages that a person's role may open: path and what it is called."""
    return [(path, title) for path, title, action in WAYS if person.role in MAY[action] or path == "/"]


def newest(desk: Desk) -> Prepared:
    """The newest prepared date; Problem where none may be shown."""
    if not desk.dates:
        raise Problem("not-prepared", "No date is prepared.")
    return desk.prepared(desk.dates[-1])


def why_not(problem: Problem) -> str:
    """A problem in a sentence or two, for a page that is shown all the same."""
    return f"{problem.detail or KINDS[problem.kind].title + '.'} {KINDS[problem.kind].what_to_do}"
