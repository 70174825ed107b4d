"""The test cohort with everything that is known of it once its outcomes have been read."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models.places import expected_place, in_running
from training.intervals import Clusters, Interval, ratio
from training.panel import Panel
from training.settings import Settings


@dataclass(frozen=True)
class TestCohort:
    """Everyone on roll at the test dates, the model's estimates of them, and the places there are.

    Attributes
    ----------
    panel : Panel
    estimate : numpy.ndarray of float64, shape (n,)
    floor : numpy.ndarray of float64, shape (n,)
        Estimate below which the model's list leaves a place empty.
    rivals : mapping of str to numpy.ndarray of float64, shape (n,)
        Scores of the comparators.
    clusters : Clusters
    settings : Settings
    """

    __test__ = False  # not a class of tests, whatever its name begins with

    panel: Panel
    estimate: np.ndarray
    floor: np.ndarray
    rivals: Mapping[str, np.ndarray]
    clusters: Clusters
    settings: Settings

    @property
    def is_positive(self) -> np.ndarray:
        """Rows followed by the outcome."""
        return self.panel.y == 1

    def school_places(self, times: float = 1.0) -> np.ndarray:
        """Places of each school at each date, as (multiplied and rounded up) the authority gives them."""
        phases = np.empty(self.panel.school.max() + 1, dtype=object)
        phases[self.panel.school] = self.panel.phase
        given = np.array([self.settings.places_per_school.get(phase, 0) for phase in phases])
        return np.ceil(given * times).astype(np.int64)

    def pooled_places(self, times: float = 1.0) -> np.ndarray:
        """The same total pooled over the authority, by date."""
        date_of_school = np.zeros(self.panel.school.max() + 1, dtype=np.int64)
        date_of_school[self.panel.school] = self.panel.moment
        return np.bincount(date_of_school, self.school_places(times)).astype(np.int64)

    def listed(
        self, score: np.ndarray, times: float = 1.0, floor: np.ndarray | float = -np.inf
    ) -> np.ndarray:
        """The chance of a place at the pupil's school; shape (n,)."""
        return expected_place(
            in_running(score, self.panel.standing, floor), self.panel.school, self.school_places(times)
        )

    def pooled(
        self, score: np.ndarray, times: float = 1.0, floor: np.ndarray | float = -np.inf
    ) -> np.ndarray:
        """The chance of a place where the same total goes to the highest in the authority; shape (n,)."""
        return expected_place(
            in_running(score, self.panel.standing, floor), self.panel.moment, self.pooled_places(times)
        )

    def district(self, score: np.ndarray, floor: np.ndarray | float = -np.inf) -> np.ndarray:
        """The chance of a place on the district meeting's own list; shape (n,)."""
        unit = (
            np.unique(self.panel.district, return_inverse=True)[1] * len(self.panel.dates) + self.panel.moment
        )
        places = np.full(unit.max() + 1, self.settings.places_per_district)
        return expected_place(in_running(score, self.panel.standing, floor), unit, places)

    def recall(
        self, listed: np.ndarray, positive: np.ndarray | None = None, where: np.ndarray | None = None
    ) -> Interval:
        """Share of the positives (of some rows) that had a place."""
        positive = self.is_positive if positive is None else positive
        positive = positive if where is None else positive & where
        return self.clusters.interval(ratio, (listed * positive, positive.astype(float)), positive)

    def precision(self, listed: np.ndarray, where: np.ndarray | None = None) -> Interval:
        """Share of the places (of some rows) that went to positives; who left without an outcome is left out."""
        seen = self.panel.is_known if where is None else self.panel.is_known & where
        positive = self.is_positive & seen
        return self.clusters.interval(ratio, (listed * positive, listed * seen), positive & (listed > 0))
