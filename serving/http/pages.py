"""How every page of somebody signed in is put together: who, the way round, and proof of its forms."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse, RedirectResponse, Response

from serving.desk import Desk
from serving.errors import RecordsRefused, Stale
from serving.http import words as labels
from serving.http.calls import Answered, Call
from serving.http.fields import Record, Typed, Wrong, field, fields_of, read_form, wrong_in
from serving.http.forms import form_token, typed
from serving.pages import template
from serving.security.access import MAY, Action, Person, Role
from serving.security.access_log.chain import RECORDED as RECORDED_OUTCOME
from serving.wording import MADE_UP, PSEUDONYMS

CSS, HTML, PDF = "text/css", "text/html", "application/pdf"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
A_PAGE = 50  # rows
Item = TypeVar("Item")
DONE = ("recorded",)  # the query of a page to which a form sent the browser on
WAYS = (
    ("/", "Lists", Action.LIST),
    ("/referrals", "Referrals", Action.READ_REFERRAL),
    ("/reviews", "Reviews", Action.REVIEW_SCREENING),
    ("/caseloads", "Caseloads", Action.READ_CASELOAD),
    ("/rights", "Requests", Action.USE_RIGHTS),
    ("/rights/records", "What is kept", Action.PURGE),
    ("/referrals/held", "Referrals to pass on", Action.PASS_ON_REFERRAL),
    ("/wrong-facts", "Wrong facts", Action.READ_WRONG_FACT),
    ("/figures", "Figures", Action.READ_FIGURES),
    ("/release", "The live release", Action.REVIEW_RELEASE),
    ("/release/candidate", "The candidate", Action.REVIEW_RELEASE),
    ("/accounts", "Accounts", Action.MANAGE_USERS),
    ("/service", "The service", Action.MANAGE_USERS),
    ("/help", "Help", Action.READ_VERSION),
)
# Where the work is of those who read no lists: the start sends them on.
HOMES: Mapping[Role, str] = {
    Role.REVIEWER: "/release",
    Role.INFORMATION_GOVERNANCE: "/rights",
    Role.ADMINISTRATOR: "/accounts",
    Role.MANAGER: "/figures",
}


def page(desk: Desk, call: Call[Any], name: str, status: int = 200, **shown: Any) -> HTMLResponse:
    """A page, with what every page of somebody signed in needs."""
    person = call.signed_in
    return HTMLResponse(
        template(name).render(
            is_served=True,
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


def to_take_along(content: bytes, media: str, name: str) -> Response:
    """A file that a browser saves.

    Parameters
    ----------
    name : str
        What the browser calls it: letters, digits, points and dashes, and never a child's name.
    """
    return Response(
        content, media_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def ways_of(person: Person) -> list[tuple[str, str]]:
    """The pages that a person's role may open: path and what it is called."""
    return [(path, title) for path, title, action in WAYS if person.role in MAY[action]]


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


def page_of_records(
    desk: Desk, call: Call[Any], name: str, what: str, pupils: Sequence[int], status: int = 200, is_stale: bool = False, **told: Any,
) -> Answered:  # fmt: skip
    """A page of records that wait for somebody, each with a form of its own.

    Parameters
    ----------
    what : str
        What the access log calls it.
    pupils : sequence of int
        Everyone whom the page names.
    is_stale : bool
        Somebody else's step came before that of the form which was sent.
    told
        What the template needs, and what was typed into a form that is shown again.
    """
    if is_stale:
        told["errors"] = {"": Wrong("", labels.STALE.format(author="Somebody else"))}
    made = page(desk, call, name, status, **{"said": said_in(call), "form": {}, **told})
    return Answered(made, what + (", not recorded" if status != 200 else ""), pupils)


def next_step(
    desk: Desk, call: Call[Any], kind: type[Record], called: str, take: Callable[[Session, int, Record], Any], to: str,
    again: Callable[..., Answered],
) -> Answered:  # fmt: skip
    """The next step of one record among those of a page, as typed into its own form.

    Parameters
    ----------
    called : str
        What the access log calls the record, before its number.
    take : callable of (Session, int, record)
        Takes the step; the pupil of what it gives back is in the log.
    to : str
        Where the browser goes on.
    again : callable
        The page of the records.
    """
    (number,) = call.numbers.values()

    def write(body: Record) -> Answered:
        with desk.database.writing() as session:
            made = take(session, number, body)
        pupils = [] if made.pupil is None else [made.pupil]
        return sent_on(to, f"{called} {number}", pupils)

    def shown(**what: Any) -> Answered:
        # A form about one record of the page is told from the others by that record's number.
        return again(desk, call, form=typed(call.body), prefix=f"{number}-", **what)

    return written(call, kind, write, shown)


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
