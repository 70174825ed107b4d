"""The pages' way in, the start, and the list of a school or a district with its cards, as `pathways list` prints it."""

from dataclasses import replace
from datetime import date

from starlette.responses import HTMLResponse, RedirectResponse, Response

from serving.accounts.routes import keep
from serving.api.listing import list_of
from serving.desk import Desk
from serving.http.calls import COOKIE, Answered, Call, recorded
from serving.http.problems import Problem
from serving.pages import template
from serving.prepared.read import Prepared
from serving.security import accounts
from serving.security.access import Action, Person, Role, may, require_district, require_school, schools_of
from serving.security.accounts import person_of
from serving.security.sign_ins import sign_in_with_code
from serving.store.errors import NotSignedIn
from serving.store.requests import objecting
from serving.store.screenings import open_screening, screenings_since
from serving.web import forms
from serving.web.showing import newest, page, why_not
from serving.wording import FAMILIES, MADE_UP, START, day, pseudonym


def start(desk: Desk, call: Call[None]) -> Answered:
    """Sign in, or the lists that the caller may read; names no child."""
    token = call.cookies.get(COOKIE, "")
    person = whoever(desk, token)
    if person is None:
        return Answered(sign_in_page(desk))
    prepared, reason = None, ""
    schools: list[tuple[int, str]] = []
    districts: list[tuple[int, str]] = []
    if may(person, Action.LIST):
        try:
            prepared = newest(desk)
            schools, districts = open_to(desk, person, prepared)
        except Problem as problem:
            reason = why_not(problem)
    with desk.database.reading() as session:
        open_now = open_screening(session, person)
    made = page(
        desk, replace(call, person=person, token=token), "start.html", schools=schools, districts=districts,
        day=day(prepared.facts.as_of) if prepared else "", why_not=reason, open_now=open_now,
    )  # fmt: skip
    return Answered(made)


def sign_in_page(desk: Desk, error: str = "", status: int = 200) -> Response:
    """The way in; `error` where a code did not sign in."""
    made = template("sign_in.html").render(
        banner=MADE_UP if desk.settings.is_demonstration else "",
        has_provider=desk.provider is not None,
        error=error,
    )
    return HTMLResponse(made, status)


def sign_in(desk: Desk, call: Call[forms.SignInForm]) -> Answered:
    """Exchange a one-time code for a sign-in."""
    try:
        token = sign_in_with_code(desk.database, desk.log, call.body.one_time.strip(), "page", call.request)
    except NotSignedIn:
        return Answered(sign_in_page(desk, START["wrong_code"], 401))
    answer = RedirectResponse("/", 303)
    keep(desk, answer, token)
    return Answered(answer)


def sign_out(desk: Desk, call: Call[forms.NothingForm]) -> Answered:
    """End the sign-in."""
    with desk.database.writing() as session:
        accounts.sign_out(session, call.token)
    answer = RedirectResponse("/", 303)
    answer.delete_cookie(COOKIE, path="/")
    return recorded(answer, "sign-out")


def whoever(desk: Desk, token: str) -> Person | None:
    """Who a cookie signs in; None for nobody."""
    try:
        with desk.database.reading() as session:
            return person_of(session, token) if token else None
    except NotSignedIn:
        return None


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
    person = call.signed_in
    has_names = bool(desk.names) and may(person, Action.SEE_NAMES)
    may_record, as_of = may(person, Action.RECORD_SCREENING), prepared.facts.as_of
    screened = {}
    if may_record:
        with desk.database.reading() as session:
            carded = [card.person.pupil for card in made.cards]
            screened = screenings_since(session, person, carded, as_of)
    meeting = page(
        desk, call, "list.html", meeting=made, stamp=prepared.facts.stamp(has_names), is_served=True, families=FAMILIES,
        as_of=as_of.isoformat(), today=date.today().isoformat(), may_record=may_record, code_of=pseudonym, screened=screened,
    )  # fmt: skip
    named = sorted({row.person.pupil for rows in made.states.values() for row in rows})
    what = f"page of {level[:-1]} {key} as of {prepared.facts.as_of}"
    return Answered(meeting, what, named, release=prepared.facts.release)
