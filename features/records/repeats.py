"""Rules that compare rows of one table: exact duplicates, second rows for a key, overlapping spells."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from features.records.check import BLANK, Read, Verdict
from features.table import Table

FOREVER = np.iinfo("int64").max


def check_duplicates(columns: Mapping[str, Read], verdict: Verdict) -> None:
    """All but the first of rows that say the same in every column of the contract."""
    frame = pd.DataFrame({name: read.spelling for name, read in columns.items()})
    verdict.mark(frame.duplicated().to_numpy(), "duplicate", 0)


def check_keys(table: Table, columns: Mapping[str, Read], pupil: np.ndarray, verdict: Verdict) -> None:
    """All but one of different rows for one key.

    The one known first stays, then the first in order of its values: which one does not depend on
    the order of rows or files.
    """
    if not table.key:
        return
    keys = pd.DataFrame({name: pupil if name == "upn" else columns[name].values for name in table.key})
    rivals = np.flatnonzero(verdict.is_kept)
    rivals = rivals[keys.iloc[rivals].duplicated(keep=False).to_numpy()]
    if not len(rivals):
        return
    first = rivals[_order(keys.iloc[rivals], columns, rivals)]
    second = first[keys.iloc[first].duplicated().to_numpy()]
    is_second = np.zeros(len(verdict.rule), bool)
    is_second[second] = True
    verdict.mark(is_second, "duplicate_key", _column(table, table.key[-1]))


def _order(keys: pd.DataFrame, columns: Mapping[str, Read], rows: np.ndarray) -> np.ndarray:
    """Order of rows by key, then by the day they were recorded, then by every value."""
    names = sorted(columns, key=lambda name: (name != "recorded_on", name))
    content = pd.DataFrame({name: columns[name].texts(rows) for name in names})
    frame = pd.concat([keys.reset_index(drop=True).add_prefix("key "), content], axis=1)
    return frame.sort_values(list(frame.columns), kind="stable").index.to_numpy()


def check_overlaps(table: Table, columns: Mapping[str, Read], pupil: np.ndarray, verdict: Verdict) -> None:
    """The later-starting of two roll spells of a pupil that overlap otherwise than as M and S.

    A spell that starts on the day another ends does not overlap it.
    """
    rows = np.flatnonzero(verdict.is_kept)
    if not len(rows):
        return
    start, end = columns["entry_date"].values[rows], columns["leaving_date"].values[rows]
    frame = pd.DataFrame({"pupil": pupil[rows], "start": start, "end": np.where(end == BLANK, FOREVER, end)})
    frame = frame.sort_values(["pupil", "start"], kind="stable")
    latest = frame.groupby("pupil")["end"].cummax().groupby(frame["pupil"]).shift()
    overlapping = frame["pupil"][frame["start"] < latest.fillna(BLANK).astype("float64")].unique()
    rows = rows[np.isin(pupil[rows], overlapping)]
    if not len(rows):
        return
    keys = pd.DataFrame({"pupil": pupil[rows], "start": columns["entry_date"].values[rows]})
    rows = rows[_order(keys, columns, rows)]
    is_later = np.zeros(len(verdict.rule), bool)
    is_later[_later(rows, pupil, columns)] = True
    verdict.mark(is_later, "spell_overlap", _column(table, "entry_date"))


def _later(rows: np.ndarray, pupil: np.ndarray, columns: Mapping[str, Read]) -> list[int]:
    """Rows, given in order of pupil and start, that overlap a spell which stays."""
    later: list[int] = []
    staying: list[tuple[int, str]] = []
    now = None
    statuses: Sequence[str] = columns["enrolment_status"].texts(rows)
    starts, ends = columns["entry_date"].values[rows].tolist(), columns["leaving_date"].values[rows].tolist()
    for row, status, start, end in zip(rows.tolist(), statuses, starts, ends, strict=True):
        if pupil[row] != now:
            now, staying = pupil[row], []
        staying = [spell for spell in staying if spell[0] > start]
        if all({status, other} == {"M", "S"} for _, other in staying):
            staying.append((FOREVER if end == BLANK else end, status))
        else:
            later.append(row)
    return later


def _column(table: Table, name: str) -> int:
    return [column.name for column in table.columns].index(name)
