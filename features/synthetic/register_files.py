"""A year's registers, filed a school at a time."""

import numpy as np

from features.synthetic import assumptions as assume
from features.synthetic.absence import yearly_absence
from features.synthetic.calendar import SchoolYear
from features.synthetic.maker import Maker
from features.synthetic.pupils import sen_of
from features.synthetic.rates import PHASES
from features.synthetic.registers import Block, draw_marks, training_days
from features.synthetic.schools import PHASES as SCHOOL_PHASES
from features.synthetic.streams import stream
from features.synthetic.writing import Attendance


def write_registers(
    maker: Maker, rng: np.random.Generator, year: SchoolYear, pupils: np.ndarray, phase: np.ndarray, levels: np.ndarray,
    roll: np.ndarray, events: np.ndarray, place: np.ndarray,
) -> None:  # fmt: skip
    """A year's marks, a school at a time."""
    schools, days = maker.schools, len(year.days)
    provision, _ = sen_of(schools, pupils, pupils["school"], pupils["nc"])
    share = yearly_absence(rng, pupils, phase, provision, levels.mean(axis=1))
    shown = np.flatnonzero(events["category"] != 2)
    length = np.where(events["category"] == 1, 2 * events["out_days"], events["sessions"])[shown]
    session = (2 * events["day"] + events["is_afternoon"])[shown]
    out = np.bincount(events["pupil"][shown], length, len(pupils)) / (2 * days)
    share = np.clip(share - out, 0, None)
    tilt = np.exp(levels.mean(axis=1)) / np.exp(levels.mean(axis=1)).mean()
    part_time = np.where(
        rng.random(len(pupils)) < assume.PART_TIME_TIMETABLE * tilt,
        rng.integers(0, days - 20, len(pupils)),
        -1,
    )
    order = np.argsort(roll["school"], kind="stable")
    order = order[(roll["first"][order] < days) & (roll["last"][order] >= roll["first"][order])]
    bounds = np.searchsorted(roll["school"][order], np.arange(len(schools.rows) + 1))
    row_of = np.zeros(len(roll), int)
    row_of[order] = np.arange(len(order)) - bounds[:-1][roll["school"][order]]
    by_school = np.argsort(roll["school"][place[shown]], kind="stable")
    event_bounds = np.searchsorted(roll["school"][place[shown]][by_school], np.arange(len(schools.rows) + 1))
    file = Attendance(maker.out / "attendance" / f"{year.start}-{(year.start + 1) % 100:02d}.parquet")
    newest = year.start == maker.last
    for number in range(len(schools.rows)):
        spell = roll[order[bounds[number] : bounds[number + 1]]]
        at = by_school[event_bounds[number] : event_bounds[number + 1]]
        who = spell["pupil"]
        block = Block(
            pupils["nc"][who], pupils["ethnicity"][who], spell["status"], spell["first"], spell["last"], share[who], levels[who],
            part_time[who], row_of[place[shown[at]]], session[at], length[at],
        )  # fmt: skip
        kind = SCHOOL_PHASES[schools.rows["phase"][number]]
        codes_of = kind if kind in PHASES else "secondary"
        study = bool(schools.rows["takes_study_leave"][number])
        closed = training_days(maker.seed, year.start, number, days)
        rng_of_school = stream(maker.seed, "register", year.start, number)
        marks = draw_marks(rng_of_school, year, codes_of, study, closed, block, newest)
        last = spell["last"]
        if newest and schools.rows["late_from"][number]:
            last = np.minimum(last, days - 1 - schools.rows["late_from"][number])
        on_roll = (np.arange(days) >= spell["first"][:, None]) & (np.arange(days) <= last[:, None])
        urn = int(schools.urn(np.array([number]), year.start)[0])
        file.write(pupils["upn"][who], urn, year.days, marks, on_roll)
    maker.marks += file.rows
    file.close()
