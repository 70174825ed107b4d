"""What the outcome window holds for pupils as they are at an as-of date: half-terms, moods, difficulty."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from scipy.special import ndtri
from scipy.stats import qmc

from features.synthetic import assumptions as assume
from features.synthetic.calendar import SchoolYear, school_year
from features.synthetic.difficulty import (
    LEVELS,
    frequency,
    level_shares,
    prevalence,
    september,
    start_probability,
)
from features.synthetic.hazards import Hazards, disengagement, final_probability, season
from features.synthetic.switches import Switches

WINDOW_DAYS = 365
PATHS = 128


def eligible_dates(starts: Sequence[int], extracted_on: date, lag_days: int) -> list[date]:
    """The last school days of half-terms whose window closed, lag and all, before the extract."""
    ends = [last for start in starts for _, last in school_year(start).half_terms]
    return [day for day in ends if day + timedelta(WINDOW_DAYS - 1 + lag_days) < extracted_on]


@dataclass(frozen=True)
class State:
    """The pupils of a cohort at an as-of date, n of them.

    Attributes
    ----------
    phase, next_phase : (n,) int arrays
        Rows of `rates.PHASES`, this year and the next.
    now, then : Hazards
        A school year's expected events, as the pupil is this year and will be the next.
    belief : (n, 4) array
        Probabilities of being settled and at each level of difficulty, given every incident so far.
    notifies, next_notifies : (n,) arrays
        The share of suspensions that the school tells the authority of.
    """

    pupils: np.ndarray
    mood: np.ndarray
    phase: np.ndarray
    next_phase: np.ndarray
    now: Hazards
    then: Hazards
    belief: np.ndarray
    notifies: np.ndarray
    next_notifies: np.ndarray

    def take(self, rows: slice) -> "State":
        """Some of the pupils."""
        now, then = (
            Hazards(*(part[rows] for part in vars(hazards).values())) for hazards in (self.now, self.then)
        )
        rest = {name: part[rows] for name, part in vars(self).items() if not isinstance(part, Hazards)}
        return State(now=now, then=then, **rest)


@dataclass(frozen=True)
class Step:
    """A half-term of the window: how many half-terms ahead, in which year, and what part of it is inside."""

    ahead: int
    is_next_year: bool
    half: int
    part: float
    part_of_leavers: float


def steps_of(as_of: date, year: SchoolYear) -> list[Step]:
    """The half-terms that the window of an as-of date touches, the current one first.

    `part_of_leavers` is for pupils who are then in Year 11: they leave on the last Friday of June.
    """
    begin = np.datetime64(as_of)
    end = np.datetime64(as_of + timedelta(WINDOW_DAYS - 1))
    current = int(year.half[min(int(np.searchsorted(year.days, begin)), len(year.days) - 1)])
    steps = []
    for offset in (0, 1):
        of = year if offset == 0 else school_year(year.start + 1)
        leaves = np.datetime64(of.end_of_compulsory_schooling)
        for half in range(6):
            days = of.days[of.half == half]
            inside = (days >= begin) & (days <= end)
            if inside.any():
                ahead = 6 * offset + half - current
                steps.append(
                    Step(ahead, offset == 1, half, inside.mean(), (inside & (days <= leaves)).mean())
                )
    return steps


@dataclass(frozen=True)
class Paths:
    """What chance holds, the same for every pupil: R paths of J steps.

    Attributes
    ----------
    shock : (R, J) array
        What is new in the mood of each step given today's.
    ends, starts, levels : (R, J) arrays of uniforms
    forced : (R,) int array
        The step at which a path that starts settled is made to begin difficulty.
    forced_level : (R,) int array
        The level at which it then begins; levels are as many each.
    """

    shock: np.ndarray
    ends: np.ndarray
    starts: np.ndarray
    levels: np.ndarray
    forced: np.ndarray
    forced_level: np.ndarray


def draw_paths(rng: np.random.Generator, steps: list[Step]) -> Paths:
    """Quasi-random paths (Sobol's sequence, scrambled)."""
    number = len(steps)
    points = np.clip(qmc.Sobol(4 * number + 2, rng=rng).random(PATHS), 1e-6, 1 - 1e-6)
    shock, ends, starts, levels = (points[:, part * number : (part + 1) * number] for part in range(4))
    forced = (points[:, -1] * number).astype(int)
    forced_level = 1 + (points[:, -2] * (len(LEVELS) - 1)).astype(int)
    return Paths(mood_paths(steps, ndtri(shock)), ends, starts, levels, forced, forced_level)


def mood_paths(steps: list[Step], normal: np.ndarray) -> np.ndarray:
    """Moods of a first-order autoregression that starts at zero today, (paths, steps)."""
    keep = assume.PERSISTENCE
    paths, mood, before = np.zeros((len(normal), len(steps))), np.zeros(len(normal)), 0
    for number, step in enumerate(steps):
        kept = keep ** (step.ahead - before)
        mood = kept * mood + np.sqrt(1 - kept**2) * normal[:, number]
        paths[:, number], before = mood, step.ahead
    return paths


@dataclass(frozen=True)
class Ahead:
    """What each step of the window holds for some pupils, n of them; lists of J arrays.

    Attributes
    ----------
    unit : list of (n, 1) arrays
        Incidents expected for each incident a year of a level; in all, where risk is not individual.
    told : list of (n, 1) arrays
        The share of suspensions that become known.
    final : list of (n, R) arrays
        The probability that an incident is answered for good.
    starts : list of (n, R) arrays
        The probability that difficulty begins.
    begins : list of (n, R) arrays
        The level at which it does on each path; 0 where it does not.
    ends : list of (n, R) arrays
        Whether it ends.
    """

    unit: list[np.ndarray]
    told: list[np.ndarray]
    final: list[np.ndarray]
    starts: list[np.ndarray]
    begins: list[np.ndarray]
    ends: list[np.ndarray]


def look_ahead(
    switches: Switches, year: SchoolYear, steps: list[Step], paths: Paths, state: State
) -> tuple[Ahead, np.ndarray]:
    """`Ahead`, and the one-off permanent exclusions expected over the window, (n, 1)."""
    ahead, one_off = Ahead([], [], [], [], [], []), np.zeros(len(state.pupils))
    nc = state.pupils["nc"].astype(int)
    shares = prevalence(state.phase, state.now.incidents), prevalence(state.next_phase, state.then.incidents)
    new_starts, new_ends = september(*shares)
    is_first = True
    for number, step in enumerate(steps):
        hazards, phase = (state.then, state.next_phase) if step.is_next_year else (state.now, state.phase)
        school_year_of = nc + step.is_next_year
        part = np.where(
            school_year_of == 11, step.part_of_leavers, np.where(school_year_of > 11, 0.0, step.part)
        )
        half = school_year(year.start + 1).half if step.is_next_year else year.half
        weight = part * season(half, "suspension")[step.half]
        ratio = season(half, "permanent")[step.half] / season(half, "suspension")[step.half]
        mood = np.float32(assume.PERSISTENCE**step.ahead) * state.mood[:, None] + paths.shock[
            :, number
        ].astype("f4")
        level = disengagement(state.pupils["standing"][:, None], mood).astype("f4")
        starts = start_probability(
            shares[step.is_next_year][:, None].astype("f4"), level, switches.is_individual
        )
        ends = np.full((len(nc), 1), assume.END_OF_DIFFICULTY)
        if step.ahead == 0:  # today's level already holds for this half-term
            starts, ends = np.zeros_like(starts), np.zeros_like(ends)
        elif step.is_next_year and is_first:
            starts = 1 - (1 - starts) * (1 - new_starts[:, None])
            ends = 1 - (1 - ends) * (1 - new_ends[:, None])
        is_first = is_first and not step.is_next_year
        often = frequency(phase, hazards) if switches.is_individual else hazards.incidents * hazards.bias
        ahead.unit.append((often * weight)[:, None].astype("f4"))
        ahead.told.append(
            (state.next_notifies if step.is_next_year else state.notifies)[:, None].astype("f4")
        )
        final = final_probability(
            hazards.finality[:, None].astype("f4"), level, switches.is_individual
        ) * np.float32(ratio)
        ahead.final.append(np.minimum(final, 1))
        ahead.starts.append(starts.astype("f4"))
        begun = levels_begun(paths.levels[:, number])[state.next_phase]
        ahead.begins.append(np.where(paths.starts[:, number] < starts, begun, np.float32(0)))
        ahead.ends.append(paths.ends[:, number] < ends)
        one_off += hazards.one_off * part * season(half, "permanent")[step.half]
    return ahead, one_off[:, None]


def levels_begun(uniform: np.ndarray) -> np.ndarray:
    """The incidents a year of the level at which difficulty begins, (phase, R)."""
    bounds = np.cumsum(level_shares()[:, 1:], axis=1)[:, :-1]
    return LEVELS[1 + (uniform > bounds[:, :, None]).sum(axis=1)].astype("f4")
