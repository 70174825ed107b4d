"""What those who govern the service ask and read: rights, sign-in, the release's audit and card."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from serving.messages.meeting import Version
from serving.messages.records import Asked, Day, PupilCode, Record, Said

RightKind = Literal["export", "object", "rectify", "erase", "complain"]


class RightAsked(Asked):
    """What a family or child asks under data protection law. An objection pauses scoring at once."""

    pupil: PupilCode
    kind: RightKind
    words: Said
    received_on: Day | None = None


class RightAnswered(Asked):
    """What the controller answered."""

    version: Version
    granted: bool
    words: Said


class RightRecord(Record):
    """A rights request as it stands; `pupil` is null once the pupil was erased."""

    request: int
    kind: RightKind
    pupil: PupilCode | None
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

    pupil: PupilCode


class Holding(Record):
    """Everything held on one pupil: every record, list, estimate, explanation and viewer; `schools` names the URNs in it."""

    about: dict[str, Any]
    schools: dict[str, str]
    service: dict[str, Any]
    viewers: list[Any]
    lists: list[Any]
    files: list[Any]


class OneTime(Asked):
    """A one-time token, as the first start or the administrator hands it over."""

    one_time: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9_-]+$")]


class SignedIn(Record):
    """A token to send as Authorization: Bearer. It is shown once."""

    token: str
    name: str
    role: str


class Audit(Record):
    """The live release's fairness audit, as facts that may be published."""

    release: str
    made_up: str
    facts: dict[str, Any]


class ReleaseCard(Record):
    """The live release's model card."""

    release: str
    made_up: str
    markdown: str


class Between(Asked):
    """Screenings held from one day to another, both included."""

    since: Day
    until: Day


class GroupFigures(Record):
    """Counts and shares of one group as they may leave; null is suppressed, never nought."""

    screened_listed: int | None
    new_to_meeting: int | None
    listed_no_action: int | None
    screened_unlisted: int | None
    unlisted_helped: int | None
    share_new_to_meeting: float | None
    share_listed_no_action: float | None
    share_unlisted_helped: float | None


class Figures(Record):
    """What managers see: how many listed children were new to the meeting, and how often it saw it otherwise."""

    rule: str
    groups: dict[str, GroupFigures] = Field(description="All, and each phase.")


class Running(Record):
    """What is running."""

    service: str
    release: str
    model: str
    demonstration: bool
    prepared: tuple[date, ...]


class Health(Record):
    """Whether the service runs, and what each part of it says."""

    status: Literal["live", "ready"]
    checks: dict[str, str]


class Document(BaseModel):
    """An OpenAPI 3.1 document."""

    model_config = ConfigDict(extra="allow")

    openapi: str
