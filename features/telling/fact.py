"""One dated fact, and rows to make facts from."""

from collections import defaultdict
from datetime import date
from typing import Any, Literal, NamedTuple

import ibis.expr.types as ir

Kind = Literal["fact", "each", "change", "protective", "missing", "stale"]
Row = dict[str, Any]


class Fact(NamedTuple):
    """A sentence about a pupil.

    Attributes
    ----------
    kind : Kind
        each: one of several that a fact before it sums up; change: what is new or ended; protective: what goes well, or
        who helps; missing and stale: what the records cannot tell.
    dated_on : date or None
        The day the fact is of: an event's, a spell's start or end, the newest mark counted.
    """

    pupil: int
    family: str
    kind: Kind
    dated_on: date | None
    sentence: str


def by_pupil(rows: ir.Table, *order: str) -> dict[int, list[Row]]:
    """Rows as dicts with Python's own dates, by pupil, in an order."""
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows.order_by("pupil", *order).to_pyarrow().to_pylist():
        found[row["pupil"]].append(row)
    return found
