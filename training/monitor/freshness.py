"""How old the newest records of each school are, in school days: holidays make nothing old."""

from typing import Any

import ibis
import pandas as pd
from scipy import stats

from features.as_of import AsOf
from features.cohort import STOPPED_AFTER
from features.known import clusters, suspension_events
from features.records.store import Records
from training.monitor.limits import FALSE_ALARMS, OUTSIDE, WITHIN
from training.monitor.moments import Moments
from training.monitor.scene import Seen

LIMIT = f"registers count as stopped after {STOPPED_AFTER} school days without a mark that is known"
SILENT_DAYS = 60  # school days over which a school's suspensions are awaited


def freshness(records: Records, moments: Moments, now: Seen) -> list[dict[str, Any]]:
    """Registers and suspensions of every school with pupils on roll.

    Registers are judged by `STOPPED_AFTER`, after which pupils are not assessed. Suspensions have no day on
    which one is due: a school that has none is silent only where, at the rate of earlier years, none at
    all would be a chance of less than `limits.FALSE_ALARMS` shared over the schools (Poisson).

    Returns
    -------
    list of dict
        urn, num_pupils, last_day (None: no mark is known), days_behind, status, num_suspensions,
        expected_suspensions (None: no earlier year), suspensions_status.
    """
    people = now.rows.groupby("cluster").size()
    last = last_marks(records, moments.now)
    counts = [suspensions(records, at) for at in (moments.now, *(pair[0] for pair in moments.earlier))]
    rows = []
    for urn, num in zip(people.index.tolist(), people.tolist(), strict=True):
        day = last.get(urn)
        behind = None if day is None else int(moments.now.index - moments.now.calendar.index(day.date()) - 1)
        behind = None if behind is None else max(behind, 0)
        had = [float(count.get(urn, 0)) for count in counts]
        expected = sum(had[1:]) / len(had[1:]) if had[1:] else None
        is_silent = (
            expected is not None
            and had[0] == 0
            and stats.poisson.sf(0, expected) > 1 - FALSE_ALARMS / len(people)
        )
        rows.append(
            {
                "urn": int(urn),
                "num_pupils": int(num),
                "last_day": None if day is None else str(day.date()),
                "days_behind": behind,
                "status": OUTSIDE if behind is None or behind > STOPPED_AFTER else WITHIN,
                "num_suspensions": int(had[0]),
                "expected_suspensions": None if expected is None else round(expected, 1),
                "suspensions_status": OUTSIDE if is_silent else WITHIN,
            }
        )
    return rows


def last_marks(records: Records, as_of: AsOf) -> dict[int, pd.Timestamp]:
    """School (as it is today) to the day of its newest mark known; schools that were just opened count their opening."""
    rows = records.tables["attendance"]
    rows = rows.filter(as_of.knows(rows.date, rows.known_on))
    rows = rows.group_by("urn").agg(last_day=lambda t: t.date.max()).inner_join(clusters(records), "urn")
    found = rows.group_by("cluster").agg(last_day=lambda t: t.last_day.max()).to_pandas()
    last = dict(zip(found["cluster"].tolist(), pd.to_datetime(found["last_day"]), strict=True))
    opened = records.schools.dropna(subset="opened_on")
    for urn, day in zip(opened["urn"].tolist(), pd.to_datetime(opened["opened_on"]), strict=True):
        if day.date() < as_of.on:
            last[urn] = max(day, last.get(urn, day))
    return last


def suspensions(records: Records, as_of: AsOf) -> dict[int, int]:
    """Suspensions of the last `SILENT_DAYS` school days by school as it is today, as known then."""
    rows = suspension_events(records, as_of.alone)
    rows = rows.filter(rows.category == "SUSP", as_of.within(rows.start_date, SILENT_DAYS))
    rows = rows.inner_join(clusters(records), "urn").group_by("cluster").agg(num=ibis._.count())
    found = rows.to_pandas()
    return dict(zip(found["cluster"].tolist(), found["num"].tolist(), strict=True))
