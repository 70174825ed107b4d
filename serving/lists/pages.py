"""The start, and the list of a school or a district with its cards, as `pathways list` prints it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse

from serving.accounts.service import sign_in_page, whoever
from serving.cards import Help
from serving.caseloads.record import AskedForm
from serving.caseloads.service import children
from serving.changes import since
from serving.composing import CARDED
from serving.corrections.record import ANSWERED
from serving.corrections.service import wrong_facts
from serving.desk import Desk
from serving.http.calls import COOKIE, Answered, Call, Endpoint
from serving.http.fields import read_day
from serving.http.pages import A_PAGE, HOMES, HTML, PDF, WORKBOOK, in_pages, page, to_take_along
from serving.http.problems import FROM_PREPARED, Problem
from serving.lists.pack import about_minutes, minutes_pdf, pack_pdf
from serving.lists.service import (
    list_of,
    meeting_named,
    newest,
    order_of,
    prepared_for,
    schools_in,
    why_not,
)
from serving.meeting import Card, MeetingList
from serving.prepared.read import Prepared
from serving.referrals.service import referrals
from serving.rights.service import objecting
from serving.screening.minutes import Minutes, minutes_data, minutes_of
from serving.screening.record import DONE, OPEN, SET_ASIDE, ScreeningRecord
from serving.screening.rules import when_due
from serving.screening.service import held, open_screening, plans, screenings_since, still_open
from serving.security.access import Action, Person, Role, may, require_district, require_school, schools_of
from serving.sheets import list_workbook
from serving.signposts import SIGNPOSTS
from serving.stamp import Stamp, Taken
from serving.wording import LEFT_LIST, day, pseudonym

MOST_EARLIER, MOST_CHANGES = 6, 40
FILTERS = ("school", "year", "state")
ON = ("on_day", "on_month", "on_year")
OF_LIST = (
    "as_of",
    "on",
)  # the query of what is taken along or summed up of a list: which, and of which meeting's day
NUMBERS = "numbers"  # what `show` asks for in place of the cards: the numbers behind the strips of weeks
SHOWN = (*FILTERS, "page", "show", "as_of", *ON)  # the query of a list's page
NOT_BEGUN = "not_begun"
STANDS = {NOT_BEGUN: "Not begun", OPEN: "Open", DONE: "Settled", SET_ASIDE: "Set aside"}


def start(desk: Desk, call: Call[None]) -> Answered:
    """Sign in, or the lists that the caller may read; names no child."""
    token = call.cookies.get(COOKIE, "")
    person = whoever(desk, token, call.request)
    if person is None:  # with a token that is nobody's the answer is slowed, as everywhere
        return Answered(sign_in_page(desk, status=401 if token else 200))
    if (home := HOMES.get(person.role)) is not None:
        return Answered(RedirectResponse(home, 303))
    prepared, reason = None, ""
    schools: list[tuple[int, str]] = []
    districts: list[tuple[int, str]] = []
    if may(person, Action.LIST):
        try:
            prepared = newest(desk)
            schools, districts = open_to(desk, person, prepared)
        except Problem as problem:
            reason = why_not(problem)
    with desk.database.reading() as session:
        open_now = open_screening(session, person)
        today = work_of(session, person)
    changes = changes_of(prepared, schools, districts) if prepared and prepared.previous else []
    made = page(
        desk, replace(call, person=person, token=token), "start.html", schools=schools, districts=districts,
        day=day(prepared.facts.as_of) if prepared else "", why_not=reason, open_now=open_now, asked=AskedForm,
        today=today, changes=changes,
    )  # fmt: skip
    return Answered(made)


@dataclass(frozen=True)
class Work:
    """What waits for somebody, in counts alone: this page names no child.

    Attributes
    ----------
    next_meeting : date or None
        The next day for which a screening is prepared; None where none is.
    num_prepared : int
        Screenings prepared for it.
    counts : list of tuple
        What waits, how many, and the path where it is.
    """

    next_meeting: date | None
    num_prepared: int
    counts: list[tuple[str, int, str]]


def work_of(session: Session, person: Person) -> Work:
    """What waits for a person, by what their role may do."""
    today, counts, ahead = date.today(), [], []
    if may(person, Action.REVIEW_SCREENING):
        due = Counter(when_due(each.now.review_on, today) for each in plans(session, person))
        opened = still_open(session, person)
        ahead = [each.meeting_on for each in opened if each.meeting_on >= today]
        num_held = sum(each.meeting_on < today for each in opened)
        counts += [
            ("Reviews overdue", due["overdue"], "/reviews?show=overdue"),
            ("Reviews due in four weeks", due["due"], "/reviews?show=due"),
            ("Screenings left open after their meeting", num_held, "/screenings"),
        ]
    if may(person, Action.READ_REFERRAL):
        counts.append(("Children raised, waiting", len(referrals(session, person)), "/referrals"))
    if may(person, Action.READ_WRONG_FACT):
        told = wrong_facts(session, person, is_open=False)
        waiting = [each for each in told if each.state not in ANSWERED]
        answered = [each for each in told if each.state in ANSWERED and each.made_by == person.name]
        counts.append(("Wrong facts, waiting for an answer", len(waiting), "/wrong-facts"))
        if may(person, Action.SAY_FACT_WRONG):
            counts.append(("Your corrections answered", len(answered), "/wrong-facts"))
    day_of = min(ahead, default=None)
    return Work(day_of, ahead.count(day_of) if day_of else 0, counts)


def changes_of(
    prepared: Prepared, schools: Sequence[tuple[int, str]], districts: Sequence[tuple[int, str]]
) -> list[tuple[str, int, int, list[str]]]:
    """Who came and went on each list since the one before: its name, listed now, newly listed, and where the others are."""
    found = []
    levels = [("districts", name, f"{name} district") for _, name in districts]
    levels += [("schools", str(urn), name) for urn, name in schools]
    for level, key, title in levels[:MOST_CHANGES]:
        account = prepared.accounts[level][key]
        before = (prepared.previous or {}).get(level, {}).get(key)
        rows = prepared.rolls[level].get(int(key) if level == "schools" else key)
        roll = set(prepared.frames["matrix"]["pupil"].to_numpy()[rows if rows is not None else []].tolist())
        since_last = since(account, before, roll)
        listed = [entry["pupil"] for entry in account["states"]["listed"]]
        new = sum(since_last.state(pupil) not in ("listed", "") for pupil in listed)
        went = [f"{count} {LEFT_LIST[state]}" for state, count in since_last.left.items()]
        found.append((title, len(listed), new, went))
    return found


def open_to(
    desk: Desk, person: Person, prepared: Prepared
) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """Schools (URN, name) and districts (number, name) whose lists a person may read."""
    with desk.database.reading() as session:
        schools = [
            (each.urn, each.name)
            for each in schools_of(session, person)
            if str(each.urn) in prepared.accounts["schools"]
        ]
    names = list(prepared.accounts["districts"])
    is_all = person.role != Role.OFFICER
    districts = [(number, name) for number, name in enumerate(names, 1) if is_all or name in person.districts]
    return sorted(schools, key=lambda pair: pair[1]), districts


def school(desk: Desk, call: Call[None]) -> Answered:
    """A school's list with its cards."""
    return _list(desk, call, "schools", _own_school(desk, call))


def district(desk: Desk, call: Call[None]) -> Answered:
    """A district's list with its cards."""
    return _list(desk, call, "districts", _own_district(desk, call))


def _own_school(desk: Desk, call: Call[None]) -> str:
    """The school that the path names, as accounts do; NotThere where the person may not read its list."""
    urn = call.numbers["urn"]
    with desk.database.reading() as session:
        require_school(session, call.signed_in, urn)
    return str(urn)


def _own_district(desk: Desk, call: Call[None]) -> str:
    """The district that the path names by its number in order of name; NotThere where the person may not read its list."""
    names = list(newest(desk).accounts["districts"])
    number = call.numbers["number"]
    if number > len(names):
        raise Problem("not-there")
    with desk.database.reading() as session:
        require_district(session, call.signed_in, names[number - 1])
    return names[number - 1]


def _list(desk: Desk, call: Call[None], level: str, key: str) -> Answered:
    prepared = prepared_for(desk, asked_day(call.query.get("as_of", "")))
    if key not in prepared.accounts[level]:
        raise Problem("not-there")
    person, as_of = call.signed_in, prepared.facts.as_of
    with desk.database.reading() as session:
        silent = objecting(session)
        made = list_of(desk, prepared, level, key, silent, person)
        may_record = may(person, Action.RECORD_SCREENING)
        carded = [card.person.pupil for card in made.cards] if may_record else []
        screened = screenings_since(session, person, carded, as_of) if may_record else {}
    has_names = bool(desk.names) and may(person, Action.SEE_NAMES)
    part = part_of(made, screened, call.query)
    path = f"/{level}/{next(iter(call.numbers.values()))}"
    kept = {name: call.query[name] for name in (*FILTERS, "as_of") if call.query.get(name)}
    here = urlencode({**kept, "page": part.number})
    if call.query.get("show") == NUMBERS and part.meeting.weeks:
        numbers = page(
            desk,
            call,
            "weeks.html",
            meeting=part.meeting,
            stamp=prepared.facts.stamp(has_names),
            path=path,
            here=here,
        )
        pupils = sorted(card.person.pupil for card in part.meeting.cards)
        what = f"weeks of {level[:-1]} {key} as of {as_of}"
        return Answered(numbers, what, pupils, release=prepared.facts.release)
    shown = page(
        desk, call, "list.html", numbers=f"?{here}&show={NUMBERS}", meeting=part.meeting, stamp=prepared.facts.stamp(has_names),
        box=(), as_of=as_of.isoformat(), today=date.today().isoformat(), may_record=may_record, code_of=pseudonym, screened=screened,
        help_of=help_of, path=path, of=f"{level[0]}{next(iter(call.numbers.values()))}", on=meeting_day(call.query, screened),
        stands=STANDS, asked={name: call.query.get(name, "") for name in FILTERS}, is_filtered=part.is_filtered,
        is_part=part.is_filtered or part.number > 1, num_pages=part.num_pages, page_number=part.number, num_found=part.num_found,
        first=part.first, last=part.first + len(part.meeting.cards) - 1, query_of=part.query_of,
        earlier=[each for each in reversed(desk.dates) if each < as_of][:MOST_EARLIER], schools=part.schools, years=part.years,
    )  # fmt: skip
    states = part.meeting.states if part.is_whole else {state: part.meeting.states[state] for state in CARDED}
    named = sorted({row.person.pupil for rows in states.values() for row in rows})
    what = f"page of {level[:-1]} {key} as of {as_of}"
    return Answered(shown, what, named, release=prepared.facts.release)


def school_pack(desk: Desk, call: Call[None]) -> Answered:
    """A school's pack, to take along."""
    return _pack(desk, call, "schools", _own_school(desk, call))


def district_pack(desk: Desk, call: Call[None]) -> Answered:
    """A district's pack, to take along."""
    return _pack(desk, call, "districts", _own_district(desk, call))


def school_workbook(desk: Desk, call: Call[None]) -> Answered:
    """A school's list as a workbook, to take along."""
    return _workbook(desk, call, "schools", _own_school(desk, call))


def district_workbook(desk: Desk, call: Call[None]) -> Answered:
    """A district's list as a workbook, to take along."""
    return _workbook(desk, call, "districts", _own_district(desk, call))


def school_summary(desk: Desk, call: Call[None]) -> Answered:
    """What the meetings of a school's list settled, for the minutes."""
    return _summary(desk, call, "schools", _own_school(desk, call))


def district_summary(desk: Desk, call: Call[None]) -> Answered:
    """What the meetings of a district's list settled, for the minutes."""
    return _summary(desk, call, "districts", _own_district(desk, call))


def school_minutes(desk: Desk, call: Call[None]) -> Answered:
    """The same of a school, to take along."""
    return _minutes_file(desk, call, "schools", _own_school(desk, call))


def district_minutes(desk: Desk, call: Call[None]) -> Answered:
    """The same of a district, to take along."""
    return _minutes_file(desk, call, "districts", _own_district(desk, call))


@dataclass(frozen=True)
class Copy:
    """What is taken along of a list: the whole of it, what stands of each child's screening, and who takes it."""

    meeting: MeetingList
    stamp: Stamp
    taken: Taken
    said: Mapping[int, ScreeningRecord]
    minutes: dict[str, Any]
    name: str
    what: str
    pupils: list[int]

    def answered(self, content: bytes, media: str, kind: str, ending: str) -> Answered:
        """The file, as the access log has it before it is shown."""
        made = to_take_along(content, media, f"{self.name}-{kind}-{self.stamp.as_of}.{ending}")
        return Answered(made, f"{kind} as {ending} of {self.what}", self.pupils, release=self.stamp.release)


def _pack(desk: Desk, call: Call[None], level: str, key: str) -> Answered:
    copy = _copy(desk, call, level, key)
    return copy.answered(pack_pdf(copy.meeting, copy.stamp, copy.taken, copy.minutes), PDF, "pack", "pdf")


def _minutes_file(desk: Desk, call: Call[None], level: str, key: str) -> Answered:
    copy = replace(_copy(desk, call, level, key), pupils=_minutes(desk, call, level, key).pupils)
    return copy.answered(
        minutes_pdf(copy.meeting, copy.stamp, copy.taken, copy.minutes), PDF, "minutes", "pdf"
    )


@dataclass(frozen=True)
class Told:
    """The minutes of a list's meetings, what they say, and whom they name."""

    as_of: date
    release: str
    title: str
    minutes: Minutes
    said: dict[str, Any]

    @property
    def pupils(self) -> list[int]:
        return self.minutes.pupils


def _minutes(desk: Desk, call: Call[None], level: str, key: str) -> Told:
    prepared = prepared_for(desk, asked_day(call.query.get("as_of", "")))
    person, as_of = call.signed_in, prepared.facts.as_of
    with desk.database.reading() as session:
        meeting = meeting_named(session, person, prepared, f"{level[0]}{next(iter(call.numbers.values()))}")
        if meeting is None:
            raise Problem("not-there")
        order = order_of(meeting, desk, person, objecting(session))
        schools = [int(key)] if level == "schools" else schools_in(prepared, key)
        later = min((each for each in desk.dates if each > as_of), default=None)
        held_then = held(session, person, schools, as_of, later)
        minutes = minutes_of(held_then, order, asked_day(call.query.get("on", "")))
        named = children(session, desk, person, minutes.pupils)
    return Told(as_of, prepared.facts.release, meeting.title, minutes, minutes_data(minutes, named))


def _summary(desk: Desk, call: Call[None], level: str, key: str) -> Answered:
    told = _minutes(desk, call, level, key)
    path = f"/{level}/{next(iter(call.numbers.values()))}"
    made = page(
        desk, call, "summary.html", title=told.title, told=told.said, path=path, as_of=told.as_of.isoformat(),
        about=about_minutes(told.said["meetings"], told.as_of), days=told.minutes.days, on=told.minutes.on,
    )  # fmt: skip
    what = f"summary of the meetings of {level[:-1]} {key}, list of {told.as_of}"
    return Answered(made, what, told.pupils, release=told.release)


def _workbook(desk: Desk, call: Call[None], level: str, key: str) -> Answered:
    copy = _copy(desk, call, level, key)
    stamp = replace(copy.stamp, taken=copy.taken.line)
    said = {pupil: each.now for pupil, each in copy.said.items()}
    return copy.answered(list_workbook(copy.meeting, stamp, said), WORKBOOK, "list", "xlsx")


def _copy(desk: Desk, call: Call[None], level: str, key: str) -> Copy:
    prepared = prepared_for(desk, asked_day(call.query.get("as_of", "")))
    if key not in prepared.accounts[level]:
        raise Problem("not-there")
    person, as_of = call.signed_in, prepared.facts.as_of
    with desk.database.reading() as session:
        made = list_of(desk, prepared, level, key, objecting(session), person)
        carded = [card.person.pupil for card in made.cards]
        screened = screenings_since(session, person, carded, as_of)
    has_names = bool(desk.names) and may(person, Action.SEE_NAMES)
    taken = Taken(person.name, datetime.now(UTC))
    number = next(iter(call.numbers.values()))
    named = sorted({row.person.pupil for rows in made.states.values() for row in rows})
    return Copy(
        made, prepared.facts.stamp(has_names), taken,
        {pupil: found for pupil, held in screened.items() if (found := standing_one(held)) is not None},
        _minutes(desk, call, level, key).said, f"{level[:-1]}-{number}", f"list of {level[:-1]} {key} as of {as_of}", named,
    )  # fmt: skip


def standing_one(screenings: Sequence[ScreeningRecord]) -> ScreeningRecord | None:
    """The latest screening that was not set aside; None where there is none."""
    return next((each for each in reversed(screenings) if each.now.state != SET_ASIDE), None)


def help_of(cards: Sequence[Card]) -> list[Help]:
    """What the cards' statuses point to, each once, in the order of a card."""
    found = {each.status: each for card in cards for each in card.signposts}
    return [found[each.status] for each in SIGNPOSTS.values() if each.status in found]


@dataclass(frozen=True)
class Part:
    """A page of a list: those of its children whom the filters leave, fifty at a time.

    Attributes
    ----------
    meeting : MeetingList
        With the rows and cards of this page alone; its counts are of the whole list.
    number, num_pages, num_found, first : int
        Of this page, of pages, of children whom the filters leave, and of the first of them here, from 1.
    schools, years : list of tuple
        What can be filtered by: URN or year group, and what it is called.
    filters : dict of str to str
        What was asked for.
    """

    meeting: MeetingList
    number: int
    num_pages: int
    num_found: int
    first: int
    schools: list[tuple[str, str]]
    years: list[tuple[int, str]]
    filters: Mapping[str, str]

    @property
    def is_filtered(self) -> bool:
        return bool(self.filters)

    @property
    def is_whole(self) -> bool:
        """Whether the page also tells of those who take no place on the list."""
        return not self.is_filtered and self.number == 1

    def query_of(self, number: int) -> str:
        """The query of another page with the same filters."""
        return urlencode({**self.filters, "page": number})


def part_of(
    made: MeetingList, screened: Mapping[int, Sequence[ScreeningRecord]], query: Mapping[str, str]
) -> Part:
    """The part of a list that was asked for; a filter that leaves nobody leaves nobody, and a page too far is the last."""
    filters = {name: query[name] for name in FILTERS if query.get(name)}
    people = [card.person for card in made.cards]
    schools = sorted({(each.school, each.school) for each in people})
    years = sorted({(each.nc_year, each.year) for each in people})
    found = [
        card
        for card in made.cards
        if filters.get("school", card.person.school) == card.person.school
        and filters.get("year", str(card.person.nc_year)) == str(card.person.nc_year)
        and filters.get("state", state_of(screened.get(card.person.pupil, ())))
        == state_of(screened.get(card.person.pupil, ()))
    ]
    cards, num_pages, number = in_pages(found, query.get("page", ""))
    here = {(card.state, card.person.pupil) for card in cards}
    states = {
        state: [row for row in rows if state not in CARDED or (state, row.person.pupil) in here]
        for state, rows in made.states.items()
    }
    meeting = replace(made, states=states, cards=list(cards))
    return Part(meeting, number, num_pages, len(found), (number - 1) * A_PAGE + 1, schools, years, filters)


def state_of(screenings: Sequence[ScreeningRecord]) -> str:
    """Where a child of a list stands: not begun, or the state of the latest screening that was not set aside."""
    if (found := standing_one(screenings)) is not None:
        return found.now.state
    return SET_ASIDE if screenings else NOT_BEGUN


def meeting_day(query: Mapping[str, str], screened: Mapping[int, Sequence[ScreeningRecord]]) -> date:
    """The day that was asked for, else the next for which something of this list is prepared, else today."""
    today = date.today()
    if (asked := asked_day(read_day([query.get(name, "") for name in ON]))) is not None:
        return asked
    ahead = [each.meeting_on for held in screened.values() for each in held if each.meeting_on >= today]
    return min(ahead, default=today)


def asked_day(text: str) -> date | None:
    """A day as an address holds it; None for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


PAGES = (
    Endpoint("GET", "/", "start_page", "Sign in, or the lists you may read.", None, None, None, start, media=HTML),
    Endpoint("GET", "/index.html", "index_page", "The start again: where pages of lists point.", None, None, None, start,
             media=HTML),
    Endpoint("GET", "/schools/{urn}", "school_page", "A school's list with its cards, as a page.",
             Action.LIST, None, None, school, problems=(*FROM_PREPARED, "not-there"), scope="school", query=SHOWN, media=HTML),
    Endpoint("GET", "/districts/{number}", "district_page", "A district's list with its cards, as a page.",
             Action.LIST, None, None, district, problems=(*FROM_PREPARED, "not-there"), scope="school", query=SHOWN, media=HTML),
    Endpoint("GET", "/schools/{urn}/summary", "school_summary_page", "What the meetings of a school's list settled, for the minutes.",
             Action.READ_SCREENING, None, None, school_summary, problems=(*FROM_PREPARED, "not-there"), scope="school", query=OF_LIST,
             media=HTML),
    Endpoint("GET", "/districts/{number}/summary", "district_summary_page", "What the meetings of a district's list settled, for the minutes.",
             Action.READ_SCREENING, None, None, district_summary, problems=(*FROM_PREPARED, "not-there"), scope="school", query=OF_LIST,
             media=HTML),
    *(
        Endpoint("GET", f"{path}/{kind}", f"{of}_{kind}", f"A {of}'s list with its cards, to take along as {called}.",
                 Action.TAKE_OUT, None, None, handle, problems=(*FROM_PREPARED, "not-there"), scope="school", query=OF_LIST, media=media)
        for path, of, kind, called, media, handle in (
            ("/schools/{urn}", "school", "pack", "tagged PDF", PDF, school_pack),
            ("/schools/{urn}", "school", "workbook", "a workbook", WORKBOOK, school_workbook),
            ("/schools/{urn}", "school", "minutes", "minutes", PDF, school_minutes),
            ("/districts/{number}", "district", "minutes", "minutes", PDF, district_minutes),
            ("/districts/{number}", "district", "pack", "tagged PDF", PDF, district_pack),
            ("/districts/{number}", "district", "workbook", "a workbook", WORKBOOK, district_workbook),
        )
    ),
)  # fmt: skip
