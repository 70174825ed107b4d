"""A data scientist's way in: records as pandas, the splits, and the project's own judgement of any estimator.

>>> import pathways
>>> study = pathways.study("demo/result/store")
>>> X, y = study.training()
>>> mine = HistGradientBoostingClassifier().fit(X, y)
>>> study.judge(mine)
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.dictionary import entries
from features.matrix import FEATURES
from features.records.store import Records, open_store
from models.errors import ModelRefused
from models.places import floors
from training.audit.of_cohort import audit_estimates
from training.comparators import comparator_scores, side
from training.evaluate import judged_estimates
from training.evidence.test_cohort import TestCohort
from training.fit import base_rates
from training.frames import Frames
from training.from_store import frames_of, settings_for
from training.intervals import clusters
from training.origin import cohort_panel, other_outcomes_of, training_panel
from training.panel import Panel
from training.protocol import LEDGER, fix_protocol, look
from training.settings import Settings
from training.splits import Split, eligible_dates, split_dates

NOT_BY_PUPIL = "A matrix of one row a pupil and as-of date. Keep it as safe as the records."


class Estimator(Protocol):
    """Anything that gives the chances of two classes, as scikit-learn's classifiers do."""

    def predict_proba(self, X: pd.DataFrame) -> npt.ArrayLike:
        """Chances of classes 0 and 1; shape (n, 2)."""


@dataclass(frozen=True)
class Judgement:
    """What the project's evidence and audit say of one estimator's lists.

    Attributes
    ----------
    name : str
    evidence : dict
        The parts of `evidence.json` that any estimates have.
    audit : dict
        The facts of `audit.json`, without what only this project's own models can tell.
    looks : int or None
        How often the outcomes of these test dates have been read, this time among them; None where not counted.
    """

    name: str
    evidence: dict[str, Any] = field(repr=False)
    audit: dict[str, Any] = field(repr=False)
    looks: int | None

    @property
    def summary(self) -> pd.DataFrame:
        """The first figures, with their ranges; indexed by what they are."""
        head, gate = self.evidence["headline"], self.evidence["gate"]
        rows = {
            "recall at capacity": head["recall_at_capacity"],
            "precision": head["precision"],
            f"gain over {gate['over_best_rule']['rule']}": gate["over_best_rule"]["gain"],
            "gain over the school alone, pooled": gate["over_school_only"]["gain"],
            "observed over expected": self.evidence["calibration"]["observed_over_expected"],
            "calibration slope": self.evidence["calibration"]["slope"],
            "AUC": self.evidence["ranking"]["auc"],
        }
        names = ("estimate", "low", "high", "reason")
        return pd.DataFrame(
            {what: [found.get(name) for name in names] for what, found in rows.items()}, index=list(names)
        ).T

    @property
    def list_sizes(self) -> pd.DataFrame:
        """Recall, precision, gain over the best rule and the verdict, by times the places."""
        rows = [
            {
                "recall": row["recall"]["estimate"],
                "precision": row["precision"]["estimate"],
                "gain_over_best_rule": row["over_best_rule"]["gain"]["estimate"],
                "low": row["over_best_rule"]["gain"]["low"],
                "high": row["over_best_rule"]["gain"]["high"],
                "verdict": row["verdict"].replace("_", " "),
            }
            for row in self.evidence["capacities"]
        ]
        times = [row["times"] for row in self.evidence["capacities"]]
        return pd.DataFrame(rows, index=pd.Index(times, name="times_the_places"))

    @property
    def findings(self) -> pd.DataFrame:
        """The audit's findings; a row each."""
        return pd.DataFrame(self.audit["findings"])

    def _repr_html_(self) -> str:
        passed = "passes the gate" if self.evidence["gate"]["passed"] else "does not pass the gate"
        reasons = "".join(f"<li>{escape(each)}</li>" for each in self.evidence["gate"]["reasons"])
        return (
            f"<p><strong>{escape(self.name)}</strong> {passed}. Looks at the test's outcomes: {self.looks or 'not counted'}.</p>"
            f"<ul>{reasons}</ul>{self.summary.to_html(float_format='{:.3f}'.format, na_rep='')}{self.list_sizes.to_html(float_format='{:.3f}'.format, na_rep='')}"
            f"<p>The audit has {len(self.audit['findings'])} findings.</p>"
        )


@dataclass(frozen=True)
class Study:
    """One record store, ready to learn from and to be judged on.

    Attributes
    ----------
    settings : Settings
        Outcome, window, places: those of the authority's meetings.
    split : Split
        The as-of dates that train and test, forward in time.
    frames : Frames
    records : Records or None
        None (frames given without a store) leaves label bias and freshness out of an audit.
    ledger : Path or None
        Where looks at the test are counted; None counts none.
    """

    settings: Settings
    split: Split
    frames: Frames = field(repr=False)
    records: Records | None = field(repr=False)
    ledger: Path | None

    @property
    def matrix(self) -> pd.DataFrame:
        """The features of every eligible date, indexed by pupil and as_of; NaN has the meaning that the dictionary gives it."""
        return self.frames.matrix.set_index(["pupil", "as_of"])[list(self.frames.feature_names)]

    @property
    def outcomes(self) -> pd.DataFrame:
        """Every outcome as known at the extract, indexed as the matrix; 0, 1 or missing (left without it being seen)."""
        return self.frames.outcomes.set_index(["pupil", "as_of"])

    @property
    def dictionary(self) -> pd.DataFrame:
        """What each feature is: family, look-back, unit, meaning of empty, direction, source; indexed by name."""
        declared = [each for each in FEATURES if each.name in self.frames.feature_names]
        return pd.DataFrame(entries(declared)).set_index("name")

    def training(self) -> tuple[pd.DataFrame, pd.Series]:
        """Features and outcome of the rows a model may learn from, the outcome as known on the first test date."""
        return as_pandas(training_panel(self.frames, self.settings, self.split), self)

    @property
    def schools(self) -> pd.Series:
        """The school of each training row, to keep whole schools together in cross-validation; indexed as `training`."""
        panel = training_panel(self.frames, self.settings, self.split)
        return pd.Series(panel.cluster, index=as_pandas(panel, self)[0].index, name="school")

    def judge(
        self, estimator: Estimator, name: str = "", progress: Callable[[str], None] = lambda step: None
    ) -> Judgement:
        """Evidence and audit of an estimator's lists, on the same cohort, dates and places as the project's own.

        Each call reads the test's outcomes, and is counted as a look. An estimator comes fitted, so it is judged on the latest
        test year alone, and so is its gate; `pathways train` judges a recipe on every year.

        Parameters
        ----------
        estimator : Estimator
            Fitted. Gets a DataFrame with the columns of `training`, in their order.

        Raises
        ------
        ModelRefused
            It gives other than one chance from 0 to 1 for each row.
        """
        frames, settings = self.frames, self.settings
        test = cohort_panel(frames, settings, self.split)
        estimate = chances(estimator, as_pandas(test, self)[0])
        learned = training_panel(frames, settings, self.split)
        past, now = (side(panel, frames.feature_names, frames.groups) for panel in (learned, test))
        looks = look(fix_protocol(settings, self.split, (), frames.hash), self.ledger)
        cohort = TestCohort(
            panel=test,
            estimate=estimate,
            floor=floors(test.phase, base_rates(learned, np.ones(len(learned), dtype=bool))),
            rivals=comparator_scores(past, now),
            clusters=clusters(test.cluster, test.pupil, settings.draws, settings.seed),
            settings=settings,
        )
        progress("evidence")
        evidence = judged_estimates(
            cohort, other_outcomes_of(frames, settings, test), np.empty((len(test), 0))
        )
        audit = audit_estimates(cohort, frames, self.records, progress=progress)
        return Judgement(name or type(estimator).__name__, evidence, audit, looks)

    def _repr_html_(self) -> str:
        dates = {"Training": self.split.training, "Test": self.split.test}
        rows = "".join(f"<tr><th>{name}</th><td>{len(days)} as-of dates, {days[0]} to {days[-1]}</td></tr>" for name, days in dates.items())  # fmt: skip
        made_up = (
            "<p><strong>MADE-UP DATA. No child, school or figure here is real.</strong></p>"
            if self.frames.is_made_up
            else ""
        )
        return (
            f"{made_up}<p><strong>{escape(self.frames.authority)}</strong>: {escape(self.settings.outcome)} within {self.settings.window_days} days, "
            f"{len(self.frames.feature_names)} features, {len(self.frames.matrix):,} rows. {NOT_BY_PUPIL}</p><table>{rows}</table>"
        )


def open_study(
    store: str | Path,
    ledger: Path | None = None,
    progress: Callable[[str], None] = lambda step: None,
    **choices: Any,
) -> Study:
    """Open a record store and make its matrix and outcomes: a minute for a city.

    Parameters
    ----------
    store : str or Path
        What `pathways import` made.
    ledger : Path or None
        Where looks at the test are counted; None takes looks.jsonl beside the store.
    **choices
        Of `training.settings.Settings`: outcome, window_days, seed, draws.

    Raises
    ------
    TooFewYears
        No forward split exists.
    RecipeRefused
        A choice is none.
    """
    records = open_store(Path(store))
    settings = settings_for(records, **choices)
    frames = frames_of(records, settings, progress=progress)
    eligible = eligible_dates(frames.closes, frames.covered_from, frames.known_until)
    split = split_dates(eligible, frames.closes, settings.window_days)
    return Study(settings, split, frames, records, ledger or Path(store).resolve().with_name(LEDGER))


def as_pandas(panel: Panel, study: Study) -> tuple[pd.DataFrame, pd.Series]:
    """A panel's features and outcome, indexed by pupil and as_of."""
    index = pd.MultiIndex.from_arrays([panel.pupil, panel.as_of], names=["pupil", "as_of"])
    return (
        pd.DataFrame(panel.X, columns=list(study.frames.feature_names), index=index),
        pd.Series(panel.y, index=index, name=study.settings.outcome),
    )


def chances(estimator: Estimator, X: pd.DataFrame) -> np.ndarray:
    """The chance of the outcome for each row; float64, shape (n,)."""
    given = np.asarray(estimator.predict_proba(X), dtype=np.float64)
    if given.shape != (len(X), 2):
        raise ModelRefused(
            f"predict_proba gave an array of shape {given.shape}; {(len(X), 2)} is needed: a row a pupil and date, the chances of 0 and of 1."
        )
    estimate = given[:, 1]
    wrong = int((~((estimate >= 0) & (estimate <= 1))).sum())
    if wrong:
        raise ModelRefused(
            f"predict_proba gave {wrong} values that are no chance from 0 to 1. A place cannot be given by them."
        )
    return estimate
