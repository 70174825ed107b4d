"""Estimates, lists and explanations, from a prepared date; and where a pupil is abstained on, why."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy.orm import Session

from models.places import NOT_ASSESSED as STATE_NOT_ASSESSED
from serving import messages as m
from serving.access import Action, Person, Role, may, require_district, require_school, visible
from serving.api.calls import Answered, Call
from serving.api.desk import Desk
from serving.api.problems import Breach, Problem
from serving.changes import since
from serving.composing import CARDED, Heading, MeetingList, Person as Named, Row, compose, everyone
from serving.prepared.bands import BANDS, WHOLE, Band, spanning
from serving.prepared.read import Prepared, Pupil
from serving.store.requests import objecting
from serving.store.screenings import frequency_opened
from serving.wording import NEAR_THE_LINE, NOT_ASSESSED, NOT_LISTED, STATES, pseudonym

NOT_FOUND = "No such pupil on a roll that you may see at this date."
OBJECTION = "No estimate is made of this pupil. Ask those who know them."
NOT_ON_A_LIST = "A frequency is given only for a child on a list or close to one. This says nothing about need."
VIEW_FIRST = "Shown once the meeting has recorded what it considered and its own view, and opens it."
PSEUDONYMS_ONLY = "Shown to the meeting alone."
OPENED = "A few bands are shared by many children. It is of past records, not of this child."
NO_CARD = "A card is made for a child on a list or close to one. Anyone can raise any child; no card is needed for that."


def pupil_of(code: str) -> int:
    """A pupil from the pseudonym that lists show."""
    number = int(code.replace("-", ""), 16)
    return number - 2**64 if number >= 2**63 else number


def estimates(desk: Desk, call: Call[m.EstimateQuestion]) -> Answered:
    """Estimates of some pupils; those of whom none is made are told apart with the reason."""
    prepared, person = desk.prepared(call.body.as_of), call.signed_in
    asked = [pupil_of(code) for code in call.body.pupils]
    with desk.database.reading() as session:
        seen, silent, opened = _seen(desk, session, person, prepared, asked)
    made: list[m.Estimate] = []
    abstained: list[m.NotAssessed] = []
    for pupil in asked:
        found = prepared.find(pupil) if pupil in seen else None
        why_not = abstention(pupil, found, silent)
        if why_not is not None:
            abstained.append(why_not)
        elif found is not None:
            made.append(_estimate(prepared, found, pupil in opened, person))
    answer = m.Estimates(
        requested=len(asked), estimated=len(made), not_assessed=len(abstained), estimates=tuple(made), abstentions=tuple(abstained)
    )
    return Answered(answer, f"as of {call.body.as_of}", sorted(seen), release=prepared.facts.release)


def _seen(
    desk: Desk, session: Session, person: Person, prepared: Prepared, asked: Iterable[int]
) -> tuple[set[int], set[int], set[int]]:
    """Who of those asked about may be seen, who has an objection in force, whose frequency was opened."""
    seen = visible(session, person, asked)
    today = desk.settings.today(prepared.facts.authority.authority.extracted_on)
    silent = objecting(session, seen) | objecting(session, seen, today)
    opened = frequency_opened(session, seen, prepared.facts.as_of) if may(person, Action.OPEN_FREQUENCY) else set()
    return seen, silent, opened


def abstention(pupil: int, found: Pupil | None, silent: set[int]) -> m.NotAssessed | None:
    """Why nothing is estimated of a pupil; None where something is."""
    code = pseudonym(pupil)
    if found is None:
        return m.NotAssessed(pupil=code, reason="not_found", words=NOT_FOUND)
    if pupil in silent or found.reason == "objection":
        return m.NotAssessed(pupil=code, reason="objection", words=OBJECTION)
    if found.reason:
        return m.NotAssessed.model_validate({"pupil": code, "reason": found.reason, "words": NOT_ASSESSED[found.reason]})
    return None


def _estimate(prepared: Prepared, found: Pupil, is_opened: bool, person: Person) -> m.Estimate:
    is_carded = not {found.school_state, found.district_state}.isdisjoint(CARDED)
    is_told = is_carded and is_opened
    facts = prepared.facts
    note = (
        NOT_ON_A_LIST if not is_carded else PSEUDONYMS_ONLY if person.role == Role.DATA_SCIENTIST
        else OPENED if is_opened else VIEW_FIRST
    )  # fmt: skip
    return m.Estimate(
        **standing(prepared),
        pupil=pseudonym(found.pupil),
        at_school=_listing(found.school_state, found.is_near_school_line),
        in_district=_listing(found.district_state, found.is_near_district_line),
        frequency=_frequency(BANDS[found.band], facts.outcome, facts.window_days) if is_told else None,
        range=_range(spanning(found.lowest_band, found.highest_band)) if is_told else None,
        frequency_note=note,
    )


def frequency(desk: Desk, call: Call[m.ExplainQuestion]) -> Answered:
    """Open the frequency of one child, once the meeting's own view stands recorded."""
    from serving.store.screenings import open_frequency

    prepared, person = desk.prepared(call.body.as_of), call.signed_in
    pupil = pupil_of(call.body.pupil)
    with desk.database.reading() as session:
        seen, silent, _ = _seen(desk, session, person, prepared, [pupil])
    found = prepared.find(pupil) if pupil in seen else None
    if found is None or abstention(pupil, found, silent) is not None:
        raise Problem("not-there")
    with desk.database.writing() as session:
        open_frequency(session, person, pupil)
    return Answered(_estimate(prepared, found, True, person), f"as of {call.body.as_of}", [pupil], release=prepared.facts.release)


def _share(low: int, high: int) -> m.Share:
    return m.Share(of=WHOLE, low=low, high=high)


def _frequency(band: Band, outcome: str, window_days: int) -> m.Frequency:
    return m.Frequency(
        with_outcome=_share(band.low, band.high), without_outcome=_share(WHOLE - band.high, WHOLE - band.low),
        words=band.words(outcome, window_days),
    )  # fmt: skip


def _range(band: Band) -> m.Range:
    return m.Range(
        with_outcome=_share(band.low, band.high), without_outcome=_share(WHOLE - band.high, WHOLE - band.low), words=band.range_words()
    )


def _listing(state: str, is_near: bool) -> m.Listing:
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


def meeting_list(desk: Desk, call: Call[m.ListQuestion]) -> Answered:
    """One school's or one district's list."""
    asked, person = call.body, call.signed_in
    prepared = desk.prepared(asked.as_of)
    with desk.database.reading() as session:
        if asked.level == "school" and asked.school is not None and asked.district is None:
            require_school(session, person, asked.school)
            key = str(asked.school)
        elif asked.level == "district" and asked.district is not None and asked.school is None:
            require_district(session, person, asked.district)
            key = asked.district
        else:
            expected = "the level's own field, and not the other: school for a school, district for a district"
            raise Problem("not-as-described", "One breach.", [Breach(where="school, district", expected=expected)])
        level = f"{asked.level}s"
        account = prepared.accounts[level].get(key)
        if account is None:
            raise Problem("not-there")
        silent = objecting(session)
    made = list_of(desk, prepared, level, key, silent, person)
    named = sorted({row.person.pupil for rows in made.states.values() for row in rows})
    answer = m.MeetingListAnswer(
        **standing(prepared),
        title=made.heading.title,
        places=made.places,
        counts=m.Counts(**made.counts),
        frequencies=tuple(prepared.facts.stamp(False).frequencies(made.heading.phase)),
        notes=tuple(made.notes),
        left_since_last_list=tuple(made.left),
        **{state: tuple(_listed(row) for row in rows) for state, rows in made.states.items()},
    )
    return Answered(answer, f"{asked.level} {key} as of {asked.as_of}", named, release=prepared.facts.release)


def list_of(desk: Desk, prepared: Prepared, level: str, key: str, silent: set[int], person: Person) -> MeetingList:
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
    rows = prepared.rolls[level].get(int(key) if level == "schools" else key, [])
    roll = matrix.iloc[rows]
    before = (prepared.previous or {}).get(level, {}).get(key)
    changed = since(account, before, set(roll["pupil"].tolist()))
    named = {entry["pupil"] for entries in account["states"].values() for entry in entries}
    people = people_of(desk, prepared, roll[roll["pupil"].isin(named)], person)
    return compose(_heading(prepared, level, key), account, people, prepared.reasons, changed, prepared.facts.warnings)


def without(account: dict[str, Any], silent: set[int]) -> dict[str, Any]:
    """An account in which those who object now stand as not assessed, so that it still adds up."""
    moved = [
        {"pupil": entry["pupil"], "urn": entry["urn"], "reason": "objection"}
        for state, entries in account["states"].items()
        for entry in entries
        if entry["pupil"] in silent and state != STATE_NOT_ASSESSED
    ]
    gone = {entry["pupil"] for entry in moved}
    states = {
        state: [
            {**entry, "reason": "objection"} if entry["pupil"] in silent and state == STATE_NOT_ASSESSED else entry
            for entry in entries
            if entry["pupil"] is None or entry["pupil"] not in gone
        ]
        for state, entries in account["states"].items()
    }
    states[STATE_NOT_ASSESSED] = [*moved, *states[STATE_NOT_ASSESSED]]
    return {**account, "states": states}


def people_of(desk: Desk, prepared: Prepared, people: pd.DataFrame, person: Person) -> dict[int, Named]:
    """How pupils are named: by name for whoever may see names, else by pseudonym."""
    names = None
    if desk.names and may(person, Action.SEE_NAMES):
        held = [(pupil, *desk.names[pupil]) for pupil in people["pupil"].tolist() if pupil in desk.names]
        names = pd.DataFrame(held, columns=["pupil", "upn", "forename", "surname"])
    return everyone(people, names, prepared.schools["name"].to_dict())


def _heading(prepared: Prepared, level: str, key: str) -> Heading:
    if level == "districts":
        return Heading(key, f"{key} district", "", "", "", True)
    school = prepared.schools.loc[int(key)]
    return Heading(key, school["name"], school["district"], f"{school['district']} district, URN {key}", school["phase"], False)


def _listed(row: Row) -> m.Listed:
    return m.Listed(
        pupil=pseudonym(row.person.pupil),
        name=row.person.name if row.person.surname or row.person.forename else "",
        year=row.person.year,
        school=row.person.school,
        near_the_line=row.note == NEAR_THE_LINE,
        note=row.note,
        since_last_list=row.since,
    )


def explain(desk: Desk, call: Call[m.ExplainQuestion]) -> Answered:
    """One child's card: dated facts first."""
    prepared, person = desk.prepared(call.body.as_of), call.signed_in
    pupil = pupil_of(call.body.pupil)
    with desk.database.reading() as session:
        seen, silent, _ = _seen(desk, session, person, prepared, [pupil])
    found = prepared.find(pupil) if pupil in seen else None
    why_not = abstention(pupil, found, silent)
    is_carded = found is not None and not {found.school_state, found.district_state}.isdisjoint(CARDED)
    card = _card(desk, prepared, found, person) if found is not None and why_not is None and is_carded else None
    answer = m.Explanation(card=card, abstention=why_not, note="" if card or why_not else NO_CARD)
    return Answered(answer, f"as of {call.body.as_of}", sorted(seen), release=prepared.facts.release)


def _card(desk: Desk, prepared: Prepared, found: Pupil, person: Person) -> m.Card:
    matrix = prepared.frames["matrix"]
    named = people_of(desk, prepared, matrix[matrix["pupil"] == found.pupil], person)[found.pupil]
    reasons = prepared.reasons
    sections = {
        title: tuple(m.CardLine(family=line.family, sentence=line.sentence, dated=line.dated) for line in lines)
        for title, lines in reasons.sections(found.pupil).items()
    }
    return m.Card(
        **standing(prepared),
        pupil=pseudonym(found.pupil),
        name=named.name if named.surname or named.forename else "",
        year=named.year,
        school=named.school,
        at_school=_listing(found.school_state, found.is_near_school_line),
        in_district=_listing(found.district_state, found.is_near_district_line),
        facts=sections["facts"],
        changed=sections["changed"],
        going_well=sections["protective"],
        missing_or_out_of_date=sections["gaps"],
        what_moved_the_estimate=tuple(reasons.moved_sentences(found.pupil, found.nc_year)),
        signposts=tuple(
            m.Help(status=help.status, since=help.since, text=help.text, local=help.local, source=help.source)
            for help in reasons.signposts.get(found.pupil, [])
        ),
    )


def latest(dates: list[date]) -> date | None:
    """The newest of some dates; None of none."""
    return dates[-1] if dates else None
