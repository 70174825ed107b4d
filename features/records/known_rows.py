"""Rules that look a row up in other tables: its school, and its pupil."""

from collections.abc import Mapping

import numpy as np

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
