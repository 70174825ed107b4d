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
from features.day import MEASURES, marks, unpacked
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
        urn, segment, known_from, known_to, first_day, last_day, possible, absent: sessions of all pupils
        (`summing.OF_SCHOOLS`).
    before : pandas.DataFrame
        known_on, first_day: the earliest of the days that no look-back reaches and that became known on a day.
    cut : Cut
    """

    sums: ir.Table
    schools: pd.DataFrame
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
            for known in [self._of_schools(moment, is_counted=True)]
        ]
        types = {"urn": "int32", "as_of": "date", "possible": "int64", "absent": "int64"}
        return ibis.memtable(pd.concat(rows)[list(types)], schema=ibis.schema(types))

    def first_day(self, as_of: AsOf) -> date | None:
        """The first day of any register known at an as-of date; None where none is."""
        before = self.before[as_of.knows(self.before.first_day, self.before.known_on)]
        days = before if len(before) else self._of_schools(as_of)
        return None if days.empty else days.first_day.min()

    def last_days(self, as_of: AsOf) -> pd.Series:
        """The last day of each school's registers known at an as-of date, by urn, within two school years."""
        known = self._of_schools(as_of)
        return known[known.last_day >= as_of.first_day(LONGEST_LOOK_BACK)].groupby("urn").last_day.max()

    def _of_schools(self, as_of: AsOf, is_counted: bool = False) -> pd.DataFrame:
        """Rows known at an as-of date, with `date`, the first of their segment; or those that count for a pupil then."""
        at = self.cut.dates.days.index(as_of.on)
        rows = self.schools[self.schools.known_from <= at]
        if is_counted:
            rows = rows[at < rows.known_to]
        return rows.assign(date=self.cut.starts[rows.segment].astype(object))


def stage_marks(records: Records, dates: AsOfDates, offsets: set[int], is_dated: bool = False) -> Marks:
    """Read the attendance table once for every as-of date.

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
    registers = records.tables["attendance"]
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
            first_day=lambda t: t.first_day.min(),
            last_day=lambda t: t.last_day.max(),
            **{name: ibis._[name].sum().cast("int64") for name in ("possible", "absent")},
        )
    )
    before = registers.filter(~is_reached).group_by("known_on").agg(first_day=lambda t: t.date.min())
    told, first = (rows.to_pyarrow().to_pandas() for rows in (schools, before))
    return Marks(made["pupils"], told, first, cut)
