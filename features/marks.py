"""Attendance marks as rows to count, at a city's size.

Registers are read once: days are summed into the segments of time between any two edges of any date's
look-backs, and from those into each date's own. Two hundred million days sum fastest when several small
counts share one integer, and segments add up fastest when a pupil's lie side by side.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
import pandas as pd

from features.as_of import LONGEST_LOOK_BACK, AsOf, AsOfDates
from features.codes import code_set
from features.records.store import Records
from features.segments import days_of, recent_days, spans_of

MEASURES = (
    "possible", "absent", "unauthorised", "illness", "late", "suspended", "alternative", "part_time",
    "unsettled",
)  # fmt: skip
UNSETTLED = ("possible", "absent", "unauthorised")  # what an N mark would add to
SEGMENT = ("pupil", "urn", "segment", "known_from")
LAST = ("last_absent", "last_settled_absent")
BITS = 12  # of a measure in a packed sum: 4,095 sessions, more than two registers hold in two years
PACKS = {"first": MEASURES[:5], "second": MEASURES[5:]}  # five to an integer of 63 bits


@dataclass(frozen=True)
class Marks:
    """Marks of all as-of dates of one run, read once.

    Attributes
    ----------
    sums : ibis Table
        Days summed by pupil, segment (of time) and known_from (index of the first as-of date at which the rows
        are known), in order of pupil: the columns of `PACKS`, each the sums of its measures side by side;
        last_day; last_absent and last_settled_absent (school-day positions of the last day with a missed session;
        null where none).
    away : ibis Table
        pupil, day, known_from, possible, absent, unsettled: school days on which every possible session was missed,
        and every school day of a pupil with two registers: a day missed at one school may not be at the other.
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

    sums: ir.Table
    away: ir.Table
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
            (of that day), day and days_ago (of the last missed session), last_day, and sessions by measure. N marks
            of the newest week count neither as possible nor as missed.
        """
        spans = spans_of(self.dates, dates, self.offsets, length)
        rows = self._of(spans, self.sums)
        # A narrow key: what else is told of a span is joined to the sums.
        rows = rows.group_by("pupil", "span").agg(
            **{name: ibis._[name].sum().cast("int64") for name in PACKS},
            **{name: ibis._[name].max() for name in ("last_day", *LAST)},
        )
        told = spans.select("span", "as_of", "index", "date", "ago", "is_settled").distinct()
        rows = rows.inner_join(told, "span").mutate(**unpacked(rows))
        unsettled = rows.is_settled.ifelse(ibis.literal(0, "int16"), rows.unsettled)
        day = rows.is_settled.ifelse(rows.last_absent, rows.last_settled_absent).cast("int32")
        counted = {name: (rows[name] - unsettled).cast("int16") for name in UNSETTLED}
        rows = rows.mutate(day=day, days_ago=rows["index"] - day, **counted)
        return rows.drop("span", "is_settled", "index", *PACKS, *LAST)

    def missed(self, dates: AsOfDates, length: int) -> ir.Table:
        """Days of the last `length` school days before each date on which a pupil missed every possible session.

        Returns
        -------
        ibis Table
            pupil, as_of, day, date, ago, absent, possible.
        """
        recent = recent_days(self.dates, dates, length)
        rows = self.away.inner_join(recent, "day")
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
    registers = records.tables["attendance"]
    rows = _summable(registers, days)
    absent_on = (rows.absent > 0).ifelse(rows.day, ibis.null("int16"))
    settled_on = (rows.absent > rows.unsettled).ifelse(rows.day, ibis.null("int16"))
    summed = records.keep(rows.group_by(*SEGMENT).agg(
        **{name: rows[name].sum().cast("int64") for name in PACKS}, last_day=rows.date.max(),
        last_absent=absent_on.max(), last_settled_absent=settled_on.max(),
    ))  # fmt: skip
    whole = summed.mutate(**{name: unpacked(summed)[name] for name in ("possible", "absent")})
    schools = records.keep(whole.group_by("urn", "segment", "known_from").agg(
        possible=whole.possible.sum(), absent=whole.absent.sum(), last_day=whole.last_day.max()
    ))  # fmt: skip
    sums = records.keep(summed.order_by("pupil", "segment").drop("urn"))
    moved = summed.group_by("pupil").agg(least=summed.urn.min(), most=summed.urn.max())
    moved = summed.semi_join(moved.filter(moved.least != moved.most), "pupil")
    two = moved.group_by("pupil", "segment").agg(least=moved.urn.min(), most=moved.urn.max())
    two = records.keep(two.filter(two.least != two.most).select("pupil").distinct())  # whatever the roll says
    summed.release()  # a city's are larger than all that is kept
    # Two short reads, of which the second is of few pupils, take less than asking of every row whose it is.
    gone = rows.filter(rows.is_school_day, rows.possible > 0, rows.absent == rows.possible)
    beside = _summable(registers.semi_join(two, "pupil"), days)
    beside = beside.filter(beside.is_school_day, beside.possible > 0, beside.absent != beside.possible)
    columns = ("pupil", "day", "known_from", "possible", "absent", "unsettled")
    away = records.keep(gone.select(columns).union(beside.select(columns)))
    told = schools.group_by("urn", "known_from").agg(last_day=lambda t: t.last_day.max())
    begun = registers.group_by("known_on").agg(first_day=lambda t: t.date.min())
    told, begun = (rows.to_pyarrow().to_pandas() for rows in (told, begun))
    return Marks(sums, away, schools, told, begun, dates, edges)


def _summable(registers: ir.Table, days: ir.Table) -> ir.Table:
    """Rows of registers with their day's segment and place, since when they are known, and their sessions by measure."""
    rows = registers.inner_join(days, "date")
    rows = rows.inner_join(days.select(known_on="date", told_from="known_from"), "known_on")
    rows = rows.mutate(known_from=ibis.greatest(rows.known_from, rows.told_from))
    return rows.inner_join(_sessions(), ["am", "pm"])


def packed(sessions: Mapping[str, pd.Series]) -> dict[str, pd.Series]:
    """Measures side by side in the columns of `PACKS`, so that one sum adds up all of them."""
    made = {}
    for pack, names in PACKS.items():
        shifted = [sessions[name].astype("int64") * 2 ** (BITS * at) for at, name in enumerate(names)]
        made[pack] = pd.concat(shifted, axis=1).sum(axis=1)
    return made


def unpacked(rows: ir.Table) -> dict[str, ir.Value]:
    """Each of `MEASURES` from the sums of `PACKS` (int16)."""
    return {
        name: ((rows[pack] >> BITS * at) & (2**BITS - 1)).cast("int16")
        for pack, names in PACKS.items()
        for at, name in enumerate(names)
    }


def _sessions() -> ir.Table:
    """Each pair of a day's marks: its sessions by measure as `PACKS`, and three of them apart."""
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
    of_mark = pd.DataFrame(
        {"code": codes.code} | {name: held.astype("int8") for name, held in measures.items()}
    )
    pairs = of_mark.merge(of_mark, how="cross", suffixes=("_am", "_pm"))
    of_day = {name: pairs[f"{name}_am"] + pairs[f"{name}_pm"] for name in MEASURES}
    apart = ("possible", "absent", "unsettled")
    frame = pd.DataFrame(
        {"am": pairs.code_am, "pm": pairs.code_pm} | packed(of_day) | {name: of_day[name] for name in apart}
    )
    types = {"am": "string", "pm": "string"} | dict.fromkeys(PACKS, "int64") | dict.fromkeys(apart, "int8")
    return ibis.memtable(frame, schema=ibis.schema(types))
