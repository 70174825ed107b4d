"""What families ask under data protection law, and what was answered: the only place that names a field of either."""

from datetime import date, datetime
from typing import Annotated, Any

from serving.http.fields import Question, Vocabulary
from serving.http.records import Asked, Day, Pupil, Record, Said, Text, Version

KINDS = Vocabulary({
    "export": "A copy of everything held",
    "object": "An objection: no estimate while it is decided",
    "rectify": "A fact put right",
    "erase": "Erasure",
    "complain": "A complaint",
})  # fmt: skip
COMPLAINT = "complain"
RECEIVED, ACKNOWLEDGED, GRANTED, DECLINED, ERASED = (
    "received",
    "acknowledged",
    "granted",
    "declined",
    "erased",
)
WAITING, ENDED = (RECEIVED, ACKNOWLEDGED), (GRANTED, DECLINED, ERASED)


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


class Acknowledged(Asked):
    """That a complaint was acknowledged to whoever made it."""

    version: Version


class ErasureCarriedOut(Asked):
    """Whom a second person erases, as they name the child themselves."""

    asked: Annotated[
        Text,
        Question(
            "UPN or code of the child",
            "As the family's letter or the school names the child. Type it: it is not shown here, so that two people know whom.",
        ),
    ] = ""
    is_meant: Annotated[
        bool | None, Question("I have read the reason, and nothing brings these records back")
    ] = None


class LogRowsGo(Asked):
    """That the oldest rows of the access log go: proposed by one person, carried out by another, both with the same rows named."""

    clock_was_wrong: Annotated[
        Text,
        Question(
            "Rows at which a clock was wrong",
            "Their numbers, one on a line, and only where you found out why. The plan names those that it needs.",
            rows=2,
        ),
    ] = ""


class ErasureProof(Record):
    """What an erasure did and where it was searched for afterwards; nothing in it tells whom.

    Attributes
    ----------
    rows_deleted : dict of str to int
        By table.
    files_changed : dict of str to int
        Rows taken out by file; 0 where a whole page or workbook was taken away.
    num_backups : int
        Backups that it was carried out in.
    still_held_in, still_held_in_tables : tuple of str
        Empty: the proof.
    """

    request: int
    made_at: datetime
    rows_deleted: dict[str, int]
    files_changed: dict[str, int]
    num_backups: int
    num_files_searched: int
    num_bytes_searched: int
    still_held_in: tuple[str, ...]
    still_held_in_tables: tuple[str, ...]
    not_reached: tuple[str, ...]


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
    answered_by: str = ""


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
