"""What a meeting writes and reads: screenings, reviews, referrals, and facts said to be wrong.

Every word of a screening is people's own: `outcome` is what a meeting settled on, and comes only in.
"""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from serving.messages.records import Asked, Day, Name, PupilCode, Record, Said, Text, Urn

Outcome = Literal["no_action", "universal_plus", "targeted", "intensive", "refer", "need_information"]
Considered = Literal[
    "list", "card", "childs_voice", "family", "school_staff", "trusted_adult", "other_services", "school_records",
    "observation",
]  # fmt: skip
NeedFound = Literal[
    "attendance", "behaviour", "communication_and_interaction", "cognition_and_learning", "family_and_home", "friendships",
    "physical_health", "poverty", "safety", "sensory_and_physical", "social_emotional_mental_health", "transition", "other",
]  # fmt: skip
Prompt = Literal[
    "listed", "could_go_either_way", "already_supported", "exclusion_in_progress", "not_assessed", "not_listed",
    "no_list",
]  # fmt: skip
Route = Literal[
    "school", "family", "child", "health", "social_care", "early_help", "virtual_school", "youth_justice", "other",
]  # fmt: skip
Family = Literal["attendance", "suspensions", "sen", "context", "school"]
EACH_ONCE = Field(json_schema_extra={"uniqueItems": True})  # as a rule of screening holds it
Version = Annotated[int, Field(ge=1, le=1_000_000)]
RecordNumber = Annotated[int, Field(ge=1, le=2**53 - 1)]


class MeetingSaid(Asked):
    """What a meeting considered and said; what is not known yet stays empty. People write all of it.

    An outcome needs something considered beyond the list and the card, and the meeting's own view.
    """

    considered: Annotated[list[Considered], EACH_ONCE] = []
    considered_words: Text = ""
    view: Text = ""
    was_known: bool | None = None
    outcome: Outcome | None = Field(
        None, description="What the meeting's people settled on; nothing computes it."
    )
    needs: Annotated[list[NeedFound], EACH_ONCE] = []
    review_on: Day | None = None
    words: Text = ""


class ScreeningBegun(MeetingSaid):
    """One child before one meeting."""

    pupil: PupilCode
    meeting_on: Day
    as_of: Day | None = Field(None, description="The list before the meeting; null where none was.")
    referral: RecordNumber | None = None


class ScreeningEdit(MeetingSaid):
    """What the screening says now, written on the version that was read; the earlier version stays."""

    version: Version


class SetAside(Asked):
    """Why an open screening is put aside, or a referral closed without one."""

    version: Version
    words: Said


class ReviewHeld(ScreeningEdit):
    """What a review found; `review_on` is the next one, null ends the cycle."""

    held_on: Day


class ScreeningVersionRecord(Record):
    """One version, as it was written."""

    version: int
    state: Literal["open", "set_aside", "done"]
    considered: tuple[Considered, ...]
    considered_words: str
    view: str
    was_known: bool | None
    outcome: Outcome | None = Field(description="What the meeting's people settled on; nothing computes it.")
    needs: tuple[NeedFound, ...]
    review_on: date | None
    review_held_on: date | None
    words: str
    author: str
    at: datetime


class ScreeningRecord(Record):
    """A screening as it stands."""

    screening: int
    pupil: PupilCode
    school: int
    meeting_on: date
    prompt: Prompt
    list_as_of: date | None
    release: str
    referral: int | None
    begun_by: str
    begun_at: datetime
    frequency_opened_at: datetime | None
    now: ScreeningVersionRecord


class ScreeningVersions(Record):
    """Every version, oldest first: an edit never overwrites."""

    screening: int
    versions: tuple[ScreeningVersionRecord, ...]


class OnePupil(Asked):
    """Whose records."""

    pupil: PupilCode


class Screenings(Record):
    """Every screening of one pupil in the caller's scope, oldest first."""

    screenings: tuple[ScreeningRecord, ...]


class DueBy(Asked):
    """Reviews due on or before a day."""

    by: Day


class ReviewDueRecord(Record):
    """A review that was not held yet."""

    screening: int
    pupil: PupilCode
    school: int
    review_on: date
    version: int


class ReviewsDue(Record):
    """The longest due first."""

    reviews: tuple[ReviewDueRecord, ...]


class ReferralMade(Asked):
    """A child raised by anybody, by any door. Needs no score, and works while there is none."""

    pupil: PupilCode
    route: Route
    referred_by: Name = Field(description="Who raises the child, in words: form tutor, mother.")
    reasons: Said
    school: Urn | None = Field(None, description="For a pupil whom no roll knows yet.")


class ReferralRecord(Record):
    """A referral as it stands."""

    referral: int
    pupil: PupilCode
    school: int
    referred_by: str
    route: Route
    reasons: str
    made_by: str
    made_at: datetime
    state: Literal["waiting", "screened", "closed"]
    version: int


class Referrals(Record):
    """Referrals waiting for a screening, oldest first."""

    referrals: tuple[ReferralRecord, ...]


class FactWrong(Asked):
    """*This fact is wrong*: what it says, what is right, and who says so."""

    pupil: PupilCode
    family: Family
    fact: Said
    what_is_right: Said
    told_by: Name


class FactAnswer(Asked):
    """The next step: sent to the data's owner, corrected at the source, or it stands and why."""

    version: Version
    state: Literal["sent", "corrected", "stands"]
    words: Said


class StepRecord(Record):
    """One step on the way of a record."""

    version: int
    state: str
    words: str
    author: str
    at: datetime


class FactWrongRecord(Record):
    """A fact said to be wrong, and what came of it, oldest step first."""

    wrong_fact: int
    pupil: PupilCode
    school: int
    family: Family
    fact: str
    what_is_right: str
    told_by: str
    made_by: str
    made_at: datetime
    steps: tuple[StepRecord, ...]


class FactsWrong(Record):
    """Those not answered yet, oldest first."""

    wrong_facts: tuple[FactWrongRecord, ...]
