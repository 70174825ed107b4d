"""The audit that may leave: nothing in it but suppressed and rounded counts and what is made of them."""

from collections.abc import Mapping
from typing import Any

from models.audit_rates import BY_NAME, COUNTS, Rate, rates_shown
from models.disclosure import RULE, Disclosed, disclose, widened

CELLS = ("num", "positives", "negatives", "listed", "found", "needless")
FEWEST_SHOWN = 100  # with the outcome, for everyone's rates: a hundredth then says no exact count
WEIGHTED = "rows carry weights, and a few people may stand for many"
KEPT = (
    "schema_version", "kind", "title", "authority", "is_made_up", "outcome", "window_days", "audited_on", "statement",
    "cannot_see", "rates", "methods",
)  # fmt: skip


def publish(facts: Mapping[str, Any]) -> dict[str, Any]:
    """`audit_published.json` from the facts of `audit.json`.

    Groups of several attributes part the same pupils, so nothing exact of any of them is in it: no
    total, no interval as it was, no finding with a figure.
    """
    rows = facts["groups"]
    exact = {cell_name(row, cell): round(row["counts"][cell]) for row in rows for cell in CELLS}
    exact |= {cell_name(row, "num"): row["n"] for row in rows}
    exact |= {cell_name(row, name): value for row in rows for name, value in rest(row).items()}
    shown = disclose(exact)
    groups = [published_row(row, shown) for row in rows]
    if facts["kind"] == "file" and facts["columns"]["weight"]:
        groups = [without_rates(row) for row in groups]
    if facts["kind"] == "file":  # a file's own words for a few people can be a name
        groups = [row for row in groups if row["n"] is not None]
    told = {
        (row["attribute"], row["group"])
        for row in groups
        if row["metrics"]["recall"]["status"] == "estimated"
    }
    return {
        **{name: facts[name] for name in KEPT},
        "is_published": True,
        "disclosure": RULE,
        "totals": [
            {
                "attribute": name,
                "n": shown.total([cell_name(row, "num") for row in rows if row["attribute"] == name]),
            }
            for name in dict.fromkeys(row["attribute"] for row in rows)
        ],
        "everyone": everyone(facts),
        "groups": groups,
        "findings": [
            {
                name: each[name]
                for name in ("id", "kind", "attribute", "group", "severity", "owner", "due", "state")
            }
            for each in facts["findings"]
            if not each["group"] or (each["attribute"], each["group"]) in told
        ],
    }


def everyone(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Everyone's rates to a hundredth with widened ranges, as on the model card, and no count: a total beside groups would tell what is suppressed."""
    is_weighted = facts["kind"] == "file" and facts["columns"]["weight"]
    is_few = facts["overall"]["events"] < FEWEST_SHOWN
    metrics = {}
    for name in rates_shown(facts["rates"]):
        exact = facts["overall"]["metrics"][name]
        if exact["status"] != "estimated" or is_weighted or is_few:
            reason = WEIGHTED if is_weighted else "too few to show" if is_few else exact["reason"]
            metrics[name] = untold(reason)
        else:
            metrics[name] = as_shown(exact, round(exact["estimate"], 2))
    return {"metrics": metrics}


def untold(reason: str) -> dict[str, Any]:
    """A rate of which nothing leaves, with the reason."""
    return {"status": "cannot_tell", "estimate": None, "low": None, "high": None, "reason": reason}


def as_shown(exact: Mapping[str, Any], rate: float) -> dict[str, Any]:
    """A rounded rate with its range widened so that it holds both the rate and the exact range."""
    low, high = widened(exact["low"], exact["high"])
    return {
        "status": "estimated",
        "estimate": rate,
        "low": min(low, rate),
        "high": max(high, rate),
        "reason": "",
    }


def without_rates(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of weighted rates: a few people can stand for many, so that no count shown can vouch for a rate."""
    return {**row, "events": None, "metrics": dict.fromkeys(row["metrics"], untold(WEIGHTED))}


def cell_name(row: Mapping[str, Any], cell: str) -> str:
    return repr((row["attribute"], row["group"], cell))  # names may hold any mark


def rest(row: Mapping[str, Any]) -> dict[str, int]:
    """Numerators and denominators that are no count of their own, as cells of the table."""
    counts = [row["counts"][name] for name in COUNTS]
    return {
        cell: round(sum(weight * counts[at] for at, weight in side))
        for rate in map(BY_NAME.__getitem__, rates_shown(row["metrics"]))
        for cell, side in zip(parts_of(rate), (rate.over, rate.under), strict=True)
        if cell not in CELLS
    }


def parts_of(rate: Rate) -> tuple[str, str]:
    """The cells that a rate is made of: two of the counts shown, or two of its own where either is a sum of several."""
    alone = [COUNTS[side[0][0]] for side in (rate.over, rate.under) if len(side) == 1 and side[0][1] == 1]
    over, under = (
        alone if len(alone) == 2 and set(alone) <= set(CELLS) else (f"{rate.name}_over", f"{rate.name}_under")
    )
    return over, under


def published_row(row: Mapping[str, Any], shown: Disclosed) -> dict[str, Any]:
    """A group's shown counts, and rates made of them."""
    metrics: dict[str, dict[str, Any]] = {}
    for name in rates_shown(row["metrics"]):
        exact, (over, under) = row["metrics"][name], parts_of(BY_NAME[name])
        share = shown.rate(cell_name(row, over), cell_name(row, under))
        if exact["status"] == "estimated" and share is not None:
            metrics[name] = as_shown(exact, share)
        else:
            metrics[name] = untold("too few to show")
    return {
        "attribute": row["attribute"], "group": row["group"], "is_crossing": row["is_crossing"], "label": row["label"],
        "n": shown.counts[cell_name(row, "num")], "events": shown.counts[cell_name(row, "positives")], "metrics": metrics,
    }  # fmt: skip
