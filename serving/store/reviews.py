"""Reviews: those due, and those held. A review is the next version of its screening."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from serving.access import Person
from serving.store.screenings import Said, Screened


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
    raise NotImplementedError


def hold_review(
    session: Session, person: Person, screening: int, version: int, held_on: date, said: Said
) -> Screened:
    """Append what a review found; `said.review_on` is the next one, None ends the cycle.

    Raises
    ------
    NotThere
    Stale
    RecordsRefused
        The screening has no outcome yet, or a rule of `screenings.record` is broken.
    """
    raise NotImplementedError
