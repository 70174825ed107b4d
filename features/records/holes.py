"""What is missing inside the records: not nothing, and named; the features that reach over it are missing too."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from features.calendar import Calendar
from features.records.authority import Authority
from features.records.check import BLANK
from features.records.checked import Checked
from features.records.coverage import STALE_SCHOOL_DAYS, is_kept
from features.records.lags import academic_years, known_on, year_text
from features.records.losses import FEWEST
from features.tables import ELSEWHERE

NOT_COUNTED = (*ELSEWHERE, "S")  # registrations that another school's census counts


def register_holes(school_days: pd.DataFrame, authority: Authority) -> pd.DataFrame:
    """Stretches of more than ten school days inside a school's registers on which it kept none.

    Parameters
    ----------
    school_days : pandas.DataFrame
        urn, day (days since 1970-01-01) and rows, those with a mark that was made.

    Returns
    -------
    pandas.DataFrame
        urn; first_day and last_day, the first and last school day without a register; known_on, when the first
        mark after it is known by the table's lag; school_days, how many.
    """
    days = Calendar.of(authority).days.astype("int64")
    found = []
    for urn, one in school_days[is_kept(school_days)].groupby("urn"):
        at = np.flatnonzero(np.isin(days, one["day"].to_numpy("int64")))
        for before in np.flatnonzero(np.diff(at) - 1 > STALE_SCHOOL_DAYS).tolist():
            first, last = at[before] + 1, at[before + 1] - 1
            after = days[at[before + 1]]
            known = known_on(authority, "attendance", np.array([after]), None, None)[0]
            found.append((urn, days[first], days[last], known, last - first + 1))
    return pd.DataFrame(
        found, columns=["urn", "first_day", "last_day", "known_on", "school_days"], dtype="int64"
    )


def as_records(holes: pd.DataFrame) -> list[dict[str, Any]]:
    """Holes as JSON holds them."""
    return [
        {
            "urn": int(urn),
            "first_day": str(np.datetime64(int(first), "D")),
            "last_day": str(np.datetime64(int(last), "D")),
            "school_days": int(number),
        }
        for urn, first, last, _, number in holes.itertuples(index=False, name=None)
    ]


def missing_years(tables: Mapping[str, Checked], school_days: pd.DataFrame) -> list[dict[str, Any]]:
    """Tables and academic years without a row, where the year before or after has some and registers were kept.

    Returns
    -------
    list of dict
        table and year ("2024/25"), in the contract's order.
    """
    kept = set(academic_years(school_days["day"].to_numpy("int64")).tolist())
    found = []
    for name in ("census", "suspensions", "involvements"):
        checked = tables[name]
        has = set(academic_years(checked.values(checked.table.date)).tolist())
        found += [
            {"table": name, "year": year_text(year)}
            for year in sorted(kept - has)
            if {year - 1, year + 1} & has
        ]
    return found


def missing_censuses(census: Checked, roll: Checked) -> list[dict[str, Any]]:
    """Census dates on which a school has no row, though it had children then.

    It has rows in the census before and the one after, or five children or more on its roll that day.

    Returns
    -------
    list of dict
        urn and census_date, in order.
    """
    rows = pd.DataFrame({"urn": census.values("urn"), "day": census.values("census_date")}).drop_duplicates()
    dates = np.unique(rows["day"])
    counted = {school: one.to_numpy() for school, one in rows.groupby("urn")["day"]}
    spells = pd.DataFrame({
        "urn": roll.values("urn"), "first": roll.values("entry_date"), "last": roll.values("leaving_date")
    })[~np.isin(roll.texts("enrolment_status"), NOT_COUNTED)]  # fmt: skip
    spells["last"] = spells["last"].where(spells["last"] != BLANK, dates.max(initial=0))
    rolls = {
        school: (one["first"].to_numpy(), one["last"].to_numpy()) for school, one in spells.groupby("urn")
    }
    nobody = np.empty(0, "int64")
    found = []
    for school in np.unique([*counted, *rolls]).tolist():
        has = np.isin(dates, counted.get(school, nobody))
        is_gap = np.zeros(len(dates), bool)
        is_gap[1:-1] = has[:-2] & has[2:]
        first, last = rolls.get(school, (nobody, nobody))
        on_roll = np.array([np.sum((first < day) & (day <= last)) for day in dates.tolist()])
        missing = np.flatnonzero(~has & (is_gap | (on_roll >= FEWEST)))
        found += [
            {"urn": school, "census_date": str(np.datetime64(int(dates[one]), "D"))}
            for one in missing.tolist()
        ]
    return found
