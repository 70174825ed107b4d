"""Small scored lists for tests of the audit, and rates by hand with masks."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from training.audit.compose import compose
from training.audit.parts import Evidence, ListRule, no_evidence
from training.audit.scored import Attribute, Scored, attribute, crossed, resampled


def scored(
    frame: pd.DataFrame, groups: tuple[str, ...] = ("group",), cross: bool = False, draws: int = 200
) -> Scored:
    """A scored list from columns y, listed, estimate, school and groups; each row its own pupil unless told."""
    pupil = frame["pupil"].to_numpy() if "pupil" in frame else np.arange(len(frame))
    made: tuple[Attribute, ...] = tuple(attribute(name, frame[name]) for name in groups)
    made += (crossed(*made[:2]),) if cross else ()
    return Scored(
        outcome=frame["y"].to_numpy(np.float64),
        listed=frame["listed"].to_numpy(np.float64),
        estimate=frame["estimate"].to_numpy(np.float64)
        if "estimate" in frame
        else np.full(len(frame), np.nan),
        is_judged=np.ones(len(frame), dtype=bool),
        clusters=resampled(frame["school"].to_numpy(), pupil, draws, 1),
        attributes=made,
        years=1.0,
    )


def simulated(
    seed: int,
    schools: int = 60,
    size: int = 150,
    rate: float = 0.08,
    recall: float = 0.5,
    gap: float = 0.0,
    groups: int = 4,
) -> pd.DataFrame:
    """Pupils in schools that differ in rate and in recall; group "g0" has `gap` less recall than the others."""
    rng = np.random.default_rng([seed, schools, size])
    school = np.repeat(np.arange(schools), size)
    num = len(school)
    group = rng.choice(groups, num, p=np.linspace(1, 2, groups) / np.linspace(1, 2, groups).sum())
    y = rng.random(num) < np.clip(rate * rng.gamma(4, 0.25, schools)[school], 0, 1)
    found = np.clip(recall + 0.08 * rng.normal(size=schools)[school] - gap * (group == 0), 0.01, 0.99)
    listed = np.where(y, rng.random(num) < found, rng.random(num) < 0.05)
    return pd.DataFrame(
        {
            "school": school,
            "group": [f"g{each}" for each in group],
            "y": y.astype(float),
            "listed": listed.astype(float),
        }
    )


def by_hand(frame: pd.DataFrame, inside: np.ndarray) -> dict[str, float]:
    """Rates of some rows with masks, as a reader would check them; NaN where the divisor is nothing."""
    y, listed = frame["y"].to_numpy(), frame["listed"].to_numpy()
    yes, no, seen = inside & (y == 1), inside & (y == 0), inside & ~np.isnan(y)

    def share(over: float, under: float) -> float:
        return over / under if under else np.nan

    return {
        "recall": share(listed[yes].sum(), yes.sum()),
        "false_negative_rate": share((1 - listed)[yes].sum(), yes.sum()),
        "false_omission_rate": share((1 - listed)[yes].sum(), (1 - listed)[seen].sum()),
        "selection_rate": share(listed[inside].sum(), inside.sum()),
        "precision": share(listed[yes].sum(), listed[seen].sum()),
        "false_positive_rate": share(listed[no].sum(), no.sum()),
    }


def needs(
    seed: int,
    num: int = 6000,
    schools: int = 60,
    shares: tuple[float, ...] = (0.7, 0.3),
    need: tuple[float, ...] = (0.0, 0.6),
    spread: tuple[float, ...] = (1.0, 1.0),
    base: float = -3.2,
    in_few_schools: float = 0.0,
    dates: int = 1,
) -> pd.DataFrame:
    """People with true chances, whose groups differ in need and in nothing else.

    Log-odds of the outcome are normal within each group: `need` shifts them, `spread` scales them; schools differ. A
    share `in_few_schools` of the later groups goes to a sixth of the schools. With several `dates` a person has one
    draw of the outcome through all of them, and the log-odds move from date to date.

    Returns
    -------
    pandas.DataFrame
        school, group, log_odds, known (the part of the log-odds that poorer records would hold), estimate (the true
        chance), y, pupil.
    """
    rng = np.random.default_rng([seed, num, schools])
    group = rng.choice(len(shares), num, p=np.array(shares) / sum(shares))
    school = rng.integers(0, schools, num)
    few = (group > 0) & (rng.random(num) < in_few_schools)
    school = np.where(few, rng.integers(0, max(schools // 6, 2), num), school)
    common = base + np.array(need)[group] + 0.3 * rng.normal(size=schools)[school]
    scale = np.array(spread)[group]
    seen, unseen = np.sqrt(0.4) * rng.normal(size=num), np.sqrt(0.6) * rng.normal(size=num)
    lot = rng.random(num)
    made = []
    for _ in range(dates):
        seen = seen if dates == 1 else seen + 0.2 * rng.normal(size=num)
        log_odds = common + scale * (seen + unseen)
        chance = 1 / (1 + np.exp(-log_odds))
        made.append(
            pd.DataFrame(
                {
                    "school": school, "group": [f"g{each}" for each in group], "log_odds": log_odds, "known": common + scale * seen,
                    "estimate": chance, "y": (lot < chance).astype(float), "pupil": np.arange(num),
                }
            )
        )  # fmt: skip
    return pd.concat(made, ignore_index=True)


def poorer(frame: pd.DataFrame, spread: float = 1.0) -> np.ndarray:
    """The true chance given less: the mean over what the records would not hold."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(31)
    each = frame["known"].to_numpy()[:, None] + spread * np.sqrt(0.6) * nodes
    return (1 / (1 + np.exp(-each)) * weights / weights.sum()).sum(axis=1)


def spoilt(frame: pd.DataFrame, how: str, group: str = "g1", seed: int = 1) -> pd.DataFrame:
    """The estimates of one group made worse: too low, too high, too steep, too flat, noise added, records withheld."""
    inside = (frame["group"] == group).to_numpy()
    log_odds = frame["log_odds"].to_numpy()
    middle = log_odds[inside].mean()
    rng = np.random.default_rng([seed, len(frame), 3])
    worse = {
        "too_low": lambda: log_odds - 0.7,
        "too_high": lambda: log_odds + 0.7,
        "too_steep": lambda: middle + 1.8 * (log_odds - middle),
        "too_flat": lambda: middle + 0.5 * (log_odds - middle),
        "noise": lambda: log_odds + 1.2 * rng.normal(size=len(frame)),
    }
    new = poorer(frame) if how == "withheld" else 1 / (1 + np.exp(-worse[how]()))
    return frame.assign(estimate=np.where(inside, new, frame["estimate"]))


def parted(
    frame: pd.DataFrame, share: float = 0.05, pooled: bool = False, floor: float = 0.0, evidence: Evidence = no_evidence,
    broken: Mapping[str, str] = {},
) -> dict[str, Any]:  # fmt: skip
    """The facts of an audit of the list that these estimates make, with a `share` of places per school or pooled.

    Parameters
    ----------
    broken : mapping of str to str
        Groups that a break makes into two, with why they are not compared.
    """
    unit = np.zeros(len(frame), dtype=np.int64) if pooled else frame["school"].to_numpy()
    places = np.maximum(np.rint(np.bincount(unit) * share), 1).astype(np.int64)
    score = frame["estimate"].to_numpy()
    rule = ListRule(score, unit, places, np.ones(len(frame), dtype=bool), np.full(len(frame), floor))
    audited = scored(frame.assign(listed=rule.listed(score)), ("group",))
    audited = replace(audited, attributes=(replace(audited.attributes[0], broken=broken),))
    about = {
        "kind": "file",
        "title": "",
        "authority": "",
        "is_made_up": True,
        "outcome": "y",
        "window_days": None,
    }
    about |= {"audited_on": "2026-09-01", "model": None, "data_hash": "", "columns": None}
    return compose(audited, about, [], [], rule=rule, evidence=evidence)
