"""From declarations to one matrix: one row a pupil an as-of date, the same bytes every time.

The rows are the cohort's, whole; the columns are the features declared. Ibis expressions throughout, so
DuckDB runs it by default and Spark where data outgrows a machine.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import pairwise
from pathlib import Path

import ibis.expr.operations as ops
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from features import attainment, attendance, context, internal_suspensions, school, sen, suspensions
from features.as_of import AsOf, AsOfDates, inside
from features.calendar import Calendar
from features.cohort import COLUMNS, cohort
from features.contract.breaks import Break, breaks, hitting
from features.feature import Feature, Rows
from features.files import whole_file
from features.holes import Holes
from features.known import beside
from features.marks import Marks, stage_marks
from features.recorded import Unrecorded
from features.records.store import Records
from features.tables import TABLES
from features.views import VIEWS, Scene, reach

FEATURES: tuple[Feature, ...] = (
    *attendance.FEATURES, *suspensions.FEATURES, *sen.FEATURES, *context.FEATURES, *school.FEATURES,
    *internal_suspensions.FEATURES, *attainment.FEATURES,
)  # fmt: skip
WRITTEN_BESIDE = 6  # tables that wait to be written while the next are made
Progress = Callable[[str, int, int], None]


def features_for(records: Records, declared: Sequence[Feature] = FEATURES) -> tuple[Feature, ...]:
    """The features an authority may make: those with a `sensitivity` only where it names a condition, and those of an
    optional table only where it supplies one."""
    return tuple(
        feature
        for feature in declared
        if (not feature.sensitivity or feature.sensitivity in records.authority.lawful_basis)
        and (not is_of_late_table(feature) or VIEWS[feature.view].table in records.late_tables)
    )


def is_of_late_table(feature: Feature) -> bool:
    """Is it made from an optional table that an authority may not have?"""
    table = VIEWS[feature.view].table
    return bool(table) and TABLES[table].is_late


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
    dates = AsOfDates.of(as_of_dates, Calendar.of(records.authority))
    offsets = {
        edge
        for feature in declared
        if feature.view == "marks"
        for edge in feature.value.edges(feature.window)
    }
    whole = len(dates.moments)
    tell = progress or (lambda what, done, of: None)
    tell("reading registers", 0, whole + 1)
    marks = stage_marks(records, dates, offsets)
    done = 1
    on_roll = dates.applying(records.tables["roll"], "entry_date", "leaving_date").as_of.value_counts()
    for some in dates.batches(on_roll.as_of_count.max().to_pyarrow().as_py() or 0):
        tell(f"features as of {_span(some)}", done, whole + 1)
        yield from _tables(records, some, marks, declared)
        done += len(some.moments)
    tell("features made", whole + 1, whole + 1)


def _span(dates: AsOfDates) -> str:
    first, last = dates.days[0], dates.days[-1]
    return f"{first}" if first == last else f"{first} to {last}"


def write_matrix(out: Path, tables: Iterator[pa.Table]) -> None:
    """Write the matrix as Parquet, a row group a date; whole or not at all."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(out) as part:
        first = next(tables)
        repeated = [name for name in first.column_names if name != "pupil"]
        with (
            pq.ParquetWriter(part, first.schema, use_dictionary=repeated) as writer,
            ThreadPoolExecutor(1) as beside,
        ):
            writing = deque([beside.submit(writer.write_table, first)])
            for table in tables:  # made while those before are written
                if len(writing) == WRITTEN_BESIDE:
                    writing.popleft().result()
                writing.append(beside.submit(writer.write_table, table))
            for last in writing:
                last.result()


def _tables(
    records: Records, dates: AsOfDates, marks: Marks, declared: Sequence[Feature]
) -> Iterator[pa.Table]:
    """The matrices of some as-of dates, one after the other and in order of pupil."""
    whole, held = _whole(records, dates, marks, declared)
    on = whole["as_of"].to_numpy()
    order = np.lexsort((whole["pupil"].to_numpy(), on))  # in less than the database takes to sort whole rows
    starts = np.searchsorted(on[order], np.array([*dates.days, date.max], "datetime64[D]"))
    holes = Holes.of(records, dates)
    has_internal = any(feature.view == "internal_suspensions" for feature in declared)
    unrecorded = Unrecorded.of(records, dates) if has_internal else None
    cuts = tuple(one for one in breaks(records.authority) if one.features == "missing")
    for moment, (start, end) in zip(dates.moments, pairwise(starts), strict=True):
        table = whole.take(pa.array(order[start:end]))
        for feature in declared:
            is_held = _is_held(feature, moment, held[feature.name].get(moment.on))
            if not is_held or _reaches_into(feature, moment, cuts):
                place = table.column_names.index(feature.name)
                table = table.set_column(place, table.field(place), pa.nulls(table.num_rows, pa.float32()))
            elif feature.view == "marks":
                pupils = holes.pupils(moment, moment.first_day(feature.reach))
                table = _without(table, feature.name, pupils) if len(pupils) else table
            elif feature.view == "internal_suspensions" and unrecorded:
                pupils = unrecorded.pupils(moment, moment.first_day(feature.reach))
                table = _without(table, feature.name, pupils) if len(pupils) else table
        yield table.combine_chunks()


def _whole(
    records: Records, dates: AsOfDates, marks: Marks, declared: Sequence[Feature]
) -> tuple[pa.Table, dict[str, dict[date, date]]]:
    """The cohorts of some as-of dates left-joined with each view's aggregates; and how far each feature's records reach."""
    people = records.keep(cohort(records, dates, marks))
    scene = Scene(records, dates, people, marks, marks.known(dates))
    rows = people.select(*COLUMNS)
    held: dict[str, dict[date, date]] = {}
    columns: dict[str, dict[str, str]] = {}
    for name, view in VIEWS.items():
        wanted = [feature for feature in declared if feature.view == name]
        if not wanted:
            continue
        table = view.rows(scene)
        if all(feature.window for feature in wanted):
            table = table.filter(inside(table.ago, max(feature.reach for feature in wanted)))
        asked = {feature.name: feature.value.sums(Rows(table, feature.window)) for feature in wanted}
        names: dict[ops.Node, str] = {}  # one sum serves every feature that asks for it
        for asker, parts in asked.items():
            columns[asker] = {
                part: names.setdefault(column.op(), f"{asker}__{part}") for part, column in parts.items()
            }
        key = (view.key, "as_of")
        sums = {  # the sum of one row is what it is made of
            name: (column.arg if view.is_single else column).to_expr().cast("int32")
            for column, name in names.items()
        }
        summed = table.select(*key, **sums) if view.is_single else table.group_by(key).agg(**sums)
        rows = beside(rows, records.keep(summed), key)  # Ibis compiles many small queries faster than one
        held |= dict.fromkeys((feature.name for feature in wanted), reach(records, dates, view, marks))
    made = {
        feature.name: feature.value.finish({part: rows[name] for part, name in columns[feature.name].items()})
        for feature in declared
    }
    finished = {name: value.cast("float32") for name, value in made.items()}
    return rows.select(*COLUMNS, **finished).to_pyarrow(), held


def _without(table: pa.Table, name: str, pupils: np.ndarray) -> pa.Table:
    """A table in which a feature of some pupils is missing."""
    place = table.column_names.index(name)
    is_over = pc.is_in(table["pupil"], pa.array(pupils))
    return table.set_column(
        place, table.field(place), pc.if_else(is_over, pa.scalar(None, pa.float32()), table[name])
    )


def _is_held(feature: Feature, as_of: AsOf, first_day: date | None) -> bool:
    """Do the records reach back far enough, and could they hold the feature over its whole look-back?"""
    start = as_of.first_day(feature.reach)
    is_reached = as_of.reaches(feature.reach) and first_day is not None and first_day <= start
    is_reached = feature.reach == 0 or is_reached
    return is_reached and (feature.available_from is None or feature.available_from <= start)


def _reaches_into(feature: Feature, as_of: AsOf, cuts: Sequence[Break]) -> bool:
    """Does the look-back reach into a time of which records do not mean what they mean else?"""
    if feature.reach == 0:
        return False
    tables = VIEWS[feature.view].counts
    return any(one.touches(as_of.first_day(feature.reach), as_of.day_before) for one in hitting(cuts, tables))
