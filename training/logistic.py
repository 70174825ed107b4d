"""Logistic regression by Newton's method, for a handful of terms.

Written with einsum, whose sums do not depend on the number of threads as a BLAS product's may: what
is fitted here becomes part of a model that must come out the same byte for byte.
"""

import numpy as np

STEPS = 50
SETTLED = 1e-10


def sigmoid(z: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-z)), without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * z))


def logit(p: np.ndarray) -> np.ndarray:
    """Log-odds, with p held away from 0 and 1 by one part in a million million."""
    p = np.clip(p, 1e-12, 1 - 1e-12)
    return np.log(p) - np.log1p(-p)


def fit_logistic(
    terms: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None, ridge: float = 1e-6
) -> np.ndarray:
    """Coefficients of a logistic regression; the last is the intercept.

    Parameters
    ----------
    terms : numpy.ndarray of float, shape (n, T)
    y : numpy.ndarray of float, shape (n,)
        0 or 1.
    weight : numpy.ndarray of float, shape (n,), optional
        How often each row counts.
    ridge : float
        Penalty on the squared coefficients but the intercept: keeps a separated term finite.

    Returns
    -------
    numpy.ndarray of float64, shape (T + 1,)
    """
    design = with_intercept(terms)
    weight = np.ones(len(y)) if weight is None else weight
    penalty = np.full(design.shape[1], ridge)
    penalty[-1] = 0.0
    beta = np.zeros(design.shape[1])
    beta[-1] = logit(np.array(((weight * y).sum() + 0.5) / (weight.sum() + 1.0)))

    def loss(beta: np.ndarray) -> float:
        z = np.einsum("ij,j->i", design, beta)
        return float((weight * (np.logaddexp(0, z) - y * z)).sum() + (penalty * beta**2).sum() / 2)

    for _ in range(STEPS):
        p = sigmoid(np.einsum("ij,j->i", design, beta))
        gradient = np.einsum("ij,i->j", design, weight * (y - p)) - penalty * beta
        information = np.einsum("ij,i,ik->jk", design, weight * p * (1 - p), design) + np.diag(penalty)
        step = np.linalg.solve(information + 1e-12 * np.eye(len(beta)), gradient)
        step *= min(1.0, 4.0 / max(np.abs(step).max(), 1e-300))  # a far start must not overshoot
        most = loss(beta) * (1 + SETTLED)
        while loss(beta + step) > most:  # nor may a term of large numbers go to and fro for ever
            step = step / 2
        beta = beta + step
        if np.abs(step).max() < SETTLED:
            break
    return beta


def clustered_errors(terms: np.ndarray, y: np.ndarray, beta: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """Standard errors of the coefficients where rows of a cluster go together (sandwich); shape (T + 1,).

    Liang and Zeger (1986), with the usual small-sample factor G / (G - 1). NaN with one cluster.
    """
    design = with_intercept(terms)
    p = sigmoid(np.einsum("ij,j->i", design, beta))
    bread = np.linalg.inv(np.einsum("ij,i,ik->jk", design, p * (1 - p), design) + 1e-12 * np.eye(len(beta)))
    codes = np.unique(cluster, return_inverse=True)[1]
    num = codes.max() + 1
    if num < 2:
        return np.full(len(beta), np.nan)
    scores = np.stack([np.bincount(codes, column * (y - p), num) for column in design.T], axis=1)
    return np.sqrt(np.diag(bread @ (scores.T @ scores) @ bread) * num / (num - 1))


def with_intercept(terms: np.ndarray) -> np.ndarray:
    """The terms with a column of ones after them."""
    return np.column_stack([terms, np.ones(len(terms))])
