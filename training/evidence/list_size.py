"""What lists of other sizes would find, and whether the model earns its place at each.

The size that the authority chose is the one that the gate judges. The others are judged at the same 95 % each, not
together: they show how far the verdict depends on the size, and none of them may be picked afterwards in place of it.
"""

from typing import Any

import numpy as np

from training.evidence.test_cohort import TestCohort
from training.gate import gains, verdict
from training.stability import overlap

TIMES = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)


def by_capacity(
    cohort: TestCohort, spread: np.ndarray, all_years: TestCohort | None = None
) -> list[dict[str, Any]]:
    """Recall, precision, gain over the rules, share arbitrary and verdict for `TIMES` the places.

    Parameters
    ----------
    spread : numpy.ndarray of float, shape (n, R)
        Estimates of the model's refits, for the share of places that are arbitrary; with fewer than two
        refits the share is None.
    all_years : TestCohort or None
        What gains and verdicts rest on, as the gate does; None for this cohort alone.

    Returns
    -------
    list of dict
        A row a size, smallest first. Places are rounded up in each school, so that a quarter of five are two.
    """
    rows = []
    num_dates = len(cohort.panel.dates)
    for times in TIMES:
        listed = cohort.listed(cohort.estimate, times, cohort.floor)
        places = cohort.school_places(times)
        found = gains(all_years or cohort, times)
        rows.append(
            {
                "times": times,
                "num_places_per_date": round(float(places.sum() / num_dates), 1),
                "num_listed_per_date": round(float(listed.sum() / num_dates), 1),
                "recall": cohort.recall(listed).as_facts(),
                "recall_pooled": cohort.recall(
                    cohort.pooled(cohort.estimate, times, cohort.floor)
                ).as_facts(),
                "precision": cohort.precision(listed).as_facts(),
                **found,
                "share_arbitrary": overlap(spread, cohort.panel, places, cohort.floor)["share_arbitrary"]
                if spread.shape[1] > 1
                else None,
                "verdict": verdict(found),
            }
        )
    return rows
