"""Attendance marks as rows to count, at a city's size.

Ninety-three days in a hundred are full attendance: they say only that two sessions were possible. So
those are counted without looking at their codes. All days are summed, once, into the segments of time
between one look-back's edge and the next; the days that were not full are kept beside, to tell spells.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import pandas as pd

from features.as_of import LONGEST_LOOK_BACK, AsOf
from features.calendar import Calendar
from features.codes import code_set
from features.records.store import Records

PRESENT = ("/", "\\")
MEASURES = (
    "possible", "absent", "unauthorised", "illness", "late", "suspended", "alternative", "part_time",
    "unsettled",
)  # fmt: skip
UNSETTLED = ("possible", "absent", "unauthorised")  # what an N mark would add to
SEGMENT = ("pupil", "urn", "segment", "known_from")


@dataclass(frozen=True)
class Marks:
    """Marks of all as-of dates of one run, scanned once.

    Attributes
    ----------
    segments : ibis Table
        pupil, urn, date (first day of a segment of time), known_from (index of the first as-of date at
        which the rows are known), last_day, last_absent and last_settled_absent (school-day positions of
        the last day with a missed session; null where none), and the sessions of each of `MEASURES`.
    days : ibis Table
        pupil, date, day, known_from, possible, absent, unsettled: school days that were not full attendance,
        and every one of a pupil with two registers: a day missed at one school may be full at the other.
    """

    segments: ir.Table
    days: ir.Table
    as_of_dates: tuple[date, ...]

    def known(self, as_of: AsOf) -> ir.Table:
        """Rows known at an as-of date within two school years, by segment.

        Returns
        -------
        ibis Table
            pupil, urn, date, day (of the last missed session), last_day, and sessions by measure. N marks
            of the newest week count neither as possible nor as missed.
        """
        rows = self._known(self.segments, as_of)
        is_settled = as_of.is_settled(rows.date)
        unsettled = is_settled.ifelse(0, rows.unsettled)
        counted = {name: (rows[name] - unsettled) for name in UNSETTLED}
        day = is_settled.ifelse(rows.last_absent, rows.last_settled_absent)
        return rows.mutate(day=day, **counted)

    def missed(self, as_of: AsOf, length: int) -> ir.Table:
        """Days of the last `length` school days on which a pupil missed every possible session."""
        rows = self._known(self.days, as_of)
        rows = rows.filter(as_of.within(rows.date, length))
        unsettled = as_of.is_settled(rows.date).ifelse(0, rows.unsettled)
        days = rows.mutate(possible=rows.possible - unsettled, absent=rows.absent - unsettled)
        days = days.group_by("pupil", "day").agg(
            date=lambda t: t.date.max(), absent=lambda t: t.absent.sum(), possible=lambda t: t.possible.sum()
        )
        return days.filter(days.absent > 0, days.absent == days.possible)

    def first_day(self, as_of: AsOf) -> date | None:
        """The first day of any register known at an as-of date; None where none is."""
        rows = self.segments.filter(self.segments.known_from <= self.as_of_dates.index(as_of.on))
        return rows.first_day.min().to_pyarrow().as_py()

    def _known(self, rows: ir.Table, as_of: AsOf) -> ir.Table:
        at = self.as_of_dates.index(as_of.on)
        return rows.filter(rows.known_from <= at, rows.date >= as_of.first_day(LONGEST_LOOK_BACK))


def stage_marks(records: Records, calendar: Calendar, moments: Sequence[AsOf], offsets: set[int]) -> Marks:
    """Scan the attendance table once for every as-of date.

    Parameters
    ----------
    moments : sequence of AsOf, in order of date
    offsets : set of int
        School days before an as-of date at which look-backs start or end; no segment crosses one.
    """
    days = _days(calendar, moments, offsets | {LONGEST_LOOK_BACK})
    rows = records.tables["attendance"]
    rows = rows.inner_join(days, "date")
    rows = rows.inner_join(days.select(known_on="date", told_from="known_from"), "known_on")
    rows = rows.mutate(known_from=ibis.greatest(rows.known_from, rows.told_from))
    roll = records.tables["roll"]
    is_dual = rows.pupil.isin(roll.filter(roll.enrolment_status == "S").pupil)
    is_full = rows.am.isin(PRESENT) & rows.pm.isin(PRESENT) & ~is_dual
    full = rows.filter(is_full).group_by(*SEGMENT).agg(
        possible=lambda t: (2 * t.count()).cast("int32"), first_day=lambda t: t.date.min(), last_day=lambda t: t.date.max()
    )  # fmt: skip
    other = records.keep(_with_sessions(rows.filter(~is_full)))
    absent_on = (other.absent > 0).ifelse(other.day, ibis.null("int32"))
    settled_on = (other.absent > other.unsettled).ifelse(other.day, ibis.null("int32"))
    part = other.group_by(*SEGMENT).agg(
        **{name: other[name].sum().cast("int32") for name in MEASURES},
        first_day=other.date.min(), last_day=other.date.max(), last_absent=absent_on.max(), last_settled_absent=settled_on.max(),
    )  # fmt: skip
    nothing = {name: ibis.literal(0, "int32") for name in MEASURES if name != "possible"}
    nothing |= {name: ibis.null("int32") for name in ("last_absent", "last_settled_absent")}
    both = part.union(full.mutate(**nothing).select(part.columns))
    segments = both.group_by(*SEGMENT).agg(
        **{name: both[name].sum().cast("int32") for name in MEASURES},
        first_day=both.first_day.min(), last_day=both.last_day.max(),
        last_absent=both.last_absent.max(), last_settled_absent=both.last_settled_absent.max(),
    ).rename(date="segment")  # fmt: skip
    kept = other.filter(other.possible > 0, other.is_school_day).select(
        "pupil", "date", "day", "known_from", "possible", "absent", "unsettled"
    )
    return Marks(records.keep(segments), records.keep(kept), tuple(moment.on for moment in moments))


def _with_sessions(rows: ir.Table) -> ir.Table:
    codes = _codes()
    rows = rows.left_join(codes.rename(lambda name: f"am_{name}"), [("am", "am_code")])
    rows = rows.left_join(codes.rename(lambda name: f"pm_{name}"), [("pm", "pm_code")])
    return rows.select(
        *SEGMENT, "date", "day", "is_school_day",
        **{name: rows[f"am_{name}"].fill_null(0) + rows[f"pm_{name}"].fill_null(0) for name in MEASURES},
    )  # fmt: skip


def _days(calendar: Calendar, moments: Sequence[AsOf], offsets: set[int]) -> ir.Table:
    """Every day up to the last as-of date: its school-day position, whether it is a school day, its
    segment's first day, and the first as-of date (by index) that lies after it."""
    first = calendar.days[0].item() - timedelta(days=366)
    span = pd.DataFrame({"date": pd.date_range(first, moments[-1].on - timedelta(days=1))})
    edges = {moment.first_day(0, offset) for moment in moments for offset in offsets}
    edges |= {moment.settled_before for moment in moments}
    cuts = pd.DatetimeIndex(sorted({first, *(edge for edge in edges if edge > first)}))
    span["day"] = calendar.positions(span.date.dt.date)
    span["segment"] = cuts[cuts.searchsorted(span.date, side="right") - 1]
    span["known_from"] = pd.DatetimeIndex([moment.on for moment in moments]).searchsorted(
        span.date, side="right"
    )
    span["is_school_day"] = span.date.isin(calendar.days)
    schema = ibis.schema(
        {"date": "date", "day": "int32", "segment": "date", "known_from": "int32", "is_school_day": "boolean"}
    )
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
