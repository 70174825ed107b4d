"""One child's screening, as the meeting writes it: card and view first, then the frequency, then what was settled.

Each form is sent with the version that was read. Of two people who write at once the second is shown what stands,
with all that they typed still in the form.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from serving.caseloads.service import children
from serving.corrections import service as corrections
from serving.corrections.record import FactWrong
from serving.desk import Desk
from serving.errors import OneAtATime, ViewFirst
from serving.http.calls import Answered, Call, Endpoint
from serving.http.fields import Wrong, field, form_of, read_form, typed_of
from serving.http.forms import typed
from serving.http.pages import DONE, HTML, page, said_in, sent_on, written
from serving.http.problem_pages import page_of
from serving.http.problems import FROM_PREPARED, WRITTEN_ON, Problem
from serving.http.words import FREQUENCY_FIRST, STALE
from serving.lists.service import card_of, newest, open_frequency, prompted_by
from serving.screening import record as r
from serving.screening import service
from serving.security.access import Action
from serving.security.access_log.chain import RECORDED
from serving.wording import pseudonym

AHEAD = timedelta(days=28)  # of reviews that are shown before they are due
PREFIXES = {"screening": "", "review": "r-", "set_aside": "s-", "wrong_fact": "w-"}  # of the ids in each form
BeginForm = form_of(
    "BeginForm", "Whose screening begins, before which list, and after which referral.", r.ScreeningStart,
    "pupil", "as_of", "referral",
)  # fmt: skip
ScreeningForm = form_of("ScreeningForm", "What a meeting says.", r.ScreeningEdit, "version")
ReviewForm = form_of("ReviewForm", "What a review found.", r.ReviewHeld, "version")
SetAsideForm = form_of("SetAsideForm", "Why a screening is put aside.", r.SetAside, "version")
FactOfChildForm = form_of("FactOfChildForm", "A fact on this child's card that is wrong.", FactWrong)


def begin(desk: Desk, call: Call[Any]) -> Answered:
    """Begin the screening of one child, before the newest list where there is one."""
    said = typed(call.body)
    try:
        body = read_form(
            r.ScreeningBegun, call.body, meeting_on=said["meeting_on"] or date.today().isoformat(),
            as_of=said["as_of"] or newest_day(desk),
        )  # fmt: skip
        prompted = prompted_by(desk, body.pupil, body.as_of, body.referral)
        with desk.database.writing() as session:
            made = service.begin(session, call.signed_in, body.pupil, body.meeting_on, body, prompted)
    except OneAtATime as error:
        return _another_is_open(error, "not begun")
    return sent_on(f"/screenings/{made.screening}", f"screening {made.screening}", [made.pupil])


def newest_day(desk: Desk) -> str | None:
    """The newest list's day; None where none may be shown, and a screening needs none."""
    try:
        return newest(desk).facts.as_of.isoformat()
    except Problem:
        return None


def show(desk: Desk, call: Call[None]) -> Answered:
    """A screening's page."""
    return _shown(desk, call, said=said_in(call))


def record(desk: Desk, call: Call[Any]) -> Answered:
    """Append what was typed, where it says anything new."""
    return _appended(desk, call) or _to(call, _read(desk, call))


def open_it(desk: Desk, call: Call[Any]) -> Answered:
    """Append what was typed, then open the frequency: the meeting's own view stands recorded first."""
    if (unwritten := _appended(desk, call)) is not None:
        return unwritten
    found = _read(desk, call)
    as_of = found.list_as_of or newest(desk).facts.as_of
    try:
        opened = open_frequency(desk, call.signed_in, found.pupil, as_of)
    except ViewFirst:
        view = field(r.ScreeningContent, "view")
        return _shown(desk, call, errors={"view": Wrong(view.title, FREQUENCY_FIRST)}, status=409)
    number = found.screening
    what = f"screening {number}, as of {as_of}"
    return sent_on(f"/screenings/{number}#frequency", what, [found.pupil], opened.release)


def review(desk: Desk, call: Call[Any]) -> Answered:
    """Append what a review found."""

    def write(body: r.ReviewHeld) -> Answered:
        with desk.database.writing() as session:
            made = service.hold_review(
                session, call.signed_in, _number(call), body.version, body.held_on, body
            )
        return _to(call, made)

    return _tried(desk, call, r.ReviewHeld, write, "review")


def set_aside(desk: Desk, call: Call[Any]) -> Answered:
    """Put it aside, with the reason."""

    def write(body: r.SetAside) -> Answered:
        with desk.database.writing() as session:
            made = service.set_aside(session, call.signed_in, _number(call), body.version, body.words)
        return _to(call, made)

    return _tried(desk, call, r.SetAside, write, "set_aside")


def say_wrong(desk: Desk, call: Call[Any]) -> Answered:
    """Tell the data's owner that a fact on this child's card is wrong."""
    found = _read(desk, call)

    def write(body: FactWrong) -> Answered:
        with desk.database.writing() as session:
            made = corrections.say_wrong(session, call.signed_in, body.pupil, body)
        return sent_on(f"/screenings/{found.screening}", f"wrong fact {made.wrong_fact}", [made.pupil])

    return _tried(desk, call, FactWrong, write, "wrong_fact", pupil=pseudonym(found.pupil))


def reviews(desk: Desk, call: Call[None]) -> Answered:
    """Reviews due, and those of the four weeks ahead, the longest due first."""
    with desk.database.reading() as session:
        found = service.reviews_due(session, call.signed_in, date.today() + AHEAD)
        named = children(session, desk, call.signed_in, [each.pupil for each in found])
    made = page(desk, call, "reviews.html", found=found, named=named, said=said_in(call), today=date.today())
    return Answered(made, "reviews due", sorted(named))


def _appended(desk: Desk, call: Call[Any]) -> Answered | None:
    """What was typed appended, where it says anything new; the page again where it could not be."""

    def write(body: r.ScreeningEdit) -> Answered:
        if body.content_of() == _read(desk, call).now.content_of():
            return _to(call, _read(desk, call))
        with desk.database.writing() as session:
            made = service.record(session, call.signed_in, _number(call), body.version, body)
        return _to(call, made)

    done = _tried(desk, call, r.ScreeningEdit, write, "screening")
    return None if done.outcome == RECORDED else done


def _tried(
    desk: Desk, call: Call[Any], kind: type[Any], write: Callable[[Any], Answered], which: str, **given: Any
) -> Answered:
    def again(**what: Any) -> Answered:
        return _shown(desk, call, form=typed(call.body), which=which, **what)

    try:
        return written(call, kind, write, again, **given)
    except OneAtATime as error:
        return _another_is_open(error, "not recorded")


def _another_is_open(error: OneAtATime, what: str) -> Answered:
    there = (f"/screenings/{error.open_screening}", "Go to that screening")
    return Answered(page_of(Problem("one-at-a-time"), there), f"{what}: another is open")


def _shown(
    desk: Desk,
    call: Call[Any],
    said: str = "",
    form: Mapping[str, Any] | None = None,
    which: str = "screening",
    errors: Mapping[str, Wrong] | None = None,
    is_stale: bool = False,
    status: int = 200,
) -> Answered:
    """The page of a screening: `form` is what was typed, and in which of its forms, where it was not recorded."""
    person, screening = call.signed_in, _number(call)
    with desk.database.reading() as session:
        found = service.read(session, person, screening)
        child = children(session, desk, person, [found.pupil])[found.pupil]
        card = card_of(session, desk, person, found.pupil, found.list_as_of)
        every = service.versions(session, person, screening)
        of_child = service.screenings_of(session, person, found.pupil)
        wrong = corrections.wrong_facts(session, person, found.pupil, is_open=False)
    made = page(
        desk, call, "screening.html", status, child=child, card=card, found=found, now=found.now, said=said,
        stale=STALE.format(author=found.now.author) if is_stale else "",
        form=form if form is not None and which == "screening" else typed_of(found.now.content_of()), typed=form or {}, which=which,
        errors=dict(errors or {}), prefix=PREFIXES[which], today=date.today().isoformat(), versions=every, wrong=wrong,
        others=[each for each in of_child if each.screening != screening], content=r.ScreeningContent,
        review=r.ReviewHeld, aside=r.SetAside, fact_wrong=FactWrong,
    )  # fmt: skip
    what = f"screening {screening}" + (", not recorded" if status != 200 else "")
    return Answered(made, what, [found.pupil], release=card.release)


def _read(desk: Desk, call: Call[Any]) -> r.ScreeningRecord:
    with desk.database.reading() as session:
        return service.read(session, call.signed_in, _number(call))


def _number(call: Call[Any]) -> int:
    return call.numbers["screening"]


def _to(call: Call[Any], made: r.ScreeningRecord) -> Answered:
    return sent_on(f"/screenings/{made.screening}", f"screening {made.screening}", [made.pupil])


PAGES = (
    Endpoint("POST", "/screenings", "begin_screening_form", "Begin the screening of one child.",
             Action.RECORD_SCREENING, BeginForm, None, begin, 303,
             (*FROM_PREPARED, "not-there", "one-at-a-time", "rule-of-screening"), "pupil", media=HTML),
    Endpoint("GET", "/screenings/{screening}", "screening_page", "A child's screening: card, view, frequency, what was settled.",
             Action.READ_SCREENING, None, None, show, problems=("not-there",), scope="pupil", query=DONE, media=HTML),
    Endpoint("POST", "/screenings/{screening}", "screening_form", "Append the next version of a screening.",
             Action.RECORD_SCREENING, ScreeningForm, None, record, 303, (*WRITTEN_ON, "one-at-a-time"), "pupil", media=HTML),
    Endpoint("POST", "/screenings/{screening}/frequency", "frequency_form", "Record the meeting's own view, then open the frequency.",
             Action.OPEN_FREQUENCY, ScreeningForm, None, open_it, 303,
             (*FROM_PREPARED, "view-first", *WRITTEN_ON, "one-at-a-time"), "pupil", media=HTML),
    Endpoint("POST", "/screenings/{screening}/reviews", "review_form", "Append what a review found.",
             Action.REVIEW_SCREENING, ReviewForm, None, review, 303, (*WRITTEN_ON, "one-at-a-time"), "pupil", media=HTML),
    Endpoint("POST", "/screenings/{screening}/set-aside", "set_aside_form", "Put an open screening aside, with the reason.",
             Action.RECORD_SCREENING, SetAsideForm, None, set_aside, 303, (*WRITTEN_ON, "one-at-a-time"), "pupil", media=HTML),
    Endpoint("POST", "/screenings/{screening}/wrong-facts", "fact_wrong_form", "Tell the data's owner that a fact on this card is wrong.",
             Action.SAY_FACT_WRONG, FactOfChildForm, None, say_wrong, 303, WRITTEN_ON, "pupil", media=HTML),
    Endpoint("GET", "/reviews", "reviews_page", "Reviews due, and those ahead.",
             Action.REVIEW_SCREENING, None, None, reviews, query=DONE, media=HTML),
)  # fmt: skip
