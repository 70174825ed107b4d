"""Refits on school-resampled data, and how much of a list would change with them."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import lightgbm as lgb
import numpy as np

from models.places import NEAR_LINE_BELOW, expected_place, in_running
from training.fit import Fitted, grow
from training.folds import AT_ONCE, side_by_side, some_rows
from training.panel import Panel

LARGELY_ARBITRARY = 0.5
FEW_PLACES_USED = 0.1


def refit(
    fitted: Fitted,
    cluster: np.ndarray,
    refits: int,
    seed: int,
    progress: Callable[[str], None] = lambda step: None,
) -> tuple[lgb.Booster, ...]:
    """The same recipe on schools drawn with replacement, whole, from one binned dataset.

    A row's weight is the number of times its school was drawn; rows of schools never drawn are left
    out. The weight knows nothing of the outcome.

    Parameters
    ----------
    cluster : numpy.ndarray, shape (n,)
        School of each row that `fitted` was grown on.
    """
    codes = np.unique(cluster, return_inverse=True)[1]
    num = codes.max() + 1
    growing: list[Future[lgb.Booster]] = []
    with side_by_side() as pool:
        for number in range(refits):
            times = np.bincount(np.random.default_rng([seed, number]).integers(0, num, num), minlength=num)[
                codes
            ]
            drawn = np.flatnonzero(times)
            if number >= AT_ONCE:
                growing[number - AT_ONCE].result()  # no more of the rows are held at once
            progress(f"refit {number + 1} of {refits}")
            data = some_rows(fitted.data, drawn).set_weight(times[drawn])
            growing.append(pool.submit(grow, data, fitted.parameters, fitted.rounds))
        return tuple(booster.result() for booster in growing)


def stability(refits: np.ndarray, panel: Panel, places: np.ndarray, floor: np.ndarray) -> dict[str, Any]:
    """How far the list depends on which schools happened to be trained on.

    Parameters
    ----------
    refits : numpy.ndarray of float, shape (n, R)
        Estimates of the refits for the test cohort.
    places : numpy.ndarray of int, shape (schools,)
    floor : numpy.ndarray of float, shape (n,)

    Returns
    -------
    dict
        expected_overlap: of the places of one refit's list, the share that another refit gives to the
        same pupil; None where no refit lists anybody. share_arbitrary: one less that.
        share_near_line: of the places, the share held with a listing probability below 0.8.
        share_of_places_used. `every_place_filled`: the first two with no floor under the list.
    """
    with_floor, filled = (
        overlap(refits, panel, places, floor),
        overlap(refits, panel, places, np.zeros(len(panel))),
    )
    used = with_floor.pop("places") / max(filled.pop("places"), 1e-12)
    judged = with_floor if used >= FEW_PLACES_USED else filled
    return {
        **with_floor,
        "share_of_places_used": used,
        "num_refits": refits.shape[1],
        "every_place_filled": filled,
        "is_largely_arbitrary": judged["share_arbitrary"] is None
        or judged["share_arbitrary"] > LARGELY_ARBITRARY,
    }


def overlap(refits: np.ndarray, panel: Panel, places: np.ndarray, floor: np.ndarray) -> dict[str, Any]:
    """Expected overlap of two refits' lists, over all pairs of refits."""
    total, squares = np.zeros(len(panel)), np.zeros(len(panel))
    for estimate in refits.T:
        chance = expected_place(in_running(estimate, panel.standing, floor), panel.school, places)
        total += chance
        squares += chance**2
    num = refits.shape[1]
    places_given = total.sum() / num
    if places_given == 0:
        return {"expected_overlap": None, "share_arbitrary": None, "share_near_line": None, "places": 0.0}
    same = float((total**2 - squares).sum() / (num * (num - 1)) / places_given)
    near = float(total[total / num < NEAR_LINE_BELOW].sum() / num / places_given)
    return {
        "expected_overlap": same,
        "share_arbitrary": 1.0 - same,
        "share_near_line": near,
        "places": float(places_given),
    }
