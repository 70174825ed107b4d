"""The list rule: who has a place, who narrowly missed one, and who is in no running for one.

Plain arrays in, plain arrays out. Serving gives real places with it; training judges with the very
same rule. A *unit* is whatever shares a number of places: a school, a district's meeting, the whole
authority, or (where several as-of dates are judged at once) one of these at one date.
"""

from dataclasses import dataclass

import numpy as np

LISTED, EITHER_WAY, NOT_LISTED = "listed", "could_go_either_way", "not_listed"
SUPPORTED, IN_PROGRESS, NOT_ASSESSED = "already_supported", "exclusion_in_progress", "not_assessed"
STATES = (LISTED, EITHER_WAY, SUPPORTED, IN_PROGRESS, NOT_ASSESSED, NOT_LISTED)

FLOOR_TIMES_BASE_RATE = 2.0
NEAR_LINE_BELOW = 0.8
EITHER_WAY_FROM = 0.2


@dataclass(frozen=True)
class PlacesGiven:
    """What the rule made of every pupil; arrays in the order of the rows given.

    Attributes
    ----------
    state : numpy.ndarray of str, shape (n,)
        One of `STATES`, exactly one a pupil.
    listing_probability : numpy.ndarray of float64, shape (n,)
        Share of refits in which the pupil has a place; NaN for who is in no running for one.
    is_near_line : numpy.ndarray of bool, shape (n,)
        Listed, with a listing probability below `NEAR_LINE_BELOW`.
    """

    state: np.ndarray
    listing_probability: np.ndarray
    is_near_line: np.ndarray


def floors(phase: np.ndarray, base_rates: dict[str, float]) -> np.ndarray:
    """The estimate below which no place is given: twice the base rate of the pupil's phase.

    Parameters
    ----------
    phase : numpy.ndarray of str, shape (n,)
    base_rates : dict
        Phase to the outcome's rate in the training dates. A phase that was not trained on has no
        floor that means anything: infinity, so nobody there is listed.
    """
    names, codes = np.unique(phase.astype(str), return_inverse=True)
    return np.array([FLOOR_TIMES_BASE_RATE * base_rates.get(name, np.inf) for name in names])[codes]


def standing(
    is_assessed: np.ndarray, is_exclusion_in_progress: np.ndarray, is_supported: np.ndarray
) -> np.ndarray:
    """The state of who takes no place, and "" for who is in the running; shape (n,).

    Where several hold, not assessed comes first (an objection must not show as anything else), then
    exclusion in progress, then already supported.
    """
    names = np.where(is_supported.astype(bool), SUPPORTED, "")
    names = np.where(is_exclusion_in_progress.astype(bool), IN_PROGRESS, names)
    return np.where(is_assessed.astype(bool), names, NOT_ASSESSED)


def expected_place(score: np.ndarray, unit: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The chance of a place when ties are broken in random order.

    Parameters
    ----------
    score : numpy.ndarray of float, shape (n,)
        Higher comes first. NaN: in no running for a place.
    unit : numpy.ndarray of int, shape (n,)
        Index into `places`.
    places : numpy.ndarray of int, shape (units,)

    Returns
    -------
    numpy.ndarray of float64, shape (n,)
        1 above the cut, 0 below it, and at the cut the places left over those tied for them. Sums
        within a unit to its places, or to the number in the running where that is smaller.
    """
    chance = np.zeros(len(score))
    running = np.flatnonzero(~np.isnan(score))
    order = running[np.lexsort((-score[running], unit[running]))]
    sorted_unit, sorted_score = unit[order], score[order]
    starts = np.flatnonzero(np.r_[True, sorted_unit[1:] != sorted_unit[:-1]][: len(order)])
    sizes = np.diff(np.r_[starts, len(order)])
    rank = np.arange(len(order)) - np.repeat(starts, sizes)
    new_tie = np.r_[True, (sorted_unit[1:] != sorted_unit[:-1]) | (sorted_score[1:] != sorted_score[:-1])]
    tie_starts = np.flatnonzero(new_tie[: len(order)])
    tie_sizes = np.diff(np.r_[tie_starts, len(order)])
    places_left = np.maximum(places[sorted_unit[tie_starts]] - rank[tie_starts], 0)
    chance[order] = np.repeat(np.minimum(places_left / tie_sizes, 1.0), tie_sizes)
    return chance


def has_place(score: np.ndarray, unit: np.ndarray, places: np.ndarray, tie_break: np.ndarray) -> np.ndarray:
    """Who has a place on one real list: `expected_place` with every tie settled by `tie_break`.

    Parameters
    ----------
    tie_break : numpy.ndarray of int, shape (n,)
        Lowest first. The pupil's pseudonym: it is keyed, so it stands in no relation to the pupil,
        and the same records make the same list.

    Returns
    -------
    numpy.ndarray of bool, shape (n,)
    """
    order = np.lexsort((tie_break, np.nan_to_num(-score, nan=np.inf)))
    place_in_line = np.empty(len(score))
    place_in_line[order] = -np.arange(len(score), dtype=float)
    return expected_place(np.where(np.isnan(score), np.nan, place_in_line), unit, places) == 1.0


def in_running(estimate: np.ndarray, out_of_running: np.ndarray, floor: np.ndarray | float) -> np.ndarray:
    """The estimate where it may take a place, NaN where the pupil takes none or is below the floor."""
    return np.where((out_of_running == "") & (estimate >= floor), estimate, np.nan)


def listing_probability(
    refits: np.ndarray,
    unit: np.ndarray,
    places: np.ndarray,
    floor: np.ndarray | float,
    out_of_running: np.ndarray,
) -> np.ndarray:
    """Share of refits in which each pupil has a place; shape (n,), NaN for who is in no running.

    Parameters
    ----------
    refits : numpy.ndarray of float, shape (n, R)
        Estimates of the model's refits on school-resampled data.
    """
    total = np.zeros(len(refits))
    for refit in refits.T:
        total += expected_place(in_running(refit, out_of_running, floor), unit, places)
    return np.where(out_of_running == "", total / refits.shape[1], np.nan)


def give_places(
    estimate: np.ndarray,
    refits: np.ndarray,
    unit: np.ndarray,
    places: np.ndarray,
    floor: np.ndarray,
    out_of_running: np.ndarray,
    tie_break: np.ndarray,
) -> PlacesGiven:
    """The list rule of every unit at one as-of date.

    Parameters
    ----------
    estimate : numpy.ndarray of float, shape (n,)
        NaN only where `out_of_running` is not "".
    refits : numpy.ndarray of float, shape (n, R)
    unit : numpy.ndarray of int, shape (n,)
        Index into `places`.
    places : numpy.ndarray of int, shape (units,)
    floor : numpy.ndarray of float, shape (n,)
        From `floors`: an empty place is an honest answer.
    out_of_running : numpy.ndarray of str, shape (n,)
        From `standing`.
    tie_break : numpy.ndarray of int, shape (n,)

    Returns
    -------
    PlacesGiven
    """
    is_listed = has_place(in_running(estimate, out_of_running, floor), unit, places, tie_break)
    chance = listing_probability(refits, unit, places, floor, out_of_running)
    missed = np.where(~is_listed & (out_of_running == "") & (chance >= EITHER_WAY_FROM), chance, np.nan)
    # By listing probability first: who would have had a place most often missed it most narrowly.
    narrowly = np.lexsort((tie_break, -np.nan_to_num(estimate), np.nan_to_num(-missed, nan=np.inf)))
    place_in_line = np.empty(len(missed), dtype=np.int64)
    place_in_line[narrowly] = np.arange(len(missed))
    is_either_way = has_place(
        np.where(np.isnan(missed), np.nan, -place_in_line), unit, places // 2, tie_break
    )
    state = np.where(is_either_way, EITHER_WAY, NOT_LISTED)
    state = np.where(is_listed, LISTED, state)
    state = np.where(out_of_running == "", state, out_of_running)
    return PlacesGiven(state, chance, is_listed & (chance < NEAR_LINE_BELOW))
