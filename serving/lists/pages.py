"""The start, and the list of a school or a district with its cards, as `pathways list` prints it."""

from dataclasses import replace
from datetime import date

from serving.accounts.service import sign_in_page, whoever
from serving.caseloads.record import AskedForm
from serving.corrections.record import FactWrong
from serving.desk import Desk
from serving.http.calls import COOKIE, Answered, Call, Endpoint
from serving.http.pages import HTML, page
from serving.http.problems import FROM_PREPARED, Problem
from serving.lists.service import list_of, newest, why_not
from serving.prepared.read import Prepared
from serving.rights.service import objecting
from serving.screening.service import open_screening, screenings_since
from serving.security.access import Action, Person, Role, may, require_district, require_school, schools_of
from serving.wording import day, pseudonym


def start(desk: Desk, call: Call[None]) -> Answered:
    """Sign in, or the lists that the caller may read; names no child."""
    token = call.cookies.get(COOKIE, "")
    person = whoever(desk, token, call.request)
    if person is None:  # with a token that is nobody's the answer is slowed, as everywhere
        return Answered(sign_in_page(desk, status=401 if token else 200))
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
        day=day(prepared.facts.as_of) if prepared else "", why_not=reason, open_now=open_now, asked=AskedForm,
    )  # fmt: skip
    return Answered(made)


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
        desk, call, "list.html", meeting=made, stamp=prepared.facts.stamp(has_names), is_served=True,
        as_of=as_of.isoformat(), today=date.today().isoformat(), may_record=may_record, code_of=pseudonym, screened=screened, fact_wrong=FactWrong,
    )  # fmt: skip
    named = sorted({row.person.pupil for rows in made.states.values() for row in rows})
    what = f"page of {level[:-1]} {key} as of {prepared.facts.as_of}"
    return Answered(meeting, what, named, release=prepared.facts.release)


PAGES = (
    Endpoint("GET", "/", "start_page", "Sign in, or the lists you may read.", None, None, None, start, media=HTML),
    Endpoint("GET", "/index.html", "index_page", "The start again: where pages of lists point.", None, None, None, start,
             media=HTML),
    Endpoint("GET", "/schools/{urn}", "school_page", "A school's list with its cards, as a page.",
             Action.LIST, None, None, school, problems=(*FROM_PREPARED, "not-there"), scope="school", media=HTML),
    Endpoint("GET", "/districts/{number}", "district_page", "A district's list with its cards, as a page.",
             Action.LIST, None, None, district, problems=(*FROM_PREPARED, "not-there"), scope="school", media=HTML),
)  # fmt: skip
