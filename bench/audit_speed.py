"""How fast the audit's tables with 1,000 clustered draws are, beside fairlearn's own row bootstrap in the same run.

    python bench/audit_speed.py [ROWS] [GROUPS] [DRAWS]

fairlearn is timed on a few draws and its time taken to as many draws: its draws cost the same each.
The bar is 20 s for 200,000 rows, 40 groups and 1,000 draws on two cores.
"""

import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from fairlearn.metrics import MetricFrame, count, false_positive_rate, selection_rate, true_positive_rate

sys.path.insert(0, str(Path(__file__).parents[1]))

from training.audit.scored import Scored, attribute, resampled
from training.audit.tables import group_tables

SCHOOLS, THEIR_DRAWS = 500, 2


def main(rows: int = 200_000, groups: int = 40, draws: int = 1000) -> None:
    """Time both and print the ratio."""
    rng = np.random.default_rng(1)
    y = rng.random(rows) < 0.03
    estimate = np.clip(0.02 + 0.2 * y * rng.random(rows) + 0.05 * rng.random(rows), 0, 1)
    listed = (estimate > np.quantile(estimate, 0.96)).astype(float)
    group = pd.Series(rng.integers(0, groups, rows)).map("group {:02}".format)
    begun = time.perf_counter()
    made = Scored(
        y.astype(float), listed, estimate, np.ones(rows, dtype=bool),
        resampled(rng.integers(0, SCHOOLS, rows), np.arange(rows), draws, 1), (attribute("group", group),), 1.0,
    )  # fmt: skip
    _, table = group_tables(made)
    ours = time.perf_counter() - begun
    begun = time.perf_counter()
    metrics = {
        "count": count,
        "recall": true_positive_rate,
        "selection": selection_rate,
        "false_positive": false_positive_rate,
    }
    MetricFrame(
        metrics=metrics, y_true=y.astype(int), y_pred=listed.astype(int), sensitive_features=group, n_boot=THEIR_DRAWS,
        ci_quantiles=[0.025, 0.975], random_state=1,
    )  # fmt: skip
    theirs = (time.perf_counter() - begun) * draws / THEIR_DRAWS
    print(
        f"{rows:,} rows, {groups} groups, {draws:,} draws of {SCHOOLS} schools; {len(table)} rows of 7 rates with ranges and gaps"
    )
    print(
        f"ours {ours:.1f} s; fairlearn's n_boot, 4 rates, taken from {THEIR_DRAWS} draws, {theirs:,.0f} s; ratio {theirs / ours:,.0f}"
    )


if __name__ == "__main__":
    main(*(int(each) for each in sys.argv[1:]))
