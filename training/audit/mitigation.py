"""What would even out recall, and at what cost: compared here, and never served.

One list rule holds for everyone in serving: cut-offs of a group's own may be unlawful direct discrimination
(Equality Act 2010, section 13). Every figure here is judged on the same test outcomes; equal-recall
cut-offs are even chosen on them, which flatters them.
"""

import warnings
from typing import Any

import numpy as np
import pandas as pd
from fairlearn.postprocessing import ThresholdOptimizer
from fairlearn.reductions import ErrorRate, ExponentiatedGradient, TruePositiveRateParity
from sklearn.linear_model import LogisticRegression

from models.places import expected_place, in_running
from models.risk_model import RiskModel
from training.audit.estimable import FEWEST
from training.audit.scored import Attribute, Scored
from training.evidence.test_cohort import TestCohort
from training.panel import Panel

MOST_ROWS = 20_000
STEPS, ITERATIONS = 50, 8
TOLD_BY = 8  # features with most gain that the simple classifier reads
NEVER_SERVED = (
    "None of these is served. One list rule holds for everyone: cut-offs of a group's own may be unlawful direct discrimination "
    "(Equality Act 2010, section 13)."
)
WAYS = {
    "as_served": (
        "The list as it is",
        "The same rule for everyone, places per school, nobody below the floor.",
    ),
    "pooled": (
        "The same number of places, pooled",
        "The highest estimates of the authority, the same rule for everyone.",
    ),
    "unconstrained": (
        "A simple classifier, unconstrained",
        f"Logistic regression on the {TOLD_BY} features that tell most, with costs set so that it lists about as many; the yardstick of the next.",
    ),
    "reduction": (
        "The same classifier, held to equal recall",
        "fairlearn's exponentiated gradient (Agarwal and others 2018) with equal true positive rates and the same costs.",
    ),
    "threshold_optimizer": (
        "Cut-offs by group, chosen by fairlearn",
        "ThresholdOptimizer (Hardt and others 2016), equal true positive rates. It knows no capacity.",
    ),
    "equal_recall": (
        "Cut-offs by group, equal recall, same places",
        "The cut-off of each group lies where recall is the same in all, with as many places in all.",
    ),
}


def mitigation(
    cohort: TestCohort,
    scored: Scored,
    model: RiskModel,
    training: Panel,
    training_attribute: Attribute,
    name: str,
) -> dict[str, Any]:
    """Each way with its recall by group, the number it lists and what it finds.

    Parameters
    ----------
    training : Panel
        Rows that may be learned from.
    training_attribute : Attribute
        Their groups.
    name : str
        The attribute, of `scored`.

    Returns
    -------
    dict
        attribute, never_served, groups (those whose recall can be told), ways: name, title, sentence,
        num_listed, num_found, recall, precision, recall_by_group, largest_gap, found_beyond (the list as
        it is pooled, with the same places).
    """
    group = scored.attribute(name)
    running = in_running(cohort.estimate, cohort.panel.standing, -np.inf)
    places = float(scored.listed.sum())
    told = enough(scored, group)
    lists = {"as_served": scored.listed, "pooled": by_cut(running, places)}
    lists["equal_recall"] = equal_recall(running, scored, group, places, told)
    lists |= classifiers(cohort, model, training, training_attribute, group, running, places, told)
    base = float((lists["pooled"] * scored.is_positive).sum())
    return {
        "attribute": name,
        "never_served": NEVER_SERVED,
        "groups": [group.groups[at] for at in told],
        "ways": [way(key, lists[key], scored, group, told, base) for key in WAYS if key in lists],
    }


def enough(scored: Scored, group: Attribute) -> list[int]:
    """Groups with enough distinct pupils with the outcome for recall to be told."""
    pairs = pd.DataFrame({"pupil": scored.clusters.pupil, "group": group.code})[
        scored.is_positive
    ].drop_duplicates()
    counts = np.bincount(pairs["group"], minlength=len(group.groups))
    return [int(at) for at in np.flatnonzero(counts >= FEWEST)]


def way(
    key: str, listed: np.ndarray, scored: Scored, group: Attribute, told: list[int], base: float
) -> dict[str, Any]:
    """What one way lists, finds and costs."""
    positive, seen = scored.is_positive, ~np.isnan(scored.outcome)
    found, given = float((listed * positive).sum()), float((listed * seen).sum())
    recalls = {
        group.groups[at]: round(
            float((listed * positive)[group.code == at].sum() / positive[group.code == at].sum()), 6
        )
        for at in told
    }
    title, sentence = WAYS[key]
    return {
        "name": key, "title": title, "sentence": sentence, "num_listed": round(float(listed.sum()), 1), "num_found": round(found, 1),
        "recall": round(found / float(positive.sum()), 6) if positive.any() else None,
        "precision": round(found / given, 6) if given else None,
        "recall_by_group": recalls,
        "largest_gap": round(max(recalls.values()) - min(recalls.values()), 6) if len(recalls) > 1 else None,
        "found_beyond": round(found - base, 1),
    }  # fmt: skip


def by_cut(score: np.ndarray, places: float) -> np.ndarray:
    """The chance of a place for the highest scores over all rows; whole places."""
    return expected_place(score, np.zeros(len(score), dtype=np.int64), np.array([round(places)]))


def equal_recall(
    running: np.ndarray, scored: Scored, group: Attribute, places: float, told: list[int]
) -> np.ndarray:
    """Cut-offs by group at one recall, with as many places in all as there are; by bisection on that recall.

    A group whose recall cannot be told shares one cut-off with the others like it.
    """
    pooled = np.where(np.isin(group.code, told), group.code, -1)

    def listed_at(recall: float) -> np.ndarray:
        listed = np.zeros(len(running))
        for code in np.unique(pooled):
            inside = pooled == code
            held = np.sort(running[inside & scored.is_positive & ~np.isnan(running)])[::-1]
            wanted = int(np.floor(recall * (inside & scored.is_positive).sum()))
            if wanted and len(held):
                listed[inside & (running >= held[min(wanted, len(held)) - 1])] = 1.0
        return listed

    low, high = 0.0, 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if listed_at(middle).sum() <= places else (low, middle)
    return listed_at(low)


def classifiers(
    cohort: TestCohort,
    model: RiskModel,
    training: Panel,
    learned: Attribute,
    group: Attribute,
    running: np.ndarray,
    places: float,
    told: list[int],
) -> dict[str, np.ndarray]:
    """fairlearn's ways, learned from a sample of the training rows by the few features that tell most."""
    rng = np.random.default_rng(cohort.settings.seed)
    rows = np.sort(rng.permutation(len(training))[:MOST_ROWS])
    names = np.array([*group.groups, "others"], dtype=object)
    kept = {group.groups[at] for at in told}
    parts = [
        np.array([each if each in kept else "others" for each in names_of], dtype=object)
        for names_of in (np.array(learned.groups, dtype=object)[learned.code[rows]], names[group.code])
    ]
    y = training.y[rows].astype(int)
    if min((y[parts[0] == each].sum() for each in set(parts[1])), default=0) < 2 or len(set(parts[1])) < 2:
        return {}
    told_by = np.sort(np.argsort(-model.booster.feature_importance("gain"), kind="stable")[:TOLD_BY])
    X, Z = scaled(training.X[rows][:, told_by], cohort.panel.X[:, told_by])
    can = ~np.isnan(running)
    plain = LogisticRegression(C=0.1, max_iter=100).fit(X, y)
    chance = plain.predict_proba(Z)[:, 1]
    cut = float(np.sort(chance[can])[::-1][min(round(places), can.sum()) - 1])
    found = {"unconstrained": np.where(can & (chance >= cut), 1.0, 0.0)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # fairlearn and scikit-learn tell of their own next versions
        costs = ErrorRate(costs={"fp": cut, "fn": 1 - cut})  # listed where the chance is above the cut
        reduction = ExponentiatedGradient(
            LogisticRegression(C=0.1, max_iter=100), TruePositiveRateParity(difference_bound=0.02), objective=costs,
            max_iter=ITERATIONS,
        )  # fmt: skip
        reduction.fit(X, y, sensitive_features=parts[0])
        found["reduction"] = np.where(can, reduction._pmf_predict(Z)[:, 1], 0.0)
        optimizer = ThresholdOptimizer(
            estimator=plain, constraints="true_positive_rate_parity", objective="accuracy_score", prefit=True,
            predict_method="predict_proba",
        )  # fmt: skip
        optimizer.fit(X, y, sensitive_features=parts[0])
        found["threshold_optimizer"] = np.where(
            can, optimizer._pmf_predict(Z, sensitive_features=parts[1])[:, 1], 0.0
        )
    return found


def scaled(learned: np.ndarray, judged: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both matrices by the first's mean and spread, missing as the mean beside a column that says so."""
    mean, spread = np.zeros(learned.shape[1]), np.ones(learned.shape[1])
    held = ~np.isnan(learned).all(axis=0)
    mean[held], spread[held] = np.nanmean(learned[:, held], axis=0), np.nanstd(learned[:, held], axis=0)
    spread[spread == 0] = 1.0
    first, second = (
        np.hstack([np.clip(np.nan_to_num((X - mean) / spread), -5, 5), np.isnan(X)]).astype(np.float64)
        for X in (learned, judged)
    )
    return first, second
