"""What a group's gap to everyone is made of, in parts that add up.

Where groups differ in need, a list made of the true chances has gaps in every rate (infra-marginality). So a gap is
taken apart in steps; each part is the gap before a step less the gap after it, and what the last step leaves is need::

    not_assessed   leave out who could not be assessed
    list           make the list anew from the estimates by the same rule (0 where it was made so)
    chance         count the chances that the estimates, recalibrated within the group, come to, not the outcomes that
                   happened to follow. This is luck, and whatever no other part explains
    calibration    make the list from the recalibrated estimates
    ranking        give the group, at the same need, estimates that tell as much as elsewhere
    need           what is left: the same rule on each group's own distribution of chances

Places, units, floor and ties are those of the list's own rule throughout (`models.places`). With fewer spread-out
estimates in a group, either its chances differ less or its records tell less: **a list and its outcomes cannot say
which** (two worlds with the same numbers). The ranking part is therefore 0 with a range down to `at_most` (all of the
lower spread laid to ranking), unless something else speaks: a slope below everyone's in the group, or evidence from
outside the list (`Evidence`: records that are missing or stale there, features that hold more than the estimate).

Ranges resample schools whole; calibration is fitted again in each draw by one step of its score, and lists are made
anew. With fewer than six effective schools there are none.

References
----------
Simoiu, Corbett-Davies and Goel (2017), The problem of infra-marginality in outcome tests for discrimination.
Gaebler and Goel (2024), A simple, statistically robust test of discrimination.
Kline and Santos (2012), A score based approach to wild bootstrap inference.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from models.places import expected_place
from training.audit.scored import Attribute, Scored
from training.audit.within import (
    BINS,
    PRIOR_EVENTS,
    Everyone,
    Forecasts,
    Within,
    fit_everyone,
    fit_within,
    implied_auc,
    is_told,
    log_odds_of,
    shift_to,
)
from training.intervals import LEVEL, TOO_FEW, TOO_FEW_SCHOOLS, effective_schools, school_weights
from training.logistic import logit, sigmoid

NOT_ASSESSED, LIST, CHANCE, CALIBRATION, RANKING, NEED = (
    "not_assessed", "list", "chance", "calibration", "ranking", "need",
)  # fmt: skip
PARTS = (NEED, CALIBRATION, RANKING, NOT_ASSESSED, LIST, CHANCE)
MODELS_OWN = (CALIBRATION, RANKING, NOT_ASSESSED)
PARTED = ("recall", "false_omission_rate", "false_positive_rate", "selection_rate")
DRAWS = 40
LOWEST_SLOPE = 0.1  # everyone's, below which estimates order nobody
ROWS, KNOWN, POSITIVE, LISTED, LISTED_KNOWN, FOUND = range(6)
METHOD = (
    "A group's gap to everyone is taken apart into need, calibration, ranking, who was not assessed, and chance, which add up. "
    "Need is the gap that the same rule gives on well-calibrated chances of each group; calibration is what recalibrating the "
    "estimates within the group would change; ranking is what estimates that tell as much as elsewhere would change. Where the "
    "estimates are less spread in a group, need may be less spread there or the records may tell less: the list alone cannot say, "
    f"and no fault is named. Recalibration draws small groups towards everyone ({PRIOR_EVENTS:.0f} outcomes count half). A group is "
    "named for its calibration where neither chance over the whole table nor what everyone's estimates are off by explains it."
)

Evidence = Callable[[str, int, np.ndarray, np.ndarray], str]


@dataclass(frozen=True)
class ListRule:
    """How places were given; arrays of n rows unless told.

    Attributes
    ----------
    score : numpy.ndarray of float64
        Higher comes first; NaN where nobody could be assessed.
    unit : numpy.ndarray of int
        What shares a number of places; index into `places`.
    places : numpy.ndarray of int, shape (units,)
    is_running : numpy.ndarray of bool
        May take a place.
    floor : numpy.ndarray of float64
        Score below which no place is given.
    """

    score: np.ndarray
    unit: np.ndarray
    places: np.ndarray
    is_running: np.ndarray
    floor: np.ndarray

    @property
    def is_assessed(self) -> np.ndarray:
        """Rows with a score."""
        return ~np.isnan(self.score)

    def listed(self, score: np.ndarray) -> np.ndarray:
        """The chance of a place by another score on the same scale; shape (n,)."""
        takes = self.is_running & self.is_assessed & (score >= self.floor)
        return expected_place(np.where(takes, score, np.nan), self.unit, self.places)


def rule_of(scored: Scored, score: np.ndarray) -> tuple[ListRule, float]:
    """The rule that comes nearest to a list whose rule is not known: the highest scores of all, or of each cluster.

    Returns
    -------
    ListRule
    float
        The share of places that it gives to the same rows.
    """
    best: tuple[float, ListRule] | None = None
    for unit in (np.zeros(len(scored), dtype=np.int64), scored.clusters.code):
        places = np.rint(np.bincount(unit, scored.listed)).astype(np.int64)
        rule = ListRule(score, unit, places, np.ones(len(score), bool), np.full(len(score), -np.inf))
        same = float(np.minimum(rule.listed(score), scored.listed).sum() / max(scored.listed.sum(), 1e-12))
        if best is None or same > best[0] + 1e-9:
            best = (same, rule)
    assert best is not None
    return best[1], best[0]


def no_evidence(attribute: str, group: int, inside: np.ndarray, chance: np.ndarray) -> str:
    """Nothing but the list and its outcomes speaks."""
    return ""


def enter_parts(
    scored: Scored,
    rule: ListRule | None,
    overall: dict[str, Any],
    groups: list[dict[str, Any]],
    evidence: Evidence = no_evidence,
) -> None:
    """Put the parts of each group's gaps into its row, under `parts`.

    Parameters
    ----------
    rule : ListRule or None
        None: no estimates are known, so nothing can be laid to anything.
    overall, groups
        From `group_tables`; changed in place.
    evidence : callable
        What speaks for a ranking fault beside list and outcomes, of an attribute's group with rows `inside` and
        chances recalibrated within the group, in a sentence; "" where nothing does. Asked only of groups in which the estimates tell less.

    Notes
    -----
    `parts` holds status and reason; rates (of `PARTED`: gap, and every part with estimate, low and high: low and high are
    None where too few schools say; ranking with `at_most`); calibration (beside_everyone: outcomes seen for each one
    expected by everyone's recalibration; slope beside everyone's; p_shift, p_slope, is_too_low, is_too_high,
    is_too_flat, is_too_steep); ranking (auc, auc_expected, expected_recall, p_adjusted, is_less, is_named, evidence);
    not_assessed (num_pupils with the outcome never assessed, of how many, share_everyone, p).
    """
    reason = why_not(scored, rule)
    if reason or rule is None:
        for row in (overall, *groups):
            row["parts"] = {"status": "cannot_tell", "reason": reason}
        return
    z, is_chance = log_odds_of(rule.score)
    rows = forecasts(scored, rule, z, is_chance)
    everyone = fit_everyone(rows, scored.clusters.num)
    if everyone.slope < LOWEST_SLOPE:
        flat = "the estimates do not order people by their outcomes, so nothing can be laid to them"
        for row in (overall, *groups):
            row["parts"] = {"status": "cannot_tell", "reason": flat}
        return
    fits = fit_within(rows, everyone, scored.clusters, scored.attributes)
    names = np.array([row["attribute"] for row in groups])
    chances = np.zeros(len(scored))
    use = forecast_rows(scored, rule)
    chances[use] = sigmoid(everyone.intercept + everyone.slope * z[use])
    overall["parts"] = {
        "status": "estimated", "reason": "",
        "ranking": {"auc": rounded(auc_of_all(rows)), "expected_recall": rounded(share(scored.listed * chances, chances))},
    }  # fmt: skip
    for attribute, fit in zip(scored.attributes, fits, strict=True):
        held = [groups[at] for at in np.flatnonzero(names == attribute.name)]
        of_attribute(scored, rule, z, everyone, attribute, fit, held, evidence)


def why_not(scored: Scored, rule: ListRule | None) -> str:
    """Why nothing can be laid to the estimates at all; "" where it can."""
    if rule is None:
        return "no estimates were given, so a gap cannot be laid to need or to the list"
    use = forecast_rows(scored, rule)
    positive = int((scored.outcome[use] == 1).sum())
    if min(positive, int(use.sum()) - positive) < 2:
        return "too few estimates with an outcome to judge them by"
    if np.nanmin(rule.score[use]) == np.nanmax(rule.score[use]):
        return "every estimate is the same"
    return ""


def forecast_rows(scored: Scored, rule: ListRule) -> np.ndarray:
    """Rows whose estimate is a forecast of an outcome that was seen; bool, shape (n,)."""
    return scored.is_judged & rule.is_assessed & ~np.isnan(scored.outcome)


def forecasts(scored: Scored, rule: ListRule, z: np.ndarray, is_chance: bool) -> Forecasts:
    use = forecast_rows(scored, rule)
    code = tuple(each.code[use] for each in scored.attributes)
    return Forecasts(
        scored.outcome[use], z[use], is_chance, code, scored.clusters.code[use], scored.clusters.pupil[use]
    )


def share(over: np.ndarray, under: np.ndarray) -> float:
    return float(over.sum() / under.sum()) if under.sum() else float("nan")


def auc_of_all(rows: Forecasts) -> float:
    """Everyone's AUC, over bins of the score."""
    num = np.bincount(rows.bin, minlength=len(BINS)).astype(float)[None]
    seen = np.bincount(rows.bin, rows.y, len(BINS))[None]
    return float(implied_auc(num, seen / np.maximum(num, 1))[0])


def of_attribute(
    scored: Scored, rule: ListRule, z: np.ndarray, everyone: Everyone, attribute: Attribute, fit: Within,
    held: list[dict[str, Any]], evidence: Evidence,
) -> None:  # fmt: skip
    """The parts of one attribute's groups, into their rows."""
    is_flat = is_told(fit.p_slope) & (fit.slope < 0)
    is_less = is_told(fit.p_much_less)
    chance = sigmoid(fit.log_odds(everyone, np.where(rule.is_assessed, z, 0.0), attribute.code))
    speaks = [
        "The estimates' slope within the group is below everyone's: part of what they vary by tells nothing there."
        if is_flat[at] and is_told(fit.p_less)[at]
        else evidence(attribute.name, at, attribute.code == at, chance)
        if is_less[at]
        else ""
        for at in range(len(attribute.groups))
    ]
    counterfactual = Steps(scored, rule, z, everyone, attribute, fit)
    times, most = restored(everyone, fit, is_flat, speaks)
    told = counterfactual.gaps(times, most)
    unassessed, with_outcome = pupils_not_assessed(scored, rule, attribute)
    everyones = share(unassessed, with_outcome)
    for at, row in enumerate(held):
        if reason := attribute.broken.get(attribute.groups[at]):
            row["parts"] = {"status": "cannot_tell", "reason": reason}
            continue
        row["parts"] = {
            "status": "estimated", "reason": "",
            "rates": {
                name: told.facts(name, at, bool(speaks[at]))
                for name in PARTED
                if row["metrics"][name]["status"] == "estimated"
            },
            "calibration": {
                "beside_everyone": rounded(fit.beside[at]), "slope": rounded(1 + fit.slope[at] / everyone.slope),
                "p_shift": rounded(fit.p_shift[at]), "p_slope": rounded(fit.p_slope[at]),
                "is_too_low": bool(is_told(fit.p_shift)[at] and fit.beside[at] > 1),
                "is_too_high": bool(is_told(fit.p_shift)[at] and fit.beside[at] < 1),
                "is_too_steep": bool(is_flat[at]), "is_too_flat": bool(is_told(fit.p_slope)[at] and fit.slope[at] > 0),
            },
            "ranking": {
                "auc": rounded(fit.auc[at]), "auc_expected": rounded(fit.auc_expected[at]),
                "expected_recall": rounded(told.expected_recall[at]), "p_adjusted": rounded(fit.p_much_less[at]),
                "is_less": bool(is_less[at]), "is_named": bool(speaks[at]), "evidence": speaks[at],
            },
            "not_assessed": {
                "num_pupils": int(unassessed[at]), "of": int(with_outcome[at]), "share_everyone": rounded(everyones),
                "p": more_than(int(unassessed[at]), int(with_outcome[at]), everyones),
            },
        }  # fmt: skip


def pupils_not_assessed(
    scored: Scored, rule: ListRule, attribute: Attribute
) -> tuple[np.ndarray, np.ndarray]:
    """Distinct pupils with the outcome who were never assessed, and all with the outcome; int64, each (G,)."""
    num = len(attribute.groups)
    positive = scored.is_positive & scored.is_somebody
    pupil = np.unique(scored.clusters.pupil, return_inverse=True)[1]
    key = pupil * num + attribute.code
    everybody = np.unique(key[positive])
    assessed = np.unique(key[positive & rule.is_assessed])
    never = np.setdiff1d(everybody, assessed, assume_unique=True)
    return np.bincount(never % num, minlength=num), np.bincount(everybody % num, minlength=num)


def more_than(found: int, of: int, share: float) -> float | None:
    """The chance of at least so many where each is as likely as of everyone; None where nobody is."""
    if not of or not 0 < share < 1:
        return None
    return rounded(float(stats.binom.sf(found - 1, of, share)))


def restored(
    everyone: Everyone, fit: Within, is_flat: np.ndarray, speaks: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """How many times wider a group's log-odds would be: laid to ranking, and at most.

    Up to the others' spread; at most, allowing for two standard errors of the group's own slope. Where only a
    lower slope speaks, no wider than noise can account for: chances with variance V and noise of variance N have a
    slope of V / (V + N), so what is left of the spread is its root.
    """
    error = np.sqrt(everyone.times * np.linalg.inv(fit.information)[:, 1, 1]) / everyone.slope
    apart = fit.spread_others / np.maximum(fit.spread, 1e-9)
    named = np.array([bool(each) for each in speaks])
    most = np.clip(np.where(named, apart, apart * (1 + 2 * error)), 1.0, 5.0)
    noise = 1 / np.sqrt(np.clip(1 + fit.slope / everyone.slope, 0.05, 1.0))
    return np.where(named, np.where(is_flat, np.minimum(most, noise), most), 1.0), most


@dataclass(frozen=True)
class Told:
    """The gaps of an attribute's groups after each step, as they are and as schools were resampled.

    Attributes
    ----------
    steps : dict of str to numpy.ndarray of float64, shape (6, G)
        By rate: all, assessed, list, chance, calibration, ranking.
    drawn : dict of str to numpy.ndarray of float64, shape (draws, 6, G)
    at_most : dict of str to numpy.ndarray of float64, shape (G,)
        The gap if all of a lower spread were laid to ranking.
    schools : numpy.ndarray of float64, shape (G,)
        Effective number of schools.
    expected_recall : numpy.ndarray of float64, shape (G,)
    """

    steps: dict[str, np.ndarray]
    drawn: dict[str, np.ndarray]
    at_most: dict[str, np.ndarray]
    schools: np.ndarray
    expected_recall: np.ndarray

    def facts(self, rate: str, group: int, is_named: bool) -> dict[str, Any]:
        """One rate's parts; they add up to the gap as it is written, to the last figure."""
        steps, drawn = self.steps[rate][:, group], self.drawn[rate][:, :, group]
        ends = ((NOT_ASSESSED, 0, 1), (LIST, 1, 2), (CHANCE, 2, 3), (CALIBRATION, 3, 4), (RANKING, 4, 5))
        parts = {
            name: ranged(steps[a] - steps[b], drawn[:, a] - drawn[:, b], self.schools[group])
            for name, a, b in ends
        }
        parts[NEED] = ranged(steps[5], drawn[:, 5], self.schools[group])
        most = rounded(steps[4] - self.at_most[rate][group])
        if not is_named and most is not None:
            unsaid(parts[RANKING], 0.0, most)
            unsaid(parts[NEED], 0.0, -most)
        gap = rounded(steps[0])
        others = [parts[name]["estimate"] for name in PARTS if name != CHANCE]
        if gap is not None and all(each is not None for each in others):
            parts[CHANCE]["estimate"] = round(gap - sum(others), 6)
        parts[RANKING]["at_most"] = most
        return {
            "gap": gap,
            **{name: parts[name] for name in PARTS},
            "reason": "" if self.schools[group] >= TOO_FEW_SCHOOLS else TOO_FEW,
        }


def unsaid(part: dict[str, Any], low: float, high: float) -> None:
    """Widen a range by what cannot be laid to this part or to another."""
    if part["low"] is not None:
        part["low"] = round(part["low"] + min(low, high), 6)
        part["high"] = round(part["high"] + max(low, high), 6)


def ranged(value: float, drawn: np.ndarray, schools: float) -> dict[str, Any]:
    """A part with its range by Student's t on the effective number of schools less one."""
    facts: dict[str, Any] = {"estimate": rounded(value), "low": None, "high": None}
    if schools < TOO_FEW_SCHOOLS or facts["estimate"] is None or not np.isfinite(drawn).any():
        return facts
    reach = stats.t.ppf((1 + LEVEL) / 2, min(schools, len(drawn)) - 1) * np.nanstd(drawn, ddof=1)
    return facts | {"low": rounded(value - reach), "high": rounded(value + reach)}


def rounded(value: float) -> float | None:
    """Six figures after the point; None where it is not defined."""
    return round(float(value), 6) + 0.0 if np.isfinite(value) else None


class Steps:
    """The lists and sums of each step, for one attribute.

    Rows that no draw could list enter by sums over schools alone, to first order in the calibration; only rows near a
    cut are sorted again in each draw.
    """

    def __init__(
        self,
        scored: Scored,
        rule: ListRule,
        z: np.ndarray,
        everyone: Everyone,
        attribute: Attribute,
        fit: Within,
    ) -> None:
        self.scored, self.rule, self.z, self.everyone, self.fit = scored, rule, z, everyone, fit
        self.num, self.code, self.school = len(attribute.groups), attribute.code, scored.clusters.code
        self.is_assessed, self.is_forecast = rule.is_assessed, forecast_rows(scored, rule)
        self.known = ~np.isnan(scored.outcome)
        self.y = np.where(self.known, scored.outcome, 0.0)
        self.people = np.ones(len(scored)) if scored.weight is None else scored.weight
        self.floor = np.where(np.isfinite(rule.floor), np.round(logit(rule.floor), 12), rule.floor)
        self.weights = school_weights(scored.clusters.num, DRAWS, scored.clusters.seed).astype(float)

    def relist(self, z: np.ndarray, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        """The same rule by other scores of some rows; shape of z."""
        takes = self.rule.is_running[rows] & self.is_assessed[rows] & (z >= self.floor[rows])
        return expected_place(np.where(takes, z, np.nan), self.rule.unit[rows], self.rule.places)

    def by_school(self, *columns: np.ndarray, rows: np.ndarray | None = None) -> np.ndarray:
        """Columns summed by school and group; shape (S, G, columns)."""
        use = slice(None) if rows is None else rows
        key = self.school[use] * self.num + self.code[use]
        size = self.scored.clusters.num * self.num
        return np.stack([np.bincount(key, column[use], size) for column in columns], -1).reshape(
            -1, self.num, len(columns)
        )

    def resampled(self, sums: np.ndarray) -> np.ndarray:
        """Sums by school as schools were drawn; shape (draws, G, columns)."""
        flat = self.weights @ sums.reshape(len(sums), -1)
        return flat.reshape(DRAWS, *sums.shape[1:])

    def shifted(self, z: np.ndarray, code: np.ndarray, theta: np.ndarray, slope: float) -> np.ndarray:
        """Scores moved to where recalibration within the group puts them, on everyone's own scale."""
        moved = theta[code, 0] + theta[code, 1] * (z - self.fit.middle[code])
        return np.round(z + moved / slope, 9)

    def widened(
        self, theta: np.ndarray, times: np.ndarray, base: tuple[float, float]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Added and multiplied, group by group, on recalibrated log-odds: wider, at the same need; each (G,)."""
        value = base[0] + base[1] * BINS + theta[:, :1] + theta[:, 1:] * (BINS - self.fit.middle[:, None])
        table = self.fit.table
        num = np.maximum(table.sum(1), 1e-12)
        mean = (table * value).sum(1) / num
        wide = mean[:, None] + times[:, None] * (value - mean[:, None])
        rate = np.clip((table * sigmoid(value)).sum(1) / num, 1e-9, 1 - 1e-9)
        return mean + shift_to(table, wide, rate) - times * mean, times

    def gaps(self, times: np.ndarray, most: np.ndarray) -> Told:
        """Every step's gaps, as they are and drawn."""
        base, theta = (
            (self.everyone.intercept, self.everyone.slope),
            np.stack([self.fit.shift, self.fit.slope], 1),
        )
        z, code, listed, y = self.z, self.code, self.scored.listed, self.y
        known, forecast = self.known.astype(float), self.is_forecast
        ones = np.ones(len(z))
        by = self.people
        counts = (by * ones, by * known, by * y, by * listed, by * listed * known, by * listed * y)
        everybody = self.by_school(*counts)
        assessed = np.flatnonzero(self.is_assessed)
        seen = self.by_school(*counts, rows=assessed)
        own = self.relist(z) if self.is_list_of_another_rule() else listed
        own_counts = (by * ones, by * known, by * y, by * own, by * own * known, by * own * y)
        made = self.by_school(*own_counts, rows=assessed)
        eta = np.where(
            forecast,
            base[0] + base[1] * z + theta[code, 0] + theta[code, 1] * (z - self.fit.middle[code]),
            0.0,
        )
        chance = np.where(forecast, sigmoid(eta), y)
        weight = np.where(forecast, by * chance * (1 - chance), 0.0)
        zero_z = np.where(self.is_assessed, z, 0.0)
        turn = (weight, weight * zero_z, own * weight, own * weight * zero_z)
        expected = self.by_school(
            by * ones, by * known, by * chance, by * own, by * own * known, by * own * chance, rows=assessed
        )
        turns = self.by_school(*turn, rows=assessed)
        moved = self.drawn_calibration(chance, base)
        bands = self.bands(theta, base, moved, times, most)
        near = self.near(bands)
        steps_c = self.relisted(near, theta, base, None)
        steps_r = (
            self.relisted(near, theta, base, self.widened(theta, times, base))
            if (times > 1).any()
            else steps_c
        )
        rates = self.stack([everybody.sum(0), seen.sum(0), made.sum(0), expected.sum(0),
                            self.swap(expected.sum(0), steps_c), self.swap(expected.sum(0), steps_r)])  # fmt: skip
        at_most = {name: rates[name][4].copy() for name in PARTED}
        for at in np.flatnonzero(most > 1):
            alone = np.where(np.arange(self.num) == at, most, 1.0)
            one = self.stack(
                [
                    self.swap(
                        expected.sum(0), self.relisted(near, theta, base, self.widened(theta, alone, base))
                    )
                ]
            )
            for name in PARTED:
                at_most[name][at] = one[name][0][at]
        drawn: dict[str, list[np.ndarray]] = {name: [] for name in PARTED}
        summed = [self.resampled(each) for each in (everybody, seen, made)]
        all_expected, all_turns = self.resampled(expected), self.resampled(turns)
        for draw, drawn_by in enumerate(self.weights):
            (low, up), th = moved[0][draw], moved[1][draw]
            now, bend = all_expected[draw], all_turns[draw]
            first, second = low - base[0] + th[:, 0] - theta[:, 0], up - base[1] + th[:, 1] - theta[:, 1]
            first = first - (th[:, 1] - theta[:, 1]) * self.fit.middle
            now[:, POSITIVE] += first * bend[:, 0] + second * bend[:, 1]
            now[:, FOUND] += first * bend[:, 2] + second * bend[:, 3]
            then = self.relisted(near, th, (low, up), None, drawn_by)
            wide = (
                self.relisted(near, th, (low, up), self.widened(th, times, (low, up)), drawn_by)
                if (times > 1).any()
                else then
            )
            one = self.stack(
                [*(each[draw] for each in summed), now, self.swap(now, then), self.swap(now, wide)]
            )
            for name in PARTED:
                drawn[name].append(one[name])
        events = self.by_school(self.y * self.known)[..., 0]
        with np.errstate(invalid="ignore", divide="ignore"):
            total = expected.sum(0)
            recall = total[:, FOUND] / total[:, POSITIVE]
        return Told(
            rates, {name: np.stack(each) for name, each in drawn.items()}, at_most,
            np.array([effective_schools(events[:, at]) for at in range(self.num)]), recall,
        )  # fmt: skip

    def is_list_of_another_rule(self) -> bool:
        """The list that was used is not what the rule makes of the scores."""
        return not np.allclose(self.relist(self.z), self.scored.listed, atol=1e-6)

    def drawn_calibration(
        self, chance: np.ndarray, base: tuple[float, float]
    ) -> tuple[list[tuple[float, float]], np.ndarray]:
        """Everyone's and each group's calibration in every draw of schools, by one step of the score."""
        use, z = self.is_forecast, np.where(self.is_forecast, self.z, 0.0)
        common = np.where(use, self.y - sigmoid(base[0] + base[1] * z), 0.0)
        own = np.where(use, self.y - chance, 0.0)
        all_scores = np.stack(
            [np.bincount(self.school, column, self.scored.clusters.num) for column in (common, common * z)], 1
        )
        scores = self.by_school(own, own * z)
        scores[..., 1] -= self.fit.middle * scores[..., 0]
        extra = self.weights - 1
        common_step = (extra @ all_scores) @ np.linalg.inv(self.everyone.information)
        turned = np.stack(
            [
                common_step[:, :1] + common_step[:, 1:] * self.fit.middle,
                np.broadcast_to(common_step[:, 1:], (len(extra), self.num)),
            ],
            -1,
        )
        prior = np.zeros((self.num, 2, 2))
        prior[:, 0, 0] = PRIOR_EVENTS * self.everyone.times
        prior[:, 1, 1] = prior[:, 0, 0] / self.everyone.slope**2
        pulled = np.einsum("ds,sgi->dgi", extra, scores) - np.einsum(
            "gij,dgj->dgi", self.fit.information - prior, turned
        )
        theta = np.stack([self.fit.shift, self.fit.slope], 1) + np.einsum(
            "gij,dgj->dgi", np.linalg.inv(self.fit.information), pulled
        )
        theta[..., 1] = np.maximum(theta[..., 1], -0.95 * base[1])
        bases = [(base[0] + step[0], max(base[1] + step[1], base[1] / 2)) for step in common_step]
        return bases, theta

    def bands(
        self, theta: np.ndarray, base: tuple[float, float], moved: tuple[list[tuple[float, float]], np.ndarray],
        times: np.ndarray, most: np.ndarray,
    ) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
        """The lowest and the highest score that a row of each bin and group takes in any draw; each (G, bins)."""
        low = np.full(self.fit.table.shape, np.inf)
        high = -low
        is_wide = (times > 1).any()
        widest = BINS + (theta[:, :1] + theta[:, 1:] * (BINS - self.fit.middle[:, None])) / base[1]
        widest = self.wide(widest, self.widened(theta, most, base), base)
        low, high = np.minimum(low, widest), np.maximum(high, widest)
        for at, now in [(theta, base), *zip(moved[1], moved[0], strict=True)]:
            value = BINS + (at[:, :1] + at[:, 1:] * (BINS - self.fit.middle[:, None])) / now[1]
            for each in (value, self.wide(value, self.widened(at, times, now), now)) if is_wide else (value,):
                low, high = np.minimum(low, each), np.maximum(high, each)
        return low, high

    @staticmethod
    def wide(
        value: np.ndarray, widened: tuple[np.ndarray, np.ndarray], base: tuple[float, float]
    ) -> np.ndarray:
        """Scores (G, bins) after widening, on everyone's own scale."""
        return (widened[0][:, None] + widened[1][:, None] * (base[0] + base[1] * value) - base[0]) / base[1]

    def near(self, bands: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        """Rows that some draw could list; index array."""
        at = np.clip(
            np.rint((np.where(self.is_assessed, self.z, 0.0) - BINS[0]) / (BINS[1] - BINS[0])),
            0,
            len(BINS) - 1,
        ).astype(np.int64)
        slack = BINS[1] - BINS[0]
        beyond = np.where(self.is_assessed, np.maximum(np.abs(self.z) + BINS[0], 0.0), 0.0)
        low, high = bands[0][self.code, at] - slack, bands[1][self.code, at] + slack
        # Beyond the bins a slope moves a score by more than at the last bin.
        low, high = low - 3 * beyond, high + 3 * beyond
        takes = self.rule.is_running & self.is_assessed
        held = self.relist(np.where(takes, low, -np.inf)) if takes.any() else np.zeros(len(low))
        filled = np.bincount(self.rule.unit, held, len(self.rule.places)) >= self.rule.places - 1e-6
        cut = np.full(len(self.rule.places), np.inf)
        inside = held > 0
        np.minimum.at(cut, self.rule.unit[inside], low[inside])
        cut = np.where(filled & np.isfinite(cut), cut, -np.inf)
        return np.flatnonzero(takes & (high >= cut[self.rule.unit]) & (high >= self.floor))

    def relisted(
        self, rows: np.ndarray | None, theta: np.ndarray, base: tuple[float, float],
        widened: tuple[np.ndarray, np.ndarray] | None, by: np.ndarray | None = None,
    ) -> np.ndarray:  # fmt: skip
        """What recalibrated (and widened) estimates would list, by group: listed, listed and seen, found; (G, 3)."""
        use = np.flatnonzero(self.rule.is_running & self.is_assessed) if rows is None else rows
        code = self.code[use]
        score = self.shifted(self.z[use], code, theta, base[1])
        if widened is not None:
            score = np.round(
                (widened[0][code] + widened[1][code] * (base[0] + base[1] * score) - base[0]) / base[1], 9
            )
        listed = self.relist(score, use)
        p = np.where(self.is_forecast[use], sigmoid(base[0] + base[1] * score), self.y[use])
        weight = listed * self.people[use] * (1.0 if by is None else by[self.school[use]])
        known = self.known[use]
        return np.stack(
            [np.bincount(code, each, self.num) for each in (weight, weight * known, weight * known * p)], 1
        )

    @staticmethod
    def swap(sums: np.ndarray, listed: np.ndarray) -> np.ndarray:
        """The same people with another list."""
        return np.concatenate([sums[:, :LISTED], listed], 1)

    @staticmethod
    def stack(sums: list[np.ndarray]) -> dict[str, np.ndarray]:
        """Each step's gap to everyone by rate; shape (steps, G)."""
        held = np.stack(sums)
        with np.errstate(invalid="ignore", divide="ignore"):
            return {name: of(held) - of(held.sum(1, keepdims=True)) for name, of in RATE_OF.items()}


RATE_OF: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "recall": lambda sums: sums[..., FOUND] / sums[..., POSITIVE],
    "false_omission_rate": lambda sums: (sums[..., POSITIVE] - sums[..., FOUND]) / (sums[..., KNOWN] - sums[..., LISTED_KNOWN]),
    "false_positive_rate": lambda sums: (sums[..., LISTED_KNOWN] - sums[..., FOUND]) / (sums[..., KNOWN] - sums[..., POSITIVE]),
    "selection_rate": lambda sums: sums[..., LISTED] / sums[..., ROWS],
}  # fmt: skip
