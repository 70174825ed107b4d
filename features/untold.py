"""Sessions that registers mark as suspended and that no suspension on record covers: read by cards and by the audit alike."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from features.as_of import AsOf
from features.known import of_spells, suspension_events
from features.records.notes import FEWEST_SESSIONS, MARKED
from features.records.store import Records

SETTLING_DAYS = 30  # suspensions of the newest weeks may not be on record yet
AFTER_PERMANENT = 60  # school days for which E goes on after a permanent exclusion
SLACK = 2  # school days by which registers and records may differ


def marked_by_school(records: Records, as_of: AsOf, since: date | None = None) -> pd.DataFrame:
    """Sessions marked E (suspended or excluded) of every school, and those without a record, as known at a date.

    Parameters
    ----------
    records : Records
        The whole authority's.
    as_of : AsOf
    since : date or None
        The first day of marks that count; None for all.

    Returns
    -------
    pandas.DataFrame
        By urn: marked, untold (sessions). Empty where nothing is marked.
    """
    marks = records.tables["attendance"]
    marks = marks.filter((marks.am == "E") | (marks.pm == "E"), as_of.knows(marks.date, marks.known_on))
    if since is not None:
        marks = marks.filter(marks.date >= since)
    rows = of_spells(records, as_of.alone, marks.select("pupil", "urn", "date", "am", "pm")).to_pandas()
    rows = rows[_days(rows["date"]) < np.datetime64(as_of.on - timedelta(days=SETTLING_DAYS))]
    if rows.empty:
        return pd.DataFrame({"marked": [], "untold": []}, index=pd.Index([], name="urn"), dtype="int64")
    events = suspension_events(records, as_of.alone)
    events = events.select("pupil", "category", "start_date", "sessions").to_pandas()
    positions = as_of.calendar.positions
    starts = positions(events["start_date"])
    length = np.where(events["category"] == "PERM", AFTER_PERMANENT, np.ceil(events["sessions"] / 2))
    spells = pd.DataFrame({"pupil": events["pupil"], "day": starts - SLACK, "until": starts + length + SLACK})
    spells = spells.sort_values(["day", "pupil"], kind="stable").astype({"day": np.int64})
    spells["until"] = spells.groupby("pupil")["until"].cummax()
    rows = rows.assign(
        day=np.asarray(positions(rows["date"]), dtype=np.int64),
        marked=(rows["am"] == "E").astype(int) + (rows["pm"] == "E"),
    ).sort_values(["day", "pupil"], kind="stable")
    joined = pd.merge_asof(rows, spells, on="day", by="pupil")
    joined["untold"] = joined["marked"].where(~(joined["until"] >= joined["day"]), 0)
    return joined.groupby("urn")[["marked", "untold"]].sum().astype("int64")


def schools_that_do_not_tell(marked: pd.DataFrame) -> set[int]:
    """URNs of the schools of which so many of those sessions have no record that an import names them too."""
    named = marked[(marked["untold"] >= FEWEST_SESSIONS) & (marked["untold"] > MARKED * marked["marked"])]
    return {int(urn) for urn in named.index}


def _days(column: pd.Series) -> np.ndarray:
    return pd.to_datetime(column).to_numpy().astype("datetime64[D]")
