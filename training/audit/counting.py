"""Counts by school and group, and the distinct pupils behind them: what every rate of an audit is made of."""

import numpy as np

from models.audit_rates import COUNTS
from training.audit.scored import Attribute, Scored


def counted(scored: Scored, attribute: Attribute) -> np.ndarray:
    """The counts by school and group; shape (S, G, C)."""
    num = len(attribute.groups)
    key = scored.clusters.code * num + attribute.code
    sums = [np.bincount(key, column, scored.clusters.num * num) for column in scored.counts]
    return np.stack(sums, axis=-1).reshape(scored.clusters.num, num, len(COUNTS))


def distinct(scored: Scored, attribute: Attribute) -> dict[str, np.ndarray]:
    """Distinct pupils of each kind by group; int64, each of shape (G,).

    A pupil counts once in a group, however many dates it is there; with any chance of a place it
    counts as listed. Rows of weight 0 stand for nobody.
    """
    num = len(attribute.groups)
    pupil = np.unique(scored.clusters.pupil, return_inverse=True)[1]
    key, size = pupil * num + attribute.code, (int(pupil.max()) + 1) * num if len(pupil) else 0
    kinds = {
        "positive": scored.is_positive,
        "negative": scored.is_negative,
        "listed": (scored.listed > 0) & ~np.isnan(scored.outcome),
        "unlisted": (scored.listed < 1) & ~np.isnan(scored.outcome),
        "any": np.ones(len(scored), dtype=bool),
    }
    found = {}
    for kind, rows in kinds.items():
        is_there = np.zeros(size, dtype=bool)
        is_there[key[rows & scored.is_somebody]] = True
        found[kind] = is_there.reshape(-1, num).sum(axis=0)
    return found


def events_by_school(scored: Scored, attribute: Attribute) -> np.ndarray:
    """Distinct pupils with the outcome, by school of their first and group; int64, shape (S, G)."""
    num = len(attribute.groups)
    rows = np.flatnonzero(scored.is_positive & scored.is_somebody)
    pupil = np.unique(scored.clusters.pupil[rows], return_inverse=True)[1]
    first = rows[np.unique(pupil * num + attribute.code[rows], return_index=True)[1]]
    key = scored.clusters.code[first] * num + attribute.code[first]
    return np.bincount(key, minlength=scored.clusters.num * num).reshape(-1, num)
