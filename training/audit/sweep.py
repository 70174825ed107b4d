"""How each group fares with fewer and with more places, and by other outcomes."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from models.audit_rates import BY_NAME
from training.audit.estimable import FEWEST, Pool, rate_of, sums_of
from training.audit.scored import Scored

TIMES = (0.5, 1.0, 1.5, 2.0)
SWEPT = ("recall", "false_omission_rate", "selection_rate", "precision")


def sweep(
    scored: Scored,
    listed_at: Callable[[float], np.ndarray],
    times: Sequence[float] = TIMES,
    fewest: int = FEWEST,
) -> list[dict[str, Any]]:
    """Rates by group at several times the places; crossings are left out.

    Parameters
    ----------
    listed_at : callable of float to numpy.ndarray, shape (n,)
        The chance of a place with so many times the places.
    """
    rows = []
    for each in times:
        then = replace(scored, listed=listed_at(each))
        rows.append(
            {
                "times": each,
                "num_listed": round(float(then.listed.sum()), 1),
                "groups": single_groups(then, SWEPT, fewest),
            }
        )
    return rows


def by_other_outcomes(scored: Scored, others: pd.DataFrame, fewest: int = FEWEST) -> list[dict[str, Any]]:
    """The same list judged by other outcomes, by group.

    Parameters
    ----------
    others : pandas.DataFrame
        A column of 0, 1 and null for each, in the order of the rows.
    """
    rows = []
    for name in others.columns:
        then = replace(scored, outcome=others[name].to_numpy(np.float64, na_value=np.nan))
        rows.append(
            {
                "outcome": name,
                "num_positives": int(then.is_positive.sum()),
                "groups": single_groups(then, ("recall", "precision"), fewest),
            }
        )
    return rows


def single_groups(scored: Scored, names: Sequence[str], fewest: int) -> list[dict[str, Any]]:
    """Some rates of every group that has somebody in it; crossings are left out."""
    groups, pool = [], Pool(scored)
    for attribute in scored.attributes:
        if attribute.is_crossing:
            continue
        sums = sums_of(scored, attribute, pool)
        for at, group in enumerate(attribute.groups):
            found = {kind: int(numbers[at]) for kind, numbers in sums.pupils.items()}
            if not found["any"]:
                continue
            metrics = {
                name: rate_of(scored, sums, at, BY_NAME[name], found, np.nan, fewest) for name in names
            }
            groups.append(
                {
                    "attribute": attribute.name,
                    "group": group,
                    "label": attribute.label(group),
                    "metrics": metrics,
                }
            )
    return groups
