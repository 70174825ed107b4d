"""A pupil's school weeks for a picture on the card: sessions missed and suspensions begun, a row a week. They are not features.

Counted by the helpers that features use, so that nothing is in them that was not known strictly before the as-of date.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from features.about import About
from features.as_of import AsOf
from features.calendar import HalfTerm
from features.known import suspension_events
from features.marks import stage_marks
from features.records.store import Records

MOST = 60  # school weeks: about a year and a half, so that the same weeks of last year are there
SHOWN = ("SUSP", "PERM")
COUNTS = ("possible", "absent", "num_suspensions")
COLUMNS = ("pupil", "week", *COUNTS)


@dataclass(frozen=True)
class Week:
    """A week with a school day: its Monday, its first school day, and the half-term of that."""

    monday: date
    first: date
    half_term: HalfTerm


def school_weeks(as_of: AsOf) -> tuple[Week, ...]:
    """The newest `MOST` weeks with a school day before the as-of date, of its school year and the one before, in order."""
    calendar = as_of.calendar
    days = calendar.days[: as_of.index]
    mondays, first = np.unique(monday_of(days), return_index=True)
    found = [
        Week(monday.item(), day.item(), calendar.half_term(day.item()))
        for monday, day in zip(mondays, days[first], strict=True)
    ]
    return tuple(
        each for each in found[-MOST:] if int(each.half_term.year[:4]) >= as_of.academic_year_start - 1
    )


def weeks(records: Records, as_of: AsOf, pupils: Sequence[int]) -> pd.DataFrame:
    """The weeks of some pupils.

    Parameters
    ----------
    pupils : sequence of int

    Returns
    -------
    pandas.DataFrame
        pupil (int64), week (date, a Monday of `school_weeks`), possible and absent (sessions; marks of the newest week that
        the school has yet to settle are not counted) and num_suspensions (suspensions and permanent exclusions begun; one
        begun in a holiday is of the week before), int16; in order of pupil and week. A week of which nothing is known has no row.
    """
    shown = school_weeks(as_of)
    if not shown or not len(pupils):
        return _empty()
    about, alone, begins = About(records, as_of, pupils), as_of.alone, shown[0].first
    offsets = {as_of.index - as_of.calendar.index(week.first) for week in shown}
    marks = stage_marks(about.records, alone, offsets).known(alone)
    marks = marks.filter(marks.date >= begins).select("pupil", "date", "possible", "absent").to_pandas()
    events = suspension_events(about.records, alone)
    events = events.filter(events.category.isin(SHOWN), events.start_date >= begins)
    events = events.select("pupil", date="start_date").to_pandas().assign(num_suspensions=1)
    rows = pd.concat([marks, events]).fillna(dict.fromkeys(COUNTS, 0))
    if rows.empty:
        return _empty()
    mondays = np.array([week.monday for week in shown], "datetime64[D]")
    days = pd.to_datetime(rows["date"]).to_numpy().astype("datetime64[D]")
    rows["week"] = mondays[np.searchsorted(mondays, days, side="right") - 1].astype(object)
    found = rows.groupby(["pupil", "week"], as_index=False)[list(COUNTS)].sum()
    found = found[(found["possible"] > 0) | (found["num_suspensions"] > 0)].reset_index(drop=True)
    return found[list(COLUMNS)].astype({"pupil": "int64"} | dict.fromkeys(COUNTS, "int16"))


def monday_of(days: np.ndarray) -> np.ndarray:
    """The Monday of each day's week; datetime64[D], of the same shape."""
    return days - (days.astype("int64") + 3) % 7


def _empty() -> pd.DataFrame:
    return pd.DataFrame(columns=list(COLUMNS)).astype({"pupil": "int64"} | dict.fromkeys(COUNTS, "int16"))
