"""Groups that a break in time makes into two: what is not compared, by audit, comparison and monitor alike.

`breaks.csv` says which breaks touch a group (`audit` is `no_comparison`); here is which groups of an attribute mean one
thing before the day and another after it. A group that only came with the break means one thing, and so does the series that
goes on, as long as everybody's records tell which it is.
"""

from collections.abc import Collection, Iterable

import numpy as np
import pandas as pd

from features.contract.breaks import Break
from models.audit_attributes import AUDIT_ATTRIBUTES, CATEGORY_NOT_TOLD, NOT_KNOWN

CONTINUING = {"fsm_eligible": "yes"}  # the group that goes on as the series of before
BEFORE, AFTER, BOTH = "before", "after", "both"
BROUGHT = {each.name: frozenset(each.later) - {CATEGORY_NOT_TOLD} for each in AUDIT_ATTRIBUTES}


def of_groups(some: Iterable[Break]) -> dict[str, Break]:
    """The breaks after which a group is another, by audit attribute."""
    return {hit: one for one in some if one.audit == "no_comparison" for hit in one.hits}


def goes_on(attribute: str, group: str, held: Collection[str]) -> bool:
    """Is a group the series of before, and does nobody's record leave open whether it is?

    Parameters
    ----------
    held : collection of str
        The groups of the attribute that anybody is in.
    """
    return group == CONTINUING.get(attribute) and CATEGORY_NOT_TOLD not in held


def broken(one: Break, attribute: str, held: Collection[str]) -> dict[str, str]:
    """Those of some groups that a break makes into two, each with why it is not compared."""
    check = " To be checked against the primary text." if one.must_check else ""
    reason = f"cannot compare with earlier years: {one.sentence}{check}"
    return {
        group: reason
        for group in held
        if group != NOT_KNOWN
        and group not in BROUGHT.get(attribute, ())
        and not goes_on(attribute, group, held)
    }


def side_of(one: Break, told_on: pd.Series, as_of: np.ndarray) -> str:
    """On which side of a break the groups of some rows were told: before, after, or both.

    Each as-of date lies where most of its rows were told; a census from before still tells the groups of the first lists after.

    Parameters
    ----------
    told_on : pandas.Series of datetime64, length n
        The day of the record that tells a row's group; missing where none does.
    as_of : numpy.ndarray of datetime64[D], shape (n,)
    """
    is_after = (told_on >= pd.Timestamp(one.first_day)).groupby(as_of).mean()
    after = is_after[told_on.notna().groupby(as_of).any()] >= 1 / 2
    if after.empty or not after.any():
        return BEFORE
    return AFTER if after.all() else BOTH
