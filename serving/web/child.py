"""One child as the meeting's pages show one: how they are named, their card, and what stands recorded."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from serving.api.answers import NO_CARD, abstention, estimate_of, listing_of, seen_by
from serving.composing import CARDED
from serving.desk import Desk
from serving.http.problems import Problem
from serving.messages.lists import Estimate
from serving.prepared.read import Prepared
from serving.security.access import Action, Person, may
from serving.store.tables import Placement, School
from serving.web.showing import newest, why_not
from serving.wording import pseudonym, year_group


@dataclass(frozen=True)
class Child:
    """How a page names a child.

    Attributes
    ----------
    name : str
        Forename first; the pseudonym where names are not held or may not be seen.
    code : str
        The pseudonym, which forms send.
    upn : str
        Empty where names are not held.
    """

    pupil: int
    name: str
    code: str
    upn: str = ""
    year: str = ""
    school: str = ""


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
    estimate: Estimate | None = None


def children(session: Session, desk: Desk, person: Person, pupils: list[int]) -> dict[int, Child]:
    """Some pupils of the person's scope, as pages name them."""
    rows = session.execute(
        select(Placement.pupil, Placement.nc_year, School.name)
        .outerjoin(School, School.urn == Placement.urn)
        .where(Placement.pupil.in_(pupils))
    )
    placed = {pupil: (year_group(nc_year), name or "") for pupil, nc_year, name in rows}
    found = {}
    for pupil in pupils:
        code = pseudonym(pupil)
        upn, forename, surname = (
            desk.names.get(pupil, ("", "", "")) if may(person, Action.SEE_NAMES) else ("", "", "")
        )
        name = f"{forename} {surname}".strip() or f"Pupil {code}"
        found[pupil] = Child(pupil, name, code, upn, *placed.get(pupil, ("", "")))
    return found


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
    )
