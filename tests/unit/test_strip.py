"""The strip of weeks: what is drawn, what is said in its place, and how little it weighs."""

import re
from dataclasses import replace

import pandas as pd
import pytest

from serving.strip import FULL, Strip, Weeks, in_numbers, level, strips
from tests.meetings import AS_OF, authority, reading

WEEKS = Weeks.of(authority(), AS_OF)


def strip(*counts):
    """The first weeks as given; all others missed none."""
    return Strip(1, WEEKS, (*counts, *[(10, 0, 0)] * (len(WEEKS.weeks) - len(counts))))


@pytest.mark.parametrize(
    ("possible", "missed", "height"),
    [(0, 0, None), (10, 0, 10), (10, 10, 0), (10, 4, 6), (40, 1, 9), (40, 39, 1), (1, 1, 0), (1, 0, 10)],
)
def test_full_and_nothing_only_where_exact(possible, missed, height):
    assert level(possible, missed) == height


def test_half_terms_stand_apart_by_a_gap():
    halves = [week.half_term for week in WEEKS.weeks]
    for number in range(1, len(halves)):
        assert WEEKS.at[number] - WEEKS.at[number - 1] == 1 + (halves[number] != halves[number - 1])
    assert WEEKS.at[0] == 0 and WEEKS.width == len(halves) + len(set(halves)) - 1
    assert WEEKS.lines.count("M") == len(set(halves))


def test_a_hole_is_no_absence():
    """A week without a register has a dash; one missed whole has nothing above the line."""
    hole, away = strip((10, 0, 0), (0, 0, 0), (10, 0, 0)), strip((10, 0, 0), (10, 10, 0), (10, 0, 0))
    assert "M1 5h1v.8h-1M" in hole.path and "5h1v.8" not in away.path
    assert "No register is known for 1." in hole.sentence and "No register" not in away.sentence
    assert "none in 1" in away.sentence and "none in" not in hole.sentence


def test_neighbours_alike_are_drawn_together_and_a_suspension_below_the_line():
    drawn = strip((10, 4, 0), (10, 4, 2), (0, 0, 0), (0, 0, 0)).path
    assert drawn.startswith(f"M0 {FULL}v-6h2V{FULL}M2 5h2v.8h-2M")
    assert "M1 14h1l-.5-3" in drawn and drawn.count("l-.5") == 1


def test_the_sentence_adds_up():
    counts = ((0, 0, 0), (10, 10, 1), (10, 4, 0), (10, 0, 2))
    said = strip(*counts).sentence
    num = len(WEEKS.weeks)
    assert said == (
        f"Of {num} school weeks, came to every session in {num - 3}, some in 1, none in 1. No register is known for 1. "
        "3 suspensions or exclusions began."
    )
    assert strip().sentence == f"Of {num} school weeks, came to every session in {num}."
    assert WEEKS.span == "from the week of 27 November 2023 to that of 19 May 2025"


def test_the_numbers_behind_are_all_there():
    cells = strip((10, 5, 2), (0, 0, 0), (8, 3, 1)).cells.split("<td>")[1:]
    assert cells[0].startswith("5SS – 3/8S 0") and len(cells) == len(WEEKS.half_terms)
    assert sum(len(cell.split()) for cell in cells) == len(WEEKS.weeks)
    assert in_numbers(10, 0, 0) == "0" and in_numbers(0, 0, 1) == "–S"


def test_whoever_has_no_week_known_has_no_strip():
    frame = reading(num_pupils=200).weeks
    pupil = int(frame["pupil"].iloc[0])
    found = strips(WEEKS, [pupil, 1], frame)
    assert set(found) == {pupil}
    assert strips(replace(WEEKS, weeks=(), at=()), [pupil], frame) == {}
    later = pd.DataFrame(
        {"pupil": [pupil], "week": [AS_OF], "possible": [10], "absent": [0], "num_suspensions": [0]}
    )
    assert strips(WEEKS, [pupil], later)[pupil].counts == ((0, 0, 0),) * len(WEEKS.weeks)


def test_a_strip_is_tiny_and_of_one_ink():
    frame = reading().weeks
    drawn = [each.path for each in strips(WEEKS, sorted(set(frame["pupil"])), frame).values()]
    assert max(map(len, drawn)) < 500
    assert all(re.fullmatch(r"[MVvhlz0-9 .-]*", each) for each in drawn)  # no colour, nothing to escape
