"""A feature as a frozen record, and the small vocabulary that its number is made with.

Every word of the vocabulary sums integers over rows first and divides once, at the end: floating sums
differ from run to run, integer sums do not.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

import ibis
import ibis.expr.types as ir

from features.as_of import inside
from features.day import MEASURES, PACKS, pack_of, unpacked

Family = Literal["attendance", "suspensions", "sen", "context", "school", "attainment"]
Where = Callable[[ir.Table], ir.BooleanValue]
Sums = dict[str, ir.Value]


@dataclass(frozen=True)
class Rows:
    """Rows of one view, and the look-back in which they count.

    Attributes
    ----------
    table : ibis Table
        Has `pupil`, `as_of`, and how long ago the row is (`ago` and `days_ago` of `AsOfDates.dated`).
    window : int or None
        Length of the look-back in school days; None takes every row of the view.
    back : int
        School days before the as-of date at which the look-back ends.
    """

    table: ir.Table
    window: int | None
    back: int = 0

    def inside(self, where: Where | None) -> ir.BooleanValue:
        """Is a row in the look-back and of the kind asked for?"""
        kind = where(self.table) if where else ibis.literal(True)
        if self.window is None:
            return kind
        return inside(self.table.ago, self.window, self.back) & kind

    def total(self, column: str, where: Where | None = None) -> ir.IntegerScalar:
        """The sum of an integer column; of a measure that shares a pack with others, from the one sum of all."""
        if column in MEASURES and pack_of(column) in self.table.columns:
            return unpacked({pack: self._sum(pack, where) for pack in PACKS}, column)
        return self._sum(column, where)

    def _sum(self, column: str, where: Where | None) -> ir.IntegerScalar:
        return self.inside(where).ifelse(self.table[column], 0).sum()

    def earlier(self, back: int) -> "Rows":
        return Rows(self.table, self.window, self.back + back)


@dataclass(frozen=True)
class Value:
    """How a number is made: integer aggregates over a pupil's rows at a date, then one expression over them.

    Attributes
    ----------
    sums : callable of Rows to dict of str to ibis scalar
    finish : callable of dict of str to ibis column, to ibis column
        Gets the aggregates by the names that `sums` gave them; null where the pupil has no row.
    edges : callable of (int or None) to set of int
        The school days before the as-of date at which its look-backs start and end, given the window.
    """

    sums: Callable[[Rows], Sums]
    finish: Callable[[Mapping[str, ir.Value]], ir.Value]
    edges: Callable[[int | None], set[int]] = lambda window: {0, window or 0}


def count(where: Where | None = None) -> Value:
    """How many rows; no row is 0."""
    return Value(
        lambda rows: {"num": rows.inside(where).cast("int16").sum()},
        lambda sums: sums["num"].fill_null(0),
    )


def total(column: str, where: Where | None = None) -> Value:
    """The sum of an integer column; no row is 0."""
    return Value(
        lambda rows: {"sum": rows.total(column, where)},
        lambda sums: sums["sum"].fill_null(0),
    )


def given(value: Value, of: str) -> Value:
    """A value; missing where an integer column, which no row may hold in the look-back, sums to 0."""
    return Value(
        lambda rows: value.sums(rows) | {"given": rows.total(of)},
        lambda sums: (sums["given"].fill_null(0) > 0).ifelse(value.finish(sums), ibis.null("int64")),
        value.edges,
    )


def share(part: str, of: str) -> Value:
    """One integer column's sum as a share of another's; missing where there is nothing to share."""
    return Value(
        lambda rows: {"part": rows.total(part), "of": rows.total(of)},
        lambda sums: sums["part"].cast("float64") / sums["of"].nullif(0).cast("float64"),
    )


def at_least(value: Value, bar: float) -> Value:
    """1 where a value is at or above a bar, 0 below it, missing where the value is."""
    return Value(value.sums, lambda sums: (value.finish(sums) >= bar).cast("int8"), value.edges)


def ever(where: Where | None = None) -> Value:
    """1 where any row is of a kind, else 0."""
    found = count(where)
    return Value(found.sums, lambda sums: (found.finish(sums) > 0).cast("int8"), found.edges)


def largest(column: str, where: Where | None = None) -> Value:
    """The largest value of an integer column; no row is 0."""
    return Value(
        lambda rows: {"max": rows.inside(where).ifelse(rows.table[column], 0).max()},
        lambda sums: sums["max"].fill_null(0),
    )


def latest(column: str) -> Value:
    """An integer column of the one row that the view says `is_last`; missing where there is none."""
    return Value(
        lambda rows: {"latest": _or_null(rows.table.is_last, rows.table[column]).max()},
        lambda sums: sums["latest"],
    )


def days_since(where: Where | None = None) -> Value:
    """School days from the last row of a kind to the as-of date; missing where there is none."""
    return Value(
        lambda rows: {"days": _or_null(rows.inside(where), rows.table.days_ago).min()},
        lambda sums: sums["days"],
    )


def change(value: Value, back: int | None = None) -> Value:
    """A value less the same value `back` school days earlier (by default the look-back before).

    Missing where either is.
    """

    def sums(rows: Rows) -> Sums:
        before = rows.earlier(back or rows.window or 0)
        return value.sums(rows) | {f"{name}_before": column for name, column in value.sums(before).items()}

    def finish(columns: Mapping[str, ir.Value]) -> ir.Value:
        before = {name.removesuffix("_before"): columns[name] for name in columns if name.endswith("_before")}
        return value.finish(columns) - value.finish(before)

    def edges(window: int | None) -> set[int]:
        return value.edges(window) | {edge + (back or window or 0) for edge in value.edges(window)}

    return Value(sums, finish, edges)


def lagged(value: Value, back: int) -> Value:
    """The same value, of the look-back that ended `back` school days before."""
    return Value(
        lambda rows: value.sums(rows.earlier(back)),
        value.finish,
        lambda window: {edge + back for edge in value.edges(window)},
    )


def ratio(value: Value, to: Value) -> Value:
    """One value over another; missing where either is, or the other is 0."""

    def finish(columns: Mapping[str, ir.Value]) -> ir.Value:
        other = {name.removesuffix("_other"): columns[name] for name in columns if name.endswith("_other")}
        return value.finish(columns) / to.finish(other).nullif(0)

    return Value(
        lambda rows: value.sums(rows) | {f"{name}_other": column for name, column in to.sums(rows).items()},
        finish,
        lambda window: value.edges(window) | to.edges(window),
    )


def _or_null(condition: ir.BooleanValue, column: ir.Value) -> ir.Value:
    return condition.ifelse(column, ibis.null("int32"))


@dataclass(frozen=True)
class Feature:
    """A feature, whole: what it is made from, and all that is ever said about it.

    Attributes
    ----------
    name : str
        The column, the MLflow signature, the SHAP name and the card's name.
    family : Family
    view : str
        The view of records whose rows it counts (`matrix.VIEWS`).
    value : Value
    window : int or None
        Look-back in school days; None where the view itself bounds it.
    unit : str
    empty : str
        What a missing or zero value means.
    direction : {1, 0, -1}
        Prior direction: does more of it go with a higher estimate (1), a lower one (-1), or is that
        open (0)? It becomes a monotone constraint.
    sensitivity : str
        The source whose condition `authority.toml` must name before the feature is made; "" for none.
    sentence : str
        What it says, in words a family would understand.
    source : str
        Where its definition comes from.
    available_from : date or None
        First day on which records could hold it.
    """

    name: str
    family: Family
    view: str
    value: Value
    window: int | None
    unit: str
    empty: str
    sentence: str
    source: str
    direction: int = 0
    sensitivity: str = ""
    available_from: date | None = None

    @property
    def reach(self) -> int:
        """School days of records it needs before the as-of date."""
        return max(self.value.edges(self.window))
