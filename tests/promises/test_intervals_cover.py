"""Promise: a 95 % interval holds the truth in 93 to 97 of 100 authorities, with 9, 30 and 90 schools.

A share's range is exact, so that it holds for rare kinds too, and may hold the truth a little more often.
"""

import numpy as np
import pytest

from training.intervals import TOO_FEW_SCHOOLS, difference, effective_schools, interval, ratio

pytestmark = pytest.mark.promise
AUTHORITIES = 2500
LOW, HIGH, EXACT = 0.93, 0.97, 0.985


def schools(rng, num, severity=0.6, middle=-0.4):
    """Events of each school, and how many of them a list found: a random school, not only random pupils."""
    events = 2 + rng.poisson(rng.gamma(3.0, 3.0, num))
    recall = 1 / (1 + np.exp(-(middle + severity * rng.normal(size=num))))
    return events, rng.binomial(events, recall), recall


def true_recall(severity=0.6, middle=-0.4):
    z = np.linspace(-8, 8, 20001)
    density = np.exp(-(z**2) / 2)
    return float((density / (1 + np.exp(-(middle + severity * z)))).sum() / density.sum())


@pytest.mark.parametrize("num", [9, 30, 90])
def test_recall(num):
    truth, held, told = true_recall(), 0, 0
    for authority in range(AUTHORITIES):
        events, found, _ = schools(np.random.default_rng([1, num, authority]), num)
        if effective_schools(events) < TOO_FEW_SCHOOLS:
            continue
        result = interval(np.column_stack([found, events]).astype(float), ratio, events, 1000, 1)
        told += 1
        held += result.low <= truth <= result.high
    assert told > 0.8 * AUTHORITIES
    assert LOW <= held / told <= EXACT, f"{held} of {told}"


@pytest.mark.parametrize("num", [9, 30, 90])
def test_gain_over_a_rule(num):
    """The same pupils under two lists: the second finds each found pupil with chance 0.7, others with 0.1."""
    truth, held, told = 0.3 * true_recall() - 0.1 * (1 - true_recall()), 0, 0
    for authority in range(AUTHORITIES):
        rng = np.random.default_rng([2, num, authority])
        events, found, _ = schools(rng, num)
        if effective_schools(events) < TOO_FEW_SCHOOLS:
            continue
        rule = rng.binomial(found, 0.7) + rng.binomial(events - found, 0.1)
        counts = np.column_stack([found, rule, events]).astype(float)
        result = interval(counts, difference, events, 1000, 1, is_share=False)
        told += 1
        held += result.low <= truth <= result.high
    assert LOW <= held / told <= HIGH, f"{held} of {told}"


@pytest.mark.parametrize("num", [30, 90])
def test_gain_with_schools_of_very_unequal_size(num):
    """Sizes as heavy-tailed as a log-normal's, so that few schools move the figure."""
    truth, held, told = 0.3 * true_recall() - 0.1 * (1 - true_recall()), 0, 0
    for authority in range(AUTHORITIES):
        rng = np.random.default_rng([3, num, authority])
        _, _, recall = schools(rng, num)
        events = 1 + rng.poisson(8 * rng.lognormal(-0.5, 1.0, num))
        if effective_schools(events) < TOO_FEW_SCHOOLS:
            continue
        found = rng.binomial(events, recall)
        rule = rng.binomial(found, 0.7) + rng.binomial(events - found, 0.1)
        counts = np.column_stack([found, rule, events]).astype(float)
        result = interval(counts, difference, events, 1000, 1, is_share=False)
        told += 1
        held += result.low <= truth <= result.high
    assert LOW <= held / told <= HIGH, f"{held} of {told}"
