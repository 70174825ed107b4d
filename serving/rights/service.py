"""What families ask under data protection law: a copy, an objection, a correction, erasure; and objections in force."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from sqlalchemy import select
from sqlalchemy.orm import Session

from serving.backups.erased import ERASED_FILE, ErasureList
from serving.backups.make import listed_backups
from serving.corrections.record import FactWrongContent, FactWrongRecord
from serving.corrections.service import enter_wrong_fact
from serving.database.steps import RIGHTS_REQUEST, Taken, steps_of, take_step
from serving.database.tables import LogEntry, Objection, RightsRequest
from serving.desk import Desk
from serving.errors import Breach, NotThere, RecordsRefused
from serving.rights.erase import erase, require_second
from serving.rights.held import Places, everything_held, places_of, viewers
from serving.rights.identity import find_pupil
from serving.rights.record import (
    ACKNOWLEDGED,
    COMPLAINT,
    DECLINED,
    ERASED,
    GRANTED,
    RECEIVED,
    WAITING,
    ErasureCarriedOut,
    ErasureProof,
    RightAsked,
    RightRecord,
)
from serving.rights.under_way import ERASURES, UnderWay
from serving.rights.words import still_found
from serving.security.access import Action, Person, kept_number, require
from serving.security.access_log.chain import RECORDED, Entry
from serving.security.rolls import last_school
from serving.wording import pseudonym

OBJECTIONS = select(Objection.pupil, Objection.from_on, Objection.to_on)
ACKNOWLEDGE_WITHIN = timedelta(days=30)  # a complaint: DPA 2018 s.164A


def due_on(kind: str, received_on: date) -> date:
    """The last day to answer: a month (UK GDPR Article 12(3)); for a complaint, to acknowledge it."""
    if kind == COMPLAINT:
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
    if as_requests(session, [row])[0].state not in WAITING:
        raise RecordsRefused(Breach("", "answered", "It is answered already. What stands is below."))
    take_step(session, person, RIGHTS_REQUEST, request, version, GRANTED if granted else DECLINED, words)
    objection = session.get(Objection, request)
    if objection is not None:
        objection.to_on = None if granted else date.today()
        session.flush()
    return as_requests(session, [row])[0]


def acknowledge(session: Session, person: Person, request: int, version: int) -> RightRecord:
    """Note that a complaint was acknowledged: its clock of 30 days stops, and an answer is still owed.

    Raises
    ------
    NotThere
    Stale
    RecordsRefused
        It is no complaint that waits.
    """
    before = read_request(session, person, request)
    if before.kind != COMPLAINT or before.state != RECEIVED:
        raise RecordsRefused(
            Breach("", "not_waiting", "Only a complaint that waits is acknowledged. Answer the request.")
        )
    take_step(session, person, RIGHTS_REQUEST, request, version, ACKNOWLEDGED)
    return read_request(session, person, request)


def pass_on_fact(
    session: Session, person: Person, request: int, content: FactWrongContent
) -> tuple[RightRecord, FactWrongRecord]:
    """Pass what a family says is wrong on to the owner of the record; the request still waits for its answer.

    Raises
    ------
    NotThere
    RecordsRefused
        The request asks for something else, or something is not said.
    """
    found = read_request(session, person, request)
    if found.kind != "rectify" or found.state not in WAITING or found.pupil is None:
        raise RecordsRefused(
            Breach("", "not_waiting", "Only a request to put a fact right that waits is passed on.")
        )
    return found, enter_wrong_fact(session, person, found.pupil, last_school(session, found.pupil), content)


def steps_taken(
    session: Session, person: Person, request: int
) -> tuple[RightRecord, tuple[Taken, ...], ErasureProof | None]:
    """A request, the steps it took, and, once it was carried out, the proof of an erasure."""
    found = read_request(session, person, request)
    taken = steps_of(session, RIGHTS_REQUEST, [request])[request]
    proofs = [
        ErasureProof.model_validate_json(each.words) for each in taken if each.state == ERASED and each.words
    ]
    return found, taken, proofs[-1] if proofs else None


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
    return [each for each in found if not is_open or each.state in WAITING]


def as_requests(session: Session, rows: list[RightsRequest]) -> list[RightRecord]:
    """Stored requests as records, each with where it stands."""
    steps = steps_of(session, RIGHTS_REQUEST, [row.id for row in rows])
    return [
        RightRecord.model_construct(
            request=row.id, kind=row.kind, pupil=row.pupil, received_on=row.received_on, due_on=row.due_on,
            words=row.words, state=steps[row.id][-1].state, version=steps[row.id][-1].version,
            answered_by=next((each.author for each in reversed(steps[row.id]) if each.state in (GRANTED, DECLINED)), ""),
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
    held = everything_held(desk.database, find_pupil(pseudonym(pupil), desk.identities), _what_there_is(desk))
    return held, bool(held["lists"] or held["files"] or any(held["service"].values()))


def _what_there_is(desk: Desk) -> Places:
    """The places that are there: a copy is made of what is held, also where the settings name no place or a lost one."""
    settings = desk.settings
    named = (
        *(settings.home / each for each in settings.holds),
        settings.prepared,
        *filter(None, [desk.identities]),
    )
    return Places(tuple(each for each in named if each.exists()), desk.identities)


def viewers_of(desk: Desk, person: Person, pupil: int) -> list[LogEntry]:
    """Who was shown something about a pupil, or asked for it, oldest first; nobody of whoever is held nowhere."""
    require(person, Action.READ_LOG)
    with desk.database.reading() as session:
        return viewers(session, kept_number(pupil))


def begin_erasure(
    desk: Desk, person: Person, request: int, asked: ErasureCarriedOut, call: str = ""
) -> UnderWay:
    """Begin an erasure that somebody else granted; that it begins is in the access log first. It goes on by itself.

    Parameters
    ----------
    asked : ErasureCarriedOut
        The child as this second person names them: it must be the child of the request.
    call : str
        Number of the request to the service, for the log.

    Returns
    -------
    UnderWay
        Its `done` ends in the proof; or in RecordsRefused, where a search still finds the child, and where; or in
        DatabaseRefused or NoRoom: it was begun and can be given again.

    Raises
    ------
    NotThere
        The child named is not the one of the request.
    RecordsRefused
        It was not granted, or by this very person; another erasure is under way; or it is not known where pupils are held.
    BackupRefused
        Nobody knows which backups there are.
    """
    require(person, Action.USE_RIGHTS)
    broken = [] if asked.asked.strip() else [Breach("asked", "missing", "Type it.")]
    if asked.is_meant is not True:
        broken.append(Breach("is_meant", "not_meant", "Say yes once you have read it."))
    if broken:
        raise RecordsRefused(*broken)
    try:
        who = find_pupil(asked.asked, desk.identities)
    except RecordsRefused as error:
        raise RecordsRefused(*(Breach("asked", "no_pupil", each.text) for each in error.broken)) from None
    places = places_of(desk.settings)
    erasures = ErasureList(desk.settings.home / ERASED_FILE, desk.log.key())

    def prepare() -> Callable[[UnderWay], ErasureProof]:
        require_second(desk.database, person, who, request, erasures)
        backups = listed_backups(desk.settings.home)
        what = f"erasure, request {request}"
        desk.log.write(
            Entry(person.name, person.role, Action.USE_RIGHTS, what, (who.pupil,), RECORDED, request=call)
        )

        def carry_out(under_way: UnderWay) -> ErasureProof:
            try:
                done = erase(desk.database, person, who, places, request, erasures, backups, under_way.tell)
            finally:
                desk.look_again()
            proof = done.proof(places)
            if not done.is_proven:
                raise RecordsRefused(*still_found(proof))
            return proof

        return carry_out

    return ERASURES.begin(desk.settings.home, request, prepare)


def under_way(desk: Desk) -> dict[int, UnderWay]:
    """The erasures that go on in this process, or ended without their proof, by request.

    Ask before the requests are read: one that ends between the two is then told by its step, and its child by nobody.
    """
    return ERASURES.at(desk.settings.home)
