"""Find a child on no list, and caseloads by status, with a browser."""

from datetime import date

from serving.caseloads.record import AskedForm
from serving.caseloads.service import caseload_answer, children, found_by
from serving.desk import Desk
from serving.http.calls import Answered, Call, Endpoint
from serving.http.forms import typed
from serving.http.pages import HTML, page
from serving.http.problems import FROM_PREPARED, Problem
from serving.http.words import MORE_FOUND, NOBODY_FOUND
from serving.lists.service import newest
from serving.prepared.profile import NEEDS
from serving.referrals.record import ReferralContent, ReferralMade
from serving.screening.service import screenings_of
from serving.security.access import Action, schools_of
from serving.signposts import SIGNPOSTS


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
    """The statuses by which there are caseloads."""
    statuses = [(place, SIGNPOSTS[name].status) for place, name in enumerate(NEEDS, 1)]
    return Answered(page(desk, call, "caseloads.html", statuses=statuses), "statuses of caseloads")


def caseload(desk: Desk, call: Call[None]) -> Answered:
    """Pupils with one status; statuses are numbered as `caseloads` shows them."""
    place = call.numbers["status"]
    if place > len(NEEDS):
        raise Problem("not-there")
    status, as_of = NEEDS[place - 1], newest(desk).facts.as_of
    answer, pupils = caseload_answer(desk, call.signed_in, status, as_of)
    made = page(desk, call, "caseload.html", told=answer, today=date.today().isoformat())
    return Answered(made, f"caseload {status} as of {as_of}", pupils, release=answer.release)


PAGES = (
    Endpoint("POST", "/children", "find_child_form", "Children whom you may see, by name, UPN or code.",
             Action.FIND_PUPIL, AskedForm, None, find, media=HTML),
    Endpoint("GET", "/caseloads", "caseloads_page", "The statuses by which there are caseloads.",
             Action.READ_CASELOAD, None, None, caseloads, media=HTML),
    Endpoint("GET", "/caseloads/{status}", "caseload_page", "Pupils with one status whom you may see.",
             Action.READ_CASELOAD, None, None, caseload, problems=(*FROM_PREPARED, "not-there"), media=HTML),
)  # fmt: skip
