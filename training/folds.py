"""Whole schools left out: what that says of a recipe, before it is fitted on every row."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, cast

import lightgbm as lgb
import numpy as np

from models.errors import RecipeRefused
from training.settings import Settings

# Boosters grown side by side: small trees leave a processor waiting, and each grows as it would alone.
AT_ONCE = 2


@dataclass(frozen=True)
class CrossValidated:
    """What leaving whole schools out says of one recipe.

    Attributes
    ----------
    rounds : int
        Trees at which the mean loss over folds is least.
    log_loss : float
        That least mean loss, in nats a row.
    log_odds : numpy.ndarray of float64, shape (n,)
        Out-of-fold, from boosters stopped where the *other* folds' loss is least, so that no row
        helped to choose where its own prediction stopped.
    curve : tuple of float
        The mean loss after each tree, also of those beyond the least.
    """

    rounds: int
    log_loss: float
    log_odds: np.ndarray
    curve: tuple[float, ...] = ()


def some_rows(data: lgb.Dataset, rows: np.ndarray) -> lgb.Dataset:
    """Rows of a binned dataset, by index in order, that share its bins."""
    return data.subset(cast("list[int]", rows)).construct()


def school_folds(cluster: np.ndarray, folds: int) -> np.ndarray:
    """Fold of each row, shape (n,): whole schools, dealt out from the largest to keep folds even."""
    schools, codes, rows = np.unique(cluster, return_inverse=True, return_counts=True)
    if len(schools) < 2:
        raise RecipeRefused("Records of one school cannot show what holds in another. Import more schools.")
    deal = np.empty(len(schools), dtype=np.int64)
    deal[np.lexsort((schools, -rows))] = np.arange(len(schools)) % min(folds, len(schools))
    return deal[codes]


@dataclass(frozen=True)
class Fold:
    """One part of the schools left out."""

    rows: np.ndarray
    kept: lgb.Dataset
    left_out: lgb.Dataset


def make_folds(data: lgb.Dataset, cluster: np.ndarray, folds: int) -> list[Fold]:
    """The folds as subsets of one binned dataset."""
    fold = school_folds(cluster, folds)
    return [
        Fold(
            np.flatnonzero(fold == number),
            some_rows(data, np.flatnonzero(fold != number)),
            some_rows(data, np.flatnonzero(fold == number)),
        )
        for number in range(fold.max() + 1)
    ]


def cross_validate(
    folds: list[Fold],
    X: np.ndarray,
    chosen: Mapping[str, Any],
    settings: Settings,
    watch: Callable[[int, float], None] = lambda rounds, loss: None,
) -> CrossValidated:
    """Grow one booster a fold in step, until their mean loss has not fallen for `patience` trees.

    Parameters
    ----------
    X : numpy.ndarray of float32, shape (n, F)
        The rows of the folds.
    chosen : mapping
        From `parameters`.
    watch : callable of (int, float)
        Told the trees so far and their mean loss, after each; what it raises ends it.
    """
    boosters = [lgb.Booster(dict(chosen), fold.kept).add_valid(fold.left_out, "left_out") for fold in folds]
    size = np.array([len(fold.rows) for fold in folds])
    losses: list[list[float]] = []
    means: list[float] = []
    with side_by_side() as pool:
        while (
            len(means) < settings.max_rounds
            and len(means) - int(np.argmin(means or [0])) <= settings.patience
        ):
            losses.append(list(pool.map(one_tree, boosters)))
            means.append(float((size * losses[-1]).sum() / size.sum()))
            watch(len(means), means[-1])
    curve = np.array(losses)  # (rounds, folds)
    log_odds = np.empty(len(X))
    for number, (booster, fold) in enumerate(zip(boosters, folds, strict=True)):
        others = np.arange(len(folds)) != number
        stop = int(np.argmin((curve[:, others] * size[others]).sum(axis=1))) + 1
        log_odds[fold.rows] = booster.predict(X[fold.rows], raw_score=True, num_iteration=stop)
    return CrossValidated(int(np.argmin(means)) + 1, min(means), log_odds, tuple(means))


def side_by_side() -> ThreadPoolExecutor:
    """Threads to grow boosters in."""
    return ThreadPoolExecutor(AT_ONCE, initializer=hush)


def hush() -> None:
    """How much LightGBM tells is settled thread by thread, whenever it reads parameters: here, of nothing much."""
    lgb.Dataset(np.zeros((2, 1)), params={"verbosity": -1}).construct()


def one_tree(booster: lgb.Booster) -> float:
    """Grow one tree more; the loss on the rows left out, in nats a row."""
    booster.update()
    return float(booster.eval_valid()[0][2])
