"""What can be done with screenings: what the routes, the pages and the commands call. People write every word of one.

- One child at a time: a person begins the next when the one before has its outcome, or is set aside.
- Something beyond the model was considered, or there is no outcome.
- The meeting's own view stands recorded before the frequency can be opened.
- Edits append: version n + 1 beside n. Of two people who write on version n, the second is refused (`Stale`), and nothing of
  either is lost.

Functions that write are called in a `Database.writing()` block.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from serving.database.tables import FrequencyOpening, Placement, Screening, ScreeningVersion, User
from serving.errors import AlreadyThatDay, NotThere, OneAtATime, ViewFirst
from serving.referrals.service import school_of_referral, screen_referral
from serving.screening import rules
from serving.screening.record import (
    DONE,
    OPEN,
    SET_ASIDE,
    Prompted,
    ReviewDueRecord,
    ScreeningContent,
    ScreeningRecord,
    ScreeningVersionRecord,
)
from serving.screening.store import append, current, latest_versions, record_of, screening_of, version_of
from serving.security.access import (
    MOST_AT_ONCE,
    Action,
    Person,
    Role,
    in_scope,
    kept_number,
    require,
    require_pupil,
)
from serving.security.rolls import school_of

NO_LIST, NOTHING_YET = Prompted(), ScreeningContent()
# Written once: writing a query anew costs more than asking it.
OPENED = (
    select(Screening.pupil)
    .join(FrequencyOpening, FrequencyOpening.screening == Screening.id)
    .where(Screening.pupil.in_(bindparam("some", expanding=True)), Screening.list_as_of == bindparam("as_of"))
)


def begin(
    session: Session,
    person: Person,
    pupil: int,
    meeting_on: date,
    content: ScreeningContent = NOTHING_YET,
    prompted: Prompted = NO_LIST,
    is_second: bool = False,
) -> ScreeningRecord:
    """Begin the screening of one child, on the day of the meeting or ahead of it.

    Parameters
    ----------
    is_second : bool
        The person knows of an earlier screening of this child for that day, and means another.

    Raises
    ------
    NotThere
        The pupil, or the referral, is not in the person's scope.
    AlreadyThatDay
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
    rules.refuse(
        [
            *rules.of_meeting(meeting_on),
            *rules.of_prompt(prompted),
            *rules.of_content(content, meeting_on),
            *rules.of_its_day(content, meeting_on),
        ]
    )
    if meeting_on <= date.today():  # what is prepared ahead of a meeting is in nobody's hands yet
        _one_at_a_time(session, person)
    if not is_second:
        _once_a_day(session, person, pupil, meeting_on)
    row = Screening(
        pupil=pupil, urn=urn, meeting_on=meeting_on, prompt=prompted.prompt, list_as_of=prompted.list_as_of,
        release=prompted.release, referral=prompted.referral, begun_by=person.name, begun_at=datetime.now(UTC),
    )  # fmt: skip
    session.add(row)
    session.flush()
    append(session, person, row.id, 0, content, content.settled_state)
    if prompted.referral is not None:
        screen_referral(session, person, prompted.referral)
    return read(session, person, row.id)


def record(
    session: Session, person: Person, screening: int, version: int, content: ScreeningContent
) -> ScreeningRecord:
    """Append what the screening says now, written on the version that the writer had read.

    `content` is the whole of it: what is left out of it is empty in the new version, and stands in the old.

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
    rules.refuse(
        [*rules.of_content(content, before.meeting_on), *rules.of_its_day(content, before.meeting_on)]
    )
    state = content.settled_state
    is_prepared = before.meeting_on > before.begun_at.date()
    if state == OPEN and before.now.state != OPEN and before.begun_by == person.name and not is_prepared:
        _one_at_a_time(session, person)
    append(session, person, screening, version, content, state, before.now.review_held_on)
    return read(session, person, screening)


def set_aside(session: Session, person: Person, screening: int, version: int, words: str) -> ScreeningRecord:
    """Put an open screening aside, with the reason in words; `record` takes it up again."""
    require(person, Action.RECORD_SCREENING)
    before = read(session, person, screening)
    rules.refuse(rules.of_setting_aside(before, words))
    content = before.now.content_of().model_copy(update={"words": words})
    rules.refuse(rules.of_content(content, before.meeting_on))
    append(session, person, screening, version, content, SET_ASIDE)
    return read(session, person, screening)


def hold_review(
    session: Session,
    person: Person,
    screening: int,
    version: int,
    held_on: date,
    content: ScreeningContent,
) -> ScreeningRecord:
    """Append what a review found; `content.review_on` is the next one, None ends the cycle.

    Raises
    ------
    NotThere
    Stale
    RecordsRefused
        The screening has no outcome yet, the day is before the meeting or to come, or a rule of a screening is
        broken.
    """
    require(person, Action.REVIEW_SCREENING)
    before = read(session, person, screening)
    since = max(before.meeting_on, held_on)
    rules.refuse([*rules.of_review(before, held_on, content), *rules.of_content(content, since)])
    append(session, person, screening, version, content, DONE, held_on)
    return read(session, person, screening)


def read(session: Session, person: Person, screening: int) -> ScreeningRecord:
    """A screening as it stands; NotThere alike where it is missing and where it is not the person's to see."""
    require(person, Action.READ_SCREENING)
    row = session.execute(current(person).where(Screening.id == kept_number(screening))).first()
    if row is None:
        raise NotThere
    return screening_of(session, row)


def versions(session: Session, person: Person, screening: int) -> list[ScreeningVersionRecord]:
    """Every version, oldest first."""
    read(session, person, screening)
    query = select(ScreeningVersion).where(ScreeningVersion.screening == screening)
    return [version_of(row) for row in session.scalars(query.order_by(ScreeningVersion.version))]


def screenings_of(session: Session, person: Person, pupil: int) -> list[ScreeningRecord]:
    """Every screening of a pupil in the person's scope, oldest first."""
    require(person, Action.READ_SCREENING)
    held = current(person).where(Screening.pupil == kept_number(pupil))
    return [screening_of(session, row) for row in session.execute(held.order_by(Screening.id))]


def screenings_since(
    session: Session, person: Person, pupils: Iterable[int], since: date
) -> dict[int, list[ScreeningRecord]]:
    """Screenings of some pupils in the person's scope, of meetings on a day or after, oldest first; pupils without are left out."""
    require(person, Action.READ_SCREENING)
    query = current(person).where(Screening.pupil.in_(sorted(pupils)), Screening.meeting_on >= since)
    held = [screening_of(session, row) for row in session.execute(query.order_by(Screening.id))]
    return {pupil: [each for each in held if each.pupil == pupil] for pupil in {each.pupil for each in held}}


def held(
    session: Session, person: Person, schools: Iterable[int], as_of: date, until: date | None
) -> list[ScreeningRecord]:
    """Screenings of the person's pupils at some schools that belong to the meetings of one list, in order of the meeting's day.

    Parameters
    ----------
    as_of : date
        Of the list: a screening that names it belongs to its meetings.
    until : date or None
        Of the list after it: one that names no list belongs to the last list before its meeting. None: there is no later list.
    """
    require(person, Action.READ_SCREENING)
    urns = sorted(set(schools))
    found: list[ScreeningRecord] = []
    for start in range(0, len(urns), MOST_AT_ONCE):
        query = current(person).where(
            Screening.urn.in_(urns[start : start + MOST_AT_ONCE]), Screening.meeting_on >= as_of
        )
        found += [record_of(row) for row in session.execute(query)]
    return sorted(
        (
            each
            for each in found
            if each.list_as_of == as_of
            or (each.list_as_of is None and (until is None or each.meeting_on < until))
        ),
        key=lambda each: (each.meeting_on, each.screening),
    )


def open_screening(session: Session, person: Person) -> int | None:
    """The screening that is open in a person's hands; None for none. One prepared ahead of its meeting is in nobody's."""
    query = latest_versions().where(Screening.begun_by == person.name, ScreeningVersion.state == OPEN)
    begun = (row[0] for row in session.execute(query.order_by(Screening.id)))
    return next((each.id for each in begun if each.meeting_on <= each.begun_at.date()), None)


def reviews_due(session: Session, person: Person, by: date) -> list[ReviewDueRecord]:
    """The person's screenings with a review on or before a day that was not held yet, the longest due first."""
    require(person, Action.REVIEW_SCREENING)
    rows = session.execute(
        current(person)
        .where(ScreeningVersion.review_on <= by)
        .order_by(ScreeningVersion.review_on, Screening.id)
    )
    return [
        ReviewDueRecord(
            screening=found.id,
            pupil=found.pupil,
            school=found.urn,
            review_on=now.review_on,
            version=now.version,
        )
        for found, now in rows
        if now.review_on is not None
    ]


def plans(session: Session, person: Person) -> list[ScreeningRecord]:
    """What was settled for the person's pupils: the next to be looked at first, those with no day to look again last."""
    require(person, Action.REVIEW_SCREENING)
    found = [record_of(row) for row in session.execute(current(person).where(ScreeningVersion.state == DONE))]
    return sorted(found, key=lambda each: (each.now.review_on or date.max, each.screening))


def still_open(session: Session, person: Person) -> list[ScreeningRecord]:
    """Open screenings of the person's pupils, whoever began them, in order of the meeting's day."""
    require(person, Action.READ_SCREENING)
    found = [record_of(row) for row in session.execute(current(person).where(ScreeningVersion.state == OPEN))]
    return sorted(found, key=lambda each: (each.meeting_on, each.screening))


def open_frequency(session: Session, person: Person, pupil: int, as_of: date) -> ScreeningRecord:
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
        if as_of <= found.meeting_on <= date.today()
        and found.now.state != SET_ASIDE
        and found.now.has_own_view
    ]
    if not held:
        raise ViewFirst
    latest = held[-1]
    session.add(
        FrequencyOpening(
            screening=latest.screening,
            version=latest.now.version,
            opened_by=person.name,
            opened_at=datetime.now(UTC),
        )
    )
    session.flush()
    return read(session, person, latest.screening)


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


def settled_between(session: Session, person: Person, since: date, until: date) -> list[ScreeningRecord]:
    """Settled screenings held from one day to another, both included: an officer's own pupils', for anyone else all."""
    require(person, Action.READ_FIGURES)
    query = latest_versions().where(
        ScreeningVersion.state == DONE, Screening.meeting_on >= since, Screening.meeting_on <= until
    )
    if person.role == Role.OFFICER:
        query = query.where(in_scope(person, Screening.pupil, Screening.urn))
    return [record_of(row) for row in session.execute(query)]


def first_reviews(session: Session, screenings: Iterable[int]) -> dict[int, date]:
    """The day of each screening's first review; those without one are left out."""
    asked = sorted(set(screenings))
    found: dict[int, date] = {}
    for start in range(0, len(asked), MOST_AT_ONCE):
        held = ScreeningVersion.review_held_on
        query = (
            select(ScreeningVersion.screening, func.min(held))
            .where(ScreeningVersion.screening.in_(asked[start : start + MOST_AT_ONCE]), held.is_not(None))
            .group_by(ScreeningVersion.screening)
        )
        found.update({screening: day for screening, day in session.execute(query) if day is not None})
    return found


def _once_a_day(session: Session, person: Person, pupil: int, meeting_on: date) -> None:
    # The child's place on the roll is held until the end, so that two officers at once cannot both begin.
    session.execute(select(Placement.pupil).where(Placement.pupil == pupil).with_for_update())
    query = current(person).where(
        Screening.pupil == pupil, Screening.meeting_on == meeting_on, ScreeningVersion.state != SET_ASIDE
    )
    if (row := session.execute(query.order_by(Screening.id)).first()) is not None:
        raise AlreadyThatDay(row[0].id)


def _one_at_a_time(session: Session, person: Person) -> None:
    # The row of the user is held until the end, so that two windows of one person cannot both begin.
    session.execute(select(User.id).where(User.name == person.name).with_for_update())
    if (found := open_screening(session, person)) is not None:
        raise OneAtATime(found)
