"""Suspensions and permanent exclusions of a school year, as they are recorded."""

from functools import cache

import numpy as np

from features.synthetic import assumptions as assume
from features.synthetic.calendar import SchoolYear
from features.synthetic.course import Course
from features.synthetic.figures import figures, lines
from features.synthetic.hazards import Hazards, final_probability, sanction_factor, season
from features.synthetic.rates import PHASES
from features.synthetic.streams import choose
from features.synthetic.switches import Switches

LONGEST = 45  # days: the statutory limit of a school year
CATEGORIES = np.array(["SUSP", "PERM", "LNCH"])
OUTCOMES = np.array(["", *assume.OUTCOME_SHARES])
REASONS = (
    "PP", "PA", "VP", "VA", "OW", "BU", "RA", "LG", "DS", "SM", "DA", "DM", "TH", "DB", "MT", "PH",
)  # fmt: skip
REASON_CODES = np.array([*REASONS, ""])
SHARE_DISRUPTION = {"SUSP": 0.51, "PERM": 0.39}  # 2023/24; the rest keeps the proportions of 2016/17
# "Other" was withdrawn in 2020/21, when these came in: its share goes to them and to the rest.
NEW_REASONS = {"OW": 0.30, "MT": 0.15, "LG": 0.05, "DS": 0.03, "PH": 0.02}

EVENT = np.dtype([
    ("pupil", "i4"), ("category", "i1"), ("day", "i4"), ("sessions", "i2"), ("is_afternoon", "?"),
    ("reason_1", "i1"), ("reason_2", "i1"), ("reason_3", "i1"), ("outcome", "i1"), ("out_days", "i4"), ("is_telling", "?"),
])  # fmt: skip


@cache
def length_shares(phase: str) -> np.ndarray:
    """Shares of suspensions of 1 to 45 days (England 2016/17, the last full distribution published)."""
    rows = figures("suspensions").query("measure == 'days_per_suspension' and phase == @phase")
    shares = np.zeros(LONGEST)
    for row in lines(rows):
        shares[min(row["value"], LONGEST) - 1] += row["share_pct"]
    return shares / shares.sum()


def session_shares(phase: str, bias: float = 1.0) -> np.ndarray:
    """Shares of suspensions of 0 to 90 sessions; some begin or end at midday, biased ones are longer."""
    shares = np.zeros(2 * LONGEST + 1)
    for days, part in enumerate(length_shares(phase), start=1):
        for sessions, odd in (
            (2 * days, 1 - assume.SHARE_ODD_SESSIONS),
            (2 * days - 1, assume.SHARE_ODD_SESSIONS),
        ):
            shares[min(int(np.rint(sessions * bias)), 2 * LONGEST)] += part * odd
    return shares


@cache
def reason_shares(phase: str, category: str) -> np.ndarray:
    """Shares of first reasons, in the order of `REASONS`."""
    rows = figures("reasons").query("phase == @phase and type == @category")
    shares = dict.fromkeys(REASONS, 0.0) | dict(
        zip(rows["reason_code"], rows["share_pct"].fillna(0.1), strict=True)
    )
    other = shares.pop("OT")
    for reason, part in NEW_REASONS.items():
        shares[reason] += part * other
    for_rest = np.array([0.0 if reason == "DB" else shares[reason] for reason in REASONS])
    result = for_rest / for_rest.sum() * (1 - SHARE_DISRUPTION[category])
    result[REASONS.index("DB")] = SHARE_DISRUPTION[category]
    return result


def draw_incidents(
    rng: np.random.Generator,
    switches: Switches,
    year: SchoolYear,
    pupils: np.ndarray,
    phase: np.ndarray,
    hazards: Hazards,
    course: Course,
) -> np.ndarray:
    """Every incident that is answered with an exclusion, wherever the pupil may be on that day.

    Returns
    -------
    structured array of `EVENT`, sorted by pupil and day
        Those that come of being in difficulty have `is_telling`.
    """
    suspend, permanent = season(year.half, "suspension"), season(year.half, "permanent")
    final = (
        final_probability(hazards.finality[:, None], course.disengagement, switches.is_individual)
        * permanent
        / suspend
    )
    suspended, repeated = course.expected * (1 - final), course.expected * final
    lunch = np.array([assume.LUNCHTIME_PER_SUSPENSION[name] for name in PHASES])[phase]
    kinds = (  # category, expected number by half-term, whether it tells of difficulty
        (0, suspended, True), (1, repeated, True), (1, hazards.one_off[:, None] * permanent, False),
        (2, suspended * lunch[:, None], False),
    )  # fmt: skip
    first = np.searchsorted(year.half, np.arange(6))
    length = np.bincount(year.half, minlength=6)
    parts = []
    for category, expected, is_telling in kinds:
        numbers = rng.poisson(expected)
        pupil, half = np.nonzero(numbers)
        times = numbers[pupil, half]
        part = np.zeros(times.sum(), EVENT)
        part["pupil"], half = np.repeat(pupil, times), np.repeat(half, times)
        part["category"], part["is_telling"] = category, is_telling
        part["day"] = first[half] + (rng.random(len(part)) * length[half]).astype(int)
        parts.append(part)
    events = np.concatenate(parts)
    events = events[np.lexsort((events["category"], events["day"], events["pupil"]))]
    describe(rng, switches, events, phase[events["pupil"]], pupils["ethnicity"][events["pupil"]])
    return events


def describe(
    rng: np.random.Generator, switches: Switches, events: np.ndarray, phase: np.ndarray, ethnicity: np.ndarray
) -> None:
    """Fill in, in place, the length, reasons and outcome of each event."""
    events["reason_2"] = events["reason_3"] = len(REASONS)
    bias = sanction_factor(switches, ethnicity)
    for number, name in enumerate(PHASES):
        for value in np.unique(bias[phase == number]):
            at = np.flatnonzero((phase == number) & (bias == value) & (events["category"] == 0))
            events["sessions"][at] = choose(rng, session_shares(name, float(value)), len(at))
        for category, code in enumerate(CATEGORIES[:2]):
            at = np.flatnonzero((phase == number) & (np.minimum(events["category"], 1) == category))
            shares = reason_shares(name, str(code))
            first, second, third = (choose(rng, shares, len(at)) for _ in range(3))
            with_second = (rng.random(len(at)) < assume.SHARE_SECOND_REASON) & (second != first)
            with_third = (
                with_second
                & (rng.random(len(at)) < assume.SHARE_THIRD_REASON)
                & (third != first)
                & (third != second)
            )
            events["reason_1"][at] = first
            events["reason_2"][at] = np.where(with_second, second, len(REASONS))
            events["reason_3"][at] = np.where(with_third, third, len(REASONS))
    lunch = events["category"] == 2
    events["sessions"][lunch], events["is_afternoon"][lunch] = 1, True
    events["is_afternoon"] |= (events["category"] == 0) & (rng.random(len(events)) < 0.12)
    at = np.flatnonzero(events["category"] == 1)
    events["outcome"][at] = 1 + choose(rng, np.array(list(assume.OUTCOME_SHARES.values())), len(at))
    cancelled = OUTCOMES[events["outcome"][at]] == "cancelled"
    events["out_days"][at] = np.where(cancelled, rng.integers(1, 4, len(at)), rng.integers(12, 30, len(at)))
    events["out_days"][events["category"] == 0] = (events["sessions"][events["category"] == 0] + 1) // 2


def one_at_a_time(events: np.ndarray, num_days: int) -> np.ndarray:
    """Put off a pupil's event until the one before has ended; drop what no longer fits into the year,
    what follows an upheld permanent exclusion, and suspension beyond 45 days.

    Parameters
    ----------
    events : structured array, sorted by pupil and day
    """
    events = events.copy()
    is_first = np.ones(len(events), bool)
    is_first[1:] = events["pupil"][1:] != events["pupil"][:-1]
    rank = np.arange(len(events)) - np.maximum.accumulate(np.where(is_first, np.arange(len(events)), 0))
    keep = np.ones(len(events), bool)
    free = np.where(events["category"] == 2, events["day"], events["day"] + events["out_days"])
    used = np.where(events["category"] == 0, events["sessions"], 0).astype(int)
    ended = (events["category"] == 1) & (OUTCOMES[events["outcome"]] == "upheld")
    for number in range(1, rank.max(initial=0) + 1):
        at = np.flatnonzero(rank == number)
        before = at - 1
        events["day"][at] = np.maximum(events["day"][at], free[before])
        fits = (events["day"][at] < num_days) & ~ended[before] & (used[before] + used[at] <= 2 * LONGEST)
        keep[at] = fits
        used[at] = used[before] + np.where(fits, used[at], 0)
        stays = np.where(events["category"][at] == 2, 0, events["out_days"][at])
        free[at] = np.where(fits, np.maximum(free[before], events["day"][at] + stays), free[before])
        ended[at] = ended[before] | (ended[at] & fits)
    return events[keep]
