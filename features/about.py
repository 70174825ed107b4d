"""The records about some pupils as known at an as-of date, each view made once.

Cards need a few thousand pupils of an authority's hundreds of thousands, so every table is narrowed to
them before anything else is asked of it. What was not known strictly before the date is never here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import ibis
import ibis.expr.types as ir

from features.as_of import LONGEST_LOOK_BACK, SCHOOL_YEAR, AsOf
from features.census import census_rows
from features.cohort import cohort
from features.involvements import KINDS
from features.known import involvement_spells, open_spells, roll_spells
from features.marks import Marks, stage_marks
from features.records.store import Records
from features.untold import marked_by_school, schools_that_do_not_tell
from features.views import VIEWS, Scene


@dataclass(frozen=True)
class About:
    """Records about some pupils, or about everyone.

    Parameters
    ----------
    authority_records : Records
        The whole authority's.
    as_of : AsOf
    pupils : sequence of int or None
        Whose records; None for everyone's.
    """

    authority_records: Records
    as_of: AsOf
    pupils: Sequence[int] | None

    @cached_property
    def records(self) -> Records:
        """The same records, every table that names a pupil narrowed to these pupils."""
        records = self.authority_records
        tables = dict(records.tables)
        earliest = self.first_day_of_marks
        tables["attendance"] = tables["attendance"].filter(lambda t: t.date >= earliest)
        if self.pupils is not None:
            wanted = ibis.memtable(
                {"pupil": sorted(set(self.pupils))}, schema=ibis.schema({"pupil": "int64"})
            )
            tables |= {
                name: table.semi_join(wanted, "pupil").cache()
                for name, table in tables.items()
                if "pupil" in table.columns
            }
        return replace(records, tables=tables)

    @cached_property
    def people(self) -> ir.Table:
        """Those of them who are in the cohort, a row each (`cohort.cohort`)."""
        return cohort(self.records, self.as_of.alone).cache()

    @cached_property
    def involvements(self) -> ir.Table:
        """Spells with a service or plan; a sensitive kind only where authority.toml names its lawful basis."""
        rows = involvement_spells(self.records, self.as_of.alone)
        withheld = sorted(
            kind.code
            for kind in KINDS
            if kind.sensitivity and kind.sensitivity not in self.records.authority.lawful_basis
        )
        return self.as_of.alone.dated(rows.filter(~rows.kind.isin(withheld)), "start_date").cache()

    @cached_property
    def support(self) -> ir.Table:
        """Spells of help given after a screening."""
        return open_spells(self.records.tables["support"], "start_date", "end_date", self.as_of.alone).cache()

    @cached_property
    def spells(self) -> ir.Table:
        """Spells on a roll; that one ended in custody is told only where custody has a lawful basis."""
        rows = roll_spells(self.records, self.as_of.alone)
        if "custody" not in self.records.authority.lawful_basis:
            rows = rows.mutate(leaving_reason=rows.leaving_reason.nullif("custody"))
        return rows.cache()

    @cached_property
    def events(self) -> ir.Table:
        """Suspensions and permanent exclusions, cancelled ones left out (the view that features count)."""
        return VIEWS["suspensions"].rows(self.scene).cache()

    @cached_property
    def census(self) -> ir.Table:
        """Censuses of two years and this one, a row a pupil a census."""
        return census_rows(self.records, self.as_of.alone).cache()

    @cached_property
    def scene(self) -> Scene:
        """What the views that features count are made from."""
        return Scene(self.records, self.as_of.alone, self.people, self.staged, self.marks)

    @cached_property
    def one_by_one(self) -> list[dict[str, Any]]:
        """`people` as dicts, in order of pupil."""
        return self.people.order_by("pupil").to_pyarrow().to_pylist()

    def look_back(self, length: int) -> date:
        """First day of a look-back of `length` school days, and no day before the calendar's first."""
        return max(self.as_of.first_day(length), self.as_of.calendar.days[0].item())

    @cached_property
    def half_terms(self) -> tuple[date, ...]:
        """First days of the half-terms of this academic year and the last that have begun."""
        calendar = self.as_of.calendar
        years = (self.as_of.academic_year_start - 1, self.as_of.academic_year_start)
        begun = calendar.positions([half.first for half in calendar.half_terms]) < self.as_of.index
        return tuple(
            half.first
            for half, has_begun in zip(calendar.half_terms, begun, strict=True)
            if has_begun and int(half.year[:4]) in years
        )

    @property
    def start_of_school_year(self) -> date:
        """First day of the school year that half-terms so far are counted in."""
        return self.as_of.calendar.start_of_year(self.half_terms[-1] if self.half_terms else self.as_of.on)

    @property
    def first_day_of_marks(self) -> date:
        """No mark before this day is read: the start of last school year, or of a school year's look-back."""
        return min((*self.half_terms[:1], self.look_back(SCHOOL_YEAR)))

    @cached_property
    def do_not_tell(self) -> set[int]:
        """URNs of the authority's schools that mark suspensions this school year and do not tell the council of them."""
        return schools_that_do_not_tell(
            marked_by_school(self.authority_records, self.as_of, self.start_of_school_year)
        )

    @cached_property
    def staged(self) -> Marks:
        """Marks summed into segments of time; a half-term's start is an edge between two."""
        starts = {self.as_of.index - self.as_of.calendar.index(first) for first in self.half_terms}
        return stage_marks(
            self.records, self.as_of.alone, starts | {SCHOOL_YEAR, LONGEST_LOOK_BACK}, is_dated=True
        )

    @cached_property
    def marks(self) -> ir.Table:
        """Sessions by segment of time (`Marks.known`)."""
        return self.staged.known(self.as_of.alone).cache()
