"""What is kept and pointed out: versions, suspensions off the roll, involvements of nobody, code E.

A note never rejects a row. It says where two records of the same thing disagree, so that somebody
who can look it up may put it right.
"""

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from features.records.check import BLANK
from features.records.checked import Checked
from features.records.lags import academic_years
from features.records.read import Rows, lines_of
from features.tables import NC_YEARS, SCHOOL_STATUSES, is_outside_phase

LINKED_WITHIN = 30  # days between a suspension and the nearest spell at that school
FAR_YEARS = 2  # between a year group and that of the child's age, from which it is pointed out
AGE_OF_RECEPTION = 5  # academic years from that of a birth to that of the reception class
FIVE_DAYS = 10  # sessions: from the sixth day the school or the authority arranges education, and E ends
LONGEST_AFTER_PERM = 90  # sessions after a permanent exclusion in which E still tells of that one
MARKED = 0.2  # share of a school's code E sessions without a suspension above which it is named
FEWEST_SESSIONS = 10
FEWEST_SUSPENSIONS = 5


def num_versions(suspensions: Checked) -> int:
    """Rows beyond the first of one event: one pupil, school, category and start date."""
    keys = pd.DataFrame(
        {
            "pupil": suspensions.pupil[suspensions.kept],
            **{name: suspensions.values(name) for name in ("urn", "category", "start_date")},
        }
    )
    return int(keys.duplicated().sum())


def num_off_roll(suspensions: Checked, roll: Checked) -> int:
    """Suspensions more than 30 days from any spell of the pupil at that school."""
    kept = suspensions.kept
    events = pd.DataFrame(
        {
            "pupil": suspensions.pupil[kept],
            "urn": suspensions.values("urn"),
            "start": suspensions.values("start_date"),
        }
    ).reset_index()
    leaving = roll.values("leaving_date")
    spells = pd.DataFrame(
        {
            "pupil": roll.pupil[roll.kept],
            "urn": roll.values("urn"),
            "entry": roll.values("entry_date"),
            "leaving": np.where(leaving == BLANK, np.iinfo("int64").max, leaving),
        }
    )
    pairs = events.merge(spells, on=["pupil", "urn"])
    is_near = (pairs["start"] >= pairs["entry"] - LINKED_WITHIN) & (
        pairs["start"] - LINKED_WITHIN <= pairs["leaving"]
    )
    return int(len(events) - pairs["index"][is_near].nunique())


def num_unlinked(involvements: Checked) -> int:
    """Involvements without a UPN."""
    return int((involvements.pupil[involvements.kept] == 0).sum())


def alike_districts(schools: Checked) -> list[list[str]]:
    """Districts whose names differ in letter case or spaces alone, those of one name together; each would have its own meeting."""
    found: dict[str, set[str]] = {}
    for name in schools.texts("district").tolist():
        found.setdefault("".join(name.split()).casefold(), set()).add(name)
    return [sorted(names) for _, names in sorted(found.items()) if len(names) > 1]


def outside_phase(roll: Checked, schools: Checked, extracted_on: int) -> Counter:
    """Open main registrations in a year group that the school's phase does not teach, by URN.

    The year group is that at entry, carried forward to the day of the extract.
    """
    phase = dict(zip(schools.values("urn").tolist(), schools.texts("phase"), strict=True))
    years = roll.texts("nc_year")
    asked = (roll.values("leaving_date") == BLANK) & np.isin(roll.texts("enrolment_status"), SCHOOL_STATUSES)
    asked &= ~np.isin(years, ("", "X"))
    since = academic_years(np.array([extracted_on]))[0] - academic_years(roll.values("entry_date")[asked])
    found = zip(roll.values("urn")[asked].tolist(), years[asked], since.tolist(), strict=True)
    first = NC_YEARS.index("R")
    return Counter(
        urn
        for urn, year, later in found
        if is_outside_phase(NC_YEARS.index(year) - first + later, phase[urn])
    )


def far_from_age(checked: Checked) -> pd.DataFrame:
    """By school, rows of the roll or a census whose year group is two or more from that of the child's age.

    A child may be taught a year above or below its age; two years are seldom meant, and a whole school of them is a
    column that was filled with something else.

    Returns
    -------
    pandas.DataFrame
        Indexed by URN: `asked`, the rows with a birth date and a year group from nursery on, and `far` of them.
    """
    on, birth, years = (checked.values(name) for name in (checked.table.date, "birth_date", "nc_year"))
    year = checked.texts("nc_year")
    asked = (birth != BLANK) & (years != BLANK) & (year != "X")
    own = np.array([NC_YEARS.index(text) - NC_YEARS.index("R") for text in year[asked].tolist()], "int64")
    usual = academic_years(on[asked]) - academic_years(birth[asked]) - AGE_OF_RECEPTION
    frame = pd.DataFrame({"urn": checked.values("urn")[asked], "far": np.abs(own - usual) >= FAR_YEARS})
    return frame.groupby("urn").agg(asked=("far", "size"), far=("far", "sum")).astype("int64")


def places(rows: Rows, which: np.ndarray) -> list[dict[str, Any]]:
    """File and line of some rows, by index."""
    found = []
    for file in np.unique(rows.file[which]).tolist():
        here = np.sort(rows.place[which[rows.file[which] == file]])
        lines = lines_of(rows.files[file], here).tolist()
        found += [{"file": rows.files[file].name, "line": line} for line in lines]
    return found


def under_notified(
    suspended: pd.DataFrame, suspensions: Checked, days: np.ndarray, marks: pd.DataFrame, left_out: set[int]
) -> list[dict[str, Any]]:
    """Schools whose code E marks and notified suspensions disagree.

    A school is named where more than a fifth of its sessions with code E, and at least ten, lie
    outside every suspension it told of; or where more than half of its suspensions, and at least
    five, have no code E at all.

    Parameters
    ----------
    suspended : pandas.DataFrame
        pupil, urn, day (days since 1970-01-01), am and pm (whether the mark is E).
    days : array of int64, sorted
        School days.
    marks : pandas.DataFrame
        urn, first_day and last_day of each school's registers.
    left_out : set of int
        URNs of schools whose feed stopped.

    Returns
    -------
    list of dict
        urn, `sessions` (code E outside every suspension), `suspensions_not_told` (an estimate: what
        those sessions come to at the length of the school's other suspensions, and no fewer than
        their unbroken runs of up to five days) and `suspensions_without_e`.
    """
    sessions = _sessions(suspended, days)
    events = _events(suspensions, days, marks)
    told = events.loc[events.index.repeat(events["length"]), ["pupil", "urn", "start", "category"]]
    told["session"] = told["start"] + told.groupby(level=0).cumcount()
    is_told = sessions.merge(
        told.drop_duplicates(["pupil", "urn", "session"]), on=["pupil", "urn", "session"], how="left"
    )
    untold = is_told[is_told["start"].isna()].sort_values(["pupil", "urn", "session"])
    begins = (untold["session"].diff() != 1) | (untold["pupil"].diff() != 0) | (untold["urn"].diff() != 0)
    runs = untold.groupby(begins.cumsum()).agg(urn=("urn", "first"), length=("urn", "size"))
    runs["suspensions"] = -(-runs["length"] // FIVE_DAYS)
    usual = told[told["category"] == "SUSP"].merge(sessions, on=["pupil", "urn", "session"])
    marked = usual[["pupil", "urn", "start"]].drop_duplicates()
    silent = events[(events["category"] == "SUSP") & events["is_covered"]].merge(
        marked, on=["pupil", "urn", "start"], how="left", indicator=True
    )
    found = pd.DataFrame(
        {
            "e": sessions.groupby("urn").size(),
            "sessions": untold.groupby("urn").size(),
            "suspensions_not_told": runs.groupby("urn")["suspensions"].sum(),
            "marked": marked.groupby("urn").size(),
            "marked_sessions": usual.groupby("urn").size(),
            "told": silent.groupby("urn").size(),
            "suspensions_without_e": silent[silent["_merge"] == "left_only"].groupby("urn").size(),
        }
    ).fillna(0)
    found = found.astype("int64")
    at_usual_length = (found["sessions"] * found["marked"] / found["marked_sessions"].clip(lower=1)).round()
    found["suspensions_not_told"] = np.maximum(found["suspensions_not_told"], at_usual_length.astype("int64"))
    is_untold = (found["sessions"] >= FEWEST_SESSIONS) & (found["sessions"] > MARKED * found["e"])
    is_silent = (found["suspensions_without_e"] >= FEWEST_SUSPENSIONS) & (
        2 * found["suspensions_without_e"] > found["told"]
    )
    named = found[(is_untold | is_silent) & ~found.index.isin(list(left_out))].sort_index()
    columns = ["sessions", "suspensions_not_told", "suspensions_without_e"]
    rows = named[columns].rename_axis("urn").reset_index().to_dict("records")
    return [{str(name): int(value) for name, value in row.items()} for row in rows]


def _sessions(suspended: pd.DataFrame, days: np.ndarray) -> pd.DataFrame:
    """pupil, urn and session number (two a school day) of every mark E on a school day."""
    place = np.searchsorted(days, suspended["day"].to_numpy())
    on_day = suspended[np.append(days, -1)[place] == suspended["day"]]
    place = np.searchsorted(days, on_day["day"].to_numpy())
    halves = [
        on_day.loc[on_day[half].to_numpy(), ["pupil", "urn"]].assign(
            session=2 * place[on_day[half].to_numpy()] + later
        )
        for later, half in enumerate(("am", "pm"))
    ]
    return pd.concat(halves, ignore_index=True)


def _events(suspensions: Checked, days: np.ndarray, marks: pd.DataFrame) -> pd.DataFrame:
    """Each event up to the end of the registers, and whether its school kept registers when it began.

    Columns pupil, urn, category, start (session number), length (sessions), is_covered.
    """
    sessions, category = suspensions.values("sessions"), suspensions.texts("category")
    start = suspensions.values("start_date")
    length = np.where(category == "PERM", LONGEST_AFTER_PERM, np.where(sessions == BLANK, 1, sessions))
    frame = pd.DataFrame(
        {
            "pupil": suspensions.pupil[suspensions.kept],
            "urn": suspensions.values("urn"),
            "category": category,
            "start": 2 * np.searchsorted(days, start),
            "length": length,
            "is_covered": _is_covered(suspensions.values("urn"), start, marks),
        }
    )[start <= marks["last_day"].max()]
    frame = frame.sort_values(["pupil", "urn", "start", "category", "length"])
    return frame.drop_duplicates(["pupil", "urn", "start", "category"], keep="last").reset_index(drop=True)


def _is_covered(urn: np.ndarray, day: np.ndarray, marks: pd.DataFrame) -> np.ndarray:
    """Did a school keep registers on a day?"""
    spans = marks.set_index("urn")[["first_day", "last_day"]].reindex(urn)
    return ((spans["first_day"] <= day) & (day <= spans["last_day"])).to_numpy()
