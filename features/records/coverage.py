"""Which days the rows of each table and school cover, and whose feed stopped."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from features.calendar import Calendar
from features.records.authority import Authority
from features.records.check import BLANK
from features.records.checked import Checked
from features.tables import TABLES

STALE_SCHOOL_DAYS = 10
FEW = 0.05  # of a school's usual rows a day: so few are strays, and no register
FEWEST_POSSIBLE = 500  # sessions, below which a school's half-term has no rate worth a word
FEWEST_YEARS = 3
FAR = 6.0
FAR_AT_LEAST = 0.05


def unusual_rates(school_days: pd.DataFrame, calendar: Calendar) -> list[dict]:
    """Half-terms in which a school's absence lies far outside the school's own history.

    Parameters
    ----------
    school_days : pandas.DataFrame
        urn, day, possible and absent sessions.

    Returns
    -------
    list of dict
        urn, half_term ("2024/25 autumn_1"), share_absent, and usual: the median of the school's own
        over the same half-term of three or more years, as study leave comes every summer. A half-term
        is named where it lies more than six times as far from that as the school's half-terms mostly
        do, and more than five percentage points. It may be true, or a register wrongly kept.
    """
    firsts = np.array([np.datetime64(half.first, "D").astype("int64") for half in calendar.half_terms])
    place = np.searchsorted(firsts, school_days["day"].to_numpy(), side="right") - 1
    sums = (
        school_days.assign(half_term=place)[place >= 0]
        .groupby(["urn", "half_term"])[["possible", "absent"]]
        .sum()
    )
    sums = sums[sums["possible"] >= FEWEST_POSSIBLE].reset_index()
    halves = [f"{half.year} {half.name}" for half in calendar.half_terms]
    sums["share"] = sums["absent"] / sums["possible"]
    season = [sums["urn"], sums["half_term"].map(lambda place: calendar.half_terms[place].name)]
    by_season = sums.groupby(season)["share"]
    sums["usual"] = by_season.transform("median")
    distance = (sums["share"] - sums["usual"]).abs()
    is_far = distance > np.maximum(FAR_AT_LEAST, FAR * distance.groupby(sums["urn"]).transform("median"))
    named = sums[is_far & (by_season.transform("size") >= FEWEST_YEARS)]
    return [
        {"urn": urn, "half_term": halves[half], "share_absent": round(share, 3), "usual": round(usual, 3)}
        for urn, half, share, usual in named[["urn", "half_term", "share", "usual"]].itertuples(
            index=False, name=None
        )
    ]


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


def is_kept(rows: pd.DataFrame) -> pd.Series:
    """Whether a day's rows are a register that the school kept: a twentieth of what it has on half of its days, or more.

    Parameters
    ----------
    rows : pandas.DataFrame
        urn and rows, those with a mark that was made: a row for each school and day.
    """
    return rows["rows"] >= FEW * rows.groupby("urn")["rows"].transform("median")


def last_kept(rows: pd.DataFrame, day: str) -> pd.Series:
    """The last day on which each school kept a register, by urn.

    Parameters
    ----------
    rows : pandas.DataFrame
        urn, rows and a column `day`; a day of a school may have several rows.
    """
    days = rows.groupby(["urn", day])["rows"].sum().reset_index()
    return days[is_kept(days)].groupby("urn")[day].max()


def late_feeds(
    registers: pd.DataFrame, on_roll: Mapping[int, int], closed_on: Mapping[int, int], authority: Authority
) -> list[dict]:
    """Schools whose marks stopped more than ten school days before the last mark of any school.

    Parameters
    ----------
    registers : pandas.DataFrame
        urn, day (days since 1970-01-01) and rows, those with a mark that was made.
    on_roll : mapping of int to int
        URN to the last day on which a pupil was on its roll.
    closed_on : mapping of int to int
        URN to the day it closed; absent for an open school. Marks are expected up to then.
    """
    if not len(registers):
        return []
    newest = last_kept(registers, "day")
    days, data_end = Calendar.of(authority).days.astype("int64"), int(newest.max())
    last_days: dict[int, int] = dict(zip(newest.index.tolist(), newest.tolist(), strict=True))
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


def in_order(coverage: pd.DataFrame) -> pd.DataFrame:
    """Coverage in the contract's order of tables, then by URN."""
    place = coverage["table"].map({name: place for place, name in enumerate(TABLES)})
    return coverage.assign(place=place).sort_values(["place", "urn"], ignore_index=True).drop(columns="place")


def as_records(coverage: pd.DataFrame) -> list[dict]:
    """Coverage as JSON holds it; `urn` is null for a table without schools."""
    days = {
        name: np.datetime_as_string(coverage[name].to_numpy().astype("datetime64[D]"))
        for name in ("first_day", "last_day")
    }
    columns = (coverage["table"], coverage["urn"], days["first_day"], days["last_day"], coverage["rows"])
    return [
        {
            "table": table,
            "urn": int(urn) if urn >= 0 else None,
            "first_day": str(first),
            "last_day": str(last),
            "rows": int(rows),
        }
        for table, urn, first, last, rows in zip(*columns, strict=True)
    ]
