"""Referrals: a child raised for a screening by anybody, by any door, with no list and no estimate."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from serving.access import Person

ROUTES = (
    "school",
    "family",
    "child",
    "health",
    "social_care",
    "early_help",
    "virtual_school",
    "police_or_youth_justice",
    "other",
)
WAITING, SCREENED, CLOSED = "waiting", "screened", "closed"


@dataclass(frozen=True)
class Referred:
    """A referral as it stands; `state` is waiting, screened or closed."""

    id: int
    pupil: int
    urn: int
    referred_by: str
    route: str
    reasons: str
    made_by: str
    made_at: datetime
    state: str
    version: int


def refer(
    session: Session,
    person: Person,
    pupil: int,
    route: str,
    referred_by: str,
    reasons: str,
    urn: int | None = None,
) -> Referred:
    """Raise a child. Needs no release, no list and no estimate, and works while there is none.

    Parameters
    ----------
    referred_by : str
        Who raises the child, in words: "form tutor", "mother".
    urn : int, optional
        The school, for a pupil whom no roll knows yet; it must be one of the person's.

    Raises
    ------
    NotThere
    RecordsRefused
    """
    raise NotImplementedError


def referrals(session: Session, person: Person, state: str | None = WAITING) -> list[Referred]:
    """The person's referrals in a state (None: all), oldest first."""
    raise NotImplementedError


def close_referral(session: Session, person: Person, referral: int, version: int, words: str) -> Referred:
    """Close a referral without a screening, saying why; one that is screened is closed by its screening.

    Raises
    ------
    NotThere
    Stale
    RecordsRefused
    """
    raise NotImplementedError
