"""Breaks in time between what a model learned from and what it was tested on: named, with the outcome's rate on either side."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from features.contract.breaks import Break
from training.moved import named
from training.panel import Panel


def straddled(breaks: Sequence[Break], training: Sequence[date], last_close: date) -> list[Break]:
    """The breaks that evidence names and that lie between the first training date and the last window's close."""
    return [one for one in breaks if one.training == "named" and one.touches(min(training), last_close)]


def break_facts(
    breaks: Sequence[Break],
    moved: Sequence[dict[str, Any]],
    schools: Mapping[str, str],
    training: Panel,
    test: Panel,
    last_close: date,
) -> dict[str, Any]:
    """What is named, the outcome's rate by as-of date, and by school on either side of the test.

    Parameters
    ----------
    schools : mapping of str to str
        URN to the school's name.

    Returns
    -------
    dict
        lines (first lines of the report), named, by_date, by_school, schools (those whose sanctions moved inside; and the rest).
    """
    found = straddled(breaks, training.dates, last_close)
    # The day of policy says nothing of a school: whether any has moved is read from the records.
    lines = [line_of(one) for one in found if one.kind == "label" and one.scope != "school"]
    sentence = named(list(moved), schools)
    return {
        "lines": [*lines, sentence] if sentence else lines,
        "named": [one.as_facts() for one in found],
        "by_date": [*by_date(training, "training"), *by_date(test, "test")],
        "by_school": by_school(training, test),
        "schools": list(moved),
    }


def line_of(one: Break) -> str:
    """The first line that says that the outcome changed its meaning, and how sure that is."""
    check = " To be checked against the primary text." if one.must_check else ""
    return (
        f"What counts as the outcome changed on {one.first_day}, between what the model learned from and what it was tested on. "
        f"{one.sentence}{check}"
    )


def by_date(panel: Panel, part: str) -> list[dict[str, Any]]:
    """The outcome's rate at each as-of date, of everyone whose outcome was seen."""
    seen = panel.is_known
    return [
        {
            "part": part,
            "date": str(day),
            "num": int((here := seen & (panel.as_of == np.datetime64(day))).sum()),
            "num_positives": int(panel.y[here].sum()),
            "share": share(panel.y[here]),
        }
        for day in panel.dates
    ]


def by_school(training: Panel, test: Panel) -> list[dict[str, Any]]:
    """The outcome's rate of each school in training and in test; None where it has nobody on one side."""
    rows = []
    for urn in np.unique(np.concatenate([training.cluster, test.cluster])).tolist():
        one, other = (panel.y[panel.is_known & (panel.cluster == urn)] for panel in (training, test))
        rows.append({"urn": urn, "training": share(one), "test": share(other)})
    return rows


def share(y: np.ndarray) -> float | None:
    return round(float(y.mean()), 6) if len(y) else None
