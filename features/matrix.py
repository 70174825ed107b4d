"""From declarations to one matrix: one row a pupil an as-of date, the same bytes every time.

The rows are the cohort's, whole; the columns are the features declared. Ibis expressions throughout, so
DuckDB runs it by default and Spark where data outgrows a machine.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from features import attendance, context, school, sen, suspensions
from features.as_of import AsOf
from features.calendar import Calendar
from features.cohort import COLUMNS, cohort
from features.feature import Feature, Rows
from features.marks import Marks, stage_marks
from features.records.store import Records
from features.views import VIEWS, Scene, reach

FEATURES: tuple[Feature, ...] = (
    *attendance.FEATURES, *suspensions.FEATURES, *sen.FEATURES, *context.FEATURES, *school.FEATURES,
)  # fmt: skip
Progress = Callable[[str, int, int], None]


def features_for(records: Records, declared: Sequence[Feature] = FEATURES) -> tuple[Feature, ...]:
    """The features an authority may make: those with a `sensitivity` only where it names a condition."""
    return tuple(
        feature
        for feature in declared
        if not feature.sensitivity or feature.sensitivity in records.authority.lawful_basis
    )


def feature_matrix(
    records: Records,
    as_of_dates: Sequence[date],
    declared: Sequence[Feature] = FEATURES,
    progress: Progress | None = None,
) -> Iterator[pa.Table]:
    """The matrix, one as-of date at a time, in order of date and then pupil.

    Parameters
    ----------
    records : Records
    as_of_dates : sequence of date
        Any dates; training uses the ends of half-terms. Repeats count once.
    declared : sequence of Feature
        Sensitive ones are left out where `authority.toml` names no condition.
    progress : callable of (what, done, of), optional

    Yields
    ------
    pyarrow.Table
        The cohort's columns (`cohort.COLUMNS`), then each feature as float32, null where missing.
    """
    declared = features_for(records, declared)
    calendar = Calendar.of(records.authority)
    moments = [AsOf(day, calendar) for day in sorted(set(as_of_dates))]
    offsets = {edge for feature in declared for edge in feature.value.edges(feature.window)}
    tell = progress or (lambda what, done, of: None)
    tell("reading registers", 0, len(moments) + 1)
    marks = stage_marks(records, calendar, moments, offsets)
    for done, moment in enumerate(moments):
        tell(f"features as of {moment.on}", done + 1, len(moments) + 1)
        yield one_date(records, moment, marks, declared)
    tell("features made", len(moments) + 1, len(moments) + 1)


def write_matrix(out: Path, tables: Iterator[pa.Table]) -> None:
    """Write the matrix as Parquet, a row group a date; whole or not at all."""
    part = out.with_name(f".{out.name}.part")
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        first = next(tables)
        with pq.ParquetWriter(part, first.schema) as writer:
            writer.write_table(first)
            for table in tables:
                writer.write_table(table)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)


def one_date(records: Records, as_of: AsOf, marks: Marks, declared: Sequence[Feature]) -> pa.Table:
    """The matrix of one as-of date: the cohort left-joined with each view's aggregates."""
    known = marks.known(as_of)
    people = records.keep(cohort(records, as_of, known))
    rows = people.select(*COLUMNS)
    missing: set[str] = set()
    for name, view in VIEWS.items():
        wanted = [feature for feature in declared if feature.view == name]
        if not wanted:
            continue
        table = view.rows(Scene(records, as_of, people, marks, known))
        if all(feature.window for feature in wanted):
            table = table.filter(table.date >= as_of.first_day(max(feature.reach for feature in wanted)))
        sums = {
            f"{feature.name}__{part}": column
            for feature in wanted
            for part, column in feature.value.sums(Rows(table, as_of, feature.window)).items()
        }
        # Ibis compiles many small queries faster than one.
        summed = records.keep(table.group_by(view.key).agg(**sums))
        rows = rows.left_join(summed, view.key).drop(f"{view.key}_right")
        first_day = reach(records, as_of, view, marks)
        missing |= {feature.name for feature in wanted if not _is_held(feature, as_of, first_day)}
    made = {
        feature.name: ibis.null("float32") if feature.name in missing else _finish(feature, rows, as_of)
        for feature in declared
    }
    return rows.select(*COLUMNS, **made).order_by("pupil").to_pyarrow().combine_chunks()


def _is_held(feature: Feature, as_of: AsOf, first_day: date | None) -> bool:
    """Do the records reach back far enough, and could they hold the feature over its whole look-back?"""
    start = as_of.first_day(feature.reach)
    is_reached = as_of.reaches(feature.reach) and first_day is not None and first_day <= start
    is_reached = feature.reach == 0 or is_reached
    return is_reached and (feature.available_from is None or feature.available_from <= start)


def _finish(feature: Feature, rows: ir.Table, as_of: AsOf) -> ir.Value:
    prefix = f"{feature.name}__"
    sums = {name.removeprefix(prefix): rows[name] for name in rows.columns if name.startswith(prefix)}
    return feature.value.finish(sums, as_of).cast("float32")
