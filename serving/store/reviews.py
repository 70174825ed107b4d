"""Reviews: those due, and those held. A review is the next version of its screening."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from serving.security.access import Action, Person, in_scope, require
from serving.store.errors import RecordsRefused
from serving.store.latest import latest_versions
from serving.store.said import Said, Screened
from serving.store.screenings import append_review, read
from serving.store.tables import Screening, ScreeningVersion


@dataclass(frozen=True)
class ReviewDue:
    """A screening whose review has not been held."""

    screening: int
    pupil: int
    urn: int
    review_on: date
    version: int


def reviews_due(session: Session, person: Person, by: date) -> list[ReviewDue]:
    """The person's screenings with a review on or before a day that was not held yet, the longest due first."""
    require(person, Action.REVIEW_SCREENING)
    rows = session.execute(
        latest_versions()
        .where(in_scope(person, Screening.pupil, Screening.urn), ScreeningVersion.review_on <= by)
        .order_by(ScreeningVersion.review_on, Screening.id)
    )
    return [
        ReviewDue(found.id, found.pupil, found.urn, now.review_on, now.version)
        for found, now in rows
        if now.review_on is not None
    ]


def hold_review(
    session: Session, person: Person, screening: int, version: int, held_on: date, said: Said
) -> Screened:
    """Append what a review found; `said.review_on` is the next one, None ends the cycle.

    Raises
    ------
    NotThere
    Stale
    RecordsRefused
        The screening has no outcome yet, the day is before the meeting or to come, or a rule of
        `screenings.record` is broken.
    """
    require(person, Action.REVIEW_SCREENING)
    before = read(session, person, screening)
    breaches = []
    if before.now.said.outcome is None:
        breaches.append(
            "The screening has no outcome yet, so there is nothing to review. Record its outcome first."
        )
    if said.outcome is None:
        breaches.append("A review ends with an outcome. Say it in outcome.")
    if held_on < before.meeting_on or held_on > date.today():
        breaches.append("held_on is before the meeting or still to come. Give the day of the review.")
    if breaches:
        raise RecordsRefused(*breaches)
    return append_review(session, person, screening, version, held_on, said)
