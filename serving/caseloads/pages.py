"""Find a child on no list, and caseloads by status, with a browser."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from serving.caseloads.record import AskedForm
from serving.caseloads.service import caseload_answer, caseload_counts, children, found_by, matching
from serving.desk import Desk
from serving.http.calls import Answered, Call, Endpoint
from serving.http.forms import typed
from serving.http.pages import A_PAGE, HTML, in_pages, page
from serving.http.problems import FROM_PREPARED, Problem
from serving.http.words import MORE_FOUND, NOBODY_FOUND
from serving.lists.service import newest
from serving.prepared.profile import NEEDS
from serving.referrals.record import ReferralContent, ReferralMade
from serving.screening.service import screenings_of
from serving.security.access import Action, schools_of
from serving.signposts import SIGNPOSTS
from serving.wording import pseudonym, pupil_of, year_group

FILTERS = ("school", "year")


def find(desk: Desk, call: Call[AskedForm]) -> Answered:
    """Children of the caller's scope whose name holds what was typed, or whose UPN or code it is."""
    desk.look_again()
    asked, person = call.body.asked.strip(), call.signed_in
    with desk.database.reading() as session:
        shown, count, unknown = found_by(desk, session, person, asked)
        found = children(session, desk, person, shown)
        before = {pupil: screenings_of(session, person, pupil) for pupil in shown}
        schools = [(each.urn, each.name) for each in schools_of(session, person)]
    more = count - len(shown)
    said = NOBODY_FOUND if not count else MORE_FOUND.format(count=more) if more else ""
    made = page(
        desk, call, "children.html", found=[found[pupil] for pupil in shown], before=before, said=said, unknown=unknown,
        schools=schools, form=typed(call.body), today=date.today().isoformat(), referral=ReferralContent, raised=ReferralMade, asked=AskedForm,
    )  # fmt: skip
    return Answered(made, f"{len(shown)} found by name or code", shown)


def caseloads(desk: Desk, call: Call[None]) -> Answered:
    """The statuses by which there are caseloads, with how many stand on each."""
    try:
        counts = caseload_counts(desk, call.signed_in)
    except Problem:  # no list may be shown, and then no caseload either
        counts = {}
    statuses = [(place, SIGNPOSTS[name].status, counts.get(name)) for place, name in enumerate(NEEDS, 1)]
    return Answered(page(desk, call, "caseloads.html", statuses=statuses), "statuses of caseloads")


def caseload(desk: Desk, call: Call[None]) -> Answered:
    """Pupils with one status, fifty at a time; statuses are numbered as `caseloads` shows them."""
    filters = {name: call.query[name] for name in FILTERS if call.query.get(name)}
    return _caseload(desk, call, filters, call.query.get("page", ""))


def search(desk: Desk, call: Call[AskedForm]) -> Answered:
    """Those of a caseload whose name holds what was typed, or whose UPN or code it is; a name stands in no address."""
    desk.look_again()
    return _caseload(desk, call, {}, "", call.body.asked.strip())


def _caseload(
    desk: Desk, call: Call[Any], filters: Mapping[str, str], page_asked: str, asked: str = ""
) -> Answered:
    place = call.numbers["status"]
    if place > len(NEEDS):
        raise Problem("not-there")
    status, as_of = NEEDS[place - 1], newest(desk).facts.as_of
    answer, _ = caseload_answer(desk, call.signed_in, status, as_of)
    named = {pseudonym(pupil) for pupil in matching(desk, asked)} if asked else set()
    found = [
        each
        for each in answer.pupils
        if all(getattr(each, name) == value for name, value in filters.items())
        and (not asked or each.pupil in named)
    ]
    rows, num_pages, number = in_pages(found, page_asked)
    made = page(
        desk, call, "caseload.html", told=answer, rows=rows, num_found=len(found), num_pages=1 if asked else num_pages,
        page_number=number, path=f"/caseloads/{place}", filters=filters, typed=asked, asked=AskedForm, today=date.today().isoformat(),
        years=sorted({each.year for each in answer.pupils}, key=in_order), schools=sorted({each.school for each in answer.pupils}),
        query_of=lambda number: urlencode({**filters, "page": number}), first=(number - 1) * A_PAGE + 1,
    )  # fmt: skip
    what = f"caseload {status} as of {as_of}{', searched' if asked else ''}"
    return Answered(made, what, sorted(pupil_of(each.pupil) for each in rows), release=answer.release)


def in_order(year: str) -> tuple[bool, int]:
    """The order of year groups by what they are called: Reception, Year 1 and on, those not known last."""
    number = year.removeprefix("Year ")
    return (not number.isdigit() and year != year_group(0), int(number) if number.isdigit() else 0)


PAGES = (
    Endpoint("POST", "/children", "find_child_form", "Children whom you may see, by name, UPN or code.",
             Action.FIND_PUPIL, AskedForm, None, find, media=HTML),
    Endpoint("GET", "/caseloads", "caseloads_page", "The statuses by which there are caseloads.",
             Action.READ_CASELOAD, None, None, caseloads, media=HTML),
    Endpoint("GET", "/caseloads/{status}", "caseload_page", "Pupils with one status whom you may see.",
             Action.READ_CASELOAD, None, None, caseload, problems=(*FROM_PREPARED, "not-there"), query=(*FILTERS, "page"), media=HTML),
    Endpoint("POST", "/caseloads/{status}", "search_caseload_form", "Those of a caseload by name, UPN or code.",
             Action.READ_CASELOAD, AskedForm, None, search, problems=(*FROM_PREPARED, "not-there"), media=HTML),
)  # fmt: skip
