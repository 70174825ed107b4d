"""The termly School Census of pupils on roll."""

from datetime import date

import numpy as np

from features.synthetic import assumptions as assume
from features.synthetic.calendar import SchoolYear, first_weekday
from features.synthetic.law_2026 import census_of_2026
from features.synthetic.maker import Maker
from features.synthetic.pupils import (
    ETHNICITY_CODES,
    NC_CODES,
    NEED_CODES,
    PROVISION_CODES,
    SEX_CODES,
    sen_of,
)
from features.synthetic.schools import Schools

THURSDAY = 3


def census_dates(year: SchoolYear) -> tuple[date, date, date]:
    """First Thursday of October, third of January and of May."""
    autumn, spring = year.start, year.start + 1
    return (
        first_weekday(THURSDAY, date(autumn, 10, 1)),
        first_weekday(THURSDAY, date(spring, 1, 15)),
        first_weekday(THURSDAY, date(spring, 5, 15)),
    )


def recorded_sen(
    rng: np.random.Generator, schools: Schools, pupils: np.ndarray, plan_starts: np.ndarray, year: SchoolYear
) -> list[tuple[np.ndarray, np.ndarray]]:
    """SEN provision and need as each of the three censuses has them.

    A need that is new this year is often written down a term or two into it; a plan stands in the
    census after it began, until then the pupil has SEN support.

    Parameters
    ----------
    plan_starts : (n,) datetime64 array
        The day of a plan that begins this year; not-a-time for others.
    """
    provision, need = sen_of(schools, pupils, pupils["school"], pupils["nc"])
    before, _ = sen_of(schools, pupils, pupils["school"], np.maximum(pupils["nc"] - 1, -1))
    is_new = (provision > 0) & (before == 0)
    late = np.where(
        is_new & (rng.random(len(pupils)) < assume.SHARE_RECORDED_LATE), rng.integers(1, 3, len(pupils)), 0
    )
    result = []
    for number, day in enumerate(census_dates(year)):
        planned = (provision == 2) & ~(plan_starts >= np.datetime64(day))
        shown = np.where(late > number, 0, np.where(planned, 2, np.minimum(provision, 1)))
        result.append((shown, np.where(shown > 0, need, 0)))
    return result


def census_rows(
    rng: np.random.Generator, maker: Maker, year: SchoolYear, pupils: np.ndarray, spells: np.ndarray,
    sen: list[tuple[np.ndarray, np.ndarray]],
) -> dict[str, np.ndarray]:  # fmt: skip
    """The census rows of a year: every pupil on roll on the day, a subsidiary registration too."""
    parts, schools = [], maker.schools
    for number, day in enumerate(np.array(census_dates(year), "M8[D]")):
        on_roll = (spells["entry"] <= day) & ~(spells["leave"] < day)
        spell = spells[on_roll]
        spell = spell[np.lexsort((spell["pupil"], spell["school"]))]
        loaded = day + rng.integers(18, 40, len(schools.rows))
        parts.append(
            (
                spell,
                np.full(len(spell), day),
                loaded[spell["school"]],
                *(shown[spell["pupil"]] for shown in sen[number]),
            )
        )
    spell, day, loaded, provision, need = (np.concatenate(column) for column in zip(*parts, strict=True))
    pupil = pupils[spell["pupil"]]
    second = np.where(
        (need > 0) & (pupil["need_rank"] * 97 % 1 < 0.3), 1 + (pupil["need_rank"] * 1009).astype(int) % 6, 0
    )
    columns = {
        "census_date": day, "urn": schools.urn(spell["school"], year.start), "upn": pupil["upn"], "birth_date": pupil["birth"],
        "sex": SEX_CODES[pupil["sex"]], "ethnicity": ETHNICITY_CODES[pupil["ethnicity"]], "fsm_eligible": pupil["fsm"],
        "sen_provision": PROVISION_CODES[provision], "sen_need_1": NEED_CODES[need],
        "sen_need_2": NEED_CODES[np.where(second == need, 0, second)], "nc_year": NC_CODES[pupil["nc"] + 1],
        "idaci_decile": pupil["idaci"], "recorded_on": loaded,
    }  # fmt: skip
    return census_of_2026(maker, columns, pupil, spell["school"]) if maker.switches.law_2026 else columns
