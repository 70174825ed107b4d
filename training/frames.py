"""What a training run is given: the matrix, the outcomes, and what is known of both."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from features.contract.breaks import Break
from models.risk_model import ModelFeature


@dataclass(frozen=True)
class Frames:
    """Everything that training reads, already built.

    Attributes
    ----------
    matrix : pandas.DataFrame
        One row a pupil in the cohort an as-of date: `panel.KEYS` and the features.
    outcomes : pandas.DataFrame
        pupil, as_of and each outcome as 0, 1 or null, as known when the records were extracted.
    outcomes_then : mapping of date to pandas.DataFrame
        First test date of each year that is tested, to the same of its training dates as known that day: a model
        made then could have learned no more. Where a date is not there, as known when the records were extracted.
    features : tuple of ModelFeature
        The columns of the matrix to learn from, in order.
    closes : mapping of date to date
        As-of date to the day by which its outcome window is known.
    covered_from : date
        First day on which suspensions reach back 190 school days.
    known_until : date
        The day of the extract.
    groups : pandas.DataFrame or None
        pupil, as_of, fsm_eligible, idaci_decile: for two comparators, and never a feature.
    truth : pandas.DataFrame or None
        pupil, as_of, and the true chance of the outcome: a made-up authority's only.
    lagged : pandas.DataFrame or None
        pupil, as_of and features of test dates as if everything had been known 14 days later.
    events : pandas.DataFrame or None
        pupil, event_on: when a pupil first met the outcome.
    support : pandas.DataFrame or None
        pupil, start_date, end_date (blank while open): help given after a screening. Exposure, never a
        feature. None where the store holds no such row.
    lists_in_use_from : date or None
        Since when meetings have seen lists.
    breaks : tuple of Break
        Days on which what the records mean changed.
    moved : tuple of dict
        Schools' suspensions and internal suspensions on either side (`training.moved.compare`); empty without the table.
    schools : mapping of str to str
        URN to the school's name.
    optional : mapping of str to tuple of str
        Optional table to the features of `features` that are made from it.
    school_days : numpy.ndarray of datetime64[D] or None
    authority : str
    is_made_up : bool
    data_hash : str
        Of the record store; empty to take the hash of the frames.
    """

    matrix: pd.DataFrame
    outcomes: pd.DataFrame
    features: tuple[ModelFeature, ...]
    closes: Mapping[date, date]
    covered_from: date
    known_until: date
    outcomes_then: Mapping[date, pd.DataFrame] = field(default_factory=dict)
    groups: pd.DataFrame | None = None
    truth: pd.DataFrame | None = None
    lagged: pd.DataFrame | None = None
    events: pd.DataFrame | None = None
    support: pd.DataFrame | None = None
    lists_in_use_from: date | None = None
    school_days: np.ndarray | None = None
    breaks: tuple[Break, ...] = ()
    moved: tuple[dict[str, Any], ...] = ()
    schools: Mapping[str, str] = field(default_factory=dict)
    optional: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    authority: str = ""
    is_made_up: bool = False
    data_hash: str = ""

    @property
    def feature_names(self) -> tuple[str, ...]:
        return tuple(feature.name for feature in self.features)

    @cached_property
    def hash(self) -> str:
        """The store's hash, or SHA-256 of every value of matrix and outcomes in order."""
        if self.data_hash:
            return self.data_hash
        digest = hashlib.sha256()
        for frame in (self.matrix, self.outcomes):
            digest.update(",".join(map(str, frame.columns)).encode())
            digest.update(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())
        return digest.hexdigest()
