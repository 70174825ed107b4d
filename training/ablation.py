"""What each optional table adds: the same recipe without its features, on the same training and test dates.

An authority decides by this whether supplying a table is worth it. Each figure stands without the table and with it; the
difference has an interval of whole schools, the same ones for both. By group it is recall, since being missed is the first harm:
a table that finds more children overall can still find fewer of one group.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from training.audit.estimable import FEWEST
from training.audit.scored import Attribute
from training.compare.differences import calibration, listed, precision, recall
from training.evidence.test_cohort import TestCohort

Without = Callable[[tuple[str, ...]], TestCohort]


def ablation(
    cohort: TestCohort,
    tables: Mapping[str, tuple[str, ...]],
    attributes: Sequence[Attribute],
    without: Without,
    progress: Callable[[str], None] = lambda step: None,
) -> list[dict[str, Any]]:
    """What each optional table adds to recall at capacity, and what it does to the groups of the audit.

    Parameters
    ----------
    cohort : TestCohort
        As the recipe with every table sees it.
    tables : mapping of str to tuple of str
        Optional table to the features that are made from it.
    attributes : sequence of Attribute
        Of the cohort's rows; crossings, and groups that a break makes into two, are left out.
    without : callable of tuple of str to TestCohort
        The same cohort as the recipe sees it that never read those features.

    Returns
    -------
    list of dict
        table, features, figures (name, without, with_table, difference), groups (attribute, group, label, num_events and the
        same of recall), in the order of the tables; empty where there is none.
    """
    found = []
    for table, names in tables.items():
        progress(f"without {table}")
        other = without(names)
        in_other, in_ours = listed(other), listed(cohort)
        pooled = tuple(each.pooled(each.estimate, floor=each.floor) for each in (other, cohort))
        figures = [
            recall(cohort, "recall_at_capacity", in_other, in_ours),
            recall(cohort, "recall_at_capacity_pooled", *pooled),
            precision(cohort, in_other, in_ours),
            calibration(other, cohort),
        ]
        groups = [
            {
                "attribute": each.name,
                "group": group,
                "label": each.label(group),
                "num_events": num,
                **as_added(row),
            }
            for each in attributes
            if not each.is_crossing
            for at, group in enumerate(each.groups)
            if group not in each.broken
            for inside in [cohort.is_positive & (each.code == at)]
            if (num := len(np.unique(cohort.panel.pupil[inside]))) >= FEWEST
            for row in [recall(cohort, "recall_at_capacity", in_other, in_ours, inside)]
        ]
        found.append(
            {
                "table": table,
                "features": list(names),
                "figures": [as_added(row) for row in figures],
                "groups": groups,
            }
        )
    return found


def as_added(row: Mapping[str, Any]) -> dict[str, Any]:
    """A figure of two cohorts under the names that evidence has for them."""
    return {"name": row["name"], "without": row["a"], "with_table": row["b"], "difference": row["difference"]}
