"""Who is not assessed and who is listed, by group, beside the same half-term of earlier years.

Groups are read through the comparators, as the audit reads them: they are no features.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from features.records.store import Records
from training.audit.attributes import LABELS
from training.comparators import groups_of
from training.monitor.limits import Share, judge_share, share
from training.monitor.scene import Seen

ATTRIBUTES = ("ethnicity_major", "fsm_eligible", "sex", "sen_provision")


def by_group(
    records: Records, held: Mapping[date, Seen], now: date, earlier: Sequence[date]
) -> list[dict[str, Any]]:
    """Shares not assessed and listed of every group with somebody in it now.

    Returns
    -------
    list of dict
        kind (not_assessed, listed), attribute, name (the group), label, and what `limits` makes of it.
    """
    tables = [with_groups(held[on], groups_of(records, [on])) for on in (now, *earlier)]
    wanted = [(name, group) for name in ATTRIBUTES for group in sorted(set(tables[0][name]))]
    rows = []
    for name, group in wanted:
        for kind in ("not_assessed", "listed"):
            shares = [share_of(table[table[name] == group], kind) for table in tables]
            rows.append(
                {
                    "kind": kind,
                    "attribute": name,
                    "name": group,
                    "label": LABELS.get(name, {}).get(group, group),
                    **judge_share(shares[0], shares[1:], 2 * len(wanted)),
                }
            )
    return rows


def with_groups(one: Seen, known: pd.DataFrame) -> pd.DataFrame:
    why = one.rows["not_assessed_reason"].fillna("").to_numpy(str)
    rows = pd.DataFrame(
        {
            "pupil": one.pupil,
            "not_assessed": (why != "") & (why != "year_11_after_easter"),
            "listed": one.is_listed,
            "is_assessed": one.is_assessed,
        }
    )
    return rows.merge(known[["pupil", *ATTRIBUTES]], on="pupil", how="left", validate="one_to_one")


def share_of(table: pd.DataFrame, kind: str) -> Share:
    held = table if kind == "not_assessed" else table[table["is_assessed"]]
    return share(held[kind].to_numpy(np.float64), np.ones(len(held)))
