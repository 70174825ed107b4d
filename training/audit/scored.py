"""Rows that were scored and judged, and the groups they are in: all that an audit's tables read.

Counts of a group (`models.audit_rates.COUNTS`), in this order, each a sum over its rows::

    num          rows
    positives    followed by the outcome
    negatives    seen, and not followed by it
    listed       expected places (ties count their chance of one)
    found        of the positives, listed
    needless     of the negatives, listed
    expected     sum of estimates of the rows judged
    observed     of the rows judged, followed by the outcome
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from models.audit_attributes import NOT_KNOWN
from training.intervals import Clusters, clusters

BLANK = "(empty)"
CROSS = " x "
MOST_CLUSTERS = 2000


@dataclass(frozen=True)
class Attribute:
    """One way of parting the rows.

    Attributes
    ----------
    name : str
    groups : tuple of str
        In the order of the table; a group may have nobody in it.
    code : numpy.ndarray of int, shape (n,)
        Index into `groups`.
    labels : mapping of str to str
        Group to its meaning, where the group is a code.
    is_crossing : bool
        Made of two attributes. Told by this alone: any name may hold ` x `.
    broken : mapping of str to str
        Group that means one thing in some of the rows and another in others, to why no rate of it is told.
    """

    name: str
    groups: tuple[str, ...]
    code: np.ndarray
    labels: Mapping[str, str] = field(default_factory=dict)
    is_crossing: bool = False
    broken: Mapping[str, str] = field(default_factory=dict)

    def label(self, group: str) -> str:
        return self.labels.get(group, group)


@dataclass(frozen=True)
class Scored:
    """A scored list and what came after it; arrays of n rows.

    Attributes
    ----------
    outcome : numpy.ndarray of float64
        1 or 0; NaN where it was not seen.
    listed : numpy.ndarray of float64
        The chance of a place: 1, 0, or between where ties are broken by lot.
    estimate : numpy.ndarray of float64
        Estimated chance of the outcome; NaN where no estimate was made.
    is_judged : numpy.ndarray of bool
        Rows whose estimate is a forecast, on which observed over expected is taken.
    clusters : Clusters
        What is resampled whole.
    attributes : tuple of Attribute
    years : float
        Years of lists that the rows hold; 0 where that is not known.
    weight : numpy.ndarray of float64, or None
        How many people each row stands for; None: one. Counts and rates are of those; whether a rate can be told
        rests on the people who are in the rows.
    """

    outcome: np.ndarray
    listed: np.ndarray
    estimate: np.ndarray
    is_judged: np.ndarray
    clusters: Clusters
    attributes: tuple[Attribute, ...]
    years: float
    weight: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.outcome)

    @property
    def is_positive(self) -> np.ndarray:
        return self.outcome == 1

    @property
    def is_negative(self) -> np.ndarray:
        return self.outcome == 0

    @cached_property
    def is_somebody(self) -> np.ndarray:
        """Rows that stand for anybody: of a weight above 0, or without weights; bool, shape (n,)."""
        return np.ones(len(self), dtype=bool) if self.weight is None else self.weight > 0

    @cached_property
    def counts(self) -> np.ndarray:
        """What each row adds to the counts; float64, shape (C, n)."""
        positive, negative = self.is_positive, self.is_negative
        judged = self.is_judged & ~np.isnan(self.estimate) & ~np.isnan(self.outcome)
        made = np.stack(
            [
                np.ones(len(self)), positive, negative, self.listed, self.listed * positive,
                self.listed * negative, np.where(judged, self.estimate, 0.0), positive & judged,
            ]
        ).astype(np.float64)  # fmt: skip
        return made if self.weight is None else made * self.weight

    @cached_property
    def pupils(self) -> tuple[np.ndarray, np.ndarray]:
        """Index of each row's pupil, and each pupil's first row; int64, shapes (n,) and (U,).

        A pupil whose school or group changes between dates counts once for each.
        """
        unit = np.unique(self.clusters.pupil, return_inverse=True)[1].astype(np.int64)
        if len(unit) and unit.max() + 1 < len(unit):
            for code in (self.clusters.code, *(each.code for each in self.attributes)):
                unit = np.unique(unit * (int(code.max()) + 1) + code, return_inverse=True)[1].astype(np.int64)
        return unit, np.unique(unit, return_index=True)[1]

    def attribute(self, name: str) -> Attribute:
        return next(each for each in self.attributes if each.name == name)


def attribute(
    name: str,
    values: pd.Series,
    expected: Sequence[str] = (),
    labels: Mapping[str, str] | None = None,
) -> Attribute:
    """Index a column of group names.

    Parameters
    ----------
    values : pandas.Series, length n
        Missing and blank become `NOT_KNOWN`.
    expected : sequence of str
        Groups that have a row even with nobody in them, in their order; others follow by name.
    """
    texts = values.astype(object).where(values.notna(), NOT_KNOWN).astype(str).str.strip()
    texts = texts.where(texts != "", NOT_KNOWN)
    found = pd.Index(texts.unique())
    others = sorted(set(found) - set(expected) - {NOT_KNOWN})
    last = [NOT_KNOWN] if NOT_KNOWN in found or NOT_KNOWN in expected else []
    groups = [*(each for each in expected if each != NOT_KNOWN), *others, *last]
    return Attribute(name, tuple(groups), pd.Index(groups).get_indexer(pd.Index(texts)), labels or {})


def as_written(name: str, texts: pa.Array) -> Attribute:
    """Index a column of a file by its very words; only an empty cell is no word.

    Parameters
    ----------
    texts : pyarrow.Array of string, length n
        "" where a cell is empty: a group of its own, named `NOT_KNOWN`, or `BLANK` where the file has that word.
    """
    coded = pc.dictionary_encode(texts)
    words = np.array(coded.dictionary.to_pylist(), dtype=object)
    blank = BLANK if NOT_KNOWN in words else NOT_KNOWN
    order = sorted(range(len(words)), key=lambda at: (words[at] == "", words[at]))
    place = np.empty(len(words), dtype=np.int64)
    place[order] = np.arange(len(words))
    groups = tuple(words[at] or blank for at in order)
    return Attribute(name, groups, place[coded.indices.to_numpy()])


def crossed(first: Attribute, second: Attribute) -> Attribute:
    """The groups of two attributes together; only those with somebody in them."""
    key = first.code * len(second.groups) + second.code
    held, code = np.unique(key, return_inverse=True)
    pairs = [divmod(int(each), len(second.groups)) for each in held]
    groups = tuple(CROSS.join((first.groups[a], second.groups[b])) for a, b in pairs)
    if len(set(groups)) < len(groups):  # names that hold the joining word themselves
        groups = tuple(f"“{first.groups[a]}”{CROSS}“{second.groups[b]}”" for a, b in pairs)
    labels = {
        group: f"{first.label(first.groups[a])}, {second.label(second.groups[b])}"
        for group, (a, b) in zip(groups, pairs, strict=True)
    }
    broken = {
        group: reason
        for group, (a, b) in zip(groups, pairs, strict=True)
        if (reason := first.broken.get(first.groups[a]) or second.broken.get(second.groups[b]))
    }
    return Attribute(
        CROSS.join((first.name, second.name)), groups, code, labels, is_crossing=True, broken=broken
    )


def resampled(cluster: np.ndarray, pupil: np.ndarray, draws: int, seed: int) -> Clusters:
    """Index clusters, joined by lot where there are very many.

    Clusters drawn independently stay so when they are joined at random, so intervals keep their
    meaning; a draw then costs the same for a million rows as for some thousands.
    """
    code = np.unique(cluster, return_inverse=True)[1]
    num = int(code.max()) + 1
    if num > MOST_CLUSTERS:
        order = np.random.default_rng([seed, num]).permutation(num)
        code = (order % MOST_CLUSTERS)[code]
    return clusters(code, pupil, draws, seed)
