"""The truth about a made-up authority: each pupil's probability of each outcome at an as-of date.

What it is conditional on. A probability here is that of the model that made the records, given the state
of the made-up world at the start of the as-of date:

- what is recorded: year group, sex, FSM, ethnicity, SEN, the school, and every earlier incident;
- what is not, but leaves its traces: the pupil's disengagement in that half-term (attendance, lateness
  and unauthorised absence follow it), lasting adversity (services follow it), the school's severity
  (its past rates follow it), and the secondary school that Year 6 will go to.

It is not conditional on whether the pupil is in difficulty, which nothing but incidents reveals: that is
integrated out over its exact distribution given every incident so far (`difficulty.believe`). Nor on what
has not happened yet: moods and spells to come are integrated out over `PATHS` quasi-random paths shared
by all pupils; changes of FSM, moves and leaving are not foreseen. So no model that sees only records can do
better than by luck, and a good one comes close.

How it is computed. Given the path of difficulty and moods, events are Poisson, so with expected suspensions
S and permanent exclusions P over the window

    permanent_exclusion   1 - exp(-P)
    serious_exclusion     1 - exp(-P) Pr(a compound Poisson of mean count S has under 20 sessions)
    any_suspension        (1 - exp(-S - P)) S / (S + P)

averaged over paths that start settled and at each level. Rare starts are forced into every path and
weighted by their probability, so that small probabilities are as exact as large ones. Small departures:
no event while another runs, none past 45 days in a year, moves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np
import pyarrow as pa
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
from features.synthetic.hazards import Hazards, disengagement, final_probability, sanction_factor, season
from features.synthetic.incidents import session_shares
from features.synthetic.rates import PHASES
from features.synthetic.streams import stream
from features.synthetic.switches import Switches

WINDOW_DAYS = 365
SERIOUS_SESSIONS = 20
PATHS = 128
CHUNK = 4_000  # pupils at a time: bounds memory
GRID = np.concatenate([[0], np.geomspace(1e-4, 60, 400)])
SCHEMA = pa.schema([
    ("upn", pa.string()), ("as_of", pa.date32()), ("serious_exclusion", pa.float64()),
    ("permanent_exclusion", pa.float64()), ("any_suspension", pa.float64()),
])  # fmt: skip


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
        parts = {name: getattr(self, name)[rows] for name in self.__dataclass_fields__ if name not in ("now", "then")}
        hazards = {name: Hazards(*(part[rows] for part in vars(getattr(self, name)).values())) for name in ("now", "then")}
        return State(**parts, **hazards)


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
    current = int(year.half[min(np.searchsorted(year.days, begin), len(year.days) - 1)])
    steps = []
    for offset in (0, 1):
        of = year if offset == 0 else school_year(year.start + 1)
        leaves = np.datetime64(of.end_of_compulsory_schooling)
        for half in range(6):
            days = of.days[of.half == half]
            inside = (days >= begin) & (days <= end)
            if inside.any():
                ahead = 6 * offset + half - current
                steps.append(Step(ahead, offset == 1, half, inside.mean(), (inside & (days <= leaves)).mean()))
    return steps


@cache
def under_serious(phase: str, bias: float) -> np.ndarray:
    """Pr(fewer than 20 sessions in all) of a compound Poisson, for each mean count of `GRID` (Panjer's recursion)."""
    sizes = session_shares(phase, bias)
    total = np.zeros((SERIOUS_SESSIONS, len(GRID)))
    total[0] = np.exp(-GRID * (1 - sizes[0]))
    for sessions in range(1, SERIOUS_SESSIONS):
        for size in range(1, min(sessions, len(sizes) - 1) + 1):
            total[sessions] += GRID * size / sessions * sizes[size] * total[sessions - size]
    return total.sum(axis=0)


def probabilities(switches: Switches, seed: int, as_of: date, year: SchoolYear, state: State) -> dict[str, np.ndarray]:
    """True probabilities of the outcomes, each (n,)."""
    steps = steps_of(as_of, year)
    paths = draw_paths(stream(seed, "truth", as_of.toordinal()), steps)
    result = {name: np.zeros(len(state.pupils)) for name in SCHEMA.names[2:]}
    for begin in range(0, len(state.pupils), CHUNK):
        rows = slice(begin, begin + CHUNK)
        for name, values in of_chunk(switches, year, steps, paths, state.take(rows)).items():
            result[name][rows] = values
    return result


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
        Incidents expected for each incident a year of a level.
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


def look_ahead(switches: Switches, year: SchoolYear, steps: list[Step], paths: Paths, state: State) -> tuple[Ahead, np.ndarray]:
    """`Ahead`, and the one-off permanent exclusions expected over the window, (n, 1)."""
    ahead, one_off = Ahead([], [], [], [], [], []), np.zeros(len(state.pupils))
    nc = state.pupils["nc"].astype(int)
    shares = prevalence(state.phase, state.now.incidents), prevalence(state.next_phase, state.then.incidents)
    new_starts, new_ends = september(*shares)
    is_first = True
    for number, step in enumerate(steps):
        hazards, phase = (state.then, state.next_phase) if step.is_next_year else (state.now, state.phase)
        school_year_of = nc + step.is_next_year
        part = np.where(school_year_of == 11, step.part_of_leavers, np.where(school_year_of > 11, 0.0, step.part))
        half = school_year(year.start + 1).half if step.is_next_year else year.half
        weight = part * season(half, "suspension")[step.half]
        ratio = season(half, "permanent")[step.half] / season(half, "suspension")[step.half]
        mood = np.float32(assume.PERSISTENCE**step.ahead) * state.mood[:, None] + paths.shock[:, number].astype("f4")
        level = disengagement(state.pupils["standing"][:, None], mood).astype("f4")
        starts = start_probability(shares[step.is_next_year][:, None].astype("f4"), level, switches.is_individual)
        ends = np.full((len(nc), 1), assume.END_OF_DIFFICULTY)
        if step.ahead == 0:  # today's level already holds for this half-term
            starts, ends = np.zeros_like(starts), np.zeros_like(ends)
        elif step.is_next_year and is_first:
            starts = 1 - (1 - starts) * (1 - new_starts[:, None])
            ends = 1 - (1 - ends) * (1 - new_ends[:, None])
        is_first = is_first and not step.is_next_year
        ahead.unit.append((frequency(phase, hazards) * weight)[:, None].astype("f4"))
        ahead.told.append((state.next_notifies if step.is_next_year else state.notifies)[:, None].astype("f4"))
        final = final_probability(hazards.finality[:, None].astype("f4"), level, switches.is_individual) * np.float32(ratio)
        ahead.final.append(np.minimum(final, 1))
        ahead.starts.append(starts.astype("f4"))
        begun = levels_begun(paths.levels[:, number])[state.next_phase]
        ahead.begins.append(np.where(paths.starts[:, number] < starts, begun, np.float32(0)))
        ahead.ends.append(paths.ends[:, number] < ends)
        one_off += hazards.one_off * part * season(half, "permanent")[step.half]
    return ahead, one_off[:, None]


def live_on(ahead: Ahead, paths: Paths, level: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Expected suspensions and permanent exclusions along each path, (n, R), from a level of difficulty.

    Parameters
    ----------
    level : int or None
        None starts settled and begins difficulty at the step that the path is forced to.
    """
    shape = (len(ahead.unit[0]), len(paths.forced))
    now = np.full(shape, 0.0 if level is None else LEVELS[level], "f4")
    suspended, permanent = np.zeros((2, *shape), "f4")
    for number, unit in enumerate(ahead.unit):
        begins = ahead.begins[number]
        if level is None:
            begins = np.where(paths.forced == number, LEVELS[paths.forced_level].astype("f4"), begins * (paths.forced < number))
        now = np.where(now == 0, begins, np.where(ahead.ends[number], np.float32(0), now))
        expected = now * unit
        for_good = expected * ahead.final[number]
        permanent += for_good
        suspended += (expected - for_good) * ahead.told[number]
    return suspended, permanent


def levels_begun(uniform: np.ndarray) -> np.ndarray:
    """The incidents a year of the level at which difficulty begins, (phase, R)."""
    bounds = np.cumsum(level_shares()[:, 1:], axis=1)[:, :-1]
    return LEVELS[1 + (uniform > bounds[:, :, None]).sum(axis=1)].astype("f4")


def of_chunk(switches: Switches, year: SchoolYear, steps: list[Step], paths: Paths, state: State) -> dict[str, np.ndarray]:
    """`probabilities` of some pupils."""
    kept, ethnicity = 1 - assume.OUTCOME_SHARES["cancelled"], state.pupils["ethnicity"]
    ahead, one_off = look_ahead(switches, year, steps, paths, state)
    phase = state.next_phase

    def outcome(suspended: np.ndarray, permanent: np.ndarray) -> dict[str, np.ndarray]:
        return combine(switches, phase, ethnicity, suspended, kept * (permanent + one_off))

    if not switches.is_individual:
        flat = sum(unit * told for unit, told in zip(ahead.unit, ahead.told, strict=True)) * 1.0
        rate = prevalence(phase, state.then.incidents)[:, None] * (level_shares() @ LEVELS)[phase][:, None]
        return {name: values[:, 0] for name, values in outcome(flat * rate, np.zeros_like(one_off)).items()}
    nothing = np.zeros_like(one_off)
    settled = outcome(nothing, nothing)
    forced = outcome(*live_on(ahead, paths, None))
    weight = force_weights(ahead, paths, phase)
    result = {name: state.belief[:, 0] * (settled[name][:, 0] + (weight * (forced[name] - settled[name])).mean(axis=1)) for name in settled}
    for level in range(1, len(LEVELS)):
        for name, values in outcome(*live_on(ahead, paths, level)).items():
            result[name] += state.belief[:, level] * values.mean(axis=1)
    return result


def force_weights(ahead: Ahead, paths: Paths, phase: np.ndarray) -> np.ndarray:
    """How much each path's forced start counts: its probability over the share of paths forced there, (n, R)."""
    weight = np.zeros_like(ahead.starts[0])
    not_yet = np.ones_like(weight)
    for number, starts in enumerate(ahead.starts):
        here = paths.forced == number
        weight[:, here] = (not_yet * starts)[:, here] / max(here.mean(), 1e-12)
        not_yet *= 1 - starts
    return weight * (level_shares()[phase][:, paths.forced_level] * (len(LEVELS) - 1))


def combine(switches: Switches, phase: np.ndarray, ethnicity: np.ndarray, suspended: np.ndarray, permanent: np.ndarray) -> dict[str, np.ndarray]:
    """Outcomes from expected suspensions and permanent exclusions along each path, (n, R)."""
    bias = sanction_factor(switches, ethnicity)
    under = np.zeros_like(suspended)
    for number, name in enumerate(PHASES):
        for value in np.unique(bias[phase == number]):
            at = (phase == number) & (bias == value)
            under[at] = np.interp(suspended[at], GRID, under_serious(name, float(value)))
    none = np.exp(-permanent)
    both = suspended + permanent
    first = np.divide(suspended, both, out=np.zeros_like(both), where=both > 0)
    return {"serious_exclusion": 1 - none * under, "permanent_exclusion": 1 - none, "any_suspension": -np.expm1(-both) * first}


def eligible_dates(starts: Sequence[int], extracted_on: date, lag_days: int) -> list[date]:
    """The last school days of half-terms whose window closed, lag and all, before the extract."""
    ends = [last for start in starts for _, last in school_year(start).half_terms]
    return [day for day in ends if day + timedelta(WINDOW_DAYS - 1 + lag_days) < extracted_on]
