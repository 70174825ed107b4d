"""All the evidence of one model in one dictionary of plain JSON values: `evidence.json`."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from models.facts.evidence import STATEMENT
from models.places import floors
from models.risk_model import RiskModel
from training.comparators import COMPARATORS, Side, comparator_scores
from training.evidence.calibration import calibration
from training.evidence.leaks import leak_alarm
from training.evidence.list_size import by_capacity
from training.evidence.past_year import cumulative_catch, lead_time
from training.evidence.ranking import auc, decision_curve
from training.evidence.recall import (
    by_part,
    comparators,
    headline,
    left_out,
    natural_frequencies,
    other_outcomes,
)
from training.evidence.seen_bands import seen_bands
from training.evidence.test_cohort import TestCohort
from training.evidence.transport import new_school
from training.evidence.truth import against_truth
from training.gate import gate
from training.intervals import clusters
from training.panel import Panel
from training.settings import Settings
from training.stability import stability

MADE_UP = "MADE-UP DATA: no child, school or figure here is real."
ARBITRARY = "the list is largely arbitrary: trained on other schools of the same authority, it would name mostly other children"


def test_cohort(model: RiskModel, training: Side, test: Side, settings: Settings) -> TestCohort:
    """Estimate the test cohort by the model and by every rival."""
    panel = test.panel
    return TestCohort(
        panel=panel,
        estimate=model.estimate(panel.X),
        floor=floors(panel.phase, model.facts.base_rates),
        rivals=comparator_scores(training, test),
        clusters=clusters(panel.cluster, panel.pupil, settings.draws, settings.seed),
        settings=settings,
    )


def evaluate(
    cohort: TestCohort,
    model: RiskModel,
    others: pd.DataFrame,
    events: pd.DataFrame | None,
    school_days: np.ndarray | None,
    truth: pd.DataFrame | None,
    lagged: pd.DataFrame | None,
    record: Panel | None = None,
    all_years: TestCohort | None = None,
) -> dict[str, Any]:
    """Everything section 8 of the design asks of a test cohort, but what needs further fits.

    Parameters
    ----------
    others : pandas.DataFrame
        Further outcomes of the test rows, in their order.
    events, school_days
        For the lead time: the days of events, and the calendar; None leaves it out and says so.
    truth, lagged : pandas.DataFrame or None
        True chances (made-up data only), and the features with longer lags.
    record : Panel or None
        Pupils at every eligible date, for the leak alarm to follow from one to the next.
    all_years : TestCohort or None
        This cohort and those of earlier test years as one (`training.evidence.every_year.together`), for the gate.
    """
    panel = cohort.panel
    spread = model.spread(panel.X)
    found = judged_estimates(cohort, others, spread, all_years)
    return {
        **found,
        "seen_bands": seen_bands(cohort),
        "stability": stability(spread, panel, cohort.school_places(), cohort.floor),
        "past_year": {
            "cumulative": cumulative_catch(cohort),
            "lead_time": None
            if events is None or school_days is None
            else lead_time(cohort, events, school_days),
        },
        "transport": {"new_school": new_school(cohort), "districts": None},
        "against_truth": against_truth(cohort, truth, model.facts.base_rates) if truth is not None else None,
        "leak_alarm": leak_alarm(cohort, model, found["ranking"]["auc"], lagged, record),
    }


def judged_estimates(
    cohort: TestCohort, others: pd.DataFrame, spread: np.ndarray, all_years: TestCohort | None = None
) -> dict[str, Any]:
    """What can be said of any estimates of the test cohort, whatever made them.

    Parameters
    ----------
    spread : numpy.ndarray of float, shape (n, R)
        Estimates of refits; with none (R is 0) the share of arbitrary places is not told.
    all_years : TestCohort or None
        What the gate and the verdicts by size of list rest on; None for this cohort alone.
    """
    panel = cohort.panel
    kinds, sentences = (
        {rival.name: getattr(rival, part) for rival in COMPARATORS} for part in ("kind", "sentence")
    )
    return {
        "headline": headline(cohort),
        "capacities": by_capacity(cohort, spread, all_years),
        "by_date": by_part(cohort, panel.as_of.astype(str), "date"),
        "by_phase": by_part(cohort, panel.phase, "phase"),
        "natural_frequencies": natural_frequencies(cohort),
        "comparators": comparators(cohort, kinds, sentences),
        "gate": gate(cohort, all_years),
        "calibration": calibration(cohort),
        "ranking": {"auc": auc(cohort), "decision_curve": decision_curve(cohort)},
        "other_outcomes": other_outcomes(cohort, others),
        "left_out": left_out(cohort),
    }


def first_lines(evidence: Mapping[str, Any], split_line: str, is_made_up: bool) -> list[str]:
    """What every report opens with, in this order, before any figure."""
    lines = [MADE_UP] if is_made_up else []
    lines += [split_line] if split_line else []
    lines += evidence.get("breaks", {}).get("lines", [])
    lines += [sentence_case(reason) for reason in evidence["gate"]["reasons"]]
    if evidence["stability"]["is_largely_arbitrary"]:
        lines.append(sentence_case(ARBITRARY) + ".")
    lines += evidence["leak_alarm"]["alarms"]
    return [*lines, STATEMENT]


def blockers(evidence: Mapping[str, Any]) -> list[str]:
    """What stands in the way of a release; empty where nothing does."""
    found = [*evidence["gate"]["reasons"], *evidence["leak_alarm"]["alarms"]]
    return [*found, ARBITRARY] if evidence["stability"]["is_largely_arbitrary"] else found


def sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]
