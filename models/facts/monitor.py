"""A look at a model in use as a record: `monitor.json`. No row of it is about a pupil."""

from typing import Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from models.facts.breaks import BreakFact, SanctionsOfSchool
from models.facts.evidence import Interval
from models.facts.fact import (
    CANNOT_TELL,
    Count,
    Day,
    Fact,
    Figure,
    Hash,
    Number,
    Outcome,
    Status,
    Text,
    WindowDays,
)

Beside = Literal["within", "outside", "cannot_tell"]
NO_LIMIT: JsonDict = {
    "if": {"properties": {"status": {"const": CANNOT_TELL}}},
    "then": {"properties": {"reason": {"minLength": 1}}},
    "else": {
        "properties": {
            **{name: {"type": "number"} for name in ("now", "low", "high")},
            "reason": {"const": ""},
        }
    },
}


class Check(Fact):
    """A figure of the day beside the same figure at the same point of earlier years, newest first.

    It is outside only where it lies beyond every one of them by more than chance and more than ordinary
    years differ by.
    """

    model_config = ConfigDict(json_schema_extra=NO_LIMIT)

    status: Beside
    now: Number | None
    of: Count = Field(description="Pupils, marks or places it is a share of.")
    earlier: list[Number]
    low: Number | None
    high: Number | None
    reason: str

    @model_validator(mode="after")
    def has_limits_or_a_reason(self) -> Self:
        if self.status == CANNOT_TELL:
            if not self.reason:
                raise ValueError("it cannot be told, and does not say why")
        elif None in (self.now, self.low, self.high) or self.reason:
            raise ValueError("it was judged, and has no figure, no limit, or a reason why it was not")
        return self


class FeatureName(Fact):
    kind: Literal["missing", "not_zero", "distance"]
    name: str
    family: str


class FeatureCheck(Check, FeatureName):
    """A feature: how often it is missing, how often not 0, and how far its values lie from earlier years' (0 to 1)."""


class CodeName(Fact):
    kind: Literal["attendance", "reason", "sen_provision", "sen_need"]
    name: str
    urn: int | None = Field(description="null: over the authority.")


class CodeCheck(Check, CodeName):
    """A code of attendance, of suspensions' reasons or of SEN, over the authority or at a school."""


class EstimateName(Fact):
    kind: Literal["distance"]
    name: Literal["estimate"]


class EstimateCheck(Check, EstimateName):
    mean: Number | None
    earlier_means: list[Number | None]


class ListName(Fact):
    kind: Literal["places_used", "listed"]
    name: str


class ListCheck(Check, ListName):
    pass


class NotAssessedName(Fact):
    kind: Literal["not_assessed"]
    name: str


class NotAssessedCheck(Check, NotAssessedName):
    pass


class ShareName(Fact):
    kind: str | None = None
    name: str | None = None


class ShareCheck(Check, ShareName):
    """The share of the listed who are new; without its name where no list is before it."""


class GroupName(Fact):
    kind: Literal["not_assessed", "listed"]
    attribute: str
    name: str
    label: str


class GroupCheck(Check, GroupName):
    pass


class Watched(Fact):
    name: str
    hash: Hash
    outcome: Outcome
    window_days: WindowDays
    expires_on: Day
    last_trained_on: Day


class Alarm(Fact):
    part: Literal[
        "model", "features", "coding", "freshness", "estimates", "lists", "not_assessed", "churn", "groups", "performance", "label",
    ]  # fmt: skip
    sentence: Text


class Freshness(Fact):
    urn: int
    num_pupils: Count
    last_day: Day | None = Field(description="Of the newest mark known; null where none is.")
    days_behind: Count | None = Field(description="School days; null where no mark is known.")
    status: Beside
    num_suspensions: Count
    expected_suspensions: Number | None = Field(
        ge=0, description="Mean of earlier years; null where there is none."
    )
    suspensions_status: Beside


class Churn(Fact):
    num_listed: Count
    num_new: Count | None
    num_left: Count | None
    came: dict[str, int] = Field(description="Reason to number of pupils.")
    went: dict[str, int] = Field(description="Reason to number of pupils.")
    share_new: ShareCheck


class Performed(Fact):
    name: Literal["recall", "precision", "observed_over_expected"]
    status: Beside
    found: Interval
    evidence: Interval
    limit: str


class GroupFigure(Figure):
    """A rate of a group, as the audit makes it."""

    years_needed: int | None = None
    pooled: dict[str, Number | None] | None = None


class GroupPerformed(Fact):
    attribute: str
    group: str
    label: str
    n: Count
    events: Count
    recall: GroupFigure
    precision: GroupFigure


class Helped(Fact):
    who: Literal["all", "helped", "not_helped"]
    num_on_roll: Count | None = None
    num_pupils: Count | None = None
    num_positives: Count | None = None
    num_already_supported: Count | None = None
    recall: Interval
    precision: Interval


class HelpedBeside(Fact):
    """The lists for those who were helped, those who were not, and all. No effect of help can be read from it."""

    status: Status
    reason: str
    statement: str
    lists_in_use_from: Day | None
    rows: list[Helped]


class Performance(Fact):
    """Of lists whose outcome windows closed since the model was trained."""

    dates: list[Day]
    next_closes: Day | None
    rows: list[Performed]
    groups: list[GroupPerformed]
    support_exposure: HelpedBeside | None = Field(description="null where no window has closed")


class Monitor(Fact):
    """Records, estimates and lists of one as-of date beside the same half-term of earlier years, and what came after
    lists whose windows have closed. No row is about a pupil."""

    model_config = ConfigDict(title="A look at an early-warning model in use")

    schema_version: Literal[1]
    authority: str
    is_made_up: bool
    as_of: Day = Field(description="The day watched.")
    before: Day = Field(description="The list before it, which churn is compared with.")
    earlier: list[Day] = Field(
        description="The same point of earlier years, newest first; empty where there is none."
    )
    extracted_on: Day
    data_hash: Hash
    model: Watched
    method: list[str] = Field(min_length=1, description="How limits are set, in sentences.")
    schools: dict[str, Text] | None = Field(
        None, description="URN to the school's name; null in looks of before."
    )
    alarms: list[Alarm] = Field(description="Everything outside its limits; empty where nothing is.")
    features: list[FeatureCheck]
    coding: list[CodeCheck]
    freshness: list[Freshness]
    estimates: EstimateCheck
    lists: list[ListCheck]
    not_assessed: list[NotAssessedCheck]
    churn: Churn
    groups: list[GroupCheck]
    breaks: list[BreakFact] | None = Field(
        None,
        description="Between the earliest day compared and the day watched; what they explain is no alarm.",
    )
    sanctions: list[SanctionsOfSchool] | None = Field(
        None,
        description="The last weeks beside the same weeks a year before; empty without internal suspensions.",
    )
    performance: Performance
