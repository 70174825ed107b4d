"""Label bias: for the same recorded reason, is one group answered more severely than another?

Every recorded event is compared with others of the same school, reason and number of earlier suspensions:
how long the suspension was, and whether the exclusion was for good. What is left of a group after
school and reason-by-earlier effects are taken out is its difference (Frisch, Waugh and Lovell), tested
over all groups together as in `gaps`. Whether an act came to be an event at all is not in these records.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from training.audit.estimable import FEWEST
from training.audit.gaps import Score, judge_together
from training.intervals import LEVEL, TOO_FEW, TOO_FEW_SCHOOLS, effective_schools

ROUNDS = 200
SETTLED = 1e-7
ASKED = (
    "With the same recorded reason, as many earlier suspensions and at the same school: were this group's suspensions longer, "
    "and were more of its exclusions for good?"
)


def sanctions(events: pd.DataFrame, attributes: Sequence[str], draws: int, seed: int) -> list[dict[str, Any]]:
    """Length and permanence by group, given reason, earlier suspensions and school.

    Parameters
    ----------
    events : pandas.DataFrame
        One row an event: pupil, cluster, reason, earlier (a band), sessions, is_permanent, and a
        column of text for each attribute.

    Returns
    -------
    list of dict
        attribute, group, num_events, num_pupils, and `length` (times as long as others') and
        `permanent` (times as many for good): status, estimate, low, high, p_adjusted, is_gap, reason.
    """
    rows: list[dict[str, Any]] = []
    tested: list[tuple[dict[str, Any], Score]] = []
    suspended = events[~events["is_permanent"] & (events["sessions"] >= 1)]
    parts = {
        "length": (suspended, np.log(suspended["sessions"].to_numpy(np.float64))),
        "permanent": (events, events["is_permanent"].to_numpy(np.float64)),
    }
    schools = np.unique(events["cluster"])
    cleared = {name: Cleared(frame, values, schools) for name, (frame, values) in parts.items()}
    for attribute in attributes:
        for group in sorted(events[attribute].unique()):
            own = events[events[attribute] == group]
            row: dict[str, Any] = {
                "attribute": attribute, "group": group, "num_events": len(own), "num_pupils": int(own["pupil"].nunique()),
            }  # fmt: skip
            for name, (frame, _) in parts.items():
                row[name], score = cleared[name].compare(
                    (frame[attribute] == group).to_numpy(), name == "length"
                )
                if score is not None:
                    tested.append((row[name], score))
            rows.append(row)
    told = judge_together([score for _, score in tested], draws, seed)
    for at, (facts, _) in enumerate(tested):
        facts |= {"p_adjusted": round(float(told.p[at]), 6), "is_gap": bool(told.is_gap[at])}
    return rows


class Cleared:
    """A measure of events with the effects of school, and of reason by earlier suspensions, taken out.

    Parameters
    ----------
    schools : numpy.ndarray, shape (S,)
        Every school of the table, sorted; one without such an event adds 0, so that all measures can be
        judged together.
    """

    def __init__(self, events: pd.DataFrame, values: np.ndarray, schools: np.ndarray) -> None:
        self.values, self.num_schools = values, len(schools)
        self.school = np.searchsorted(schools, events["cluster"].to_numpy())
        cell = events["reason"].astype(str) + "/" + events["earlier"].astype(str)
        self.cell = np.unique(cell.to_numpy(str), return_inverse=True)[1]
        self.pupil = events["pupil"].to_numpy()
        self.left = self.clear(values)

    def clear(self, values: np.ndarray) -> np.ndarray:
        """Values less their school's and their cell's effect; shape (n,)."""
        left = values.astype(np.float64)
        for _ in range(ROUNDS):
            before = left
            for code in (self.school, self.cell):
                size = np.bincount(code)
                left = left - (np.bincount(code, left) / np.maximum(size, 1))[code]
            if len(left) == 0 or np.abs(left - before).max() < SETTLED:
                break
        return left

    def by_school(self, values: np.ndarray) -> np.ndarray:
        """The sum of values by school; shape (S,)."""
        return np.bincount(self.school, values, self.num_schools)

    def compare(self, is_group: np.ndarray, is_log: bool) -> tuple[dict[str, Any], Score | None]:
        """One group beside the others, as a ratio with its range, and its score for the test."""
        facts: dict[str, Any] = {
            "status": "cannot_tell", "estimate": None, "low": None, "high": None, "p_adjusted": None, "is_gap": False, "reason": "",
        }  # fmt: skip
        counts = [len(np.unique(self.pupil[rows])) for rows in (is_group, ~is_group)]
        if min(counts) < FEWEST:
            fewer = min(counts)
            few = f"{fewer} pupil{'' if fewer == 1 else 's'} to compare, {FEWEST} are needed"
            return facts | {"reason": few}, None
        own = self.clear(is_group)
        under = float((own * is_group).sum())
        scores = self.by_school(own * self.left)
        spread = effective_schools(self.by_school(np.abs(own) * is_group))
        if under < 1e-6 or spread < TOO_FEW_SCHOOLS:
            return facts | {"reason": TOO_FEW}, None
        by = float(scores.sum() / under)
        residual = self.by_school(own * (self.left - by * own))
        reach = float(stats.t.ppf((1 + LEVEL) / 2, spread - 1) * np.sqrt((residual**2).sum()) / under)
        bounds = [by, by - reach, by + reach]
        if is_log:
            ratios = [float(np.exp(each)) for each in bounds]
        else:
            seen, num = float(self.values[is_group].sum()), int(is_group.sum())
            without = [seen - each * num for each in bounds]
            if min(without) <= 0:
                return facts | {"reason": "too few permanent exclusions to say"}, None
            ratios = [seen / each for each in without]
        told = {
            name: round(value, 6) for name, value in zip(("estimate", "low", "high"), ratios, strict=True)
        }
        return facts | told | {"status": "estimated"}, Score(scores, under)
