"""Lists and explanations, composed as pages compose them; whoever objected meanwhile is counted, not named."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from models.places import NOT_ASSESSED
from serving.api.answers import NO_CARD, abstention, listing_of, seen_by, standing
from serving.changes import since
from serving.composing import CARDED, compose, everyone
from serving.desk import Desk
from serving.http.calls import Answered, Call
from serving.http.problems import Problem
from serving.meeting import Heading, MeetingList, Row
from serving.meeting import Person as Named
from serving.messages import lists as m
from serving.prepared.read import Prepared, Pupil
from serving.security.access import Action, Person, may, require_district, require_school
from serving.store.requests import objecting
from serving.wording import NEAR_THE_LINE, pseudonym, pupil_of


def meeting_list(desk: Desk, call: Call[m.ListQuestion]) -> Answered:
    """One school's or one district's list."""
    whose, person = call.body.of, call.signed_in
    prepared = desk.prepared(call.body.as_of)
    with desk.database.reading() as session:
        if isinstance(whose, m.OfSchool):
            require_school(session, person, whose.school)
            level, key = "schools", str(whose.school)
        else:
            require_district(session, person, whose.district)
            level, key = "districts", whose.district
        if key not in prepared.accounts[level]:
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
        listed=named_as(made.states["listed"]),
        could_go_either_way=named_as(made.states["could_go_either_way"]),
        already_supported=named_as(made.states["already_supported"]),
        exclusion_in_progress=named_as(made.states["exclusion_in_progress"]),
        not_assessed=named_as(made.states["not_assessed"]),
    )
    what = f"list of {level[:-1]} {key} as of {call.body.as_of}"
    return Answered(answer, what, named, release=prepared.facts.release)


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
        if entry["pupil"] in silent and state != NOT_ASSESSED
    ]
    gone = {entry["pupil"] for entry in moved}
    states = {
        state: [
            {**entry, "reason": "objection"} if entry["pupil"] in silent and state == NOT_ASSESSED else entry
            for entry in entries
            if entry["pupil"] is None or entry["pupil"] not in gone
        ]
        for state, entries in account["states"].items()
    }
    states[NOT_ASSESSED] = [*moved, *states[NOT_ASSESSED]]
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


def explain(desk: Desk, call: Call[m.ExplainQuestion]) -> Answered:
    """One child's card: dated facts first."""
    prepared, person = desk.prepared(call.body.as_of), call.signed_in
    pupil = pupil_of(call.body.pupil)
    with desk.database.reading() as session:
        seen, silent, _ = seen_by(desk, session, person, prepared, [pupil])
    found = prepared.find(pupil) if pupil in seen else None
    why_not = abstention(pupil, found, silent)
    is_carded = found is not None and not {found.school_state, found.district_state}.isdisjoint(CARDED)
    card = (
        _card(desk, prepared, found, person) if found is not None and why_not is None and is_carded else None
    )
    answer = m.Explanation(card=card, abstention=why_not, note="" if card or why_not else NO_CARD)
    what = f"as of {call.body.as_of}" + ("" if seen else "; asked about and not the caller's to see")
    return Answered(answer, what, sorted(seen), release=prepared.facts.release)


def _card(desk: Desk, prepared: Prepared, found: Pupil, person: Person) -> m.Card:
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
        changed=sections["changed"],
        going_well=sections["protective"],
        missing_or_out_of_date=sections["gaps"],
        what_moved_the_estimate=tuple(reasons.moved_sentences(found.pupil, found.nc_year)),
        signposts=tuple(
            m.Help(status=help.status, since=help.since, text=help.text, local=help.local, source=help.source)
            for help in reasons.signposts.get(found.pupil, [])
        ),
    )
