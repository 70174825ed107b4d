"""Whose frequency a meeting has opened: shown with the list of that date from then on."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from serving.security.access import MOST_AT_ONCE
from serving.store.tables import FrequencyOpening, Screening

# Written once: writing a query anew costs more than asking it.
OPENED = (
    select(Screening.pupil)
    .join(FrequencyOpening, FrequencyOpening.screening == Screening.id)
    .where(Screening.pupil.in_(bindparam("some", expanding=True)), Screening.list_as_of == bindparam("as_of"))
)


def frequency_opened(session: Session, pupils: Iterable[int], as_of: date) -> set[int]:
    """Which of some pupils have had their frequency opened in a screening begun with the list of a date.

    Parameters
    ----------
    pupils : iterable of int
        Pupils in the caller's scope; this asks nothing of scopes.
    """
    asked = sorted(set(pupils))
    found: set[int] = set()
    for start in range(0, len(asked), MOST_AT_ONCE):
        found |= set(session.scalars(OPENED, {"some": asked[start : start + MOST_AT_ONCE], "as_of": as_of}))
    return found
