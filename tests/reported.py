"""Facts of reports with a part of every kind in them: evidence with an optional table, two models beside each other."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from serving.compare_words import FIGURES
from tests.released import candidate
from training.compare.compose import compare

EXAMPLE = json.loads((Path(__file__).parent / "example_evidence.json").read_text())
TOLD = EXAMPLE["headline"]["precision"]
ADDED = {"name": "recall_at_capacity", "without": 0.1, "with_table": 0.2, "difference": TOLD}
EVIDENCE = EXAMPLE | {
    "optional_tables": [
        {
            "table": "attainment", "features": ["share_ks2_met"], "figures": [ADDED],
            "groups": [ADDED | {"attribute": "sex", "group": "F", "label": "Girls", "num_events": 30}],
        }
    ]
}  # fmt: skip


def comparison(folder: Path) -> dict[str, Any]:
    """Two candidates made in a folder, with differences, who moves, and audits."""
    facts, _ = compare(candidate(folder / "one"), candidate(folder / "two"), None, date(2026, 9, 1))
    row = {"a": 0.1, "b": 0.2, "difference": TOLD}
    rate = {name: TOLD[name] for name in ("status", "estimate", "low", "high", "reason")}
    rates = ("recall", "selection_rate", "precision", "false_omission_rate")
    families = [{"family": "attendance", "mean_shift": 0.2, "num_most": 3}]
    moved = {
        "num_pupils": 3,
        "num_schools": 2,
        "by_phase": {"all_through": 1, "pru": 2},
        "families": families,
    }
    return facts.plain() | {
        "differences": {
            "figures": [{"name": name} | row for name in FIGURES],
            "by_phase": [{"name": "recall_at_capacity", "phase": "primary"} | row],
            "by_capacity": [{"name": "recall_at_capacity", "times": 2.0} | row],
            "expected_overlap": 0.9, "test_dates": ["2024-07-19"], "num_schools": 40, "num_events": 90,
        },
        "moves": {
            "as_of": "2025-07-18", "num_places_a": 30, "means": "What each kind of record adds.",
            "moves": [{"move": move} | moved for move in ("enters", "leaves")],
        },
        "audits": {
            "audited_on": ["2026-09-01", "2026-09-01"], "same_records": True,
            "findings": [{"blocks": 0, "matters": 0, "noted": 0}] * 2,
            "rows": [
                {"attribute": "sex", "group": "F", "label": "Girls", "n": 90} | {name: [rate, None] for name in rates}
            ],
        },
    }  # fmt: skip
