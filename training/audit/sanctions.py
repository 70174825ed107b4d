"""Label bias: for the same recorded reason, is one group answered more severely than another?

Every recorded event is compared with others of the same school, reason and number of earlier suspensions.

**How long** a suspension was: what is left of a group after school and reason-by-earlier effects are taken out is its
difference (Frisch, Waugh and Lovell), and chance is schools' signs drawn by lot. Days vary in every school, so
that no group's scores can all have one sign by luck.

**Whether the exclusion was for good** is a rare yes or no, of which a group may have none by luck. So a school's exclusions
for good are shared out again among its own events, each as likely as its reason and earlier suspensions make it and
without a look at its group. The number that fell in a group is judged by the distribution with its mean and variance under
that sharing, as shares are in `gaps`; the range of the ratio is the same test inverted.

Both are judged over all groups together (step-down). Whether an act came to be an event at all is not in these records.

References
----------
Fisher (1935), The design of experiments; Mantel and Haenszel (1959): cases of a stratum shared out at random.
Lancaster (1961), Significance tests in discrete distributions: the mid-p.
Kline and Santos (2012), A score based approach to wild bootstrap inference.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from training.audit.estimable import FEWEST, FEWEST_RARER
from training.audit.gaps import CHANCE, step_down, tails, two_sided
from training.intervals import ALIKE, LEVEL, SLACK, TOO_FEW, TOO_FEW_SCHOOLS, effective_schools

ROUNDS = 200
SETTLED = 1e-7
DRAWN_TOWARDS_EVERYONE = (
    1.0  # exclusions for good, as many seen as expected, that every reason and record begins with
)
MOST_TIMES = 100.0  # a ratio of as much and more
HALVINGS = 60
ASKED = (
    "With the same recorded reason, as many earlier suspensions and at the same school: were this group's suspensions longer, "
    "and were more of its exclusions for good?"
)
NONE_FOR_GOOD = "no permanent exclusion that could have been of this group or of another"
UNTOLD = {
    "status": "cannot_tell", "estimate": None, "low": None, "high": None, "p_adjusted": None, "is_gap": False, "reason": "",
}  # fmt: skip


@dataclass(frozen=True)
class Chance:
    """How surprising a group's figure is without any difference, and so many draws of it.

    Attributes
    ----------
    seen : float
        Two-sided p by the figure's own test: below `CHANCE` its range does not include 1.
    together : float
        The same on the scale of `drawn`, by which figures are compared with one another.
    drawn : numpy.ndarray of float64, shape (draws,)
    """

    seen: float
    together: float
    drawn: np.ndarray


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
        `permanent` (times as many for good as others'): status, estimate, low, high, p_adjusted, is_gap, reason. A group
        of whom nobody was excluded for good has the ratio 0 and a range above it, or cannot tell.
    """
    rows: list[dict[str, Any]] = []
    tested: list[tuple[dict[str, Any], Chance]] = []
    suspended = events[~events["is_permanent"] & (events["sessions"] >= 1)]
    schools = np.unique(events["cluster"])
    length = Cleared(suspended, np.log(suspended["sessions"].to_numpy(np.float64)), schools, draws, seed)
    permanent = SharedOut(events, draws, seed)
    for attribute in attributes:
        for group in sorted(events[attribute].unique()):
            own = events[events[attribute] == group]
            row: dict[str, Any] = {
                "attribute": attribute, "group": group, "num_events": len(own), "num_pupils": int(own["pupil"].nunique()),
            }  # fmt: skip
            for name, of, frame in (("length", length, suspended), ("permanent", permanent, events)):
                row[name], chance = of.compare((frame[attribute] == group).to_numpy())
                if chance is not None:
                    tested.append((row[name], chance))
            rows.append(row)
    for (facts, _), p in zip(tested, adjusted([chance for _, chance in tested]), strict=True):
        facts |= {"p_adjusted": round(float(p), 6), "is_gap": bool(p < CHANCE)}
    return rows


def adjusted(chances: Sequence[Chance]) -> np.ndarray:
    """p-values adjusted for every other figure of the table, none below the figure's own; shape (F,)."""
    if not chances:
        return np.zeros(0)
    seen, together = (np.array([getattr(each, name) for each in chances]) for name in ("seen", "together"))
    return np.maximum(
        step_down(-together, -np.stack([each.drawn for each in chances], axis=1), ties=0.5), seen
    )


def too_few(pupil: np.ndarray, is_group: np.ndarray) -> str:
    """Why a group cannot be compared with others for want of pupils; "" where it can."""
    fewer = min(len(np.unique(pupil[rows])) for rows in (is_group, ~is_group))
    if fewer >= FEWEST:
        return ""
    return f"{fewer} pupil{'' if fewer == 1 else 's'} to compare, {FEWEST} are needed"


def cells(events: pd.DataFrame) -> np.ndarray:
    """Index of each event's reason and band of earlier suspensions; shape (n,)."""
    cell = events["reason"].astype(str) + "/" + events["earlier"].astype(str)
    return np.unique(cell.to_numpy(str), return_inverse=True)[1]


class SharedOut:
    """Exclusions for good, shared out again among each school's own events.

    A school without any, or where every event was for good, says nothing of whom it was for and is left out.
    """

    def __init__(self, events: pd.DataFrame, draws: int, seed: int) -> None:
        self.pupil = events["pupil"].to_numpy()
        school = np.unique(events["cluster"].to_numpy(), return_inverse=True)[1]
        is_permanent = events["is_permanent"].to_numpy(bool)
        seen, size = np.bincount(school, is_permanent), np.bincount(school)
        self.kept = np.flatnonzero(((seen > 0) & (seen < size))[school])
        self.kept = self.kept[np.argsort(school[self.kept], kind="stable")]
        self.school = np.unique(school[self.kept], return_inverse=True)[1]
        self.is_permanent = is_permanent[self.kept]
        self.num = np.bincount(self.school, self.is_permanent)
        cell = np.unique(cells(events)[self.kept], return_inverse=True)[1]
        self.weight = self.weights(cell) if len(self.kept) else np.zeros(0)
        self.drawn = self.draw(draws, np.random.default_rng([seed, len(self.num)]))

    def weights(self, cell: np.ndarray) -> np.ndarray:
        """How likely each event is beside others of its school, by its reason and earlier suspensions; shape (n,)."""
        seen, effect = np.bincount(cell, self.is_permanent), np.ones(int(cell.max()) + 1)
        for _ in range(ROUNDS):
            before = effect
            share = (self.num / np.bincount(self.school, effect[cell]))[self.school]
            effect = (seen + DRAWN_TOWARDS_EVERYONE) / (np.bincount(cell, share) + DRAWN_TOWARDS_EVERYONE)
            if np.abs(effect - before).max() < SETTLED:
                break
        return effect[cell]

    def draw(self, draws: int, rng: np.random.Generator) -> np.ndarray:
        """Events that exclusions for good fall on; int64, shape (draws, K). One event may be met twice: no narrower."""
        if not len(self.kept):
            return np.zeros((draws, 0), dtype=np.int64)
        upto = np.cumsum(self.weight)
        total = np.bincount(self.school, self.weight)
        begin = np.cumsum(total) - total
        of = np.repeat(np.arange(len(self.num)), self.num.astype(np.int64))
        at = np.searchsorted(upto, begin[of] + rng.random((draws, len(of))) * total[of], "right")
        first, last = np.searchsorted(self.school, of), np.searchsorted(self.school, of, "right") - 1
        return np.clip(at, first, last)

    def compare(self, is_group: np.ndarray) -> tuple[dict[str, Any], Chance | None]:
        """One group beside the others, as a ratio with its range, and how surprising it is."""
        facts: dict[str, Any] = dict(UNTOLD)
        if why := too_few(self.pupil, is_group):
            return facts | {"reason": why}, None
        own = is_group[self.kept]
        weights = [np.bincount(self.school, self.weight * rows, len(self.num)) for rows in (own, ~own)]
        shared = Shared(float((own & self.is_permanent).sum()), self.num, *weights)
        mean, variance = shared.moments(1.0)
        expected = min(mean, float(self.num.sum()) - mean)
        if expected == 0:
            return facts | {"reason": NONE_FOR_GOOD}, None
        if expected < FEWEST_RARER - SLACK:
            few = f"{expected:.1f} permanent exclusions to be expected, {FEWEST_RARER:g} are needed"
            return facts | {"reason": few}, None
        if effective_schools(shared.spread(1.0)) < TOO_FEW_SCHOOLS:
            return facts | {"reason": TOO_FEW}, None
        low, high = shared.bounds()
        told = {"estimate": shared.ratio(), "low": low, "high": high}
        seen = float(two_sided(np.array(shared.seen), np.array(mean), np.array(variance)))
        drawn = two_sided(own[self.drawn].sum(axis=1).astype(np.float64), np.array(mean), np.array(variance))
        rounded = {name: round(value, 6) for name, value in told.items()}
        return facts | rounded | {"status": "estimated"}, Chance(seen, seen, drawn)


@dataclass(frozen=True)
class Shared:
    """A group's exclusions for good beside what sharing out gives it.

    Attributes
    ----------
    seen : float
        The group's.
    num, own, others : numpy.ndarray of float64, shape (S,)
        Of each school: exclusions for good, and the weight of the group's events and of all others.
    """

    seen: float
    num: np.ndarray
    own: np.ndarray
    others: np.ndarray

    def share(self, times: float) -> np.ndarray:
        """The group's share in each school, were its events so many times as likely as others; shape (S,)."""
        own = times * self.own
        return own / np.maximum(own + self.others, 1e-300)

    def spread(self, times: float) -> np.ndarray:
        """What each school adds to the variance; shape (S,)."""
        share = self.share(times)
        return self.num * share * (1 - share)

    def moments(self, times: float) -> tuple[float, float]:
        """Mean and variance of the number in the group."""
        return float(self.num @ self.share(times)), float(self.spread(times).sum())

    def ratio(self) -> float:
        """The times at which as many are expected as were seen; where others had none, half of one is left to them."""
        aim = min(self.seen, float(self.num[self.own > 0].sum()) - 0.5)
        return 0.0 if aim <= 0 else self.halved(lambda times: self.moments(times)[0] > aim)

    def bounds(self) -> tuple[float, float]:
        """The times between which the test does not reject, 0 and `MOST_TIMES` at the furthest."""
        tail = (1 - LEVEL) / 2

        def is_beyond(times: float, side: int) -> bool:
            mean, variance = self.moments(times)
            found = tails(np.array(self.seen), np.array(mean), np.array(variance))[side]
            return bool(found > tail) if side else bool(found < tail)

        low = 0.0 if self.seen == 0 else self.halved(lambda times: is_beyond(times, 1))
        return low, self.halved(lambda times: is_beyond(times, 0))

    @staticmethod
    def halved(is_above: Callable[[float], bool]) -> float:
        """The least times for which a condition that stays once it holds is true, on the log scale."""
        low, high = -np.log(MOST_TIMES), np.log(MOST_TIMES)
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            low, high = (low, middle) if is_above(float(np.exp(middle))) else (middle, high)
        return float(np.exp(high))


class Cleared:
    """The length of suspensions with the effects of school, and of reason by earlier suspensions, taken out.

    Parameters
    ----------
    values : numpy.ndarray of float64, shape (n,)
        Logarithms of sessions.
    schools : numpy.ndarray, shape (S,)
        Every school of the table, sorted; one without such an event adds 0.
    """

    def __init__(
        self, events: pd.DataFrame, values: np.ndarray, schools: np.ndarray, draws: int, seed: int
    ) -> None:
        self.num_schools = len(schools)
        self.school = np.searchsorted(schools, events["cluster"].to_numpy())
        self.cell = cells(events)
        self.pupil = events["pupil"].to_numpy()
        self.left = self.clear(values)
        self.signs = np.random.default_rng([seed, len(schools)]).choice((-1.0, 1.0), (draws, len(schools)))

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

    def compare(self, is_group: np.ndarray) -> tuple[dict[str, Any], Chance | None]:
        """One group beside the others, as a ratio with its range, and how surprising it is."""
        facts: dict[str, Any] = dict(UNTOLD)
        if why := too_few(self.pupil, is_group):
            return facts | {"reason": why}, None
        own = self.clear(is_group)
        under = float((own * is_group).sum())
        scores = self.by_school(own * self.left)
        schools = effective_schools(self.by_school(np.abs(own) * is_group))
        if under < 1e-6 or schools < TOO_FEW_SCHOOLS:
            return facts | {"reason": TOO_FEW}, None
        by = float(scores.sum() / under)
        error = float(np.sqrt((self.by_school(own * (self.left - by * own)) ** 2).sum()) / under)
        size = float(np.sqrt((scores**2).sum()))
        if error <= 0 or size <= 0:
            return facts | {"reason": ALIKE}, None
        reach = float(stats.t.ppf((1 + LEVEL) / 2, schools - 1)) * error
        told = {"estimate": by, "low": by - reach, "high": by + reach}
        seen = float(2 * stats.t.sf(abs(by) / error, schools - 1))
        together, drawn = (
            2 * stats.norm.sf(np.abs(each) / size) for each in (scores.sum(), self.signs @ scores)
        )
        rounded = {name: round(float(np.exp(value)), 6) for name, value in told.items()}
        return facts | rounded | {"status": "estimated"}, Chance(seen, float(together), drawn)
