"""Comparisons that a reader asks for: with a chosen group, with a tolerance, between lists, and of estimates with what came.

Each is made of the tables' own rates, ranges and tests, so that all say the same of the same group.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isfinite
from typing import Any

import numpy as np

from models.audit_rates import BY_NAME, RATES, TESTED, Rate
from training.audit.errors import AuditRefused
from training.audit.estimable import FEWEST, rate_of, sums_of
from training.audit.gaps import CHANCE
from training.audit.scored import Attribute, Scored
from training.audit.tables import group_tables
from training.intervals import difference

BANDS = 5
SHOWN_GROUPS = 20  # named in a message
WITHIN, OUTSIDE, UNTOLD = "within", "outside", "cannot_tell"
PAIRED = ("recall", "false_positive_rate", "selection_rate")  # of the same people, whichever list
AGAINST = (
    "Each group is compared with the chosen one alone: both their rows make a table of two, judged as the whole table is. The chance of "
    "any false gap beside one chosen group is kept to one in twenty over all the groups compared with it (Holm 1979)."
)
TOLERANCE = (
    "A gap from everyone is told to be within the tolerance where its whole range is (two one-sided tests, each at half of one in twenty: "
    "Schuirmann 1987), and told to be outside where its whole range is outside. Otherwise it cannot be told. No difference "
    "that was found is not the same as a difference that was shown to be small."
)


def only(scored: Scored, rows: np.ndarray, attributes: tuple[Attribute, ...]) -> Scored:
    """Some rows, parted in other ways.

    Parameters
    ----------
    rows : numpy.ndarray of bool, shape (n,)
    attributes : tuple of Attribute
        With codes of the rows that are kept.
    """
    code = np.unique(scored.clusters.code[rows], return_inverse=True)[1]
    return replace(
        scored,
        outcome=scored.outcome[rows], listed=scored.listed[rows], estimate=scored.estimate[rows], is_judged=scored.is_judged[rows],
        clusters=replace(
            scored.clusters, code=code, num=int(code.max(initial=-1)) + 1, pupil=scored.clusters.pupil[rows]
        ),
        attributes=attributes, weight=None if scored.weight is None else scored.weight[rows],
    )  # fmt: skip


def references(scored: Scored, against: Sequence[str]) -> dict[str, int]:
    """Attribute to the index of its chosen group.

    Parameters
    ----------
    against : sequence of str
        GROUP, where one column alone has it, or COLUMN=GROUP.

    Raises
    ------
    AuditRefused
        No column has such a group, or several have; a column is given two.
    """
    found: dict[str, int] = {}
    breaches = []
    for text in against:
        fitting = [
            (each.name, each.groups.index(group))
            for each in scored.attributes
            for group in each.groups
            if text == group or text == f"{each.name}={group}"
        ]
        if len(fitting) == 1:
            name, at = fitting[0]
            if found.setdefault(name, at) != at:
                breaches.append(f"--against names two groups of {name}. Name one a column.")
        elif fitting:
            columns = ", ".join(name for name, _ in fitting)
            breaches.append(
                f"--against {text}: several columns have this group ({columns}). Write COLUMN={text}."
            )
        else:
            held = "; ".join(
                f"{each.name}: {', '.join(each.groups[:SHOWN_GROUPS])}{', ...' if len(each.groups) > SHOWN_GROUPS else ''}"
                for each in scored.attributes
                if not each.is_crossing
            )
            breaches.append(f"--against {text}: no column has this group. Groups are, {held}.")
    if breaches:
        raise AuditRefused(*breaches)
    return found


def against_group(scored: Scored, name: str, reference: int) -> dict[str, Any]:
    """Every group of an attribute beside one of them.

    Returns
    -------
    dict
        attribute, reference, reference_label, groups: group, label and gaps, by rate the difference from and the ratio to
        the chosen group with ranges; those that are tested with p_adjusted and is_gap.
    """
    attribute = scored.attribute(name)
    rows: list[dict[str, Any]] = [
        {"group": group, "label": attribute.label(group), "gaps": pair(scored, attribute, at, reference)}
        for at, group in enumerate(attribute.groups)
        if at != reference and (attribute.code == at).any()
    ]
    for rate in TESTED:
        tested = [row["gaps"][rate] for row in rows if "p_adjusted" in row["gaps"].get(rate, {})]
        for place, gap in enumerate(sorted(tested, key=lambda gap: gap["p_adjusted"])):
            gap["p_adjusted"] = round(min(1.0, gap["p_adjusted"] * (len(tested) - place)), 6)
        step = 0.0
        for gap in sorted(tested, key=lambda gap: gap["p_adjusted"]):
            step = gap["p_adjusted"] = max(step, gap["p_adjusted"])
            gap["is_gap"] = gap["p_adjusted"] < CHANCE
    chosen = attribute.groups[reference]
    return {
        "attribute": name, "reference": chosen, "reference_label": attribute.label(chosen), "groups": rows,
    }  # fmt: skip


def pair(scored: Scored, attribute: Attribute, group: int, reference: int) -> dict[str, Any]:
    """Rates of one group less those of another, from a table of the two.

    The rate of both together lies between theirs, by their denominators, so that a difference from it is
    a known part of that between the two.
    """
    held = (attribute.code == group) | (attribute.code == reference)
    names = (attribute.groups[group], attribute.groups[reference])
    two = Attribute(attribute.name, names, (attribute.code[held] == reference).astype(np.int64))
    part = only(scored, held, (two,))
    _, (own, other) = group_tables(part)
    sums = part.counts
    found: dict[str, Any] = {}
    for rate in RATES:
        gap = own["gaps"].get(rate.name)
        if gap is None or other["metrics"][rate.name]["status"] != "estimated":
            silent = own if own["metrics"][rate.name]["status"] != "estimated" else other
            reason = silent["metrics"][rate.name]["reason"] or "the two cannot be compared"
            found[rate.name] = {"difference": untold(reason), "ratio": untold(reason)}
            continue
        unders = [float(rate.parts(sums[:, two.code == side].sum(axis=1))[1]) for side in (0, 1)]
        share = unders[0] / sum(unders)
        found[rate.name] = gap | {
            "difference": stretched(gap["difference"], lambda value, share=share: value / (1 - share)),
            "ratio": stretched(
                gap["ratio"],
                lambda value, share=share: (
                    value * (1 - share) / (1 - share * value) if share * value < 1 else np.inf
                ),
            ),
        }
        found[rate.name].pop("smallest_detectable", None)
    return found


def untold(reason: str) -> dict[str, Any]:
    return {"status": UNTOLD, "estimate": None, "low": None, "high": None, "reason": reason}


def stretched(facts: Mapping[str, Any], by: Any) -> dict[str, Any]:
    """A figure and its range, each moved by a function that keeps their order."""
    if facts["status"] != "estimated":
        return dict(facts)
    moved = {name: float(by(facts[name])) for name in ("estimate", "low", "high")}
    if not all(isfinite(value) for value in moved.values()):
        return untold("the chosen group's rate may be 0, so no ratio to it can be given")
    return dict(facts) | {name: round(value, 6) for name, value in moved.items()}


def told_within(gap: Mapping[str, Any], tolerance: float) -> str:
    """Whether the whole range of a difference lies within the tolerance, outside it, or neither."""
    low, high = gap["low"], gap["high"]
    if gap["status"] != "estimated":
        return UNTOLD
    if -tolerance <= low and high <= tolerance:
        return WITHIN
    return OUTSIDE if low > tolerance or high < -tolerance else UNTOLD


def enter_tolerance(gaps: Mapping[str, Any], tolerance: float) -> None:
    """Say of every difference of two shares whether it is within the tolerance."""
    for name, gap in gaps.items():
        if BY_NAME[name].is_share:
            gap["tolerance"] = told_within(gap["difference"], tolerance)


def side_by_side(lists: Mapping[str, tuple[Scored, Mapping[str, Any]]]) -> dict[str, Any]:
    """Several lists of the same people, group by group.

    Parameters
    ----------
    lists : mapping of str to (Scored, mapping)
        Name of a list to it and its facts; the first is what the others are held beside.

    Returns
    -------
    dict
        lists: name, num_listed, overall, findings; rows: attribute, group, label, is_crossing, metrics (list to rates) and
        differences (list to rates less those of the first, of the same people).
    """
    (first, (base, facts)), *others = lists.items()
    rows = []
    for at, row in enumerate(facts["groups"]):
        metrics = {
            name: {rate.name: told["groups"][at]["metrics"][rate.name] for rate in RATES}
            for name, (_, told) in lists.items()
        }
        attribute = base.attribute(row["attribute"])
        inside = attribute.code == attribute.groups.index(row["group"])
        rows.append(
            {
                **{name: row[name] for name in ("attribute", "group", "label", "is_crossing")},
                "metrics": metrics,
                "differences": {
                    name: {
                        rate: paired(base, other, inside, BY_NAME[rate], [metrics[each][rate] for each in (first, name)])
                        for rate in PAIRED
                    }
                    for name, (other, _) in others
                },
            }
        )  # fmt: skip
    told = [
        {
            "name": name, "num_listed": round(float(scored.listed.sum()), 1), "overall": made["overall"]["metrics"],
            "findings": made["findings"],
        }
        for name, (scored, made) in lists.items()
    ]  # fmt: skip
    return {"lists": told, "rows": rows}


def paired(
    base: Scored, other: Scored, inside: np.ndarray, rate: Rate, told: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The rate of one list less that of another, over the same people."""
    silent = next((each["reason"] for each in told if each["status"] != "estimated"), "")
    if silent:
        return untold(silent)
    (theirs, under), (ours, _) = (rate.parts(each.counts.T).T * inside for each in (other, base))
    apart = len(np.unique(base.clusters.pupil[np.abs(theirs - ours) > 1e-9]))
    if apart < FEWEST:
        return untold(f"the two lists differ in {apart} of these people, {FEWEST} are needed")
    found = base.clusters.interval(difference, (theirs, ours, under), inside & (under > 0), is_share=False)
    if found.low is None or found.high is None or found.estimate is None:
        return untold(found.reason)
    return {
        "status": "estimated", "estimate": round(found.estimate, 6), "low": round(found.low, 6), "high": round(found.high, 6), "reason": "",
    }  # fmt: skip


def calibration_bands(scored: Scored, bands: int = BANDS) -> list[dict[str, Any]]:
    """Outcomes seen for each one estimated, by group and band of the estimate; empty where none are chances.

    Bands hold about as many of everyone's expected outcomes each. A crossing has none: too few are in its bands.

    Returns
    -------
    list of dict
        attribute, group, label, bands: from, to (of the estimate), num, expected, observed, and status, estimate, low, high,
        reason of observed over expected.
    """
    judged = scored.is_judged & ~np.isnan(scored.estimate) & ~np.isnan(scored.outcome)
    if not judged.any():
        return []
    values = np.where(judged, scored.estimate, 0.0)
    order = np.argsort(values, kind="stable")
    share = np.cumsum(values[order]) / max(values.sum(), 1e-12)
    cuts = np.unique(
        values[order][np.searchsorted(share, np.arange(1, bands) / bands).clip(0, len(values) - 1)]
    )
    cuts = cuts[cuts > values[judged].min()]  # below the least there is nobody
    band = np.searchsorted(cuts, values, "right")
    edges = [float(values[judged].min()), *map(float, cuts), float(values[judged].max())]
    found = []
    for attribute in (each for each in scored.attributes if not each.is_crossing):
        num = len(cuts) + 1
        cells = Attribute(
            attribute.name, tuple(f"{group} {at}" for group in attribute.groups for at in range(num)), attribute.code[judged] * num + band[judged]
        )  # fmt: skip
        part = only(scored, judged, (cells,))
        sums = sums_of(part, cells)
        totals = [np.bincount(cells.code, column, len(cells.groups)) for column in part.counts]
        for at, group in enumerate(attribute.groups):
            rows = []
            for cell in range(at * num, (at + 1) * num):
                people = {kind: int(numbers[cell]) for kind, numbers in sums.pupils.items()}
                told = rate_of(part, sums, cell, BY_NAME["observed_over_expected"], people, np.nan, FEWEST)
                rows.append(
                    {
                        "from": round(edges[cell - at * num], 6), "to": round(edges[cell - at * num + 1], 6), "num": people["any"],
                        "expected": round(float(totals[6][cell]), 3), "observed": round(float(totals[7][cell]), 3),
                        **{name: told[name] for name in ("status", "estimate", "low", "high", "reason")},
                    }
                )  # fmt: skip
            found.append(
                {"attribute": attribute.name, "group": group, "label": attribute.label(group), "bands": rows}
            )
    return found
