"""Time one fit, one refit, the city's estimates and the clustered draws, each beside its bare rival in the same run.

Bars: one fit at most 1.2 times a bare `lightgbm.train` on the same matrix; estimates for the city with
one booster at most 1.3 times a bare `booster.predict`.

Run from the top of the repository: python -m bench.training_speed
"""

import resource
import time
from collections.abc import Callable
from datetime import date

import lightgbm as lgb
import numpy as np
import pandas as pd

from models.risk_model import ModelFacts, ModelFeature, RiskModel
from training.fit import Fitted, base_rates, binned, grow, parameters, recalibrate
from training.intervals import clusters, ratio
from training.panel import Panel
from training.settings import Settings
from training.stability import refit

PUPILS, SCHOOLS, FEATURES, DATES = 210_000, 500, 70, 6
ROUNDS, TIMES = 60, 3
FIT_BAR, ESTIMATE_BAR = 1.2, 1.3
GROUPS, DRAWS = 40, 1000
NAMES = tuple(ModelFeature(f"num_{number}", "attendance") for number in range(FEATURES))


def city() -> Panel:
    """The training dates of a city: counts and shares, some missing, one in 150 followed by the outcome."""
    rng = np.random.default_rng(1)
    num = PUPILS * DATES
    X = np.empty((num, FEATURES), dtype=np.float32)
    for column in range(FEATURES):
        X[:, column] = rng.poisson(0.3, num) if column % 2 else rng.random(num, dtype=np.float32)
        X[rng.integers(0, num, num // 20), column] = np.nan
    log_odds = -6 + np.nan_to_num(X[:, :12]).sum(axis=1) / 4
    school = np.tile(rng.integers(0, SCHOOLS, PUPILS), DATES)
    blank = np.full(num, "")
    y = (rng.random(num) < 1 / (1 + np.exp(-log_odds))).astype(float)
    return Panel(
        X=X, y=y, pupil=np.tile(np.arange(PUPILS), DATES),
        as_of=np.repeat(np.arange(DATES), PUPILS).astype("datetime64[D]"), cluster=school, school=school.astype(np.int32),
        moment=np.repeat(np.arange(DATES), PUPILS), phase=np.full(num, "primary"), district=blank,
        nc_year=np.zeros(num, np.int16), standing=blank, is_hidden_exit=np.zeros(num, bool), target=y,
    )  # fmt: skip


def seconds(*jobs: Callable[[], object]) -> list[float]:
    """The best of `TIMES` of each job, taken in turn so that a busy machine is busy for both."""
    best = [float("inf")] * len(jobs)
    for _ in range(TIMES):
        for number, job in enumerate(jobs):
            start = time.perf_counter()
            job()
            best[number] = min(best[number], time.perf_counter() - start)
    return best


def main() -> None:
    """Print each time, its rival's and the ratio."""
    panel, settings = city(), Settings()
    chosen = parameters(settings, NAMES, {})

    def bare() -> lgb.Booster:
        return lgb.train(dict(chosen), lgb.Dataset(panel.X, panel.y), num_boost_round=ROUNDS)

    ours, theirs = seconds(lambda: grow(binned(panel, NAMES, settings), chosen, ROUNDS), bare)
    print(
        f"one fit of {len(panel):,} rows x {FEATURES}: {ours:.1f} s, bare lightgbm.train {theirs:.1f} s, ratio {ours / theirs:.2f} (bar {FIT_BAR})"
    )

    data = binned(panel, NAMES, settings)
    fitted = Fitted(
        grow(data, chosen, ROUNDS), data, chosen, ROUNDS, recalibrate(panel.y * 0.0, panel.y), 0.0
    )
    start = time.perf_counter()
    refits = refit(fitted, panel.cluster, TIMES, settings.seed)
    each = (time.perf_counter() - start) / TIMES
    print(f"one refit on the same bins: {each:.1f} s, ratio to a bare lightgbm.train {each / theirs:.2f}")

    facts = ModelFacts(
        "serious_exclusion",
        365,
        NAMES,
        fitted.calibrator,
        base_rates(panel, panel.y >= 0),
        (),
        date(2026, 1, 1),
        "",
        True,
        "",
        {},
    )
    model = RiskModel(fitted.booster.model_to_string(), tuple(one.model_to_string() for one in refits), facts)
    now = panel.X[:PUPILS]
    frame = pd.DataFrame(now, columns=[feature.name for feature in NAMES]).assign(pupil=panel.pupil[:PUPILS])
    ours, theirs = seconds(lambda: model.estimate(frame), lambda: model.booster.predict(now))
    print(
        f"estimates of {PUPILS:,} pupils: {ours:.2f} s, bare booster.predict {theirs:.2f} s, ratio {ours / theirs:.2f} (bar {ESTIMATE_BAR})"
    )

    listed, positive = (model.estimate(panel.X) > 0.05).astype(float), panel.y == 1
    group = np.random.default_rng(2).integers(0, GROUPS, len(panel))
    start = time.perf_counter()
    whole = clusters(panel.cluster, panel.pupil, DRAWS, 1)
    for number in range(GROUPS):
        here = positive & (group == number)
        whole.interval(ratio, (listed * here, here.astype(float)), here)
    print(
        f"{DRAWS:,} clustered draws of {GROUPS} groups of {len(panel):,} rows: {time.perf_counter() - start:.1f} s"
    )
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2:.1f} GB")


if __name__ == "__main__":
    main()
