"""Involvements of services and plans, help after screenings, and pupils who are withheld."""

import numpy as np

from features.synthetic import assumptions as assume
from features.synthetic.calendar import SchoolYear
from features.synthetic.moves import KIND
from features.synthetic.pupils import NO_DAY

INVOLVEMENT = np.dtype(
    [
        ("pupil", "i4"),
        ("kind", "U20"),
        ("start", "M8[D]"),
        ("end", "M8[D]"),
        ("recorded", "M8[D]"),
        ("end_recorded", "M8[D]"),
    ]
)


def spells(
    rng: np.random.Generator, pupil: np.ndarray, kind: str, start: np.ndarray, days: np.ndarray | None
) -> np.ndarray:
    """Involvement spells, known some days after they begin and end; `days` None leaves them open."""
    rows = np.zeros(len(pupil), INVOLVEMENT)
    rows["pupil"], rows["kind"], rows["start"] = pupil, kind, start
    rows["recorded"] = start + rng.exponential(assume.RECORDED_AFTER_DAYS, len(pupil)).astype(int)
    rows["end"] = rows["end_recorded"] = NO_DAY
    if days is not None:
        rows["end"] = start + np.maximum(days, 1).astype(int)
        rows["end_recorded"] = rows["end"] + rng.exponential(
            2 * assume.RECORDED_AFTER_DAYS, len(pupil)
        ).astype(int)
    return rows


def some_day(rng: np.random.Generator, year: SchoolYear, size: int) -> np.ndarray:
    """Calendar days of an academic year."""
    return np.datetime64(f"{year.start}-09-01") + rng.integers(0, 364, size)


def involve(
    rng: np.random.Generator, year: SchoolYear, pupils: np.ndarray, level: np.ndarray, moves: np.ndarray
) -> np.ndarray:
    """Involvements that begin in a year; `pupils.cin_until` is brought up to date in place."""
    parts = []
    nc = pupils["nc"]
    for kind, (adverse, others, mean_days, tilt, from_year) in assume.SERVICES.items():
        rate = (
            np.where(pupils["is_adverse"], adverse, others)
            * np.exp(tilt * level - tilt**2 / 2)
            * (nc >= from_year)
        )
        start = some_day(rng, year, len(pupils))
        begins = rng.random(len(pupils)) < rate
        if kind == "cin":
            begins &= np.isnat(pupils["cin_until"]) | (pupils["cin_until"] < start)
        at = np.flatnonzero(begins)
        days = 20 + rng.exponential(mean_days, len(at))
        parts.append(spells(rng, at, kind, start[at], days))
        if kind == "cin":
            pupils["cin_until"][at] = start[at] + days.astype(int)
            parts += escalate(rng, at, start[at], days)
    at = np.flatnonzero(moves["kind"] == KIND["managed_move"])
    parts.append(spells(rng, at, "managed_move", year.days[moves["day"][at]], np.full(len(at), 84)))
    at = np.flatnonzero(moves["kind"] == KIND["off_site"])
    placed, until = year.days[moves["day"][at]], year.days[np.maximum(moves["until"][at], moves["day"][at])]
    parts.append(spells(rng, at, "off_site_direction", placed, (until - placed).astype(int)))
    at = np.flatnonzero(moves["kind"] == KIND["custody"])
    parts.append(spells(rng, at, "custody", year.days[moves["day"][at]], 30 + rng.exponential(90, len(at))))
    at = np.flatnonzero(moves["kind"] == KIND["excluded"])
    parts.append(
        spells(rng, at, "ap_placement", year.days[moves["day"][at]], 60 + rng.exponential(200, len(at)))
    )
    return np.concatenate(parts)


def first_plans(rng: np.random.Generator, pupils: np.ndarray) -> np.ndarray:
    """Plans that pupils bring with them when the records begin or they first come."""
    at = np.flatnonzero(pupils["has_plan"])
    start = np.maximum(pupils["entry"][at], pupils["birth"][at] + 1200) + rng.integers(-400, 0, len(at))
    return spells(rng, at, "ehcp", start, None)


def escalate(
    rng: np.random.Generator, pupil: np.ndarray, start: np.ndarray, days: np.ndarray
) -> list[np.ndarray]:
    """Child protection plans and care that follow some child-in-need spells."""
    pick = rng.random(len(pupil))
    plan = np.flatnonzero(pick < assume.SHARE_CPP)
    care = np.flatnonzero(pick > 1 - assume.SHARE_CLA)
    begun = start[care] + (0.3 * days[care]).astype(int)
    length = 60 + rng.exponential(assume.MEAN_DAYS_CLA, len(care))
    after = begun + length.astype(int) + 1
    return [
        spells(rng, pupil[plan], "cpp", start[plan] + (0.2 * days[plan]).astype(int), 0.7 * days[plan]),
        spells(rng, pupil[care], "cla", begun, length),
        spells(rng, pupil[care], "plac", after, None),
    ]


def plan_assessments(
    rng: np.random.Generator, year: SchoolYear, pupil: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Needs assessments (20 weeks by law, longer in fact) and the plans they lead to, for pupils of a year.

    Returns
    -------
    (involvements, days on which the plans start)
    """
    start = some_day(rng, year, len(pupil))
    weeks = 20 + rng.exponential(6, len(pupil))
    asked = start - (7 * weeks).astype(int)
    rows = [spells(rng, pupil, "ehc_assessment", asked, 7 * weeks), spells(rng, pupil, "ehcp", start, None)]
    return np.concatenate(rows), start
