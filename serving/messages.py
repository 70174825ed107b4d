"""What goes into the service and what comes out: small records, checked whole.

No record has a field that could hold a decision about a child made by a computer: what a meeting decided
is written by people, in a screening, and nothing computes it. A test reads the whole OpenAPI document to
hold this. A pupil is named by the pseudonym of the lists; names are joined only for whoever may see them.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from models.places import STATES
from serving.wording import NOT_FOR

MOST_PUPILS = 100  # of one request
# No control characters, no marks that turn the direction of text, nothing that is no character; not blank.
_PLAIN = r"[^\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F\u061C\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\uFFFE\uFFFF]"
TEXT_PATTERN = rf"^{_PLAIN}*$"
PUPIL_PATTERN = r"^[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}$"

PupilCode = Annotated[str, StringConstraints(pattern=PUPIL_PATTERN, min_length=19, max_length=19)]
Urn = Annotated[int, Field(ge=100_000, le=999_999)]
Name = Annotated[str, StringConstraints(pattern=TEXT_PATTERN, min_length=1, max_length=120)]
Text = Annotated[str, StringConstraints(pattern=TEXT_PATTERN, max_length=4_000)]
Said = Annotated[str, StringConstraints(pattern=TEXT_PATTERN, min_length=1, max_length=4_000)]
ListingState = Literal["listed", "could_go_either_way", "already_supported", "exclusion_in_progress", "not_assessed", "not_listed"]
assert set(STATES) == set(ListingState.__args__)  # type: ignore[attr-defined]

PURPOSE: Literal["A prompt for a human screening."] = "A prompt for a human screening."
NO_DECISION: Literal["This is not a decision, and may not be used as one. People screen, and people decide."] = (
    "This is not a decision, and may not be used as one. People screen, and people decide."
)


class Record(BaseModel):
    """A record that takes nothing it does not know; errors never quote what was sent."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, strict=True)


class Asked(Record):
    """A record that comes in as JSON."""


class AsOf(Asked):
    """A prepared date."""

    as_of: Annotated[date, Field(strict=False, description="A prepared date, YYYY-MM-DD.")]


class EstimateQuestion(AsOf):
    """Whose estimates; one row a pupil."""

    pupils: Annotated[list[PupilCode], Field(min_length=1, max_length=MOST_PUPILS, json_schema_extra={"uniqueItems": True})]

    @model_validator(mode="after")
    def are_distinct(self) -> "EstimateQuestion":
        if len(set(self.pupils)) != len(self.pupils):
            raise ValueError("each pupil once")
        return self


class ListQuestion(AsOf):
    """Whose list: a school's or a district's."""

    level: Literal["school", "district"]
    school: Urn | None = None
    district: Name | None = None


class ExplainQuestion(AsOf):
    """Whose card."""

    pupil: PupilCode


class CaseloadQuestion(AsOf):
    """Which status, of whoever the caller may see."""

    status: Annotated[str, StringConstraints(pattern=r"^[a-z_0-9]+$", max_length=40)]


class DistrictQuestion(AsOf):
    """Whose picture of need."""

    district: Name


class Standing(Record):
    """What every answer that tells of a child or a list carries."""

    purpose: Literal["A prompt for a human screening."] = PURPOSE
    is_not_a_decision: Literal["This is not a decision, and may not be used as one. People screen, and people decide."] = NO_DECISION
    not_to_be_used_for: tuple[str, ...] = NOT_FOR
    what_it_tells: Literal["What schools did in the past; not what a child did or will do."] = (
        "What schools did in the past; not what a child did or will do."
    )
    as_of: date
    records_until: date
    expires_on: date
    release: str
    made_up: str = Field(description="Says so where records or model are made up; empty where neither is.")


class Share(Record):
    """From how many to how many people of a hundred."""

    of: int
    low: int
    high: int


class Frequency(Record):
    """How often children with such records had the outcome, said both ways; a band that many share."""

    with_outcome: Share
    without_outcome: Share
    words: str


class Range(Record):
    """How far the frequency could be another, had the model learned from other schools."""

    with_outcome: Share
    without_outcome: Share
    words: str


class Listing(Record):
    """Where a pupil stands on one list."""

    state: ListingState
    words: str
    near_the_line: bool


class Estimate(Standing):
    """What may be told of one pupil's estimate. Never a number of the pupil's own, never a place in a line."""

    pupil: PupilCode
    at_school: Listing
    in_district: Listing
    frequency: Frequency | None
    range: Range | None
    frequency_note: str = Field(description="Why no frequency is given, or what it is; never empty.")


class NotAssessed(Record):
    """A pupil of whom nothing is estimated: an answer, not an error. It says nothing about need."""

    pupil: PupilCode
    reason: Literal[
        "not_found", "objection", "year_group_unknown", "alternative_provision", "year_11_after_easter", "registers_stopped", "other"
    ]
    words: str


class Estimates(Record):
    """requested = estimated + not assessed."""

    requested: int
    estimated: int
    not_assessed: int
    estimates: tuple[Estimate, ...]
    abstentions: tuple[NotAssessed, ...]


class Listed(Record):
    """A pupil as a list names one; in order of name, without rank or number."""

    pupil: PupilCode
    name: str = Field(description="Empty for whoever sees pseudonyms only.")
    year: str
    school: str
    near_the_line: bool
    note: str
    since_last_list: str


class Counts(Record):
    """How many stand where; the states and `not_listed` add up to `on_roll`."""

    listed: int
    could_go_either_way: int
    already_supported: int
    exclusion_in_progress: int
    not_assessed: int
    not_listed: int
    on_roll: int


class MeetingListAnswer(Standing):
    """One meeting's list."""

    title: str
    places: int
    listed: tuple[Listed, ...]
    could_go_either_way: tuple[Listed, ...]
    already_supported: tuple[Listed, ...]
    exclusion_in_progress: tuple[Listed, ...]
    not_assessed: tuple[Listed, ...]
    counts: Counts
    frequencies: tuple[str, ...] = Field(description="What came after past lists, of the list as a whole, both ways.")
    notes: tuple[str, ...]
    left_since_last_list: tuple[str, ...]


class CardLine(Record):
    """One dated fact."""

    family: str
    sentence: str
    dated: str


class Help(Record):
    """Which people could help, from a status and never from an estimate."""

    status: str
    since: str
    text: str
    local: str
    source: str


class Card(Standing):
    """What the meeting has before it about one child."""

    pupil: PupilCode
    name: str
    year: str
    school: str
    at_school: Listing
    in_district: Listing
    facts: tuple[CardLine, ...]
    changed: tuple[CardLine, ...]
    going_well: tuple[CardLine, ...]
    missing_or_out_of_date: tuple[CardLine, ...]
    what_moved_the_estimate: tuple[str, ...]
    signposts: tuple[Help, ...]


class Explanation(Record):
    """A card, or why there is none: exactly one of the two."""

    card: Card | None
    abstention: NotAssessed | None
    note: str


class CaseloadAnswer(Standing):
    """Pupils with one status whom the caller may see; from records, never from an estimate."""

    status: str
    title: str
    text: str
    pupils: tuple[Listed, ...]


class Need(Record):
    """One need of one phase, as it may leave; null is suppressed, never nought."""

    need: str
    title: str
    pupils: int | None
    without_support: int | None
    rate: float | None


class PhaseProfile(Record):
    """One phase of a district."""

    phase: str
    on_roll: int | None
    needs: tuple[Need, ...]


class DistrictProfile(Standing):
    """A district's picture of need; no child in it can be told."""

    district: str
    rule: str
    phases: tuple[PhaseProfile, ...]


class Version(Record):
    """What is running."""

    service: str
    release: str
    model: str
    demonstration: bool
    prepared: tuple[date, ...]


class Health(Record):
    """Whether the service runs, and what each part of it says."""

    status: Literal["live", "ready", "not_ready"]
    checks: dict[str, str]
