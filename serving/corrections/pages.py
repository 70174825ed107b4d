"""Facts said to be wrong, and what came of each, with a browser."""

from typing import Any

from serving.caseloads.service import children
from serving.corrections import service
from serving.corrections.record import ANSWERED, FactAnswer, FactWrong
from serving.desk import Desk
from serving.http.calls import Answered, Call, Endpoint
from serving.http.fields import Wrong, form_of
from serving.http.forms import typed
from serving.http.pages import DONE, HTML, page, said_in, sent_on, written
from serving.http.problems import WRITTEN_ON
from serving.http.words import STALE
from serving.security.access import Action

FactWrongForm = form_of("FactWrongForm", "A fact on a list's card that is wrong.", FactWrong, "pupil")
FactAnswerForm = form_of("FactAnswerForm", "What came of a fact said to be wrong.", FactAnswer, "version")


def wrong_facts(
    desk: Desk, call: Call[Any], status: int = 200, is_stale: bool = False, **again: Any
) -> Answered:
    """Facts said to be wrong: those that wait, then those answered, newest first."""
    with desk.database.reading() as session:
        every = service.wrong_facts(session, call.signed_in, is_open=False)
        named = children(session, desk, call.signed_in, [each.pupil for each in every])
    if is_stale:
        again["errors"] = {"": Wrong("", STALE.format(author="Somebody else"))}
    shown = {"said": said_in(call), "form": {}, **again}
    made = page(
        desk, call, "wrong_facts.html", status, named=named, fact_wrong=FactWrong, answer=FactAnswer,
        waiting=[each for each in every if each.state not in ANSWERED],
        answered=[each for each in reversed(every) if each.state in ANSWERED], **shown,
    )  # fmt: skip
    what = "facts said to be wrong" + (", not recorded" if status != 200 else "")
    return Answered(made, what, sorted(named))


def say_wrong(desk: Desk, call: Call[Any]) -> Answered:
    """Tell the data's owner that a fact on a card is wrong."""

    def write(body: FactWrong) -> Answered:
        with desk.database.writing() as session:
            made = service.say_wrong(session, call.signed_in, body.pupil, body)
        return sent_on("/wrong-facts", f"wrong fact {made.wrong_fact}", [made.pupil])

    def again(**what: Any) -> Answered:
        return wrong_facts(desk, call, form=typed(call.body), **what)

    return written(call, FactWrong, write, again)


def answer(desk: Desk, call: Call[Any]) -> Answered:
    """What came of a fact said to be wrong."""
    number = call.numbers["wrong_fact"]

    def write(body: FactAnswer) -> Answered:
        with desk.database.writing() as session:
            made = service.answer(session, call.signed_in, number, body.version, body.state, body.words)
        return sent_on("/wrong-facts", f"wrong fact {made.wrong_fact}", [made.pupil])

    def again(**what: Any) -> Answered:
        # A form about one record of the page is told from the others by that record's number.
        return wrong_facts(desk, call, form=typed(call.body), prefix=f"{number}-", **what)

    return written(call, FactAnswer, write, again)


PAGES = (
    Endpoint("GET", "/wrong-facts", "wrong_facts_page", "Facts said to be wrong, and what came of each.",
             Action.READ_WRONG_FACT, None, None, wrong_facts, query=DONE, media=HTML),
    Endpoint("POST", "/wrong-facts", "fact_wrong_on_list_form", "Tell the data's owner that a fact on a list's card is wrong.",
             Action.SAY_FACT_WRONG, FactWrongForm, None, say_wrong, 303, ("not-there", "rule-of-screening"), "pupil", media=HTML),
    Endpoint("POST", "/wrong-facts/{wrong_fact}/answers", "answer_wrong_fact_form", "What came of a fact said to be wrong.",
             Action.ANSWER_WRONG_FACT, FactAnswerForm, None, answer, 303, WRITTEN_ON, "pupil", media=HTML),
)  # fmt: skip
