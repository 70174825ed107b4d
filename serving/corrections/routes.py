"""Facts said to be wrong, under /v1. They work while there is no release."""

from serving.corrections import service
from serving.corrections.record import FactAnswer, FactsWrong, FactWrong, FactWrongRecord
from serving.desk import Desk
from serving.http.calls import Answered, Call, Endpoint, recorded
from serving.http.problems import WRITTEN_ON
from serving.http.records import Asked
from serving.security.access import Action


def say_wrong(desk: Desk, call: Call[FactWrong]) -> Answered:
    """Tell the data's owner that a fact on a card is wrong."""
    body = call.body
    with desk.database.writing() as session:
        return _recorded(service.say_wrong(session, call.signed_in, body.pupil, body))


def facts_wrong(desk: Desk, call: Call[Asked]) -> Answered:
    """Facts said to be wrong and not answered yet."""
    with desk.database.reading() as session:
        found = service.wrong_facts(session, call.signed_in)
    answer = FactsWrong.model_construct(wrong_facts=tuple(found))
    return Answered(answer, "facts said to be wrong", sorted({each.pupil for each in found}))


def answer(desk: Desk, call: Call[FactAnswer]) -> Answered:
    """The next step of a fact said to be wrong."""
    number, body = call.numbers["wrong_fact"], call.body
    with desk.database.writing() as session:
        return _recorded(
            service.answer(session, call.signed_in, number, body.version, body.state, body.words)
        )


def _recorded(made: FactWrongRecord) -> Answered:
    return recorded(made, f"wrong fact {made.wrong_fact}", [made.pupil])


ENDPOINTS = (
    Endpoint("POST", "/v1/wrong-facts", "say_fact_wrong", "Tell the data's owner that a fact on a card is wrong.",
             Action.SAY_FACT_WRONG, FactWrong, FactWrongRecord, say_wrong, 201, ("not-there", "rule-of-screening"), "pupil"),
    Endpoint("GET", "/v1/wrong-facts", "facts_wrong", "Facts said to be wrong and not answered yet.",
             Action.READ_WRONG_FACT, None, FactsWrong, facts_wrong),
    Endpoint("POST", "/v1/wrong-facts/{wrong_fact}/answers", "answer_wrong_fact", "The next step of a fact said to be wrong.",
             Action.ANSWER_WRONG_FACT, FactAnswer, FactWrongRecord, answer, 201, WRITTEN_ON, "pupil"),
)  # fmt: skip
