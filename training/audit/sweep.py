"""How each group fares with fewer and with more places."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from training.audit.rates import BY_NAME
from training.audit.scored import CROSS, Scored
from training.audit.tables import FEWEST, rate_of, sums_of

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
        groups = []
        for attribute in scored.attributes:
            if CROSS in attribute.name:
                continue
            sums = sums_of(then, attribute)
            for at, group in enumerate(attribute.groups):
                found = {kind: int(numbers[at]) for kind, numbers in sums.pupils.items()}
                if not found["any"]:
                    continue
                metrics = {
                    name: rate_of(then, sums, at, BY_NAME[name], found, np.nan, fewest) for name in SWEPT
                }
                groups.append(
                    {
                        "attribute": attribute.name,
                        "group": group,
                        "label": attribute.label(group),
                        "metrics": metrics,
                    }
                )
        rows.append({"times": each, "num_listed": round(float(then.listed.sum()), 1), "groups": groups})
    return rows
