"""Lists, estimates and cards as a person may see them: what the routes and the pages call.

Composed as the printed pages are; whoever objected since a list was prepared is counted, not named.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy.orm import Session

from models.places import NOT_ASSESSED as IS_NOT_ASSESSED
from serving.changes import since
from serving.composing import CARDED, compose, everyone
from serving.desk import Desk
from serving.errors import NotThere
from serving.http.problems import KINDS, Problem
from serving.lists import record as m
from serving.meeting import Heading, MeetingList, Row
from serving.meeting import Person as Named
from serving.numbers import is_told
from serving.prepared.bands import NO_BAND, NOT_SEEN, WHOLE, range_words, seen_words, whole
from serving.prepared.facts import PreparedFacts
from serving.prepared.read import Prepared, Pupil
from serving.rights.service import objecting
from serving.screening.record import PROMPTS, Prompted
from serving.screening.service import frequency_opened
from serving.screening.service import open_frequency as note_opening
from serving.security.access import Action, Person, Role, may, require_district, require_school, visible
from serving.strip import Strip
from serving.wording import NEAR_THE_LINE, NOT_ASSESSED, NOT_LISTED, STATES, pseudonym

NOT_FOUND = "No such pupil on a roll that you may see at this date."
OBJECTION = "No estimate is made of this pupil. Ask those who know them."
NOT_ON_A_LIST = (
    "A frequency is given only for a child on a list or close to one. This says nothing about need."
)
VIEW_FIRST = "Shown once the meeting has recorded what it considered and its own view, and opens it."
PSEUDONYMS_ONLY = "Shown to the meeting alone."
OPENED = (
    "A few bands are shared by many children. It tells of other children in the past, and not of this child."
)
NO_CARD = "A card is made for a child on a list or close to one. Anyone can raise any child; no card is needed for that."


def seen_by(
    desk: Desk, session: Session, person: Person, prepared: Prepared, asked: Iterable[int]
) -> tuple[set[int], set[int], set[int]]:
    """Who of those asked about may be seen, who has an objection in force, whose frequency was opened."""
    seen = visible(session, person, asked)
    today = desk.settings.today(prepared.facts.authority.authority.extracted_on)
    silent = objecting(session, seen, date.today(), today)
    opened = (
        frequency_opened(session, seen, prepared.facts.as_of) if may(person, Action.OPEN_FREQUENCY) else set()
    )
    return seen, silent, opened


def abstention(pupil: int, found: Pupil | None, silent: set[int]) -> m.NotAssessed | None:
    """Why nothing is estimated of a pupil; None where something is."""
    code = pseudonym(pupil)
    if found is None:
        return m.NotAssessed(pupil=code, reason="not_found", words=NOT_FOUND)
    if pupil in silent or found.reason == "objection":
        return m.NotAssessed(pupil=code, reason="objection", words=OBJECTION)
    if found.reason:
        return m.NotAssessed.model_validate(
            {"pupil": code, "reason": found.reason, "words": NOT_ASSESSED[found.reason]}
        )
    return None


def estimate_of(prepared: Prepared, found: Pupil, is_opened: bool, person: Person) -> m.Estimate:
    """What may be told of one pupil's estimate; its frequency only where the meeting opened it."""
    is_carded = not {found.school_state, found.district_state}.isdisjoint(CARDED)
    may_be_told = is_carded and is_opened
    note = (
        NOT_ON_A_LIST if not is_carded else PSEUDONYMS_ONLY if person.role == Role.DATA_SCIENTIST
        else OPENED if is_opened else VIEW_FIRST
    )  # fmt: skip
    return m.Estimate(
        **standing(prepared),
        pupil=pseudonym(found.pupil),
        at_school=listing_of(found.school_state, found.is_near_school_line),
        in_district=listing_of(found.district_state, found.is_near_district_line),
        frequency=_frequency(prepared.facts, found) if may_be_told else None,
        range=_range(prepared.facts, found) if may_be_told else None,
        frequency_note=note,
    )


def _frequency(facts: PreparedFacts, found: Pupil) -> m.Frequency:
    if facts.seen_bands is None:
        return m.Frequency(children=None, with_outcome=None, without_outcome=None, share=None, words=NOT_SEEN)
    band = facts.seen_bands.bands[found.band]
    words = seen_words(band, facts.outcome, facts.window_days)
    if not is_told(band):
        return m.Frequency(children=None, with_outcome=None, without_outcome=None, share=None, words=words)
    assert band.num_children is not None and band.num_with_outcome is not None
    about, low, high = whole(band)
    return m.Frequency(
        children=band.num_children,
        with_outcome=band.num_with_outcome,
        without_outcome=band.num_children - band.num_with_outcome,
        share=m.Share(of=WHOLE, about=about, low=low, high=high),
        words=words,
    )


def _range(facts: PreparedFacts, found: Pupil) -> m.Range | None:
    if facts.seen_bands is None or NO_BAND in (found.lowest_band, found.highest_band):
        return None
    lowest, highest = (facts.seen_bands.bands[each] for each in (found.lowest_band, found.highest_band))
    if not (words := range_words(lowest, highest)):
        return None
    return m.Range(of=WHOLE, low=whole(lowest)[0], high=whole(highest)[0], words=words)


def listing_of(state: str, is_near: bool) -> m.Listing:
    title, words = STATES.get(state, NOT_LISTED)
    said = f"{title}. {words}"
    return m.Listing.model_validate({"state": state, "words": said, "near_the_line": bool(is_near)})


def standing(prepared: Prepared) -> dict[str, Any]:
    """What every answer about a child or a list carries."""
    facts = prepared.facts
    return {
        "as_of": facts.as_of,
        "records_until": facts.authority.authority.extracted_on,
        "expires_on": facts.expires_on,
        "release": facts.release,
        "made_up": facts.stamp(False).banner,
    }


def newest(desk: Desk) -> Prepared:
    """The newest prepared date; Problem where none may be shown."""
    if not desk.dates:
        raise Problem("not-prepared", "No date is prepared.")
    return desk.prepared(desk.dates[-1])


def why_not(problem: Problem) -> str:
    """A problem in a sentence or two, for a page that is shown all the same."""
    return f"{problem.detail or KINDS[problem.kind].title + '.'} {KINDS[problem.kind].what_to_do}"


@dataclass(frozen=True)
class Meeting:
    """Whose list a child stands on, as far as a person may read it.

    Attributes
    ----------
    of : str
        How forms and addresses name it: s and the school's URN, or d and the district's number.
    level, key : str
        As the accounts of a prepared date name it.
    """

    prepared: Prepared
    of: str
    level: str
    key: str

    @property
    def as_of(self) -> date:
        return self.prepared.facts.as_of

    @property
    def path(self) -> str:
        """Of its page."""
        return f"/{self.level}/{self.of[1:]}"

    @property
    def title(self) -> str:
        return _heading(self.prepared, self.level, self.key).title


def meeting_named(session: Session, person: Person, prepared: Prepared, of: str) -> Meeting | None:
    """The list that a form or an address names; None where there is none, or the person may not read it."""
    if not of[1:].isdigit() or not of.isascii() or len(of) > 10:
        return None
    number = int(of[1:])
    try:
        if of[0] == "s" and str(number) in prepared.accounts["schools"]:
            require_school(session, person, number)
            return Meeting(prepared, f"s{number}", "schools", str(number))
        names = list(prepared.accounts["districts"])
        if of[0] == "d" and 0 < number <= len(names):
            require_district(session, person, names[number - 1])
            return Meeting(prepared, f"d{number}", "districts", names[number - 1])
    except NotThere:
        return None
    return None


def meeting_of(
    session: Session, person: Person, prepared: Prepared, pupil: int, of: str = ""
) -> Meeting | None:
    """The list that a child's screening belongs to: the one named, else the school's, else the district's.

    None where the person may read no list on which the child stands.
    """
    found = prepared.find(pupil)
    if (named := meeting_named(session, person, prepared, of)) is not None or found is None:
        return named
    names = list(prepared.accounts["districts"])
    places = [f"s{found.urn}"] if found.school_state in CARDED else []
    places += [f"d{names.index(found.district) + 1}"] if found.district in names else []
    mine = (meeting_named(session, person, prepared, each) for each in places)
    return next((each for each in mine if each is not None), None)


def order_of(meeting: Meeting, desk: Desk, person: Person, silent: set[int]) -> list[int]:
    """The children of a list whom its meeting talks about, in its order."""
    prepared = meeting.prepared
    states = without(prepared.accounts[meeting.level][meeting.key], silent)["states"]
    matrix = prepared.frames["matrix"]
    found: list[int] = []
    for state in CARDED:
        pupils = [entry["pupil"] for entry in states[state]]
        named = people_of(desk, prepared, matrix[matrix["pupil"].isin(pupils)], person)
        found += [each.pupil for each in sorted(named.values(), key=lambda each: each.order)]
    return found


def prompted_by(desk: Desk, pupil: int, as_of: date | None, referral: int | None) -> Prompted:
    """What brought a child before the meeting: without a list, or where it cannot be asked, none did."""
    if as_of is None:
        return Prompted(referral=referral)
    prepared = desk.prepared(as_of)
    found = prepared.find(pupil)
    states = {found.school_state, found.district_state} if found else {"not_listed"}
    prompt = next(state for state in PROMPTS.titles if state in states)
    return Prompted(prompt=prompt, list_as_of=as_of, release=prepared.facts.release, referral=referral)


def open_frequency(desk: Desk, person: Person, pupil: int, as_of: date) -> m.Estimate:
    """Open the frequency of one child, once the meeting's own view stands recorded.

    Raises
    ------
    Problem
        No list of that date may be shown, or nothing is estimated of this child.
    NotThere
    ViewFirst
    """
    prepared = desk.prepared(as_of)
    with desk.database.reading() as session:
        seen, silent, _ = seen_by(desk, session, person, prepared, [pupil])
    found = prepared.find(pupil) if pupil in seen else None
    if found is None or abstention(pupil, found, silent) is not None:
        raise Problem("not-there")
    with desk.database.writing() as session:
        note_opening(session, person, pupil, as_of)
    return estimate_of(prepared, found, True, person)


def schools_in(prepared: Prepared, district: str) -> list[int]:
    """The schools of a district, by URN."""
    schools = prepared.schools
    return [int(urn) for urn in schools.index[schools["district"] == district]]


def list_of(
    desk: Desk, prepared: Prepared, level: str, key: str, silent: set[int], person: Person
) -> MeetingList:
    """One list, composed as pages compose it; who objected since it was prepared is counted and not named.

    Parameters
    ----------
    level, key : str
        `schools` and a URN as text, or `districts` and a name.
    silent : set of int
        Pupils with an objection in force.
    """
    account = without(prepared.accounts[level][key], silent)
    matrix = prepared.frames["matrix"]
    rows = prepared.rolls[level].get(int(key) if level == "schools" else key)
    roll = matrix.iloc[rows if rows is not None else []]
    before = (prepared.previous or {}).get(level, {}).get(key)
    changed = since(account, before, set(roll["pupil"].tolist()))
    named = {entry["pupil"] for entries in account["states"].values() for entry in entries}
    people = people_of(desk, prepared, roll[roll["pupil"].isin(named)], person)
    return compose(
        _heading(prepared, level, key), account, people, prepared.reasons, changed, prepared.facts.warnings
    )


def without(account: dict[str, Any], silent: set[int]) -> dict[str, Any]:
    """An account in which those who object now stand as not assessed, so that it still adds up."""
    moved = [
        {"pupil": entry["pupil"], "urn": entry["urn"], "reason": "objection"}
        for state, entries in account["states"].items()
        for entry in entries
        if entry["pupil"] in silent and state != IS_NOT_ASSESSED
    ]
    gone = {entry["pupil"] for entry in moved}
    states = {
        state: [
            {**entry, "reason": "objection"}
            if entry["pupil"] in silent and state == IS_NOT_ASSESSED
            else entry
            for entry in entries
            if entry["pupil"] is None or entry["pupil"] not in gone
        ]
        for state, entries in account["states"].items()
    }
    states[IS_NOT_ASSESSED] = [*moved, *states[IS_NOT_ASSESSED]]
    return {**account, "states": states}


def people_of(desk: Desk, prepared: Prepared, people: pd.DataFrame, person: Person) -> dict[int, Named]:
    """How pupils are named: by name for whoever may see names, else by pseudonym."""
    names = None
    if desk.names and may(person, Action.SEE_NAMES):
        held = [(pupil, *desk.names[pupil]) for pupil in people["pupil"].tolist() if pupil in desk.names]
        names = pd.DataFrame(held, columns=["pupil", "upn", "forename", "surname"])
    return everyone(people, names, prepared.school_names)


def _heading(prepared: Prepared, level: str, key: str) -> Heading:
    if level == "districts":
        return Heading(key, f"{key} district", "", "", "", True)
    name, phase, district = (str(said) for said in prepared.schools.loc[int(key)].to_numpy())
    return Heading(key, name, district, f"{district} district, URN {key}", phase, False)


def named_as(rows: Sequence[Row]) -> tuple[m.Listed, ...]:
    """Pupils as a list names them, in the order given."""
    return tuple(
        m.Listed(
            pupil=pseudonym(row.person.pupil),
            name=name_of(row.person),
            year=row.person.year,
            school=row.person.school,
            near_the_line=row.note == NEAR_THE_LINE,
            note=row.note,
            since_last_list=row.since,
        )
        for row in rows
    )


def name_of(person: Named) -> str:
    """A pupil's name; empty where only the pseudonym may be seen."""
    return person.name if person.surname or person.forename else ""


def card_record(desk: Desk, prepared: Prepared, found: Pupil, person: Person) -> m.Card:
    matrix = prepared.frames["matrix"]
    named = people_of(desk, prepared, matrix[matrix["pupil"] == found.pupil], person)[found.pupil]
    reasons = prepared.reasons
    sections = {
        title: tuple(
            m.CardLine(family=line.family, sentence=line.sentence, dated=line.dated) for line in lines
        )
        for title, lines in reasons.sections(found.pupil).items()
    }
    return m.Card(
        **standing(prepared),
        pupil=pseudonym(found.pupil),
        name=name_of(named),
        year=named.year,
        school=named.school,
        at_school=listing_of(found.school_state, found.is_near_school_line),
        in_district=listing_of(found.district_state, found.is_near_district_line),
        facts=sections["facts"],
        each_suspension=sections["each"],
        changed=sections["changed"],
        going_well=sections["protective"],
        missing_or_out_of_date=sections["gaps"],
        what_moved_the_estimate=tuple(reasons.moved_sentences(found.pupil, found.nc_year)),
        signposts=tuple(
            m.Help(status=help.status, since=help.since, text=help.text, local=help.local, source=help.source)
            for help in reasons.signposts.get(found.pupil, [])
        ),
    )


@dataclass(frozen=True)
class Card:
    """What the records say of a child on a list, or why there is no card."""

    why_not: str = ""
    as_of: date | None = None
    release: str = ""
    sections: dict[str, Any] = field(default_factory=dict)
    moved: list[str] = field(default_factory=list)
    signposts: list[Any] = field(default_factory=list)
    standing: str = ""
    estimate: m.Estimate | None = None
    strip: Strip | None = None


def prepared_for(desk: Desk, as_of: date | None) -> Prepared:
    """The date of a list, or the newest; Problem where neither may be shown."""
    return desk.prepared(as_of) if as_of is not None else newest(desk)


def card_of(session: Session, desk: Desk, person: Person, pupil: int, as_of: date | None) -> Card:
    """A child's card at the date of a list; its frequency only where the meeting opened it."""
    try:
        prepared = prepared_for(desk, as_of)
    except Problem as problem:
        return Card(why_not(problem))
    seen, silent, opened = seen_by(desk, session, person, prepared, [pupil])
    found = prepared.find(pupil) if pupil in seen else None
    if (no_estimate := abstention(pupil, found, silent)) is not None or found is None:
        return Card(no_estimate.words if no_estimate else "")
    if {found.school_state, found.district_state}.isdisjoint(CARDED):
        return Card(NO_CARD)
    reasons = prepared.reasons
    state, is_near = (
        (found.school_state, found.is_near_school_line)
        if found.school_state in CARDED
        else (found.district_state, found.is_near_district_line)
    )
    return Card(
        "",
        prepared.facts.as_of,
        prepared.facts.release,
        dict(reasons.sections(pupil)),
        reasons.moved_sentences(pupil, found.nc_year),
        list(reasons.signposts.get(pupil, [])),
        listing_of(state, is_near).words,
        estimate_of(prepared, found, pupil in opened, person),
        reasons.strips.get(pupil),
    )
