"""Screenings in the database: rows into records and back. Versions are appended, none is changed."""

from datetime import UTC, date, datetime

from sqlalchemy import Row, Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from serving.database.tables import FrequencyOpening, Screening, ScreeningVersion
from serving.errors import Stale
from serving.http.fields import as_stored
from serving.screening.record import ScreeningContent, ScreeningRecord, ScreeningVersionRecord
from serving.security.access import Person, in_scope


def latest_versions() -> Select[Screening, ScreeningVersion]:
    """Each screening with its current version; the caller adds the scope."""
    other = aliased(ScreeningVersion)
    newest = select(func.max(other.version)).where(other.screening == Screening.id).scalar_subquery()
    return select(Screening, ScreeningVersion).join(
        ScreeningVersion, (ScreeningVersion.screening == Screening.id) & (ScreeningVersion.version == newest)
    )


def current(person: Person) -> Select[Screening, ScreeningVersion]:
    """The same, of the person's pupils alone."""
    return latest_versions().where(in_scope(person, Screening.pupil, Screening.urn))


def version_of(row: ScreeningVersion) -> ScreeningVersionRecord:
    """A stored version as a record."""
    return ScreeningVersionRecord.model_construct(
        version=row.version,
        state=row.state,
        **as_stored(ScreeningContent, row.content),
        review_held_on=row.review_held_on,
        author=row.author,
        at=row.at,
    )


def screening_of(session: Session, row: Row[Screening, ScreeningVersion]) -> ScreeningRecord:
    """A stored screening with its current version as a record."""
    opened = select(func.min(FrequencyOpening.opened_at)).where(FrequencyOpening.screening == row[0].id)
    return record_of(row, session.scalar(opened))


def record_of(
    row: Row[Screening, ScreeningVersion], frequency_opened_at: datetime | None = None
) -> ScreeningRecord:
    """The same, without asking when the frequency was opened: for whoever counts many."""
    found, version = row
    return ScreeningRecord.model_construct(
        screening=found.id, pupil=found.pupil, school=found.urn, meeting_on=found.meeting_on, prompt=found.prompt,
        list_as_of=found.list_as_of, release=found.release, referral=found.referral, begun_by=found.begun_by,
        begun_at=found.begun_at, frequency_opened_at=frequency_opened_at, now=version_of(version),
    )  # fmt: skip


def append(
    session: Session,
    person: Person,
    screening: int,
    version: int,
    content: ScreeningContent,
    state: str,
    review_held_on: date | None = None,
) -> None:
    """Write version + 1; the table's key lets one writer of two have it, and Stale is raised to the other."""
    newest = func.coalesce(func.max(ScreeningVersion.version), 0)
    now = session.scalar(select(newest).where(ScreeningVersion.screening == screening))
    if now != version:
        raise Stale(now or 0)
    row = ScreeningVersion(
        screening=screening,
        version=version + 1,
        state=state,
        content=content.model_dump(mode="json", include=set(ScreeningContent.model_fields)),
        review_on=content.review_on,
        review_held_on=review_held_on,
        author=person.name,
        at=datetime.now(UTC),
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise Stale(version + 1) from None
