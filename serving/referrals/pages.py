"""Referrals that wait, and raising a child, with a browser."""

from datetime import date
from typing import Any

from serving.caseloads.record import AskedForm
from serving.caseloads.service import children
from serving.desk import Desk
from serving.http.calls import Answered, Call, Endpoint
from serving.http.fields import Wrong, form_of, number
from serving.http.forms import typed
from serving.http.pages import DONE, HTML, page, said_in, sent_on, written
from serving.http.problems import WRITTEN_ON
from serving.http.words import STALE
from serving.referrals import service
from serving.referrals.record import ReferralClosed, ReferralContent, ReferralMade
from serving.security.access import Action

ReferForm = form_of("ReferForm", "A child raised, with no score.", ReferralMade, "pupil")
CloseForm = form_of("CloseForm", "Why a referral is closed without a screening.", ReferralClosed, "version")


def waiting(desk: Desk, call: Call[Any], status: int = 200, is_stale: bool = False, **again: Any) -> Answered:
    """Referrals that wait for a screening, oldest first."""
    with desk.database.reading() as session:
        found = service.referrals(session, call.signed_in)
        named = children(session, desk, call.signed_in, [each.pupil for each in found])
    if is_stale:
        again["errors"] = {"": Wrong("", STALE.format(author="Somebody else"))}
    shown = {"said": said_in(call), "form": {}, **again}
    made = page(
        desk, call, "referrals.html", status, found=found, named=named, today=date.today(), referral=ReferralContent,
        closed=ReferralClosed, asked=AskedForm, **shown,
    )  # fmt: skip
    return Answered(made, "referrals waiting" + (", not recorded" if status != 200 else ""), sorted(named))


def refer(desk: Desk, call: Call[Any]) -> Answered:
    """Raise a child."""

    def write(body: ReferralMade) -> Answered:
        with desk.database.writing() as session:
            made = service.refer(session, call.signed_in, body.pupil, body, body.school)
        return sent_on("/referrals", f"referral {made.referral}", [made.pupil])

    def again(**what: Any) -> Answered:
        return waiting(desk, call, form=typed(call.body), **what)

    school = number(str(typed(call.body)["school"]))
    return written(call, ReferralMade, write, again, school=school)


def close(desk: Desk, call: Call[Any]) -> Answered:
    """Close a referral without a screening, saying why."""
    referral = call.numbers["referral"]

    def write(body: ReferralClosed) -> Answered:
        with desk.database.writing() as session:
            made = service.close_referral(session, call.signed_in, referral, body.version, body.words)
        return sent_on("/referrals", f"referral {made.referral}", [made.pupil])

    def again(**what: Any) -> Answered:
        # A form about one record of the page is told from the others by that record's number.
        return waiting(desk, call, form=typed(call.body), prefix=f"{referral}-", **what)

    return written(call, ReferralClosed, write, again)


PAGES = (
    Endpoint("GET", "/referrals", "referrals_page", "Referrals that wait for a screening.",
             Action.READ_REFERRAL, None, None, waiting, query=DONE, media=HTML),
    Endpoint("POST", "/referrals", "referral_form", "Raise a child for a screening; needs no score.",
             Action.REFER, ReferForm, None, refer, 303, ("not-there", "rule-of-screening"), "pupil", media=HTML),
    Endpoint("POST", "/referrals/{referral}/close", "close_referral_form", "Close a referral without a screening, saying why.",
             Action.REFER, CloseForm, None, close, 303, WRITTEN_ON, "pupil", media=HTML),
)  # fmt: skip
