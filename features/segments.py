"""Time cut into segments, once for all as-of dates, and the spans of each date that they add up to.

A look-back's edge never lies inside a segment, so a mark is summed once, however many look-backs it is in.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from features.as_of import AsOf, AsOfDates, places


def days_of(dates: AsOfDates, offsets: Sequence[int]) -> ir.Table:
    """Every day up to the last as-of date: its school-day position, whether it is a school day, its
    segment (by index), and the first as-of date (by index) that lies after it."""
    calendar = dates.calendar
    last = dates.days[-1] - timedelta(days=1)
    span = pd.DataFrame({"date": pd.date_range(_first(dates), last)})
    span["day"] = calendar.positions(span.date.dt.date)
    cuts = _segments(dates, offsets)
    span["segment"] = cuts.searchsorted(span.date, side="right") - 1
    span["known_from"] = pd.DatetimeIndex(dates.days).searchsorted(span.date, side="right")
    span["is_school_day"] = span.date.isin(calendar.days)
    schema = ibis.schema(
        {
            "date": "date",
            "day": "int16",
            "segment": "int16",
            "known_from": "int16",
            "is_school_day": "boolean",
        }
    )
    span["date"] = span.date.dt.date
    return ibis.memtable(span, schema=schema)


def _first(dates: AsOfDates) -> date:
    """A day before any mark that a look-back can reach."""
    return dates.calendar.days[0].item() - timedelta(days=366)


def _edges(moment: AsOf, first: date, offsets: Sequence[int]) -> pd.DatetimeIndex:
    """First days of the spans of one as-of date."""
    edges = {max(moment.first_day(0, offset), first) for offset in offsets} | {moment.settled_before}
    return pd.DatetimeIndex(sorted(edges))


def _segments(dates: AsOfDates, offsets: Sequence[int]) -> pd.DatetimeIndex:
    """First days of the segments of time that no edge of any date's spans cuts."""
    first = _first(dates)
    edges = (_edges(moment, first, offsets) for moment in dates.moments)
    return pd.DatetimeIndex(sorted({pd.Timestamp(first)}.union(*edges)))


def spans_of(staged: AsOfDates, dates: AsOfDates, offsets: Sequence[int], length: int) -> ir.Table:
    """Which span of which as-of date each segment of its last `length` school days lies in: a row a segment a date."""
    segments, first = _segments(staged, offsets), _first(staged)
    tables: list[pd.DataFrame] = []
    for moment in dates.moments:
        edges = _edges(moment, first, offsets)
        earliest = max(moment.first_day(length), first)
        inside = np.flatnonzero((segments >= pd.Timestamp(earliest)) & (segments < pd.Timestamp(moment.on)))
        starts = edges[edges.searchsorted(segments[inside], side="right") - 1]
        place = places(moment.calendar, starts.values.astype("datetime64[D]"))
        tables.append(pd.DataFrame({
            "segment": inside, "as_of": moment.on, "at": staged.days.index(moment.on), "index": moment.index,
            "span": 1000 * len(tables) + edges.searchsorted(starts), "date": starts.date, "ago": 2 * moment.index - place, "is_settled": starts < pd.Timestamp(moment.settled_before),
        }))  # fmt: skip
    types = {
        "segment": "int16",
        "as_of": "date",
        "at": "int32",
        "index": "int32",
        "span": "int32",
        "date": "date",
    }
    types |= {"ago": "int32"}
    return ibis.memtable(pd.concat(tables), schema=ibis.schema(types | {"is_settled": "boolean"}))


def recent_days(staged: AsOfDates, dates: AsOfDates, length: int) -> ir.Table:
    """The last school days before each as-of date: a row a day a date."""
    tables = []
    for moment in dates.moments:
        day = np.arange(max(moment.index - length, 0), moment.index, dtype="int16")
        is_settled = moment.calendar.days[day] < np.datetime64(moment.settled_before)
        tables.append(pd.DataFrame({
            "day": day, "date": moment.calendar.days[day].astype(object), "as_of": moment.on, "at": staged.days.index(moment.on),
            "ago": 2 * (moment.index - day) - 1, "is_settled": is_settled,
        }))  # fmt: skip
    types = {"day": "int16", "date": "date", "as_of": "date", "at": "int32", "ago": "int32"}
    types |= {"is_settled": "boolean"}
    return ibis.memtable(pd.concat(tables), schema=ibis.schema(types))
