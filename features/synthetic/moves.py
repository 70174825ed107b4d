"""Where pupils are on roll: moves, home education, dual registration, the end of schooling."""

import numpy as np

from features.synthetic import assumptions as assume
from features.synthetic.calendar import SchoolYear
from features.synthetic.incidents import OUTCOMES
from features.synthetic.pupils import NO_DAY
from features.synthetic.rates import PHASES
from features.synthetic.schools import PHASES as SCHOOL_PHASES
from features.synthetic.schools import Schools
from features.synthetic.streams import choose

REASONS = np.array([
    "", "moved", "transferred_phase", "end_of_schooling", "ehe", "permanently_excluded", "managed_move",
    "custody", "deceased", "unknown",
])  # fmt: skip
REASON = {reason: number for number, reason in enumerate(REASONS)}
STATUS = np.array(["C", "M", "S"])
KINDS = ("", "left", "moved", "ehe", "unknown", "managed_move", "off_site", "custody", "deceased", "excluded")
KIND = {kind: number for number, kind in enumerate(KINDS)}
LEAVES = {"left": "moved", "ehe": "ehe", "unknown": "unknown", "custody": "custody", "deceased": "deceased"}

SPELL = np.dtype([
    ("pupil", "i4"), ("school", "i4"), ("status", "i1"), ("entry", "M8[D]"), ("leave", "M8[D]"), ("reason", "i1"),
    ("nc", "i1"), ("first", "i4"), ("last", "i4"),
])  # fmt: skip


def draw_moves(
    rng: np.random.Generator,
    schools: Schools,
    year: SchoolYear,
    pupils: np.ndarray,
    phase: np.ndarray,
    mean_level: np.ndarray,
) -> np.ndarray:
    """At most one move a pupil a year, besides permanent exclusion.

    Returns
    -------
    (n,) structured array of kind, day, until (last day of a placement) and to (school, -1 for none).
    """
    size = len(pupils)
    moves = np.zeros(size, [("kind", "i1"), ("day", "i4"), ("until", "i4"), ("to", "i4")])
    tilt = np.exp(assume.MOVE_TILT * mean_level - assume.MOVE_TILT**2 / 2)
    of_phase = lambda rates: np.array([rates[name] for name in PHASES])[phase]  # noqa: E731
    nc = pupils["nc"]
    rates = np.stack([
        np.full(size, assume.LEAVE_AUTHORITY), of_phase(assume.MOVE_SCHOOL) * tilt, of_phase(assume.HOME_EDUCATION) * tilt,
        assume.DESTINATION_UNKNOWN * tilt, of_phase(assume.MANAGED_MOVE) * tilt**2, of_phase(assume.OFF_SITE_DIRECTION) * tilt**2,
        assume.CUSTODY * tilt**2 * (nc >= 9), np.full(size, assume.DECEASED),
    ], axis=1)  # fmt: skip
    is_out = schools.rows["phase"][pupils["school"]] >= SCHOOL_PHASES.index("pru")
    rates[is_out] = 0
    rates[(nc < 0) | (nc > 11), 2:] = 0
    chosen = (rng.random(size)[:, None] > 1 - np.cumsum(rates, axis=1)[:, ::-1]).sum(axis=1)
    moves["kind"] = np.where(chosen > 0, len(KINDS) - 1 - chosen, 0)
    days = len(year.days)
    moves["day"] = rng.integers(1, days - 5, size)
    moves["until"] = np.minimum(moves["day"] + rng.integers(30, 61, size), days - 1)
    moves["to"] = destinations(rng, schools, pupils, moves["kind"])
    back_into_school(rng, schools, pupils, moves, days - 1)
    moves["kind"][
        (moves["to"] < 0) & np.isin(moves["kind"], [KIND["moved"], KIND["managed_move"], KIND["off_site"]])
    ] = 0
    return moves


def back_into_school(
    rng: np.random.Generator, schools: Schools, pupils: np.ndarray, moves: np.ndarray, last: int
) -> None:
    """Some pupils who were permanently excluded go back to a school in the next September, in place."""
    out = schools.rows["phase"][pupils["school"]] == SCHOOL_PHASES.index("pru")
    returns = out & (pupils["nc"] < 10) & (rng.random(len(pupils)) < assume.REINTEGRATION)
    for phase, of_age in (("primary", pupils["nc"] < 6), ("secondary", pupils["nc"] >= 6)):
        at = np.flatnonzero(returns & of_age)
        options = schools.of_phase(phase)
        moves["kind"][at], moves["day"][at] = KIND["moved"], last
        moves["to"][at] = options[rng.integers(0, len(options), len(at))]


def destinations(
    rng: np.random.Generator, schools: Schools, pupils: np.ndarray, kind: np.ndarray
) -> np.ndarray:
    """The school that each move leads to; -1 where it leads to none or there is none."""
    to = np.full(len(pupils), -1)
    goes = np.isin(kind, [KIND["moved"], KIND["managed_move"]])
    for number in (0, 1, 2, 3):
        options = schools.of_phase(SCHOOL_PHASES[number])
        at = np.flatnonzero(goes & (schools.rows["phase"][pupils["school"]] == number))
        if len(options) > 1:
            to[at] = options[choose(rng, schools.rows["places"][options], len(at))]
    to[to == pupils["school"]] = -1
    outside = np.concatenate([schools.of_phase("ap"), schools.of_phase("pru")])
    at = np.flatnonzero(np.isin(kind, [KIND["off_site"], KIND["excluded"]]))
    to[at] = outside[rng.integers(0, len(outside), len(at))]
    return to


def exclude(
    rng: np.random.Generator,
    schools: Schools,
    year: SchoolYear,
    moves: np.ndarray,
    events: np.ndarray,
    pupils: np.ndarray,
) -> None:
    """Turn an upheld permanent exclusion into the pupil's move, in place: off roll once it stands."""
    upheld = events[(events["category"] == 1) & (OUTCOMES[events["outcome"]] == "upheld")]
    upheld = upheld[np.unique(upheld["pupil"], return_index=True)[1]]
    last = len(year.days) - 1
    leave = np.minimum(upheld["day"] + upheld["out_days"], last)
    at = upheld["pupil"]
    moves["kind"][at], moves["day"][at] = KIND["excluded"], leave
    pru = schools.of_phase("pru")
    moves["to"][at] = pru[rng.integers(0, len(pru), len(at))]


def spells_of(
    year: SchoolYear,
    next_first: np.datetime64,
    schools: Schools,
    pupils: np.ndarray,
    moves: np.ndarray,
    arrives: np.ndarray,
) -> np.ndarray:
    """Spells on roll that touch the year, in order of pupil and entry.

    Parameters
    ----------
    next_first : datetime64[D]
        First school day of the next academic year: where a spell goes on that ends with this one.
    arrives : (n,) int array
        The school day on which each pupil arrives; 0 for those on roll from the start.

    Returns
    -------
    Structured array of `SPELL`; `leave` is not-a-time while the spell is open at the end of the year.
    """
    days, final = year.days, len(year.days) - 1
    base = np.zeros(len(pupils), SPELL)
    base["pupil"], base["school"] = np.arange(len(pupils)), pupils["school"]
    base["entry"], base["nc"], base["first"], base["last"] = (
        pupils["entry"],
        pupils["entry_nc"],
        arrives,
        final,
    )
    base["leave"] = NO_DAY
    at_year_end(year, schools, pupils, base)
    kind, day = moves["kind"], np.maximum(moves["day"], arrives + 1)
    kind = np.where(day > base["last"], 0, kind)
    parts = [base]
    for name, reason in {
        **LEAVES,
        "moved": "moved",
        "managed_move": "managed_move",
        "excluded": "permanently_excluded",
    }.items():
        at = np.flatnonzero(kind == KIND[name])
        close(base, at, days, day[at], REASON[reason])
        if name in LEAVES:
            continue
        gap = 1 if name != "moved" else 1 + at % 8
        # Who leaves primary with the year is there by its last day, and goes up with the others.
        latest = np.where(is_leaving_primary(schools, pupils["nc"][at], moves["to"][at]), final, final + 1)
        opens = np.minimum(day[at] + gap, latest)
        parts.append(follow(year, next_first, schools, pupils, at, moves["to"][at], opens, 0))
    at = np.flatnonzero(kind == KIND["off_site"])
    until = np.minimum(np.maximum(moves["until"][at], day[at] + 5), base["last"][at])
    open_end, open_reason = base["leave"][at].copy(), base["reason"][at].copy()
    close(base, at, days, day[at] - 1, 0)
    for school, status in ((pupils["school"][at], 1), (moves["to"][at], 2)):
        placed = follow(year, next_first, schools, pupils, at, school, day[at], status)
        close(placed, np.arange(len(at)), days, until, 0)
        goes_up = (until == final) & (open_reason == REASON["transferred_phase"]) & (status == 1)
        placed["reason"][goes_up] = REASON["transferred_phase"]
        parts.append(placed)
    back = follow(year, next_first, schools, pupils, at, pupils["school"][at], until + 1, 0)
    back["leave"], back["reason"] = open_end, open_reason
    parts.append(back[(until < final) | np.isnat(open_end)])
    spells = np.concatenate(parts)
    late = (spells["leave"] < spells["entry"]) & ~np.isnat(spells["leave"])
    spells = spells[~late]
    return spells[np.lexsort((spells["status"], spells["entry"], spells["pupil"]))]


def close(spells: np.ndarray, at: np.ndarray, days: np.ndarray, day: np.ndarray, reason: int) -> None:
    """End spells, in place, on a school day (their last)."""
    spells["leave"][at], spells["reason"][at], spells["last"][at] = days[day], reason, day


def follow(
    year: SchoolYear,
    next_first: np.datetime64,
    schools: Schools,
    pupils: np.ndarray,
    at: np.ndarray,
    school: np.ndarray,
    day: np.ndarray,
    status: int,
) -> np.ndarray:
    """Spells that open on a school day, or, past the last one, on the first of the next year."""
    spells = np.zeros(len(at), SPELL)
    spells["pupil"], spells["school"], spells["status"] = at, school, status
    spells["nc"] = pupils["nc"][at] + (day == len(year.days))
    dates = np.append(year.days, next_first)
    spells["entry"], spells["leave"] = dates[day], NO_DAY
    spells["first"], spells["last"] = day, len(year.days) - 1
    at_year_end(year, schools, pupils, spells)
    return spells


def at_year_end(year: SchoolYear, schools: Schools, pupils: np.ndarray, spells: np.ndarray) -> None:
    """Close, in place, what ends with the year: Year 11 on the last Friday of June, Year 13, and primary."""
    nc = pupils["nc"][spells["pupil"]]
    leaver = np.datetime64(year.end_of_compulsory_schooling)
    at = nc == 11
    spells["leave"][at], spells["reason"][at] = leaver, REASON["end_of_schooling"]
    spells["last"][at] = np.minimum(spells["last"][at], np.searchsorted(year.days, leaver))
    at = nc == 13
    spells["leave"][at], spells["reason"][at] = year.days[-1], REASON["end_of_schooling"]
    at = is_leaving_primary(schools, nc, spells["school"])
    spells["leave"][at], spells["reason"][at] = year.days[-1], REASON["transferred_phase"]


def is_leaving_primary(schools: Schools, nc: np.ndarray, school: np.ndarray) -> np.ndarray:
    """Is a year group at a school the one that goes up to a secondary with the end of the year?"""
    return (nc == 6) & (schools.rows["phase"][school] == SCHOOL_PHASES.index("primary"))
