"""What is said of a fact that is wrong, and what came of it: the only place that names a field of either."""

from datetime import datetime
from typing import Annotated

from serving.http.fields import Question, Vocabulary
from serving.http.records import Asked, Day, Name, Pupil, Record, Said, Version
from serving.wording import FAMILIES

REPORTED, SENT, CORRECTED, STANDS = "reported", "sent", "corrected", "stands"
ANSWERS = Vocabulary({
    SENT: "Sent to whoever keeps the record",
    CORRECTED: "Put right where it came from",
    STANDS: "It stands as it was",
})  # fmt: skip
STATES = Vocabulary({REPORTED: "Told", **ANSWERS.titles})
ANSWERED = (CORRECTED, STANDS)


class FactWrongContent(Asked):
    """*This fact is wrong*: what it says, what is right, and who says so."""

    family: Annotated[str, Vocabulary(FAMILIES), Question("Which records")]
    fact: Annotated[Said, Question("What it says", rows=2)]
    what_is_right: Annotated[Said, Question("What is right", rows=2)]
    told_by: Annotated[Name, Question("Who says so", "As: the child, mother, class teacher.")]


class FactWrong(FactWrongContent):
    """*This fact is wrong*, and of whom it is told."""

    pupil: Pupil


class CardOf(Asked):
    """Whose card, of the list of which day."""

    pupil: Pupil
    as_of: Day


def line_chosen(line: str) -> dict[str, str]:
    """The fields that a chosen line of a card fills in: its family of records and its sentence; none where no line was chosen."""
    family, _, sentence = line.partition(" ")
    return {"family": family, "fact": sentence} if sentence else {}


class FactAnswer(Asked):
    """The next step: sent to the data's owner, corrected at the source, or it stands and why."""

    version: Version
    state: Annotated[str, ANSWERS, Question("What came of it")]
    words: Annotated[Said, Question("In words", rows=2)]


class StepRecord(Record):
    """One step on the way of a record."""

    version: int
    state: Annotated[str, STATES]
    words: str
    author: str
    at: datetime

    @property
    def standing(self) -> str:
        """Its state in words."""
        return STATES.titles[self.state]


class FactWrongHead(Record):
    """Which fact, of whom."""

    wrong_fact: int
    pupil: Pupil
    school: int


class FactWrongRecord(FactWrongContent, FactWrongHead):
    """A fact said to be wrong, and what came of it, oldest step first."""

    made_by: str
    made_at: datetime
    steps: tuple[StepRecord, ...]

    @property
    def state(self) -> str:
        return self.steps[-1].state

    @property
    def standing(self) -> str:
        """Its state in words."""
        return self.steps[-1].standing

    @property
    def version(self) -> int:
        return self.steps[-1].version


class FactsWrong(Record):
    """Those not answered yet, oldest first."""

    wrong_facts: tuple[FactWrongRecord, ...]
