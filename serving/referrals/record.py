"""What a referral says: the only place that names a field of one."""

from datetime import datetime
from typing import Annotated

from serving.http.fields import Question, Vocabulary
from serving.http.records import Asked, Name, Pupil, Record, Said, Urn, Version

ROUTES = Vocabulary({
    "school": "School",
    "family": "Family",
    "child": "The child",
    "health": "Health",
    "social_care": "Social care",
    "early_help": "Early help",
    "virtual_school": "Virtual School",
    "youth_justice": "Youth justice",
    "other": "Another way",
})  # fmt: skip
HELD, WAITING, SCREENED, CLOSED = "held", "waiting", "screened", "closed"
STATES = Vocabulary({
    HELD: "Kept for information governance to pass on",
    WAITING: "Waits for a screening",
    SCREENED: "A screening began",
    CLOSED: "Closed without a screening",
})  # fmt: skip


class ReferralContent(Asked):
    """Why somebody raises a child, and by which door."""

    route: Annotated[str, ROUTES, Question("How the child came to the meeting")]
    referred_by: Annotated[Name, Question("Who raises the child", "As: form tutor, mother, school nurse.")]
    reasons: Annotated[Said, Question("Why", rows=3)]


PASS_ON = "pass_on"
WAYS = Vocabulary({
    PASS_ON: "Pass it on",
    CLOSED: "Close it",
})  # fmt: skip


class ReferralMade(ReferralContent):
    """A child raised by anybody, by any door. Needs no score, and works while there is none.

    A child on no roll of whoever raises them is answered alike whether another roll knows the child or none: the
    referral is kept for information governance to pass on.
    """

    pupil: Pupil
    school: Annotated[Urn | None, Question("School", "For a pupil on no roll of yours.")] = None


class ReferralClosed(Asked):
    """Why a referral is closed without a screening."""

    version: Version
    words: Annotated[Said, Question("Why", rows=2)]


class ReferralPassedOn(Asked):
    """What becomes of a referral that is kept: the school of the child's roll takes it up, else the one it names."""

    version: Version
    becomes: Annotated[str, WAYS, Question("What becomes of it")]
    words: Annotated[Said, Question("In words", "As: the school agreed to take it up.", rows=2)]


class ReferralHead(Record):
    """Which referral, of whom."""

    referral: int
    pupil: Pupil
    school: int


class ReferralRecord(ReferralContent, ReferralHead):
    """A referral as it stands."""

    made_by: str
    made_at: datetime
    state: Annotated[str, STATES]
    version: int


class Referrals(Record):
    """Some referrals, oldest first."""

    referrals: tuple[ReferralRecord, ...]
