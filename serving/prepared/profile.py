"""A district's picture of need, and how far help reaches by group: how many pupils records point to a service for, and for how
many no help was entered since a screening. A plan, a social worker or a service that they have otherwise is no such help.

Counts leave only by `models.disclosure`: small ones suppressed, all others moved by lot and rounded,
rates from the counts shown. Nothing here is about one child, and nothing comes from an estimate.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from models.disclosure import RULE, disclose
from serving.signposts import SIGNPOSTS

ON_ROLL, NO_HELP = "on_roll", "no_help_entered"
NOT_A_NEED = ("family_advice", "primary_age", "secondary_school", "already_supported", "transition")
NEEDS = tuple(status for status in SIGNPOSTS if status not in NOT_A_NEED)


def district_profiles(
    matrix: pd.DataFrame, statuses: pd.DataFrame, is_supported: pd.Series
) -> dict[str, dict[str, Any]]:
    """Each district's needs by phase, as they may leave.

    Parameters
    ----------
    matrix : pandas.DataFrame
        The cohort: pupil, district, phase.
    statuses : pandas.DataFrame
        pupil, status, since; of the whole cohort.
    is_supported : pandas.Series of bool
        By row of the matrix: an open spell of help given after a screening.

    Returns
    -------
    dict of str to dict
        District to `rule` (how counts were changed) and `phases`: each with `phase`, `on_roll`, and `needs`
        (need, title, pupils, no_help_entered, rate). A suppressed count or rate is None, never 0.
    """
    people = matrix[["pupil", "district", "phase"]].assign(is_supported=is_supported.to_numpy(bool))
    held = statuses[statuses["status"].isin(NEEDS)].merge(people, on="pupil")
    grouped = held.groupby(["district", "phase", "status"])["is_supported"].agg(["size", "sum"])
    needs = {key: (int(size), int(supported)) for key, size, supported in grouped.itertuples()}
    on_roll = people.groupby(["district", "phase"]).size()
    found: dict[str, dict[str, Any]] = {}
    for district in sorted(set(people["district"])):
        phases = on_roll.loc[district]
        exact = {f"{phase}/{ON_ROLL}": int(count) for phase, count in phases.items()}
        for phase in phases.index:
            for need in NEEDS:
                size, supported = needs.get((district, phase, need), (0, 0))
                exact[f"{phase}/{need}"] = size
                exact[f"{phase}/{need}/{NO_HELP}"] = size - supported
        told = disclose(exact)
        found[district] = {
            "rule": RULE,
            "phases": [
                {
                    "phase": phase,
                    "on_roll": told.counts[f"{phase}/{ON_ROLL}"],
                    "needs": [
                        {
                            "need": need,
                            "title": SIGNPOSTS[need].status,
                            "pupils": told.part(f"{phase}/{need}", f"{phase}/{ON_ROLL}"),
                            NO_HELP: told.part(
                                f"{phase}/{need}/{NO_HELP}", f"{phase}/{need}", f"{phase}/{ON_ROLL}"
                            ),
                            "rate": told.rate(f"{phase}/{need}", f"{phase}/{ON_ROLL}"),
                        }
                        for need in NEEDS
                    ],
                }
                for phase in phases.index
            ],
        }
    return found


def reach_of_help(
    matrix: pd.DataFrame, is_supported: pd.Series, groups: Mapping[str, Mapping[int, str]]
) -> list[dict[str, Any]]:
    """How many pupils of each group have help entered since a screening, as it may leave.

    Parameters
    ----------
    matrix : pandas.DataFrame
        The cohort: pupil.
    is_supported : pandas.Series of bool
        By row of the matrix: an open spell of help given after a screening.
    groups : mapping of str to mapping of int to str
        What groups are of (`ethnicity_major`), to pupil to group in words, from whoever may read groups.

    Returns
    -------
    list of dict
        `by`, and `groups`: group, on_roll, helped, rate; a suppressed one is None, never 0. Empty where no groups are given.
    """
    found = []
    for by, group_of in groups.items():
        group = matrix["pupil"].map(dict(group_of)).fillna("Not known")
        counted = is_supported.to_numpy(bool)
        on_roll, helped = group.value_counts(), group[counted].value_counts()
        names = sorted(on_roll.index)
        told = disclose({
            **{f"{name}/{ON_ROLL}": int(on_roll[name]) for name in names},
            **{f"{name}/helped": int(helped.get(name, 0)) for name in names},
        })  # fmt: skip
        found.append({"by": by, "groups": [
            {"group": name, "on_roll": told.counts[f"{name}/{ON_ROLL}"], "helped": told.part(f"{name}/helped", f"{name}/{ON_ROLL}"),
             "rate": told.rate(f"{name}/helped", f"{name}/{ON_ROLL}")}
            for name in names
        ]})  # fmt: skip
    return found
