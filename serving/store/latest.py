"""Screenings with their current version; whoever asks adds the scope."""

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from serving.store.said import Said, Version
from serving.store.tables import Screening, ScreeningVersion


def latest_versions() -> Select[Screening, ScreeningVersion]:
    """Each screening with its current version; the caller adds the scope."""
    other = aliased(ScreeningVersion)
    newest = select(func.max(other.version)).where(other.screening == Screening.id).scalar_subquery()
    return select(Screening, ScreeningVersion).join(
        ScreeningVersion, (ScreeningVersion.screening == Screening.id) & (ScreeningVersion.version == newest)
    )


def version_of(row: ScreeningVersion) -> Version:
    """A stored version as a record."""
    said = Said(
        tuple(row.considered), row.considered_words, row.view, row.was_known, row.outcome, tuple(row.needs),
        row.review_on, row.words,
    )  # fmt: skip
    return Version(row.version, row.state, said, row.review_held_on, row.author, row.at)
