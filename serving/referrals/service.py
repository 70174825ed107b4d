"""Referrals: a child raised for a screening by anybody, by any door, with no list and no estimate.

Functions that write are called in a `Database.writing()` block.
"""

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from serving.database.steps import REFERRAL, take_step
from serving.database.tables import Placement, Referral
from serving.errors import Breach, NotThere, RecordsRefused
from serving.referrals.record import CLOSED, SCREENED, WAITING, ReferralContent, ReferralRecord
from serving.referrals.store import referrals_of
from serving.security.access import Action, Person, in_scope, kept_number, require, require_school, visible
from serving.security.rolls import school_of


def refer(
    session: Session, person: Person, pupil: int, content: ReferralContent, urn: int | None = None
) -> ReferralRecord:
    """Raise a child. Needs no release, no list and no estimate, and works while there is none.

    Parameters
    ----------
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
    if breaches := [
        Breach(name, "missing", "Say this.")
        for name in ("referred_by", "reasons")
        if not getattr(content, name).strip()
    ]:
        raise RecordsRefused(*breaches)
    row = Referral(
        pupil=pupil,
        urn=urn,
        content=content.model_dump(mode="json", include=set(ReferralContent.model_fields)),
        made_by=person.name,
        made_at=datetime.now(UTC),
    )
    session.add(row)
    session.flush()
    take_step(session, person, REFERRAL, row.id, 0, WAITING)
    return _one(session, person, row.id)


def referrals(session: Session, person: Person, state: str | None = WAITING) -> list[ReferralRecord]:
    """The person's referrals in a state (None: all), oldest first."""
    require(person, Action.READ_REFERRAL)
    rows = session.scalars(
        select(Referral).where(in_scope(person, Referral.pupil, Referral.urn)).order_by(Referral.id)
    )
    return [found for found in referrals_of(session, list(rows)) if state in (None, found.state)]


def close_referral(
    session: Session, person: Person, referral: int, version: int, words: str
) -> ReferralRecord:
    """Close a referral without a screening, saying why; one that is screened is closed by its screening.

    Raises
    ------
    NotThere
    Stale
    RecordsRefused
    """
    require(person, Action.REFER)
    before = _one(session, person, referral)
    breaches = []
    if before.state != WAITING:
        breaches.append(Breach("", "not_waiting", "Only a referral that waits can be closed."))
    if not words.strip():
        breaches.append(Breach("words", "missing", "Say why it is closed."))
    if breaches:
        raise RecordsRefused(*breaches)
    take_step(session, person, REFERRAL, referral, version, CLOSED, words)
    return _one(session, person, referral)


def school_of_referral(session: Session, person: Person, referral: int, pupil: int) -> int:
    """URN of a referral of this very pupil in the person's scope; else NotThere."""
    found = _one(session, person, referral)
    if found.pupil != pupil:
        raise NotThere
    return found.school


def screen_referral(session: Session, person: Person, referral: int) -> None:
    """Note that a screening of the referred child has begun; a referral may lead to more than one."""
    before = _one(session, person, referral)
    if before.state != SCREENED:
        take_step(session, person, REFERRAL, referral, before.version, SCREENED)


def _one(session: Session, person: Person, referral: int) -> ReferralRecord:
    mine = in_scope(person, Referral.pupil, Referral.urn)
    row = session.scalar(select(Referral).where(Referral.id == kept_number(referral), mine))
    if row is None:
        raise NotThere
    return referrals_of(session, [row])[0]
