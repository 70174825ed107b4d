"""The one table of what can be asked: the gate, the mounted application and the document are all made from it.

The first three answer through BentoML; all else through the mounted application.
"""

from collections.abc import Mapping

from starlette.responses import Response

from serving.accounts import routes as signing_in
from serving.api import answers, governing, listing, meeting
from serving.desk import Desk
from serving.http.application import document_bytes
from serving.http.calls import Answered, Call, Endpoint
from serving.messages import governing as g
from serving.messages import lists as m
from serving.messages import meeting as s
from serving.messages import needs as n
from serving.messages.records import Asked
from serving.security.access import Action
from serving.web.endpoints import FROM_PREPARED, PAGES

RULES = ("rule-of-screening",)
WRITTEN_ON = ("changed-meanwhile", *RULES)


def document(desk: Desk, call: Call[None]) -> Answered:
    """The document of this very table."""
    return Answered(Response(document_bytes(ENDPOINTS), media_type="application/json"), "document")


ENDPOINTS = (
    Endpoint("POST", "/v1/estimate", "estimate", "Estimates of some pupils, or why none is made.",
             Action.ESTIMATE, m.EstimateQuestion, m.Estimates, answers.estimates, problems=FROM_PREPARED, scope="pupil"),
    Endpoint("POST", "/v1/list", "list", "One school's or one district's list.",
             Action.LIST, m.ListQuestion, m.MeetingListAnswer, listing.meeting_list, problems=(*FROM_PREPARED, "not-there"), scope="school"),
    Endpoint("POST", "/v1/explain", "explain", "One child's card: dated facts first.",
             Action.EXPLAIN, m.ExplainQuestion, m.Explanation, listing.explain, problems=FROM_PREPARED, scope="pupil"),
    Endpoint("POST", "/v1/frequency", "open_frequency", "Open the frequency of one child, once the meeting's own view is recorded.",
             Action.OPEN_FREQUENCY, m.ExplainQuestion, m.Estimate, answers.frequency,
             problems=(*FROM_PREPARED, "view-first", "not-there"), scope="pupil"),
    Endpoint("POST", "/v1/screenings", "begin_screening", "Begin the screening of one child.",
             Action.RECORD_SCREENING, s.ScreeningBegun, s.ScreeningRecord, meeting.begin, 201,
             (*FROM_PREPARED, "not-there", "one-at-a-time", *RULES), "pupil"),
    Endpoint("GET", "/v1/screenings/{screening}", "read_screening", "A screening as it stands.",
             Action.READ_SCREENING, None, s.ScreeningRecord, meeting.read, problems=("not-there",), scope="pupil"),
    Endpoint("GET", "/v1/screenings/{screening}/versions", "read_screening_versions", "Every version of a screening.",
             Action.READ_SCREENING, None, s.ScreeningVersions, meeting.versions, problems=("not-there",), scope="pupil"),
    Endpoint("POST", "/v1/screenings/{screening}/versions", "edit_screening", "Append the next version of a screening.",
             Action.RECORD_SCREENING, s.ScreeningEdit, s.ScreeningRecord, meeting.edit, 201, ("not-there", *WRITTEN_ON), "pupil"),
    Endpoint("POST", "/v1/screenings/{screening}/set-aside", "set_screening_aside", "Put an open screening aside, with the reason.",
             Action.RECORD_SCREENING, s.SetAside, s.ScreeningRecord, meeting.set_aside, 201, ("not-there", *WRITTEN_ON), "pupil"),
    Endpoint("POST", "/v1/screenings/{screening}/reviews", "review_screening", "Append what a review found.",
             Action.REVIEW_SCREENING, s.ReviewHeld, s.ScreeningRecord, meeting.hold_review, 201, ("not-there", *WRITTEN_ON), "pupil"),
    Endpoint("POST", "/v1/screenings-of-pupil", "screenings_of_pupil", "Every screening of one pupil.",
             Action.READ_SCREENING, s.OnePupil, s.Screenings, meeting.of_pupil, problems=("not-there",), scope="pupil"),
    Endpoint("POST", "/v1/reviews-due", "reviews_due", "Reviews due by a day.",
             Action.READ_SCREENING, s.DueBy, s.ReviewsDue, meeting.reviews_due),
    Endpoint("POST", "/v1/referrals", "refer", "Raise a child for a screening; needs no score.",
             Action.REFER, s.ReferralMade, s.ReferralRecord, meeting.refer, 201, ("not-there", *RULES), "pupil"),
    Endpoint("GET", "/v1/referrals", "referrals", "Referrals that wait for a screening.",
             Action.READ_REFERRAL, None, s.Referrals, meeting.referrals_waiting),
    Endpoint("POST", "/v1/referrals/{referral}/close", "close_referral", "Close a referral without a screening, saying why.",
             Action.REFER, s.SetAside, s.ReferralRecord, meeting.close_referral, 201, ("not-there", *WRITTEN_ON), "pupil"),
    Endpoint("POST", "/v1/wrong-facts", "say_fact_wrong", "Tell the data's owner that a fact on a card is wrong.",
             Action.SAY_FACT_WRONG, s.FactWrong, s.FactWrongRecord, meeting.say_wrong, 201, ("not-there", *RULES), "pupil"),
    Endpoint("GET", "/v1/wrong-facts", "facts_wrong", "Facts said to be wrong and not answered yet.",
             Action.READ_WRONG_FACT, None, s.FactsWrong, meeting.facts_wrong),
    Endpoint("POST", "/v1/wrong-facts/{wrong_fact}/answers", "answer_wrong_fact", "The next step of a fact said to be wrong.",
             Action.ANSWER_WRONG_FACT, s.FactAnswer, s.FactWrongRecord, meeting.answer_wrong, 201, ("not-there", *WRITTEN_ON), "pupil"),
    Endpoint("POST", "/v1/caseload", "caseload", "Pupils with one status whom you may see.",
             Action.READ_CASELOAD, n.CaseloadQuestion, n.CaseloadAnswer, governing.caseload, problems=(*FROM_PREPARED, "not-there")),
    Endpoint("POST", "/v1/profile", "profile", "A district's picture of need, disclosure-controlled.",
             Action.READ_PROFILE, n.DistrictQuestion, n.DistrictProfile, governing.profile, problems=(*FROM_PREPARED, "not-there")),
    Endpoint("POST", "/v1/figures", "figures", "What managers see of screenings: counts, never a child.",
             Action.READ_FIGURES, g.Between, g.Figures, governing.figures),
    Endpoint("POST", "/v1/rights", "ask_right", "Enter what a family asks under data protection law.",
             Action.USE_RIGHTS, g.RightAsked, g.RightRecord, governing.ask, 201, ("not-there", *RULES), "pupil"),
    Endpoint("GET", "/v1/rights", "rights", "Rights requests not answered yet.",
             Action.USE_RIGHTS, None, g.Rights, governing.rights),
    Endpoint("POST", "/v1/rights/export", "export_right", "Everything held on one pupil.",
             Action.USE_RIGHTS, g.RightOf, g.Holding, governing.export, scope="pupil"),
    Endpoint("POST", "/v1/rights/{request}/answer", "answer_right", "What the controller answered.",
             Action.USE_RIGHTS, g.RightAnswered, g.RightRecord, governing.answer_right, 201, ("not-there", *WRITTEN_ON), "pupil"),
    Endpoint("GET", "/v1/release/audit", "release_audit", "The live release's audit, as it may be published.",
             Action.READ_AUDIT, None, g.Audit, governing.audit, problems=("no-release", "withdrawn", "not-there")),
    Endpoint("GET", "/v1/release/card", "release_card", "The live release's model card.",
             Action.READ_CARD, None, g.ReleaseCard, governing.card, problems=("no-release", "withdrawn", "not-there")),
    Endpoint("GET", "/v1/version", "version", "What is running.", Action.READ_VERSION, None, g.Running, governing.version),
    Endpoint("GET", "/v1/openapi.json", "document", "This document.", Action.READ_VERSION, None, g.Document, document),
    Endpoint("POST", "/v1/sign-in", "sign_in", "Exchange a one-time token for a sign-in's token.",
             None, g.OneTime, g.SignedIn, signing_in.sign_in, problems=("not-signed-in",)),
    Endpoint("GET", "/v1/sign-in/begin", "begin_sign_in", "Send the browser to the authority's own provider.",
             None, None, None, signing_in.begin, 303, ("not-there",)),
    Endpoint("GET", "/v1/sign-in/back", "end_sign_in", "The way back from the provider.",
             None, None, None, signing_in.back, problems=("not-signed-in", "not-there"), query=("state", "code", "iss", "session_state", "error", "error_description"), media="text/html"),
    Endpoint("POST", "/v1/sign-out", "sign_out", "End the token that was sent.",
             Action.READ_VERSION, Asked, g.Health, signing_in.sign_out),
    Endpoint("GET", "/v1/live", "live", "The process answers.", None, None, g.Health, governing.live),
    Endpoint("GET", "/v1/ready", "ready", "Whether lists can be asked for.", None, None, g.Health, governing.ready),
    *PAGES,
)  # fmt: skip
THROUGH_BENTOML = ("estimate", "list", "explain")
BY_NAME: Mapping[str, Endpoint] = {endpoint.name: endpoint for endpoint in ENDPOINTS}
