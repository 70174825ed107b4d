"""authority.toml and the schools table held against the records: what they say has to be so there."""

from typing import Any

import numpy as np
import pandas as pd

from features.calendar import Calendar
from features.errors import AuthorityRefused, ExtractRefused
from features.records.authority import FILE_NAME, Authority
from features.records.check import BLANK
from features.records.checked import Checked
from features.records.lags import academic_years, year_text
from features.records.rejected import places


def refuse_lineage(schools: Checked) -> None:
    """Refuse a `predecessor_urn` that names no school of the table, or goes round: history would be lost in silence.

    Raises
    ------
    ExtractRefused
    """
    if "predecessor_urn" not in schools.columns:
        return
    kept = schools.kept
    urns, before = schools.values("urn"), schools.values("predecessor_urn")
    predecessor = {
        urn: other for urn, other in zip(urns.tolist(), before.tolist(), strict=True) if other != BLANK
    }
    known = set(urns.tolist())
    breaches = []
    for row, urn in zip(kept.tolist(), urns.tolist(), strict=True):
        if urn not in predecessor:
            continue
        other = predecessor[urn]
        where = f"{places(schools.rows.take(np.array([row])))[0]}, column predecessor_urn"
        if other == urn:
            breaches.append(
                f"{where}: school {urn} is named as its own predecessor. Name the school that it was before, or leave it blank."
            )
        elif other not in known:
            breaches.append(
                f"{where}: school {urn} follows {other}, which is not in the table, so the school and its children would start without "
                "history. Put in the right URN, add that school, or leave it blank."
            )
        elif _goes_round(urn, predecessor):
            breaches.append(
                f"{where}: the predecessors of school {urn} lead back to it. Put the wrong one right."
            )
    if breaches:
        raise ExtractRefused(*breaches)


def _goes_round(urn: int, predecessor: dict[int, int]) -> bool:
    seen, now = {urn}, predecessor[urn]
    while now not in seen and now in predecessor:
        seen.add(now)
        now = predecessor[now]
    return now == urn


def refuse_years(school_days: pd.DataFrame, authority: Authority) -> None:
    """Refuse registers of a year whose terms are not there, or of which more than half lie on no school day.

    Parameters
    ----------
    school_days : pandas.DataFrame
        urn, day and rows: the marks of each school and day.

    Raises
    ------
    AuthorityRefused
    """
    year = academic_years(school_days["day"].to_numpy())
    rows = school_days.assign(year=year, is_off=_is_off(school_days, authority))
    breaches = []
    for number in np.unique(year).tolist():
        some, name = rows[rows["year"] == number], year_text(number)
        total = int(some["rows"].sum())
        off = int(some.loc[some["is_off"], "rows"].sum())
        if name not in authority.terms:
            if not off:  # an autumn term that begins in August holds them
                continue
            urns = sorted(some.loc[some["is_off"], "urn"].unique().tolist())
            breaches.append(
                f"{FILE_NAME}, terms: the registers have marks in {name} ({off:,} rows, {_schools(urns)}), and no terms are given for that year, so "
                f'no look-back could be counted. Add [terms."{name}"], or take those rows out if their dates are wrong.'
            )
        elif 2 * off > total:
            breaches.append(
                f'{FILE_NAME}, terms."{name}": {off:,} of {total:,} rows of registers lie on days that are no school day by these terms. '
                "Put the dates of the half-terms right."
            )
    if breaches:
        raise AuthorityRefused(*breaches)


def _schools(urns: list[int]) -> str:
    named = ", ".join(map(str, urns[:5]))
    return f"school{'' if len(urns) == 1 else 's'} {named}{f' and {len(urns) - 5} more' if len(urns) > 5 else ''}"


def _is_off(school_days: pd.DataFrame, authority: Authority) -> np.ndarray:
    days = Calendar.of(authority).days.astype("int64")
    return ~np.isin(school_days["day"].to_numpy(), days)


def off_calendar(school_days: pd.DataFrame, authority: Authority) -> dict[str, Any]:
    """Marks on days that are no school days, and school days on which no school has a mark.

    Only days with a session that counts as possible are marks here: a system may fill holidays with codes.

    Returns
    -------
    dict
        `rows` and `days` of marks on no school day; `silent_days`, between the first and last marks.
        Empty where there is neither.
    """
    marked = school_days[school_days["possible"] > 0]
    if not len(marked):
        return {}
    calendar = Calendar.of(authority).days.astype("int64")
    off = marked[_is_off(marked, authority)]
    inside = calendar[(calendar >= marked["day"].min()) & (calendar <= marked["day"].max())]
    silent = np.setdiff1d(inside, school_days["day"].unique())
    if not len(off) and not len(silent):
        return {}
    return {
        "rows": int(off["rows"].sum()),
        "days": _texts(np.unique(off["day"])),
        "silent_days": _texts(silent),
    }


def _texts(days: np.ndarray) -> list[str]:
    return np.datetime_as_string(days.astype("int64").astype("datetime64[D]")).tolist()
