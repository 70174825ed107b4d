"""The leak alarm: does a feature tell of the outcome window itself, and which?

A feature may be strong without being a leak: earlier suspensions carry half of an honest model's gain. What sets a
leak apart is when it is known. An honest record tells of a risk that was there before and lasts; a record that was
written because of the outcome and dated before it appears in a child of whom nothing was to be expected, and the outcome
follows at once, or for certain. So each feature is tried by five signs:

- *follows at once*: of the children in whom it has newly risen since the as-of date before, many more than were to be
  expected have the outcome before the next as-of date, and more of their outcomes are so near than of others';
- *sudden*: many times more than were to be expected have the outcome at all, and a fifth of them or more (a first suspension
  honestly multiplies a small risk; what stays small is no record of the outcome);
- *fades*: more than were to be expected have the outcome, and fewer do of those in whom it has stood for longer;
- *certain*: with it almost every child has the outcome, and without it few, although the rest of the record says
  little of a risk;
- *collapses*: much less is found when everything is known 14 days later.

What was to be expected is the same model's estimate at the as-of date before. Limits were set on simulated authorities
(tests/worlds.py) and are held by tests/promises/test_leaks.py. A status that was written over a child's whole past, and that others
bear as well, cannot be told from a lasting trait by any of these.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
from scipy import special

from models.risk_model import RiskModel
from training.evidence.recall import school_list
from training.evidence.test_cohort import TestCohort
from training.panel import Panel, days

MOST_FOLLOWED = 500_000  # rows that the alarm reads: more sharpen it little and cost time
AUC_TOO_GOOD = 0.97
COLLAPSE = 0.3
LAG_DAYS = 14
FOLLOWS_AT_ONCE, SUDDEN, FADES, CERTAIN = "follows_at_once", "sudden", "fades", "certain"

CUTS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995)
TAIL = 1e-4  # of a lower bound: hundreds of values are tried
NEXT_DATE_DAYS = 120  # as-of dates further apart are not one after the other; a summer lies between two
WIDEST = 0.35  # a value that more rows than this have has not "risen"
FEWEST_ROWS, FEWEST_PUPILS = 15, 8
NEAR_TIMES, NEARER_TIMES = 2.9, 1.4
SUDDEN_TIMES, SUDDEN_SHARE = 4.5, 0.2
FADES_TIMES, FRESH_TIMES, FEWEST_STANDING = 2.0, 1.1, 30
DATES_OF_ONE = 1.5  # a value newly risen belongs to one date, but may come and go before one outcome
ERRORS = 2.5  # standard errors below a ratio, of which few are tried: those where more was seen than expected
NEARLY_ALL, TIMES_ODDS = 0.5, 50.0
LITTLE_RISK = 2.0  # times the outcome's rate


@dataclass(frozen=True)
class Tell:
    """A sign that a feature tells of the window itself.

    Attributes
    ----------
    feature : str
    sign : str
        `FOLLOWS_AT_ONCE`, `SUDDEN`, `FADES` or `CERTAIN`.
    num : int
        Pupil-dates at which the feature has the value.
    observed, expected : float
        How many of them had the outcome, and how many were to be expected.
    excess : float
        By how much the sign's lower bound lies above its limit, as a ratio: from 1 it is raised.
    """

    feature: str
    sign: str
    num: int
    observed: float
    expected: float
    excess: float

    @property
    def sentence(self) -> str:
        """What was seen, for the report."""
        seen = f"{self.observed:.0f} of {self.num} pupil-dates"
        return {
            FOLLOWS_AT_ONCE: f"{self.feature} tells of the outcome window itself: where it has newly risen, the outcome followed before "
            f"the next as-of date in {seen}; {self.expected:.1f} were to be expected from the date before.",
            SUDDEN: f"{self.feature} tells of the outcome window itself: where it has newly risen, the outcome followed in {seen}; "
            f"{self.expected:.1f} were to be expected from the date before.",
            FADES: f"{self.feature} tells of the outcome window itself: where it has newly risen, the outcome followed in {seen}, more often "
            f"than where it has stood for longer; {self.expected:.1f} were to be expected from the date before.",
            CERTAIN: f"{self.feature} tells of the outcome window itself: the outcome followed in {seen} with one value of it, though "
            f"the rest of the record says little of a risk; {self.expected:.1f} were to be expected.",
        }[self.sign]


def leak_alarm(
    cohort: TestCohort,
    model: RiskModel,
    auc: dict[str, Any],
    lagged: pd.DataFrame | None,
    record: Panel | None = None,
) -> dict[str, Any]:
    """Signs that a feature knows what the outcome window was to tell.

    Parameters
    ----------
    auc : dict
        From `ranking.auc`.
    lagged : pandas.DataFrame or None
        pupil, as_of and the features of some test dates, as if everything had been known `LAG_DAYS`
        later; None leaves that sign out and says so.
    record : Panel or None
        Every eligible date, to follow each pupil from one to the next; None leaves out what needs two dates.

    Returns
    -------
    dict
        is_raised, alarms (sentences that name the feature), features (one row a sign, the strongest first), top_feature,
        share_of_gain, auc, lag.
    """
    share = gain_shares(model.booster)
    top = int(np.argmax(share))
    name = model.feature_names[top]
    tells = sorted(
        [
            *risen(model, record if record is not None else cohort.panel),
            *certain(model, cohort.panel.some_pupils(MOST_FOLLOWED)),
        ],
        key=lambda tell: -tell.excess,
    )
    alarms = [tell.sentence for tell in tells]
    if auc["estimate"] is not None and auc["estimate"] > AUC_TOO_GOOD:
        alarms.append(
            f"AUC {auc['estimate']:.3f} is above {AUC_TOO_GOOD}; the feature that tells most is {name}."
        )
    lag = without_newest(cohort, model, lagged)
    if lag["status"] == "estimated" and lag["recall_lagged"] < (1 - COLLAPSE) * lag["recall"]:
        alarms.append(
            f"Recall falls from {lag['recall']:.2f} to {lag['recall_lagged']:.2f} when everything is known {LAG_DAYS} days later; "
            f"the feature that loses most is {lag['feature']}."
        )
    return {
        "is_raised": bool(alarms),
        "alarms": alarms,
        "features": [
            {
                "feature": tell.feature,
                "sign": tell.sign,
                "num": tell.num,
                "observed": round(tell.observed, 1),
                "expected": round(tell.expected, 2),
                "excess": round(tell.excess, 3),
            }
            for tell in tells
        ],
        "top_feature": name,
        "share_of_gain": round(float(share[top]), 6),
        "auc": auc["estimate"],
        "lag": lag,
    }


def gain_shares(booster: lgb.Booster) -> np.ndarray:
    """Each feature's share of the reduction in loss that the trees' splits made; shape (F,)."""
    gain = booster.feature_importance("gain")
    return gain / max(gain.sum(), 1e-12)


def risen(model: RiskModel, record: Panel) -> list[Tell]:
    """Features that rise in children of whom little was to be expected, and the outcome follows.

    Parameters
    ----------
    record : Panel
        As-of dates one after the other, with their outcomes. Needs no day of an event: an outcome that a
        window holds and the next date's does not any more came about between the two.
    """
    panel = record.only(record.can_train)
    before = date_before(panel.pupil, panel.as_of)
    rows = np.flatnonzero(before >= 0)
    after = np.full(len(panel), -1)
    after[before[rows]] = rows
    y = panel.y == 1
    has_next = after[rows] >= 0
    near = has_next & y[rows] & ~y[after[rows]]
    later = has_next & y[rows] & y[after[rows]]
    if not near.any() or not later.any():
        return []
    estimate = model.estimate(panel.X)[before[rows]]
    weights = (
        np.ones(len(rows)),
        y[rows],
        scaled(estimate, y[rows].sum()),
        near,
        scaled(np.where(has_next, estimate, 0.0), near.sum()),
        later,
    )
    nearness = near.sum() / later.sum()
    dates = DATES_OF_ONE
    found: list[Tell] = []
    for column, feature in enumerate(model.feature_names):
        code, num = coded(panel.X[:, column])
        pair = code[rows] * num + code[before[rows]]
        tables = [np.bincount(pair, weight, num**2).reshape(num, num) for weight in weights]
        best: dict[str, Tell] = {}
        for inside in regions(num):
            if tables[0][inside].sum() > WIDEST * len(rows):
                continue
            count, any_, any_expected, now, now_expected, not_yet = (
                float(table[inside][:, ~inside].sum()) for table in tables
            )
            if count < FEWEST_ROWS:
                continue
            at_least = lowest_count(now)
            at_once = min(
                at_least / max(now_expected, 1e-9) / NEAR_TIMES,
                at_least / max(not_yet, 1.0) / nearness / NEARER_TIMES,
            )
            times = lowest_count(any_ / dates) * dates / max(any_expected, 1e-9)
            sudden = min(times / SUDDEN_TIMES, lowest_share(any_ / dates, count / dates) / SUDDEN_SHARE)
            standing, standing_any = (float(table[inside][:, inside].sum()) for table in tables[:2])
            fresh = (
                fresher(any_ / dates, count, standing_any / dates, standing)
                if standing >= FEWEST_STANDING
                else 0.0
            )
            for tell in (
                Tell(feature, FOLLOWS_AT_ONCE, int(count), now, now_expected, at_once),
                Tell(feature, SUDDEN, int(count), any_, any_expected, sudden),
                Tell(
                    feature,
                    FADES,
                    int(count),
                    any_,
                    any_expected,
                    min(times / FADES_TIMES, fresh / FRESH_TIMES),
                ),
            ):
                if tell.excess >= 1 and tell.excess > (best[tell.sign].excess if tell.sign in best else 0.0):
                    best[tell.sign] = tell
        found += best.values()
    return found


def certain(model: RiskModel, panel: Panel) -> list[Tell]:
    """Features with a value that almost surely means the outcome, where the rest of the record says little of it.

    The rest of the record is every family of features but the feature's own, whose others may hold the same leak.
    """
    panel = panel.only(panel.can_train)
    families = np.array([feature.family for feature in model.facts.features])
    rate = float(panel.y.mean()) if len(panel) else 0.0
    # Where the outcome is common, an honest count of what came before makes it all but sure.
    odds = max(NEARLY_ALL / (1 - NEARLY_ALL), TIMES_ODDS * rate / max(1 - rate, 1e-9))
    limit = odds / (1 + odds)
    found = []
    for family in sorted(set(families.tolist())):
        rest = panel.X.copy()
        rest[:, families == family] = np.nan
        estimate = model.estimate(rest)
        low = np.flatnonzero(estimate < LITTLE_RISK * rate)
        if not len(low):
            continue
        dates = len(low) / len(set(panel.pupil[low].tolist()))
        for column in np.flatnonzero(families == family):
            code, num = coded(panel.X[:, column])
            counts = np.bincount(code[low], minlength=num)
            positives = np.bincount(code[low], panel.y[low], num)
            expected = np.bincount(code[low], estimate[low], num)
            best = None
            for inside in regions(num):
                count, positive = counts[inside].sum(), positives[inside].sum()
                if count / dates < FEWEST_PUPILS:
                    continue
                excess = float(lowest_share(positive / dates, count / dates)) / limit
                edge = beside(inside)
                # A count that tells more the higher it is has no such step.
                is_step = positives[edge].sum() < limit / 2 * max(counts[edge].sum(), 1)
                if excess >= 1 and is_step and (best is None or excess > best.excess):
                    best = Tell(
                        model.feature_names[column], CERTAIN, int(count), float(positive), float(expected[inside].sum()), excess
                    )  # fmt: skip
            found += [best] if best else []
    return found


def date_before(pupil: np.ndarray, as_of: np.ndarray) -> np.ndarray:
    """Row of the same pupil at the as-of date before, -1 where there is none; int64, shape (n,)."""
    order = np.lexsort((as_of, pupil))
    apart = (as_of[order][1:] - as_of[order][:-1]).astype("timedelta64[D]").astype(int)
    follows = (pupil[order][1:] == pupil[order][:-1]) & (apart <= NEXT_DATE_DAYS)
    found = np.full(len(pupil), -1)
    found[order[1:][follows]] = order[:-1][follows]
    return found


def coded(value: np.ndarray) -> tuple[np.ndarray, int]:
    """A feature in steps of its own quantiles, 0 up; the last step is a missing value. Codes and their number."""
    there = value[~np.isnan(value)]
    cuts = np.unique(np.quantile(there, CUTS)) if len(there) else np.empty(0)
    missing = len(cuts) + 1
    return np.where(np.isnan(value), missing, np.searchsorted(cuts, value, side="left")), missing + 1


def regions(num: int) -> Iterator[np.ndarray]:
    """The values from a step up, those below a step, and any value at all; masks of shape (num,)."""
    step = np.arange(num)
    for cut in range(1, num - 1):
        yield (step >= cut) & (step < num - 1)
        yield step < cut
    yield step < num - 1


def beside(inside: np.ndarray) -> np.ndarray:
    """The step next to a region's edge; the missing values where the region holds every other. Shape (num,)."""
    step = np.flatnonzero(inside)
    last = len(inside) - 1
    place = last if inside[:last].all() else step[0] - 1 if step[0] > 0 else step[-1] + 1
    return np.arange(len(inside)) == place


def scaled(value: np.ndarray, total: float) -> np.ndarray:
    """Expected outcomes in the proportions of `value` that sum to `total`."""
    return value * (total / max(float(value.sum()), 1e-12))


def fresher(positive: float, num: float, standing_positive: float, standing: float) -> float:
    """Lower bound of the share with the outcome where a value is new, over that where it stood before."""
    if not positive:
        return 0.0
    ratio = (positive / num) / (max(standing_positive, 1.0) / standing)
    return float(ratio * np.exp(-ERRORS * np.sqrt(1 / positive + 1 / max(standing_positive, 1.0))))


def lowest_count(num: float) -> float:
    """Garwood's lower bound of the mean of a count, at `TAIL`."""
    return float(special.gammaincinv(num, TAIL)) if num > 0 else 0.0


def lowest_share(positive: float, num: float) -> float:
    """Clopper and Pearson's lower bound of a share, at `TAIL`."""
    return float(special.betaincinv(positive, max(num - positive, 0.0) + 1, TAIL)) if positive > 0 else 0.0


def without_newest(cohort: TestCohort, model: RiskModel, lagged: pd.DataFrame | None) -> dict[str, Any]:
    """Recall at capacity on the dates of `lagged`, with the features as they were and as they would be.

    Returns
    -------
    dict
        status, reason, recall, recall_lagged; feature: the one that alone, known later, loses most; None where
        recall does not collapse.
    """
    if lagged is None:
        return untold("no matrix with longer lags was given")
    panel = cohort.panel
    there = np.isin(panel.as_of, np.unique(days(lagged["as_of"])))
    rows = pd.DataFrame({"pupil": panel.pupil[there], "as_of": panel.as_of[there]})
    later = rows.merge(
        lagged.assign(as_of=days(lagged["as_of"])), on=["pupil", "as_of"], how="left", validate="one_to_one"
    )
    positive = cohort.is_positive & there
    if not positive.any():
        return untold("no pupil had the outcome")

    def found(X: np.ndarray) -> float:
        estimate = cohort.estimate.copy()
        estimate[there] = model.estimate(X)
        return float((cohort.listed(estimate, floor=cohort.floor) * positive).sum() / positive.sum())

    before = float((school_list(cohort) * positive).sum() / positive.sum())
    values = model.values(later)
    after = found(values)
    feature = None
    if after < (1 - COLLAPSE) * before:
        alone = []
        for column in range(values.shape[1]):
            X = panel.X[there].copy()
            X[:, column] = values[:, column]
            alone.append(found(X))
        feature = model.feature_names[int(np.argmin(alone))]
    return {
        "status": "estimated",
        "reason": "",
        "recall": round(before, 6),
        "recall_lagged": round(after, 6),
        "feature": feature,
    }


def untold(reason: str) -> dict[str, Any]:
    return {"status": "cannot_tell", "reason": reason, "recall": None, "recall_lagged": None, "feature": None}
