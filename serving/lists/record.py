"""Estimates, lists and cards: asked for by date and pseudonym, told without a number of any child's own."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from serving.http.records import (
    MOST_PUPILS,
    Asked,
    AsOf,
    ListingState,
    Name,
    PupilCode,
    Record,
    Standing,
    Urn,
)


class EstimateQuestion(AsOf):
    """Whose estimates; one row a pupil."""

    pupils: Annotated[
        list[PupilCode], Field(min_length=1, max_length=MOST_PUPILS, json_schema_extra={"uniqueItems": True})
    ]

    @model_validator(mode="after")
    def are_distinct(self) -> "EstimateQuestion":
        if len(set(self.pupils)) != len(self.pupils):
            raise ValueError("each pupil once")
        return self


class OfSchool(Asked):
    """A school's meeting."""

    school: Urn


class OfDistrict(Asked):
    """A district's meeting."""

    district: Name


class ListQuestion(AsOf):
    """Whose list: a school's or a district's."""

    of: OfSchool | OfDistrict


class ExplainQuestion(AsOf):
    """Whose card."""

    pupil: PupilCode


class Share(Record):
    """About how many people of a hundred, with the 95 % range, rounded outwards."""

    of: int
    about: int
    low: int
    high: int


class Frequency(Record):
    """What was seen of children with such records on the test dates, said both ways; a band that many share."""

    children: int | None = Field(
        description="How many there were, rounded; null where too few were seen to say."
    )
    with_outcome: int | None
    without_outcome: int | None
    share: Share | None
    words: str = Field(description="Never empty: where it cannot be told it says so.")


class Range(Record):
    """How far the frequency could be another, had the model learned from other schools."""

    of: int
    low: int
    high: int
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
    frequency: Frequency | None = Field(description="null until the meeting opens it.")
    range: Range | None = Field(description="null as well where nothing tells a range.")
    frequency_note: str = Field(description="Why no frequency is given, or what it is; never empty.")


class NotAssessed(Record):
    """A pupil of whom nothing is estimated: an answer, not an error. It says nothing about need."""

    pupil: PupilCode
    reason: Literal[
        "not_found",
        "objection",
        "year_group_unknown",
        "alternative_provision",
        "year_11_after_easter",
        "registers_stopped",
        "other",
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
    frequencies: tuple[str, ...] = Field(
        description="What came after past lists, of the list as a whole, both ways."
    )
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
    each_suspension: tuple[CardLine, ...]
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
