"""Caseloads under /v1."""

from serving.caseloads.record import CaseloadAnswer, CaseloadQuestion
from serving.caseloads.service import caseload_answer
from serving.desk import Desk
from serving.http.calls import Answered, Call, Endpoint
from serving.http.problems import FROM_PREPARED
from serving.security.access import Action


def caseload(desk: Desk, call: Call[CaseloadQuestion]) -> Answered:
    """Pupils with one status."""
    status, as_of = call.body.status, call.body.as_of
    answer, pupils = caseload_answer(desk, call.signed_in, status, as_of)
    return Answered(answer, f"caseload {status} as of {as_of}", pupils, release=answer.release)


ENDPOINTS = (
    Endpoint("POST", "/v1/caseload", "caseload", "Pupils with one status whom you may see.",
             Action.READ_CASELOAD, CaseloadQuestion, CaseloadAnswer, caseload, problems=(*FROM_PREPARED, "not-there")),
)  # fmt: skip
