"""Children: who they are, drawn jointly, and what of them changes from year to year."""

import numpy as np

from features.synthetic import assumptions as assume
from features.synthetic.figures import ETHNICITIES, NEEDS
from features.synthetic.identity import Register
from features.synthetic.rates import adversity_share, frame_shares, need_shares, plan_share
from features.synthetic.schools import PHASES, Schools

NO_DAY = np.datetime64("NaT", "D")

PUPIL = np.dtype([
    ("upn", "U13"), ("birth", "M8[D]"), ("sex", "i1"), ("ethnicity", "i1"), ("fsm", "?"),
    ("fsm_at_start", "?"), ("idaci", "i1"), ("sen_rank", "f4"), ("need_rank", "f4"), ("is_adverse", "?"),
    ("standing", "f4"), ("mood", "f4"), ("absence", "f4"), ("trouble", "i1"), ("belief", "f4", 4),
    ("prevalence", "f4"), ("nc", "i1"), ("school", "i4"), ("entry", "M8[D]"), ("entry_nc", "i1"),
    ("cin_until", "M8[D]"), ("has_plan", "?"),
])  # fmt: skip


def rate_phase(schools: Schools, school: np.ndarray, nc: np.ndarray) -> np.ndarray:
    """0, 1 or 2 (primary, secondary, special): the phase whose published rates apply to each pupil."""
    kind = schools.rows["phase"][school]
    special = kind == PHASES.index("special")
    return np.where(special, 2, np.where(nc <= 6, 0, 1))


def draw_pupils(
    rng: np.random.Generator, register: Register, schools: Schools, school: np.ndarray, nc: np.ndarray, start: int,
    is_new_arrival: bool = False,
) -> np.ndarray:  # fmt: skip
    """New pupils of the schools and year groups given, in the academic year from September of `start`.

    Year group, sex and FSM come jointly from the published frame of a large city, with the school's
    own deprivation; ethnicity from the school's community; SEN by a rank that the published share of
    the pupil's cell is compared with in each year (`sen_of`), so that SEN is found as children age.

    Parameters
    ----------
    school, nc : (n,) int arrays
    is_new_arrival : bool
        They come from another authority, whose UPNs they bring.
    """
    size = len(school)
    pupils = np.zeros(size, PUPIL)
    pupils["school"], pupils["nc"], pupils["entry_nc"] = school, nc, nc
    phase = rate_phase(schools, school, nc)
    tilt = np.exp(schools.rows["fsm"][school])
    for number, name in enumerate(("primary", "secondary", "special")):
        counts, _ = frame_shares(name)
        at = np.flatnonzero(phase == number)
        cell = counts[nc[at] + 1]  # (n, sex, fsm)
        eligible = cell[..., 1].sum(axis=1) / cell.sum(axis=(1, 2))
        odds = eligible / (1 - eligible) * tilt[at] * 0.96  # less a little: a mean of tilted shares is higher
        fsm = rng.random(len(at)) < odds / (1 + odds)
        boys = cell[np.arange(len(at)), 1, fsm.astype(int)] / cell[
            np.arange(len(at)), :, fsm.astype(int)
        ].sum(axis=1)
        pupils["fsm"][at], pupils["sex"][at] = fsm, rng.random(len(at)) < boys
    pupils["fsm_at_start"] = pupils["fsm"]
    pupils["ethnicity"] = (rng.random(size)[:, None] > schools.ethnicity[school][:, :-1]).sum(axis=1)
    idaci = np.cumsum([assume.IDACI_SHARES[False], assume.IDACI_SHARES[True]], axis=1)
    pupils["idaci"] = 1 + (rng.random(size)[:, None] > idaci[pupils["fsm"].astype(int), :-1]).sum(axis=1)
    pupils["sen_rank"], pupils["need_rank"] = rng.random(size), rng.random(size)
    provision, _ = sen_of(schools, pupils, school, nc)
    pupils["is_adverse"] = rng.random(size) < adversity_share(pupils["fsm"], provision > 0)
    pupils["standing"], pupils["mood"], pupils["absence"] = rng.standard_normal((3, size))
    first = np.datetime64(f"{start}-09-01")
    born = np.array([f"{start - 5 - year}-09-01" for year in range(-1, 14)], "M8[D]")[nc + 1]
    pupils["birth"] = born + rng.integers(0, 365, size)
    pupils["cin_until"] = NO_DAY
    low = np.where(schools.rows["low"][school] == 7, 7, np.where(nc < 0, -1, 0))
    pupils["entry_nc"] = np.where(
        is_new_arrival, nc, np.where(rng.random(size) < 0.8, low, rng.integers(low, nc + 1))
    )
    pupils["entry"] = first - (365.25 * (nc - pupils["entry_nc"])).astype(int)
    began = (pupils["birth"].astype("M8[Y]").astype(int) + 1970 + 4).astype(int)
    primary = schools.of_phase("primary", "all_through")
    allotted = np.where(
        schools.rows["low"][school] == 7, primary[rng.integers(0, len(primary), size)], school
    )
    estab = schools.rows["estab"][allotted]
    pupils["upn"] = register.elsewhere(began) if is_new_arrival else register.at_school(estab, began)
    pupils["has_plan"] = provision == 2
    return pupils


def sen_of(
    schools: Schools, pupils: np.ndarray, school: np.ndarray, nc: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """SEN of pupils in a year group at a school: provision (0 none, 1 K, 2 E) and need (0 none, from 1)."""
    phase = rate_phase(schools, school, nc)
    provision, need = np.zeros(len(pupils), "i1"), np.zeros(len(pupils), "i1")
    for number, name in enumerate(("primary", "secondary", "special")):
        at = np.flatnonzero(phase == number)
        _, with_sen = frame_shares(name)
        threshold = (
            1.0
            if name == "special"
            else with_sen[nc[at] + 1, pupils["sex"][at], pupils["fsm_at_start"][at].astype(int)]
        )
        rank = pupils["sen_rank"][at]
        provision[at] = (rank < threshold).astype("i1") + (rank < threshold * plan_share(name))
        bounds = np.cumsum(need_shares(name), axis=1)
        chosen = (pupils["need_rank"][at][:, None] > bounds[np.maximum(provision[at] - 1, 0), :-1]).sum(
            axis=1
        ) + 1
        need[at] = np.where(provision[at] > 0, chosen, 0)
    return provision, need


def levels_of(
    schools: Schools, pupils: np.ndarray, school: np.ndarray, nc: np.ndarray
) -> dict[str, np.ndarray]:
    """The levels that `rates.Rates.yearly` takes."""
    provision, need = sen_of(schools, pupils, school, nc)
    return {
        "nc_year": np.minimum(nc, 13) + 1, "sex": pupils["sex"], "fsm": pupils["fsm"].astype(int), "sen": provision,
        "need": need, "ethnicity": pupils["ethnicity"], "adversity": pupils["is_adverse"].astype(int),
    }  # fmt: skip


ETHNICITY_CODES = np.array(ETHNICITIES)
NEED_CODES = np.array(["", *NEEDS])
SEX_CODES = np.array(["F", "M"])
PROVISION_CODES = np.array(["N", "K", "E"])
NC_CODES = np.array(["N2", "R", *(str(year) for year in range(1, 14))])
