"""Breaks in time and schools' sanctions on either side of one, as evidence and monitor write them."""

from typing import Literal

from pydantic import Field

from models.facts.fact import Count, Day, Fact, Number, Text


class BreakFact(Fact):
    """A day on which what records mean changed, as `features/contract/breaks.csv` or the authority has it."""

    name: Text
    first_day: Day
    last_day: Day | Literal[""] = Field(description="Where it passed again; else blank.")
    kind: Literal["label", "feature", "group", "vocabulary", "level"]
    sentence: Text
    certainty: Text
    source: Text


class SanctionsOfSchool(Fact):
    """Pupils suspended, and pupils with an internal suspension, at one school on either side."""

    urn: int
    suspended_before: Count
    suspended_after: Count
    internal_before: Count
    internal_after: Count
    is_moved: bool = Field(
        description="Suspensions fall as internal ones rise, by more than schools do from year to year."
    )


class RateOfDate(Fact):
    part: Literal["training", "test"]
    date: Day
    num: Count
    num_positives: Count
    share: Number | None


class RateOfSchool(Fact):
    urn: int
    training: Number | None
    test: Number | None


class Breaks(Fact):
    """Breaks between the first training date and the close of the last test window, and the outcome's rate on either side."""

    lines: list[Text] = Field(description="Each stands in the report's first lines.")
    named: list[BreakFact]
    by_date: list[RateOfDate]
    by_school: list[RateOfSchool]
    schools: list[SanctionsOfSchool] = Field(description="Empty without internal suspensions.")


class Memory(Fact):
    """All training dates or the latest year alone: which told the latest year better, at schools left out."""

    breaks: list[Text] = Field(description="Names of the breaks of the outcome for which it was asked.")
    dates_all: Count
    dates_short: Count
    log_loss_all: Number
    log_loss_short: Number
    gain: Number = Field(description="Log loss of all less that of the latest alone, in nats a row.")
    standard_error: Number = Field(ge=0)
    is_shorter: bool
    sentence: Text
