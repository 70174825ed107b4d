"""Steps of a record that goes from hand to hand: each is appended, none is changed."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from serving.database.tables import Step
from serving.errors import Stale
from serving.security.access import Person

REFERRAL, WRONG_FACT, RIGHTS_REQUEST = "referral", "wrong_fact", "rights_request"


@dataclass(frozen=True)
class Taken:
    """One step: the state it led to, words, who and when."""

    version: int
    state: str
    words: str
    author: str
    at: datetime


def take_step(
    session: Session, person: Person, kind: str, record: int, version: int, state: str, words: str = ""
) -> None:
    """Append the step that follows `version`; 0 for the first.

    Raises
    ------
    Stale
        Somebody else's step came first.
    """
    query = select(func.coalesce(func.max(Step.version), 0)).where(Step.kind == kind, Step.record == record)
    now = session.scalar(query)
    if now != version:
        raise Stale(now or 0)
    step = Step(
        kind=kind,
        record=record,
        version=version + 1,
        state=state,
        words=words,
        author=person.name,
        at=datetime.now(UTC),
    )
    try:
        with session.begin_nested():
            session.add(step)
    except IntegrityError:
        raise Stale(version + 1) from None


def steps_of(session: Session, kind: str, records: list[int]) -> dict[int, tuple[Taken, ...]]:
    """The steps of some records, oldest first."""
    rows = session.scalars(
        select(Step).where(Step.kind == kind, Step.record.in_(records)).order_by(Step.record, Step.version)
    )
    found: dict[int, list[Taken]] = {record: [] for record in records}
    for row in rows:
        found[row.record].append(Taken(row.version, row.state, row.words, row.author, row.at))
    return {record: tuple(taken) for record, taken in found.items()}
