"""What families ask under data protection law, and what was answered: the only place that names a field of either."""

from datetime import date
from typing import Annotated, Any

from serving.http.fields import Question, Vocabulary
from serving.http.records import Asked, Day, Pupil, Record, Said, Version

KINDS = Vocabulary({
    "export": "A copy of everything held",
    "object": "An objection: no estimate while it is decided",
    "rectify": "A fact put right",
    "erase": "Erasure",
    "complain": "A complaint",
})  # fmt: skip
RECEIVED, GRANTED, DECLINED = "received", "granted", "declined"


class RightAsked(Asked):
    """What a family or child asks under data protection law. An objection pauses scoring at once."""

    pupil: Pupil
    kind: Annotated[str, KINDS, Question("What is asked")]
    words: Annotated[Said, Question("In words", "Never about another pupil.", rows=3)]
    received_on: Annotated[Day | None, Question("Received on", "Today where it is left empty.")] = None


class RightAnswered(Asked):
    """What the controller answered."""

    version: Version
    granted: Annotated[bool, Question("Granted")]
    words: Annotated[Said, Question("Why", rows=3)]


class RightRecord(Record):
    """A rights request as it stands; `pupil` is null once the pupil was erased."""

    request: int
    kind: Annotated[str, KINDS]
    pupil: Pupil | None
    received_on: date
    due_on: date
    words: str
    state: str
    version: int


class Rights(Record):
    """Those not answered yet, the one due first first."""

    requests: tuple[RightRecord, ...]


class RightOf(Asked):
    """Whose."""

    pupil: Pupil


class Holding(Record):
    """Everything held on one pupil: every record, list, estimate, explanation and viewer; `schools` names the URNs in it."""

    about: dict[str, Any]
    schools: dict[str, str]
    service: dict[str, Any]
    viewers: list[Any]
    lists: list[Any]
    files: list[Any]
