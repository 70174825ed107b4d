"""What is asked and answered of figures: counts as they may leave, never a child."""

from typing import Annotated

from pydantic import Field

from serving.http.fields import Question
from serving.http.forms import Form
from serving.http.records import Asked, AsOf, Day, Name, Record, Standing


class BetweenForm(Form):
    """From one day to another."""

    since: Annotated[list[str], Question("From")] = []
    until: Annotated[list[str], Question("To")] = []


class Between(Asked):
    """Screenings held from one day to another, both included."""

    since: Day
    until: Day


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


class Figures(Record):
    """What managers see: how many listed children were new to the meeting, and how often it saw it otherwise."""

    rule: str
    groups: dict[str, GroupFigures] = Field(description="All, and each phase.")


class DistrictQuestion(AsOf):
    """Whose picture of need."""

    district: Name


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
