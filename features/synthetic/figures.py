"""The published figures that the made-up authority is calibrated to; every row carries its source.

The files in `figures/` are extracts of published Department for Education statistics (Open Government
Licence v3.0) for England and for one large English city. What no published figure settles is in
`assumptions.py`.
"""

from functools import cache
from importlib.resources import files
from typing import Any

import pandas as pd

NEEDS = ("MLD", "SEMH", "SLCN", "ASD", "SPLD", "OTH", "NSA", "HI", "PD", "VI", "MSI", "SLD", "PMLD")
ETHNICITIES = (
    "APKN", "AIND", "ABAN", "AOTH", "CHNE", "WBRI", "WOTH", "WIRI", "WROM", "WIRT", "BAFR", "BCRB",
    "BOTH", "MWBC", "MOTH", "MWAS", "MWBA", "OOTH", "NOBT", "REFU",
)  # fmt: skip


@cache
def figures(name: str) -> pd.DataFrame:
    """The rows of `figures/NAME.csv`; do not change them in place."""
    with (files("features.synthetic") / "figures" / f"{name}.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file, dtype={"level": str, "value": str} if name in ("rates", "shares") else None)


def lines(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table of figures, each by column name."""
    return [{str(name): value for name, value in line.items()} for line in frame.to_dict("records")]


@cache
def share(phase: str, group: str, level: str) -> float:
    """A published population share, in per cent (per 10,000 where the level says so)."""
    rows = figures("shares").query("phase == @phase and group == @group and level == @level")
    return float(rows["share_pct"].iloc[0])


@cache
def margin(phase: str, group: str, kind: str) -> dict[str, float]:
    """Published `permanent`, `suspension` or `one_plus` rates of a phase by the levels of a group.

    Only their ratios count, save for the group `total`, which is per 100 pupils a year.
    A level for which nothing usable is published is absent.
    """
    rows = figures("rates").query("phase == @phase and group == @group").dropna(subset=[kind])
    return dict(zip(rows["level"], rows[kind].astype(float), strict=True))
