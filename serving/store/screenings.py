"""Screenings: what a meeting considered, its own view, and its outcome. People write every word of one.

Rules, held here and by the tables:

- One child at a time: a person begins the next when the one before has its outcome, or is set aside.
- Something beyond the model was considered, or there is no outcome.
- The meeting's own view stands recorded before the frequency can be opened.
- Edits append: version n + 1 beside n. Of two people who write on version n, the second is told (`Stale`), and
  nothing of either is lost.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime

from sqlalchemy import Row, Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from serving.security.access import Action, Person, in_scope, kept_number, require, require_pupil
from serving.store.caseloads import school_of
from serving.store.errors import NotThere, OneAtATime, RecordsRefused, Stale, ViewFirst
from serving.store.latest import latest_versions, version_of
from serving.store.referrals import school_of_referral, screen_referral
from serving.store.said import Prompted, Said, Screened, Version, check_prompted, check_said
from serving.store.tables import FrequencyOpening, Screening, ScreeningVersion, User

OPEN, SET_ASIDE, DONE = "open", "set_aside", "done"
NO_LIST, NOTHING_YET = Prompted(), Said()


def begin(
    session: Session,
    person: Person,
    pupil: int,
    meeting_on: date,
    said: Said = NOTHING_YET,
    prompted: Prompted = NO_LIST,
) -> Screened:
    """Begin the screening of one child, in a `Database.writing()` block.

    Raises
    ------
    NotThere
        The pupil, or the referral, is not in the person's scope.
    OneAtATime
        Another screening is open in this person's hands.
    RecordsRefused
        A rule is broken; every breach at once.
    """
    require(person, Action.RECORD_SCREENING)
    if prompted.referral is None:
        require_pupil(session, person, pupil)
        urn = school_of(session, pupil)
    else:
        urn = school_of_referral(session, person, prompted.referral, pupil)
    if meeting_on > date.today():
        raise RecordsRefused("meeting_on is still to come. Record a screening when it is held.")
    check_prompted(prompted)
    check_said(said, meeting_on)
    _one_at_a_time(session, person)
    now = datetime.now(UTC)
    row = Screening(
        pupil=pupil, urn=urn, meeting_on=meeting_on, prompt=prompted.prompt, list_as_of=prompted.list_as_of,
        release=prompted.release, referral=prompted.referral, begun_by=person.name, begun_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _append(session, person, row.id, 0, said, _state(said))
    if prompted.referral is not None:
        screen_referral(session, person, prompted.referral)
    return read(session, person, row.id)


def record(session: Session, person: Person, screening: int, version: int, said: Said) -> Screened:
    """Append what the screening says now, written on the version that the writer had read.

    `said` is the whole of it: what is left out of it is empty in the new version, and stands in the old.

    Raises
    ------
    NotThere
    Stale
        Somebody wrote after `version`; it names the version that is current.
    OneAtATime
        It would be open again while another is open in the hands of whoever began it.
    RecordsRefused
    """
    require(person, Action.RECORD_SCREENING)
    before = read(session, person, screening)
    check_said(said, before.meeting_on)
    if _state(said) == OPEN and before.now.state != OPEN and before.begun_by == person.name:
        _one_at_a_time(session, person)
    _append(session, person, screening, version, said, _state(said), before.now.review_held_on)
    return read(session, person, screening)


def set_aside(session: Session, person: Person, screening: int, version: int, words: str) -> Screened:
    """Put an open screening aside, with the reason in words; `record` takes it up again."""
    require(person, Action.RECORD_SCREENING)
    before = read(session, person, screening)
    if before.now.state != OPEN or not words.strip():
        raise RecordsRefused("Only an open screening can be set aside, and words must say why.")
    said = replace(before.now.said, words=words)
    check_said(said, before.meeting_on)
    _append(session, person, screening, version, said, SET_ASIDE)
    return read(session, person, screening)


def append_review(
    session: Session, person: Person, screening: int, version: int, held_on: date, said: Said
) -> Screened:
    """Append the version that a review wrote; the rules on reviews are `reviews.hold_review`'s."""
    before = read(session, person, screening)
    check_said(said, max(before.meeting_on, held_on))
    _append(session, person, screening, version, said, DONE, held_on)
    return read(session, person, screening)


def read(session: Session, person: Person, screening: int) -> Screened:
    """A screening as it stands; NotThere alike where it is missing and where it is not the person's to see."""
    require(person, Action.READ_SCREENING)
    row = session.execute(_current(person).where(Screening.id == kept_number(screening))).first()
    if row is None:
        raise NotThere
    return _screened(session, row)


def versions(session: Session, person: Person, screening: int) -> list[Version]:
    """Every version, oldest first."""
    read(session, person, screening)
    query = select(ScreeningVersion).where(ScreeningVersion.screening == screening)
    return [version_of(row) for row in session.scalars(query.order_by(ScreeningVersion.version))]


def screenings_of(session: Session, person: Person, pupil: int) -> list[Screened]:
    """Every screening of a pupil in the person's scope, oldest first."""
    require(person, Action.READ_SCREENING)
    held = _current(person).where(Screening.pupil == kept_number(pupil))
    return [_screened(session, row) for row in session.execute(held.order_by(Screening.id))]


def screenings_since(
    session: Session, person: Person, pupils: Iterable[int], since: date
) -> dict[int, list[Screened]]:
    """Screenings of some pupils in the person's scope, of meetings on a day or after, oldest first; pupils without are left out."""
    require(person, Action.READ_SCREENING)
    query = _current(person).where(Screening.pupil.in_(sorted(pupils)), Screening.meeting_on >= since)
    held = [_screened(session, row) for row in session.execute(query.order_by(Screening.id))]
    return {pupil: [each for each in held if each.pupil == pupil] for pupil in {each.pupil for each in held}}


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


def _current(person: Person) -> Select[Screening, ScreeningVersion]:
    return latest_versions().where(in_scope(person, Screening.pupil, Screening.urn))


def _screened(session: Session, row: Row[Screening, ScreeningVersion]) -> Screened:
    found, version = row
    opened = select(func.min(FrequencyOpening.opened_at)).where(FrequencyOpening.screening == found.id)
    return Screened(
        found.id, found.pupil, found.urn, found.meeting_on, found.prompt, found.list_as_of, found.release, found.referral,
        found.begun_by, found.begun_at, version_of(version), session.scalar(opened),
    )  # fmt: skip


def _state(said: Said) -> str:
    return OPEN if said.outcome is None else DONE


def open_screening(session: Session, person: Person) -> int | None:
    """The screening that is open in a person's hands; None for none."""
    query = latest_versions().where(Screening.begun_by == person.name, ScreeningVersion.state == OPEN)
    row = session.execute(query).first()
    return None if row is None else row[0].id


def _one_at_a_time(session: Session, person: Person) -> None:
    # The row of the user is held until the end, so that two windows of one person cannot both begin.
    session.execute(select(User.id).where(User.name == person.name).with_for_update())
    if (found := open_screening(session, person)) is not None:
        raise OneAtATime(found)


def _append(
    session: Session,
    person: Person,
    screening: int,
    version: int,
    said: Said,
    state: str,
    review_held_on: date | None = None,
) -> None:
    """Write version + 1; the table's key lets one writer of two have it."""
    newest = func.coalesce(func.max(ScreeningVersion.version), 0)
    now = session.scalar(select(newest).where(ScreeningVersion.screening == screening))
    if now != version:
        raise Stale(now or 0)
    row = ScreeningVersion(
        screening=screening, version=version + 1, state=state, considered=list(said.considered),
        considered_words=said.considered_words, view=said.view, was_known=said.was_known, outcome=said.outcome,
        needs=list(said.needs), review_on=said.review_on, review_held_on=review_held_on, words=said.words,
        author=person.name, at=datetime.now(UTC),
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise Stale(version + 1) from None
