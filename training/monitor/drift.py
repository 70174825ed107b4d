"""Features and estimates beside the same half-term of earlier years."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from features.matrix import FEATURES
from models.risk_model import RiskModel
from training.monitor.limits import (
    CANNOT_TELL,
    OUTSIDE,
    Share,
    design_effect,
    judge_distance,
    judge_share,
    share,
    untold,
)
from training.monitor.scene import Seen

NOT_MADE = "no earlier year has a value: the records, or the code it rests on, did not reach back so far"
SHARED_DAYS = "counted from days that many pupils share (a census, the start of a year), which lie differently each year"
SHARED_VIEWS = ("census", "stays", "pupils")
COUNTED_FROM_SHARED_DAYS = {
    each.name for each in FEATURES if each.unit in ("school days", "days") and each.view in SHARED_VIEWS
}


HOLY_DAYS = "these weeks hold days of religious observance that other years had at another time, which are absence too"


def feature_drift(
    now: Seen, earlier: Sequence[Seen], model: RiskModel, is_other_holy_days: bool = False
) -> list[dict[str, Any]]:
    """Every feature of the model, by how often it is missing, how often it is not 0, and how its values lie.

    A feature that no pupil had at an earlier date is not compared with that date: look-backs that the
    records did not reach, and features that rest on a code that was not yet in force.

    Parameters
    ----------
    is_other_holy_days : bool
        From `coding.has_other_holy_days`: attendance that left its limits is then shown, and raises no alarm.

    Returns
    -------
    list of dict
        kind (missing, not_zero or distance), name (the feature), family, and what `limits` makes of it.
    """
    names = [(feature.name, feature.family) for feature in model.facts.features]
    num = 3 * len(names)
    rows = []
    for name, family in names:
        mine, others = column(now, name), [column(each, name) for each in earlier]
        others = [(values, school) for values, school in others if not np.isnan(values).all()]
        about = {"name": name, "family": family}
        if not others:
            rows.append({"kind": "missing", **about, **untold(len(mine[0]), NOT_MADE)})
            continue
        for kind in ("missing", "not_zero"):
            shares = [share_of(kind, *each) for each in (mine, *others)]
            rows.append({"kind": kind, **about, **judge_share(shares[0], shares[1:], num)})
        if name in COUNTED_FROM_SHARED_DAYS:
            rows.append({"kind": "distance", **about, **untold(len(mine[0]), SHARED_DAYS)})
            continue
        held = [values[~np.isnan(values)] for values, _ in (mine, *others)]
        is_held = ~np.isnan(mine[0])
        inflate = design_effect(mine[0][is_held], mine[1][is_held])
        rows.append({"kind": "distance", **about, **judge_distance(held[0], held[1:], num, inflate)})
    for row in rows:
        if is_other_holy_days and row["family"] == "attendance" and row["status"] == OUTSIDE:
            row |= {"status": CANNOT_TELL, "reason": HOLY_DAYS}
    return rows


def column(one: Seen, name: str) -> tuple[np.ndarray, np.ndarray]:
    """A feature's values and the schools of who was assessed."""
    rows = one.rows[one.is_assessed]
    return rows[name].to_numpy(np.float64), rows["cluster"].to_numpy()


def share_of(kind: str, values: np.ndarray, school: np.ndarray) -> Share:
    """Of everyone, the share missing; or of those with a value, the share that is not 0."""
    is_missing = np.isnan(values)
    if kind == "missing":
        return share(
            is_missing.astype(float), np.ones(len(values)), design_effect(is_missing.astype(float), school)
        )
    hits = (values[~is_missing] != 0).astype(float)
    return share(hits, np.ones(len(hits)), design_effect(hits, school[~is_missing]))


def estimate_drift(now: Seen, earlier: Sequence[Seen]) -> dict[str, Any]:
    """The estimates of who was assessed: how far their distribution lies from earlier years', and their means."""
    held = [one.estimate[one.is_assessed] for one in (now, *earlier)]
    school = now.rows["cluster"].to_numpy()[now.is_assessed]
    inflate = design_effect(held[0], school) if len(held[0]) else 1.0
    return {
        "kind": "distance",
        "name": "estimate",
        **judge_distance(held[0], held[1:], 1, inflate),
        "mean": round(float(held[0].mean()), 6) if len(held[0]) else None,
        "earlier_means": [round(float(each.mean()), 6) for each in held[1:] if len(each)],
    }
