"""The pages' handlers: a start, and the list of a school or a district with its cards, as `pathways list` prints it."""

from pathlib import Path

from starlette.responses import HTMLResponse, Response

from serving.access import Action, Person, Role, may, require_district, require_school, schools_of
from serving.api.calls import COOKIE, Answered, Call
from serving.api.desk import Desk
from serving.api.listing import list_of
from serving.api.problems import KINDS, Problem
from serving.pages import template
from serving.prepared.read import Prepared
from serving.store.accounts import person_of
from serving.store.errors import NotSignedIn
from serving.store.requests import objecting
from serving.wording import MADE_UP, day

SCRIPT = Path(__file__).with_name("sign_in.js")


def start(desk: Desk, call: Call[None]) -> Answered:
    """Sign in, or the lists that the caller may read; names no child."""
    person, prepared, why_not = whoever(desk, call.cookies.get(COOKIE, "")), None, ""
    schools: list[tuple[int, str]] = []
    districts: list[tuple[int, str]] = []
    if person is not None and may(person, Action.LIST):
        try:
            prepared = newest(desk)
            schools, districts = open_to(desk, person, prepared)
        except Problem as problem:
            why_not = f"{problem.detail or KINDS[problem.kind].title} {KINDS[problem.kind].what_to_do}"
    page = template("start.html").render(
        person=person,
        schools=schools,
        districts=districts,
        day=day(prepared.facts.as_of) if prepared else "",
        banner=MADE_UP if desk.settings.is_demonstration else "",
        has_provider=desk.provider is not None,
        why_not=why_not,
    )
    return Answered(HTMLResponse(page))


def whoever(desk: Desk, token: str) -> Person | None:
    """Who a cookie signs in; None for nobody."""
    try:
        with desk.database.reading() as session:
            return person_of(session, token) if token else None
    except NotSignedIn:
        return None


def newest(desk: Desk) -> Prepared:
    """The newest prepared date; Problem where none may be shown."""
    if not desk.dates:
        raise Problem("not-prepared", "No date is prepared.")
    return desk.prepared(desk.dates[-1])


def open_to(
    desk: Desk, person: Person, prepared: Prepared
) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """Schools (URN, name) and districts (number, name) whose lists a person may read."""
    with desk.database.reading() as session:
        schools = [
            (each.urn, each.name)
            for each in schools_of(session, person)
            if str(each.urn) in prepared.accounts["schools"]
        ]
    names = list(prepared.accounts["districts"])
    is_all = person.role != Role.OFFICER
    districts = [(number, name) for number, name in enumerate(names, 1) if is_all or name in person.districts]
    return sorted(schools, key=lambda pair: pair[1]), districts


def school(desk: Desk, call: Call[None]) -> Answered:
    """A school's list with its cards."""
    urn = call.numbers["urn"]
    with desk.database.reading() as session:
        require_school(session, call.signed_in, urn)
    return _list(desk, call, "schools", str(urn))


def district(desk: Desk, call: Call[None]) -> Answered:
    """A district's list with its cards; districts are numbered in order of name."""
    names = list(newest(desk).accounts["districts"])
    number = call.numbers["number"]
    if number > len(names):
        raise Problem("not-there")
    with desk.database.reading() as session:
        require_district(session, call.signed_in, names[number - 1])
    return _list(desk, call, "districts", names[number - 1])


def _list(desk: Desk, call: Call[None], level: str, key: str) -> Answered:
    prepared = newest(desk)
    if key not in prepared.accounts[level]:
        raise Problem("not-there")
    with desk.database.reading() as session:
        silent = objecting(session)
    made = list_of(desk, prepared, level, key, silent, call.signed_in)
    has_names = bool(desk.names) and may(call.signed_in, Action.SEE_NAMES)
    page = template("list.html").render(meeting=made, stamp=prepared.facts.stamp(has_names))
    named = sorted({row.person.pupil for rows in made.states.values() for row in rows})
    what = f"page of {level[:-1]} {key} as of {prepared.facts.as_of}"
    return Answered(HTMLResponse(page), what, named, release=prepared.facts.release)


def script(desk: Desk, call: Call[None]) -> Answered:
    """The one script of the pages."""
    return Answered(Response(SCRIPT.read_text(encoding="utf-8"), media_type="text/javascript"))
