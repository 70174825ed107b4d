"""A small group's rate drawn towards everyone's, as far as it says little of its own."""

from typing import Any

import numpy as np

from training.audit.gaps import Compared


def pooled(against: Compared) -> list[dict[str, Any]]:
    """Partially pooled rates of an attribute's groups.

    A group's gap is weighed by how far groups differ beyond chance over that and the gap's own
    variance; with nothing of its own, a group has everyone's rate and a weight of 0. How far they
    differ is estimated by the method of moments (DerSimonian and Laird 1986), about a mean of 0: gaps are
    taken against everyone.

    Parameters
    ----------
    against : Compared
        Of a share.

    Returns
    -------
    list of dict
        estimate, and weight: the share of it that is the group's own.
    """
    rate, size = against.units.rate, against.size
    is_there = (size > 0) & (against.share < 1)
    gap = np.where(is_there, np.nan_to_num(against.rate) - rate, 0.0)
    variance = np.maximum(np.where(is_there, against.variance / np.maximum(size, 1e-12) ** 2, np.inf), 1e-9)
    apart = max(
        float((gap**2 / variance).sum() - is_there.sum()) / max(float((1 / variance).sum()), 1e-12), 0.0
    )
    weight = np.where(is_there, apart / (apart + variance), 0.0)
    found = np.clip(rate + weight * gap, 0, 1)
    return [
        {"estimate": round(float(each), 6), "weight": round(float(own), 6)}
        for each, own in zip(found, weight, strict=True)
    ]
