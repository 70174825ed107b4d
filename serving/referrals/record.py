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
WAITING, SCREENED, CLOSED = "waiting", "screened", "closed"
STATES = Vocabulary({
    WAITING: "Waits for a screening",
    SCREENED: "A screening began",
    CLOSED: "Closed without a screening",
})  # fmt: skip


class ReferralContent(Asked):
    """Why somebody raises a child, and by which door."""

    route: Annotated[str, ROUTES, Question("How the child came to the meeting")]
    referred_by: Annotated[Name, Question("Who raises the child", "As: form tutor, mother, school nurse.")]
    reasons: Annotated[Said, Question("Why", rows=3)]


class ReferralMade(ReferralContent):
    """A child raised by anybody, by any door. Needs no score, and works while there is none."""

    pupil: Pupil
    school: Annotated[Urn | None, Question("School", "For a pupil whom no roll knows yet.")] = None


class ReferralClosed(Asked):
    """Why a referral is closed without a screening."""

    version: Version
    words: Annotated[Said, Question("Why", rows=2)]


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
    """Referrals waiting for a screening, oldest first."""

    referrals: tuple[ReferralRecord, ...]
