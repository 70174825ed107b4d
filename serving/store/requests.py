"""What families ask under data protection law: a copy, an objection, a correction, erasure; and objections in force."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from serving.access import Person

KINDS = ("export", "object", "rectify", "erase", "complain")


@dataclass(frozen=True)
class Request:
    """A rights request as it stands; `pupil` is None once the pupil was erased."""

    id: int
    kind: str
    pupil: int | None
    received_on: date
    due_on: date
    words: str
    state: str
    version: int


def ask(
    session: Session, person: Person, kind: str, pupil: int, words: str, received_on: date | None = None
) -> Request:
    """Enter a request; an objection pauses scoring from this moment.

    Raises
    ------
    NotThere
        The person's role does not use rights.
    RecordsRefused
    """
    raise NotImplementedError


def answer_request(
    session: Session, person: Person, request: int, version: int, granted: bool, words: str
) -> Request:
    """What the controller answered. An objection that is granted stays in force; one that is not ends today.

    Raises
    ------
    NotThere
    Stale
    RecordsRefused
    """
    raise NotImplementedError


def requests(session: Session, person: Person, is_open: bool = True) -> list[Request]:
    """Rights requests, the one due first first; `is_open` leaves out those answered."""
    raise NotImplementedError


def objecting(session: Session, pupils: Iterable[int] | None = None, on: date | None = None) -> set[int]:
    """Which pupils (of some, or of all) have an objection in force on a day; None is today.

    The service shows no estimate, list entry or explanation of these, whatever was prepared before: they are
    `not_assessed` with the reason `objection`.
    """
    raise NotImplementedError
