"""Caseloads by status and a district's picture of need: from records, never from an estimate."""

from typing import Annotated

from pydantic import StringConstraints

from serving.messages.lists import Listed
from serving.messages.records import AsOf, Name, Record, Standing


class CaseloadQuestion(AsOf):
    """Which status, of whoever the caller may see."""

    status: Annotated[str, StringConstraints(pattern=r"^[a-z_0-9]+$", max_length=40)]


class DistrictQuestion(AsOf):
    """Whose picture of need."""

    district: Name


class CaseloadAnswer(Standing):
    """Pupils with one status whom the caller may see; from records, never from an estimate."""

    status: str
    title: str
    text: str
    pupils: tuple[Listed, ...]


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
