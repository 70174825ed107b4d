"""How the lists did, once outcome windows of dates that the model never learned from have closed."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from features.as_of import AsOf
from features.calendar import Calendar
from features.contract.breaks import breaks
from features.outcome import window_closes
from features.records.store import Records
from models.places import floors
from models.risk_model import RiskModel
from training.audit.attributes import cohort_attributes
from training.audit.scored import Scored
from training.audit.tables import group_tables
from training.comparators import groups_of
from training.evidence.calibration import observed_over_expected
from training.evidence.recall import school_list
from training.evidence.support_exposure import support_exposure
from training.evidence.test_cohort import TestCohort
from training.from_store import outcomes_at, support_of
from training.intervals import clusters
from training.monitor.limits import CANNOT_TELL, OUTSIDE, WITHIN
from training.panel import make_panel
from training.settings import Settings

MOST_DATES, DATES_A_YEAR = 6, 6
TOLERATED = (0.8, 1.25)  # outcomes seen for each one estimated
LIMITS = {
    "recall": "outside where its whole range lies below the whole range of the evidence",
    "precision": "outside where its whole range lies below the whole range of the evidence",
    "observed_over_expected": f"outside where its whole range lies below {TOLERATED[0]} or above {TOLERATED[1]}",
}


def closed_dates(
    records: Records, model: RiskModel, calendar: Calendar, on: date
) -> tuple[list[date], date | None]:
    """The last dates after those trained on whose windows are known on a day, and when the next one will be."""
    later = [day for day in calendar.as_of_dates() if day > max(model.facts.trained_on)]
    closes = {day: window_closes(records, AsOf(day, calendar), model.facts.window_days) for day in later}
    still_open = [closed for closed in closes.values() if closed >= on]
    return [day for day, closed in closes.items() if closed < on][-MOST_DATES:], min(still_open, default=None)


def performance(
    records: Records,
    model: RiskModel,
    calendar: Calendar,
    on: date,
    matrix: pd.DataFrame,
    evidence: Mapping[str, Any],
) -> dict[str, Any]:
    """Recall, precision and outcomes seen for each one estimated, beside the evidence, and by group.

    Parameters
    ----------
    matrix : pandas.DataFrame
        Rows of the closed dates; empty where none has closed.

    Returns
    -------
    dict
        dates, next_closes, rows (name, status, found, evidence, limit), groups (attribute, group, label, n,
        events, recall, precision), support_exposure.
    """
    dates, following = closed_dates(records, model, calendar, on)
    told = {"dates": [str(day) for day in dates], "next_closes": str(following) if following else None}
    if not dates:
        return {**told, "rows": [], "groups": [], "support_exposure": None}
    cohort = judged(records, model, calendar, on, matrix, dates)
    listed = school_list(cohort)
    found = {
        "recall": cohort.recall(listed).as_facts(),
        "precision": cohort.precision(listed).as_facts(),
        "observed_over_expected": observed_over_expected(cohort, cohort.panel.can_train),
    }
    was = {
        "recall": evidence["headline"]["recall_at_capacity"],
        "precision": evidence["headline"]["precision"],
        "observed_over_expected": evidence["calibration"]["observed_over_expected"],
    }
    exposure = support_exposure(cohort, support_of(records), records.authority.lists.in_use_from)
    return {
        **told,
        "rows": [
            {"name": name, "status": beside(name, one, was[name]), "found": one, "evidence": was[name], "limit": LIMITS[name]}
            for name, one in found.items()
        ],
        "groups": group_rows(records, cohort, listed, dates),
        "support_exposure": exposure,
    }  # fmt: skip


def judged(
    records: Records,
    model: RiskModel,
    calendar: Calendar,
    on: date,
    matrix: pd.DataFrame,
    dates: Sequence[date],
) -> TestCohort:
    """The closed dates' cohort with outcomes as known on a day."""
    settings = Settings(**model.facts.recipe["settings"])
    known = outcomes_at(records, matrix, dates, settings, calendar, on)
    names = model.feature_names
    panel = make_panel(matrix, known, model.facts.outcome, names, dates)
    held = clusters(panel.cluster, panel.pupil, settings.draws, settings.seed)
    floor = floors(panel.phase, model.facts.base_rates)
    return TestCohort(panel, model.estimate(panel.X), floor, {}, held, settings)


def beside(name: str, found: Mapping[str, Any], was: Mapping[str, Any]) -> str:
    """Where a figure stands with its limit; two ranges of 19 in 20 that do not meet are rarely chance."""
    if found["low"] is None:
        return CANNOT_TELL
    if name == "observed_over_expected":
        return OUTSIDE if found["high"] < TOLERATED[0] or found["low"] > TOLERATED[1] else WITHIN
    if was["low"] is None:
        return CANNOT_TELL
    return OUTSIDE if found["high"] < was["low"] else WITHIN


def group_rows(
    records: Records, cohort: TestCohort, listed: np.ndarray, dates: Sequence[date]
) -> list[dict[str, Any]]:
    """Recall and precision of every group that has somebody in it, as the audit makes them."""
    panel = cohort.panel
    attributes = cohort_attributes(panel, groups_of(records, dates), breaks=breaks(records.authority))
    scored = Scored(
        outcome=panel.y, listed=listed, estimate=cohort.estimate, is_judged=panel.can_train, clusters=cohort.clusters,
        attributes=tuple(each for each in attributes if not each.is_crossing), years=len(dates) / DATES_A_YEAR,
    )  # fmt: skip
    _, rows = group_tables(scored)
    return [
        {name: row[name] for name in ("attribute", "group", "label", "n", "events")}
        | {name: row["metrics"][name] for name in ("recall", "precision")}
        for row in rows
        if row["n"]
    ]
