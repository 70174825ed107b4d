"""Rights requests under /v1."""

from serving.desk import Desk
from serving.http.calls import Answered, Call, Endpoint, recorded
from serving.http.problems import WRITTEN_ON
from serving.http.records import Asked
from serving.rights import service
from serving.rights.record import Holding, RightAnswered, RightAsked, RightOf, RightRecord, Rights
from serving.security.access import Action


def ask(desk: Desk, call: Call[RightAsked]) -> Answered:
    """Enter a rights request."""
    with desk.database.writing() as session:
        return _recorded(service.ask(session, call.signed_in, call.body))


def rights(desk: Desk, call: Call[Asked]) -> Answered:
    """Rights requests not answered yet."""
    with desk.database.reading() as session:
        found = service.requests(session, call.signed_in)
    held = sorted({each.pupil for each in found if each.pupil is not None})
    return Answered(Rights.model_construct(requests=tuple(found)), "rights requests", held)


def answer(desk: Desk, call: Call[RightAnswered]) -> Answered:
    """What the controller answered."""
    number, body = call.numbers["request"], call.body
    with desk.database.writing() as session:
        made = service.answer_request(session, call.signed_in, number, body.version, body.granted, body.words)
    return _recorded(made)


def _recorded(made: RightRecord) -> Answered:
    return recorded(made, f"rights request {made.request}", [] if made.pupil is None else [made.pupil])


def export(desk: Desk, call: Call[RightOf]) -> Answered:
    """Everything held on one pupil."""
    held, is_held = service.held_on(desk, call.body.pupil)
    return Answered(Holding(**held), "everything held on one pupil", [call.body.pupil] if is_held else [])


ENDPOINTS = (
    Endpoint("POST", "/v1/rights", "ask_right", "Enter what a family asks under data protection law.",
             Action.USE_RIGHTS, RightAsked, RightRecord, ask, 201, ("not-there", "rule-of-screening"), "pupil"),
    Endpoint("GET", "/v1/rights", "rights", "Rights requests not answered yet.",
             Action.USE_RIGHTS, None, Rights, rights),
    Endpoint("POST", "/v1/rights/export", "export_right", "Everything held on one pupil.",
             Action.USE_RIGHTS, RightOf, Holding, export, scope="pupil"),
    Endpoint("POST", "/v1/rights/{request}/answer", "answer_right", "What the controller answered.",
             Action.USE_RIGHTS, RightAnswered, RightRecord, answer, 201, WRITTEN_ON, "pupil"),
)  # fmt: skip
