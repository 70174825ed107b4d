"""The tables of an audit: every rate of every group, or the reason why it cannot be told."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from fairlearn.metrics import MetricFrame

from training.audit.estimable import FEWEST, Sums, rate_of, stated, sums_of
from training.audit.gaps import Score, judge_together, score
from training.audit.pooling import pooled
from training.audit.rates import (
    BY_NAME,
    POOLED,
    RATES,
    TESTED,
    Rate,
)
from training.audit.scored import COUNTS, Attribute, Scored
from training.intervals import TOO_FEW_SCHOOLS, effective_schools, interval, ratio

OUTCOMES = ("without", "with", "unseen")


def group_tables(scored: Scored, fewest: int = FEWEST) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Everyone's rates, and every group's beside them.

    Returns
    -------
    dict
        Everyone's n, events, counts and metrics.
    list of dict
        One row a group of every attribute: attribute, group, label, n, events, counts, metrics, gaps.
    """
    all_rows = Attribute("everyone", ("everyone",), np.zeros(len(scored), dtype=np.int64))
    everyone = sums_of(scored, all_rows)
    overall = row_of(scored, everyone, 0, point_table(scored, all_rows), fewest)
    rows, tested = [], []
    for attribute in scored.attributes:
        sums, points = sums_of(scored, attribute), point_table(scored, attribute)
        made = [row_of(scored, sums, at, points, fewest) for at in range(len(attribute.groups))]
        for name in TESTED:
            scores = [score_of(sums, everyone, at, BY_NAME[name]) for at in range(len(made))]
            own = overall["metrics"][name]["estimate"]
            for row, one, drawn in zip(made, scores, pooled(scores, own or 0.0), strict=True):
                if name in POOLED:
                    row["metrics"][name]["pooled"] = drawn if own is not None else None
                if (
                    one is not None
                    and row["metrics"][name]["status"] == "estimated"
                    and row["n"] < overall["n"]
                ):
                    tested.append((row, name, one))
        for at, row in enumerate(made):
            row["gaps"] = gaps_of(row, sums, everyone, at, scored)
        rows += made
    enter_tests(tested, scored)
    return overall, rows


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
        "label": sums.attribute.label(name),
        "n": int((sums.attribute.code == group).sum()),
        "num_pupils": found["any"],
        "events": found["positive"],
        "counts": {count: round(float(counts[count]), 3) for count in COUNTS},
        "metrics": {
            rate.name: rate_of(scored, sums, group, rate, found, counts[rate.name], fewest) for rate in RATES
        },
    }


def score_of(sums: Sums, everyone: Sums, group: int, rate: Rate) -> Score | None:
    """The score of a group's gap; None where its rate has no denominator."""
    own, all_rows = rate.parts(sums.by_school[:, group]), rate.parts(everyone.by_school[:, 0])
    return score(own, all_rows) if own[:, 1].sum() > 0 and all_rows[:, 1].sum() > 0 else None


def gaps_of(row: dict[str, Any], sums: Sums, everyone: Sums, group: int, scored: Scored) -> dict[str, Any]:
    """Each estimated rate's difference from everyone's and ratio to it, with intervals."""
    gaps: dict[str, Any] = {}
    for rate in RATES:
        if row["metrics"][rate.name]["status"] != "estimated":
            continue
        counts = np.concatenate(
            [rate.parts(sums.by_school[:, group]), rate.parts(everyone.by_school[:, 0])], -1
        )
        drawn = np.concatenate([rate.parts(sums.drawn[:, group]), rate.parts(everyone.drawn[:, 0])], -1)
        rests, own = sums.resting_on(rate, group), row["metrics"][rate.name]
        if rate.is_share and own["estimate"] in (0.0, 1.0):
            gaps[rate.name] = at_the_edge(own, float(ratio(counts.sum(axis=0)[2:])))
            continue
        gaps[rate.name] = {
            name: stated(
                interval(counts, statistic, rests, scored.clusters.draws, scored.clusters.seed, False, drawn)
            )
            for name, statistic in (("difference", _difference), ("ratio", _ratio_of_ratios))
        }
    return gaps


def at_the_edge(own: dict[str, Any], everyone: float) -> dict[str, Any]:
    """The gap of a rate of none or all: resampling would never move it, so its own exact bound is shifted."""
    told = {"status": "estimated", "reason": ""}
    bounds = ("estimate", "low", "high")
    return {
        "difference": told | {name: round(own[name] - everyone, 6) for name in bounds},
        "ratio": told | {name: round(own[name] / everyone, 6) for name in bounds}
        if everyone
        else told | dict.fromkeys(bounds) | {"status": "cannot_tell", "reason": "everyone's rate is 0"},
    }


def enter_tests(tested: list[tuple[dict[str, Any], str, Score]], scored: Scored) -> None:
    """Judge the tested rates' gaps together and enter what came of it in their rows."""
    enough = [each for each in tested if effective_schools(np.abs(each[2].by_school)) >= TOO_FEW_SCHOOLS]
    told = judge_together([one for _, _, one in enough], scored.clusters.draws, scored.clusters.seed)
    for at, (row, name, _) in enumerate(enough):
        row["gaps"][name] |= {
            "p_adjusted": round(float(told.p[at]), 6),
            "is_gap": bool(told.is_gap[at]),
            "smallest_detectable": round(float(told.smallest[at]), 6),
        }


def _difference(sums: np.ndarray) -> np.ndarray:
    return sums[..., 0] / sums[..., 1] - sums[..., 2] / sums[..., 3]


def _ratio_of_ratios(sums: np.ndarray) -> np.ndarray:
    return ratio(sums) / ratio(sums[..., 2:])
