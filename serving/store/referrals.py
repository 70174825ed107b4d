"""Referrals: a child raised for a screening by anybody, by any door, with no list and no estimate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from serving.security.access import Action, Person, in_scope, kept_number, require, require_school, visible
from serving.store.caseloads import school_of
from serving.store.errors import NotThere, RecordsRefused
from serving.store.said import too_long
from serving.store.steps import REFERRAL, steps_of, take_step
from serving.store.tables import Placement, Referral

ROUTES = (
    "school", "family", "child", "health", "social_care", "early_help", "virtual_school", "youth_justice", "other",
)  # fmt: skip
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
        The school, for a pupil whom no roll knows yet; it must be one of the person's. Of one whom a roll
        knows, the roll's school counts.

    Raises
    ------
    NotThere
    RecordsRefused
    """
    require(person, Action.REFER)
    is_known = (
        session.scalar(select(Placement.pupil).where(Placement.pupil == kept_number(pupil))) is not None
    )
    if is_known or urn is None:
        if not visible(session, person, [pupil]):
            raise NotThere
        urn = school_of(session, pupil)
    else:
        require_school(session, person, urn)
    breaches = too_long(referred_by=referred_by, reasons=reasons)
    if route not in ROUTES:
        breaches.append(f"route is not known. Allowed values are {', '.join(ROUTES)}.")
    if not reasons.strip() or not referred_by.strip():
        breaches.append("A referral needs who raises the child, and why, in words.")
    if breaches:
        raise RecordsRefused(*breaches)
    row = Referral(
        pupil=pupil, urn=urn, referred_by=referred_by, route=route, reasons=reasons, made_by=person.name,
        made_at=datetime.now(UTC),
    )  # fmt: skip
    session.add(row)
    session.flush()
    take_step(session, person, REFERRAL, row.id, 0, WAITING)
    return _one(session, person, row.id)


def referrals(session: Session, person: Person, state: str | None = WAITING) -> list[Referred]:
    """The person's referrals in a state (None: all), oldest first."""
    require(person, Action.READ_REFERRAL)
    rows = session.scalars(
        select(Referral).where(in_scope(person, Referral.pupil, Referral.urn)).order_by(Referral.id)
    )
    return [found for found in referred(session, list(rows)) if state in (None, found.state)]


def close_referral(session: Session, person: Person, referral: int, version: int, words: str) -> Referred:
    """Close a referral without a screening, saying why; one that is screened is closed by its screening.

    Raises
    ------
    NotThere
    Stale
    RecordsRefused
    """
    require(person, Action.REFER)
    before = _one(session, person, referral)
    if before.state != WAITING or not words.strip():
        raise RecordsRefused("Only a referral that waits can be closed, and words must say why.")
    take_step(session, person, REFERRAL, referral, version, CLOSED, words)
    return _one(session, person, referral)


def school_of_referral(session: Session, person: Person, referral: int, pupil: int) -> int:
    """URN of a referral of this very pupil in the person's scope; else NotThere."""
    found = _one(session, person, referral)
    if found.pupil != pupil:
        raise NotThere
    return found.urn


def screen_referral(session: Session, person: Person, referral: int) -> None:
    """Note that a screening of the referred child has begun; a referral may lead to more than one."""
    before = _one(session, person, referral)
    if before.state != SCREENED:
        take_step(session, person, REFERRAL, referral, before.version, SCREENED)


def referred(session: Session, rows: Sequence[Referral]) -> list[Referred]:
    """Stored referrals as records, each with where it stands."""
    steps = steps_of(session, REFERRAL, [row.id for row in rows])
    return [
        Referred(
            row.id, row.pupil, row.urn, row.referred_by, row.route, row.reasons, row.made_by, row.made_at,
            steps[row.id][-1].state, steps[row.id][-1].version,
        )
        for row in rows
    ]  # fmt: skip


def _one(session: Session, person: Person, referral: int) -> Referred:
    mine = in_scope(person, Referral.pupil, Referral.urn)
    row = session.scalar(select(Referral).where(Referral.id == kept_number(referral), mine))
    if row is None:
        raise NotThere
    return referred(session, [row])[0]
