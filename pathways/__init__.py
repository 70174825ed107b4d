"""Inclusive Pathways early warning: from an authority's records to lists that prompt a screening.

A score only prompts a human-led screening; it never decides one. Each command calls one function of a
room and says in plain words what came of it. This package is the only one that sees all four rooms.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from training.study import Study

# A thread that waits must sleep: where something else runs too, LightGBM's would spin against it.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")


def study(store: str | Path, **choices: Any) -> "Study":
    """Open a record store for a data scientist: matrix, outcomes, dictionary, splits, and a judge of any estimator.

    Parameters
    ----------
    store : str or Path
        What `pathways import` made.
    **choices
        Of `training.settings.Settings`: outcome, window_days, seed, draws.

    Examples
    --------
    >>> import pathways
    >>> study = pathways.study("demo/result/store")
    >>> X, y = study.training()
    >>> study.judge(HistGradientBoostingClassifier().fit(X, y))
    """
    from training.study import open_study

    return open_study(store, **choices)
