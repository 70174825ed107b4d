"""Referrals in the database: rows into records."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from serving.database.steps import REFERRAL, steps_of
from serving.database.tables import Referral
from serving.http.fields import as_stored
from serving.referrals.record import ReferralContent, ReferralRecord


def referrals_of(session: Session, rows: Sequence[Referral]) -> list[ReferralRecord]:
    """Stored referrals as records, each with where it stands."""
    steps = steps_of(session, REFERRAL, [row.id for row in rows])
    return [
        ReferralRecord.model_construct(
            referral=row.id,
            pupil=row.pupil,
            school=row.urn,
            **as_stored(ReferralContent, row.content),
            made_by=row.made_by,
            made_at=row.made_at,
            state=steps[row.id][-1].state,
            version=steps[row.id][-1].version,
        )
        for row in rows
    ]
