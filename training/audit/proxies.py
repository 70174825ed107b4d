"""What the features tell of groups that are never features, and which records carry a group's difference."""

from collections.abc import Sequence
from typing import Any

import lightgbm as lgb
import numpy as np

from models.audit_attributes import NOT_KNOWN
from models.risk_model import RiskModel
from training.audit.scored import Attribute
from training.panel import Panel

TARGETS = ("fsm_eligible", "ethnicity_major")
MOST_ROWS = 20_000
FEWEST = 50  # pupils in and out of a group, without which a classifier learns nothing
TREES = 30
FOLDS = 2
QUIET: dict[str, Any] = {
    "objective": "binary", "verbosity": -1, "deterministic": True, "force_col_wise": True, "seed": 1, "num_leaves": 15,
    "learning_rate": 0.1, "min_data_in_leaf": 50,
}  # fmt: skip
MEANS = {
    "told": "Of two pupils, one in the group and one not, how often the features alone put the right one higher: 50 of 100 is chance.",
    "carried": "How far each kind of record moves this group's mean estimate from everyone's, on the model's own scale (log-odds).",
}


def proxies(panel: Panel, model: RiskModel, attributes: Sequence[Attribute], seed: int) -> dict[str, Any]:
    """Both answers, on a sample of the last date's pupils.

    Returns
    -------
    dict
        told: attribute, group, label, num, auc (None where there are too few).
        carried: attribute, group, label, by_family (log-odds beyond everyone's mean).
    """
    held = [each for each in attributes if each.name in TARGETS]
    last = np.flatnonzero(panel.moment == panel.moment.max())
    rows = np.sort(np.random.default_rng(seed).permutation(last)[:MOST_ROWS])
    told = [
        {
            "attribute": each.name, "group": group, "label": each.label(group), "num": int((each.code[rows] == at).sum()),
            "auc": told_apart(panel, rows, each.code[rows] == at),
        }
        for each in held
        for at, group in enumerate(each.groups)
        if group != NOT_KNOWN and not (each.name == "fsm_eligible" and group == "no")
    ]  # fmt: skip
    return {
        "means": MEANS,
        "num_sampled": len(rows),
        "told": told,
        "carried": carried(panel, model, held, rows),
    }


def told_apart(panel: Panel, rows: np.ndarray, is_group: np.ndarray) -> float | None:
    """AUC of a classifier of the group from the features, on schools it was not fitted on."""
    if min(is_group.sum(), (~is_group).sum()) < FEWEST:
        return None
    fold = np.unique(panel.cluster[rows], return_inverse=True)[1] % FOLDS
    score = np.zeros(len(rows))
    for number in range(FOLDS):
        here = fold == number
        if is_group[~here].all() or not is_group[~here].any() or not here.any():
            return None
        data = lgb.Dataset(panel.X[rows[~here]], is_group[~here].astype(float), params=QUIET)
        booster = lgb.train(QUIET, data, TREES)
        score[here] = np.asarray(booster.predict(panel.X[rows[here]], raw_score=True))
    return round(auc(score, is_group), 4)


def auc(score: np.ndarray, is_group: np.ndarray) -> float:
    """The chance that one of the group scores above one of the others, ties as one half."""
    values, codes = np.unique(score, return_inverse=True)
    ours, others = (np.bincount(codes, rows, len(values)) for rows in (is_group, ~is_group))
    return float((ours * (np.cumsum(others) - others / 2)).sum() / (ours.sum() * others.sum()))


def carried(
    panel: Panel, model: RiskModel, attributes: Sequence[Attribute], rows: np.ndarray
) -> list[dict[str, Any]]:
    """Each group's mean contributions by family of records, less everyone's."""
    by_family = model.by_family(model.contributions(panel.X[rows]))
    overall = by_family.mean()
    return [
        {
            "attribute": each.name, "group": group, "label": each.label(group),
            "by_family": {name: round(float(value), 4) for name, value in (by_family[inside].mean() - overall).items()},
        }
        for each in attributes
        for at, group in enumerate(each.groups)
        if (inside := each.code[rows] == at).sum() >= FEWEST
    ]  # fmt: skip
