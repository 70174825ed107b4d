"""Rules that compare rows of one table: exact duplicates, and second rows for a key."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from features.records.check import BLANK, Read, Verdict
from features.table import Table


def check_duplicates(columns: Mapping[str, Read], verdict: Verdict) -> None:
    """All but the first of rows that say the same in every column of the contract."""
    frame = pd.DataFrame({name: read.spelling for name, read in columns.items()})
    verdict.mark(frame.duplicated().to_numpy(), "duplicate", 0)


def check_keys(
    table: Table,
    columns: Mapping[str, Read],
    pupil: np.ndarray,
    verdict: Verdict,
    known: Mapping[str, np.ndarray],
) -> None:
    """All but one of different rows for one key.

    The one known first stays, then the first in order of its values, and what ends it last: which one does
    not depend on the order of rows or files, nor on what became known only later.

    Parameters
    ----------
    known : mapping of str to array of int64, shape (rows,)
        `known_on`, and for a table of spells `end_known_on`; `BLANK` where not known.
    """
    if not table.key:
        return
    keys = pd.DataFrame({name: pupil if name == "upn" else columns[name].values for name in table.key})
    rivals = np.flatnonzero(verdict.is_kept)
    rivals = rivals[keys.iloc[rivals].duplicated(keep=False).to_numpy()]
    if not len(rivals):
        return
    first = rivals[_order(table, keys.iloc[rivals], columns, rivals, known)]
    second = first[keys.iloc[first].duplicated().to_numpy()]
    is_second = np.zeros(len(verdict.rule), bool)
    is_second[second] = True
    verdict.mark(is_second, "duplicate_key", _column(table, table.key[-1]))


def _order(
    table: Table,
    keys: pd.DataFrame,
    columns: Mapping[str, Read],
    rows: np.ndarray,
    known: Mapping[str, np.ndarray],
) -> np.ndarray:
    """Order of rows by key, then by the day they were known, then by every value; those of an end last."""
    of_end = (table.end, "leaving_reason", "end_recorded_on") if table.end else ()
    own = [name for name in sorted(columns) if name not in (*of_end, "recorded_on")]
    content = {"known_on": known["known_on"][rows]} if "known_on" in known else {}
    content |= {name: columns[name].texts(rows) for name in own}
    if "end_known_on" in known:
        end = known["end_known_on"][rows]
        content["end_known_on"] = np.where(end == BLANK, np.iinfo("int64").max, end)
    content |= {name: columns[name].texts(rows) for name in (*of_end, "recorded_on") if name in columns}
    frame = pd.concat([keys.reset_index(drop=True).add_prefix("key "), pd.DataFrame(content)], axis=1)
    return frame.sort_values(list(frame.columns), kind="stable").index.to_numpy()


def _column(table: Table, name: str) -> int:
    return [column.name for column in table.columns].index(name)
