"""The tables of an audit: every rate of every group, or the reason why it cannot be told."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from fairlearn.metrics import MetricFrame

from models.audit_rates import COUNTS, HARM, RATES, TESTED, Rate
from training.audit.estimable import FEWEST, WHOLE, Pool, Sums, bounded, rate_of, sums_of
from training.audit.gaps import CHANCE, Compared, Tested, judge
from training.audit.pooling import pooled
from training.audit.scored import Attribute, Scored
from training.intervals import exact_count, exact_share

OUTCOMES = ("without", "with", "unseen")
POOLED = ("recall", "false_omission_rate")
TESTED_AS = {"false_negative_rate": "recall"}  # the same gap from the other side
STEP = 1e-6  # of a figure as it is rounded
NOBODY_ELSE = {
    "status": "cannot_tell",
    "estimate": None,
    "low": None,
    "high": None,
    "reason": "nobody else is there",
}
Ends = tuple[np.ndarray, np.ndarray]


def group_tables(scored: Scored, fewest: int = FEWEST) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Everyone's rates, and every group's beside them.

    Returns
    -------
    dict
        Everyone's n, events, counts and metrics.
    list of dict
        One row a group of every attribute: attribute, group, label, n, events, counts, metrics, gaps.
    """
    all_rows, pool = Attribute("everyone", ("everyone",), np.zeros(len(scored), dtype=np.int64)), Pool(scored)
    overall = row_of(scored, sums_of(scored, all_rows, pool), 0, point_table(scored, all_rows), fewest)
    if scored.weight is None:
        enter_ranges_of_everyone(overall["metrics"], scored)
    tables = []
    for attribute in scored.attributes:
        sums, points = sums_of(scored, attribute, pool), point_table(scored, attribute)
        tables.append(
            (sums, [row_of(scored, sums, at, points, fewest) for at in range(len(attribute.groups))])
        )
    tested = judge(
        [[(sums.against[name], comparable(rows, name, sums.against[name])) for sums, rows in tables] for name in TESTED],
        scored.clusters.draws, scored.clusters.seed,
    )  # fmt: skip
    for at, (sums, rows) in enumerate(tables):
        for name in POOLED:
            drawn_in = (
                pooled(sums.against[name])
                if overall["metrics"][name]["status"] == "estimated"
                else [None] * len(rows)
            )
            for row, each in zip(rows, drawn_in, strict=True):
                row["metrics"][name]["pooled"] = (
                    each if row["metrics"][name]["status"] == "estimated" else None
                )
        enter_gaps(rows, sums, {name: made[at] for name, made in zip(TESTED, tested, strict=True)})
    return overall, [row for _, rows in tables for row in rows]


def enter_ranges_of_everyone(metrics: dict[str, dict[str, Any]], scored: Scored) -> None:
    """Everyone's ranges are those of the evidence: each child counts once, at however many dates.

    Groups are compared by pupils who count once for each group they were in of any attribute, so that a pupil who moved
    counts on both sides; of everyone that would make several pupils of one child, and too narrow a range.
    """
    for rate in RATES:
        if metrics[rate.name]["status"] != "estimated":
            continue
        over, under = rate.parts(scored.counts.T).T
        exact, is_counted = (exact_share, under > 0) if rate.is_share else (exact_count, over > 0)
        low, high = exact(scored.clusters.sums(over, under), scored.clusters.events(is_counted))
        metrics[rate.name] |= {"low": round(low, 6), "high": round(high, 6)}


def comparable(rows: Sequence[dict[str, Any]], name: str, against: Compared) -> np.ndarray:
    """Groups whose rate is estimated and beside whom there is somebody else; bool, shape (G,)."""
    is_told = [row["metrics"][name]["status"] == "estimated" for row in rows]
    return np.array(is_told, dtype=bool) & (against.share < WHOLE)


def point_table(scored: Scored, attribute: Attribute) -> pd.DataFrame:
    """Every count and rate of an attribute's groups by fairlearn's MetricFrame; groups in the index.

    Rows of one group and one outcome are summed first: MetricFrame walks every row in Python, once a
    metric, and rates of sums are the same either way. Groups with nobody in them are not in it.
    """
    seen = np.where(np.isnan(scored.outcome), len(OUTCOMES) - 1, np.nan_to_num(scored.outcome)).astype(
        np.int64
    )
    key = attribute.code * len(OUTCOMES) + seen
    held, cell = np.unique(key, return_inverse=True)
    counts = np.stack([np.bincount(cell, column, len(held)) for column in scored.counts])

    def total(at: int, cells: np.ndarray, _: np.ndarray) -> float:
        return float(counts[at, np.asarray(cells)].sum())

    def over(rate: Rate, cells: np.ndarray, _: np.ndarray) -> float:
        part, whole = rate.parts(counts[:, np.asarray(cells)].sum(axis=1))
        return float(part / whole) if whole else np.nan

    metrics: dict[str, Callable] = {name: partial(total, at) for at, name in enumerate(COUNTS)}
    metrics |= {rate.name: partial(over, rate) for rate in RATES}
    cells = np.arange(len(held))
    groups = pd.Series(held // len(OUTCOMES), name="group")
    return MetricFrame(metrics=metrics, y_true=cells, y_pred=cells, sensitive_features=groups).by_group


def row_of(scored: Scored, sums: Sums, group: int, points: pd.DataFrame, fewest: int) -> dict[str, Any]:
    """One group's counts and rates."""
    name = sums.attribute.groups[group]
    found = {kind: int(numbers[group]) for kind, numbers in sums.pupils.items()}
    counts = {name: 0.0 for name in points.columns}
    if group in points.index:
        counts = dict(zip(points.columns, points.loc[group].to_numpy(np.float64), strict=True))
    return {
        "attribute": sums.attribute.name,
        "group": name,
        "is_crossing": sums.attribute.is_crossing,
        "is_broken": name in sums.attribute.broken,
        "label": sums.attribute.label(name),
        "n": int((sums.attribute.code == group).sum()),
        "num_pupils": found["any"],
        "events": found["positive"],
        "counts": {count: round(float(counts[count]), 3) for count in COUNTS},
        "metrics": {
            rate.name: rate_of(scored, sums, group, rate, found, counts[rate.name], fewest) for rate in RATES
        },
    }


def enter_gaps(rows: Sequence[dict[str, Any]], sums: Sums, tested: Mapping[str, Tested]) -> None:
    """Enter each estimated rate's difference from everyone's and ratio to it, with ranges, and what the tests say."""
    for row in rows:
        row["gaps"] = {}
    for rate in RATES:
        against, made = sums.against[rate.name], tested.get(TESTED_AS.get(rate.name, rate.name))
        groups = np.flatnonzero(comparable(rows, rate.name, against)).tolist()
        for row, share in zip(rows, against.share, strict=True):
            if row["metrics"][rate.name]["status"] == "estimated" and share >= WHOLE:
                row["gaps"][rate.name] = {"difference": NOBODY_ELSE, "ratio": NOBODY_ELSE}
        if not len(groups):
            continue
        differences, ratios = gap_ranges(against, sums, rate, made)
        smallest = against.smallest(made.bar, HARM[rate.name]) if made and rate.name in HARM else None
        for at in groups:
            row = rows[at]
            own = row["metrics"][rate.name]["estimate"]
            gap: dict[str, Any] = {
                "difference": gap_facts(own - against.units.rate, differences, at),
                "ratio": gap_facts(own / against.units.rate, ratios, at)
                if ratios is not None
                else gap_facts(None, None, at),
            }
            if made is not None and smallest is not None:
                gap |= {
                    "p_adjusted": round(float(made.p[at]), 6),
                    "is_gap": bool(made.is_gap[at]),
                    "smallest_detectable": None if np.isnan(smallest[at]) else round(float(smallest[at]), 6),
                }
            row["gaps"][rate.name] = gap


def gap_ranges(against: Compared, sums: Sums, rate: Rate, made: Tested | None) -> tuple[Ends, Ends | None]:
    """Low and high of every group's difference and ratio; no ratio where everyone's rate is 0.

    Where everyone's rate is 0 or 1 there is nothing to test, and a group's own range is moved.
    """
    everyone = against.units.rate
    if everyone <= 0 or (rate.is_share and everyone >= 1):
        low, high = sums.against.ranges[rate.name]
        return (low - everyone, high - everyone), (low, high) if everyone > 0 else None
    level = CHANCE if made is None else made.level
    ends = against.difference(level), against.ratio(level)
    if made is None or rate.name not in HARM:
        return ends
    return clear_of(0.0, ends[0], against, made), clear_of(1.0, ends[1], against, made)


def clear_of(none: float, ends: Ends, against: Compared, made: Tested) -> Ends:
    """A reported gap's range ends before no gap, by the last figure shown where it ends at it.

    With few values to take, a test can reject at the very level that bounds the range.
    """
    is_less, is_more = (made.is_gap & (sign * (against.rate - against.units.rate) > 0) for sign in (-1, 1))
    low, high = ends
    return np.where(is_more, np.maximum(low, none + STEP), low), np.where(
        is_less, np.minimum(high, none - STEP), high
    )


def gap_facts(estimate: float | None, ends: Ends | None, group: int) -> dict[str, Any]:
    """A gap as the audit's facts."""
    facts: dict[str, Any] = {"status": "cannot_tell", "estimate": None, "low": None, "high": None}
    if estimate is None or ends is None:
        return facts | {"reason": "everyone's rate is 0"}
    return facts | {"estimate": round(float(estimate), 6)} | bounded(ends, group)
