"""Attendance marks as rows to count, at a city's size.

Ninety-three days in a hundred are full attendance: they say only that two sessions were possible. So
those are counted without looking at their codes. Registers are read once: days are summed into the
segments of time between any two edges of any date's look-backs, and from those into each date's own.
"""

from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
import pandas as pd

from features.as_of import LONGEST_LOOK_BACK, AsOf, AsOfDates
from features.codes import code_set
from features.records.store import Records
from features.segments import days_of, recent_days, spans_of

PRESENT = ("/", "\\")
MEASURES = (
    "possible", "absent", "unauthorised", "illness", "late", "suspended", "alternative", "part_time",
    "unsettled",
)  # fmt: skip
UNSETTLED = ("possible", "absent", "unauthorised")  # what an N mark would add to
SEGMENT = ("pupil", "urn", "segment", "known_from")
LAST = ("last_absent", "last_settled_absent")


@dataclass(frozen=True)
class Marks:
    """Marks of all as-of dates of one run, read once.

    Attributes
    ----------
    full, part : ibis Table
        Days of full attendance, and all others, summed by pupil, urn, segment (of time) and known_from (index
        of the first as-of date at which the rows are known): `possible`, or each of `MEASURES`; last_day; of
        `part` also last_absent and last_settled_absent (school-day positions of the last day with a missed
        session; null where none).
    days : ibis Table
        pupil, day, known_from, possible, absent, unsettled: school days that were not full attendance,
        and every one of a pupil with two registers: a day missed at one school may be full at the other.
    schools : ibis Table
        urn, segment, known_from, possible, absent: sessions of all pupils of a school.
    told : pandas.DataFrame
        urn, known_from, last_day: how far each school's registers reach.
    begun : pandas.DataFrame
        known_on, first_day: the earliest day of the registers that became known on a day.
    dates : AsOfDates
    offsets : tuple of int
        School days before an as-of date at which a segment starts.
    """

    full: ir.Table
    part: ir.Table
    days: ir.Table
    schools: ir.Table
    told: pd.DataFrame
    begun: pd.DataFrame
    dates: AsOfDates
    offsets: tuple[int, ...]

    def known(self, dates: AsOfDates, length: int) -> ir.Table:
        """Rows known at some of the as-of dates, within `length` school days of each.

        Returns
        -------
        ibis Table
            pupil, as_of, date (first day of a span between two edges of the date's own look-backs), ago
            (of that day), day and days_ago (of the last missed session), last_day, and sessions by measure,
            in two rows where a span has days of full attendance and others. N marks of the newest week count
            neither as possible nor as missed.
        """
        spans = spans_of(self.dates, dates, self.offsets, length)
        # A narrow key: what else is told of a span is joined to the sums.
        key = ["pupil", "span"]
        full = self._of(spans, self.full).group_by(key).agg(
            possible=lambda t: t.possible.sum().cast("int16"), last_day=lambda t: t.last_day.max()
        )  # fmt: skip
        part = self._of(spans, self.part).group_by(key).agg(
            **{name: ibis._[name].sum().cast("int16") for name in MEASURES}, last_day=lambda t: t.last_day.max(),
            **{name: ibis._[name].max() for name in LAST},
        )  # fmt: skip
        nothing = {name: ibis.literal(0, "int16") for name in MEASURES if name != "possible"}
        nothing |= {name: ibis.null("int16") for name in LAST}
        rows = part.union(full.mutate(**nothing).select(part.columns))
        told = spans.select("span", "as_of", "index", "date", "ago", "is_settled").distinct()
        rows = rows.inner_join(told, "span")
        unsettled = rows.is_settled.ifelse(ibis.literal(0, "int16"), rows.unsettled)
        day = rows.is_settled.ifelse(rows.last_absent, rows.last_settled_absent).cast("int32")
        counted = {name: (rows[name] - unsettled).cast("int16") for name in UNSETTLED}
        rows = rows.mutate(day=day, days_ago=rows["index"] - day, **counted)
        return rows.drop("span", "is_settled", "index", *LAST)

    def missed(self, dates: AsOfDates, length: int) -> ir.Table:
        """Days of the last `length` school days before each date on which a pupil missed every possible session.

        Returns
        -------
        ibis Table
            pupil, as_of, day, date, ago, absent, possible.
        """
        recent = recent_days(self.dates, dates, length)
        rows = self.days.inner_join(recent, "day")
        rows = rows.filter(rows.known_from <= rows.at)
        unsettled = rows.is_settled.ifelse(0, rows.unsettled)
        days = rows.mutate(possible=rows.possible - unsettled, absent=rows.absent - unsettled)
        days = days.group_by("pupil", "as_of", "day", "date", "ago").agg(
            absent=lambda t: t.absent.sum(), possible=lambda t: t.possible.sum()
        )
        return days.filter(days.absent > 0, days.absent == days.possible)

    def of_schools(self, dates: AsOfDates, length: int) -> ir.Table:
        """Sessions of each school known at some of the as-of dates, within `length` school days of each.

        Returns
        -------
        ibis Table
            urn, as_of, ago (of a span's first day), possible, absent (N marks counted as missed).
        """
        rows = self._of(spans_of(self.dates, dates, self.offsets, length), self.schools)
        return rows.select("urn", "as_of", "ago", "possible", "absent")

    def first_day(self, as_of: AsOf) -> date | None:
        """The first day of any register known at an as-of date; None where none is."""
        begun = self.begun[as_of.knows(self.begun.first_day, self.begun.known_on)]
        return None if begun.empty else begun.first_day.min()

    def last_days(self, as_of: AsOf) -> pd.Series:
        """The last day of each school's registers known at an as-of date, by urn, within two school years."""
        told = self.told[self.told.known_from <= self.dates.days.index(as_of.on)]
        return told[told.last_day >= as_of.first_day(LONGEST_LOOK_BACK)].groupby("urn").last_day.max()

    @staticmethod
    def _of(spans: ir.Table, rows: ir.Table) -> ir.Table:
        rows = rows.inner_join(spans, "segment")
        return rows.filter(rows.known_from <= rows.at)


def stage_marks(records: Records, dates: AsOfDates, offsets: set[int]) -> Marks:
    """Read the attendance table once for every as-of date.

    Parameters
    ----------
    offsets : set of int
        School days before an as-of date at which look-backs start or end; no segment crosses one.
    """
    edges = tuple(sorted(offsets | {LONGEST_LOOK_BACK}))
    days = days_of(dates, edges)
    rows = records.tables["attendance"]
    rows = rows.inner_join(days, "date")
    rows = rows.inner_join(days.select(known_on="date", told_from="known_from"), "known_on")
    rows = rows.mutate(known_from=ibis.greatest(rows.known_from, rows.told_from))
    roll = records.tables["roll"]
    is_dual = rows.pupil.isin(roll.filter(roll.enrolment_status == "S").pupil)
    is_full = rows.am.isin(PRESENT) & rows.pm.isin(PRESENT) & ~is_dual
    full = rows.filter(is_full).group_by(*SEGMENT).agg(
        possible=lambda t: (2 * t.count()).cast("int16"), last_day=lambda t: t.date.max()
    )  # fmt: skip
    other = records.keep(_with_sessions(rows.filter(~is_full)))
    absent_on = (other.absent > 0).ifelse(other.day, ibis.null("int16"))
    settled_on = (other.absent > other.unsettled).ifelse(other.day, ibis.null("int16"))
    part = other.group_by(*SEGMENT).agg(
        **{name: other[name].sum().cast("int16") for name in MEASURES}, last_day=other.date.max(),
        last_absent=absent_on.max(), last_settled_absent=settled_on.max(),
    )  # fmt: skip
    full, part = records.keep(full), records.keep(part)
    place = ("urn", "segment", "known_from")
    summed = {"possible": ibis._.possible.sum(), "last_day": ibis._.last_day.max()}
    full_of = full.group_by(place).agg(absent=ibis.literal(0, "int64"), **summed)
    part_of = part.group_by(place).agg(absent=part.absent.sum(), **summed)
    schools = records.keep(part_of.union(full_of.select(part_of.columns)))
    told = schools.group_by("urn", "known_from").agg(last_day=lambda t: t.last_day.max())
    begun = records.tables["attendance"].group_by("known_on").agg(first_day=lambda t: t.date.min())
    kept = other.filter(other.possible > 0, other.is_school_day).select(
        "pupil", "day", "known_from", "possible", "absent", "unsettled"
    )
    told, begun = (rows.to_pyarrow().to_pandas() for rows in (told, begun))
    kept = records.keep(kept)
    other.release()  # a city's are larger than all that is kept
    return Marks(full, part, kept, schools, told, begun, dates, edges)


def _with_sessions(rows: ir.Table) -> ir.Table:
    codes = _codes()
    rows = rows.left_join(codes.rename(lambda name: f"am_{name}"), [("am", "am_code")])
    rows = rows.left_join(codes.rename(lambda name: f"pm_{name}"), [("pm", "pm_code")])
    return rows.select(
        *SEGMENT, "date", "day", "is_school_day",
        **{name: (rows[f"am_{name}"].fill_null(0) + rows[f"pm_{name}"].fill_null(0)).cast("int8") for name in MEASURES},
    )  # fmt: skip


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
        {"code": codes.code} | {name: column.astype("int8") for name, column in measures.items()}
    )
    return ibis.memtable(frame, schema=ibis.schema({"code": "string"} | dict.fromkeys(MEASURES, "int8")))
