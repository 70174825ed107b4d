"""Every year that can be tested, each by what could have been made before it, judged together.

A rolling origin (Tashman 2000, https://doi.org/10.1016/S0169-2070(00)00065-0): the recipe is searched and fitted anew before
each test year, so that no year's lists know anything of it or of a later one. One year of a middling authority cannot tell a
gain of a few children in a hundred from chance; three often can.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

import numpy as np

from training.evidence.recall import school_list
from training.evidence.test_cohort import TestCohort
from training.gate import gains
from training.intervals import clusters
from training.panel import Panel
from training.splits import Split


@dataclass(frozen=True)
class TestYear:
    """One year of test dates, or why nothing can be told of it.

    Attributes
    ----------
    split : Split
    cohort : TestCohort or None
        None where there was too little to learn from before it.
    reason : str
        Empty where there is a cohort.
    """

    __test__ = False  # not a class of tests, whatever its name begins with

    split: Split
    cohort: TestCohort | None
    reason: str = ""


def together(cohorts: Sequence[TestCohort]) -> TestCohort:
    """Several years' cohorts as one, each row with the estimate and the rivals' scores of its own year.

    A school and a pupil are the same in every year, so that ranges know how alike the years are. Lists are of one date,
    so scores of different years never meet. The features are left out: the panel has no column of them.
    """
    if len(cohorts) == 1:
        return cohorts[0]
    in_order = sorted(cohorts, key=lambda cohort: cohort.panel.as_of[0])
    latest, panel = in_order[-1], joined([cohort.panel for cohort in in_order])
    return TestCohort(
        panel=panel,
        estimate=np.concatenate([cohort.estimate for cohort in in_order]),
        floor=np.concatenate([cohort.floor for cohort in in_order]),
        rivals={name: np.concatenate([cohort.rivals[name] for cohort in in_order]) for name in latest.rivals},
        clusters=clusters(panel.cluster, panel.pupil, latest.settings.draws, latest.settings.seed),
        settings=latest.settings,
    )


def joined(panels: Sequence[Panel]) -> Panel:
    """Panels of different dates one after another, in order of date, without their features."""
    bare = [without_features(panel) for panel in panels]
    whole = Panel(
        **{part.name: np.concatenate([getattr(each, part.name) for each in bare]) for part in fields(Panel)}
    )
    before = np.cumsum([0, *(int(panel.school.max()) + 1 for panel in panels)])
    school = [panel.school + start for panel, start in zip(panels, before, strict=False)]
    return replace(
        whole,
        school=np.concatenate(school).astype(np.int32),
        moment=np.unique(whole.as_of, return_inverse=True)[1].astype(np.int32),
    )


def without_features(panel: Panel) -> Panel:
    """A panel that is judged already: its features would only take memory."""
    return replace(panel, X=np.empty((len(panel), 0), np.float32))


def every_year(years: Sequence[TestYear]) -> dict[str, Any]:
    """Each year's recall and gains, the latest first, and the recall of all of them together."""
    told = [year.cohort for year in years if year.cohort]
    whole = together(told)
    return {
        "recall": whole.recall(school_list(whole)).as_facts(),
        "years": [about(year) for year in years],
    }


def about(year: TestYear) -> dict[str, Any]:
    """One year's row."""
    days: list[date] = list(year.split.test)
    found: dict[str, Any] = {
        "test": [str(day) for day in days],
        "num_training_dates": len(year.split.training),
        "reason": year.reason,
    }
    if year.cohort is None:
        return found | dict.fromkeys(("recall", "over_best_rule", "over_school_only"))
    return found | {"recall": year.cohort.recall(school_list(year.cohort)).as_facts()} | gains(year.cohort)
