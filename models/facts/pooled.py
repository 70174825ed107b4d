"""Evidence pooled over authorities as records: what one gives (`evidence_export.json`) and what comes of it (`pooled_evidence.json`)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from models.facts.evidence import STATEMENT, Evidence
from models.facts.fact import (
    CANNOT_TELL,
    ESTIMATED,
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
from models.facts.poolable import OfFigure, PooledGain

EXPORT_SCHEMA = 1
POOLED_FILE = "pooled_evidence.json"
Verdict = Literal["earns_its_place", "cannot_tell", "no_better_than_the_rule"]
OWN_ALONE = "Its own test alone: "
RESTS = "The gate rests on evidence pooled over {num} authorities ({names}), not on the test of {authority} alone."


class Question(Fact):
    """What the lists were asked to do: evidence of different questions is never pooled."""

    outcome: Outcome
    window_days: WindowDays
    places_per_school: dict[str, Count]
    comparators: list[Text]


class GivenFigure(OfFigure):
    """A figure as it may leave an authority: of moved and rounded counts, its error with what that adds; no row of a school."""

    status: Status
    estimate: Number | None
    error: Number | None
    degrees: Number | None
    size: Count | None = Field(description="Rounded: what it is a share of, over all test dates.")
    pupils: Count | None = Field(description="Rounded: distinct pupils among those.")
    schools: Count | None = Field(description="Effective number of schools, to a whole one.")
    reason: str

    @model_validator(mode="after")
    def is_whole_or_says_why_not(self) -> Self:
        held = (self.estimate, self.error, self.degrees, self.size, self.pupils, self.schools)
        if self.status == ESTIMATED and None in held:
            raise ValueError("it is estimated, and a part of it is missing")
        if self.status == CANNOT_TELL and (any(each is not None for each in held) or not self.reason):
            raise ValueError("it cannot be told, and has a figure or no reason")
        return self


class EvidenceExport(Fact):
    """What one authority gives to pooled evidence. No row of it is about a pupil or a school."""

    model_config = ConfigDict(title="What one authority gives to pooled evidence")

    schema_version: Literal[1]
    rule: Text = Field(description="How counts were moved, rounded and left out.")
    authority: Text
    is_made_up: bool
    question: Question
    recipe: dict[str, Any] = Field(
        description="What makes the model beside the records: settings of the fit, and features."
    )
    recipe_hash: Hash
    model_hash: Hash = Field(description="Of the candidate's manifest.")
    data_hash: Text
    protocol_hash: Hash
    commit: str
    made_on: Day
    test: list[Day] = Field(min_length=1)
    gate: Verdict = Field(description="What the authority's own test says alone.")
    figures: list[GivenFigure]


class Given(Fact):
    """An authority in the pool, and which file it gave."""

    authority: Text
    export_hash: Hash
    model_hash: Hash
    data_hash: Text
    protocol_hash: Hash
    commit: str
    made_on: Day
    test: list[Day]
    gate: Verdict


class InAuthority(Figure):
    """A figure in one authority; its weight is its share of the mean over authorities."""

    authority: Text
    weight: Number | None
    pupils: Count | None


class PooledFigure(OfFigure):
    """One figure over all authorities that can tell it."""

    num_authorities: Count = Field(description="That can tell it.")
    pupils: Count | None = Field(
        description="Sum of the rounded numbers of distinct pupils; null where no authority tells one."
    )
    at_large: Figure = Field(
        description="The mean over authorities such as these, with the range of random effects."
    )
    together: Figure = Field(description="Of all the children of these authorities; its range is by school.")
    another: Figure = Field(description="The range in which one authority more would lie.")
    tau: Figure = Field(description="Standard deviation between authorities, in the figure's own unit.")
    i_squared: Number | None = Field(
        description="Share of what sets the authorities' figures apart that is no chance."
    )
    authorities: list[InAuthority]


class PooledGate(Fact):
    """Gains at large that must be above zero with their whole range; the rule is one and the same in all authorities."""

    passed: bool
    reasons: list[str]
    over_best_rule: PooledGain
    over_school_only: PooledGain


class PooledEvidence(Fact):
    """Evidence of one recipe over several authorities."""

    model_config = ConfigDict(title="Evidence pooled over authorities")

    schema_version: Literal[1]
    first_lines: list[str] = Field(
        min_length=1, description="What every report opens with; the last is the standing statement."
    )
    is_made_up: bool
    pooled_on: Day
    question: Question
    recipe: dict[str, Any]
    recipe_hash: Hash
    authorities: list[Given] = Field(min_length=2)
    notes: list[str] = Field(
        description="What differs between the authorities without making them answers to other questions."
    )
    gate: PooledGate
    figures: list[PooledFigure]

    @model_validator(mode="after")
    def says_what_it_predicts(self) -> Self:
        if STATEMENT not in self.first_lines:
            raise ValueError(f"its first lines do not say: {STATEMENT}")
        return self

    @property
    def made_on(self) -> str:
        """The day of the oldest test in it."""
        return min(each.made_on for each in self.authorities)

    def given_by(self, model_hash: str) -> Given | None:
        """The authority whose candidate has this manifest; None where it is none of them."""
        return next((each for each in self.authorities if each.model_hash == model_hash), None)

    def line(self, authority: str) -> str:
        """What every report opens with where an authority's gate rests on this."""
        return RESTS.format(
            num=len(self.authorities),
            names=", ".join(each.authority for each in self.authorities),
            authority=authority,
        )

    def found(self, measure: str, of: str, attribute: str = "", group: str = "") -> PooledFigure | None:
        """One of the figures; None where no authority gave it."""
        return next(
            (
                each
                for each in self.figures
                if (each.measure, each.of, each.attribute, each.group) == (measure, of, attribute, group)
            ),
            None,
        )


def pooled_of(folder: Path) -> PooledEvidence | None:
    """The pooled evidence kept with a model; None where its gate rests on its own test.

    Raises
    ------
    ModelRefused
        There is one, and it cannot be read.
    """
    path = folder / POOLED_FILE
    return PooledEvidence.read(path) if path.is_file() else None


def resting(evidence: Evidence, pooled: PooledEvidence | None) -> Evidence:
    """A model's evidence as it is told where its gate rests on pooled evidence; as it is where it does not."""
    return Evidence.checked(with_pooled(evidence.plain(), pooled)) if pooled else evidence


def with_pooled(evidence: Mapping[str, Any], pooled: PooledEvidence) -> dict[str, Any]:
    """The same of plain facts: the gate is the pooled one, its line stands before all others, and nothing is hidden.

    What the model's own test says against it stays among the first lines, as what it says alone.
    """
    own, line = evidence["gate"]["reasons"], pooled.line(evidence["authority"])
    said = {each[:1].upper() + each[1:] for each in own}
    gate = pooled.gate.plain()
    first, *others = [each for each in evidence["first_lines"] if each not in said]
    opening = [
        line,
        *(each[:1].upper() + each[1:] for each in gate["reasons"]),
        *(OWN_ALONE + each for each in own),
    ]
    return {
        **evidence,
        "first_lines": [first, *opening, *others]
        if evidence["is_made_up"] and others
        else [*opening, first, *others],
        "gate": {**evidence["gate"], "passed": gate["passed"], "reasons": gate["reasons"]},
        "gate_rests_on": {
            "line": line,
            "own_reasons": list(own),
            "over_best_rule": gate["over_best_rule"],
            "over_school_only": gate["over_school_only"],
        },
        "release": {
            "blockers": [
                *gate["reasons"],
                *(each for each in evidence["release"]["blockers"] if each not in own),
            ]
        },
    }
