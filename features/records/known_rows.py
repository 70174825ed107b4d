"""Rules that look a row up in other tables: its school, and its pupil."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from features.records.check import BLANK, Read, Verdict
from features.records.identities import Pupils
from features.table import Table


def check_known(
    table: Table, columns: Mapping[str, Read], schools: np.ndarray, pupils: Pupils, verdict: Verdict
) -> np.ndarray:
    """Reject rows of schools and pupils that the extract does not know.

    Parameters
    ----------
    schools : array of int64
        URNs of the schools table.

    Returns
    -------
    array of int64, shape (rows,)
        Each row's pupil; 0 where there is none.
    """
    places = {column.name: place for place, column in enumerate(table.columns)}
    if "urn" in columns:
        urn = columns["urn"].values
        verdict.mark((urn != BLANK) & ~np.isin(urn, schools), "unknown_school", places["urn"])
    upn = columns["upn"]
    pupil, is_known = pupils.find(upn.words.tolist())
    is_given = upn.values != BLANK
    which = np.where(is_given, upn.values, len(pupil))
    verdict.mark(is_given & ~np.append(is_known, True)[which], "unknown_pupil", places["upn"])
    return np.append(pupil, 0)[which]


def check_births(
    table: Table, columns: Mapping[str, Read], pupil: np.ndarray, first_entry: pd.Series, verdict: Verdict
) -> None:
    """Reject a birth after the pupil's first entry on any roll.

    Parameters
    ----------
    first_entry : pandas.Series
        By pupil, days since 1970-01-01.
    """
    birth = columns["birth_date"].values
    entry = (
        pd.Series(pupil).map(first_entry).to_numpy("float64")
    )  # NaN, so never earlier, for a pupil unknown
    place = [column.name for column in table.columns].index("birth_date")
    verdict.mark((birth != BLANK) & (birth > entry), "date_order", place)
