"""Referrals that wait, facts said to be wrong, and reviews due: what comes to the meeting, and what goes out of it."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from starlette.responses import RedirectResponse, Response

from serving.api import meeting
from serving.desk import Desk
from serving.http.calls import Answered, Call, recorded
from serving.http.forms import typed
from serving.messages import meeting as m
from serving.store import referrals, reviews, wrong_facts
from serving.store.errors import RecordsRefused, Stale
from serving.web import forms
from serving.web.child import children
from serving.web.forms import NotAsTyped, number, record_of
from serving.web.screening import broken
from serving.web.showing import asking, page
from serving.web.words import RECORDED, STALE
from serving.wording import FAMILIES

AHEAD = timedelta(days=28)  # of reviews that are shown before they are due
Shown = Callable[..., Answered]


def referrals_page(desk: Desk, call: Call[Any], **again: Any) -> Answered:
    """Referrals that wait for a screening, oldest first."""
    with desk.database.reading() as session:
        found = referrals.referrals(session, call.signed_in)
        named = children(session, desk, call.signed_in, [each.pupil for each in found])
    return _shown(desk, call, "referrals.html", "referrals waiting", {each.pupil for each in found}, found=found, named=named, **again)  # fmt: skip


def refer(desk: Desk, call: Call[forms.ReferForm]) -> Answered:
    """Raise a child."""
    fields = {**typed(call.body), "school": number(call.body.school)}

    def write(body: m.ReferralMade) -> Answered:
        return meeting.refer(desk, asking(call, body))

    return _tried(desk, call, m.ReferralMade, fields, write, referrals_page, "/referrals")


def close_referral(desk: Desk, call: Call[forms.WhyForm]) -> Answered:
    """Close a referral without a screening, saying why."""
    fields = {"words": call.body.words, "version": number(call.body.version)}

    def write(body: m.SetAside) -> Answered:
        return meeting.close_referral(desk, asking(call, body))

    return _tried(desk, call, m.SetAside, fields, write, referrals_page, "/referrals")


def wrong_facts_page(desk: Desk, call: Call[Any], **again: Any) -> Answered:
    """Facts said to be wrong: those that wait, then those answered, newest first."""
    with desk.database.reading() as session:
        every = wrong_facts.wrong_facts(session, call.signed_in, is_open=False)
        named = children(session, desk, call.signed_in, [each.pupil for each in every])
    waiting = [each for each in every if each.state not in wrong_facts.ANSWERED]
    answered = [each for each in reversed(every) if each.state in wrong_facts.ANSWERED]
    return _shown(
        desk, call, "wrong_facts.html", "facts said to be wrong", {each.pupil for each in every},
        waiting=waiting, answered=answered, named=named, families=FAMILIES, **again,
    )  # fmt: skip


def say_wrong(desk: Desk, call: Call[forms.FactWrongForm]) -> Answered:
    """Tell the data's owner that a fact on a card is wrong."""

    def write(body: m.FactWrong) -> Answered:
        return meeting.say_wrong(desk, asking(call, body))

    return _tried(desk, call, m.FactWrong, dict(typed(call.body)), write, wrong_facts_page, "/wrong-facts")


def answer_wrong(desk: Desk, call: Call[forms.FactAnswerForm]) -> Answered:
    """What came of a fact said to be wrong."""
    fields = {**typed(call.body), "version": number(call.body.version)}

    def write(body: m.FactAnswer) -> Answered:
        return meeting.answer_wrong(desk, asking(call, body))

    return _tried(desk, call, m.FactAnswer, fields, write, wrong_facts_page, "/wrong-facts")


def reviews_page(desk: Desk, call: Call[None]) -> Answered:
    """Reviews due, and those of the four weeks ahead, the longest due first."""
    with desk.database.reading() as session:
        found = reviews.reviews_due(session, call.signed_in, date.today() + AHEAD)
        named = children(session, desk, call.signed_in, [each.pupil for each in found])
    return _shown(desk, call, "reviews.html", "reviews due", {each.pupil for each in found}, found=found, named=named)  # fmt: skip


def _shown(
    desk: Desk, call: Call[Any], name: str, what: str, pupils: set[int], status: int = 200, **shown: Any
) -> Answered:
    values = {
        "said": RECORDED if call.query.get("recorded") else "",
        "form": {},
        "errors": {},
        "today": date.today(),
        **shown,
    }
    made = page(desk, call, name, status, **values)
    return Answered(made, what + (", not recorded" if status != 200 else ""), sorted(pupils))


def _tried(
    desk: Desk,
    call: Call[Any],
    kind: type[Any],
    fields: Mapping[str, Any],
    write: Any,
    again: Shown,
    path: str,
) -> Answered:
    """What was typed, written; else the page again, with what is wrong and all that was typed."""
    # A form about one record of the page is told from the others by that record's number.
    kept = {"form": dict(typed(call.body)), "prefix": "".join(f"{each}-" for each in call.numbers.values())}
    try:
        made = write(record_of(kind, fields))
    except NotAsTyped as error:
        return again(desk, call, status=422, errors=error.errors, **kept)
    except RecordsRefused as error:
        return again(desk, call, status=422, errors=broken(error), **kept)
    except Stale:
        return again(desk, call, status=409, errors={"": STALE.format(author="Somebody else")}, **kept)
    return recorded(_to(path), made.what, made.pupils)


def _to(path: str) -> Response:
    return RedirectResponse(f"{path}?recorded=1", 303)
