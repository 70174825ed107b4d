"""What beside a list speaks for a ranking fault: poorer records, and features that hold more than the estimate."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from serving.audit_words import DO, FOUND
from training.audit.findings import OF_THE_MODEL
from training.audit.outside_evidence import FOLDS, OutsideEvidence, p_unused
from training.logistic import sigmoid


def rows(
    seed: int, num: int = 6000, schools: int = 40
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Features, outcome, true chance given them all, and school."""
    rng = np.random.default_rng([seed, num])
    X = rng.normal(size=(num, 6)).astype(np.float32)
    chance = sigmoid(-2.5 + X[:, 0] + X[:, 1])
    return X, (rng.random(num) < chance).astype(float), chance, rng.integers(0, schools, num)


def test_features_that_the_estimate_leaves_unused_are_seen():
    X, y, _, school = rows(1)
    without = sigmoid(-2.2 + 0.9 * X[:, 0].astype(float))  # the second feature is not in it
    p = p_unused(X, y, without, school, 1)
    assert p is not None and p < 0.001


def test_a_true_chance_leaves_nothing():
    """Of 30 true chances, at most four below 5 %: the 98.4 % point of a binomial."""
    found = [p_unused(*rows(seed, 1500), seed) for seed in range(30)]
    assert sum(p is not None and p < 0.05 for p in found) <= 4


def test_too_few_schools_say_nothing():
    X, y, chance, school = rows(2, 500, 2 * FOLDS - 1)
    assert p_unused(X, y, chance, school, 1) is None


@pytest.mark.parametrize(
    ("name", "own", "says"),
    [
        ("share_missing", 0.199, ""),
        ("share_missing", 0.2, "5 of 100 facts more are missing"),
        ("days_behind", 113.9, ""),
        ("days_behind", 114.0, "7 days further back"),
    ],
)
def test_poorer_records_are_cut_exactly(name, own, says):
    """Two groups of a size: everyone's mean lies half way between them."""
    other = {"share_missing": 0.1, "days_behind": 100.0}
    coverage = [
        {"attribute": "a", "group": "g", "n": 50, **other, name: own},
        {"attribute": "a", "group": "h", "n": 50, **other},
    ]
    found = OutsideEvidence(cast("Any", SimpleNamespace()), [], coverage).poorer_records("a", "g")
    assert says in found and bool(found) == bool(says)


def test_every_kind_has_words_for_a_page_that_may_leave():
    kinds = {*OF_THE_MODEL, "need", "tells_less", "missing_records", "list"}
    assert kinds <= set(FOUND) and kinds <= set(DO)
