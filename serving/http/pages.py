"""How every page of somebody signed in is put together: who, the way round, and proof of its forms."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from starlette.responses import HTMLResponse, RedirectResponse

from serving.desk import Desk
from serving.errors import RecordsRefused, Stale
from serving.http import words as labels
from serving.http.calls import Answered, Call
from serving.http.fields import Record, Typed, field, fields_of, read_form, wrong_in
from serving.http.forms import form_token
from serving.pages import template
from serving.security.access import MAY, Action, Person, Role
from serving.security.access_log.chain import RECORDED as RECORDED_OUTCOME
from serving.wording import MADE_UP, PSEUDONYMS

HTML = "text/html"
A_PAGE = 50  # rows
Item = TypeVar("Item")
DONE = ("recorded",)  # the query of a page to which a form sent the browser on
WAYS = (
    ("/", "Lists", Action.LIST),
    ("/referrals", "Referrals", Action.READ_REFERRAL),
    ("/reviews", "Reviews", Action.REVIEW_SCREENING),
    ("/caseloads", "Caseloads", Action.READ_CASELOAD),
    ("/rights", "Requests", Action.USE_RIGHTS),
    ("/referrals/held", "Referrals to pass on", Action.PASS_ON_REFERRAL),
    ("/wrong-facts", "Wrong facts", Action.READ_WRONG_FACT),
    ("/figures", "Figures", Action.READ_FIGURES),
    ("/release", "The live release", Action.REVIEW_RELEASE),
    ("/accounts", "Accounts", Action.MANAGE_USERS),
    ("/service", "The service", Action.MANAGE_USERS),
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
            fields_of=fields_of,
            field=field,
            proof=form_token(call.token),
            banner=MADE_UP if desk.settings.is_demonstration else "",
            without_names="" if desk.names or person.role != Role.OFFICER else PSEUDONYMS,
        ),
        status,
    )


def ways_of(person: Person) -> list[tuple[str, str]]:
    """The pages that a person's role may open: path and what it is called."""
    return [(path, title) for path, title, action in WAYS if person.role in MAY[action] or path == "/"]


def written(
    call: Call[Any],
    kind: type[Record],
    write: Callable[[Record], Answered],
    again: Callable[..., Answered],
    standing: Typed | None = None,
    **given: Any,
) -> Answered:
    """What was typed into a form, written; else its page again, with what is wrong and all that was typed.

    Parameters
    ----------
    kind : type
        The record that the form is of.
    write : callable
        Record it, and say where the browser goes on.
    again : callable
        The page with `status`, `errors` (by field) and `is_stale`.
    standing : mapping, optional
        What stands, for every field of which the form sent nothing.
    given
        Fields of the record that the page knows, as JSON would say them.

    Returns
    -------
    Answered
        The browser is sent on to a page: a form that is sent again by going back records nothing twice.
    """
    try:
        return write(read_form(kind, call.body, standing, **given))
    except RecordsRefused as error:
        return again(status=422, errors=wrong_in(error, kind))
    except Stale:
        return again(status=409, is_stale=True)


def sent_on(
    path: str, what: str, pupils: Sequence[int], release: str = "", recorded: str = "1", **query: str
) -> Answered:
    """Something was written down: the browser goes on to a page that says so.

    Parameters
    ----------
    recorded : str
        What the page is to say of it: names of fields, never a word of what was written.
    query
        What else the page is to know; what is empty is left out.
    """
    before, mark, part = path.partition("#")
    asked = urlencode({"recorded": recorded, **{name: value for name, value in query.items() if value}})
    to = RedirectResponse(f"{before}?{asked}{mark}{part}", 303)
    return Answered(to, what, pupils, RECORDED_OUTCOME, release)


def in_pages(found: Sequence[Item], asked: str) -> tuple[Sequence[Item], int, int]:
    """The part of what was found that a page shows, how many pages there are, and which one this is.

    A page too far is the last; what is no number is the first.
    """
    num_pages = max(1, -(-len(found) // A_PAGE))
    is_number = asked.isascii() and asked.isdigit() and len(asked) < 6
    number = min(max(int(asked), 1), num_pages) if is_number else 1
    return found[(number - 1) * A_PAGE : number * A_PAGE], num_pages, number


def said_in(call: Call[Any]) -> str:
    """What a page says to whoever was sent on to it; empty for whoever came by themselves."""
    return labels.RECORDED if call.query.get("recorded") else ""
