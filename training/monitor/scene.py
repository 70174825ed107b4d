"""Everyone in the cohort on the days compared, with the model's estimates and who would have had a place."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from features.matrix import feature_matrix
from features.records.store import Records
from models.places import LISTED, NOT_LISTED, floors, has_place, in_running, standing
from models.risk_model import RiskModel
from training.panel import days

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Seen:
    """One day's cohort; arrays of n rows in order of pupil.

    Attributes
    ----------
    rows : pandas.DataFrame
        The cohort's columns and the features.
    estimate : numpy.ndarray of float64, shape (n,)
        NaN for whoever is not assessed: they are never scored.
    state : numpy.ndarray of str, shape (n,)
        listed, not_listed, already_supported, exclusion_in_progress or not_assessed, on the school's list.
    places : int
        Of every school together.
    """

    rows: pd.DataFrame
    estimate: np.ndarray
    state: np.ndarray
    places: int

    @property
    def pupil(self) -> np.ndarray:
        return self.rows["pupil"].to_numpy(np.int64)

    @property
    def is_assessed(self) -> np.ndarray:
        return self.rows["is_assessed"].to_numpy(bool)

    @property
    def is_listed(self) -> np.ndarray:
        return self.state == LISTED


def seen(
    records: Records, model: RiskModel, wanted: list[date], progress: Progress
) -> Iterator[tuple[date, Seen]]:
    """Each day's cohort, in order."""
    tables = feature_matrix(records, wanted, progress=lambda what, *_: progress(what))
    for on, table in zip(wanted, tables, strict=True):
        rows = table.to_pandas()
        yield on, look(rows.assign(as_of=days(rows["as_of"])), model, records)


def look(rows: pd.DataFrame, model: RiskModel, records: Records) -> Seen:
    """Estimate one day's cohort and give its schools' places, by the rule as served."""
    is_assessed = rows["is_assessed"].to_numpy(bool)
    estimate = np.full(len(rows), np.nan)
    if is_assessed.any():
        estimate[is_assessed] = model.estimate(rows[is_assessed])
    out = standing(
        is_assessed, rows["is_exclusion_in_progress"].to_numpy(bool), rows["is_supported"].to_numpy(bool)
    )
    phase = rows["phase"].to_numpy(str)
    units, unit = np.unique(rows["urn"].to_numpy(), return_inverse=True)
    phase_of = np.empty(len(units), dtype=object)
    phase_of[unit] = phase
    given = records.authority.meeting.places_per_school
    places = np.array([given.get(each, 0) for each in phase_of], dtype=np.int64)
    floor = floors(phase, model.facts.base_rates)
    pupil = rows["pupil"].to_numpy(np.int64)
    listed = has_place(in_running(estimate, out, floor), unit, places, pupil)
    state = np.where(out == "", np.where(listed, LISTED, NOT_LISTED), out)
    return Seen(rows, estimate, state, int(places.sum()))
