"""Referrals that wait, and raising a child, with a browser."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from serving.caseloads.record import AskedForm
from serving.caseloads.service import Child, children
from serving.database.tables import School
from serving.desk import Desk
from serving.http.calls import Answered, Call, Endpoint
from serving.http.fields import Wrong, form_of, number
from serving.http.forms import typed
from serving.http.pages import DONE, HTML, page, said_in, sent_on, written
from serving.http.problems import WRITTEN_ON
from serving.http.words import PASSED_ON_LATER, STALE
from serving.referrals import service
from serving.referrals.record import (
    HELD,
    ReferralClosed,
    ReferralContent,
    ReferralMade,
    ReferralPassedOn,
    ReferralRecord,
)
from serving.security.access import Action

ReferForm = form_of("ReferForm", "A child raised, with no score.", ReferralMade, "pupil")
CloseForm = form_of("CloseForm", "Why a referral is closed without a screening.", ReferralClosed, "version")
PassOnForm = form_of("PassOnForm", "What becomes of a kept referral.", ReferralPassedOn, "version")


def waiting(desk: Desk, call: Call[Any], status: int = 200, is_stale: bool = False, **again: Any) -> Answered:
    """Referrals that wait for a screening, oldest first."""
    with desk.database.reading() as session:
        found = service.referrals(session, call.signed_in)
        named = children(session, desk, call.signed_in, [each.pupil for each in found])
    if call.query.get("recorded") == HELD:
        again.setdefault("said", PASSED_ON_LATER)
    told = {"today": date.today(), "referral": ReferralContent, "closed": ReferralClosed, "asked": AskedForm}
    return _shown(
        desk, call, "referrals.html", "referrals waiting", found, named, status, is_stale, {**told, **again}
    )


def held(desk: Desk, call: Call[Any], status: int = 200, is_stale: bool = False, **again: Any) -> Answered:
    """Referrals kept for information governance to pass on, oldest first."""
    with desk.database.reading() as session:
        found = service.held_referrals(session, call.signed_in)
        named = children(session, desk, call.signed_in, [each.pupil for each in found])
        schools = {urn: name for urn, name in session.execute(select(School.urn, School.name))}
    told = {"schools": schools, "referral": ReferralContent, "passed_on": ReferralPassedOn, **again}
    return _shown(desk, call, "held.html", "referrals to pass on", found, named, status, is_stale, told)


def _shown(
    desk: Desk, call: Call[Any], name: str, what: str, found: list[ReferralRecord], named: Mapping[int, Child], status: int,
    is_stale: bool, told: Mapping[str, Any],
) -> Answered:  # fmt: skip
    stale = {"errors": {"": Wrong("", STALE.format(author="Somebody else"))}} if is_stale else {}
    shown = {"said": said_in(call), "form": {}, **told, **stale}
    made = page(desk, call, name, status, found=found, named=named, **shown)
    return Answered(made, what + (", not recorded" if status != 200 else ""), sorted(named))


def refer(desk: Desk, call: Call[Any]) -> Answered:
    """Raise a child."""

    def write(body: ReferralMade) -> Answered:
        with desk.database.writing() as session:
            made = service.refer(session, call.signed_in, body.pupil, body, body.school)
        said = made.state if made.state == HELD else "1"
        return sent_on("/referrals", f"referral {made.referral}", [made.pupil], recorded=said)

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


def pass_on(desk: Desk, call: Call[Any]) -> Answered:
    """Pass a kept referral on to a school, or close it."""
    referral = call.numbers["referral"]

    def write(body: ReferralPassedOn) -> Answered:
        with desk.database.writing() as session:
            made = service.pass_on(session, call.signed_in, referral, body.version, body.becomes, body.words)
        return sent_on("/referrals/held", f"referral {made.referral}", [made.pupil])

    def again(**what: Any) -> Answered:
        return held(desk, call, form=typed(call.body), prefix=f"{referral}-", **what)

    return written(call, ReferralPassedOn, write, again)


PAGES = (
    Endpoint("GET", "/referrals", "referrals_page", "Referrals that wait for a screening.",
             Action.READ_REFERRAL, None, None, waiting, query=DONE, media=HTML),
    Endpoint("POST", "/referrals", "referral_form", "Raise a child for a screening; needs no score.",
             Action.REFER, ReferForm, None, refer, 303, ("not-there", "rule-of-screening"), "pupil", media=HTML),
    Endpoint("POST", "/referrals/{referral}/close", "close_referral_form", "Close a referral without a screening, saying why.",
             Action.REFER, CloseForm, None, close, 303, WRITTEN_ON, "pupil", media=HTML),
    Endpoint("GET", "/referrals/held", "held_referrals_page", "Referrals of children on no roll of whoever raised them.",
             Action.PASS_ON_REFERRAL, None, None, held, query=DONE, media=HTML),
    Endpoint("POST", "/referrals/{referral}/pass-on", "pass_on_referral_form", "Pass a kept referral on to a school, or close it.",
             Action.PASS_ON_REFERRAL, PassOnForm, None, pass_on, 303, WRITTEN_ON, "pupil", media=HTML),
)  # fmt: skip
