"""What is missing or stale by group, who is not assessed, and whose places are arbitrary."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from models.places import IN_PROGRESS, NEAR_LINE_BELOW, NOT_ASSESSED, SUPPORTED, expected_place, in_running
from models.risk_model import RiskModel
from training.audit.scored import Attribute
from training.evidence.test_cohort import TestCohort

FEWEST = 10
FEWEST_PLACES = 5.0


def coverage(
    cohort: TestCohort, attributes: Sequence[Attribute], registers: pd.DataFrame | None
) -> list[dict[str, Any]]:
    """Missingness, freshness and standing by group.

    Parameters
    ----------
    registers : pandas.DataFrame or None
        urn and last_day of each school's registers; None leaves freshness out.

    Returns
    -------
    list of dict
        Without groups that a break makes into two: attribute, group, label, n, share_missing (of all features), share_not_assessed,
        share_supported, share_in_progress, days_behind (mean calendar days from a school's last mark
        to the as-of date; None where no school's registers are known).
    """
    panel = cohort.panel
    missing = np.isnan(panel.X).mean(axis=1)
    behind = days_behind(cohort, registers)
    rows = []
    for attribute in single(attributes):
        for at, group in enumerate(attribute.groups):
            inside = attribute.code == at
            if inside.sum() < FEWEST or group in attribute.broken:
                continue
            told = behind[inside & ~np.isnan(behind)]
            rows.append(
                {
                    "attribute": attribute.name, "group": group, "label": attribute.label(group), "n": int(inside.sum()),
                    "share_missing": round(float(missing[inside].mean()), 6),
                    "share_not_assessed": share(panel.standing == NOT_ASSESSED, inside),
                    "share_supported": share(panel.standing == SUPPORTED, inside),
                    "share_in_progress": share(panel.standing == IN_PROGRESS, inside),
                    "days_behind": round(float(told.mean()), 2) if len(told) else None,
                }
            )  # fmt: skip
    return rows


def days_behind(cohort: TestCohort, registers: pd.DataFrame | None) -> np.ndarray:
    """Calendar days from the last mark of the pupil's school to the as-of date; NaN where not known."""
    if registers is None or registers.empty:
        return np.full(len(cohort.panel), np.nan)
    last = pd.to_datetime(registers.groupby("urn")["last_day"].max())
    found = last.reindex(cohort.panel.cluster).to_numpy().astype("datetime64[D]")
    behind = (cohort.panel.as_of - found).astype(np.float64)
    return np.where(np.isnat(found), np.nan, np.maximum(behind, 0.0))


def share(flag: np.ndarray, inside: np.ndarray) -> float:
    return round(float(flag[inside].mean()), 6)


def single(attributes: Sequence[Attribute]) -> list[Attribute]:
    return [each for each in attributes if not each.is_crossing]


def listing_stability(
    cohort: TestCohort, model: RiskModel, attributes: Sequence[Attribute]
) -> list[dict[str, Any]]:
    """How far the places of each group depend on which schools were trained on, on the last test date.

    Returns
    -------
    list of dict
        attribute, group, label, num_places (expected, over refits), share_arbitrary (of them, the share
        that another refit gives elsewhere), share_near_line; None below five places.
    """
    panel = cohort.panel
    rows = panel.moment == panel.moment.max()
    last, floor, places = panel.only(rows), cohort.floor[rows], cohort.school_places()
    refits = model.spread(last.X)
    total, squares = np.zeros(len(last)), np.zeros(len(last))
    for estimate in refits.T:
        chance = expected_place(in_running(estimate, last.standing, floor), last.school, places)
        total, squares = total + chance, squares + chance**2
    num = refits.shape[1]
    held, same = total / num, (total**2 - squares) / max(num * (num - 1), 1)
    near = np.where(held < NEAR_LINE_BELOW, held, 0.0)
    found = []
    for attribute in single(attributes):
        for at, group in enumerate(attribute.groups):
            inside = attribute.code[rows] == at
            given = float(held[inside].sum())
            if not inside.any():
                continue
            enough = given >= FEWEST_PLACES
            found.append(
                {
                    "attribute": attribute.name, "group": group, "label": attribute.label(group), "num_places": round(given, 1),
                    "share_arbitrary": round(float(1 - same[inside].sum() / given), 6) if enough else None,
                    "share_near_line": round(float(near[inside].sum() / given), 6) if enough else None,
                }
            )  # fmt: skip
    return found
