"""Attendance registers: two marks a pupil a school day, vectorised a school at a time."""

from dataclasses import dataclass

import numpy as np

from features.synthetic import assumptions as assume
from features.synthetic.absence import draw_absence, draw_lateness, runs
from features.synthetic.calendar import SchoolYear
from features.synthetic.figures import ETHNICITIES
from features.synthetic.marks import CODE, as_of_their_time
from features.synthetic.streams import stream

EID_SHARE = np.array([assume.SHARE_EID.get(code, 0.0) for code in ETHNICITIES])
EXCLUDED_SESSIONS = 10  # code E until the sixth day, when education is arranged (statutory guidance)
PART_TIME, NURSERY, STUDY = "C2", "X", "S"


@dataclass(frozen=True)
class Block:
    """The spells of one school in one year, n of them, and what its registers are to show.

    Attributes
    ----------
    nc, ethnicity, status, first, last : (n,) int arrays
        `first` and `last` are school days on roll, both inside.
    share : (n,) array
        Of the year's sessions, to be missed for other reasons than exclusion.
    levels : (n, 6) array
        Disengagement by half-term.
    part_time : (n,) int array
        The school day on which a part-time timetable begins; -1 for none.
    excluded_row, excluded_session, excluded_length : (m,) int arrays
        Runs of sessions of suspension or exclusion.
    """

    nc: np.ndarray
    ethnicity: np.ndarray
    status: np.ndarray
    first: np.ndarray
    last: np.ndarray
    share: np.ndarray
    levels: np.ndarray
    part_time: np.ndarray
    excluded_row: np.ndarray
    excluded_session: np.ndarray
    excluded_length: np.ndarray


def training_days(seed: int, start: int, school: int, days: int) -> np.ndarray:
    """The school days (0 to `days` - 1) of a year on which a school trains its staff and has no pupils."""
    rng = stream(seed, "training days", start, school)
    return np.append(0, rng.choice(np.arange(1, days), assume.NUM_INSET_DAYS, replace=False))


def draw_marks(
    rng: np.random.Generator,
    year: SchoolYear,
    phase: str,
    takes_study_leave: bool,
    closed: np.ndarray,
    block: Block,
    newest_week: bool,
) -> np.ndarray:
    """The marks of a school's pupils in a year, (n, D, 2) uint8, on roll or not.

    Parameters
    ----------
    closed : int array
        `training_days` of the school.
    newest_week : bool
        The year ends with the extract: some marks of its last week are still unsettled (N).
    """
    size, days = len(block.nc), len(year.days)
    marks = np.tile(np.array([CODE["/"], CODE["\\"]], "uint8"), (size, days))
    draw_absence(rng, year, marks, phase, block.share, block.levels)
    draw_lateness(rng, marks, phase, block.levels.mean(axis=1))
    present = marks <= CODE["\\"]
    out_of_school(rng, year, phase, marks, present, block)
    observe_eid(rng, year, marks, block.ethnicity)
    if takes_study_leave:
        from_day = int(np.searchsorted(year.half, 5)) - 5
        leave = (block.nc == 11)[:, None] & (rng.random((size, 2 * (days - from_day))) < 0.6)
        marks[:, 2 * from_day :][leave] = CODE[STUDY]
    half_days = (block.nc == -1) & (rng.random(size) < 0.6)
    marks[half_days, 1::2] = CODE[NURSERY]
    settling_in = (block.nc == 0) & (rng.random() < 0.3)
    marks[settling_in, 1:20:2] = CODE[NURSERY]
    at = np.flatnonzero(block.part_time >= 0)
    day, run = runs(block.part_time[at], np.full(len(at), assume.PART_TIME_DAYS), days)
    marks[at[run], 2 * day + 1] = CODE[PART_TIME]
    position, run = runs(block.excluded_session, block.excluded_length, 2 * days)
    is_early = position - block.excluded_session[run] < EXCLUDED_SESSIONS
    marks[block.status == 1] = CODE["D"]
    marks[block.excluded_row[run], position] = np.where(is_early, CODE["E"], CODE["K"])
    if newest_week:
        week = marks[:, -10:]
        week[np.isin(week, [CODE["I"], CODE["O"], CODE["U"]]) & (rng.random(week.shape) < 0.5)] = CODE["N"]
    close_school(rng, len(year.days), marks, closed, block)
    return as_of_their_time(marks, year.days[-1]).reshape(size, days, 2)


def out_of_school(
    rng: np.random.Generator,
    year: SchoolYear,
    phase: str,
    marks: np.ndarray,
    present: np.ndarray,
    block: Block,
) -> None:
    """Trips by year group (V), Year 10's week of work experience (W), sport (P) and off-site education (B)."""
    days = len(year.days)
    for nc in range(13):
        for day in rng.integers(5, days, rng.integers(1, 3)):
            group = np.flatnonzero(block.nc == nc)
            goes = group[rng.random(len(group)) < 0.8]
            for session in (2 * day, 2 * day + 1):
                marks[goes[present[goes, session]], session] = CODE["V"]
    if phase == "secondary" and rng.random() < 0.7:
        start = 2 * (int(np.searchsorted(year.half, 5)) + 10)
        at = np.flatnonzero(block.nc == 10)
        week = marks[at, start : start + 10]
        marks[at, start : start + 10] = np.where(present[at, start : start + 10], CODE["W"], week)
    for code, rate in (("P", 0.2), ("B", 0.4)):
        number = rng.poisson(rate, len(block.nc))
        row = np.repeat(np.arange(len(block.nc)), number)
        session = rng.integers(0, 2 * days, len(row))
        at = present[row, session]
        marks[row[at], session[at]] = CODE[code]


def observe_eid(rng: np.random.Generator, year: SchoolYear, marks: np.ndarray, ethnicity: np.ndarray) -> None:
    """Religious observance (R) on Eid where it falls on a school day."""
    for day in np.array(assume.EIDS, "M8[D]"):
        at = int(np.searchsorted(year.days, day))
        if at < len(year.days) and year.days[at] == day:
            marks[rng.random(len(ethnicity)) < EID_SHARE[ethnicity], 2 * at : 2 * at + 2] = CODE["R"]


def close_school(
    rng: np.random.Generator, days: int, marks: np.ndarray, closed: np.ndarray, block: Block
) -> None:
    """Training days (#) for the whole school, and now and then a closure for want of heat or of roads (Y).

    Nobody is excluded on a day that the school is shut unawares: such a day is not chosen.
    """
    begun = np.bincount(block.excluded_session // 2, minlength=days)
    day = int(rng.integers(40, 110))
    if rng.random() < 0.25 and not begun[day]:
        marks[:, 2 * day : 2 * day + 2] = CODE["Y3"] if rng.random() < 0.6 else CODE["Y2"]
    for day in closed:
        marks[:, 2 * day : 2 * day + 2] = CODE["#"]
