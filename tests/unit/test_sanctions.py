"""Sanctions compared within schools: schools that suspended nobody stay in the table."""

import numpy as np
import pandas as pd

from training.audit.sanctions import sanctions

SCHOOLS = 30


def events(rows_of_last: int) -> pd.DataFrame:
    """Three hundred events of thirty schools; the first school's events are exclusions for good, all of them."""
    rng = np.random.default_rng(5)
    school = np.append(np.arange(300 - rows_of_last) % (SCHOOLS - 1) + 1, np.zeros(rows_of_last, np.int64))
    return pd.DataFrame(
        {
            "pupil": np.arange(300), "cluster": school, "reason": rng.choice(["PA", "DB"], 300), "earlier": rng.integers(0, 3, 300),
            "sessions": np.where(school == 0, 0, rng.integers(1, 11, 300)),
            "is_permanent": (school == 0) | (rng.random(300) < 0.1), "ethnicity": rng.choice(["WBRI", "BCRB"], 300),
        }
    )  # fmt: skip


def test_a_school_that_only_excluded_for_good_is_told_with_the_others():
    rows = sanctions(events(4), ["ethnicity"], 200, seed=1)
    assert [row[name]["status"] for row in rows for name in ("length", "permanent")] == ["estimated"] * 4


def test_the_length_of_suspensions_does_not_turn_on_a_school_that_suspended_nobody():
    """The school has no length to add, whichever place its number takes among the schools."""
    seen = events(4)
    without = seen[seen["cluster"] != 0]
    assert [row["length"] | {"p_adjusted": 0} for row in sanctions(seen, ["ethnicity"], 200, seed=1)] == [
        row["length"] | {"p_adjusted": 0} for row in sanctions(without, ["ethnicity"], 200, seed=1)
    ]
