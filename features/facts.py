"""Dated facts for a pupil's card: what the records say, in plain words. They are not features.

Everything is told as known strictly before the as-of date, by the helpers that features use.
"""

from collections.abc import Sequence

import pandas as pd

from features.about import About
from features.as_of import AsOf
from features.records.store import Records
from features.telling import attainment, attendance, breaks, context, internal_suspensions, sen, suspensions

COLUMNS = ("pupil", "family", "kind", "dated_on", "sentence")
FAMILIES = (attendance, suspensions, internal_suspensions, sen, context, attainment, breaks)


def facts(records: Records, as_of: AsOf, pupils: Sequence[int]) -> pd.DataFrame:
    """The dated facts of some pupils.

    Parameters
    ----------
    pupils : sequence of int
        Whose; those who are not in the cohort (`cohort.cohort`) have none.

    Returns
    -------
    pandas.DataFrame
        pupil (int64), family, kind ("fact", "each", "change", "protective", "missing" or "stale"), dated_on (date;
        None where the sentence is of no one day), sentence; in order of pupil, then family, then as told;
        a break in time that a pupil's facts straddle comes last, as `missing`.
        A service with a `sensitivity` is told only where authority.toml names the lawful basis.
    """
    about = About(records, as_of, pupils)
    found = [fact for family in FAMILIES for fact in family.tell(about)]
    found.sort(key=lambda fact: fact.pupil)
    return pd.DataFrame(found, columns=list(COLUMNS)).astype({"pupil": "int64", "dated_on": object})
