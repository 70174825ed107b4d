"""One independent stream of random numbers a purpose: the same seed gives the same bytes, in any order
of work and on any number of threads."""

from zlib import crc32

import numpy as np


def stream(seed: int, purpose: str, *numbers: int) -> np.random.Generator:
    """The stream of a purpose (a name, and numbers such as a year or a school)."""
    key = (crc32(purpose.encode()), *numbers)
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def choose(rng: np.random.Generator, shares: np.ndarray, size: int) -> np.ndarray:
    """`size` draws from 0..K-1 with the given weights (not necessarily summing to one)."""
    bounds = np.cumsum(shares) / np.sum(shares)
    return np.searchsorted(bounds[:-1], rng.random(size), side="right")


def normal_scores(rng: np.random.Generator, size: int) -> np.ndarray:
    """Evenly spaced normal quantiles in random order: spread is as stated even among few schools."""
    from scipy.special import ndtri

    return rng.permutation(ndtri((np.arange(size) + 0.5) / max(size, 1)))
