"""What the audit promises of faults and need: perfect lists have no fault, spoilt ones have theirs and no other."""

from typing import Any

import numpy as np
import pytest

from tests.audits import needs, parted, spoilt
from training.audit.findings import OF_THE_MODEL

pytestmark = pytest.mark.promise
NUM = 60  # of each of ten worlds
MOST = 7  # the 99 % point of a binomial of 60 at 5 %
ENGLISH = (0.63, 0.12, 0.08, 0.06, 0.05, 0.03, 0.02, 0.01)
PERFECT: dict[str, dict[str, Any]] = {
    "a small shift of need": {"need": (0.0, 0.3)},
    "a large shift of need": {"need": (0.0, 1.5)},
    "need less spread": {"spread": (1.0, 0.5)},
    "need more spread": {"spread": (0.8, 1.5)},
    "eight groups of English shares": {"shares": ENGLISH, "need": (0, 0.3, -0.5, 0.6, 1.0, -1.0, 0.4, 1.2), "spread": (1.0,) * 8},
    "twenty small groups": {"shares": (1.0,) * 20, "need": tuple(np.linspace(-1, 1, 20)), "spread": (1.0,) * 20, "num": 4000},
    "a group in few schools": {"shares": (0.9, 0.1), "need": (0.0, 1.0), "in_few_schools": 0.8},
    "nine schools": {"schools": 9, "num": 2500},
    "a rare outcome": {"base": -5.0, "num": 9000, "need": (0.0, 0.8)},
    "six dates, one outcome": {"num": 2500, "dates": 6, "need": (0.0, 1.0)},
}  # fmt: skip


def named(facts: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["kind"], each["group"]) for each in facts["findings"] if each["kind"] in OF_THE_MODEL]


@pytest.mark.parametrize("world", PERFECT)
def test_an_audit_of_a_perfect_list_names_nothing_and_blocks_nothing(world):
    """At most one audit in twenty names a fault of the model; whatever blocks is among those."""
    audits = [parted(needs(seed, **PERFECT[world]), pooled=seed % 2 == 1) for seed in range(NUM)]
    assert sum(bool(named(each)) for each in audits) <= MOST
    blocked = [[f["kind"] for f in each["findings"] if f["severity"] == "blocks"] for each in audits]
    assert all(set(kinds) <= set(OF_THE_MODEL) for kinds in blocked)
    assert sum(bool(kinds) for kinds in blocked) <= 3
    needs_found = [sum(f["kind"] == "need" for f in each["findings"]) for each in audits]
    assert max(needs_found) <= 1


@pytest.mark.parametrize(
    ("how", "kind", "power"),
    [
        ("too_low", "calibration", 0.95),
        ("too_high", "calibration", 0.95),
        ("too_steep", "calibration", 0.9),
        ("too_flat", "calibration", 0.95),
        ("noise", "ranking", 0.8),
        ("withheld", "tells_less", 0.75),
    ],
)
def test_a_list_spoilt_for_one_group_names_it_and_the_part(how, kind, power):
    """A group of 1,800 people, about 130 of them with the outcome, in 60 schools."""
    audits = [parted(spoilt(needs(seed), how), pooled=seed % 2 == 1) for seed in range(40)]
    found = [{(each["kind"], each["group"]) for each in facts["findings"]} for facts in audits]
    assert np.mean([(kind, "g1") in each for each in found]) >= power
    others = [any(group == "g0" and what in OF_THE_MODEL for what, group in each) for each in found]
    assert sum(others) <= 5  # the 98.6 % point of a binomial of 40 at 5 %
    if kind == "calibration":
        assert np.mean([("ranking", "g1") in each for each in found]) <= 0.15


def test_ranges_of_the_parts_hold_what_a_very_large_audit_says():
    """The parts of a group scaled down, in 40 audits, beside those of one audit of 400,000."""
    large = parted(spoilt(needs(999, num=400_000, schools=4000), "too_low"), pooled=True)
    held: dict[str, list[bool]] = {"need": [], "calibration": []}
    true = next(row for row in large["groups"] if row["group"] == "g1")["parts"]["rates"]["recall"]
    for seed in range(40):
        facts = parted(spoilt(needs(seed, num=12_000, schools=120), "too_low"), pooled=True)
        parts = next(row for row in facts["groups"] if row["group"] == "g1")["parts"]["rates"]["recall"]
        for name, inside in held.items():
            inside.append(parts[name]["low"] <= true[name]["estimate"] <= parts[name]["high"])
    assert all(np.mean(each) >= 0.85 for each in held.values()), {
        name: np.mean(each) for name, each in held.items()
    }
