"""Two models' own evidence and audits beside each other, as they were written; nothing is computed again."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.risk_model import RiskModel
from training.audit.review import AUDIT_FILE
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
        group is in one audit only); findings: how many open ones of each severity.
    """
    held = [read(folder / AUDIT_FILE) for folder in (a, b)]
    if not all(held):
        return None
    by_group = [{(row["attribute"], row["group"]): row for row in audit["groups"]} for audit in held]
    keys = list(dict.fromkeys(key for rows in by_group for key in rows))
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
                **{rate: [rows[key]["metrics"][rate] if key in rows else None for rows in by_group] for rate in RATES},
            }
            for key in keys
        ],
    }  # fmt: skip
