"""A small group's rate drawn towards everyone's, as far as it says little of its own."""

from typing import Any

import numpy as np

from training.audit.gaps import Score


def pooled(scores: list[Score | None], rate: float) -> list[dict[str, Any]]:
    """Partially pooled rates of an attribute's groups.

    A group's gap is weighed by how far groups differ beyond chance over that and the gap's own
    variance; with nothing of its own, a group has everyone's rate and a weight of 0. How far they
    differ is told by the method of moments (DerSimonian and Laird 1986), about a mean of 0: gaps are
    taken against everyone.

    Parameters
    ----------
    scores : list of Score or None
        One a group; None where nobody could be counted.
    rate : float
        Everyone's.

    Returns
    -------
    list of dict
        estimate, and weight: the share of it that is the group's own.
    """
    spread: float = 0.0
    held = [each for each in scores if each is not None and each.under > 0]
    variances = [max(each.error**2, rate * (1 - rate) / each.under, 1e-9) for each in held]
    if held:
        inverse, gap = 1 / np.array(variances), np.array([each.gap for each in held])
        spread = max(float(((inverse * gap**2).sum() - len(held)) / inverse.sum()), 0.0)
    weights = iter([spread / (spread + variance) for variance in variances])
    found = []
    for each in scores:
        weight = next(weights) if each is not None and each.under > 0 else 0.0
        own = each.gap if each is not None and weight else 0.0
        found.append(
            {
                "estimate": round(float(np.clip(rate + weight * own, 0, 1)), 6),
                "weight": round(float(weight), 6),
            }
        )
    return found
