"""Whether an estimate is what it says: of children told one in ten, does about one in ten follow?"""

from typing import Any

import numpy as np
from scipy import stats

from training.evidence.recall import school_list
from training.evidence.test_cohort import TestCohort
from training.intervals import LEVEL, TOO_FEW_SCHOOLS, effective_schools, ratio
from training.logistic import clustered_errors, fit_logistic, logit

FEWEST_FOR_CURVE = 200
CURVE_POINTS = 10


def calibration(cohort: TestCohort) -> dict[str, Any]:
    """Observed over expected, slope, curve, and the error among the listed.

    Judged on everyone assessed with an outcome seen; an exclusion already in progress is no forecast.
    """
    where = cohort.panel.can_train
    return {
        "observed_over_expected": observed_over_expected(cohort, where),
        **slope(cohort, where),
        "curve": curve(cohort, where),
        "among_listed": among_listed(cohort, where),
        "by_date": [
            {
                "date": str(day),
                "observed_over_expected": observed_over_expected(
                    cohort, where & (cohort.panel.as_of == np.datetime64(day))
                ),
            }
            for day in cohort.panel.dates
        ],
        "by_phase": [
            {
                "phase": str(phase),
                "observed_over_expected": observed_over_expected(
                    cohort, where & (cohort.panel.phase == phase)
                ),
            }
            for phase in np.unique(cohort.panel.phase[where])
        ],
    }


def observed_over_expected(cohort: TestCohort, where: np.ndarray) -> dict[str, Any]:
    """Events seen over events estimated, among some rows; 1 is right, above it too few were expected."""
    positive = cohort.is_positive & where
    expected = np.where(where, cohort.estimate, 0.0)
    return cohort.clusters.interval(
        ratio, (positive.astype(float), expected), positive, is_share=False, is_count=True
    ).as_facts()


def slope(cohort: TestCohort, where: np.ndarray) -> dict[str, Any]:
    """Slope (and intercept) of the outcome on the estimates' log-odds; a slope below 1 is overconfidence.

    Cox (1958). Clustered standard errors, Student's t on the effective number of schools less one.
    """
    z, y = logit(cohort.estimate[where])[:, None], cohort.panel.y[where]
    events = cohort.clusters.events(cohort.is_positive & where)
    schools = effective_schools(events)
    facts: dict[str, Any] = {
        "status": "cannot_tell",
        "estimate": None,
        "low": None,
        "high": None,
        "events": int(events.sum()),
    }
    if y.sum() == 0 or np.ptp(z) < 1e-9:
        return {"slope": facts | {"reason": "nothing to tell estimates apart by"}, "intercept": None}
    beta = fit_logistic(z, y)
    facts["estimate"] = round(float(beta[0]), 6)
    if schools < TOO_FEW_SCHOOLS:
        return {"slope": facts | {"reason": "too few schools to say"}, "intercept": round(float(beta[1]), 6)}
    error = clustered_errors(z, y, beta, cohort.clusters.code[where])[0]
    reach = float(stats.t.ppf((1 + LEVEL) / 2, schools - 1) * error)
    facts |= {
        "status": "estimated",
        "low": round(beta[0] - reach, 6),
        "high": round(beta[0] + reach, 6),
        "reason": "",
    }
    return {"slope": facts, "intercept": round(float(beta[1]), 6)}


def curve(cohort: TestCohort, where: np.ndarray) -> dict[str, Any]:
    """Observed shares of ten parts of the cohort with equal expected events, each with its band."""
    events = int(cohort.clusters.events(cohort.is_positive & where).sum())
    if events < FEWEST_FOR_CURVE:
        reason = f"{events} pupils had the outcome; below {FEWEST_FOR_CURVE} a curve would show chance"
        return {"status": "cannot_tell", "reason": reason, "points": []}
    rows = np.flatnonzero(where)
    order = rows[np.argsort(cohort.estimate[rows], kind="stable")]
    running = np.cumsum(cohort.estimate[order])
    part = np.full(len(where), -1)
    part[order] = np.minimum((running / running[-1] * CURVE_POINTS).astype(int), CURVE_POINTS - 1)
    points = []
    for number in np.unique(part[part >= 0]):
        here = part == number
        positive = cohort.is_positive & here
        observed = cohort.clusters.interval(ratio, (positive.astype(float), here.astype(float)), positive)
        points.append(
            {
                "mean_estimate": round(float(cohort.estimate[here].mean()), 6),
                "num": int(here.sum()),
                "observed": observed.as_facts(),
            }
        )
    return {"status": "estimated", "reason": "", "points": points}


def among_listed(cohort: TestCohort, where: np.ndarray) -> dict[str, Any]:
    """Events expected and seen among the listed, and the relative error of the expectation."""
    listed = school_list(cohort) * where
    positive = cohort.is_positive & where
    expected, observed = float((listed * cohort.estimate).sum()), float((listed * positive).sum())
    found = cohort.clusters.interval(
        ratio,
        (listed * positive, listed * cohort.estimate),
        positive & (listed > 0),
        is_share=False,
        is_count=True,
    )
    return {
        "expected": round(expected, 1),
        "observed": round(observed, 1),
        "relative_error": round(expected / observed - 1, 6) if observed else None,
        "observed_over_expected": found.as_facts(),
    }
