"""Caseloads by status, how a child is named on a page, and finding one: from records, never from an estimate."""

import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TypeVarTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from features.errors import IdentitiesRefused
from features.status import STATUSES
from serving.caseloads.record import CaseloadAnswer
from serving.database.tables import Placement, PupilStatus, School
from serving.desk import Desk
from serving.errors import NotThere, RecordsRefused
from serving.http.problems import Problem
from serving.lists.record import Listed
from serving.lists.service import name_of, newest, people_of, standing
from serving.prepared.profile import NEEDS
from serving.rights.identity import UPN, find_pupil
from serving.rights.service import objecting
from serving.security.access import MOST_AT_ONCE, Action, Person, in_scope, may, require
from serving.signposts import SIGNPOSTS
from serving.wording import pseudonym, year_group

Columns = TypeVarTuple("Columns")
MOST_FOUND = 20
FEWEST_LETTERS = 2
LONGEST_ASKED = 120  # each word is looked for in each name


@dataclass(frozen=True)
class CaseloadPupil:
    """A pupil of a status caseload, and nothing that was estimated."""

    pupil: int
    urn: int
    nc_year: int
    since: date | None


def caseload(session: Session, person: Person, status: str) -> list[CaseloadPupil]:
    """The person's pupils with a status, in order of pseudonym.

    A status that the person holds as a caseload gives its pupils in every school; any other, those of the
    person's own schools.

    Raises
    ------
    NotThere
        The person's role holds no caseloads, or there is no such status.
    """
    require(person, Action.READ_CASELOAD)
    if status not in {each.name for each in STATUSES}:
        raise NotThere
    asked = select(Placement.pupil, Placement.urn, Placement.nc_year, PupilStatus.since)
    rows = session.execute(
        _on_caseloads(asked, person).where(PupilStatus.status == status).order_by(Placement.pupil)
    )
    return [CaseloadPupil(*row) for row in rows]


def caseload_counts(desk: Desk, person: Person) -> dict[str, int]:
    """How many pupils stand on each of the person's caseloads, as `caseload_answer` would name them; Problem where it cannot."""
    require(person, Action.READ_CASELOAD)
    prepared = newest(desk)
    with desk.database.reading() as session:
        asked = select(PupilStatus.status, Placement.pupil)
        rows = session.execute(_on_caseloads(asked, person)).all()
        silent = objecting(session, {pupil for _, pupil in rows})
    matrix = prepared.frames["matrix"]
    there = set(matrix["pupil"][matrix["not_assessed_reason"] != "objection"].tolist()) - silent
    found = Counter(status for status, pupil in rows if pupil in there)
    return {status: found[status] for status in NEEDS}


def _on_caseloads(asked: Select[*Columns], person: Person) -> Select[*Columns]:
    """A query of placements, with the statuses of those on a roll whom the person may see."""
    return asked.join(PupilStatus, PupilStatus.pupil == Placement.pupil).where(
        Placement.is_on_roll, in_scope(person, Placement.pupil)
    )


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
    order : tuple of str
        What the order of name compares.
    """

    pupil: int
    name: str
    code: str
    upn: str = ""
    year: str = ""
    school: str = ""
    order: tuple[str, ...] = ()


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
        order = (plain(surname), plain(forename), code)
        found[pupil] = Child(pupil, name, code, upn, *placed.get(pupil, ("", "")), order=order)
    return found


def caseload_answer(desk: Desk, person: Person, status: str, as_of: date) -> tuple[CaseloadAnswer, list[int]]:
    """The person's pupils with a status as a list names them, in order of name, and who they are; Problem where it cannot be shown."""
    prepared = desk.prepared(as_of)
    if status not in NEEDS:
        raise Problem("not-there")
    with desk.database.reading() as session:
        found = {each.pupil: each for each in caseload(session, person, status)}
        silent = objecting(session, found)
    matrix = prepared.frames["matrix"]
    shown = matrix[matrix["pupil"].isin(set(found) - silent) & (matrix["not_assessed_reason"] != "objection")]
    named = people_of(desk, prepared, shown, person)
    rows = sorted(named.values(), key=lambda each: each.order)
    signpost = SIGNPOSTS[status]
    answer = CaseloadAnswer(
        **standing(prepared), status=status, title=signpost.status, text=signpost.text,
        pupils=tuple(
            Listed(
                pupil=pseudonym(each.pupil), name=name_of(each), year=each.year,
                school=each.school, near_the_line=False, note="", since_last_list="",
            )
            for each in rows
        ),
    )  # fmt: skip
    return answer, sorted(named)


def found_by(desk: Desk, session: Session, person: Person, asked: str) -> tuple[list[int], int, str]:
    """Children of the person's scope whose name holds what was asked, or whose UPN or code it is.

    Returns
    -------
    list of int
        At most `MOST_FOUND`, in order of name.
    int
        How many there are in all.
    str
        The code of a UPN that no roll here may know, so that such a child can be raised too; empty for anything else.
    """
    wanted = matching(desk, asked)
    seen: list[int] = []
    for start in range(0, len(wanted), MOST_AT_ONCE):
        some = Placement.pupil.in_(wanted[start : start + MOST_AT_ONCE])
        mine = in_scope(person, Placement.pupil)
        seen += session.scalars(select(Placement.pupil).where(some, Placement.is_on_roll, mine))
    in_order = sorted(seen, key=lambda pupil: (*reversed(desk.names.get(pupil, ("", "", ""))[1:]), pupil))
    return in_order[:MOST_FOUND], len(seen), "" if seen else of_nobody_known(desk, asked)


def matching(desk: Desk, asked: str) -> list[int]:
    """Everyone whose name holds every word typed, or whose UPN or code it is; nobody yet asked whether they may be seen."""
    try:
        return [find_pupil(asked, desk.identities).pupil]
    except (RecordsRefused, IdentitiesRefused):
        words = set(plain(asked).split()) if len(asked) <= LONGEST_ASKED else set()
    if not words or max(map(len, words)) < FEWEST_LETTERS:
        return []
    return [
        pupil
        for pupil, (_, forename, surname) in desk.names.items()
        if all(word in plain(f"{forename} {surname}") for word in words)
    ]


def plain(text: str) -> str:
    """Text without accents and case."""
    if text.isascii():
        return text.casefold()
    letters = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).casefold()


def of_nobody_known(desk: Desk, asked: str) -> str:
    """The code of a UPN that no roll here may know: such a child can be raised too. Empty for anything else."""
    if desk.identities is None or not UPN.fullmatch(asked.upper()):
        return ""
    return pseudonym(find_pupil(asked, desk.identities).pupil)
