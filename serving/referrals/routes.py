"""Referrals under /v1. They work while there is no release: nothing here needs an estimate."""

from serving.desk import Desk
from serving.http.calls import Answered, Call, Endpoint, recorded
from serving.http.problems import WRITTEN_ON
from serving.http.records import Asked
from serving.referrals import service
from serving.referrals.record import ReferralClosed, ReferralMade, ReferralPassedOn, ReferralRecord, Referrals
from serving.security.access import Action


def refer(desk: Desk, call: Call[ReferralMade]) -> Answered:
    """Raise a child, with no score."""
    body = call.body
    with desk.database.writing() as session:
        return _recorded(service.refer(session, call.signed_in, body.pupil, body, body.school))


def waiting(desk: Desk, call: Call[Asked]) -> Answered:
    """Referrals that wait for a screening."""
    with desk.database.reading() as session:
        return _named(service.referrals(session, call.signed_in), "referrals waiting")


def held(desk: Desk, call: Call[Asked]) -> Answered:
    """Referrals kept for information governance to pass on."""
    with desk.database.reading() as session:
        return _named(service.held_referrals(session, call.signed_in), "referrals to pass on")


def pass_on(desk: Desk, call: Call[ReferralPassedOn]) -> Answered:
    """Pass a kept referral on, or close it."""
    number, body = call.numbers["referral"], call.body
    with desk.database.writing() as session:
        made = service.pass_on(session, call.signed_in, number, body.version, body.becomes, body.words)
    return _recorded(made)


def close(desk: Desk, call: Call[ReferralClosed]) -> Answered:
    """Close a referral without a screening, saying why."""
    number, body = call.numbers["referral"], call.body
    with desk.database.writing() as session:
        return _recorded(service.close_referral(session, call.signed_in, number, body.version, body.words))


def _named(found: list[ReferralRecord], what: str) -> Answered:
    answer = Referrals.model_construct(referrals=tuple(found))
    return Answered(answer, what, sorted({each.pupil for each in found}))


def _recorded(made: ReferralRecord) -> Answered:
    return recorded(made, f"referral {made.referral}", [made.pupil])


ENDPOINTS = (
    Endpoint("POST", "/v1/referrals", "refer", "Raise a child for a screening; needs no score.",
             Action.REFER, ReferralMade, ReferralRecord, refer, 201, ("not-there", "rule-of-screening"), "pupil"),
    Endpoint("GET", "/v1/referrals", "referrals", "Referrals that wait for a screening.",
             Action.READ_REFERRAL, None, Referrals, waiting),
    Endpoint("POST", "/v1/referrals/{referral}/close", "close_referral", "Close a referral without a screening, saying why.",
             Action.REFER, ReferralClosed, ReferralRecord, close, 201, WRITTEN_ON, "pupil"),
    Endpoint("GET", "/v1/referrals/held", "held_referrals", "Referrals of children on no roll of whoever raised them.",
             Action.PASS_ON_REFERRAL, None, Referrals, held),
    Endpoint("POST", "/v1/referrals/{referral}/pass-on", "pass_on_referral", "Pass a kept referral on to a school, or close it.",
             Action.PASS_ON_REFERRAL, ReferralPassedOn, ReferralRecord, pass_on, 201, WRITTEN_ON, "pupil"),
)  # fmt: skip
