"""Code sets as published, one small CSV each; every row names its source."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd


@cache
def code_set(name: str) -> pd.DataFrame:
    """A code set: one row a code, with its meaning, status and source. Treat as read-only.

    Parameters
    ----------
    name : {"attendance", "ethnicity", "exclusion_category", "exclusion_reason", "idaci_vintage", "sen_need", "sen_provision"}
    """
    with files(__name__).joinpath(f"{name}.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file, keep_default_na=False)


# Codes that are compared over time: the code set of each kind, and its column that says what a code means.
MEANINGS = {
    "attendance": ("attendance", "meaning"),
    "reason": ("exclusion_reason", "description"),
    "sen_provision": ("sen_provision", "description"),
    "sen_need": ("sen_need", "description"),
}


def in_words(kind: str, code: str) -> str:
    """A code with what it means ("K: SEN support"); the name of several codes, or of something else, as it is read."""
    if kind in MEANINGS:
        name, meaning = MEANINGS[kind]
        held = code_set(name).set_index("code")[meaning]
        if code in held.index:
            return f"{code}: {held[code]}"
    return code.replace("_", " ")


@dataclass(frozen=True)
class Provision:
    """One code of SEN provision in one version of the set.

    Attributes
    ----------
    level : int
        Its place among the codes of its version, 0 for none. Levels of two versions are no one order.
    short, on_card : str
        Its name in a dictionary, and in a sentence.
    """

    code: str
    version: str
    level: int
    short: str
    on_card: str


@cache
def provisions() -> dict[str, Provision]:
    """Every code of SEN provision that a store may hold, by code; one that is read as another at import is not there."""
    rows = code_set("sen_provision").astype(str)
    return {
        str(row.code): Provision(
            str(row.code), str(row.version), int(str(row.level)), str(row.short), str(row.on_card)
        )
        for row in rows[rows["read_as"] == ""].itertuples()
    }


@cache
def new_codes(name: str) -> dict[str, str]:
    """Codes that the data set of May 2026 brought, to their meaning: each school's first use of one is its own break.

    Parameters
    ----------
    name : {"ethnicity", "exclusion_reason"}
    """
    rows = code_set(name)
    is_new = (
        (rows["level"] == "main (new)") if name == "ethnicity" else rows["since"].str.contains("May 2026")
    )
    found = rows.loc[is_new].astype(str)
    return dict(zip(found["code"], found["description"], strict=True))


def marks_in_force(codes: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Attendance codes as their days have them.

    A code that was not in force on its day is read as the one that was, where its meaning then is certain: an
    interview is J until 19 August 2024 and J1 from that day, a part-time timetable C before it and C2 since.

    Parameters
    ----------
    codes : array of str, shape (n,)
    days : array of int64, shape (n,)
        Days since 1970-01-01.

    Returns
    -------
    array of str, shape (n,)
        "" where no code that was in force is certain to say the same.
    """
    known, first, end, otherwise = _in_force()
    at = np.searchsorted(known, codes)
    is_out = (days < first[at]) | (days >= end[at])
    return np.where(is_out, otherwise[at], codes)


@cache
def _in_force() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Attendance codes in order, the first day each was in force, the first it was not, and what it is read as then."""
    rows = code_set("attendance").sort_values("code")
    first, end = (_days(rows[name]) for name in ("in_force_from", "withdrawn_on"))
    return rows["code"].to_numpy(object), first, end, rows["otherwise_read_as"].to_numpy(object)


@cache
def turning_days() -> np.ndarray:
    """The days on which some attendance code came into force or was withdrawn, in order (int64, since 1970-01-01)."""
    rows = code_set("attendance")
    days = {*rows["in_force_from"], *rows["withdrawn_on"]} - {""}
    return np.array(sorted(days), "datetime64[D]").astype("int64")


def _days(texts: pd.Series) -> np.ndarray:
    """Days since 1970-01-01; of a blank one before any, or after any where codes are withdrawn."""
    never = "1000-01-01" if texts.name == "in_force_from" else "9999-12-31"
    return texts.replace("", never).to_numpy("datetime64[D]").astype("int64")
