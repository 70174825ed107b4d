"""The audit of a scored list by group as a record: `audit.json`, the reviewer's own copy.

To add a field, declare it where it is to stand in the file. Parts that are still being built take
fields that are not declared yet (`Open`): they are kept as they are, after those that are declared.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, WithJsonSchema, model_validator

from models.audit_rates import BY_NAME
from models.facts.breaks import BreakFact
from models.facts.fact import CANNOT_TELL, ESTIMATED, Count, Day, Fact, Figure, Number, Status, Text


def _known(name: str) -> str:
    if name not in BY_NAME:
        raise ValueError(f"it is no rate of an audit; those are {', '.join(BY_NAME)}")
    return name


Rate = Annotated[str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": list(BY_NAME)})]
Share = Number | None


class Open(Fact):
    """A part that also holds what is not declared yet."""

    model_config = ConfigDict(extra="allow")


class Pooled(Fact):
    """Recall drawn towards everyone's, as far as chance could explain the difference."""

    estimate: Number | None = Field(ge=0, le=1)
    weight: Number | None = Field(ge=0, le=1)


class Metric(Figure, Open):
    """A rate with its 95 % range, or why it cannot be told, and how many years of records would tell it."""

    years_needed: int | None = Field(None, ge=1)
    pooled: Pooled | None = None

    @model_validator(mode="after")
    def has_no_reason_where_it_is_estimated(self) -> Self:
        if self.status == ESTIMATED and self.reason:
            raise ValueError("it is estimated, and says why it could not be")
        return self


class Gap(Open):
    """Difference from everyone's rate and ratio to it.

    `smallest_detectable` is to the disadvantage of the group; null where even the largest would be reported
    less than 4 times in 5.
    """

    difference: Metric
    ratio: Metric
    p_adjusted: Number | None = Field(None, ge=0, le=1)
    is_gap: bool | None = None
    smallest_detectable: Number | None = Field(None, ge=0)
    tolerance: Literal["within", "outside", "cannot_tell"] | None = None


class GapPart(Open):
    """A difference of shares; low and high are null where too few schools say.

    Ranking has `at_most`: what all of a lower spread would come to.
    """

    estimate: Number | None
    low: Number | None
    high: Number | None


class RateParts(Open):
    """What one gap is made of: parts that add up to it."""

    gap: Number | None
    need: GapPart
    calibration: GapPart
    ranking: GapPart
    not_assessed: GapPart
    list: GapPart
    chance: GapPart
    reason: str


class CalibrationWithin(Open):
    beside_everyone: Number | None
    slope: Number | None
    p_shift: Number | None
    p_slope: Number | None
    is_too_low: bool
    is_too_high: bool
    is_too_steep: bool
    is_too_flat: bool


class RankingWithin(Open):
    auc: Number | None
    auc_expected: Number | None = None
    expected_recall: Number | None
    p_adjusted: Number | None = None
    is_less: bool | None = None
    is_named: bool | None = None
    evidence: str | None = None


class NotAssessedWithin(Open):
    num_pupils: Count
    of: Count
    share_everyone: Number | None
    p: Number | None


class Parts(Open):
    """What a row's gaps are made of, by rate; or why that cannot be said."""

    status: Status
    reason: str
    rates: (
        dict[Literal["recall", "false_omission_rate", "false_positive_rate", "selection_rate"], RateParts]
        | None
    ) = None
    calibration: CalibrationWithin | None = None
    ranking: RankingWithin | None = None
    not_assessed: NotAssessedWithin | None = None

    @model_validator(mode="after")
    def has_a_reason_where_it_cannot_be_told(self) -> Self:
        if self.status == CANNOT_TELL and not self.reason:
            raise ValueError("it cannot be told, and does not say why")
        return self


class Group(Open):
    """Everyone, or a group of an attribute or of a crossing of two."""

    attribute: str
    group: str
    is_crossing: bool = Field(
        description="Made of two attributes; a column's own name may hold the word that joins them."
    )
    is_broken: bool = Field(
        False,
        description="A break in the records makes the group into two, so that no rate of it is told.",
    )
    label: str
    n: Count = Field(description="Rows.")
    num_pupils: Count
    events: Count = Field(description="Distinct pupils with the outcome.")
    counts: dict[str, Number]
    metrics: dict[Rate, Metric]
    gaps: dict[Rate, Gap] | None = None
    parts: Parts


class AuditedModel(Fact):
    folder: str
    folder_hash: str
    trained_by: str


class AuditBreak(BreakFact):
    """A break after which groups of an attribute are others, and on which side of it this audit's groups were told."""

    attribute: str
    side: Literal["before", "after", "both"]
    groups: list[str] = Field(description="Those that are two groups across the break: not compared over it.")


class AuditData(Fact):
    num_rows: Count
    num_pupils: Count
    num_clusters: Count
    num_positives: Count
    num_unseen: Count
    num_listed: Number = Field(ge=0)
    num_tied: Count
    years: Number = Field(ge=0, description="Years of lists that the rows hold; 0 where not known.")


class Finding(Open):
    """Something that a person answers: who, by when, and what was done."""

    id: str = Field(pattern=r"^F\d{3,}$")
    kind: str
    attribute: str
    group: str
    severity: Literal["blocks", "matters", "noted"]
    sentence: Text
    owner: Text
    stop_threshold: Text
    due: Day
    state: Literal["open", "closed"]
    closed_on: Day | None = None
    closed_with: str | None = None


class CapacityRates(Open):
    """The list with so many times the places."""

    times: Number = Field(gt=0)
    num_listed: Number = Field(ge=0)
    groups: list[dict[str, Any]]


class LabelBias(Open):
    """What the records say of how like is sanctioned unlike, and of suspensions that registers alone show."""

    asked: str
    num_events: Count
    groups: list[dict[str, Any]]
    frequency: dict[str, Any] | None = Field(
        None, description="Suspensions beside those that other records lead one to expect. A reason to look, not proof."
    )  # fmt: skip
    code_e: dict[str, Any]
    what_if_means: str
    what_if: list[dict[str, Any]]


class Proxies(Open):
    means: dict[str, str]
    num_sampled: Count
    told: list[dict[str, Any]]
    carried: list[dict[str, Any]]


class Mitigation(Open):
    """Other ways of listing beside each other; none of them that knows a group is ever served."""

    attribute: str
    never_served: str
    groups: list[str]
    ways: list[dict[str, Any]]


class AgainstGroup(Open):
    """Of a file: groups beside a chosen one."""

    attribute: str
    reference: str
    reference_label: str
    groups: list[dict[str, Any]]


class SideBySide(Open):
    """Of a file: several lists of the same people; differences from the first."""

    lists: list[dict[str, Any]]
    rows: list[dict[str, Any]]


class GroupBands(Open):
    """Of a file with estimates that are chances: observed over expected by band of the estimate."""

    attribute: str
    group: str
    label: str
    bands: list[dict[str, Any]]


class Audit(Open):
    """Facts of one audit: what was recorded, not what a person did or will do."""

    model_config = ConfigDict(title="Audit of a scored list by group")

    schema_version: Literal[1]
    kind: Literal["model", "file"]
    title: str
    authority: str
    is_made_up: bool
    outcome: str
    window_days: int | None
    audited_on: Day
    model: AuditedModel | None
    data_hash: str
    columns: dict[str, Any] | None = Field(description="Of a file: its columns, as they were chosen.")
    test_dates: list[Day] | None = None
    statement: Text
    cannot_see: Text = Field(description="That bias in whether to suspend at all cannot be seen.")
    notes: list[str]
    breaks: list[AuditBreak] = Field([], description="Audits made by an early version have none.")
    data: AuditData
    rates: dict[Rate, str] = Field(
        description="What each means. One that was added later is in none made before."
    )
    methods: dict[str, str]
    overall: Group
    groups: list[Group]
    capacities: list[CapacityRates]
    label_bias: LabelBias | None
    proxies: Proxies | None
    coverage: list[dict[str, Any]] | None
    stability: list[dict[str, Any]] | None
    mitigation: Mitigation | None
    other_outcomes: list[dict[str, Any]] | None
    findings: list[Finding]
    tolerance: Number | None = Field(
        None, description="Of a file: a gap from everyone that would be small enough, as a share."
    )
    against: list[AgainstGroup] = []
    side_by_side: SideBySide | None = None
    calibration: list[GroupBands] = []

    @model_validator(mode="after")
    def groups_have_gaps(self) -> Self:
        without = [row.label for row in self.groups if row.gaps is None]
        if without:
            raise ValueError(f"{len(without)} groups have no gaps")
        return self

    @model_validator(mode="after")
    def rows_have_every_rate(self) -> Self:
        rows = (self.overall, *self.groups)
        missing = sorted(
            {name for row in rows for name in ("recall", *self.rates) if name not in row.metrics}
        )
        if missing:
            raise ValueError(f"a row has no {', '.join(missing)}")
        return self
