"""*This fact is wrong*: from a card to the data's owner, and back with an answer.

Functions that write are called in a `Database.writing()` block.
"""

from datetime import UTC, datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from serving.corrections.record import ANSWERED, ANSWERS, REPORTED, FactWrongContent, FactWrongRecord
from serving.corrections.store import wrong_facts_of
from serving.database.steps import WRONG_FACT, take_step
from serving.database.tables import WrongFact
from serving.errors import Breach, NotThere, RecordsRefused
from serving.security.access import Action, Person, in_scope, kept_number, require, require_pupil
from serving.security.rolls import school_of


def say_wrong(session: Session, person: Person, pupil: int, content: FactWrongContent) -> FactWrongRecord:
    """Tell the data's owner that a fact on a card is wrong.

    Raises
    ------
    NotThere
    RecordsRefused
    """
    require(person, Action.SAY_FACT_WRONG)
    require_pupil(session, person, pupil)
    return enter_wrong_fact(session, person, pupil, school_of(session, pupil), content)


def enter_wrong_fact(
    session: Session, person: Person, pupil: int, urn: int, content: FactWrongContent
) -> FactWrongRecord:
    """Enter one whoever says it; the caller has asked whether the person may."""
    if breaches := [
        Breach(name, "missing", "Say this.")
        for name in ("fact", "told_by")
        if not getattr(content, name).strip()
    ]:
        raise RecordsRefused(*breaches)
    row = WrongFact(
        pupil=pupil,
        urn=urn,
        content=content.model_dump(mode="json", include=set(FactWrongContent.model_fields)),
        made_by=person.name,
        made_at=datetime.now(UTC),
    )
    session.add(row)
    session.flush()
    take_step(session, person, WRONG_FACT, row.id, 0, REPORTED)
    return wrong_facts_of(session, [row])[0]


def answer(
    session: Session, person: Person, wrong_fact: int, version: int, state: str, words: str
) -> FactWrongRecord:
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
    breaches = []
    if state not in ANSWERS.titles:
        breaches.append(Breach("state", "literal_error", f"Allowed values are {', '.join(ANSWERS.titles)}."))
    if not words.strip():
        breaches.append(Breach("words", "missing", "Say what came of it."))
    if breaches:
        raise RecordsRefused(*breaches)
    take_step(session, person, WRONG_FACT, wrong_fact, version, state, words)
    return wrong_facts_of(session, [row])[0]


def wrong_facts(
    session: Session, person: Person, pupil: int | None = None, is_open: bool = True
) -> list[FactWrongRecord]:
    """The person's wrong facts, of one pupil or of all, oldest first; `is_open` leaves out those answered."""
    require(person, Action.READ_WRONG_FACT)
    query = _mine(person).order_by(WrongFact.id)
    if pupil is not None:
        query = query.where(WrongFact.pupil == kept_number(pupil))
    found = wrong_facts_of(session, list(session.scalars(query)))
    return [each for each in found if not (is_open and each.state in ANSWERED)]


def _mine(person: Person) -> Select[WrongFact]:
    return select(WrongFact).where(in_scope(person, WrongFact.pupil, WrongFact.urn))
