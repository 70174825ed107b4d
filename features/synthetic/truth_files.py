"""The truth about a made-up authority, kept beside its extract and never in it."""

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet

from features.synthetic.ahead import State
from features.synthetic.calendar import SchoolYear
from features.synthetic.course import Course
from features.synthetic.difficulty import believe
from features.synthetic.hazards import Hazards, yearly_hazards
from features.synthetic.incidents import OUTCOMES
from features.synthetic.maker import Maker
from features.synthetic.pupils import rate_phase
from features.synthetic.truth import SCHEMA, probabilities


def write_truth(
    maker: Maker, as_of: date, year: SchoolYear, pupils: np.ndarray, phase: np.ndarray, hazards: Hazards, course: Course,
    believed: np.ndarray, telling: np.ndarray, roll: np.ndarray, events: np.ndarray, next_school: np.ndarray,
) -> None:  # fmt: skip
    """The true probabilities of those on roll at an as-of date; see truth.py."""
    schools, on = maker.schools, np.datetime64(as_of)
    at_day = int(np.searchsorted(year.days, on))
    half = int(year.half[at_day])
    out = np.zeros(len(pupils), bool)
    out[events["pupil"][(OUTCOMES[events["outcome"]] == "upheld") & (events["day"] < at_day)]] = True
    here = (roll["status"] != 2) & (roll["entry"] < on) & ~(roll["leave"] < on) & ~out[roll["pupil"]]
    here &= np.isin(schools.rows["phase"][roll["school"]], [0, 1, 2, 3])
    here &= (pupils["nc"][roll["pupil"]] >= 0) & (pupils["nc"][roll["pupil"]] <= 11)
    who, school = roll["pupil"][here], roll["school"][here]
    people = pupils[who]
    goes_up = (people["nc"] == 6) & (schools.rows["phase"][school] == 0)
    later = np.where(goes_up, next_school[who], school)
    before = telling[(telling["day"] < at_day) & (year.half[telling["day"]] == half)]
    passed = ((year.half == half) & (np.arange(len(year.days)) < at_day)).sum() / (year.half == half).sum()
    number = np.bincount(before["pupil"], minlength=len(pupils))[who]
    up = np.minimum(people["nc"] + 1, 13)
    state = State(
        pupils=people, mood=course.moods[who, half], phase=phase[who], next_phase=rate_phase(schools, later, up),
        now=Hazards(*(part[who] for part in (hazards.incidents, hazards.finality, hazards.one_off, hazards.bias))),
        then=yearly_hazards(maker.switches, schools, people, later, up),
        belief=believe(believed[who, half].astype(float), passed * course.unit[who, half], number),
        notifies=schools.rows["notifies"][school], next_notifies=schools.rows["notifies"][later],
    )  # fmt: skip
    result = probabilities(maker.switches, maker.seed, as_of, year, state)
    order = np.argsort(people["upn"])
    columns = {
        "upn": people["upn"][order].tolist(),
        "as_of": [as_of] * len(order),
        **{name: values[order] for name, values in result.items()},
    }
    folder = truth_folder(maker.out)
    folder.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pa.table(columns, schema=SCHEMA), folder / f"truth_{as_of}.parquet")


def truth_folder(out: Path) -> Path:
    """Where the truth of the extract at `out` lies: beside it, so that nothing imports it by mistake."""
    return out.with_name(f"{out.name}.truth")
