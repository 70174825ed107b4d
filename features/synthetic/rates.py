"""Rates of suspension and permanent exclusion of every kind of pupil, solved from published margins.

Rates multiply: a pupil's yearly rate is the phase's rate times a factor for each of year group, sex,
FSM, SEN provision, SEN need, ethnicity and adversity. The factors are found by iterative proportional
fitting over the exact joint frame of a large city (year group x sex x FSM x SEN, published) times the
shares of needs and ethnic groups, so that the expected rate of every published level is met.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from features.synthetic import assumptions as assume
from features.synthetic.figures import ETHNICITIES, NEEDS, figures, lines, margin, share

PHASES = ("primary", "secondary", "special")
NC_YEARS = np.arange(-1, 14)
GROUPS = ("nc_year", "sex", "fsm", "sen", "need", "ethnicity")
ROUNDS = 25
SPECIAL_ONLY = ("SLD", "PMLD")


@dataclass(frozen=True)
class Rates:
    """Factors of a phase; `total` is per pupil a year, permanent exclusions as issued."""

    total: dict[str, float]
    factors: dict[str, dict[str, np.ndarray]]

    def yearly(self, kind: str, levels: dict[str, np.ndarray]) -> np.ndarray:
        """Expected `suspension` or `permanent` events a year of pupils with the levels given."""
        rate = np.full(len(levels["sex"]), self.total[kind])
        for group, level in levels.items():
            rate = rate * self.factors[kind][group][level]
        return rate


@cache
def frame_shares(phase: str) -> tuple[np.ndarray, np.ndarray]:
    """Pupils and the share with any SEN, by (nc_year -1..13, sex F M, fsm no yes), of the published frame."""
    frame = figures("frame").query("phase == @phase")
    counts = np.zeros((len(NC_YEARS), 2, 2, 2))
    for row in lines(frame):
        counts[row["nc_year"] + 1, "FM".index(row["sex"]), row["fsm"], row["sen"]] += row["enrolments"]
    for nc in NC_YEARS:
        nearest = int(np.clip(nc, frame["nc_year"].min(), frame["nc_year"].max()))
        counts[nc + 1] = counts[nearest + 1]
    pupils = counts.sum(axis=3)
    with_sen = counts[..., 1] / pupils
    for year, part in assume.SEN_BEFORE_YEAR_1.items():
        if phase == "primary":
            with_sen[year + 1] *= part
    if phase != "special":
        published = share(phase, "sen", "K") + share(phase, "sen", "E")
        with_sen *= published / 100 * pupils.sum() / (pupils * with_sen).sum()
    return pupils, with_sen


@cache
def plan_share(phase: str) -> float:
    """The share of pupils with SEN who have an education, health and care plan."""
    if phase == "special":
        return 1.0
    return share(phase, "sen", "E") / (share(phase, "sen", "K") + share(phase, "sen", "E"))


@cache
def need_shares(phase: str) -> np.ndarray:
    """Shares of the needs (rows K and E) in a phase; severe needs are met in special schools only."""
    shares = np.array([[share("all", f"need_{provision}", need) for need in NEEDS] for provision in "KE"])
    if phase != "special":
        shares[:, [NEEDS.index(need) for need in SPECIAL_ONLY]] = 0
    return shares / shares.sum(axis=1, keepdims=True)


def adversity_share(fsm: np.ndarray, has_sen: np.ndarray) -> np.ndarray:
    """The share of children living with lasting adversity."""
    rule = assume.ADVERSITY
    return rule["base"] * np.where(fsm, rule["fsm"], 1) * np.where(has_sen, rule["sen"], 1)


def joint(phase: str) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Weights and levels of every combination of the characteristics; SEN N, K, E is 0, 1, 2 and need
    is numbered from 1, 0 being none."""
    pupils, with_sen = frame_shares(phase)
    years = {"primary": range(-1, 7), "secondary": range(7, 14), "special": range(0, 14)}[phase]
    axes = [
        np.array(years),
        np.arange(2),
        np.arange(2),
        np.arange(3),
        np.arange(len(NEEDS) + 1),
        np.arange(len(ETHNICITIES)),
        np.arange(2),
    ]
    grid: list[np.ndarray] = [axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")]
    nc, sex, fsm, sen, need, ethnicity, adverse = grid
    in_year = np.where(nc < 0, 0.25, np.where(nc > 11, 0.3, 1.0))
    sen_share, plan = with_sen[nc + 1, sex, fsm], plan_share(phase)
    provision = np.choose(sen, [1 - sen_share, sen_share * (1 - plan), sen_share * plan])
    needs = np.vstack([np.zeros(len(NEEDS)), need_shares(phase)])
    of_need = np.where(need == 0, sen == 0, np.where(sen == 0, 0, needs[sen, np.maximum(need, 1) - 1]))
    adversity = adversity_share(fsm == 1, sen > 0)
    weight = pupils[nc + 1, sex, fsm] * in_year * provision * of_need
    weight = weight * ethnic_shares()[ethnicity] * np.where(adverse == 1, adversity, 1 - adversity)
    keep = weight > 0
    levels = dict(zip((*GROUPS, "adversity"), (nc + 1, sex, fsm, sen, need, ethnicity, adverse), strict=True))
    return weight[keep] / weight.sum(), {group: level[keep] for group, level in levels.items()}


@cache
def ethnic_shares() -> np.ndarray:
    """City shares of the groups of `figures.ETHNICITIES`."""
    shares = np.zeros(len(ETHNICITIES))
    for group, minor in assume.MINOR_SHARES.items():
        for code, part in minor.items():
            shares[ETHNICITIES.index(code)] = part * share("all", "ethnicity_major", group)
    return shares / shares.sum()


def published(phase: str, kind: str, group: str) -> np.ndarray:
    """Published relative rates of the levels of a group; NaN where none is.

    Special schools exclude too few pupils for rates by group: those of suspension stand in.
    """
    margins = margin(phase, group, "suspension" if phase == "special" else kind)
    names = {
        "nc_year": [str(min(nc, 12)) for nc in NC_YEARS], "sex": ["F", "M"], "fsm": ["0", "1"],
        "sen": ["N", "K", "E"], "need": ["", *NEEDS],
        "ethnicity": ["NOBT" if code == "REFU" else code for code in ETHNICITIES],
    }[group]  # fmt: skip
    return np.array([margins.get(name, np.nan) for name in names])


@cache
def solve(phase: str) -> Rates:
    """The factors that meet every published margin of a phase."""
    weight, levels = joint(phase)
    totals = {kind: margin(phase, "total", kind)["all"] / 100 for kind in ("suspension", "permanent")}
    totals["permanent"] /= assume.OUTCOME_SHARES["upheld"]
    sizes = {
        "nc_year": 15,
        "sex": 2,
        "fsm": 2,
        "sen": 3,
        "need": len(NEEDS) + 1,
        "ethnicity": len(ETHNICITIES),
    }
    factors: dict[str, dict[str, np.ndarray]] = {}
    for kind in totals:
        factors[kind] = {group: np.ones(size) for group, size in sizes.items()}
        factors[kind]["adversity"] = np.array([1.0, assume.EFFECT_ADVERSITY[kind]])
        rate = np.array(factors[kind]["adversity"][levels["adversity"]])
        rate /= weight @ rate
        targets = {group: published(phase, kind, group) for group in sizes}
        for _ in range(ROUNDS):
            for group, size in sizes.items():
                fit(weight, rate, levels[group], size, targets[group], factors[kind][group])
        product = np.prod([factors[kind][group][levels[group]] for group in factors[kind]], axis=0)
        totals[kind] /= weight @ product
    return Rates(totals, factors)


def fit(
    weight: np.ndarray, rate: np.ndarray, level: np.ndarray, size: int, target: np.ndarray, factor: np.ndarray
) -> None:
    """One step of the fitting: scale `rate` and `factor` in place so that the levels' means are as published."""
    if np.isnan(target).all():
        return
    share_of = np.bincount(level, weight, size)
    events = np.bincount(level, weight * rate, size)
    known = ~np.isnan(target) & (events > 0)
    wanted = np.where(known, target, 0.0)
    # Only ratios are published alike: keep the events of the levels known as many as they are.
    scale = events[known].sum() / (share_of * wanted)[known].sum()
    step = np.where(
        known, np.divide(share_of * wanted * scale, events, where=events > 0, out=np.ones(size)), 1.0
    )
    step = np.maximum(step, 1e-3)
    factor *= step
    rate *= step[level]
