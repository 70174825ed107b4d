"""Who is on which roll, and has which status: loaded when lists are prepared, and what scopes are checked against."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from serving.database.tables import Placement, PupilStatus, School
from serving.errors import NotThere
from serving.security.access import MOST_AT_ONCE

NO_SCHOOL = 0  # in place of a URN, for a pupil whom no roll here knows


def load_roll(
    session: Session, as_of: date, schools: pd.DataFrame, matrix: pd.DataFrame, statuses: pd.DataFrame
) -> None:
    """Replace what is known of rolls and statuses by that of one as-of date; an earlier date changes nothing.

    Pupils who left keep the school they were last at, so that their records stay with somebody.

    Parameters
    ----------
    schools : pandas.DataFrame
        `Records.schools`: urn, name, district, phase.
    matrix : pandas.DataFrame
        The whole cohort: pupil, urn, nc_year.
    statuses : pandas.DataFrame
        pupil, status, since; from `features.status.statuses` of the whole cohort.
    """
    newest = session.scalar(select(Placement.as_of).order_by(Placement.as_of.desc()).limit(1))
    if newest is not None and as_of < newest:
        return
    session.execute(delete(School))
    columns = ("urn", "name", "district", "phase")
    _insert(session, School, [dict(zip(columns, row, strict=True)) for row in _rows(schools, *columns)])
    session.execute(update(Placement).values(is_on_roll=False))
    now = [
        {"pupil": pupil, "urn": urn, "nc_year": nc_year, "is_on_roll": True, "as_of": as_of}
        for pupil, urn, nc_year in _rows(matrix, "pupil", "urn", "nc_year")
    ]
    for start in range(0, len(now), MOST_AT_ONCE):
        some = [row["pupil"] for row in now[start : start + MOST_AT_ONCE]]
        session.execute(delete(Placement).where(Placement.pupil.in_(some)))
    _insert(session, Placement, now)
    session.execute(delete(PupilStatus))
    held = [
        {"pupil": pupil, "status": status, "since": None if pd.isna(since) else since}
        for pupil, status, since in _rows(statuses, "pupil", "status", "since")
    ]
    _insert(session, PupilStatus, held)


def _rows(frame: pd.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    return list(zip(*(frame[column].tolist() for column in columns), strict=True))


def _insert(session: Session, table: type[Any], rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        session.execute(insert(table), rows)


def school_of(session: Session, pupil: int) -> int:
    """URN of the roll that a pupil is on, or was last on; NotThere where none is known."""
    urn = last_school(session, pupil)
    if urn == NO_SCHOOL:
        raise NotThere
    return urn


def last_school(session: Session, pupil: int) -> int:
    """The same; `NO_SCHOOL` where none is known."""
    return session.scalar(select(Placement.urn).where(Placement.pupil == pupil)) or NO_SCHOOL
