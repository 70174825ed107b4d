"""Schools whose suspensions fall as their internal suspensions rise: a label that falls for a reason that is not children's.

National policy since January 2026 moves sanctions inside school. Two spans of one length and season are compared, school by
school, by the distinct pupils of each: a pupil who is suspended often counts once, so that one child moves nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from features.as_of import SCHOOL_YEAR, AsOf
from features.known import clusters, suspension_events
from features.recorded import recorded_since
from features.records.store import Records
from models.said import school_said

TERM = 60  # school days compared: about a term
FEWEST = 10  # pupils suspended in the earlier span, below which a fall tells nothing
SPREAD = 2.0  # variance over that of counts drawn alone: schools differ from year to year
BEYOND = 3.0  # standard errors by which the odds of a sanction being inside have to rise
FALLS_TO, RISES_TO = 0.75, 1.1  # shares of what it was
# Where records only begin meanwhile, more of them are no rise: the fall has to tell by itself.
BEYOND_ALONE, FALLS_TO_ALONE = 4.0, 0.6


@dataclass(frozen=True)
class Span:
    """`length` school days that end `back` school days before a date, as known at that date or later (`known`)."""

    as_of: AsOf
    length: int
    back: int = 0


def pupils_by_school(records: Records, known: AsOf, span: Span, table: str) -> pd.Series:
    """Distinct pupils with a suspension (or a row of internal_suspensions) in a span, by school as it is today."""
    if table == "suspensions":
        rows = suspension_events(records, known.alone)
        rows = rows.filter(rows.category == "SUSP")
    else:
        rows = known.alone.known(records.tables[table], "start_date")
    rows = rows.filter(span.as_of.within(rows.start_date, span.length, span.back))
    rows = rows.inner_join(clusters(records), "urn")
    found = rows.group_by("cluster").agg(num=rows.pupil.nunique()).order_by("cluster").to_pandas()
    return found.set_index("cluster")["num"]


def compare(records: Records, known: AsOf, before: Span, after: Span) -> list[dict[str, Any]]:
    """Both counts of every school on both sides, and whether it moved; empty without the optional table.

    Returns
    -------
    list of dict
        urn, suspended_before, suspended_after, internal_before, internal_after (pupils), is_moved; in order of URN.
    """
    if "internal_suspensions" not in records.late_tables:
        return []
    parts = {
        f"{name}_{side}": pupils_by_school(records, known, span, table)
        for name, table in (("suspended", "suspensions"), ("internal", "internal_suspensions"))
        for side, span in (("before", before), ("after", after))
    }
    rows = pd.DataFrame(parts).fillna(0).astype("int64").sort_index()
    begun = recorded_since(records, known.alone).set_index("cluster")["since"].to_dict()
    start = before.as_of.first_day(before.length, before.back)
    judged = [
        has_moved(*(float(row[name]) for name in parts), is_new=begun.get(urn, known.on) > start)
        for urn, row in rows.iterrows()
    ]
    return [
        {"urn": int(str(urn)), **{name: int(row[name]) for name in parts}, "is_moved": moved}
        for (urn, row), moved in zip(rows.iterrows(), judged, strict=True)
    ]


def has_moved(
    suspended_before: float,
    suspended_after: float,
    internal_before: float,
    internal_after: float,
    *,
    is_new: bool = False,
) -> bool:
    """Do suspensions fall, internal ones rise, and the mix of both turn inside by more than chance?

    The mix tells behaviour, which moves both, from policy, which moves one to the other.

    Parameters
    ----------
    is_new : bool
        Whether records of internal suspension begin only after the earlier span began.
    """
    if suspended_before < FEWEST or internal_after == 0:
        return False
    if is_new or internal_before == 0:
        spread = np.sqrt(SPREAD * (suspended_before + suspended_after))
        falls_by = (suspended_before - suspended_after) / spread
        return suspended_after <= FALLS_TO_ALONE * suspended_before and bool(falls_by >= BEYOND_ALONE)
    if suspended_after > FALLS_TO * suspended_before or internal_after < RISES_TO * internal_before:
        return False
    counts = (
        np.array([suspended_before, suspended_after, internal_before, internal_after]) + 0.5
    )  # Haldane (1956)
    log_odds = np.log(counts[0] * counts[3] / (counts[1] * counts[2]))
    return bool(log_odds >= BEYOND * np.sqrt(SPREAD * (1 / counts).sum()))


def names_of(records: Records) -> dict[str, str]:
    """URN, as JSON has it, to the name of every school."""
    schools = records.schools
    return {str(urn): name for urn, name in zip(schools["urn"], schools["name"], strict=True) if name}


def named(rows: list[dict[str, Any]], names: Mapping[str, str]) -> str:
    """A sentence that names the schools that moved; "" where none did."""
    moved = [row for row in rows if row["is_moved"]]
    if not moved:
        return ""
    before, after = (sum(row[f"suspended_{side}"] for row in moved) for side in ("before", "after"))
    inside = [sum(row[f"internal_{side}"] for row in moved) for side in ("before", "after")]
    schools = ", ".join(school_said(row["urn"], names) for row in moved[:10])
    more = f" and {len(moved) - 10} more" if len(moved) > 10 else ""
    return (
        f"Suspensions fall as internal suspensions rise at {len(moved)} of {len(rows)} schools ({schools}{more}): pupils suspended "
        f"{before}, then {after}; pupils with an internal suspension {inside[0]}, then {inside[1]}. What the model learns as the "
        "outcome falls there with no change in what children do."
    )


def of_a_year_ago(as_of: AsOf, length: int) -> tuple[Span, Span]:
    """The last school days before a date, and the same weeks a year before."""
    return Span(as_of, length, SCHOOL_YEAR), Span(as_of, length)
