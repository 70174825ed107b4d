"""Referrals under /v1. They work while there is no release: nothing here needs an estimate."""

from serving.desk import Desk
from serving.http.calls import Answered, Call, Endpoint, recorded
from serving.http.problems import WRITTEN_ON
from serving.http.records import Asked
from serving.referrals import service
from serving.referrals.record import ReferralClosed, ReferralMade, ReferralRecord, Referrals
from serving.security.access import Action


def refer(desk: Desk, call: Call[ReferralMade]) -> Answered:
    """Raise a child, with no score."""
    body = call.body
    with desk.database.writing() as session:
        return _recorded(service.refer(session, call.signed_in, body.pupil, body, body.school))


def waiting(desk: Desk, call: Call[Asked]) -> Answered:
    """Referrals that wait for a screening."""
    with desk.database.reading() as session:
        found = service.referrals(session, call.signed_in)
    answer = Referrals.model_construct(referrals=tuple(found))
    return Answered(answer, "referrals waiting", sorted({each.pupil for each in found}))


def close(desk: Desk, call: Call[ReferralClosed]) -> Answered:
    """Close a referral without a screening, saying why."""
    number, body = call.numbers["referral"], call.body
    with desk.database.writing() as session:
        return _recorded(service.close_referral(session, call.signed_in, number, body.version, body.words))


def _recorded(made: ReferralRecord) -> Answered:
    return recorded(made, f"referral {made.referral}", [made.pupil])


ENDPOINTS = (
    Endpoint("POST", "/v1/referrals", "refer", "Raise a child for a screening; needs no score.",
             Action.REFER, ReferralMade, ReferralRecord, refer, 201, ("not-there", "rule-of-screening"), "pupil"),
    Endpoint("GET", "/v1/referrals", "referrals", "Referrals that wait for a screening.",
             Action.READ_REFERRAL, None, Referrals, waiting),
    Endpoint("POST", "/v1/referrals/{referral}/close", "close_referral", "Close a referral without a screening, saying why.",
             Action.REFER, ReferralClosed, ReferralRecord, close, 201, WRITTEN_ON, "pupil"),
)  # fmt: skip
