"""Lists beside the same half-term of earlier years, who is not assessed, and who came and went since the list before."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from models.places import IN_PROGRESS, LISTED, NOT_ASSESSED, SUPPORTED
from training.monitor.limits import Share, judge_share, share, untold
from training.monitor.scene import Seen

BY_CALENDAR = {"year_11_after_easter": "follows Easter, which moves"}
NEW_ON_ROLL, LEFT_ROLL, MOVED = "new on roll", "left the roll", "changed school"
BECAME = {NOT_ASSESSED: "not assessed", SUPPORTED: "already supported", IN_PROGRESS: "exclusion in progress"}
ROSE, FELL, LINE = "the estimate rose", "the estimate fell", "others at the school moved past"


def list_drift(now: Seen, earlier: Sequence[Seen]) -> list[dict[str, Any]]:
    """Places used, and the share of the assessed that is listed, over all and by phase.

    Returns
    -------
    list of dict
        kind (places_used, listed), name (all, or a phase), and what `limits` makes of it.
    """
    phases = sorted(set(now.rows["phase"]))
    used = [places_used(each) for each in (now, *earlier)]
    rows = [{"kind": "places_used", "name": "all", **judge_share(used[0], used[1:], len(phases) + 2)}]
    for phase in ("all", *phases):
        shares = [listed(each, phase) for each in (now, *earlier)]
        rows.append({"kind": "listed", "name": phase, **judge_share(shares[0], shares[1:], len(phases) + 2)})
    return rows


def places_used(one: Seen) -> Share:
    hits = np.r_[np.ones(int(one.is_listed.sum())), np.zeros(max(one.places - int(one.is_listed.sum()), 0))]
    return share(hits, np.ones(len(hits)))


def listed(one: Seen, phase: str) -> Share:
    where = one.is_assessed & ((one.rows["phase"].to_numpy() == phase) | (phase == "all"))
    return share(one.is_listed[where].astype(float), np.ones(int(where.sum())))


def not_assessed(now: Seen, earlier: Sequence[Seen]) -> list[dict[str, Any]]:
    """The share of the cohort that is not assessed, over all reasons but the calendar's, and by reason."""
    reasons = sorted({name for one in (now, *earlier) for name in one.rows["not_assessed_reason"].dropna()})
    rows = []
    for name in ("all", *reasons):
        shares = [without_estimate(each, name) for each in (now, *earlier)]
        found = (
            untold(shares[0].of, BY_CALENDAR[name]) | {"now": round(shares[0].value, 6)}
            if name in BY_CALENDAR
            else judge_share(shares[0], shares[1:], len(reasons) + 1)
        )
        rows.append({"kind": "not_assessed", "name": name, **found})
    return rows


def without_estimate(one: Seen, reason: str) -> Share:
    why = one.rows["not_assessed_reason"].fillna("").to_numpy(str)
    hits = (why == reason) if reason != "all" else (why != "") & ~np.isin(why, list(BY_CALENDAR))
    return share(hits.astype(float), np.ones(len(why)))


def churn(now: Seen, before: Seen | None, earlier: Sequence[tuple[Seen, Seen]]) -> dict[str, Any]:
    """Who is listed and was not, and who was and is not, each with a reason; beside how many were new in other years.

    Returns
    -------
    dict
        num_listed, num_new, num_left, came and went (reason to number), share_new (what `limits` makes of it).
    """
    if before is None:
        return {"num_listed": int(now.is_listed.sum()), "num_new": None, "num_left": None, "came": {}, "went": {},
                "share_new": untold(0, "there is no list before this one")}  # fmt: skip
    both = paired(now, before)
    came, went = both[both["is_in"] & ~both["was_in"]], both[both["was_in"] & ~both["is_in"]]
    shares = [share_new(*pair) for pair in ((now, before), *earlier)]
    return {
        "num_listed": int(now.is_listed.sum()),
        "num_new": len(came),
        "num_left": len(went),
        "came": dict(Counter(why_came(came)).most_common()),
        "went": dict(Counter(why_went(went)).most_common()),
        "share_new": judge_share(shares[0], shares[1:], 1),
    }


def paired(now: Seen, before: Seen) -> pd.DataFrame:
    """Everyone of both days, with school, state and estimate then and now."""
    parts = [
        pd.DataFrame({"pupil": one.pupil, "urn": one.rows["cluster"].to_numpy(), "state": one.state, "estimate": one.estimate})
        for one in (now, before)
    ]  # fmt: skip
    both = parts[0].merge(parts[1], on="pupil", how="outer", suffixes=("", "_before"))
    return both.assign(is_in=both["state"] == LISTED, was_in=both["state_before"] == LISTED)


def share_new(now: Seen, before: Seen) -> Share:
    both = paired(now, before)
    held = both[both["is_in"]]
    return share((~held["was_in"]).to_numpy(float), np.ones(len(held)))


def why_came(rows: pd.DataFrame) -> list[str]:
    return [
        NEW_ON_ROLL
        if pd.isna(row.state_before)
        else f"was {BECAME[row.state_before]}"
        if row.state_before in BECAME
        else MOVED
        if row.urn != row.urn_before
        else ROSE
        if row.estimate > row.estimate_before
        else LINE
        for row in rows.itertuples(index=False)
    ]


def why_went(rows: pd.DataFrame) -> list[str]:
    return [
        LEFT_ROLL
        if pd.isna(row.state)
        else f"now {BECAME[row.state]}"
        if row.state in BECAME
        else MOVED
        if row.urn != row.urn_before
        else FELL
        if row.estimate < row.estimate_before
        else LINE
        for row in rows.itertuples(index=False)
    ]
