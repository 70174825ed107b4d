"""Who starts, who goes up a year, and to which secondary school a class of Year 6 goes."""

import numpy as np

from features.synthetic import assumptions as assume
from features.synthetic.course import go_back_to_school
from features.synthetic.hazards import yearly_hazards
from features.synthetic.identity import Register
from features.synthetic.moves import REASON
from features.synthetic.pupils import draw_pupils, rate_phase
from features.synthetic.rates import frame_shares
from features.synthetic.schools import PHASES, Schools
from features.synthetic.switches import Switches

FILLED = 0.96  # of places; an assumption that fixes only the size of the authority
ARRIVALS = 0.028  # of places a year, in the course of it
SORTING = 1.0  # how strongly FSM sorts a district's Year 6 between its secondary schools, SD


def targets(schools: Schools) -> np.ndarray:
    """Pupils that each school has room for, by year group (S, 15: N2, R, 1 to 13)."""
    rows = schools.rows
    room = np.zeros((len(rows), 15))
    spans = {"primary": (0, 6), "secondary": (7, 11), "special": (0, 13), "all_through": (0, 11)}
    for name, (low, high) in spans.items():
        at = schools.of_phase(name)
        room[at, low + 1 : high + 2] = rows["places"][at, None]
    pupils, _ = frame_shares("special")
    by_age = pupils.sum(axis=(1, 2)) * np.array([0, 0.8, *[1.0] * 11, 0.5, 0.5])
    room[schools.of_phase("special")] *= 14 * by_age / by_age.sum()
    room[rows["has_nursery"], 0] = 0.5 * rows["places"][rows["has_nursery"]]
    sixth = rows["has_sixth_form"]
    room[sixth, 13:15] = assume.SHARE_STAY_ON * rows["places"][sixth, None]
    return room * FILLED


def enrol(
    rng: np.random.Generator, register: Register, switches: Switches, schools: Schools, number: np.ndarray, start: int,
    is_new_arrival: bool,
) -> np.ndarray:  # fmt: skip
    """New pupils, `number` (S, 15) of them; as many are in difficulty as are of their kind."""
    whole = np.floor(number + rng.random(number.shape)).astype(int)
    school, nc = np.nonzero(whole)
    times = whole[school, nc]
    pupils = draw_pupils(
        rng, register, schools, np.repeat(school, times), np.repeat(nc - 1, times), start, is_new_arrival
    )
    phase = rate_phase(schools, pupils["school"], pupils["nc"])
    pupils["belief"][:, 0] = 1.0
    go_back_to_school(
        rng, pupils, phase, yearly_hazards(switches, schools, pupils, pupils["school"], pupils["nc"])
    )
    return pupils


def top_up(
    rng: np.random.Generator,
    register: Register,
    switches: Switches,
    schools: Schools,
    pupils: np.ndarray,
    start: int,
) -> np.ndarray:
    """New pupils of a September: the youngest fill their year, other years a part of what is missing."""
    present = np.zeros((len(schools.rows), 15))
    np.add.at(present, (pupils["school"], np.minimum(pupils["nc"], 13) + 1), 1)
    missing = np.maximum(targets(schools) - present, 0)
    youngest = np.zeros((len(schools.rows), 15))
    youngest[:, :2] = missing[:, :2]
    special = schools.of_phase("special")
    youngest[special] = missing[special]
    missing = 0.7 * (missing - youngest)
    missing[:, 13:] = 0
    here = enrol(rng, register, switches, schools, youngest, start, is_new_arrival=False)
    return np.concatenate(
        [here, enrol(rng, register, switches, schools, missing, start, is_new_arrival=True)]
    )


def secondary_places(rng: np.random.Generator, schools: Schools, pupils: np.ndarray) -> np.ndarray:
    """The school each pupil goes to next September if not moved: for Year 6 of a primary, a secondary of
    the district, sorted somewhat by deprivation; otherwise the same.

    Returns
    -------
    (n,) int array of rows of `schools`.
    """
    rows, chosen = schools.rows, pupils["school"].copy()
    is_leaver = (pupils["nc"] == 6) & (rows["phase"][pupils["school"]] == PHASES.index("primary"))
    options = schools.of_phase("secondary", "all_through")
    size = np.where(rows["phase"][options] == PHASES.index("all_through"), 0.1, 1.0) * rows["places"][options]
    for district in np.unique(rows["district"]):
        at = np.flatnonzero(is_leaver & (rows["district"][pupils["school"]] == district))
        local = rows["district"][options] == district
        near, places = (options[local], size[local]) if local.any() else (options, size)
        order = np.argsort(rows["fsm"][near] + 0.2 * rng.standard_normal(len(near)))
        score = SORTING * pupils["fsm"][at] + rng.standard_normal(len(at))
        rank = np.empty(len(at))
        rank[np.argsort(score, kind="stable")] = (np.arange(len(at)) + 0.5) / max(len(at), 1)
        bounds = np.cumsum(places[order]) / places.sum()
        chosen[at] = near[order[np.searchsorted(bounds[:-1], rank)]]
    return chosen


def next_year(
    rng: np.random.Generator,
    schools: Schools,
    pupils: np.ndarray,
    spells: np.ndarray,
    next_school: np.ndarray,
    next_first: np.datetime64,
) -> np.ndarray:
    """The pupils who go on into the next academic year, a year group up, where they will then be.

    Parameters
    ----------
    spells : structured array
        Of the year that ends, in order of pupil and entry.
    """
    main = spells[spells["status"] != 2]
    final = main[np.append(main["pupil"][1:] != main["pupil"][:-1], True)]
    at, phase = final["pupil"], schools.rows["phase"]
    stays = np.isnat(final["leave"])
    goes_up = final["reason"] == REASON["transferred_phase"]
    can_stay = schools.rows["has_sixth_form"][final["school"]] | (
        phase[final["school"]] == PHASES.index("special")
    )
    ended = final["reason"] == REASON["end_of_schooling"]
    stays_on = ended & (pupils["nc"][at] == 11) & can_stay & (rng.random(len(at)) < assume.SHARE_STAY_ON)
    keep = stays | goes_up | stays_on
    at, final = at[keep], final[keep]
    result = pupils[at].copy()
    result["school"], result["entry"], result["entry_nc"] = final["school"], final["entry"], final["nc"]
    result["nc"] += 1
    starts = goes_up[keep] | stays_on[keep]
    result["school"][goes_up[keep]] = next_school[at[goes_up[keep]]]
    result["entry"][starts], result["entry_nc"][starts] = next_first, result["nc"][starts]
    changes = rng.random(len(result))
    result["fsm"] = np.where(result["fsm"], changes > assume.FSM_STOPS, changes < assume.FSM_STARTS)
    return result
