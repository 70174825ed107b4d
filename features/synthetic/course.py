"""How a school year goes for each pupil: moods, and spells of difficulty."""

from dataclasses import dataclass

import numpy as np

from features.synthetic import assumptions as assume
from features.synthetic.calendar import SchoolYear
from features.synthetic.difficulty import (
    LEVELS,
    believe,
    frequency,
    move,
    prevalence,
    september,
    spread,
    start_probability,
)
from features.synthetic.hazards import Hazards, disengagement, next_mood, season
from features.synthetic.switches import Switches

HALF_TERMS = 6


@dataclass(frozen=True)
class Course:
    """A school year of n pupils by half-term.

    Attributes
    ----------
    moods, disengagement : (n, 6) arrays
    expected : (n, 6) array
        Incidents expected.
    unit : (n, 6) array
        Incidents expected for each incident a year that a level of difficulty stands for.
    starts : (n, 6) array
        The probability that difficulty began.
    """

    moods: np.ndarray
    disengagement: np.ndarray
    expected: np.ndarray
    unit: np.ndarray
    starts: np.ndarray


def go_back_to_school(
    rng: np.random.Generator, pupils: np.ndarray, phase: np.ndarray, hazards: Hazards
) -> None:
    """What a new year group or school does to difficulty, in place: as many are in it as are of their kind."""
    now = prevalence(phase, hazards.incidents)
    starts, ends = september(pupils["prevalence"].astype(float), now)
    pupils["trouble"] = move(rng, pupils["trouble"], phase, starts, ends)
    pupils["belief"] = spread(pupils["belief"].astype(float), phase, starts, ends)
    pupils["prevalence"] = now


def live(
    rng: np.random.Generator,
    switches: Switches,
    year: SchoolYear,
    pupils: np.ndarray,
    phase: np.ndarray,
    hazards: Hazards,
) -> Course:
    """Draw a year; `mood` and `trouble` of the pupils are those of its end afterwards."""
    size = len(pupils)
    moods, starts, expected = np.zeros((3, size, HALF_TERMS), "f4")
    mood, level = pupils["mood"], pupils["trouble"]
    share, often = prevalence(phase, hazards.incidents), frequency(phase, hazards)
    seasons = season(year.half, "suspension")
    for half in range(HALF_TERMS):
        mood = moods[:, half] = next_mood(rng, mood)
        starts[:, half] = start_probability(
            share, disengagement(pupils["standing"], mood), switches.is_individual
        )
        level = move(rng, level, phase, starts[:, half], assume.END_OF_DIFFICULTY)
        expected[:, half] = LEVELS[level] * often * seasons[half]
    pupils["mood"], pupils["trouble"] = mood, level
    if not switches.is_individual:
        expected = (hazards.incidents * hazards.bias)[:, None] * seasons
    return Course(
        moods, disengagement(pupils["standing"][:, None], moods), expected, often[:, None] * seasons, starts
    )


def beliefs(pupils: np.ndarray, phase: np.ndarray, course: Course, numbers: np.ndarray) -> np.ndarray:
    """The belief at the start of each half-term and after the last, (n, 7, 4).

    Parameters
    ----------
    numbers : (n, 6) array
        Incidents by half-term.
    """
    result = np.zeros((len(pupils), HALF_TERMS + 1, len(LEVELS)), "f4")
    belief = pupils["belief"].astype(float)
    for half in range(HALF_TERMS):
        belief = spread(belief, phase, course.starts[:, half], assume.END_OF_DIFFICULTY)
        result[:, half] = belief
        belief = believe(belief, course.unit[:, half], numbers[:, half])
    result[:, HALF_TERMS] = belief
    return result
