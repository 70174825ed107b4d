"""What screenings led to, as the contract's support table: spells of help, from outcome to outcome."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from features.records.identities import names_for
from serving.database.tables import Screening, ScreeningVersion
from serving.errors import RecordsRefused
from serving.screening.record import SET_ASIDE, ScreeningVersionRecord
from serving.screening.store import latest_versions, version_of

KIND = {
    "universal_plus": "universal_plus",
    "targeted": "targeted",
    "intensive": "intensive",
    "refer": "other",
}
COLUMNS = ("upn", "kind", "start_date", "end_date", "recorded_on")


@dataclass(frozen=True)
class Spell:
    """A spell of help that followed a screening; `end_date` is None while it is open."""

    pupil: int
    kind: str
    start_date: date
    end_date: date | None
    recorded_on: date


def support_spells(session: Session) -> list[Spell]:
    """Spells of help, by pupil and start.

    An outcome holds from the meeting, and one of a review from the day the review was held. An edit between
    puts right what stood before. `no_action` and `need_information` end a spell and begin none.
    """
    query = (
        select(Screening.pupil, Screening.meeting_on, ScreeningVersion)
        .join(ScreeningVersion, ScreeningVersion.screening == Screening.id)
        .order_by(Screening.pupil, Screening.id, ScreeningVersion.version)
    )
    rows = session.execute(query).all()
    found = []
    for _, versions in groupby(rows, key=lambda row: row[2].screening):
        held = list(versions)
        pupil, meeting_on = held[0][0], held[0][1]
        if held[-1][2].state != SET_ASIDE:
            found += _spells(pupil, _course(meeting_on, [version_of(row[2]) for row in held]))
    return sorted(found, key=lambda spell: (spell.pupil, spell.start_date, spell.kind))


def _course(
    meeting_on: date, versions: Iterable[ScreeningVersionRecord]
) -> list[tuple[date, str | None, date]]:
    """From which day which kind of help (None: none) was agreed, and the day that was recorded."""
    course: dict[date, tuple[str | None, date]] = {}
    for version in versions:
        if version.outcome is None:
            continue
        day, kind = version.review_held_on or meeting_on, KIND.get(version.outcome)
        if day not in course or course[day][0] != kind:
            course[day] = (kind, version.at.date())
    return [(day, kind, recorded) for day, (kind, recorded) in sorted(course.items())]


def _spells(pupil: int, course: list[tuple[date, str | None, date]]) -> list[Spell]:
    found: list[Spell] = []
    for day, kind, recorded_on in course:
        if found and found[-1].end_date is None:
            last = found[-1]
            if last.kind == kind:
                continue
            found[-1] = Spell(pupil, last.kind, last.start_date, day, last.recorded_on)
        if kind is not None:
            found.append(Spell(pupil, kind, day, None, recorded_on))
    return found


def reviews_ahead(session: Session) -> list[Spell]:
    """For each screening whose review is booked, the time until it: the pupil is not new to the meeting.

    `kind` is `other`; `end_date` is the day of the review. Never exported: a booked review is no help given.
    """
    rows = session.execute(latest_versions().where(ScreeningVersion.review_on.is_not(None)))
    return [
        Spell(found.pupil, "other", now.review_held_on or found.meeting_on, now.review_on, now.at.date())
        for found, now in rows
    ]


def support_table(session: Session, identities: Path) -> tuple[pd.DataFrame, int]:
    """The contract's support table, and how many spells are of pupils whom the identities do not know.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`, one row a spell; dates, `end_date` None while open.
    int
    """
    upns = names_for(identities)["upn"]
    spells = support_spells(session)
    rows = [
        (upns[spell.pupil], spell.kind, spell.start_date, spell.end_date, spell.recorded_on)
        for spell in spells
        if spell.pupil in upns.index
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=object), len(spells) - len(rows)


def write_support(out: Path, table: pd.DataFrame) -> None:
    """Write the support table as a CSV that only its owner can read; RecordsRefused where something is in the way."""
    if out.exists():
        raise RecordsRefused(f"{out} is already there. Name a new file.")
    out.touch(mode=0o600)
    table.to_csv(out, index=False)
