"""What families ask under data protection law: a copy, an objection, a correction, erasure; and objections in force."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from sqlalchemy import select
from sqlalchemy.orm import Session

from serving.database.steps import RIGHTS_REQUEST, steps_of, take_step
from serving.database.tables import Objection, RightsRequest
from serving.desk import Desk
from serving.errors import Breach, NotThere, RecordsRefused
from serving.rights.held import Places, everything_held
from serving.rights.identity import find_pupil
from serving.rights.record import DECLINED, GRANTED, RECEIVED, RightAsked, RightRecord
from serving.security.access import Action, Person, kept_number, require
from serving.wording import pseudonym

OBJECTIONS = select(Objection.pupil, Objection.from_on, Objection.to_on)
ACKNOWLEDGE_WITHIN = timedelta(days=30)  # a complaint: DPA 2018 s.164A


def due_on(kind: str, received_on: date) -> date:
    """The last day to answer: a month (UK GDPR Article 12(3)); for a complaint, to acknowledge it."""
    if kind == "complain":
        return received_on + ACKNOWLEDGE_WITHIN
    return received_on + relativedelta(months=1)


def ask(session: Session, person: Person, asked: RightAsked) -> RightRecord:
    """Enter a request; an objection pauses scoring from the day it was received.

    Raises
    ------
    NotThere
        The person's role does not use rights.
    RecordsRefused
        The day is still to come.
    """
    require(person, Action.USE_RIGHTS)
    pupil, on = kept_number(asked.pupil), asked.received_on or date.today()
    if on > date.today():
        raise RecordsRefused(
            Breach("received_on", "to_come", "It is still to come. Give the day the request came in.")
        )
    kind = asked.kind
    row = RightsRequest(
        kind=kind, pupil=pupil, received_on=on, due_on=due_on(kind, on), words=asked.words, made_by=person.name,
        made_at=datetime.now(UTC),
    )  # fmt: skip
    session.add(row)
    session.flush()
    take_step(session, person, RIGHTS_REQUEST, row.id, 0, RECEIVED)
    if kind == "object":
        session.add(Objection(request=row.id, pupil=pupil, from_on=on, to_on=None))
        session.flush()
    return as_requests(session, [row])[0]


def answer_request(
    session: Session, person: Person, request: int, version: int, granted: bool, words: str
) -> RightRecord:
    """What the controller answered. An objection that is granted stays in force; one that is not ends today.

    Raises
    ------
    NotThere
    Stale
    RecordsRefused
        No reason is given.
    """
    require(person, Action.USE_RIGHTS)
    row = session.get(RightsRequest, kept_number(request))
    if row is None:
        raise NotThere
    if not words.strip():
        raise RecordsRefused(Breach("words", "missing", "An answer to a request needs its reason in words."))
    take_step(session, person, RIGHTS_REQUEST, request, version, GRANTED if granted else DECLINED, words)
    objection = session.get(Objection, request)
    if objection is not None:
        objection.to_on = None if granted else date.today()
        session.flush()
    return as_requests(session, [row])[0]


def read_request(session: Session, person: Person, request: int) -> RightRecord:
    """One request; NotThere where there is none."""
    require(person, Action.USE_RIGHTS)
    row = session.get(RightsRequest, kept_number(request))
    if row is None:
        raise NotThere
    return as_requests(session, [row])[0]


def requests(session: Session, person: Person, is_open: bool = True) -> list[RightRecord]:
    """Rights requests, the one due first first; `is_open` leaves out those answered."""
    require(person, Action.USE_RIGHTS)
    rows = session.scalars(select(RightsRequest).order_by(RightsRequest.due_on, RightsRequest.id))
    found = as_requests(session, list(rows))
    return [each for each in found if not is_open or each.state == RECEIVED]


def as_requests(session: Session, rows: list[RightsRequest]) -> list[RightRecord]:
    """Stored requests as records, each with where it stands."""
    steps = steps_of(session, RIGHTS_REQUEST, [row.id for row in rows])
    return [
        RightRecord.model_construct(
            request=row.id, kind=row.kind, pupil=row.pupil, received_on=row.received_on, due_on=row.due_on,
            words=row.words, state=steps[row.id][-1].state, version=steps[row.id][-1].version,
        )
        for row in rows
    ]  # fmt: skip


def objecting(session: Session, pupils: Iterable[int] | None = None, *on: date) -> set[int]:
    """Which pupils (of some, or of all) have an objection in force on any of some days; none named is today.

    The service shows no estimate, list entry or explanation of these, whatever was prepared before: they are
    `not_assessed` with the reason `objection`.
    """
    days = on or (date.today(),)
    # Objections are few: all of them are read, and compared here, whatever the number of pupils asked about.
    found = {
        pupil
        for pupil, start, end in session.execute(OBJECTIONS)
        if any(start <= day and (end is None or end >= day) for day in days)
    }
    return found if pupils is None else found & set(pupils)


def held_on(desk: Desk, pupil: int) -> tuple[dict[str, Any], bool]:
    """Everything held on one pupil wherever this service keeps anything, and whether anything is.

    Of somebody on whom nothing is held, an erased pupil too, the log keeps no token: its key would be a trace.
    """
    home, identities = desk.settings.home, desk.identities
    folders = [
        *(home / each for each in desk.settings.holds),
        desk.settings.prepared,
        *([identities] if identities else []),
    ]
    places = Places(tuple(each for each in folders if each.exists()), identities)
    held = everything_held(desk.database, find_pupil(pseudonym(pupil), identities), places)
    return held, bool(held["lists"] or held["files"] or any(held["service"].values()))
