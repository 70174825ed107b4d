"""The frequency of a pupil's band: opened once the meeting's own view stands recorded, and noted each time."""

from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from serving.access import Action, Person, require, require_pupil
from serving.store.errors import ViewFirst
from serving.store.said import Screened
from serving.store.screenings import SET_ASIDE, read, screenings_of
from serving.store.tables import FrequencyOpening


def open_frequency(session: Session, person: Person, pupil: int, as_of: date) -> Screened:
    """Note that the person opens the frequency of a pupil's band, and give the screening that allows it.

    What the frequency is, the caller knows; nothing of it is stored.

    Parameters
    ----------
    as_of : date
        Of the list whose frequency is opened: the screening was held on that day or after, so that last
        year's view opens nothing today.

    Raises
    ------
    NotThere
    ViewFirst
        No such screening of this pupil holds what was considered and the meeting's own view.
    """
    require(person, Action.OPEN_FREQUENCY)
    require_pupil(session, person, pupil)
    held = [
        found
        for found in screenings_of(session, person, pupil)
        if found.meeting_on >= as_of and found.now.state != SET_ASIDE and found.now.said.has_own_view
    ]
    if not held:
        raise ViewFirst
    latest = held[-1]
    session.add(
        FrequencyOpening(
            screening=latest.id,
            version=latest.now.version,
            opened_by=person.name,
            opened_at=datetime.now(UTC),
        )
    )
    session.flush()
    return read(session, person, latest.id)
