"""What the lists of a past year would have given: how many were ever named, and how early."""

from typing import Any

import numpy as np
import pandas as pd

from training.evidence.recall import school_list
from training.evidence.test_cohort import TestCohort
from training.panel import days

LEADS = (0, 20, 40, 60)  # school days


def cumulative_catch(cohort: TestCohort) -> list[dict[str, Any]]:
    """After each list, the distinct pupils with an outcome so far and how many had ever had a place."""
    panel, listed = cohort.panel, school_list(cohort)
    rows = []
    for number, day in enumerate(panel.dates):
        so_far = pd.DataFrame({"pupil": panel.pupil, "y": cohort.is_positive, "missed": 1 - listed})[
            panel.moment <= number
        ]
        by_pupil = so_far.groupby("pupil").agg(y=("y", "max"), missed=("missed", "prod"))
        caught = by_pupil[by_pupil["y"]]
        rows.append(
            {
                "date": str(day),
                "num_pupils": len(caught),
                "num_ever_listed": round(float((1 - caught["missed"]).sum()), 1),
            }
        )
    return rows


def lead_time(cohort: TestCohort, events: pd.DataFrame, school_days: np.ndarray) -> list[dict[str, Any]]:
    """Of the pupils whose outcome fell in the test year, how many were on a list so many days before.

    Parameters
    ----------
    events : pandas.DataFrame
        pupil, event_on: the day on which a pupil first met the outcome.
    school_days : numpy.ndarray of datetime64[D], sorted

    Returns
    -------
    list of dict
        lead (school days), num_pupils, num_listed, share.
    """
    panel, listed = cohort.panel, school_list(cohort)
    first, last = panel.as_of.min(), panel.as_of.min() + np.timedelta64(cohort.settings.window_days, "D")
    event_on = days(events["event_on"])
    year = (
        events.assign(event_on=event_on)[(event_on >= first) & (event_on < last)]
        .groupby("pupil", as_index=False)["event_on"]
        .min()
    )
    named = pd.DataFrame({"pupil": panel.pupil, "as_of": panel.as_of, "missed": 1 - listed}).merge(
        year, on="pupil"
    )
    ahead = np.searchsorted(school_days, days(named["event_on"])) - np.searchsorted(
        school_days, days(named["as_of"])
    )
    rows = []
    for lead in LEADS:
        caught = (
            1
            - named[(ahead >= lead) & (days(named["as_of"]) <= days(named["event_on"]))]
            .groupby("pupil")["missed"]
            .prod()
        )
        num = float(caught.sum())
        rows.append(
            {
                "lead": lead,
                "num_pupils": len(year),
                "num_listed": round(num, 1),
                "share": round(num / len(year), 6) if len(year) else None,
            }
        )
    return rows
