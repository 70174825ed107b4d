"""Facts said to be wrong, and what came of each, with a browser."""

from typing import Any

from sqlalchemy.orm import Session

from serving.caseloads.service import children
from serving.corrections import service
from serving.corrections.record import (
    ANSWERED,
    CardOf,
    FactAnswer,
    FactWrong,
    FactWrongRecord,
    line_chosen,
)
from serving.desk import Desk
from serving.http.calls import Answered, Call, Endpoint
from serving.http.fields import form_of, read_form
from serving.http.forms import typed
from serving.http.pages import DONE, HTML, next_step, page_of_records, sent_on, written
from serving.http.problems import WRITTEN_ON
from serving.lists.service import card_of
from serving.security.access import Action, require_pupil

CardOfForm = form_of("CardOfForm", "The card of which a fact is wrong.", CardOf, "pupil", "as_of")
FactWrongForm = form_of(
    "FactWrongForm", "A fact on a list's card that is wrong.", FactWrong, "pupil", "as_of", "line"
)
FactAnswerForm = form_of("FactAnswerForm", "What came of a fact said to be wrong.", FactAnswer, "version")


def wrong_facts(desk: Desk, call: Call[Any], **again: Any) -> Answered:
    """Facts said to be wrong: those that wait, then those answered, newest first."""
    with desk.database.reading() as session:
        every = service.wrong_facts(session, call.signed_in, is_open=False)
        named = children(session, desk, call.signed_in, [each.pupil for each in every])
    return page_of_records(
        desk, call, "wrong_facts.html", "facts said to be wrong", sorted(named), named=named, fact_wrong=FactWrong, answer=FactAnswer,
        waiting=[each for each in every if each.state not in ANSWERED],
        answered=[each for each in reversed(every) if each.state in ANSWERED], **again,
    )  # fmt: skip


def lines(desk: Desk, call: Call[Any], **again: Any) -> Answered:
    """The lines of a child's card, of which one is wrong: chosen, and not typed again."""
    asked = read_form(CardOf, call.body)
    with desk.database.reading() as session:
        require_pupil(session, call.signed_in, asked.pupil)
        child = children(session, desk, call.signed_in, [asked.pupil])[asked.pupil]
        card = card_of(session, desk, call.signed_in, asked.pupil, asked.as_of)
    return page_of_records(
        desk, call, "wrong_fact.html", "card of which a fact is wrong", [asked.pupil],
        child=child, card=card, asked=typed(call.body), fact_wrong=FactWrong, **again,
    )  # fmt: skip


def say_wrong(desk: Desk, call: Call[Any]) -> Answered:
    """Tell the data's owner that a fact on a card is wrong: a line of the card, or what was typed in its place."""

    def write(body: FactWrong) -> Answered:
        with desk.database.writing() as session:
            made = service.say_wrong(session, call.signed_in, body.pupil, body)
        return sent_on("/wrong-facts", f"wrong fact {made.wrong_fact}", [made.pupil])

    def again(**what: Any) -> Answered:
        return lines(desk, call, form=typed(call.body), **what)

    return written(call, FactWrong, write, again, None, **line_chosen(call.body.line))


def answer(desk: Desk, call: Call[Any]) -> Answered:
    """What came of a fact said to be wrong."""

    def take(session: Session, number: int, body: FactAnswer) -> FactWrongRecord:
        return service.answer(session, call.signed_in, number, body.version, body.state, body.words)

    return next_step(desk, call, FactAnswer, "wrong fact", take, "/wrong-facts", wrong_facts)


PAGES = (
    Endpoint("GET", "/wrong-facts", "wrong_facts_page", "Facts said to be wrong, and what came of each.",
             Action.READ_WRONG_FACT, None, None, wrong_facts, query=DONE, media=HTML),
    Endpoint("POST", "/wrong-facts/lines", "lines_of_card_page", "The lines of a card, to choose the one that is wrong.",
             Action.SAY_FACT_WRONG, CardOfForm, None, lines, 200, ("not-there", "rule-of-screening"), "pupil", media=HTML),
    Endpoint("POST", "/wrong-facts", "fact_wrong_on_list_form", "Tell the data's owner that a fact on a list's card is wrong.",
             Action.SAY_FACT_WRONG, FactWrongForm, None, say_wrong, 303, ("not-there", "rule-of-screening"), "pupil", media=HTML),
    Endpoint("POST", "/wrong-facts/{wrong_fact}/answers", "answer_wrong_fact_form", "What came of a fact said to be wrong.",
             Action.ANSWER_WRONG_FACT, FactAnswerForm, None, answer, 303, WRITTEN_ON, "pupil", media=HTML),
)  # fmt: skip
