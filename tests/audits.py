"""Small scored lists for tests of the audit, and rates by hand with masks."""

import numpy as np
import pandas as pd

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
