"""Two models beside each other as a record: `compare.json`. No row of it is about a pupil."""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from models.facts.audit import Metric
from models.facts.evidence import Gate, Interval
from models.facts.fact import Count, Day, Fact, Number, Outcome, WindowDays


class OwnFigures(Fact):
    """A model's own figures, as its evidence has them."""

    recall_at_capacity: Interval
    recall_at_capacity_pooled: Interval
    recall_at_capacity_district: Interval
    precision: Interval


class Compared(Fact):
    """What a model is, and what its evidence says of it; null where it has none."""

    name: str
    model_hash: str
    data_hash: str
    trained_by: str
    made_on: str
    trained_on: list[Day]
    num_features: Count
    num_refits: Count
    rounds: int | None
    parameters: dict[str, Any]
    settings: dict[str, Any]
    test_dates: list[Day]
    gate: Gate | None
    headline: OwnFigures | None
    stability: Number | None


class Apart(Fact):
    """A setting or parameter that differs; values as JSON."""

    name: str
    a: str
    b: str


class FeaturesApart(Fact):
    only_a: list[str]
    only_b: list[str]


class AuditedRow(Fact):
    """A group's rates in both audits; null where the group is in one only."""

    attribute: str
    group: str
    label: str
    n: Count
    recall: list[Metric | None]
    selection_rate: list[Metric | None]
    precision: list[Metric | None]
    false_omission_rate: list[Metric | None]


class OpenFindings(Fact):
    blocks: Count
    matters: Count
    noted: Count


class Audits(Fact):
    audited_on: list[str]
    same_records: bool
    findings: list[OpenFindings]
    rows: list[AuditedRow]


class Row(Fact):
    """A figure of A, of B, and B less A with its interval; null where it cannot be told."""

    name: str
    a: Number | None
    b: Number | None
    difference: Interval


class AtTimes(Fact):
    times: Number


class CapacityRow(Row, AtTimes):
    pass


class AtPhase(Fact):
    phase: str


class PhaseRow(Row, AtPhase):
    pass


class Differences(Fact):
    """B less A, on the same rows of the same test dates."""

    figures: list[Row]
    by_capacity: list[CapacityRow]
    by_phase: list[PhaseRow]
    expected_overlap: Number = Field(
        description="Of A's places, the share that B gives to the same children."
    )
    test_dates: list[Day]
    num_schools: Count
    num_events: Count


class MovedBy(Fact):
    family: str
    mean_shift: Number | None
    num_most: Count


class Moved(Fact):
    move: Literal["enters", "leaves"]
    num_pupils: Count
    num_schools: Count
    by_phase: dict[str, Count]
    families: list[MovedBy]


class Moves(Fact):
    """Who would enter and leave the lists of one day."""

    as_of: Day
    num_places_a: Count
    means: str
    moves: list[Moved]


class Comparison(Fact):
    """Two models beside each other: evidence, audits, and who would enter and leave the lists."""

    model_config = ConfigDict(title="Two early-warning models beside each other")

    schema_version: Literal[1]
    first_lines: list[str] = Field(min_length=1)
    headline: list[str]
    authority: str
    is_made_up: bool
    outcome: Outcome
    window_days: WindowDays
    compared_on: Day
    notes: list[str]
    a: Compared
    b: Compared
    apart: list[Apart]
    features: FeaturesApart
    audits: Audits | None
    differences: Differences | None = Field(description="null without a record store")
    moves: Moves | None = Field(description="null without a record store")
