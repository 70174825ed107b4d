"""Absence and lateness: how much each pupil misses in a year, and when."""

from functools import cache

import numpy as np
from scipy.special import ndtr

from features.synthetic import assumptions as assume
from features.synthetic.calendar import SchoolYear
from features.synthetic.figures import figures
from features.synthetic.marks import CODE
from features.synthetic.rates import NC_YEARS, PHASES, plan_share

EDGES = np.array([0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 95]) / 100
AUTHORISED = {"I": 3.4, "M": 1.0, "C": 2.2, "J1": 1.0, "T": 10.0, "C1": 1.0}  # code: mean sessions of a spell
UNAUTHORISED = {"G": 9.0, "O": 2.8, "U": 1.0, "N": 1.0}
SPELL_CODES = (*AUTHORISED, *UNAUTHORISED)
MEAN_SESSIONS = np.array([*AUTHORISED.values(), *UNAUTHORISED.values()])
WINTER = np.array([0.95, 1.15, 1.15, 1.0, 0.85, 0.9])  # absence by half-term, an assumption


@cache
def band_bounds(phase: str) -> np.ndarray:
    """Cumulative shares of a year's absence bands, (nc_year -1..13, sex, fsm, sen none K E, 11)."""
    frame = figures("frame").query("phase == @phase")
    bands = np.zeros((len(NC_YEARS), 2, 2, 2, len(EDGES) - 1))
    columns = [str(name) for name in frame if str(name).startswith("abs_")]
    for row in frame.to_dict("records"):
        bands[row["nc_year"] + 1, "FM".index(row["sex"]), row["fsm"], row["sen"]] += [
            row[name] for name in columns
        ]
    for nc in NC_YEARS:
        bands[nc + 1] = bands[int(np.clip(nc, frame["nc_year"].min(), frame["nc_year"].max())) + 1]
    total = bands.sum(axis=-1, keepdims=True)
    bands = np.where(total > 0, bands, bands.sum(axis=3, keepdims=True))
    # The frame leaves out pupils of unknown FSM, many of them severely absent: half their share is put
    # back, for the published shares by SEN leave them out too.
    published = (
        figures("absence")
        .query("phase == @phase and characteristic_group == 'Total'")["severe_absence_pct"]
        .iloc[0]
    )
    last = columns[-1]
    bands[..., -1] *= (published / 100 * frame[columns].to_numpy().sum() / frame[last].sum()) ** 0.5
    # The frame has SEN as one: how much oftener plans go with severe absence than SEN support is published.
    severe = (
        figures("absence")
        .query("phase == @phase and characteristic_group == 'SEN_provision'")
        .set_index("characteristic")["severe_absence_pct"][["SEN support", "EHC plan"]]
        .to_numpy()
    )
    bands = bands[..., [0, 1, 1], :]
    bands[..., 1:, -1] *= severe / np.average(severe, weights=[1 - plan_share(phase), plan_share(phase)])
    return np.cumsum(bands, axis=-1) / bands.sum(axis=-1, keepdims=True)


def absence_scale(phase: str) -> float:
    """2023/24's overall absence over the frame's (2022/23)."""
    rows = figures("absence").query("phase == @phase and characteristic_group == 'Total'")
    return (
        float(rows["overall_absence_rate"].iloc[0])
        / {"primary": 7.02, "secondary": 9.00, "special": 14.31}[phase]
    )


def yearly_absence(
    rng: np.random.Generator, pupils: np.ndarray, phase: np.ndarray, provision: np.ndarray, level: np.ndarray
) -> np.ndarray:
    """The share of a year's sessions that each pupil is to miss, (n,), with the published distribution.

    A score (disengagement, a trait of health and habit, and the year's own luck) is turned into the
    quantile of the published bands of the pupil's year group, sex, FSM and SEN provision (0 none, 1 K, 2 E).
    """
    rest = 1 - assume.DISENGAGEMENT_ON_ABSENCE**2 - assume.ABSENCE_TRAIT**2
    score = (
        assume.DISENGAGEMENT_ON_ABSENCE * level / max(level.std(), 1e-9)
        + assume.ABSENCE_TRAIT * pupils["absence"]
    )
    score = (
        score
        + np.sqrt(rest) * rng.standard_normal(len(pupils))
        + assume.SHIFT_ABSENCE_ADVERSITY * pupils["is_adverse"]
    )
    score = (score - score.mean()) / score.std()
    rank = ndtr(score)
    share = np.zeros(len(pupils))
    for number, name in enumerate(PHASES):
        at = np.flatnonzero(phase == number)
        cell = (
            pupils["nc"][at] + 1,
            pupils["sex"][at],
            pupils["fsm"][at].astype(int),
            provision[at],
        )
        bounds = np.concatenate([np.zeros((len(at), 1)), band_bounds(name)[cell]], axis=1)
        band = np.minimum((rank[at][:, None] >= bounds[:, 1:]).sum(axis=1), len(EDGES) - 2)
        row = np.arange(len(at))
        inside = (rank[at] - bounds[row, band]) / np.maximum(bounds[row, band + 1] - bounds[row, band], 1e-9)
        last = band == len(EDGES) - 2  # the open band: few miss nearly everything
        inside = np.where(last, inside**2, np.where(band == 0, inside**0.8, inside))
        missed = EDGES[band] + inside * (EDGES[band + 1] - EDGES[band])
        # Whoever is severely absent stays so: how many they are is published for the later year.
        share[at] = np.where(last, missed, missed * absence_scale(name))
    return np.minimum(share, 0.93)


@cache
def code_shares(phase: str) -> tuple[np.ndarray, float]:
    """Shares of absence spells by code, each class adding up to one, and the unauthorised share of sessions."""
    mix = figures("codes").query("phase == @phase").set_index("code")["sessions_per_1000_possible"]
    sessions = np.array([mix.get(code, 0.0) for code in SPELL_CODES])
    spells = sessions / MEAN_SESSIONS
    split = len(AUTHORISED)
    spells[:split] /= spells[:split].sum()
    spells[split:] /= spells[split:].sum()
    return spells, sessions[split:].sum() / sessions.sum()


def runs(first: np.ndarray, length: np.ndarray, limit: int) -> tuple[np.ndarray, np.ndarray]:
    """Every position of runs of positions, and the run each belongs to; none at or past `limit`."""
    length = np.clip(length, 0, np.maximum(limit - first, 0))
    run = np.repeat(np.arange(len(first)), length)
    offset = np.arange(len(run)) - np.repeat(np.cumsum(length) - length, length)
    return first[run] + offset, run


def draw_absence(
    rng: np.random.Generator,
    year: SchoolYear,
    marks: np.ndarray,
    phase: str,
    share: np.ndarray,
    levels: np.ndarray,
) -> None:
    """Write absence spells into `marks` (n, 2D), in place.

    Parameters
    ----------
    share : (n,) array
        Of the year's sessions, to be missed.
    levels : (n, 6) array
        Disengagement by half-term: it moves absence within the year and tilts it to unauthorised.
    """
    size, sessions = marks.shape
    spell_shares, unauthorised = code_shares(phase)
    # Spells that fall on each other count once: more are drawn where much is missed.
    part = np.where(share < 0.4, assume.ABSENCE_BUDGET, 1.0)  # the rest hardly shows beside so much absence
    budget = -np.log1p(-np.minimum(part * share, 0.95)) * sessions
    number = np.where(budget > 0.5, np.ceil(budget / 2.2) + 8, 0).astype(int)
    row = np.repeat(np.arange(size), number)
    mean = levels.mean(axis=1)
    odds = np.log(unauthorised / (1 - unauthorised)) + assume.UNAUTHORISED_ODDS[phase]
    tilt = odds + assume.UNAUTHORISED_TILT * mean + 0.8 * (share - 0.07)
    is_unauthorised = rng.random(len(row)) < 1 / (1 + np.exp(-tilt[row]))
    split = len(AUTHORISED)
    pick = rng.random(len(row))
    authorised_code = np.searchsorted(np.cumsum(spell_shares[:split])[:-1], pick, side="right")
    unauthorised_code = split + np.searchsorted(np.cumsum(spell_shares[split:])[:-1], pick, side="right")
    code = np.where(is_unauthorised, unauthorised_code, authorised_code)
    longer = np.where(np.isin(code, [0, split + 1]), 1 + 4 * share[row], 1.0)
    length = 1 + np.minimum(rng.exponential(1, len(row)) * (MEAN_SESSIONS[code] - 1) * longer, 80).astype(int)
    whole = (code == 0) | (code == split) | ((code == split + 1) & (rng.random(len(row)) < 0.75))
    length = np.where(whole, (length + 1) // 2 * 2, length)
    total = np.cumsum(length)
    before = (
        total
        - length
        - np.repeat(np.concatenate([[0], total[np.cumsum(number)[:-1] - 1]])[:size] if size else [], number)
    )
    left = budget[row] - before
    keep = left > rng.random(len(row)) * length  # a last spell that overruns is kept in proportion
    row, code, length, whole = row[keep], code[keep], length[keep], whole[keep]
    weight = (
        np.exp(assume.WITHIN_YEAR_ABSENCE * (levels - mean[:, None]))
        * WINTER
        * np.bincount(year.half, minlength=6)
    )
    bounds = np.cumsum(weight, axis=1)
    half = (rng.random(len(row))[:, None] * bounds[row, -1:] > bounds[row, :-1]).sum(axis=1)
    first_day = np.searchsorted(year.half, np.arange(6))[half]
    day = first_day + (rng.random(len(row)) * np.bincount(year.half, minlength=6)[half]).astype(int)
    afternoon = np.where(whole | (code == SPELL_CODES.index("U")), 0, rng.integers(0, 2, len(row)))
    start = 2 * day + afternoon
    position, run = runs(start, length, sessions)
    marks[row[run], position] = np.array([CODE[name] for name in SPELL_CODES])[code[run]]


def draw_lateness(rng: np.random.Generator, marks: np.ndarray, phase: str, level: np.ndarray) -> None:
    """Late marks (L) on mornings that were attended, in place."""
    mix = figures("codes").query("phase == @phase").set_index("code")["sessions_per_1000_possible"]
    days = marks.shape[1] // 2
    tilt = assume.LATE_TILT
    rate = np.exp(tilt * level - tilt**2 / 2 + 0.5 * rng.standard_normal(len(level)) - 0.125)
    number = rng.poisson(mix["L"] / 1000 * 2 * days * 1.1 * rate)
    row = np.repeat(np.arange(len(level)), number)
    morning = 2 * rng.integers(0, days, len(row))
    present = marks[row, morning] == CODE["/"]
    marks[row[present], morning[present]] = CODE["L"]
