"""What MLflow is given to look at of a model's contributions: shap's own plots, and no dot that is one child's.

A beeswarm and a dependence plot have a dot for each child, who could be told by it: they are drawn of made-up data alone. Of real
records a dependence plot has a dot for the mean of ten children or more.
"""

import warnings
from collections.abc import Callable, Iterator
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from training.evidence.explained import FEWEST, Explained

DEPENDENCE = 4  # features, those that move estimates most
BINS = 20  # dots of a dependence plot of real records


def plots(everyone: Explained, listed: Explained, is_made_up: bool) -> Iterator[tuple[str, Figure]]:
    """Name and figure of each plot; none where fewer than `FEWEST` children were explained.

    Parameters
    ----------
    everyone, listed : Explained
        From `training.evidence.explained.explain`.
    """
    if everyone.num_pupils < FEWEST:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # shap's own, of other people's libraries
        import shap
    plt.switch_backend("agg")
    base = np.full(len(everyone.values), everyone.base)
    by_feature = shap.Explanation(everyone.values, base, everyone.X, feature_names=list(everyone.names))
    sums = everyone.by_family
    by_family = shap.Explanation(sums.to_numpy(), base, feature_names=list(sums.columns))
    yield "families", drawn(partial(shap.plots.bar, by_family, show=False))
    yield "features", drawn(partial(shap.plots.bar, by_feature, max_display=20, show=False))
    if listed.num_pupils >= FEWEST:
        mean = shap.Explanation(listed.values.mean(axis=0), listed.base, feature_names=list(listed.names))
        yield "mean_of_listed", drawn(partial(shap.plots.waterfall, mean, max_display=15, show=False))
    if is_made_up:
        yield "beeswarm", drawn(partial(shap.plots.beeswarm, by_feature, max_display=20, show=False))
    for at in np.argsort(-np.abs(everyone.values).mean(axis=0), kind="stable")[:DEPENDENCE]:
        x, y = everyone.X[:, at], everyone.values[:, at]
        if not is_made_up:
            x, y = means(x, y, everyone.pupil)
        if len(x):
            name = everyone.names[at]
            dots = shap.Explanation(y, base[: len(y)], x, feature_names=name)
            yield f"dependence_{name}", drawn(partial(shap.plots.scatter, dots, show=False))


def means(x: np.ndarray, y: np.ndarray, pupil: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Means of x and y over rows alike in x, each of `FEWEST` different children or more; missing x are left out.

    Equal x stay together; a bin of too few children goes into the next one, and the last into the one before.
    """
    held = np.flatnonzero(~np.isnan(x))
    order = held[np.argsort(x[held], kind="stable")]
    edges = np.unique(x[order][:: max(1, len(order) // BINS)]) if len(order) else np.empty(0)
    parts: list[np.ndarray] = []
    rest = np.empty(0, dtype=np.int64)
    code = np.searchsorted(edges, x[order], side="right")
    for number in np.unique(code):
        rest = np.concatenate([rest, order[code == number]])
        if len(np.unique(pupil[rest])) >= FEWEST:
            parts, rest = [*parts, rest], np.empty(0, dtype=np.int64)
    if len(rest) and parts:
        parts[-1] = np.concatenate([parts[-1], rest])
    return np.array([x[part].mean() for part in parts]), np.array([y[part].mean() for part in parts])


def drawn(draw: Callable[[], object]) -> Figure:
    """The figure that shap draws into whatever is current."""
    plt.close("all")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        draw()
    figure = plt.gcf()
    figure.set_layout_engine("tight")
    return figure
