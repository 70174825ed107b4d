"""How often each pupil is suspended or permanently excluded: the one place where risk is made.

A pupil's incidents a year follow from the kind of pupil (rates.py), the school's factors and a sanction
bias. They come in spells of difficulty (difficulty.py) that begin more often where a pupil is
disengaged. Disengagement is a standard normal: a part of the child's own (`standing`), and a mood that
goes from half-term to half-term as a first-order autoregression. An incident is answered with
a suspension or, with a probability that disengagement raises too, for good. One permanent exclusion in five
(`SHARE_ONE_OFF`) is for one grave incident: no spell, no mood.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from features.synthetic import assumptions as assume
from features.synthetic.figures import ETHNICITIES, figures, margin
from features.synthetic.pupils import levels_of, rate_phase
from features.synthetic.rates import PHASES, solve
from features.synthetic.schools import PHASES as SCHOOL_PHASES
from features.synthetic.schools import Schools
from features.synthetic.switches import Switches

TERMS = ("Autumn", "Spring", "Summer")
OWN, OF_THE_TIME = (float(part**0.5) for part in (assume.STANDING, 1 - assume.STANDING))


@dataclass(frozen=True)
class Hazards:
    """What a school year holds for pupils as they are in it, n of them.

    Attributes
    ----------
    incidents : (n,) array
        Expected incidents that are answered with an exclusion, before any bias.
    finality : (n,) array
        The share of them answered for good, at mean disengagement.
    one_off : (n,) array
        Expected permanent exclusions for one grave incident.
    bias : (n,) array
        What a biased response multiplies the number of exclusions by.
    """

    incidents: np.ndarray
    finality: np.ndarray
    one_off: np.ndarray
    bias: np.ndarray


def sanction_factor(switches: Switches, ethnicity: np.ndarray) -> np.ndarray:
    """The sanction bias of each pupil; 1 without."""
    return np.array([switches.sanction_bias.get(code, 1.0) for code in ETHNICITIES])[ethnicity]


def frequency_factor(switches: Switches, ethnicity: np.ndarray) -> np.ndarray:
    """How many times as often each pupil's behaviour is answered, and no more gravely; 1 without."""
    return np.array([switches.sanction_frequency.get(code, 1.0) for code in ETHNICITIES])[ethnicity]


def yearly_hazards(
    switches: Switches, schools: Schools, pupils: np.ndarray, school: np.ndarray, nc: np.ndarray
) -> Hazards:
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
    if switches.is_individual:
        for kind, rate in rates.items():
            rate *= np.array([assume.MADE_UP_FOR[kind][name] for name in PHASES])[phase]
    bias = sanction_factor(switches, pupils["ethnicity"])
    permanent = np.where(rows["phase"] >= SCHOOL_PHASES.index("pru"), 0.0, rates["permanent"])
    share = assume.SHARE_ONE_OFF if switches.is_individual else 1.0
    repeated = (1 - share) * permanent
    incidents = rates["suspension"] + repeated
    finality = np.divide(repeated, incidents, out=np.zeros_like(repeated), where=incidents > 0)
    often = frequency_factor(switches, pupils["ethnicity"])
    return Hazards(incidents, finality * bias, share * permanent * bias**2 * often, bias * often)


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
    return OWN * standing + OF_THE_TIME * mood


def next_mood(rng: np.random.Generator, mood: np.ndarray) -> np.ndarray:
    """The mood of the next half-term."""
    keep = assume.PERSISTENCE
    return keep * mood + np.sqrt(1 - keep**2) * rng.standard_normal(mood.shape)


def effect_on_start(level: np.ndarray, is_individual: bool = True) -> np.ndarray:
    """What disengagement multiplies the start of difficulty by; mean one over children."""
    effect = assume.EFFECT_DISENGAGEMENT * is_individual
    return np.exp(effect * level - effect**2 / 2)


@cache
def mean_of_final_effect() -> float:
    """The mean of exp(effect x disengagement) over pupils in difficulty, whose disengagement is above
    average: a half-term's start is tilted by its effect, and the tilt fades as moods do."""
    effect, ages = assume.EFFECT_DISENGAGEMENT_PERMANENT, np.arange(200)
    kept = assume.STANDING + (1 - assume.STANDING) * assume.PERSISTENCE**ages
    share = assume.END_OF_DIFFICULTY * (1 - assume.END_OF_DIFFICULTY) ** ages
    return float(share @ np.exp(effect * assume.EFFECT_DISENGAGEMENT * kept + effect**2 / 2))


def final_probability(finality: np.ndarray, level: np.ndarray, is_individual: bool = True) -> np.ndarray:
    """The probability that an incident is answered for good, by disengagement."""
    effect = (
        np.exp(assume.EFFECT_DISENGAGEMENT_PERMANENT * level) / mean_of_final_effect()
        if is_individual
        else 1.0
    )
    return np.minimum(finality * effect, assume.MOST_FINAL)
