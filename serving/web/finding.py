"""Find a child on no list, and caseloads by status: from records, never from an estimate."""

import unicodedata
from dataclasses import replace
from datetime import date

from sqlalchemy import select

from features.errors import IdentitiesRefused
from serving.api import governing
from serving.desk import Desk
from serving.http.calls import Answered, Call
from serving.http.forms import typed
from serving.http.problems import Problem
from serving.messages.needs import CaseloadAnswer, CaseloadQuestion
from serving.prepared.profile import NEEDS
from serving.rights.identity import UPN, find_pupil
from serving.security.access import MOST_AT_ONCE, in_scope, schools_of
from serving.signposts import SIGNPOSTS
from serving.store import screenings
from serving.store.errors import RecordsRefused
from serving.store.tables import Placement
from serving.web import forms
from serving.web.child import children
from serving.web.showing import asking, newest, page
from serving.web.words import MORE_FOUND, NOBODY_FOUND
from serving.wording import pseudonym

MOST_FOUND = 20
FEWEST_LETTERS = 2
LONGEST_ASKED = 120  # each word is looked for in each name


def find(desk: Desk, call: Call[forms.AskedForm]) -> Answered:
    """Children of the caller's scope whose name holds what was typed, or whose UPN or code it is."""
    desk.look_again()
    asked, person = call.body.asked.strip(), call.signed_in
    wanted = matching(desk, asked)
    with desk.database.reading() as session:
        seen: list[int] = []
        for start in range(0, len(wanted), MOST_AT_ONCE):
            some = Placement.pupil.in_(wanted[start : start + MOST_AT_ONCE])
            mine = in_scope(person, Placement.pupil)
            seen += session.scalars(select(Placement.pupil).where(some, Placement.is_on_roll, mine))
        shown = sorted(seen, key=lambda pupil: (*reversed(desk.names.get(pupil, ("", "", ""))[1:]), pupil))[
            :MOST_FOUND
        ]
        found = children(session, desk, person, shown)
        before = {pupil: screenings.screenings_of(session, person, pupil) for pupil in shown}
        schools = [(each.urn, each.name) for each in schools_of(session, person)]
    unknown = "" if seen else of_nobody_known(desk, asked)
    said = (
        NOBODY_FOUND
        if not seen
        else MORE_FOUND.format(count=len(seen) - len(shown))
        if len(seen) > len(shown)
        else ""
    )
    made = page(
        desk, call, "children.html", found=[found[pupil] for pupil in shown], before=before, said=said, unknown=unknown,
        schools=schools, form=typed(call.body), today=date.today().isoformat(),
    )  # fmt: skip
    return Answered(made, f"{len(shown)} found by name or code", shown)


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


def caseloads(desk: Desk, call: Call[None]) -> Answered:
    """The statuses by which there are caseloads."""
    statuses = [(place, SIGNPOSTS[name].status) for place, name in enumerate(NEEDS, 1)]
    return Answered(page(desk, call, "caseloads.html", statuses=statuses), "statuses of caseloads")


def caseload(desk: Desk, call: Call[None]) -> Answered:
    """Pupils with one status; statuses are numbered as `caseloads` shows them."""
    place = call.numbers["status"]
    if place > len(NEEDS):
        raise Problem("not-there")
    question = CaseloadQuestion(as_of=newest(desk).facts.as_of, status=NEEDS[place - 1])
    told = governing.caseload(desk, asking(call, question))
    assert isinstance(told.record, CaseloadAnswer)
    made = page(desk, call, "caseload.html", told=told.record, today=date.today().isoformat())
    return replace(told, record=made)
