"""What is asked and answered of figures: counts as they may leave, never a child."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from models.disclosure import WHERE_IT_BITES
from serving.http.fields import Question
from serving.http.forms import Form
from serving.http.records import Asked, AsOf, Day, Name, Record, Standing


class BetweenForm(Form):
    """From one day to another."""

    since: Annotated[list[str], Question("From")] = []
    until: Annotated[list[str], Question("To")] = []
    by: Annotated[str, Question("By")] = "phase"


class Between(Asked):
    """Screenings held from one day to another, both included."""

    since: Day
    until: Day
    by: Literal["phase", "district"] = "phase"


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
    settled: int | None = Field(description="Screenings with an outcome.")
    helped: int | None = Field(description="Of those settled: a level of help above universal.")
    share_helped: float | None
    reviewed_in_six_weeks: int | None = Field(
        description="Of those settled: the first review was held within 42 days of the meeting."
    )
    reviewed_in_twelve_weeks: int | None = Field(description="Within 43 to 84 days.")
    reviewed_later: int | None
    review_overdue: int | None = Field(
        description="A review's day has passed, and none was held since it was agreed."
    )


class ReachOfGroup(Record):
    """How far help reaches in one group, as it may leave; null is suppressed, never nought."""

    group: str
    on_roll: int | None
    helped: int | None
    rate: float | None


class Reach(Record):
    """How far help reaches by one kind of group, on a prepared date."""

    by: str
    groups: tuple[ReachOfGroup, ...]


class Figures(Record):
    """What managers see: how many listed children were new to the meeting, and how often it saw it otherwise."""

    rule: str
    where_it_bites: str = WHERE_IT_BITES
    groups: dict[str, GroupFigures] = Field(description="All, and each phase or district.")
    reach_as_of: date | None = Field(description="The prepared date of `reach`; null where there is none.")
    reach: tuple[Reach, ...] = Field(
        description="How far help reaches by ethnicity, free meals, sex and SEN: of everyone, never of one officer's pupils."
    )


class DistrictQuestion(AsOf):
    """Whose picture of need."""

    district: Name


class Need(Record):
    """One need of one phase, as it may leave; null is suppressed, never nought."""

    need: str
    title: str
    pupils: int | None
    no_help_entered: int | None = Field(
        description="Without help entered since a screening. A plan, a social worker or a service that they have otherwise is no such help."
    )
    rate: float | None
    rate_before: float | None = Field(
        None, description="On the prepared date before; null where there is none, or suppressed."
    )


class PhaseProfile(Record):
    """One phase of a district."""

    phase: str
    on_roll: int | None
    needs: tuple[Need, ...]


class DistrictProfile(Standing):
    """A district's picture of need; no child in it can be told."""

    district: str
    rule: str
    where_it_bites: str = WHERE_IT_BITES
    before: date | None = Field(None, description="The prepared date before, beside which rates are shown.")
    phases: tuple[PhaseProfile, ...]
