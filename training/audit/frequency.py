"""Label bias: is a group suspended more often than its other records would lead one to expect?

What is expected of a pupil in a year is learned from records other than earlier sanctions, on schools left
out, by gradient boosting for counts; what others at the same school met with then scales it. Groups
are never an input. Observed over expected by group is told with its range and tested over the whole table.

Three things would make a false finding of it, and each has its answer here:

- Suspensions come in bursts, to few pupils and in few schools. The variance of a group's sum is that of counts
  as overdispersed by pupil and school as everyone's are (a moment estimate), or that between the
  group's own schools where it is greater. The sum is taken as gamma distributed: it is skewed where few are expected.
- A school that suspends more is no bias within it. A group is held beside others at its own schools only.
- **Records measure need only in part.** A group of greater need has more suspensions than its records lead one
  to expect, however even-handed schools are: an expectation regresses to everyone's mean. Were the group as
  far above others in what is not recorded as in what is, its ratio would be ``exp(L (1/r - 1))``, with L the
  log ratio of what its records lead one to expect to what others' of the same year group do, and r the
  share of the spread of need that the records tell. A ratio is told as a gap only beyond that.

It stays a reason to look, and no proof: need that the records do not measure at all can differ more.

References
----------
Goldberger (1984), Reverse regression and salary discrimination: under-adjustment by imperfect measures.
Gaebler and Goel (2024), A simple, statistically robust test of discrimination.
Cameron and Trivedi (2013), Regression analysis of count data: moments of overdispersion.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
from scipy import optimize, special

from training.audit.estimable import FEWEST
from training.intervals import LEVEL, NOTHING_BELOW, TOO_FEW, TOO_FEW_SCHOOLS, effective_schools

CHANCE = 0.05
FOLDS = 3
ROUNDS = 60
QUIET = {
    "objective": "poisson", "verbose": -1, "num_leaves": 15, "learning_rate": 0.1, "min_data_in_leaf": 100, "max_bin": 63,
    "deterministic": True, "force_row_wise": True,
}  # fmt: skip
FEWEST_EXPECTED = 10.0
ASKED = (
    "Was this group suspended more often than its other records would lead one to expect: unauthorised absence, lateness, needs, "
    "services involved, poverty, year group and what others at the same school met with; never earlier sanctions?"
)
COULD_EXPLAIN = (
    "A reason to look, not proof. Need or behaviour that these records do not measure, or measure less well for this group, explains such "
    "a figure as well as unequal treatment does. “Could be need” is how large it would be if the group were as far from others in what is "
    "not recorded as in what is; only what lies beyond that is told as a gap."
)


@dataclass(frozen=True)
class PupilYears:
    """A row a pupil a school year; arrays of n rows.

    Attributes
    ----------
    pupil : numpy.ndarray of int64
    cluster : numpy.ndarray
        The school.
    year_group : numpy.ndarray
    num_suspensions : numpy.ndarray of float64
        In that year.
    records : pandas.DataFrame
        What the expectation is learned from; numbers, NaN is missing.
    """

    pupil: np.ndarray
    cluster: np.ndarray
    year_group: np.ndarray
    num_suspensions: np.ndarray
    records: pd.DataFrame


@dataclass(frozen=True)
class Beside:
    """What is needed to hold one group beside others; sums over its rows."""

    observed: float
    expected: float
    counted: float  # variance of the counts themselves, at a ratio of 1
    spread: float  # variance beyond that, which grows with the square of the ratio
    unmeasured: float  # the ratio that need could explain
    unsure: float = 0.0  # relative variance of that ratio

    def tails(self, ratio: float, unsure: float = 0.0) -> tuple[float, float]:
        """Chances of so few, and of so many, were the true ratio this, or this but for a relative variance."""
        mean = self.expected * ratio
        variance = self.counted * ratio + self.spread * ratio**2 + unsure * mean**2
        shape, scale = mean**2 / variance, variance / mean
        fewer = special.gammainc(shape, (self.observed + 0.5) / scale)
        return float(fewer), float(special.gammaincc(shape, max(self.observed - 0.5, 0.0) / scale))

    def p(self) -> float:
        """That chance, and need that is not recorded, explain so much; two-sided."""
        low, high = sorted((1.0, self.unmeasured))
        ratio = self.observed / self.expected
        if low <= ratio <= high:
            return 1.0
        bound = high if ratio > high else low
        fewer, more = self.tails(bound, 0.0 if bound == 1 else self.unsure)
        return min(1.0, 2 * (more if ratio > high else fewer))

    def bounds(self) -> tuple[float, float]:
        """The ratios that the figure does not speak against."""
        ratio, tail = max(self.observed, 0.5) / self.expected, (1 - LEVEL) / 2
        low = (
            0.0
            if self.observed == 0
            else optimize.brentq(lambda at: self.tails(at)[1] - tail, ratio * 1e-3, ratio)
        )
        most = ratio
        while self.tails(most)[0] > tail:
            most *= 2
        return float(low), float(optimize.brentq(lambda at: self.tails(at)[0] - tail, ratio, most))


def frequency(
    rows: PupilYears, groups: Mapping[str, np.ndarray], without: Mapping[str, Sequence[str]], seed: int
) -> list[dict[str, Any]]:
    """Observed over expected suspensions by group.

    Parameters
    ----------
    groups : mapping of str to numpy.ndarray of str, each of shape (n,)
        Attribute to each row's group.
    without : mapping of str to sequence of str
        Attribute to columns of `rows.records` that would tell it, and so are left out for it.

    Returns
    -------
    list of dict
        attribute, group, num_pupils, observed, expected, status, estimate, low, high, could_be_need, p_adjusted,
        is_gap, reason.
    """
    found: list[tuple[dict[str, Any], Beside | None]] = []
    learned: dict[frozenset[str], np.ndarray] = {}
    for attribute, of in groups.items():
        left_out = frozenset(without.get(attribute, ())) & set(rows.records.columns)
        if left_out not in learned:
            held = rows.records.drop(columns=sorted(left_out))
            learned[left_out] = expected_out_of_fold(held, rows.num_suspensions, rows.cluster, seed)
        cells = Cells.of(rows, learned[left_out])
        for group in sorted(set(of)):
            found.append(cells.hold(attribute, str(group), of == group))
    tested = [(facts, one) for facts, one in found if one is not None]
    for (facts, _), p in zip(tested, holm(np.array([one.p() for _, one in tested])), strict=True):
        facts |= {"p_adjusted": round(float(p), 6), "is_gap": bool(p < CHANCE)}
    return [facts for facts, _ in found]


def expected_out_of_fold(
    records: pd.DataFrame, number: np.ndarray, cluster: np.ndarray, seed: int
) -> np.ndarray:
    """Expected suspensions of each row, learned on other schools; float64, shape (n,)."""
    schools, code = np.unique(cluster, return_inverse=True)
    fold = (np.random.default_rng([seed, len(schools)]).permutation(len(schools)) % FOLDS)[code]
    data = lgb.Dataset(records.to_numpy(np.float64), number, params=QUIET | {"seed": seed}).construct()
    expected = np.full(len(number), number.mean())
    for each in range(FOLDS):
        here = fold == each
        if here.any() and number[~here].sum() > 0:
            grown = lgb.train(QUIET | {"seed": seed}, data.subset(np.flatnonzero(~here).tolist()), ROUNDS)
            expected[here] = grown.predict(records.to_numpy(np.float64)[here])
    return np.maximum(expected, 1e-6)


@dataclass(frozen=True)
class Cells:
    """Pupils at a school, over their years; arrays of m rows, and how everyone's counts spread.

    Attributes
    ----------
    row : numpy.ndarray of int64, shape (n,)
        Index of each pupil-year's pupil at a school.
    school : numpy.ndarray of int64, shape (m,)
    number, expected, usual : numpy.ndarray of float64, shape (m,)
        Suspensions; those that records lead one to expect; the mean of that over the same year groups.
    by_pupil, by_school : float
        Relative variances beyond chance: of pupils of the same records, and of schools.
    missed, missed_error : float
        What need differs by for each that records tell of it, beyond it, on the log scale, and its standard error: (1 - r) / r
        with r the share of the spread of need that the records tell.
    pupil : numpy.ndarray of int64, shape (m,)
    """

    row: np.ndarray
    school: np.ndarray
    number: np.ndarray
    expected: np.ndarray
    usual: np.ndarray
    by_pupil: float
    by_school: float
    missed: float
    missed_error: float
    pupil: np.ndarray

    @classmethod
    def of(cls, rows: PupilYears, expected: np.ndarray) -> "Cells":
        school = np.unique(rows.cluster, return_inverse=True)[1]
        year = np.unique(rows.year_group, return_inverse=True)[1]
        pairs, row = np.unique(np.stack([rows.pupil, school]), axis=1, return_inverse=True)
        usual = (np.bincount(year, expected) / np.maximum(np.bincount(year), 1))[year]
        number, held, mean = (np.bincount(row, each) for each in (rows.num_suspensions, expected, usual))
        scaled = held * number.sum() / held.sum()
        by_school = np.stack([np.bincount(pairs[1], each) for each in (number, scaled, scaled**2)], axis=1)
        own = (by_school[:, 0] / np.maximum(by_school[:, 1], 1e-9))[pairs[1]] * scaled
        by_pupil = max(((number - own) ** 2 - number).sum() / max((own**2).sum(), 1e-9), 0.0)
        chance = by_school[:, 1] + by_pupil * by_school[:, 2]
        beyond = ((by_school[:, 0] - by_school[:, 1]) ** 2 - chance).sum() / (by_school[:, 1] ** 2).sum()
        logs = np.log(expected)
        within = logs - (np.bincount(year, logs) / np.maximum(np.bincount(year), 1))[year]
        spread = float(np.var(within))
        lasting, error = lasting_spread(rows, expected * (own / np.maximum(held, 1e-12))[row], by_pupil)
        missed = float(np.log1p(lasting)) / max(spread, 1e-9)
        missed_error = error / (1 + lasting) / max(spread, 1e-9)
        return cls(
            row,
            pairs[1],
            number,
            scaled,
            mean,
            float(by_pupil),
            max(float(beyond), 0.0),
            missed,
            missed_error,
            pairs[0],
        )

    def hold(self, attribute: str, group: str, is_row_in: np.ndarray) -> tuple[dict[str, Any], Beside | None]:
        """One group beside the others at its schools."""
        num = int(self.school.max()) + 1
        inside = np.bincount(self.row, is_row_in) > 0
        # Who has no other at the school has nobody to be held beside.
        shared = (np.bincount(self.school[inside], minlength=num) > 0) & (
            np.bincount(self.school[~inside], minlength=num) > 0
        )
        here = shared[self.school]
        inside, outside = inside & here, ~inside & here
        sums = {
            side: np.stack(
                [
                    np.bincount(self.school[rows], each[rows], num)
                    for each in (self.number, self.expected, self.expected**2)
                ]
            )
            for side, rows in (("own", inside), ("others", outside))
        }
        (observed, expected, squared), (theirs, theirs_expected, theirs_squared) = sums["own"], sums["others"]
        facts: dict[str, Any] = {
            "attribute": attribute, "group": group, "num_pupils": len(np.unique(self.pupil[inside])),
            "observed": int(observed.sum()), "expected": None, "status": "cannot_tell", "estimate": None, "low": None, "high": None,
            "could_be_need": None, "p_adjusted": None, "is_gap": False, "reason": "",
        }  # fmt: skip
        few = min(facts["num_pupils"], len(np.unique(self.pupil[outside & (self.number > 0)])))
        if few < FEWEST:
            return facts | {"reason": f"{few} pupils to compare, {FEWEST} are needed"}, None
        if theirs_expected.sum() == 0:
            return facts | {"reason": NOTHING_BELOW}, None
        level = theirs.sum() / theirs_expected.sum()
        overdispersed = 1 + self.by_pupil * level * theirs_squared / np.maximum(theirs_expected, 1e-9)
        prior = 1 / max(self.by_school, 1e-6)
        strength = prior + level * theirs_expected / overdispersed
        factor = level * (prior + theirs / overdispersed) / strength
        uncertain = level * factor / strength  # of a gamma of that strength about the factor
        mean = factor * expected
        facts["expected"] = round(float(mean.sum()), 3)
        if mean.sum() < FEWEST_EXPECTED:
            return facts | {"reason": f"fewer than {FEWEST_EXPECTED:.0f} suspensions would be expected"}, None
        if effective_schools(mean) < TOO_FEW_SCHOOLS:
            return facts | {"reason": TOO_FEW}, None
        ratio = observed.sum() / mean.sum()
        between = (self.by_pupil * factor**2 * squared + uncertain * expected**2).sum()
        seen = ((observed - ratio * mean) ** 2).sum() / max(ratio, 1e-9) ** 2 - mean.sum() / max(ratio, 1e-9)
        need = np.log(self.expected[inside].sum() / self.usual[inside].sum()) - np.log(
            self.expected[outside].sum() / self.usual[outside].sum()
        )
        one = Beside(
            float(observed.sum()), float(mean.sum()), float(mean.sum()), float(max(between, seen)),
            float(np.exp(need * self.missed)), float((need * self.missed_error) ** 2),
        )  # fmt: skip
        low, high = one.bounds()
        told = {"estimate": ratio, "low": low, "high": high, "could_be_need": one.unmeasured}
        return facts | {"status": "estimated"} | {
            name: round(float(value), 6) for name, value in told.items()
        }, one


def lasting_spread(rows: PupilYears, own: np.ndarray, by_pupil: float) -> tuple[float, float]:
    """How far pupils of the same records differ lastingly, as a relative variance: what of one year comes again in another;
    and its standard error, by school.

    Bursts within a year are no need of a kind that records should have told. With too few pupils seen in two years, all
    of the spread within a year counts as lasting, which allows for more.

    Parameters
    ----------
    own : numpy.ndarray of float64, shape (n,)
        What is expected of each row at its own school.
    """
    pupil = np.unique(rows.pupil, return_inverse=True)[1]
    left = rows.num_suspensions - own
    together = [np.bincount(pupil, each) ** 2 - np.bincount(pupil, each**2) for each in (left, own)]
    seen_again = np.bincount(pupil, rows.num_suspensions > 0) > 1
    if seen_again.sum() < FEWEST or together[1].sum() <= 0:
        return by_pupil, 0.0  # more than it can be
    lasting = float(np.clip(together[0].sum() / together[1].sum(), 0.0, by_pupil))
    school = np.unique(rows.cluster, return_inverse=True)[1]
    first = school[np.unique(pupil, return_index=True)[1]]
    left_over = np.bincount(first, together[0] - lasting * together[1])
    return lasting, float(np.sqrt((left_over**2).sum()) / together[1].sum())


def holm(p: np.ndarray) -> np.ndarray:
    """Adjusted for every other p of the table (Holm 1979): any dependence between groups is allowed for."""
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)) if len(p) else p
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted
