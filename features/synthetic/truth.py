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

from datetime import date
from functools import cache

import numpy as np
import pyarrow as pa

from features.synthetic import assumptions as assume
from features.synthetic.ahead import Ahead, Paths, State, Step, draw_paths, look_ahead, steps_of
from features.synthetic.calendar import SchoolYear
from features.synthetic.difficulty import (
    LEVELS,
    level_shares,
)
from features.synthetic.hazards import sanction_factor
from features.synthetic.incidents import session_shares
from features.synthetic.rates import PHASES
from features.synthetic.streams import stream
from features.synthetic.switches import Switches

SERIOUS_SESSIONS = 20
CHUNK = 4_000  # pupils at a time: bounds memory
GRID = np.concatenate([[0], np.geomspace(1e-4, 60, 400)])
SCHEMA = pa.schema([
    ("upn", pa.string()), ("as_of", pa.date32()), ("serious_exclusion", pa.float64()),
    ("permanent_exclusion", pa.float64()), ("any_suspension", pa.float64()),
])  # fmt: skip


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


def probabilities(
    switches: Switches, seed: int, as_of: date, year: SchoolYear, state: State
) -> dict[str, np.ndarray]:
    """True probabilities of the outcomes, each (n,)."""
    steps = steps_of(as_of, year)
    paths = draw_paths(stream(seed, "truth", as_of.toordinal()), steps)
    result = {name: np.zeros(len(state.pupils)) for name in SCHEMA.names[2:]}
    for begin in range(0, len(state.pupils), CHUNK):
        rows = slice(begin, begin + CHUNK)
        for name, values in of_chunk(switches, year, steps, paths, state.take(rows)).items():
            result[name][rows] = values
    return result


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
            begins = np.where(
                paths.forced == number,
                LEVELS[paths.forced_level].astype("f4"),
                begins * (paths.forced < number),
            )
        now = np.where(now == 0, begins, np.where(ahead.ends[number], np.float32(0), now))
        expected = now * unit
        for_good = expected * ahead.final[number]
        permanent += for_good
        suspended += (expected - for_good) * ahead.told[number]
    return suspended, permanent


def of_chunk(
    switches: Switches, year: SchoolYear, steps: list[Step], paths: Paths, state: State
) -> dict[str, np.ndarray]:
    """`probabilities` of some pupils."""
    kept, ethnicity = 1 - assume.OUTCOME_SHARES["cancelled"], state.pupils["ethnicity"]
    ahead, one_off = look_ahead(switches, year, steps, paths, state)
    phase = state.next_phase

    def outcome(suspended: np.ndarray, permanent: np.ndarray) -> dict[str, np.ndarray]:
        return combine(switches, phase, ethnicity, suspended, kept * (permanent + one_off))

    if not switches.is_individual:
        flat = np.sum([unit * told for unit, told in zip(ahead.unit, ahead.told, strict=True)], axis=0)
        return {name: values[:, 0] for name, values in outcome(flat, np.zeros_like(one_off)).items()}
    nothing = np.zeros_like(one_off)
    settled = outcome(nothing, nothing)
    forced = outcome(*live_on(ahead, paths, None))
    weight = force_weights(ahead, paths, phase)
    result = {
        name: state.belief[:, 0]
        * (settled[name][:, 0] + (weight * (forced[name] - settled[name])).mean(axis=1))
        for name in settled
    }
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


def combine(
    switches: Switches, phase: np.ndarray, ethnicity: np.ndarray, suspended: np.ndarray, permanent: np.ndarray
) -> dict[str, np.ndarray]:
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
    return {
        "serious_exclusion": 1 - none * under,
        "permanent_exclusion": 1 - none,
        "any_suspension": -np.expm1(-both) * first,
    }
