"""Who was helped: the `support` table is exposure, told beside the figures and never a feature.

Once a list is in use, help that follows it changes what comes after: a model trained then learns from
outcomes that help may have changed, and its lists look worse the better the help is. So such dates are
trained on only where the records tell who was helped, and every figure stands for the helped, for those
who were not, and for all. Who is helped is chosen by people for reasons that these records do not hold,
so no comparison of the three says what help does.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from features.calendar import window_end
from models.errors import RecipeRefused
from models.places import SUPPORTED
from training.evidence.recall import school_list
from training.evidence.test_cohort import TestCohort
from training.panel import Panel, days
from training.splits import Split

STATEMENT = (
    "These rows describe the lists for different children. They are no comparison of help with no help: people chose whom "
    "to help, for reasons that are not in these records."
)
NOT_RECORDED = "the records hold no row of support, so who was helped is not known"


def refuse_without_support(
    support: pd.DataFrame | None, in_use_from: date | None, closes: Mapping[date, date], split: Split
) -> None:
    """Refuse to train on dates whose outcomes came after lists were in use, where help is not recorded.

    Parameters
    ----------
    in_use_from : date or None
        `[lists] in_use_from` of authority.toml; None says that no list was ever shown.
    closes : mapping of date to date
        As-of date to the day by which its outcome window is known: a date long before the first list
        counts as well, where its window reaches past that day.

    Raises
    ------
    RecipeRefused
    """
    if in_use_from is None or support is not None:
        return
    exposed = [day for day in split.eligible if closes[day] >= in_use_from]
    if exposed:
        raise RecipeRefused(
            f"Lists have been in use since {in_use_from}, and the outcome windows of {len(exposed)} of the {len(split.eligible)} "
            f"as-of dates to learn from reach past that day (the first is {exposed[0]}), but the store holds no row of support: a "
            "model would learn from outcomes that help may have changed, and nobody could tell whose. Add the support table (who "
            "was helped after a screening, and when) to the extract and import it again."
        )


def helped(panel: Panel, support: pd.DataFrame, window_days: int) -> np.ndarray:
    """Rows whose pupil had help for at least one day of the outcome window; bool, shape (n,).

    Parameters
    ----------
    support : pandas.DataFrame
        pupil, start_date, end_date; a blank end is still open.
    """
    keys = pd.MultiIndex.from_arrays([panel.as_of, panel.nc_year])
    code, held = keys.factorize()
    ends = np.array([window_end(on.date(), int(year), window_days) for on, year in held], "datetime64[D]")
    rows = pd.DataFrame(
        {"row": np.arange(len(panel)), "pupil": panel.pupil, "opens": panel.as_of, "closes": ends[code]}
    )
    spells = pd.DataFrame(
        {
            "pupil": support["pupil"].to_numpy(np.int64),
            "start": days(support["start_date"]),
            "end": days(support["end_date"]),
        }
    )
    both = rows.merge(spells, on="pupil")
    inside = (both["start"] <= both["closes"]) & (both["end"].isna() | (both["end"] >= both["opens"]))
    found = np.zeros(len(panel), dtype=bool)
    found[both.loc[inside, "row"].to_numpy()] = True
    return found


def support_exposure(
    cohort: TestCohort, support: pd.DataFrame | None, in_use_from: date | None
) -> dict[str, Any]:
    """Recall, precision and events of the lists for all, for those helped in the window, and for the others.

    Whoever had help on the as-of date itself takes no place (`num_already_supported`): those are missed
    by the rule, and are counted so.
    """
    told = {"statement": STATEMENT, "lists_in_use_from": str(in_use_from) if in_use_from else None}
    if support is None:
        return {"status": "cannot_tell", "reason": NOT_RECORDED, **told, "rows": []}
    panel, listed = cohort.panel, school_list(cohort)
    had_help = helped(panel, support, cohort.settings.window_days)
    everyone = np.ones(len(panel), dtype=bool)
    rows = [
        {
            "who": who,
            "num_on_roll": int(where.sum()),
            "num_pupils": len(np.unique(panel.pupil[where])),
            "num_positives": int((cohort.is_positive & where).sum()),
            "num_already_supported": int((where & (panel.standing == SUPPORTED)).sum()),
            "recall": cohort.recall(listed, where=where).as_facts(),
            "precision": cohort.precision(listed, where).as_facts(),
        }
        for who, where in (("all", everyone), ("helped", had_help), ("not_helped", ~had_help))
    ]
    return {"status": "estimated", "reason": "", **told, "rows": rows}
