"""The promise of how often groups are sanctioned: a planted difference is named, and need is not taken for one.

Simulated at the level of the matrix: 60,000 pupils of 120 schools over two years. Behaviour is a pupil's own and lasts; other
records measure it with noise; suspensions come in bursts, and more at some schools than at others.
"""

import numpy as np
import pandas as pd
import pytest

from training.audit.frequency import PupilYears, frequency

pytestmark = pytest.mark.promise
GROUPS = np.array(["WBRI", "APKN", "BAFR", "MWBC", "BCRB", "WROM", "AIND", "AOTH", "WOTH", "OOTH"])
SHARES = np.array([0.60, 0.10, 0.06, 0.05, 0.04, 0.01, 0.05, 0.03, 0.05, 0.01])
SEEDS = 40


def two_years(
    seed: int,
    factor: float = 1.0,
    need: dict[str, float] | None = None,
    num: int = 60_000,
    schools: int = 120,
) -> tuple[PupilYears, dict[str, np.ndarray]]:
    """Pupil-years of a city.

    Parameters
    ----------
    factor : float
        Times as often as anybody's that the behaviour of BCRB is answered.
    need : dict of str to float
        Group to how far its behaviour lies above everyone's, in standard deviations.
    """
    rng = np.random.default_rng([seed, 19])
    sizes = rng.gamma(3, size=schools)
    school = rng.choice(schools, num, p=sizes / sizes.sum())
    mix = np.cumsum(rng.dirichlet(SHARES * 8, schools), axis=1)
    group = GROUPS[np.minimum((rng.random(num)[:, None] > mix[school]).sum(axis=1), len(GROUPS) - 1)]
    behaviour = rng.normal(size=num) + pd.Series(group).map(need or {}).fillna(0).to_numpy()
    severity = np.exp(0.4 * rng.normal(size=schools) - 0.08)[school]
    year_group = rng.integers(0, 10, num)
    records, numbers = [], []
    for year in range(2):
        records.append(
            pd.DataFrame(
                {
                    "unauthorised": np.exp(0.8 * behaviour + rng.normal(size=num)),
                    "late": rng.poisson(np.exp(0.5 * behaviour - 1)),
                    "semh": rng.random(num) < 1 / (1 + np.exp(3 - behaviour)),
                    "service": rng.random(num) < 1 / (1 + np.exp(3 - 0.7 * behaviour)),
                    "year_group": year_group + year,
                }
            ).astype(np.float64)
        )
        rate = 0.08 * np.exp(0.9 * behaviour + 0.15 * (year_group + year - 5) - 0.6) * severity
        bursts = rng.gamma(0.5, 2, num)
        numbers.append(rng.poisson(rate * bursts * np.where(group == "BCRB", factor, 1.0)))
    rows = PupilYears(
        np.tile(np.arange(num), 2), np.tile(school, 2), np.concatenate([year_group, year_group + 1]),
        np.concatenate(numbers).astype(np.float64), pd.concat(records, ignore_index=True),
    )  # fmt: skip
    return rows, {"ethnicity": np.tile(group, 2)}


def named(seed: int, **how: object) -> set[str]:
    """Groups told to be suspended more often than their records lead one to expect."""
    rows, groups = two_years(seed, **how)
    found = frequency(rows, groups, {}, seed)
    return {row["group"] for row in found if row["is_gap"] and row["estimate"] > 1}


def test_a_group_sanctioned_more_often_for_the_same_behaviour_is_named():
    found = [named(seed, factor=1.8) for seed in range(SEEDS)]
    assert np.mean(["BCRB" in groups for groups in found]) >= 0.8
    assert (
        sum(bool(groups - {"BCRB"}) for groups in found) <= 5
    )  # the 97.5 % point of a binomial of 40 at 5 %


def test_no_group_is_named_where_behaviour_alone_differs():
    need = {"BCRB": 0.5, "WROM": 0.8, "AIND": -0.4}
    found = [named(seed, need=need if seed % 2 else None) for seed in range(SEEDS)]
    assert sum(bool(groups) for groups in found) <= 5
