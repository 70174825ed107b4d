"""Sums by group in numpy, of rows that mostly lie beside their like."""

import numpy as np

from features.day import PACKS

NEVER = np.int16(-1)
Sums = dict[str, np.ndarray]
# How each column is summed up, and what it is where there is no row.
HOW: dict[str, tuple[np.ufunc, int | np.int16]] = {
    **dict.fromkeys(PACKS, (np.add, 0)),
    **dict.fromkeys(("missed", "missed_settled", "came"), (np.bitwise_or, 0)),
    **dict.fromkeys(("last_missed", "last_missed_settled", "last_day"), (np.maximum, NEVER)),
}
TYPES = {name: "int16" if empty is NEVER else "int64" for name, (_, empty) in HOW.items()}


def changes(*keys: np.ndarray) -> np.ndarray:
    """Where a row's keys differ from those of the row before, and the first row."""
    is_new = np.ones(len(keys[0]), bool)
    is_new[1:] = keys[0][1:] != keys[0][:-1]
    for key in keys[1:]:
        is_new[1:] |= key[1:] != key[:-1]
    return np.flatnonzero(is_new)


def numbered(keys: list[np.ndarray]) -> tuple[np.ndarray, list[np.ndarray]]:
    """The different keys in order, and each key's place among them; neighbours are mostly equal."""
    starts = [changes(key) for key in keys]
    heads = [key[start] for key, start in zip(keys, starts, strict=True)]
    whole = np.unique(np.concatenate(heads))
    lengths = [np.diff(start, append=len(key)) for key, start in zip(keys, starts, strict=True)]
    return whole, [
        np.repeat(np.searchsorted(whole, head), length) for head, length in zip(heads, lengths, strict=True)
    ]


def side_by_side(found: list[Sums]) -> tuple[np.ndarray, np.ndarray, Sums]:
    """Sums that were made one after the other as one table a column.

    Returns
    -------
    pupils : array of int64, sorted
    slots : array of int32, sorted
    tables : dict of str to array, shape (slots, pupils)
    """
    pupils, numbers = numbered([sums["pupil"] for sums in found])
    slots = np.unique(np.concatenate([np.unique(sums["slot"]) for sums in found]))
    shape = (len(slots), len(pupils))
    tables = {name: np.full(shape, empty, TYPES[name]) for name, (_, empty) in HOW.items()}
    for number, sums in zip(numbers, found, strict=True):
        slot = np.searchsorted(slots, sums["slot"])
        key = number * len(slots) + slot
        place = slot * len(pupils) + number
        if np.any(key[1:] <= key[:-1]):  # two registers in turn, or rows in any order
            order = np.argsort(place, kind="stable")
            starts = changes(place[order])
            sums = {name: how.reduceat(sums[name][order], starts) for name, (how, _) in HOW.items()}
            place = place[order][starts]
        for name, (how, _) in HOW.items():
            flat = tables[name].reshape(-1)
            flat[place] = how(flat[place], sums[name])
    return pupils, slots, tables


def neighbours(places: np.ndarray) -> slice | np.ndarray:
    """Places as a slice where they are neighbours: rows are then read where they lie."""
    if len(places) and places[-1] - places[0] == len(places) - 1:
        return slice(places[0], places[-1] + 1)
    return places
