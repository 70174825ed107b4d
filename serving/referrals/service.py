"""Referrals: a child raised for a screening by anybody, by any door, with no list and no estimate.

Functions that write are called in a `Database.writing()` block.
"""

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from serving.database.steps import REFERRAL, take_step
from serving.database.tables import Referral
from serving.errors import Breach, NotThere, RecordsRefused
from serving.referrals.record import CLOSED, HELD, PASS_ON, SCREENED, WAITING, ReferralContent, ReferralRecord
from serving.referrals.store import referrals_of
from serving.security.access import Action, Person, in_scope, kept_number, require, require_school, visible
from serving.security.rolls import NO_SCHOOL, last_school, school_of


def refer(
    session: Session, person: Person, pupil: int, content: ReferralContent, urn: int | None = None
) -> ReferralRecord:
    """Raise a child. Needs no release, no list and no estimate, and works while there is none.

    A pupil out of the person's scope is answered alike whether another roll knows the pupil or none does, now and
    afterwards: the referral is kept (`HELD`), seen by nobody but information governance until it is passed on.

    Parameters
    ----------
    urn : int, optional
        The school that asks, for a pupil out of the person's scope; it must be one of the person's. Of one
        within it, the roll's school counts.

    Raises
    ------
    NotThere
    RecordsRefused
    """
    require(person, Action.REFER)
    is_mine = bool(visible(session, person, [kept_number(pupil)]))
    if is_mine:
        urn = school_of(session, pupil)
    elif urn is None:
        raise NotThere
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
    take_step(session, person, REFERRAL, row.id, 0, WAITING if is_mine else HELD)
    return referrals_of(session, [row])[0]


def referrals(session: Session, person: Person, state: str | None = WAITING) -> list[ReferralRecord]:
    """The person's referrals in a state (None: all but those kept), oldest first."""
    require(person, Action.READ_REFERRAL)
    rows = session.scalars(
        select(Referral).where(in_scope(person, Referral.pupil, Referral.urn)).order_by(Referral.id)
    )
    return [
        found
        for found in referrals_of(session, list(rows))
        if found.state != HELD and state in (None, found.state)
    ]


def held_referrals(session: Session, person: Person) -> list[ReferralRecord]:
    """Referrals kept for information governance, oldest first."""
    require(person, Action.PASS_ON_REFERRAL)
    rows = session.scalars(select(Referral).order_by(Referral.id))
    return [found for found in referrals_of(session, list(rows)) if found.state == HELD]


def pass_on(
    session: Session, person: Person, referral: int, version: int, becomes: str, words: str
) -> ReferralRecord:
    """Pass a kept referral on to the school of the child's roll, or of nobody's roll to the school it names; or close it.

    Raises
    ------
    NotThere
        There is none, or it is not kept: whoever passes on sees no other referral.
    Stale
    RecordsRefused
    """
    require(person, Action.PASS_ON_REFERRAL)
    row = session.get(Referral, kept_number(referral))
    if row is None or referrals_of(session, [row])[0].state != HELD:
        raise NotThere
    if not words.strip():
        raise RecordsRefused(Breach("words", "missing", "Say why, in words."))
    take_step(session, person, REFERRAL, referral, version, WAITING if becomes == PASS_ON else CLOSED, words)
    if (urn := last_school(session, row.pupil)) != NO_SCHOOL:
        row.urn = urn
        session.flush()
    return referrals_of(session, [row])[0]


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
    found = referrals_of(session, [row])[0] if row is not None else None
    if found is None or found.state == HELD:
        raise NotThere
    return found
