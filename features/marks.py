"""Attendance marks as rows to count, at a city's size.

Ninety-three days in a hundred are full attendance: they say only that two sessions were possible. So
those are counted, once, into the segments of time between one look-back's edge and the next; the
other days are kept as rows, with what their two marks stand for. Both come out as one table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import pandas as pd

from features.as_of import AsOf, Calendar
from features.codes import code_set
from features.records.store import Records

PRESENT = ("/", "\\")
MEASURES = (
    "possible", "absent", "unauthorised", "illness", "late", "suspended", "alternative", "part_time",
    "unsettled",
)  # fmt: skip


@dataclass(frozen=True)
class Marks:
    """Marks of all as-of dates of one run, scanned once.

    Attributes
    ----------
    full : ibis Table
        pupil, urn, date (first day of a segment), known_from (index of the first as-of date at which
        the days are known), last_day, days: counts of days of full attendance.
    other : ibis Table
        pupil, urn, date, day, known_from and the sessions of each of `MEASURES`, one row a day.
    """

    full: ir.Table
    other: ir.Table
    as_of_dates: tuple[date, ...]

    def known(self, as_of: AsOf) -> ir.Table:
        """Rows known at an as-of date: pupil, urn, date, day, last_day, and sessions by measure.

        Days of full attendance are summed by segment, under the segment's first day. N marks of the
        newest week count neither as possible nor as missed.
        """
        at = self.as_of_dates.index(as_of.on)
        other = self.other.filter(self.other.known_from <= at)
        unsettled = as_of.is_settled(other.date).ifelse(0, other.unsettled)
        other = other.mutate(
            last_day=other.date,
            **{name: (other[name] - unsettled) for name in ("possible", "absent", "unauthorised")},
        )
        full = self.full.filter(self.full.known_from <= at)
        nothing = {name: ibis.literal(0, "int32") for name in MEASURES}
        full = full.mutate(**(nothing | {"possible": 2 * full.days}), day=ibis.literal(-1, "int32"))
        columns = ["pupil", "urn", "date", "day", "last_day", *MEASURES]
        typed = dict.fromkeys(MEASURES, "int32")
        return other.select(columns).cast(typed).union(full.select(columns).cast(typed))


def stage_marks(records: Records, calendar: Calendar, as_of_dates: Sequence[date], edges: set[date]) -> Marks:
    """Scan the attendance table once for every as-of date.

    Parameters
    ----------
    as_of_dates : sequence of date, sorted
    edges : set of date
        The first day of every look-back that will be asked for; a segment never crosses one.
    """
    days = _days(calendar, as_of_dates, edges)
    rows = records.tables["attendance"]
    rows = rows.inner_join(days.select("date", "day", "segment", "known_from"), "date")
    known = days.select(known_on="date", told_from="known_from")
    rows = rows.inner_join(known, "known_on")
    rows = rows.mutate(known_from=ibis.greatest(rows.known_from, rows.told_from))
    is_full = rows.am.isin(PRESENT) & rows.pm.isin(PRESENT)
    full = (
        rows.filter(is_full)
        .group_by("pupil", "urn", date="segment", known_from="known_from")
        .agg(days=lambda t: t.count().cast("int32"), last_day=lambda t: t.date.max())
    )
    other = rows.filter(~is_full)
    codes = _codes()
    other = other.left_join(codes.rename(lambda name: f"am_{name}"), [("am", "am_code")])
    other = other.left_join(codes.rename(lambda name: f"pm_{name}"), [("pm", "pm_code")])
    other = other.select(
        "pupil", "urn", "date", "day", "known_from",
        **{name: other[f"am_{name}"].fill_null(0) + other[f"pm_{name}"].fill_null(0) for name in MEASURES},
    )  # fmt: skip
    return Marks(full.cache(), other.cache(), tuple(as_of_dates))


def _days(calendar: Calendar, as_of_dates: Sequence[date], edges: set[date]) -> ir.Table:
    """Every day up to the last as-of date: its school-day position, its segment's first day, and the
    first as-of date (by index) that lies after it."""
    first = calendar.days[0].item() - timedelta(days=366)
    span = pd.DataFrame({"date": pd.date_range(first, as_of_dates[-1] - timedelta(days=1))})
    cuts = pd.DatetimeIndex(sorted({first, *(edge for edge in edges if edge > first)}))
    span["day"] = calendar.positions(span.date.dt.date)
    span["segment"] = cuts[cuts.searchsorted(span.date, side="right") - 1]
    span["known_from"] = pd.DatetimeIndex(as_of_dates).searchsorted(span.date, side="right")
    schema = ibis.schema({"date": "date", "day": "int32", "segment": "date", "known_from": "int32"})
    span["date"], span["segment"] = span.date.dt.date, span.segment.dt.date
    return ibis.memtable(span, schema=schema)


def _codes() -> ir.Table:
    """Each attendance code with the sessions (0 or 1) that one mark of it adds to every measure."""
    codes = code_set("attendance")
    is_class = codes.statistical_class.eq
    measures = {
        "possible": codes.counts_as_possible,
        "absent": codes.counts_as_absent,
        "unauthorised": is_class("unauthorised_absence"),
        "illness": codes.code == "I",
        "late": codes.code.isin(["L", "U"]),
        "suspended": codes.code == "E",
        "alternative": codes.code.isin(["K", "B"]),
        "part_time": codes.code == "C2",
        "unsettled": codes.code == "N",
    }
    frame = pd.DataFrame(
        {"code": codes.code} | {name: column.astype("int32") for name, column in measures.items()}
    )
    return ibis.memtable(frame, schema=ibis.schema({"code": "string"} | dict.fromkeys(MEASURES, "int32")))
