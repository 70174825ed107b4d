"""Attendance marks as rows to count, at a city's size.

Registers are read once for all as-of dates: pupils' days are summed into the spans of each date
(`features.summing`), and schools' into segments of time.
"""

from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pandas as pd

from features.as_of import LONGEST_LOOK_BACK, SCHOOL_YEAR, AsOf, AsOfDates
from features.covering import covering
from features.day import MEASURES, NO_MARK, marks, unpacked
from features.records.coverage import last_kept
from features.records.parts import by_pupils
from features.records.store import Records
from features.runs import LONGEST_RUN
from features.segments import Cut
from features.summing import DAYS, Summing


@ibis.udf.scalar.builtin
def array_position(values: dt.Array[dt.String], value: str) -> int:
    """The place of a value among others, from 1: DuckDB's and Spark's own function, quick where values repeat."""
    raise NotImplementedError  # the database's


@dataclass(frozen=True)
class Marks:
    """Marks of all as-of dates of one run, read once.

    Attributes
    ----------
    sums : ibis Table
        Sums by pupil and span (`summing.SCHEMA`).
    schools : pandas.DataFrame
        urn, segment, known_from, known_to, possible, absent: sessions of all pupils (`summing.OF_SCHOOLS`).
    registers : pandas.DataFrame
        urn, known_on, date, rows: the marks made in each school's registers, on the days that look-backs reach.
    before : pandas.DataFrame
        known_on, date: the earliest of the days that no look-back reaches and that became known on a day.
    cut : Cut
    """

    sums: ir.Table
    schools: pd.DataFrame
    registers: pd.DataFrame
    before: pd.DataFrame
    cut: Cut

    def known(self, dates: AsOfDates) -> ir.Table:
        """Rows known at some of the as-of dates, as far back as the look-backs reach.

        Returns
        -------
        ibis Table
            pupil, as_of, date (first day of a span between two edges of the date's own look-backs), ago
            (of that day), day and days_ago (of the last missed session), longest_away, spells_away, sessions by
            measure, and the packs that hold them (`Summing`); where staged so, last_day, away, and day_of_bit
            (school-day position that the lowest bit of `away` stands for).
        """
        spans = self.cut.spans[self.cut.spans.as_of.isin(dates.days)].drop(
            columns=["segments", "at", "is_settled"]
        )
        types = dict.fromkeys(spans.columns, "int32") | {"span": "int16", "as_of": "date", "date": "date"}
        rows = self.sums.inner_join(ibis.memtable(spans, schema=ibis.schema(types)), "span").drop("span")
        sessions = {name: unpacked(rows, name) for name in MEASURES}
        return rows.mutate(days_ago=rows["index"] - rows.day, **sessions)

    def of_schools(self, dates: AsOfDates) -> ir.Table:
        """Sessions of each school known at some as-of dates, in the school year before the last.

        Returns
        -------
        ibis Table
            urn, as_of, possible, absent (N marks counted as missed).
        """
        rows = [
            known[moment.within(known.date, SCHOOL_YEAR, back=SCHOOL_YEAR)]
            .groupby("urn", as_index=False)[["possible", "absent"]]
            .sum()
            .assign(as_of=moment.on)
            for moment in dates.moments
            for known in [self._of_schools(moment)]
        ]
        types = {"urn": "int32", "as_of": "date", "possible": "int64", "absent": "int64"}
        return ibis.memtable(pd.concat(rows)[list(types)], schema=ibis.schema(types))

    def first_day(self, as_of: AsOf) -> date | None:
        """The first day of any register known at an as-of date; None where none is."""
        known = [days.date[as_of.knows(days.date, days.known_on)] for days in (self.before, self.registers)]
        first = pd.concat(known).min()
        return None if pd.isna(first) else first

    def last_days(self, as_of: AsOf) -> pd.Series:
        """The last day on which each school kept a register known at an as-of date, by urn, within two school years.

        Some marks of a few pupils are none (`coverage.is_kept`).
        """
        days = self.registers
        is_near = days.date >= as_of.first_day(LONGEST_LOOK_BACK)
        return last_kept(days[as_of.knows(days.date, days.known_on) & is_near], "date")

    def _of_schools(self, as_of: AsOf) -> pd.DataFrame:
        """Rows that count for a pupil at an as-of date, with `date`, the first of their segment."""
        at = self.cut.dates.days.index(as_of.on)
        rows = self.schools
        rows = rows[(rows.known_from <= at) & (at < rows.known_to)]
        return rows.assign(date=self.cut.starts[rows.segment].astype(object))


def with_marks(records: Records) -> ir.Table:
    """The attendance table without days on which no mark was made."""
    rows = records.tables["attendance"]
    return rows.filter(((rows.am != NO_MARK) | (rows.pm != NO_MARK)).fill_null(True))


def stage_marks(records: Records, dates: AsOfDates, offsets: set[int], is_dated: bool = False) -> Marks:
    """Read the attendance table once for every as-of date; a day on which no mark was made is as if it had no row.

    Parameters
    ----------
    offsets : set of int
        School days before an as-of date at which look-backs of pupils' marks start or end; the largest is how
        far they reach.
    is_dated : bool
        Also what cards alone tell: `last_day` and `away`.
    """
    edges = tuple(sorted(offsets | {0, 2 * LONGEST_RUN}))
    cut = Cut(dates, edges, (SCHOOL_YEAR, LONGEST_LOOK_BACK), is_dated)
    registers = with_marks(records)
    is_reached = registers.date >= cut.begins.item()
    places = {
        half: array_position(list(marks()), registers[half]).fill_null(0).cast("int8") - 1
        for half in ("am", "pm")
    }
    rows = registers.filter(is_reached).mutate(**places).select(*DAYS)
    summing = Summing(cut, covering(records, dates, cut.first))
    made = by_pupils(records, rows, summing, summing.schemas)
    schools = (
        made["schools"]
        .group_by("urn", "segment", "known_from", "known_to")
        .agg(
            **{name: ibis._[name].sum().cast("int64") for name in ("possible", "absent")},
        )
    )
    kept = (
        registers.filter(is_reached)
        .group_by("urn", "known_on", "date")
        .agg(rows=lambda t: t.count().cast("int64"))
    )
    before = registers.filter(~is_reached).group_by("known_on").agg(date=lambda t: t.date.min())
    told, days, first = (rows.to_pyarrow().to_pandas() for rows in (schools, kept, before))
    return Marks(made["pupils"], told, days, first, cut)
