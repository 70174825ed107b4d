"""*This fact is wrong*: from a card to the data's owner, and back with an answer."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from serving.access import Person

REPORTED, SENT, CORRECTED, STANDS = "reported", "sent", "corrected", "stands"


@dataclass(frozen=True)
class Answer:
    """One step on a wrong fact's way: state, words, who and when."""

    version: int
    state: str
    words: str
    author: str
    at: datetime


@dataclass(frozen=True)
class WrongFactRecord:
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
    steps: tuple[Answer, ...]

    @property
    def state(self) -> str:
        return self.steps[-1].state

    @property
    def version(self) -> int:
        return self.steps[-1].version


def say_wrong(
    session: Session, person: Person, pupil: int, family: str, fact: str, what_is_right: str, told_by: str
) -> WrongFactRecord:
    """Tell the data's owner that a fact on a card is wrong.

    Parameters
    ----------
    family : str
        Family of records that the fact came from, of `serving.wording.FAMILIES`; says whose the data is.
    told_by : str
        Who says so, in words: "the child", "mother", "class teacher".
    """
    raise NotImplementedError


def answer(
    session: Session, person: Person, wrong_fact: int, version: int, state: str, words: str
) -> WrongFactRecord:
    """The next step: sent to the data's owner, corrected at the source, or it stands and why.

    Raises
    ------
    NotThere
    Stale
    RecordsRefused
    """
    raise NotImplementedError


def wrong_facts(
    session: Session, person: Person, pupil: int | None = None, is_open: bool = True
) -> list[WrongFactRecord]:
    """The person's wrong facts, of one pupil or of all, oldest first; `is_open` leaves out those answered."""
    raise NotImplementedError
