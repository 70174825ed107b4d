"""Figures as sums over schools: what pooling over authorities needs, and what an authority keeps of its own test."""

from typing import Literal

from pydantic import Field

from models.facts.fact import Count, Fact, Figure, Number, Text

MODEL = "model"
EVERYONE = ""
Measure = Literal["recall", "recall_pooled", "precision", "gain", "gain_pooled"]
SHARES = (
    "recall",
    "recall_pooled",
    "precision",
)  # the others are differences of two shares of the same children


class OfFigure(Fact):
    """Which figure."""

    measure: Measure = Field(
        description="With places per school; _pooled: with the same total of places pooled over the authority."
    )
    of: Text = Field(
        description="`model`, or the comparator whose list it is of; of a gain, the comparator it is over."
    )
    attribute: str = Field(description="Of the groups; empty where the figure is of everyone.")
    group: str
    label: str = Field(description="The group in words.")


class ClusteredRatio(OfFigure):
    """One authority's figure as sums over all its schools, exact: it stays with the evidence and never leaves as it is."""

    found: Number = Field(
        description="Positives with a place, over all test dates; with ties, expected ones."
    )
    found_by_other: Number | None = Field(description="Of a gain: those found by the comparator.")
    size: Number = Field(description="What it is a share of: positives, or places that went to somebody.")
    error: Number = Field(description="Standard error of the figure, leaving out each school in turn.")
    degrees: Number = Field(description="Degrees of freedom of that error.")
    pupils: Count = Field(description="Distinct pupils that it is a share of.")
    schools: Number = Field(
        description="Effective number of schools: 1 over the sum of squared shares of those pupils."
    )


class PooledGain(Fact):
    rule: Text
    gain: Figure


class RestsOn(Fact):
    """The pooled evidence that a model's gate rests on, in place of its own test."""

    line: Text = Field(description="What every report opens with.")
    own_reasons: list[str] = Field(description="What its own test alone would have said against it.")
    over_best_rule: PooledGain
    over_school_only: PooledGain
