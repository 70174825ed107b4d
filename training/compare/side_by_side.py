"""Two models' own evidence and audits beside each other, as they were written; nothing is computed again."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.reviewing import AUDIT_FILE
from models.risk_model import RiskModel
from training.audit.findings import is_side
from training.broken import BEFORE
from training.candidate import EVIDENCE_FILE
from training.release.earned import read

FIGURES = ("recall_at_capacity", "recall_at_capacity_pooled", "recall_at_capacity_district", "precision")
RATES = ("recall", "selection_rate", "precision", "false_omission_rate")


def about(folder: Path, model: RiskModel) -> dict[str, Any]:
    """What a model is, and what its evidence says of it."""
    facts, evidence = model.facts, read(folder / EVIDENCE_FILE)
    data = evidence.get("data", {})
    settings = facts.recipe.get("settings", {})
    return {
        "name": folder.resolve().name,
        "model_hash": model.folder_hash,
        "data_hash": facts.data_hash,
        "trained_by": data.get("trained_by", ""),
        "made_on": data.get("made_on", ""),
        "trained_on": [str(day) for day in facts.trained_on],
        "num_features": len(facts.features),
        "num_refits": len(model.refit_texts),
        "rounds": facts.recipe.get("rounds"),
        "parameters": {
            k: v for k, v in facts.recipe.get("parameters", {}).items() if k != "monotone_constraints"
        },
        "settings": {k: v for k, v in settings.items() if isinstance(v, int | float | str)},
        "test_dates": evidence.get("split", {}).get("test", []),
        "gate": evidence.get("gate"),
        "headline": {name: evidence["headline"][name] for name in FIGURES} if evidence else None,
        "stability": evidence.get("stability", {}).get("expected_overlap"),
    }


def apart(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[dict[str, str]]:
    """Settings and parameters that differ between two models, by name."""
    return [
        {"name": name, "a": json.dumps(a[part].get(name)), "b": json.dumps(b[part].get(name))}
        for part in ("settings", "parameters")
        for name in sorted(a[part].keys() | b[part].keys())
        if a[part].get(name) != b[part].get(name)
    ]


def features_apart(a: RiskModel, b: RiskModel) -> dict[str, list[str]]:
    """Features that only one of two models reads."""
    return {
        "only_a": sorted(set(a.feature_names) - set(b.feature_names)),
        "only_b": sorted(set(b.feature_names) - set(a.feature_names)),
    }


def audits(a: Path, b: Path) -> dict[str, Any] | None:
    """The rates of every group under both, as their audits give them; None where either has none.

    Returns
    -------
    dict or None
        rows: attribute, group, label, n, and of each of `RATES` the facts of `a` and `b` (None where the
        group is in one audit only; not told where a break between the two audits makes it into two); findings: how many open
        ones of each severity.
    """
    held = [read(folder / AUDIT_FILE) for folder in (a, b)]
    if not all(held):
        return None
    by_group = [{(row["attribute"], row["group"]): row for row in audit["groups"]} for audit in held]
    keys = list(dict.fromkeys(key for rows in by_group for key in rows))
    across = between(*held)
    return {
        "audited_on": [audit["audited_on"] for audit in held],
        "same_records": held[0]["data_hash"] == held[1]["data_hash"],
        "findings": [
            {
                severity: sum(e["severity"] == severity and e["state"] == "open" for e in audit["findings"])
                for severity in ("blocks", "matters", "noted")
            }
            for audit in held
        ],
        "rows": [
            {
                "attribute": key[0], "group": key[1],
                "label": next(rows[key]["label"] for rows in by_group if key in rows),
                "n": next(rows[key]["n"] for rows in by_group if key in rows),
                **{
                    rate: [not_compared(rows[key]["metrics"][rate], across.get(key, "")) if key in rows else None for rows in by_group]
                    for rate in RATES
                },
            }
            for key in keys
        ],
    }  # fmt: skip


def between(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """Attribute and group of those that mean another thing in each of two audits, with why; crossings with them."""
    held = [{(each["name"], each["attribute"]): each for each in audit.get("breaks", ())} for audit in (a, b)]
    found: dict[tuple[str, str], str] = {}
    for key in held[0].keys() | held[1].keys():
        told = [each[key] for each in held if key in each]
        if len({one["side"] for one in told} | ({BEFORE} if len(told) == 1 else set())) == 1:
            continue
        reason = f"cannot compare with earlier years: {told[-1]['sentence']}"
        found |= {(key[1], group): reason for each in told for group in each["groups"]}
    crossed = {
        (row["attribute"], row["group"]): reason
        for audit in (a, b)
        for row in audit["groups"]
        if row.get("is_crossing")
        for (attribute, group), reason in found.items()
        if is_side(attribute, row["attribute"]) and is_side(group, row["group"])
    }
    return found | crossed


def not_compared(rate: Mapping[str, Any], reason: str) -> Mapping[str, Any]:
    """A rate, or where there is a reason not to compare it, only that."""
    if not reason:
        return rate
    return dict(rate) | {
        "status": "cannot_tell", "estimate": None, "low": None, "high": None, "reason": reason, "years_needed": None, "pooled": None,
    }  # fmt: skip
