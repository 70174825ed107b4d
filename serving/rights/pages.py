"""The desk of information governance: requests with their clocks, a child found, a copy with its letter."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse

from serving.accounts.record import ROLES, NothingForm
from serving.caseloads.record import AskedForm
from serving.caseloads.service import MOST_FOUND, children, matching
from serving.corrections.record import FactWrongContent
from serving.desk import Desk
from serving.http.calls import Answered, Call, Endpoint
from serving.http.fields import form_of
from serving.http.forms import Form, typed
from serving.http.pages import DONE, HTML, next_step, page, page_of_records, said_in, sent_on, written
from serving.http.problems import WRITTEN_ON, Problem
from serving.http.words import MORE_FOUND, NOBODY_FOUND
from serving.rights import past_period, service
from serving.rights.kept import KEPT
from serving.rights.page import rights_page
from serving.rights.record import (
    ACKNOWLEDGED,
    ENDED,
    ERASED,
    GRANTED,
    KINDS,
    WAITING,
    Acknowledged,
    ErasureCarriedOut,
    LogRowsGo,
    RightAnswered,
    RightAsked,
    RightRecord,
)
from serving.rights.service import held_on
from serving.rights.under_way import UnderWay
from serving.rights.words import STANDING, VALUES, in_words
from serving.security.access import Action, visible
from serving.security.access_log.removal import moment_of
from serving.wording import pupil_of

RightAskedForm = form_of("RightAskedForm", "What a family or child asks, as typed.", RightAsked, "pupil")
RightAnsweredForm = form_of(
    "RightAnsweredForm", "What the controller answered, as typed.", RightAnswered, "version"
)
AcknowledgedForm = form_of("AcknowledgedForm", "That a complaint was acknowledged.", Acknowledged, "version")
ErasureForm = form_of("ErasureForm", "Whom a second person erases.", ErasureCarriedOut)
LogRowsGoForm = form_of("LogRowsGoForm", "That the oldest rows of the access log go, as typed.", LogRowsGo)
FactWrongOfForm = form_of("FactWrongOfForm", "A fact that a family says is wrong.", FactWrongContent)
RECORDS = "/rights/records"
SOON = 7  # days: a request that is due by then says so


class CopyForm(Form):
    """Of whom a copy of everything held is made."""

    pupil: str = ""


@dataclass(frozen=True)
class Clock:
    """How long there is to answer a request.

    Attributes
    ----------
    days : int
        From today to the day it is due; below 0 it is overdue.
    """

    days: int

    @property
    def says(self) -> str:
        if self.days < 0:
            return f"Overdue by {_days(-self.days)}"
        return "Due today" if self.days == 0 else f"{_days(self.days)} left"

    @property
    def is_urgent(self) -> bool:
        return self.days <= SOON


def rights(desk: Desk, call: Call[Any], **again: Any) -> Answered:
    """Requests: those that wait, the first due first; then those answered, newest first."""
    begun = service.under_way(desk)
    with desk.database.reading() as session:
        every = [_unnamed(begun, each) for each in service.requests(session, call.signed_in, is_open=False)]
        pupils = sorted({each.pupil for each in every if each.pupil is not None})
        named = children(session, desk, call.signed_in, pupils)
    today = date.today()
    waiting = [each for each in every if each.state in WAITING]
    granted = [each for each in every if each.kind == "erase" and each.state == GRANTED]
    clocks = {
        each.request: Clock((each.due_on - today).days) for each in waiting if each.state != ACKNOWLEDGED
    }
    return page_of_records(
        desk, call, "requests.html", "rights requests", pupils, named=named, waiting=waiting, clocks=clocks, kinds=KINDS.titles,
        standing=STANDING, answered=sorted((each for each in every if each.state in ENDED), key=lambda each: -each.request),
        num_overdue=sum(each.days < 0 for each in clocks.values()), granted=granted, begun=begun, answer=RightAnswered, asked=AskedForm,
        acknowledged=ACKNOWLEDGED, erasure=ErasureCarriedOut, fact_wrong=FactWrongContent, **again,
    )  # fmt: skip


def find(desk: Desk, call: Call[AskedForm]) -> Answered:
    """Children, on a roll or not, whose name holds what was typed, or whose UPN or code it is."""
    return found(desk, call, call.body.asked.strip())


def found(desk: Desk, call: Call[Any], asked: str, status: int = 200, **again: Any) -> Answered:
    """The children found, each with what can be done for the family."""
    desk.look_again()
    every = matching(desk, asked)
    in_order = sorted(every, key=lambda pupil: (*reversed(desk.names.get(pupil, ("", "", ""))[1:]), pupil))
    shown = in_order[:MOST_FOUND]
    with desk.database.reading() as session:
        named = children(session, desk, call.signed_in, shown)
        open_now = [each for each in service.requests(session, call.signed_in) if each.pupil in set(shown)]
        # Of somebody on whom nothing is held the log keeps no token: its key would be a trace.
        held = sorted(
            visible(session, call.signed_in, shown) | {each for each in shown if each in desk.names}
        )
    more = len(every) - len(shown)
    said = NOBODY_FOUND if not every else MORE_FOUND.format(count=more) if more else ""
    told = {"form": {"asked": asked}, "said": said, **again}
    made = page(
        desk, call, "found_for_rights.html", status, found=[named[pupil] for pupil in shown], open_now=open_now,
        kinds=KINDS.titles, right=RightAsked, asked=AskedForm, **told,
    )  # fmt: skip
    return Answered(made, f"{len(shown)} found for a request", held)


def ask(desk: Desk, call: Call[Any]) -> Answered:
    """Enter what a family asks; an objection pauses scoring at once."""

    def write(body: RightAsked) -> Answered:
        with desk.database.writing() as session:
            made = service.ask(session, call.signed_in, body)
        return sent_on("/rights", f"rights request {made.request}", of(made))

    def again(**what: Any) -> Answered:
        code = str(typed(call.body).get("pupil", ""))
        form = {**typed(call.body), "asked": code}
        return found(desk, call, code, form=form, prefix=code, **what)

    return written(call, RightAsked, write, again)


def answer(desk: Desk, call: Call[Any]) -> Answered:
    """What the controller answered."""

    def take(session: Session, number: int, body: RightAnswered) -> RightRecord:
        return service.answer_request(session, call.signed_in, number, body.version, body.granted, body.words)

    return next_step(desk, call, RightAnswered, "rights request", take, "/rights", rights)


def copy(desk: Desk, call: Call[CopyForm]) -> Answered:
    """A letter in plain words, and behind it everything held on one child, to be printed or kept."""
    pupil = pupil_in(call.body)
    held, is_held = held_on(desk, pupil)
    made = HTMLResponse(rights_page(held, desk.settings.is_demonstration))
    return Answered(made, "everything held on one pupil", [pupil] if is_held else [])


def pupil_in(form: CopyForm) -> int:
    """The pupil whose code a form holds; Problem where it is none."""
    try:
        return pupil_of(form.pupil)
    except ValueError:
        raise Problem("not-there") from None


def of(made: RightRecord) -> list[int]:
    """Whom a request is about; nobody once they were erased."""
    return [] if made.pupil is None else [made.pupil]


def _unnamed(begun: Mapping[int, UnderWay], found: RightRecord) -> RightRecord:
    """A request without its child while that child is erased: whoever is shown them would have the log make their key anew.

    Parameters
    ----------
    begun : mapping of int to UnderWay
        As it was before the request was read.
    """
    going = begun.get(found.request)
    return found.model_copy(update={"pupil": None}) if going and not going.why_not else found


def acknowledge(desk: Desk, call: Call[Any]) -> Answered:
    """That a complaint was acknowledged."""

    def take(session: Session, number: int, body: Acknowledged) -> RightRecord:
        return service.acknowledge(session, call.signed_in, number, body.version)

    return next_step(desk, call, Acknowledged, "rights request", take, "/rights", rights)


def pass_on(desk: Desk, call: Call[Any]) -> Answered:
    """Pass a fact that a family says is wrong on to the owner of the record."""

    def take(session: Session, number: int, body: FactWrongContent) -> RightRecord:
        return service.pass_on_fact(session, call.signed_in, number, body)[0]

    return next_step(desk, call, FactWrongContent, "wrong fact of rights request", take, "/rights", rights)


def erase(desk: Desk, call: Call[Any]) -> Answered:
    """Begin an erasure that somebody else granted; the page of the request then says how far it is."""
    number = call.numbers["request"]

    def write(body: ErasureCarriedOut) -> Answered:
        service.begin_erasure(desk, call.signed_in, number, body, call.request)
        return sent_on(f"/rights/requests/{number}", f"erasure, request {number}, begun", [])

    def again(**what: Any) -> Answered:
        return rights(desk, call, form=typed(call.body), prefix=f"{number}-", **what)

    return written(call, ErasureCarriedOut, write, again)


def request(desk: Desk, call: Call[Any]) -> Answered:
    """One request, what was decided on it and, of an erasure, the proof."""
    begun = service.under_way(desk)
    with desk.database.reading() as session:
        found, taken, proof = service.steps_taken(session, call.signed_in, call.numbers["request"])
        found = _unnamed(begun, found)
        named = children(session, desk, call.signed_in, of(found))
    made = page(
        desk, call, "request.html", found=found, taken=taken, named=named, kinds=KINDS.titles, standing=STANDING, said=said_in(call),
        under_way=None if proof else begun.get(found.request), record=proof, told=in_words(proof) if proof else (), erased=ERASED,
    )  # fmt: skip
    return Answered(made, f"rights request {found.request}", of(found))


def looked(desk: Desk, call: Call[CopyForm]) -> Answered:
    """Who looked at one child."""
    pupil = pupil_in(call.body)
    found = service.viewers_of(desk, call.signed_in, pupil)
    with desk.database.reading() as session:
        (child,) = children(session, desk, call.signed_in, [pupil]).values()
    made = page(desk, call, "viewers.html", found=found, child=child, roles=ROLES.titles, values=VALUES)
    return Answered(made, "who looked at one pupil", [pupil] if found else [])


def kept(desk: Desk, call: Call[Any], status: int = 200, is_stale: bool = False, **again: Any) -> Answered:
    """What is kept, on which basis, who is shown it, and what is past its period; the access log is not read for it."""
    due = past_period.past_period(desk, call.signed_in)
    shown = {"said": said_in(call), "form": {}, "plan": None, "keys": None, **again}
    made = page(
        desk, call, "kept.html", status, kept=KEPT, periods=past_period.periods(desk), due=due, num_due=sum(each.num for each in due),
        proposals=past_period.log_proposals(desk, call.signed_in), goes=LogRowsGo, moment_of=moment_of, **shown,
    )  # fmt: skip
    return Answered(
        made, "what is kept, and what is past its period" + (", not recorded" if status != 200 else "")
    )


def purge(desk: Desk, call: Call[NothingForm]) -> Answered:
    """Delete what is past its period; rows of the access log take two people, and are left."""
    gone = past_period.purge_past_period(desk, call.signed_in, call.request)
    return sent_on(RECORDS, f"records past their period deleted: {gone}", [])


def plan_log(desk: Desk, call: Call[NothingForm]) -> Answered:
    """Read and check the whole access log, and say what of it is past its period."""
    plan, keys = past_period.past_period_of_log(desk, call.signed_in)
    return kept(desk, call, plan=plan, keys=keys)


def propose_log_purge(desk: Desk, call: Call[Any]) -> Answered:
    """Propose that the oldest rows of the access log go."""

    def write(body: LogRowsGo) -> Answered:
        row = past_period.propose_log_purge(desk, call.signed_in, body)
        return sent_on(RECORDS, f"purge of the access log proposed, row {row}", [])

    return written(call, LogRowsGo, write, lambda **what: kept(desk, call, form=typed(call.body), **what))


def carry_out_log_purge(desk: Desk, call: Call[Any]) -> Answered:
    """Carry out a purge of the access log that somebody else proposed."""
    row = call.numbers["row"]

    def write(body: LogRowsGo) -> Answered:
        gone = past_period.carry_out_log_purge(desk, call.signed_in, row, body)
        return sent_on(RECORDS, f"purge of the access log carried out: {gone}", [])

    def again(**what: Any) -> Answered:
        return kept(desk, call, form=typed(call.body), prefix=f"{row}-", **what)

    return written(call, LogRowsGo, write, again)


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


PAGES = (
    Endpoint("GET", "/rights", "rights_page", "What families ask, with how long there is to answer.",
             Action.USE_RIGHTS, None, None, rights, query=DONE, media=HTML),
    Endpoint("POST", "/rights/children", "find_for_rights_form", "Children, on a roll or not, by name, UPN or code.",
             Action.USE_RIGHTS, AskedForm, None, find, media=HTML),
    Endpoint("POST", "/rights/requests", "ask_right_form", "Enter what a family asks under data protection law.",
             Action.USE_RIGHTS, RightAskedForm, None, ask, 303, ("not-there", "rule-of-screening"), "pupil", media=HTML),
    Endpoint("POST", "/rights/requests/{request}/answers", "answer_right_form", "What the controller answered.",
             Action.USE_RIGHTS, RightAnsweredForm, None, answer, 303, WRITTEN_ON, "pupil", media=HTML),
    Endpoint("GET", "/rights/requests/{request}", "request_page", "One request, and the proof of an erasure.",
             Action.USE_RIGHTS, None, None, request, problems=("not-there",), query=DONE, media=HTML),
    Endpoint("POST", "/rights/requests/{request}/acknowledgements", "acknowledge_form", "That a complaint was acknowledged.",
             Action.USE_RIGHTS, AcknowledgedForm, None, acknowledge, 303, WRITTEN_ON, "pupil", media=HTML),
    Endpoint("POST", "/rights/requests/{request}/wrong-facts", "fact_wrong_of_request_form", "Pass a wrong fact on to the owner of the record.",
             Action.USE_RIGHTS, FactWrongOfForm, None, pass_on, 303, WRITTEN_ON, "pupil", media=HTML),
    Endpoint("POST", "/rights/requests/{request}/erasures", "erase_form", "Carry out an erasure that somebody else granted.",
             Action.USE_RIGHTS, ErasureForm, None, erase, 303, ("not-there", "rule-of-screening"), "pupil", media=HTML),
    Endpoint("POST", "/rights/viewers", "viewers_form", "Who looked at one pupil.",
             Action.READ_LOG, CopyForm, None, looked, 200, ("not-there",), "pupil", media=HTML),
    Endpoint("GET", RECORDS, "kept_page", "What is kept, on which basis, how long, and what is past its period.",
             Action.PURGE, None, None, kept, query=DONE, media=HTML),
    Endpoint("POST", "/rights/purges", "purge_form", "Delete what is past its period.",
             Action.PURGE, NothingForm, None, purge, 303, media=HTML),
    Endpoint("POST", "/rights/log-plans", "plan_log_purge_form", "Read the access log, and say what of it is past its period.",
             Action.PURGE, NothingForm, None, plan_log, media=HTML),
    Endpoint("POST", "/rights/log-purges", "propose_log_purge_form", "Propose that the oldest rows of the access log go.",
             Action.PURGE, LogRowsGoForm, None, propose_log_purge, 303, ("rule-of-screening",), media=HTML),
    Endpoint("POST", "/rights/log-purges/{row}", "carry_out_log_purge_form", "Carry out a purge of the access log that somebody else proposed.",
             Action.PURGE, LogRowsGoForm, None, carry_out_log_purge, 303, ("rule-of-screening",), media=HTML),
    Endpoint("POST", "/rights/copies", "copy_form", "A letter, and behind it everything held on one pupil.",
             Action.USE_RIGHTS, CopyForm, None, copy, 200, ("not-there",), "pupil", media=HTML),
)  # fmt: skip
