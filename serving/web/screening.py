"""One child's screening, as the meeting writes it: card and view first, then the frequency, then what was settled.

Each form is sent with the version that was read. Of two people who write at once the second is shown what stands,
with all that they typed still in the form.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from starlette.responses import RedirectResponse, Response

from serving.api import answers, meeting
from serving.desk import Desk
from serving.http.calls import Answered, Call, recorded
from serving.http.forms import typed
from serving.http.problem_pages import page_of
from serving.http.problems import Problem
from serving.messages import lists
from serving.messages import meeting as m
from serving.store import screenings, wrong_facts
from serving.store.errors import OneAtATime, RecordsRefused, Stale, ViewFirst
from serving.store.said import Screened
from serving.web import forms
from serving.web.child import card_of, children
from serving.web.forms import NotAsTyped, number, record_of, said_by, said_in
from serving.web.showing import asking, newest, page
from serving.web.words import FREQUENCY_FIRST, RECORDED, STALE
from serving.wording import FAMILIES, pseudonym

# The records' own words name fields; a page says it beside the field.
BROKEN: Mapping[str, tuple[str, str]] = {
    "in considered": ("considered", "To settle on something, tick at least one thing beyond the list and the card, and say what it was."),
    "in view": ("view", "To settle on something, say the meeting’s own view first."),
    "was_known": ("was_known", "To settle on something, say whether the meeting knew about this child."),
    "review_on": ("review_on", "Give a day after the meeting, or leave it empty."),
    "held_on": ("held_on", "Give the day of the review: not before the meeting, and not still to come."),
    "meeting_on": ("meeting_on", "Give the day of the meeting. It cannot be still to come."),
    "ends with an outcome": ("outcome", "A review ends with what the meeting settled on."),
    "is not known": ("", "Use the choices that the page shows."),
}  # fmt: skip


PREFIXES = {"screening": "", "review": "r-", "set_aside": "s-", "wrong_fact": "w-"}  # of the ids in each form


def broken(error: RecordsRefused) -> dict[str, str]:
    """Rules that were not kept: field to what to do."""
    found: dict[str, str] = {}
    for breach in error.breaches:
        place, words = next((of for part, of in BROKEN.items() if part in breach), ("", breach))
        found.setdefault(place, words)
    return found


def begin(desk: Desk, call: Call[forms.BeginForm]) -> Answered:
    """Begin the screening of one child, before the newest list where there is one."""
    form = call.body
    fields: dict[str, Any] = {
        "pupil": form.pupil, "meeting_on": form.meeting_on or date.today().isoformat(), "as_of": form.as_of or newest_day(desk),
        "referral": number(form.referral),
    }  # fmt: skip
    try:
        body = record_of(m.ScreeningBegun, fields)
        made = meeting.begin(desk, asking(call, body))
    except OneAtATime as error:
        there = (f"/screenings/{error.open_screening}", "Go to that screening")
        return Answered(page_of(Problem("one-at-a-time"), there), "not begun: another is open")
    except (NotAsTyped, RecordsRefused) as error:
        said = error.errors if isinstance(error, NotAsTyped) else broken(error)
        raise Problem("rule-of-screening", " ".join(said.values())) from None
    assert isinstance(made.record, m.ScreeningRecord)
    return recorded(_to(made.record.screening), made.what, made.pupils)


def newest_day(desk: Desk) -> str | None:
    """The newest list's day; None where none may be shown, and a screening needs none."""
    try:
        return newest(desk).facts.as_of.isoformat()
    except Problem:
        return None


def show(desk: Desk, call: Call[None]) -> Answered:
    """A screening's page."""
    return _shown(desk, call, said=RECORDED if call.query.get("recorded") else "")


def record(desk: Desk, call: Call[forms.ScreeningForm]) -> Answered:
    """Append what was typed, where it says anything new."""
    return _written(desk, call) or recorded(
        _to(_number(call)), f"screening {_number(call)}", [_read(desk, call).pupil]
    )


def open_frequency(desk: Desk, call: Call[forms.ScreeningForm]) -> Answered:
    """Append what was typed, then open the frequency: the meeting's own view stands recorded first."""
    if (unwritten := _written(desk, call)) is not None:
        return unwritten
    found = _read(desk, call)
    as_of = found.list_as_of or newest(desk).facts.as_of
    question = lists.ExplainQuestion(as_of=as_of, pupil=pseudonym(found.pupil))
    try:
        opened = answers.frequency(desk, asking(call, question))
    except ViewFirst:
        return _shown(desk, call, errors={"view": FREQUENCY_FIRST}, status=409)
    return replace(opened, record=_to(found.id, "#frequency"), what=f"screening {found.id}, {opened.what}")


def review(desk: Desk, call: Call[forms.ReviewForm]) -> Answered:
    """Append what a review found."""
    fields = {**said_in(call.body), "version": number(call.body.version), "held_on": call.body.held_on}

    def write(body: m.ReviewHeld) -> Answered:
        return meeting.hold_review(desk, asking(call, body))

    return _tried(desk, call, m.ReviewHeld, fields, write, "review")


def set_aside(desk: Desk, call: Call[forms.WhyForm]) -> Answered:
    """Put it aside, with the reason."""
    fields = {"words": call.body.words, "version": number(call.body.version)}

    def write(body: m.SetAside) -> Answered:
        return meeting.set_aside(desk, asking(call, body))

    return _tried(desk, call, m.SetAside, fields, write, "set_aside")


def say_wrong(desk: Desk, call: Call[forms.FactWrongForm]) -> Answered:
    """Tell the data's owner that a fact on this child's card is wrong."""
    plain = {name: value for name, value in typed(call.body).items() if name != "pupil"}
    fields = {**plain, "pupil": pseudonym(_read(desk, call).pupil)}

    def write(body: m.FactWrong) -> Answered:
        return meeting.say_wrong(desk, asking(call, body))

    return _tried(desk, call, m.FactWrong, fields, write, "wrong_fact")


def _written(desk: Desk, call: Call[forms.ScreeningForm]) -> Answered | None:
    """What was typed appended, where it says anything new; the page again where it could not be."""
    form = call.body
    now = m.MeetingSaid.model_validate_json(m.MeetingSaid(**_plain(_read(desk, call))).model_dump_json())
    fields = {**said_in(form), "version": number(form.version)}
    try:
        body = record_of(m.ScreeningEdit, fields)
    except NotAsTyped as error:
        return _shown(desk, call, form=typed(form), errors=error.errors, status=422)
    if m.MeetingSaid(**body.model_dump(exclude={"version"})) == now:
        return None

    def write(body: m.ScreeningEdit) -> Answered:
        return meeting.edit(desk, asking(call, body))

    done = _tried(desk, call, m.ScreeningEdit, fields, write, "screening")
    return None if isinstance(done.record, RedirectResponse) else done


def _plain(found: Screened) -> dict[str, Any]:
    said = found.now.said
    return {**{name: getattr(said, name) for name in m.MeetingSaid.model_fields}, "considered": list(said.considered), "needs": list(said.needs)}  # fmt: skip


def _tried(
    desk: Desk, call: Call[Any], kind: type[Any], fields: Mapping[str, Any], write: Any, which: str
) -> Answered:
    """What was typed, written; else the page again, with what is wrong beside each field and all that was typed."""
    kept = {which: typed(call.body)}
    try:
        made = write(record_of(kind, fields))
    except NotAsTyped as error:
        return _shown(desk, call, errors=error.errors, status=422, **_again(kept, which))
    except RecordsRefused as error:
        return _shown(desk, call, errors=broken(error), status=422, **_again(kept, which))
    except OneAtATime as error:
        there = (f"/screenings/{error.open_screening}", "Go to that screening")
        return Answered(page_of(Problem("one-at-a-time"), there), "not recorded: another is open")
    except Stale:
        return _shown(desk, call, status=409, is_stale=True, **_again(kept, which))
    return recorded(_to(_number(call)), made.what, made.pupils)


def _again(kept: Mapping[str, Any], which: str) -> dict[str, Any]:
    return {"form": kept[which], "which": which}


def _shown(
    desk: Desk,
    call: Call[Any],
    said: str = "",
    form: Mapping[str, Any] | None = None,
    which: str = "screening",
    errors: Mapping[str, str] | None = None,
    is_stale: bool = False,
    status: int = 200,
) -> Answered:
    """The page of a screening: `form` is what was typed, and in which of its forms, where it was not recorded."""
    person, screening = call.signed_in, _number(call)
    with desk.database.reading() as session:
        found = screenings.read(session, person, screening)
        child = children(session, desk, person, [found.pupil])[found.pupil]
        card = card_of(session, desk, person, found.pupil, found.list_as_of)
        shown = {
            "versions": screenings.versions(session, person, screening),
            "others": [
                each
                for each in screenings.screenings_of(session, person, found.pupil)
                if each.id != screening
            ],
            "wrong": wrong_facts.wrong_facts(session, person, found.pupil, is_open=False),
        }
    made = page(
        desk, call, "screening.html", status, child=child, card=card, found=found, now=found.now, said=said,
        stale=STALE.format(author=found.now.author) if is_stale else "",
        form=form if form is not None and which in ("screening",) else said_by(found.now.said), typed=form or {}, which=which,
        errors=dict(errors or {}), prefix=PREFIXES[which], families=FAMILIES, today=date.today().isoformat(), **shown,
    )  # fmt: skip
    what = f"screening {screening}" + (", not recorded" if status != 200 else "")
    return Answered(made, what, [found.pupil], release=card.release)


def _read(desk: Desk, call: Call[Any]) -> Screened:
    with desk.database.reading() as session:
        return screenings.read(session, call.signed_in, _number(call))


def _number(call: Call[Any]) -> int:
    return call.numbers["screening"]


def _to(screening: int, part: str = "") -> Response:
    return RedirectResponse(f"/screenings/{screening}?recorded=1{part}", 303)
