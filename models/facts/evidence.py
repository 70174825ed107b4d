"""The evidence of a model as a record: `evidence.json`, facts of one training run from forward test dates."""

from typing import Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from models.facts.breaks import Breaks, Memory
from models.facts.fact import (
    CANNOT_TELL,
    ESTIMATED,
    Count,
    Day,
    Estimate,
    Fact,
    Figure,
    Hash,
    Number,
    Outcome,
    Status,
    Text,
    WindowDays,
)
from models.facts.poolable import ClusteredRatio, RestsOn

NOT_EARLY = "Evidence made by an early version has none."
STATEMENT = "This predicts what schools did, not what a child did or will do."


class Slope(Estimate):
    """A figure and how many distinct pupils with the outcome it rests on."""

    events: Count


class Measured(Slope):
    """What an interval rests on besides: the effective number of schools, and how it was made."""

    schools: Number
    method: Literal["school_bootstrap", "school_jackknife", "exact", "none"]


class Interval(Figure, Measured):
    """A figure with its 95 % interval; events are distinct pupils, schools the effective number."""


class SlopeFigure(Figure, Slope):
    """The slope of the outcome on the estimates' log-odds; below 1 they are too far apart."""


class Split(Fact):
    """As-of dates: trained on for the evidence, tested on, and trained on for the model that is served."""

    training: list[Day]
    test: list[Day]
    eligible: list[Day]


class Counts(Fact):
    """How much a panel holds; events are distinct pupils."""

    num_rows: Count
    num_pupils: Count
    num_schools: Count
    num_positives: Count
    num_events: Count
    num_left_authority: Count


class Data(Fact):
    data_hash: str
    commit: str = Field(description="Of the code; + where files differ from it; empty outside a repository.")
    trained_by: str = Field(
        "", description="The account that trained the model, which may not review it; empty where the machine names nobody."
    )  # fmt: skip
    made_on: Day = Field(
        "",
        validate_default=False,
        description="The day of the run: evidence that is too old earns no release.",
    )
    training: Counts
    test: Counts


class Protocol(Fact):
    """Fixed and hashed before test outcomes were read."""

    hash: Hash
    looks: int | None = Field(
        ge=1, description="How often this test has been read; null where that cannot be counted."
    )
    outcome: Outcome
    window_days: WindowDays
    places_per_school: dict[str, Count]
    places_per_district: Count
    training: list[Day]
    test: list[Day]
    earlier_tests: list[list[Day]] = Field([], description="Of earlier test years, the latest first.")
    comparators: list[str]
    groups: list[str]
    seed: int
    data_hash: str


class CalibratorFacts(Fact):
    slope: Number
    intercept: Number


TAUGHT_NEARNESS = (
    "The trees are taught how near the outcome came: the sessions of suspension of each child, of the 20 that make a serious exclusion. "
    "The recalibration is to the outcome itself."
)  # said of a recipe wherever it is described


class Recipe(Fact):
    """The fit: LightGBM's parameters, by their own names, and the settings of the run, by theirs."""

    parameters: dict[str, Any]
    taught: Literal["outcome", "nearness"] = Field(
        "outcome",
        description="The outcome itself, or also how near it came: the share of its sessions reached.",
    )
    every: int = Field(
        1,
        ge=1,
        description="Of each pupil's training dates every so many-th was learned from, in turn; 1 is all.",
    )
    rounds: int = Field(ge=1)
    log_loss: Number = Field(description="Of what the model was taught, on schools left out, in nats a row.")
    learning_curve: list[Number] | None = Field(
        None, description="Mean log loss on schools left out, after each tree."
    )
    calibrator: CalibratorFacts
    features: list[str]
    settings: dict[str, Any]


class WhoWasMissed(Fact):
    """Positives without a place over all test dates, by why."""

    already_supported: Number
    exclusion_in_progress: Number
    not_assessed: Number
    not_listed: Number


class Headline(Fact):
    recall_at_capacity: Interval = Field(
        description="Share of all positives in the cohort who had a place, with places per school."
    )
    recall_at_capacity_pooled: Interval = Field(
        description="With the same total of places pooled over the authority."
    )
    recall_at_capacity_district: Interval = Field(description="On the district meetings' own lists.")
    precision: Interval
    number_needed_to_screen: Estimate
    num_positives_per_date: Number
    num_listed_per_date: Number
    num_missed_per_date: Number
    num_places_per_date: Number
    num_on_roll_per_date: Number
    who_was_missed: WhoWasMissed


class Part(Fact):
    """The figures of some rows of the test."""

    num_on_roll: Count
    num_positives: Count
    num_listed: Number
    recall: Interval
    precision: Interval


class OfDate(Fact):
    date: Day


class OfPhase(Fact):
    phase: str


class DatePart(Part, OfDate):
    """One test date."""


class PhasePart(Part, OfPhase):
    """One phase of school."""


class NaturalFrequency(Fact):
    """Of these children on a typical day's lists, about how many would go on to the outcome."""

    phase: str
    of: int
    about: int | None
    low: int | None
    high: int | None


class Comparator(Fact):
    name: str
    kind: Literal["individual", "place", "chance"]
    sentence: str
    recall: Interval
    recall_pooled: Interval
    precision: Interval


class OverRule(Fact):
    rule: str
    gain: Interval


class OverPlace(Fact):
    gain: Interval


class Gate(Fact):
    """Differences in recall, over every test year together, that must be above zero with their whole interval."""

    passed: bool
    reasons: list[str]
    over_best_rule: OverRule
    over_school_only: OverPlace


class Capacity(Fact):
    """One size of list, as a multiple of the places; each judged at 95 % by itself."""

    times: Number
    num_places_per_date: Number
    num_listed_per_date: Number
    recall: Interval
    recall_pooled: Interval
    precision: Interval
    over_best_rule: OverRule | None = Field(None, description=NOT_EARLY)
    over_school_only: OverPlace | None = Field(None, description=NOT_EARLY)
    share_arbitrary: Number | None = Field(
        None,
        description="Of the places, the share that another refit gives to another pupil; null where no refit lists anybody.",
    )
    verdict: Literal["earns_its_place", "cannot_tell", "no_better_than_the_rule"] | None = Field(
        None,
        description="Both gains above zero with their whole interval; either at zero or below with its whole interval; or neither.",
    )


class Point(Fact):
    mean_estimate: Number
    num: Count
    observed: Interval


class Curve(Fact):
    """Ten parts of the cohort with equal expected events; none below 200 events."""

    status: Status
    reason: str
    points: list[Point]


class AmongListed(Fact):
    expected: Number
    observed: Number
    relative_error: Number | None
    observed_over_expected: Interval


class Ratio(Fact):
    observed_over_expected: Interval


class DateRatio(Ratio, OfDate):
    pass


class PhaseRatio(Ratio, OfPhase):
    pass


class Calibration(Fact):
    observed_over_expected: Interval
    slope: SlopeFigure
    intercept: Number | None
    curve: Curve
    among_listed: AmongListed
    by_date: list[DateRatio]
    by_phase: list[PhaseRatio]


class SeenBand(Figure):
    """What was seen of the children whose estimate fell in one band: the share with the outcome, its range in whole hundredths.

    The counts are moved and rounded as what may leave is, and the share is made from them.
    """

    from_estimate: Number = Field(description="The least estimate of the band; shown to nobody.")
    below_estimate: Number | None = Field(
        description="The least estimate of the band above; null for the highest."
    )
    num_children: Count | None = Field(
        description="Distinct children, each once, from the first test date on which they were in the band."
    )
    num_with_outcome: Count | None = Field(
        description="Those of them who had the outcome in the window after."
    )

    @model_validator(mode="after")
    def has_counts_where_it_is_estimated(self) -> Self:
        if self.status == ESTIMATED and None in (self.num_children, self.num_with_outcome):
            raise ValueError("it is estimated, and does not say of how many")
        return self


class SeenBands(Fact):
    """A few shared bands of the estimate and what was seen in each: all that a card may say of an estimate."""

    fewest_children: Count = Field(description="A band with fewer was merged with its neighbour.")
    fewest_rarer: Count = Field(
        description="Likewise with fewer of the rarer kind, with or without the outcome."
    )
    bands: list[SeenBand] = Field(min_length=1, description="From the lowest estimates up.")

    @model_validator(mode="after")
    def leaves_no_estimate_out(self) -> Self:
        from_estimates = [each.from_estimate for each in self.bands]
        if [*from_estimates[1:], None] != [each.below_estimate for each in self.bands] or from_estimates[
            0
        ] != 0:
            raise ValueError("the bands do not follow one another from 0 up without an end")
        if from_estimates != sorted(set(from_estimates)):
            raise ValueError("the bands are not in order")
        return self


class DecisionCurve(Fact):
    thresholds: list[Number]
    net_benefit_per_1000: dict[str, list[Number]]


class Ranking(Fact):
    auc: Interval
    decision_curve: DecisionCurve


class Overlap(Fact):
    """Of two refits' lists; null where no refit lists anybody."""

    expected_overlap: Number | None
    share_arbitrary: Number | None
    share_near_line: Number | None


class Stability(Overlap):
    share_of_places_used: Number
    num_refits: Count
    every_place_filled: Overlap
    is_largely_arbitrary: bool


class Catch(OfDate):
    num_pupils: Count
    num_ever_listed: Number


class Lead(Fact):
    """How many had been on a list so many school days before."""

    lead: Count
    num_pupils: Count
    num_listed: Number
    share: Number | None


class PastYear(Fact):
    cumulative: list[Catch]
    lead_time: list[Lead] | None = Field(description="null where days of events were not given")


class NewSchool(Fact):
    """Range of the recall of a school not yet seen."""

    status: Status
    low: Number | None
    high: Number | None
    num_schools: Count
    reason: str
    between_schools: Number | None = None


class District(Fact):
    district: str
    recall: Interval
    recall_unseen: Interval | None
    observed_over_expected_unseen: Interval | None


class EarlierYear(Fact):
    test: list[Day]
    headline: Headline


class Transport(Fact):
    new_school: NewSchool
    districts: list[District] | None
    earlier_year: EarlierYear | None = Field(
        None, description="Of evidence made by an early version; `every_year` tells it since."
    )


class TestYear(Fact):
    """One year of test dates, by the recipe as it would have been made before them; or why nothing can be told of it."""

    __test__ = False  # not a class of tests, whatever its name begins with

    test: list[Day] = Field(min_length=1)
    num_training_dates: Count
    recall: Interval | None
    over_best_rule: OverRule | None
    over_school_only: OverPlace | None
    reason: str = Field(description="Empty where it was tested.")


class EveryYear(Fact):
    """Every year that can be tested, the latest first; the gate's gains are of all of them together."""

    recall: Interval = Field(description="Over all test dates of all these years.")
    years: list[TestYear] = Field(min_length=1)


class OtherOutcome(Fact):
    outcome: str
    num_positives: Count
    recall: Interval


class Bound(Fact):
    recall: Interval
    precision: Number | None


class LeftOut(Fact):
    """Who left the authority without the outcome, and both bounds on what they may hide."""

    num_left_out: Count
    num_hidden_exits: Count
    all_negative: Bound
    hidden_exits_positive: Bound


class Exposure(Fact):
    who: Literal["all", "helped", "not_helped"]
    num_on_roll: Count
    num_pupils: Count
    num_positives: Count
    num_already_supported: Count
    recall: Interval
    precision: Interval


class SupportExposure(Fact):
    """The lists for those who were helped in the window, those who were not, and all.

    A description of the lists; no effect of help can be read from it.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"status": {"const": ESTIMATED}}},
            "then": {"properties": {"rows": {"minItems": 3, "maxItems": 3}}},
            "else": {"properties": {"rows": {"maxItems": 0}, "reason": {"minLength": 1}}},
        }
    )

    status: Status
    reason: str
    statement: str
    lists_in_use_from: Day | None
    rows: list[Exposure]

    @model_validator(mode="after")
    def has_three_rows_or_a_reason(self) -> Self:
        if self.status == ESTIMATED and len(self.rows) != len(("all", "helped", "not_helped")):
            raise ValueError("it is estimated, and has not the three rows")
        if self.status == CANNOT_TELL and (self.rows or not self.reason):
            raise ValueError("it cannot be told, and has rows or no reason")
        return self


class Contribution(Fact):
    """What a family of records, or a feature, adds to estimates; log-odds before recalibration."""

    name: Text
    family: Text
    mean_size: Number = Field(description="Mean over everyone of what it adds, without its sign.")
    mean_listed: Number | None = Field(
        description="Mean over those listed, less everyone's; null where too few are listed."
    )


class Explained(Fact):
    """What estimates over the test cohort are made of; it explains the model's sum, not children. Empty where too few were in the running."""

    num_pupils: Count | None
    num_listed: Count | None
    families: list[Contribution]
    features: list[Contribution] = Field(description="Those that move estimates most, first.")


class Adds(Fact):
    """A figure without a table and with it, and what the table adds with its interval; null where it cannot be told."""

    name: Text
    without: Number | None
    with_table: Number | None
    difference: Interval


class AddsToGroup(Adds):
    """The same of a group's recall at capacity."""

    attribute: Text
    group: Text
    label: Text
    num_events: Count


class OptionalTable(Fact):
    """What an optional table adds: the recipe with its features beside the same recipe without them."""

    table: Text
    features: list[Text]
    figures: list[Adds]
    groups: list[AddsToGroup] = Field(description="Those with enough different pupils who had the outcome.")


class AgainstTruth(Fact):
    """On made-up data only: the lists beside those of the same rule applied to the true chances."""

    status: Status
    reason: str | None = None
    num_dates: Count | None = None
    expected_recall: Interval | None = None
    best_expected_recall: Interval | None = None
    share_of_best_recall: Number | None = None
    share_of_best_recall_interval: Interval | None = None
    share_of_best_recall_pooled: Number | None = None
    rank_correlation: Number | None = None
    calibration_slope: Number | None = None
    realised_slope: SlopeFigure | None = None


class Lag(Fact):
    status: Status
    reason: str
    recall: Number | None
    recall_lagged: Number | None
    feature: str | None = Field(None, description="The one that alone, known later, loses most.")


class Tells(Fact):
    """A feature that tells of the outcome window itself; excess is its sign's lower bound over the limit."""

    feature: str
    sign: Literal["follows_at_once", "sudden", "fades", "certain"]
    num: Count
    observed: Number
    expected: Number
    excess: float = Field(ge=1)


class LeakAlarm(Fact):
    is_raised: bool
    alarms: list[str]
    features: list[Tells] | None = Field(None, description="The strongest sign first.")
    top_feature: str
    share_of_gain: Number
    auc: Number | None
    lag: Lag


class Blockers(Fact):
    blockers: list[str] = Field(
        description="What stands in the way of a release; a demonstration needs none of them answered."
    )


class Evidence(Fact):
    """Facts of one training run, from forward test dates. This predicts what schools did, not what a child did or will do."""

    # Older evidence has no `support_exposure`; what is written today has.
    model_config = ConfigDict(
        title="Evidence of an early-warning model",
        json_schema_extra=lambda schema: schema["required"].append("support_exposure"),
    )

    schema_version: Literal[1]
    first_lines: list[str] = Field(
        min_length=1,
        description="What every report opens with, in this order, before any figure; the last is the standing statement.",
        json_schema_extra={"contains": {"const": STATEMENT}},
    )
    authority: str
    is_made_up: bool
    outcome: Outcome
    window_days: WindowDays
    split: Split
    served_model: str
    data: Data
    protocol: Protocol
    recipe: Recipe
    headline: Headline
    capacities: list[Capacity]
    by_date: list[DatePart]
    by_phase: list[PhasePart]
    natural_frequencies: list[NaturalFrequency] = Field(description="Phase 'all' first.")
    comparators: list[Comparator]
    gate: Gate
    gate_rests_on: RestsOn | None = Field(
        None,
        description="Set where it is read beside pooled evidence, and then the gate is that of the pool; no file has it.",
    )
    every_year: EveryYear | None = Field(None, description=NOT_EARLY)
    calibration: Calibration
    seen_bands: SeenBands | None = Field(None, description=NOT_EARLY)
    ranking: Ranking
    stability: Stability
    past_year: PastYear
    transport: Transport
    other_outcomes: list[OtherOutcome]
    left_out: LeftOut
    against_truth: AgainstTruth | None
    leak_alarm: LeakAlarm
    breaks: Breaks | None = Field(None, description="Evidence made by an early version has none.")
    explained: Explained | None = Field(None, description=NOT_EARLY)
    optional_tables: list[OptionalTable] = Field([], description="Empty where the records hold none.")
    memory: Memory | None = Field(
        None,
        description="null where the outcome kept its meaning, or there was no more than a year to learn from.",
    )
    support_exposure: SupportExposure | None = Field(
        None, description="Evidence made by an early version has none."
    )
    for_pooling: list[ClusteredRatio] = Field(
        [],
        description="What `pathways evidence export` makes its file from; exact, so it stays here. "
        + NOT_EARLY,
    )
    release: Blockers

    @property
    def tested_on(self) -> list[str]:
        """Every date that the gate rests on, in order."""
        years = self.every_year.years if self.every_year else []
        return sorted({*self.split.test, *(day for year in years if year.recall for day in year.test)})

    @model_validator(mode="after")
    def says_what_it_predicts(self) -> Self:
        if STATEMENT not in self.first_lines:
            raise ValueError(f"its first lines do not say: {STATEMENT}")
        return self
