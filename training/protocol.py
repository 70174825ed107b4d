"""What is settled before the test's outcomes are read, and how often they have been."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.comparators import COMPARATORS
from training.settings import Settings
from training.splits import Split

GROUPS = ("ethnicity", "fsm_eligible", "sex", "sen_provision", "phase", "district")
LEDGER = "looks.jsonl"


@dataclass(frozen=True)
class Protocol:
    """The facts that are fixed, as plain JSON values, and their hash."""

    facts: dict[str, Any]

    @property
    def hash(self) -> str:
        """SHA-256 of the facts in canonical JSON."""
        return hashlib.sha256(json.dumps(self.facts, sort_keys=True).encode()).hexdigest()

    @property
    def test_key(self) -> str:
        """Which test it is: the same outcome of the same records at the same dates is the same test."""
        test = {name: self.facts[name] for name in ("data_hash", "outcome", "window_days", "test")}
        return hashlib.sha256(json.dumps(test, sort_keys=True).encode()).hexdigest()


def fix_protocol(settings: Settings, split: Split, earlier: Sequence[Split], data_hash: str) -> Protocol:
    """Settle outcome, window, places, dates (those of earlier test years too), comparators and audited groups."""
    return Protocol(
        {
            "outcome": settings.outcome,
            "window_days": settings.window_days,
            "places_per_school": dict(settings.places_per_school),
            "places_per_district": settings.places_per_district,
            "training": [str(day) for day in split.training],
            "test": [str(day) for day in split.test],
            "earlier_tests": [[str(day) for day in each.test] for each in earlier],
            "comparators": [rival.name for rival in COMPARATORS],
            "groups": list(GROUPS),
            "seed": settings.seed,
            "data_hash": data_hash,
        }
    )


def look(protocol: Protocol, ledger: Path | None) -> int | None:
    """Enter in the ledger that the test's outcomes are about to be read; return how often they were.

    Parameters
    ----------
    ledger : Path or None
        A file of one JSON line a look. None (outcomes given as frames) cannot count: None.
    """
    if ledger is None:
        return None
    with ledger.open("a") as file:
        file.write(json.dumps({"test": protocol.test_key, "protocol": protocol.hash}) + "\n")
    return sum(json.loads(line)["test"] == protocol.test_key for line in ledger.read_text().splitlines())
