"""A shorter memory: where the outcome changed its meaning, does learning from the latest dates alone tell more than from all?

Two recipes compete inside the training dates, on the same rows: the latest year of training dates at schools left out. One
learned from every training date, one from that year alone; both with the parameters that the search chose and each with its
own recalibration. The shorter is taken only where it is better by more than chance between schools. No row is weighed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from features.contract.breaks import Break
from models.risk_model import ModelFeature
from training.fit import binned, parameters, recalibrate
from training.folds import cross_validate, make_folds
from training.panel import Panel
from training.search import Searched
from training.settings import Settings

DATES = 6  # a year of half-terms
BEYOND = 2.0  # standard errors, over schools, by which the shorter has to be better
SMALLEST = 1e-12


@dataclass(frozen=True)
class Remembered:
    """Which of the two won: what is learned from, by which search, and what is said of it."""

    panel: Panel
    searched: Searched
    settings: Settings
    facts: dict[str, Any] | None


def remembered(dates: Sequence[date], settings: Settings) -> tuple[date, ...]:
    """The dates that a recipe learns from: all of them, or the latest `settings.memory`."""
    return tuple(sorted(dates)[-settings.memory :])


def competes(breaks: Sequence[Break], dates: Sequence[date], last_close: date) -> list[Break]:
    """The breaks of the outcome for which a shorter memory competes; none where there is no more than a year to learn from."""
    if len(dates) <= DATES:
        return []
    return [
        one
        for one in breaks
        if one.kind == "label" and one.training == "named" and one.touches(min(dates), last_close)
    ]


def choose(
    panel: Panel,
    features: Sequence[ModelFeature],
    settings: Settings,
    searched: Searched,
    why: Sequence[Break],
) -> Remembered:
    """The memory that tells schools left out better on the latest year of training dates.

    Parameters
    ----------
    panel : Panel
        Rows of the training dates that may be learned from.
    searched : Searched
        The recipe that the search chose on all of them.
    why : sequence of Break
        For which it is asked (`competes`); none leaves everything as it is.
    """
    if not why:
        return Remembered(panel, searched, settings, None)
    latest = np.isin(panel.as_of, np.array(panel.dates[-DATES:], "datetime64[D]"))
    short = panel.only(latest)
    data = binned(short, features, settings)
    folds = make_folds(data, short.cluster, settings.folds)
    checked = cross_validate(folds, short.X, parameters(settings, features, searched.tried), settings)
    by_all = loss(searched.checked.log_odds, panel)[latest]
    by_short = loss(checked.log_odds, short)
    gain, error = mean_by_school(by_all - by_short, short.cluster)
    is_shorter = gain > BEYOND * error
    facts = {
        "breaks": [one.name for one in why],
        "dates_all": len(panel.dates),
        "dates_short": DATES,
        "log_loss_all": round(float(by_all.mean()), 8),
        "log_loss_short": round(float(by_short.mean()), 8),
        "gain": round(gain, 8),
        "standard_error": round(error, 8),
        "is_shorter": is_shorter,
        "sentence": sentence(is_shorter, len(panel.dates)),
    }
    if not is_shorter:
        return Remembered(panel, searched, settings, facts)
    own = Searched(searched.tried, data, checked)
    return Remembered(short, own, replace(settings, memory=DATES), facts)


def loss(log_odds: np.ndarray, panel: Panel) -> np.ndarray:
    """Log loss of each row, after the recalibration that these out-of-fold log-odds would get; shape (n,)."""
    fitted = recalibrate(log_odds, panel.y)
    chance = 1 / (1 + np.exp(-(fitted.slope * log_odds + fitted.intercept)))
    chance = np.clip(chance, SMALLEST, 1 - SMALLEST)
    return -np.where(panel.y == 1, np.log(chance), np.log1p(-chance))


def mean_by_school(values: np.ndarray, cluster: np.ndarray) -> tuple[float, float]:
    """The mean of some rows, and its standard error where whole schools are drawn."""
    mean = float(values.mean())
    code = np.unique(cluster, return_inverse=True)[1]
    apart = np.bincount(code, values - mean)
    num = len(apart)
    return mean, float(np.sqrt((apart**2).sum() * num / max(num - 1, 1)) / len(values))


def sentence(is_shorter: bool, num_dates: int) -> str:
    """What came of it, in words."""
    what = "told the latest year, at schools left out, better by more than chance"
    if is_shorter:
        return f"The outcome changed its meaning, and the recipe learned from the latest {DATES} of {num_dates} training dates: that {what}."
    return (
        f"The outcome changed its meaning. A recipe that learned from the latest {DATES} of {num_dates} training dates alone did not tell the "
        "latest year, at schools left out, better by more than chance, so the recipe learned from all of them."
    )
