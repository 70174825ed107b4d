"""One child's screening, as the meeting writes it: card and view first, then the frequency, then what was settled.

Each form is sent with the version that was read. Of two people who write at once the second is shown what stands,
with all that they typed still in the form.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.orm import Session

from serving.caseloads.service import Child, children
from serving.corrections import service as corrections
from serving.corrections.record import FactWrong, line_chosen
from serving.desk import Desk
from serving.errors import AlreadyThatDay, Breach, OneAtATime, RecordsRefused, ViewFirst
from serving.http.calls import Answered, Call, Endpoint
from serving.http.fields import Typed, Wrong, field, fields_of, form_of, read_day, read_form, typed_of
from serving.http.forms import typed
from serving.http.pages import DONE, HTML, PDF, in_pages, page, said_in, sent_on, to_take_along, written
from serving.http.problem_pages import page_of
from serving.http.problems import FROM_PREPARED, WRITTEN_ON, Problem
from serving.http.words import EMPTIED, FREQUENCY_FIRST, STALE
from serving.lists.service import (
    Meeting,
    card_of,
    meeting_of,
    newest,
    open_frequency,
    order_of,
    prepared_for,
    prompted_by,
)
from serving.rights.service import objecting
from serving.screening import record as r
from serving.screening import rules, service
from serving.screening.plan import NOT_SETTLED, TEMPLATE, Contacts, plan_data
from serving.security.access import Action, Person
from serving.security.access_log.chain import RECORDED
from serving.typeset import pdf
from serving.wording import MADE_UP, pseudonym

WHEN = {
    "overdue": "Overdue",
    "due": "Due in the next four weeks",
    "later": "Later",
    "no_day": "No day to look again",
}
PREFIXES = {"screening": "", "review": "r-", "set_aside": "s-", "wrong_fact": "w-"}  # of the ids in each form
SAID = {
    "begun": "Begun. Nothing is said yet.",
    "nothing": "Nothing new was typed, so nothing was changed.",
    "frequency": "Your view stands recorded. The frequency is open.",
    "review": "The review is recorded.",
    "set_aside": "Set aside. What was written stays.",
}
BeginForm = form_of(
    "BeginForm", "Whose screening begins, before which list, and after which referral.", r.ScreeningStart,
    "pupil", "as_of", "referral", "of", "is_second",
)  # fmt: skip
ScreeningForm = form_of(
    "ScreeningForm", "What a meeting says.", r.ScreeningEdit, "version", "of", "may_empty"
)
ReviewForm = form_of("ReviewForm", "What a review found.", r.ReviewHeld, "version", "of")
SetAsideForm = form_of("SetAsideForm", "Why a screening is put aside.", r.SetAside, "version", "of")
FIRST_OF_REVIEW = ("review_found", "actions", "review_next", "review_on", "outcome", "who_leads")
YES = "yes"
SHOWN = (*DONE, "of")  # the query of a screening's page: what was recorded, and from which list it was begun
FactOfChildForm = form_of("FactOfChildForm", "A fact on this child's card that is wrong.", FactWrong, "line")


def begin(desk: Desk, call: Call[Any]) -> Answered:
    """Begin the screening of one child, before the newest list where there is one."""
    said = typed(call.body)
    try:
        body = read_form(
            r.ScreeningBegun, call.body, meeting_on=read_day(said["meeting_on"]) or date.today().isoformat(),
            as_of=said["as_of"] or newest_day(desk), is_second=said["is_second"] == YES,
        )  # fmt: skip
        prompted = prompted_by(desk, body.pupil, body.as_of, body.referral)
        with desk.database.writing() as session:
            made = service.begin(
                session, call.signed_in, body.pupil, body.meeting_on, body, prompted, body.is_second
            )
    except OneAtATime as error:
        return _another_is_open(error, "not begun")
    except AlreadyThatDay as error:
        return _ask_about_second(desk, call, error)
    what = f"screening {made.screening}"
    return sent_on(f"/screenings/{made.screening}", what, [made.pupil], recorded="begun", of=_of(call))


def _ask_about_second(desk: Desk, call: Call[Any], error: AlreadyThatDay) -> Answered:
    """Whether a second screening of this child on this day is meant: asked, with the first one to look at."""
    with desk.database.reading() as session:
        there = service.read(session, call.signed_in, error.screening)
        child = children(session, desk, call.signed_in, [there.pupil])[there.pupil]
    made = page(desk, call, "second.html", 409, there=there, child=child, form=typed(call.body), of=_of(call))
    return Answered(made, f"second screening asked about; screening {there.screening}", [there.pupil])


def newest_day(desk: Desk) -> str | None:
    """The newest list's day; None where none may be shown, and a screening needs none."""
    try:
        return newest(desk).facts.as_of.isoformat()
    except Problem:
        return None


def show(desk: Desk, call: Call[None]) -> Answered:
    """A screening's page."""
    return _shown(desk, call, said=_kept(call))


def _kept(call: Call[Any]) -> str:
    """What a save wrote down, by the names of the fields; never a word of what was written."""
    recorded = call.query.get("recorded", "")
    if not recorded:
        return ""
    if recorded in SAID:
        return SAID[recorded]
    names = set(recorded.split(","))
    titles = [each.title for each in fields_of(r.ScreeningContent) if each.name in names]
    return f"Recorded: {'; '.join(titles)}." if titles else said_in(call)


def record(desk: Desk, call: Call[Any]) -> Answered:
    """Append what was typed, where it says anything new."""
    return _appended(desk, call)


def open_it(desk: Desk, call: Call[Any]) -> Answered:
    """Append what was typed, then open the frequency: the meeting's own view stands recorded first."""
    if (done := _appended(desk, call)).outcome != RECORDED:
        return done
    found = _read(desk, call)
    as_of = found.list_as_of or newest(desk).facts.as_of
    try:
        opened = open_frequency(desk, call.signed_in, found.pupil, as_of)
    except ViewFirst:
        view = field(r.ScreeningContent, "view")
        return _shown(desk, call, errors={"view": Wrong(view.title, FREQUENCY_FIRST)}, status=409)
    number = found.screening
    what = f"screening {number}, as of {as_of}"
    path = f"/screenings/{number}#frequency"
    return sent_on(path, what, [found.pupil], opened.release, recorded="frequency", of=_of(call))


def review(desk: Desk, call: Call[Any]) -> Answered:
    """Append what a review found."""

    def write(body: r.ReviewHeld) -> Answered:
        with desk.database.writing() as session:
            made = service.hold_review(
                session, call.signed_in, _number(call), body.version, body.held_on, body
            )
        return _to(call, made, "review")

    return _tried(desk, call, r.ReviewHeld, write, "review", typed_of(_read(desk, call).now.content_of()))


def set_aside(desk: Desk, call: Call[Any]) -> Answered:
    """Put it aside, with the reason."""

    def write(body: r.SetAside) -> Answered:
        with desk.database.writing() as session:
            made = service.set_aside(session, call.signed_in, _number(call), body.version, body.words)
        return _to(call, made, "set_aside")

    return _tried(desk, call, r.SetAside, write, "set_aside")


def say_wrong(desk: Desk, call: Call[Any]) -> Answered:
    """Tell the data's owner that a fact on this child's card is wrong: a line of the card, or what was typed in its place."""
    found = _read(desk, call)
    chosen = line_chosen(call.body.line)

    def write(body: FactWrong) -> Answered:
        with desk.database.writing() as session:
            made = corrections.say_wrong(session, call.signed_in, body.pupil, body)
        return sent_on(f"/screenings/{found.screening}", f"wrong fact {made.wrong_fact}", [made.pupil])

    return _tried(desk, call, FactWrong, write, "wrong_fact", None, pupil=pseudonym(found.pupil), **chosen)


def plan(desk: Desk, call: Call[None]) -> Answered:
    """The plan that a family can be given, with the child's beside it."""
    found, child, told, why_not = _plan(desk, call)
    made = page(desk, call, "plan.html", found=found, child=child, told=told, why_not=why_not)
    return Answered(made, f"plan of screening {found.screening}", [found.pupil])


def plan_file(desk: Desk, call: Call[None]) -> Answered:
    """The same, to take along."""
    found, child, told, why_not = _plan(desk, call)
    if told is None:
        raise RecordsRefused(Breach("", "not_settled", why_not))
    banner = MADE_UP if desk.settings.is_demonstration else ""
    said = {**told, "title": f"Plan of {child.name}", "running": "", "banner": banner, "footer": told["made"]}
    made = to_take_along(
        pdf(TEMPLATE, said, datetime.now(UTC)), PDF, f"plan-of-screening-{found.screening}.pdf"
    )
    return Answered(made, f"plan of screening {found.screening} as pdf", [found.pupil])


def _plan(desk: Desk, call: Call[None]) -> tuple[r.ScreeningRecord, Child, dict[str, Any] | None, str]:
    """A screening, its child, what the plan says, and why there is none."""
    person = call.signed_in
    with desk.database.reading() as session:
        found = service.read(session, person, _number(call))
        child = children(session, desk, person, [found.pupil])[found.pupil]
    if found.now.state != r.DONE:
        return found, child, None, NOT_SETTLED
    return found, child, plan_data(found, child.name, contacts_of(desk), date.today()), ""


def contacts_of(desk: Desk) -> Contacts:
    """Whom a family can write to, as the authority last said it; nobody where no list may be shown."""
    try:
        authority = newest(desk).facts.authority
    except Problem:
        return Contacts()
    said = authority.documents
    return Contacts(said.data_protection_officer, said.complaints, authority.signposts.get("sendiass", ""))


def reviews(desk: Desk, call: Call[None]) -> Answered:
    """Every plan of the person's pupils, or those whose review is overdue, due or later."""
    person, today = call.signed_in, date.today()
    with desk.database.reading() as session:
        every = service.plans(session, person)
        held = [(each, rules.when_due(each.now.review_on, today)) for each in every]
        asked = call.query.get("show", "")
        found = [(each, when) for each, when in held if asked not in WHEN or when == asked]
        page_of, num_pages, number = in_pages(found, call.query.get("page", ""))
        named = children(session, desk, person, sorted({each.pupil for each, _ in page_of}))
    counts = {code: sum(when == code for _, when in held) for code in WHEN}
    made = page(
        desk, call, "reviews.html", found=page_of, named=named, said=said_in(call), today=today, counts=counts, whens=WHEN,
        show=asked if asked in WHEN else "", num_all=len(held), num_pages=num_pages, page_number=number, content=r.ScreeningContent,
    )  # fmt: skip
    return Answered(made, "plans and their reviews", sorted(named))


def open_ones(desk: Desk, call: Call[None]) -> Answered:
    """Open screenings of the person's pupils, those prepared for a meeting to come among them."""
    person = call.signed_in
    with desk.database.reading() as session:
        every = service.still_open(session, person)
        found, num_pages, number = in_pages(every, call.query.get("page", ""))
        named = children(session, desk, person, sorted({each.pupil for each in found}))
    made = page(
        desk, call, "open.html", found=found, named=named, today=date.today(), num_all=len(every), num_pages=num_pages,
        page_number=number,
    )  # fmt: skip
    return Answered(made, "open screenings", sorted(named))


def _appended(desk: Desk, call: Call[Any]) -> Answered:
    """What was typed appended, where it says anything new; the page again where it could not be."""

    before = _read(desk, call)

    def write(body: r.ScreeningEdit) -> Answered:
        if body.content_of() == before.now.content_of():
            return _to(call, before, "nothing")
        gone = rules.emptied(before.now, body)
        if gone and body.version == before.now.version and typed(call.body).get("may_empty") != YES:
            titles = {name: field(r.ScreeningContent, name).title for name in gone}
            wrong = {name: Wrong(title, EMPTIED) for name, title in titles.items()}
            return _shown(desk, call, form=typed(call.body), errors=wrong, status=422, is_emptied=True)
        with desk.database.writing() as session:
            made = service.record(session, call.signed_in, _number(call), body.version, body)
        return _to(call, made, ",".join(rules.changed(before.now, made.now)))

    return _tried(desk, call, r.ScreeningEdit, write, "screening", typed_of(before.now.content_of()))


def _tried(
    desk: Desk,
    call: Call[Any],
    kind: type[Any],
    write: Callable[[Any], Answered],
    which: str,
    standing: Typed | None = None,
    **given: Any,
) -> Answered:
    def again(**what: Any) -> Answered:
        return _shown(desk, call, form=typed(call.body), which=which, **what)

    try:
        return written(call, kind, write, again, standing, **given)
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
    is_emptied: bool = False,
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
        meeting = _meeting(desk, session, person, found, _of(call))
        left = _left(desk, session, person, meeting, found)
        following = children(session, desk, person, left[:1])
    of_review = {**typed_of(found.now.content_of()), **_unsaid(found)}
    if form is not None and which == "review":
        of_review |= form
    made = page(
        desk, call, "screening.html", status, child=child, card=card, found=found, now=found.now, said=said,
        stale=STALE.format(author=found.now.author) if is_stale else "",
        form=form if form is not None and which == "screening" else typed_of(found.now.content_of()), typed=form or {}, which=which,
        errors=dict(errors or {}), prefix=PREFIXES[which], today=date.today().isoformat(), versions=every, wrong=wrong,
        of_review=of_review, review_fields=_in_order_of_review(), of=_of(call), meeting=meeting, num_left=len(left),
        following=following[left[0]] if left else None, is_emptied=is_emptied, is_ahead=found.meeting_on > date.today(),
        missing=[field(r.ScreeningContent, name).title for name in rules.missing(found.now)],
        others=[each for each in of_child if each.screening != screening], content=r.ScreeningContent,
        review=r.ReviewHeld, aside=r.SetAside, fact_wrong=FactWrong,
    )  # fmt: skip
    what = f"screening {screening}" + (", not recorded" if status != 200 else "")
    return Answered(made, what, [found.pupil], release=card.release)


def _in_order_of_review() -> list[Any]:
    """The fields of a review: first what it alone asks, then whatever else may be put right."""
    every = {each.name: each for each in fields_of(r.ScreeningContent)}
    return [*(every.pop(name) for name in FIRST_OF_REVIEW), *every.values()]


def _unsaid(found: r.ScreeningRecord) -> dict[str, str | list[str]]:
    """What a review has to say anew, as its form begins: of what was said before, nothing is said by sending it again."""
    became = ["" if action.is_going_on else action.became or "" for action in found.now.actions]
    return {"review_found": "", "review_next": "", "review_on": ["", "", ""], "actions_became": became}


def _meeting(
    desk: Desk, session: Session, person: Person, found: r.ScreeningRecord, of: str
) -> Meeting | None:
    """The list whose meeting this is; None where no list led to it, or none may be shown."""
    if found.list_as_of is None:
        return None
    try:
        prepared = prepared_for(desk, found.list_as_of)
    except Problem:
        return None
    return meeting_of(session, person, prepared, found.pupil, of)


def _left(
    desk: Desk, session: Session, person: Person, meeting: Meeting | None, found: r.ScreeningRecord
) -> list[int]:
    """Children of the list of whom nothing is begun yet, from this child on and round again, in order of name."""
    if meeting is None:
        return []
    order = order_of(meeting, desk, person, objecting(session))
    place = order.index(found.pupil) if found.pupil in order else -1
    round_again = [*order[place + 1 :], *order[: max(place, 0)]]
    begun = service.screenings_since(session, person, round_again, meeting.as_of)
    return [pupil for pupil in round_again if pupil not in begun]


def _of(call: Call[Any]) -> str:
    """From which list the screening was begun, as a form or the address says."""
    return str(getattr(call.body, "of", "") or call.query.get("of", ""))


def _read(desk: Desk, call: Call[Any]) -> r.ScreeningRecord:
    with desk.database.reading() as session:
        return service.read(session, call.signed_in, _number(call))


def _number(call: Call[Any]) -> int:
    return call.numbers["screening"]


def _to(call: Call[Any], made: r.ScreeningRecord, recorded: str) -> Answered:
    path, what = f"/screenings/{made.screening}", f"screening {made.screening}"
    return sent_on(path, what, [made.pupil], recorded=recorded, of=_of(call))


PAGES = (
    Endpoint("POST", "/screenings", "begin_screening_form", "Begin the screening of one child.",
             Action.RECORD_SCREENING, BeginForm, None, begin, 303,
             (*FROM_PREPARED, "not-there", "one-at-a-time", "already-that-day", "rule-of-screening"), "pupil", media=HTML),
    Endpoint("GET", "/screenings", "open_screenings_page", "Open screenings, those prepared for a meeting to come among them.",
             Action.READ_SCREENING, None, None, open_ones, query=("page",), media=HTML),
    Endpoint("GET", "/screenings/{screening}", "screening_page", "A child's screening: card, view, frequency, what was settled.",
             Action.READ_SCREENING, None, None, show, problems=("not-there",), scope="pupil", query=SHOWN, media=HTML),
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
    Endpoint("GET", "/screenings/{screening}/plan", "plan_page", "The plan that a family can be given, with the child's beside it.",
             Action.READ_SCREENING, None, None, plan, problems=("not-there",), scope="pupil", media=HTML),
    Endpoint("GET", "/screenings/{screening}/plan/pdf", "plan_file", "The plan for the family and the child, to take along as tagged PDF.",
             Action.TAKE_OUT, None, None, plan_file, problems=("not-there", "rule-of-screening"), scope="pupil", media=PDF),
    Endpoint("GET", "/reviews", "reviews_page", "Every plan, with the day of its review.",
             Action.REVIEW_SCREENING, None, None, reviews, query=(*DONE, "show", "page"), media=HTML),
)  # fmt: skip
