"""How often each pupil is suspended or permanently excluded: the one place where risk is made.

A pupil's rate in a half-term is::

    yearly rate of the pupil's kind (rates.py) x school's factor x sanction bias x half-term's season
    x exp(effect x disengagement - effect^2 / 2) x frailty

Disengagement is a standard normal: a part of the child's own (`standing`), and a mood that goes from
half-term to half-term as a first-order autoregression. Frailty is Gamma with mean one. It is never
recorded, and needs not be: given `num_incidents` N so far over an expected `exposure` A, it is again
Gamma, with shape k + N and rate k + A (k is `FRAILTY_SHAPE`). That is the same law as a response
which hardens with every incident, the next one's rate being multiplied by (k + N) / (k + A).
One permanent exclusion in five (`SHARE_ONE_OFF`) is for one grave incident: no mood, no frailty.
"""

from dataclasses import dataclass

import numpy as np

from features.synthetic import assumptions as assume
from features.synthetic.figures import ETHNICITIES, figures, margin
from features.synthetic.pupils import levels_of, rate_phase
from features.synthetic.rates import PHASES, solve
from features.synthetic.schools import PHASES as SCHOOL_PHASES
from features.synthetic.schools import Schools
from features.synthetic.switches import Switches

TERMS = ("Autumn", "Spring", "Summer")
EFFECT = {"suspension": assume.EFFECT_DISENGAGEMENT, "permanent": assume.EFFECT_DISENGAGEMENT_PERMANENT}


@dataclass(frozen=True)
class Hazards:
    """Rates a school year of pupils as they are in one, before season, mood and frailty.

    Attributes
    ----------
    suspension, repeated, one_off : (n,) arrays
        Expected suspensions, permanent exclusions after other incidents, and for one grave incident.
    """

    suspension: np.ndarray
    repeated: np.ndarray
    one_off: np.ndarray

    @property
    def incidents(self) -> np.ndarray:
        """Expected incidents that frailty multiplies."""
        return self.suspension + self.repeated


def sanction_factor(switches: Switches, ethnicity: np.ndarray) -> np.ndarray:
    """The sanction bias of each pupil; 1 without."""
    return np.array([switches.sanction_bias.get(code, 1.0) for code in ETHNICITIES])[ethnicity]


def yearly_hazards(switches: Switches, schools: Schools, pupils: np.ndarray, school: np.ndarray, nc: np.ndarray) -> Hazards:
    """The hazards of pupils at a school in a year group."""
    phase = rate_phase(schools, school, nc)
    rates = {"suspension": np.zeros(len(pupils)), "permanent": np.zeros(len(pupils))}
    levels = levels_of(schools, pupils, school, nc)
    for number, name in enumerate(PHASES):
        at = np.flatnonzero(phase == number)
        for kind, rate in rates.items():
            if switches.is_individual:
                rate[at] = solve(name).yearly(kind, {group: level[at] for group, level in levels.items()})
            else:
                rate[at] = flat_rate(kind, None if switches.noise_only else name)
    rows = schools.rows[school]
    if not switches.noise_only:
        rates["suspension"] *= rows["severity"]
        rates["permanent"] *= rows["permanence"]
    bias = sanction_factor(switches, pupils["ethnicity"])
    suspension = rates["suspension"] * bias
    permanent = np.where(rows["phase"] >= SCHOOL_PHASES.index("pru"), 0.0, rates["permanent"] * bias**2)
    one_off = permanent * (assume.SHARE_ONE_OFF if switches.is_individual else 1.0)
    return Hazards(suspension, permanent - one_off, one_off)


def flat_rate(kind: str, phase: str | None) -> float:
    """The same rate for all of a phase, or, with None, for the whole authority."""
    if phase is not None:
        return solve(phase).total[kind] if phase != "secondary" else margin(phase, "total", kind)["all"] / 100
    return sum(part * margin(name, "total", kind)["all"] / 100 for name, part in assume.PHASE_SHARES.items())


def season(year_half: np.ndarray, kind: str) -> np.ndarray:
    """The share of a year's events that falls into each half-term, (6,); sums to one.

    Terms have their published shares of 2023/24; within a term events go by school days.
    """
    column = {"suspension": "suspension", "permanent": "perm_excl"}[kind]
    rows = figures("terms").query("academic_year == '2023/24'").set_index("term")[column]
    days = np.bincount(year_half, minlength=6)
    shares = np.array([rows[term] for term in TERMS]) / rows.sum()
    return (shares[:, None] * days.reshape(3, 2) / days.reshape(3, 2).sum(axis=1, keepdims=True)).ravel()


def disengagement(standing: np.ndarray, mood: np.ndarray) -> np.ndarray:
    """A standard normal from the child's own part and the mood of a half-term."""
    return np.sqrt(assume.STANDING) * standing + np.sqrt(1 - assume.STANDING) * mood


def next_mood(rng: np.random.Generator, mood: np.ndarray) -> np.ndarray:
    """The mood of the next half-term."""
    keep = assume.PERSISTENCE
    return keep * mood + np.sqrt(1 - keep**2) * rng.standard_normal(mood.shape)


def mood_factor(switches: Switches, kind: str, level: np.ndarray) -> np.ndarray:
    """What disengagement multiplies a rate by; mean one over children."""
    if not switches.is_individual:
        return np.ones_like(level)
    return np.exp(EFFECT[kind] * level - EFFECT[kind] ** 2 / 2)
