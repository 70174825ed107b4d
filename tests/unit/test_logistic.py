"""Logistic regression beside what must hold of it: its equations, and a slow fit by another way."""

import numpy as np
import pytest
from scipy.optimize import minimize

from training.logistic import clustered_errors, fit_logistic, logit, sigmoid, with_intercept

RNG = np.random.default_rng(1)
TERMS = RNG.normal(size=(400, 2))
Y = (RNG.random(400) < 1 / (1 + np.exp(-(0.8 * TERMS[:, 0] - 0.5 * TERMS[:, 1] - 1)))).astype(float)
CLUSTER = np.repeat(np.arange(20), 20)


def test_log_odds_and_back():
    assert sigmoid(np.array([-800.0, 0.0, np.log(3), 800.0])) == pytest.approx([0, 0.5, 0.75, 1])
    assert logit(np.array([0.5, 0.75])) == pytest.approx([0, np.log(3)])
    assert logit(np.array([0.0, 1.0])) == pytest.approx([np.log(1e-12), -np.log(1e-12)], rel=1e-4)


def test_the_intercept_stands_last():
    assert with_intercept(np.array([[2.0], [3.0]])).tolist() == [[2, 1], [3, 1]]


@pytest.mark.parametrize("ridge", [1e-6, 5.0])
@pytest.mark.parametrize("is_weighted", [False, True])
def test_it_is_the_fit_of_an_optimiser(ridge, is_weighted):
    """The penalty is on the terms and not on the intercept."""
    weight = np.arange(400) % 3 + 0.5 if is_weighted else np.ones(400)

    def loss(beta):
        z = TERMS @ beta[:2] + beta[2]
        return (weight * (np.logaddexp(0, z) - Y * z)).sum() + ridge / 2 * (beta[:2] ** 2).sum()

    slow = minimize(loss, np.zeros(3), method="BFGS", options={"gtol": 1e-8}).x
    found = fit_logistic(TERMS, Y, weight if is_weighted else None, ridge)
    assert found == pytest.approx(slow, abs=1e-5)


def test_a_weight_is_how_often_a_row_counts():
    times = np.arange(400) % 3 + 1
    twice = fit_logistic(np.repeat(TERMS, times, axis=0), np.repeat(Y, times))
    assert fit_logistic(TERMS, Y, times.astype(float)) == pytest.approx(twice)


def test_without_terms_it_is_the_rate():
    assert sigmoid(fit_logistic(np.empty((8, 0)), np.array([1.0, 0, 0, 0, 0, 0, 0, 1]))) == pytest.approx(
        [0.25]
    )


def test_a_term_that_parts_the_rows_stays_finite():
    found = fit_logistic(np.array([[-1.0], [-1.0], [1.0], [1.0]]), np.array([0.0, 0, 1, 1]))
    assert np.isfinite(found).all()
    assert 8 < found[0] < 30


@pytest.mark.parametrize("far", [1.0, 50.0, 1000.0])
def test_a_far_start_does_not_overshoot(far):
    """Rare events far out: full steps of Newton's method would go to and fro between two slopes for ever."""
    terms = np.r_[np.zeros(2000), np.full(20, far)][:, None]
    y = np.r_[np.zeros(1999), 1.0, np.ones(19), 0.0]
    found = fit_logistic(terms, y)
    assert sigmoid(found[1]) == pytest.approx(1 / 2000, rel=1e-3)
    assert sigmoid(far * found[0] + found[1]) == pytest.approx(19 / 20, rel=1e-3)


def test_errors_of_clusters_are_the_sandwich_by_hand():
    beta = fit_logistic(TERMS, Y)
    design = np.column_stack([TERMS, np.ones(400)])
    p = 1 / (1 + np.exp(-(design @ beta)))
    bread = np.linalg.inv(sum(p[at] * (1 - p[at]) * np.outer(design[at], design[at]) for at in range(400)))
    scores = [sum((Y[at] - p[at]) * design[at] for at in np.flatnonzero(name == CLUSTER)) for name in range(20)]  # fmt: skip
    meat = sum(np.outer(score, score) for score in scores)
    slow = np.sqrt(np.diag(bread @ meat @ bread) * 20 / 19)
    assert clustered_errors(TERMS, Y, beta, CLUSTER) == pytest.approx(slow)


@pytest.mark.parametrize(("num", "is_told"), [(1, False), (2, True)])
def test_one_cluster_says_nothing_of_the_spread(num, is_told):
    found = clustered_errors(TERMS, Y, fit_logistic(TERMS, Y), np.arange(400) % num)
    assert found.shape == (3,)
    assert np.isfinite(found).tolist() == [is_told] * 3
