"""A district's picture of need: how many pupils records point to a service for, and how many have no support.

Counts leave only by `models.disclosure`: small ones suppressed, all others moved by lot and rounded,
rates from the counts shown. Nothing here is about one child, and nothing comes from an estimate.
"""

from typing import Any

import pandas as pd

from models.disclosure import RULE, disclose
from serving.signposts import SIGNPOSTS

ON_ROLL, UNSUPPORTED = "on_roll", "without_support"
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
        (need, title, pupils, without_support, rate). A suppressed count or rate is None, never 0.
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
                exact[f"{phase}/{need}/{UNSUPPORTED}"] = size - supported
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
                            "without_support": told.part(
                                f"{phase}/{need}/{UNSUPPORTED}", f"{phase}/{need}", f"{phase}/{ON_ROLL}"
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
