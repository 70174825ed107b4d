"""Which days the rows of each table and school cover, and whose feed stopped."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from features.as_of import Calendar
from features.records.authority import Authority
from features.records.check import BLANK
from features.records.checked import Checked

STALE_SCHOOL_DAYS = 10


def table_coverage(checked: Checked, extracted_on: int) -> pd.DataFrame:
    """First and last day and number of the kept rows of each school.

    Returns
    -------
    pandas.DataFrame
        table, urn (missing where the table has no schools), first_day, last_day (days since
        1970-01-01), rows. The last day of a spell counts where it is not planned.
    """
    table = checked.table
    own, end = checked.values(table.date), checked.values(table.end) if table.end else None
    last = own if end is None else np.where((end != BLANK) & (end <= extracted_on), np.maximum(own, end), own)
    urn = checked.values("urn") if "urn" in checked.columns else np.full(len(own), -1)
    frame = pd.DataFrame({"urn": urn, "first_day": own, "last_day": last})
    result = frame.groupby("urn", as_index=False).agg(
        first_day=("first_day", "min"), last_day=("last_day", "max"), rows=("urn", "size")
    )
    return result.assign(table=table.name)[["table", "urn", "first_day", "last_day", "rows"]]


def late_feeds(
    registers: pd.DataFrame, on_roll: Mapping[int, int], closed_on: Mapping[int, int], authority: Authority
) -> list[dict]:
    """Schools whose marks stopped more than ten school days before the last mark of any school.

    Parameters
    ----------
    registers : pandas.DataFrame
        Coverage of the attendance table.
    on_roll : mapping of int to int
        URN to the last day on which a pupil was on its roll.
    closed_on : mapping of int to int
        URN to the day it closed; absent for an open school. Marks are expected up to then.
    """
    if not len(registers):
        return []
    days, data_end = Calendar.of(authority).days.astype("int64"), int(registers["last_day"].max())
    last_days = dict(zip(registers["urn"].tolist(), registers["last_day"].tolist(), strict=True))
    late = []
    for urn in sorted({*last_days, *on_roll}):
        expected = min(data_end, closed_on.get(urn, data_end), on_roll.get(urn, data_end))
        last = last_days.get(urn)
        if last is None and expected < data_end:
            continue
        if last is None or np.sum((days > last) & (days <= expected)) > STALE_SCHOOL_DAYS:
            late.append(
                {"urn": int(urn), "last_date": None if last is None else str(np.datetime64(last, "D"))}
            )
    return late


def last_days_on_roll(roll: Checked) -> dict[int, int]:
    """URN to the last day on which a pupil was on its roll; a day past all others while one still is."""
    leaving = roll.values("leaving_date")
    frame = pd.DataFrame(
        {"urn": roll.values("urn"), "last": np.where(leaving == BLANK, np.iinfo("int64").max, leaving)}
    )
    last = frame.groupby("urn")["last"].max()
    return dict(zip(last.index.tolist(), last.tolist(), strict=True))
