"""Referrals that wait, and raising a child, with a browser."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from serving.caseloads.record import AskedForm
from serving.caseloads.service import children
from serving.database.tables import School
from serving.desk import Desk
from serving.http.calls import Answered, Call, Endpoint
from serving.http.fields import form_of, number
from serving.http.forms import typed
from serving.http.pages import DONE, HTML, next_step, page_of_records, sent_on, written
from serving.http.problems import WRITTEN_ON
from serving.http.words import PASSED_ON_LATER
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


def waiting(desk: Desk, call: Call[Any], **again: Any) -> Answered:
    """Referrals that wait for a screening, oldest first."""
    with desk.database.reading() as session:
        found = service.referrals(session, call.signed_in)
        named = children(session, desk, call.signed_in, [each.pupil for each in found])
    if call.query.get("recorded") == HELD:
        again.setdefault("said", PASSED_ON_LATER)
    return page_of_records(
        desk, call, "referrals.html", "referrals waiting", sorted(named), found=found, named=named, today=date.today(),
        referral=ReferralContent, closed=ReferralClosed, asked=AskedForm, **again,
    )  # fmt: skip


def held(desk: Desk, call: Call[Any], **again: Any) -> Answered:
    """Referrals kept for information governance to pass on, oldest first."""
    with desk.database.reading() as session:
        found = service.held_referrals(session, call.signed_in)
        named = children(session, desk, call.signed_in, [each.pupil for each in found])
        schools = {urn: name for urn, name in session.execute(select(School.urn, School.name))}
    return page_of_records(
        desk, call, "held.html", "referrals to pass on", sorted(named), found=found, named=named, schools=schools,
        referral=ReferralContent, passed_on=ReferralPassedOn, **again,
    )  # fmt: skip


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

    def take(session: Session, number: int, body: ReferralClosed) -> ReferralRecord:
        return service.close_referral(session, call.signed_in, number, body.version, body.words)

    return next_step(desk, call, ReferralClosed, "referral", take, "/referrals", waiting)


def pass_on(desk: Desk, call: Call[Any]) -> Answered:
    """Pass a kept referral on to a school, or close it."""

    def take(session: Session, number: int, body: ReferralPassedOn) -> ReferralRecord:
        return service.pass_on(session, call.signed_in, number, body.version, body.becomes, body.words)

    return next_step(desk, call, ReferralPassedOn, "referral", take, "/referrals/held", held)


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
