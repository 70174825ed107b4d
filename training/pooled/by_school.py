"""Each figure as sums over schools with the error that leaving out schools gives: all that pooling needs of an authority.

A comparator is a fixed rule here, never "the best one": which is best is found over all authorities together, so that no
authority picks its own by luck.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from models.facts.poolable import EVERYONE, MODEL
from training.audit.scored import Attribute
from training.comparators import COMPARATORS, PLACE
from training.evidence.recall import pooled_list, school_list
from training.evidence.test_cohort import TestCohort
from training.intervals import effective_schools, freedom, ratio, without_each

OF_ONE_PLACE = ("district",)  # its groups are another authority's nothing


def for_pooling(cohort: TestCohort, attributes: Sequence[Attribute] = ()) -> list[dict[str, Any]]:
    """Recall, precision and gains of the model and of each comparator at the same places, and the model's recall by group.

    Parameters
    ----------
    attributes : sequence of Attribute
        Of the cohort's rows, in their order. Crossings, groups without a positive, groups that a break parted, and what
        only one authority has are left out.

    Returns
    -------
    list of dict
        As `models.facts.poolable.ClusteredRatio`.
    """
    positive, seen = cohort.is_positive, cohort.panel.is_known
    kinds = {each.name: each.kind for each in COMPARATORS}
    listed = {MODEL: school_list(cohort)} | {
        name: cohort.listed(score) for name, score in cohort.rivals.items()
    }
    pooled = {MODEL: pooled_list(cohort)} | {
        name: cohort.pooled(score) for name, score in cohort.rivals.items() if kinds[name] == PLACE
    }
    rows = []
    for recall, gain, lists in (("recall", "gain", listed), ("recall_pooled", "gain_pooled", pooled)):
        rows += [clustered(cohort, recall, name, places, positive) for name, places in lists.items()]
        rows += [
            clustered(cohort, gain, name, lists[MODEL], positive, other=places)
            for name, places in lists.items()
            if name != MODEL
        ]
    for name, places in listed.items():
        rows.append(clustered(cohort, "precision", name, places, positive & seen, size=places * seen))
    for attribute, group, inside in groups(attributes):
        if (positive & inside).any():
            row = clustered(cohort, "recall", MODEL, listed[MODEL], positive & inside)
            rows.append(row | {"attribute": attribute.name, "group": group, "label": attribute.label(group)})
    return rows


def groups(attributes: Sequence[Attribute]) -> Iterator[tuple[Attribute, str, np.ndarray]]:
    """Attribute, group, and the rows in it; those that authorities have in common."""
    for each in attributes:
        if each.is_crossing or each.name in OF_ONE_PLACE:
            continue
        for code, group in enumerate(each.groups):
            if group not in each.broken:
                yield each, group, each.code == code


def clustered(
    cohort: TestCohort,
    measure: str,
    of: str,
    places: np.ndarray,
    positive: np.ndarray,
    other: np.ndarray | None = None,
    size: np.ndarray | None = None,
) -> dict[str, Any]:
    """One figure by sums over schools.

    Parameters
    ----------
    places : numpy.ndarray of float, shape (n,)
        The chance of a place.
    positive : numpy.ndarray of bool, shape (n,)
        Rows of whom finding counts.
    other : numpy.ndarray of float, shape (n,), optional
        A comparator's chance of a place: then the figure is the difference.
    size : numpy.ndarray of float, shape (n,), optional
        What it is a share of; the positives where it is not given.
    """
    size = positive.astype(float) if size is None else size
    less = np.zeros_like(places) if other is None else other
    by_school = cohort.clusters.sums((places - less) * positive, size)
    pupils = cohort.clusters.events(size > 0)
    error, degrees = jackknifed(by_school, effective_schools(pupils))
    found = {"found": float((places * positive).sum())}
    if other is not None:
        found["found_by_other"] = float((other * positive).sum())
    return {
        "measure": measure,
        "of": of,
        "attribute": EVERYONE,
        "group": EVERYONE,
        "label": EVERYONE,
        "found": round(found["found"], 6),
        "found_by_other": round(found["found_by_other"], 6) if other is not None else None,
        "size": round(float(size.sum()), 6),
        "error": round(error, 8),
        "degrees": round(degrees, 2),
        "pupils": int(pupils.sum()),
        "schools": round(effective_schools(pupils), 4),
    }


def jackknifed(by_school: np.ndarray, schools: float) -> tuple[float, float]:
    """The standard error of a ratio of sums, leaving out each school in turn, and its degrees of freedom.

    Parameters
    ----------
    by_school : numpy.ndarray of float, shape (S, 2)
        What each school adds to both sums.
    schools : float
        Effective number.

    Returns
    -------
    tuple of float
        0 and 1 where fewer than two schools add anything.
    """
    num = int(by_school.any(axis=1).sum())
    if num < 2:
        return 0.0, 1.0
    with np.errstate(invalid="ignore", divide="ignore"):
        moves = without_each(by_school, ratio, is_share=False)
    error = float(np.sqrt((num - 1) / num * (moves**2).sum()))
    return error, max(min(schools - 1, freedom(moves)), 1.0)
