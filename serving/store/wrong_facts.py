"""*This fact is wrong*: from a card to the data's owner, and back with an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from serving.security.access import Action, Person, in_scope, kept_number, require, require_pupil
from serving.store.caseloads import school_of
from serving.store.errors import NotThere, RecordsRefused
from serving.store.said import too_long
from serving.store.steps import WRONG_FACT, Taken, steps_of, take_step
from serving.store.tables import WrongFact
from serving.wording import FAMILIES

REPORTED, SENT, CORRECTED, STANDS = "reported", "sent", "corrected", "stands"
ANSWERS = (SENT, CORRECTED, STANDS)
ANSWERED = (CORRECTED, STANDS)


@dataclass(frozen=True)
class FactSaidWrong:
    """A fact that somebody says is wrong, with what came of it, oldest step first."""

    id: int
    pupil: int
    urn: int
    family: str
    fact: str
    what_is_right: str
    told_by: str
    made_by: str
    made_at: datetime
    steps: tuple[Taken, ...]

    @property
    def state(self) -> str:
        return self.steps[-1].state

    @property
    def version(self) -> int:
        return self.steps[-1].version


def say_wrong(
    session: Session, person: Person, pupil: int, family: str, fact: str, what_is_right: str, told_by: str
) -> FactSaidWrong:
    """Tell the data's owner that a fact on a card is wrong.

    Parameters
    ----------
    family : str
        Family of records that the fact came from, of `serving.wording.FAMILIES`; says whose the data is.
    told_by : str
        Who says so, in words: "the child", "mother", "class teacher".

    Raises
    ------
    NotThere
    RecordsRefused
    """
    require(person, Action.SAY_FACT_WRONG)
    require_pupil(session, person, pupil)
    return enter_wrong_fact(
        session, person, pupil, school_of(session, pupil), family, fact, what_is_right, told_by
    )


def enter_wrong_fact(
    session: Session,
    person: Person,
    pupil: int,
    urn: int,
    family: str,
    fact: str,
    what_is_right: str,
    told_by: str,
) -> FactSaidWrong:
    """Enter one whoever says it; the caller has asked whether the person may."""
    breaches = too_long(fact=fact, what_is_right=what_is_right, told_by=told_by)
    if family not in FAMILIES:
        breaches.append(f"family is not known. Allowed values are {', '.join(FAMILIES)}.")
    if not (fact.strip() and told_by.strip()):
        breaches.append("Say which fact is wrong, and who says so.")
    if breaches:
        raise RecordsRefused(*breaches)
    row = WrongFact(
        pupil=pupil, urn=urn, family=family, fact=fact, what_is_right=what_is_right, told_by=told_by,
        made_by=person.name, made_at=datetime.now(UTC),
    )  # fmt: skip
    session.add(row)
    session.flush()
    take_step(session, person, WRONG_FACT, row.id, 0, REPORTED)
    return with_steps(session, [row])[0]


def answer(
    session: Session, person: Person, wrong_fact: int, version: int, state: str, words: str
) -> FactSaidWrong:
    """The next step: sent to the data's owner, corrected at the source, or it stands and why.

    Raises
    ------
    NotThere
    Stale
    RecordsRefused
    """
    require(person, Action.ANSWER_WRONG_FACT)
    row = session.scalar(_mine(person).where(WrongFact.id == kept_number(wrong_fact)))
    if row is None:
        raise NotThere
    if state not in ANSWERS or not words.strip():
        raise RecordsRefused(f"An answer needs words and a state. Allowed values are {', '.join(ANSWERS)}.")
    take_step(session, person, WRONG_FACT, wrong_fact, version, state, words)
    return with_steps(session, [row])[0]


def wrong_facts(
    session: Session, person: Person, pupil: int | None = None, is_open: bool = True
) -> list[FactSaidWrong]:
    """The person's wrong facts, of one pupil or of all, oldest first; `is_open` leaves out those answered."""
    require(person, Action.READ_WRONG_FACT)
    query = _mine(person).order_by(WrongFact.id)
    if pupil is not None:
        query = query.where(WrongFact.pupil == kept_number(pupil))
    found = with_steps(session, list(session.scalars(query)))
    return [each for each in found if not (is_open and each.state in ANSWERED)]


def with_steps(session: Session, rows: Sequence[WrongFact]) -> list[FactSaidWrong]:
    """Stored rows as records, each with its steps."""
    steps = steps_of(session, WRONG_FACT, [row.id for row in rows])
    return [
        FactSaidWrong(
            row.id, row.pupil, row.urn, row.family, row.fact, row.what_is_right, row.told_by, row.made_by, row.made_at,
            steps[row.id],
        )
        for row in rows
    ]  # fmt: skip


def _mine(person: Person) -> Select[WrongFact]:
    return select(WrongFact).where(in_scope(person, WrongFact.pupil, WrongFact.urn))
