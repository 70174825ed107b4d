"""Realised against published, for rates of suspension and permanent exclusion."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from features.synthetic.calibration_row import row
from features.synthetic.figures import figures
from features.synthetic.rates import PHASES

PUPIL_YEARS = """
    with schools as (select * from read_csv('{extract}/schools.csv') where phase not in ('pru', 'ap')
    ), rows as (
        select census.*, schools.phase as school_phase, year(census_date - interval 8 month) as start
        from read_csv('{extract}/census/*.csv', types = {{'sen_need_1': 'VARCHAR', 'nc_year': 'VARCHAR', 'census_date': 'DATE'}}) as census
        join schools using (urn)
    ), child as (
        select upn, start, min_by(struct_pack(urn, school_phase, sex, ethnicity, fsm_eligible, sen_provision, sen_need_1, nc_year), census_date) as pupil,
            max((month(census_date) = 1)::int) as on_january_roll
        from rows group by all
    ), versions as (
        select upn, urn, category, start_date, max_by(sessions, recorded_on) as sessions, max_by(outcome, recorded_on) as outcome
        from read_csv('{extract}/suspensions.csv', types = {{'sessions': 'INT', 'outcome': 'VARCHAR'}}) group by all
    ), done as (
        select upn, year(start_date - interval 8 month) as start, count(*) filter (category = 'SUSP') as suspension,
            count(*) filter (category = 'PERM' and (outcome = 'upheld' or outcome is null)) as permanent,
            coalesce(sum(sessions) filter (category = 'SUSP'), 0) as sessions
        from versions group by all
    )
    select upn, start, pupil.*, on_january_roll, coalesce(suspension, 0) as suspension, coalesce(permanent, 0) as permanent,
        coalesce(sessions, 0) as sessions
    from child left join done using (upn, start)
"""


def pupil_years(extract: Path) -> pd.DataFrame:
    """One row a pupil an academic year with census rows: characteristics, and what schools did."""
    rows = duckdb.connect().execute(PUPIL_YEARS.format(extract=extract)).df()
    nc = (
        rows["nc_year"]
        .map({"N2": -1, "R": 0})
        .fillna(pd.to_numeric(rows["nc_year"], errors="coerce"))
        .astype(int)
    )
    rows["phase"] = np.where(
        rows["school_phase"] == "special", "special", np.where(nc <= 6, "primary", "secondary")
    )
    rows["nc_year"] = np.minimum(nc, 12).astype(str)
    rows["fsm"] = rows["fsm_eligible"].astype(int).astype(str)
    rows["need"], rows["sen"] = rows["sen_need_1"].fillna(""), rows["sen_provision"]
    rows["one_plus"] = (rows["suspension"] > 0).astype(int)
    return rows


def rate(rows: pd.DataFrame, events: str, inside: pd.Series) -> tuple[float, float, float]:
    """Events per 100 pupils on the January roll, its standard error, and the number of pupils.

    A pupil's years are one cluster: the linearised variance of a ratio of sums.
    """
    part = rows[inside]
    size = part["on_january_roll"].sum()
    if not size:
        return float("nan"), float("nan"), 0.0
    value = part[events].sum() / size
    residual = (part[events] - value * part["on_january_roll"]).groupby(part["upn"]).sum()
    return 100 * value, 100 * float(np.sqrt((residual**2).sum())) / size, float(size)


def repetition(rows: pd.DataFrame, events: str, inside: pd.Series) -> float:
    """How many events a pupil with an event has, weighted by events: what repetition does to a variance."""
    each = rows.loc[inside, events].groupby(rows.loc[inside, "upn"]).sum()
    return float((each**2).sum() / max(each.sum(), 1))


def least_error(published: float, size: float, repeated: float) -> float:
    """The standard error of a rate per 100 of `size` pupils, at the published rate."""
    return float(np.sqrt(100 * published * max(repeated, 1.0) / size))


def exclusion_rows(rows: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Rates by phase, and by group within a phase; a group's levels are scaled to the phase's total, for
    only their ratios were published for the same year."""
    table = figures("rates")
    for phase in PHASES:
        of_phase = rows["phase"] == phase
        for events in ("suspension", "permanent", "one_plus"):
            total = table.query("phase == @phase and group == 'total'").iloc[0]
            realised, error, size = rate(rows, events, of_phase)
            if size:
                error = max(error, least_error(total[events], size, repetition(rows, events, of_phase)))
                yield row(
                    f"{phase}: {events} per 100",
                    total[events],
                    total["source"],
                    realised,
                    error,
                    size * total[events] / 100,
                )
        groups = table.query("phase == @phase and group != 'total'")
        for events in ("suspension", "permanent"):
            for group, levels in groups.groupby("group", sort=False):
                total = table.query("phase == @phase and group == 'total'").iloc[0][events]
                use = "suspension" if phase == "special" else events
                yield from group_rows(
                    rows, of_phase, str(group), levels.dropna(subset=[use]), use, events, float(total)
                )


def group_rows(
    rows: pd.DataFrame,
    of_phase: pd.Series,
    group: str,
    levels: pd.DataFrame,
    published: str,
    events: str,
    total: float,
) -> Iterator[dict[str, object]]:
    """The levels of one group of one phase."""
    measured = [rate(rows, events, of_phase & (rows[group] == level)) for level in levels["level"]]
    sizes = np.array([size for _, _, size in measured])
    targets = levels[published].astype(float).to_numpy()
    known = np.isin(rows[group][of_phase], levels["level"])
    # Scaled to the events of all the levels published, so that a missing level (no SEN) takes no part.
    events_here = rows[events][of_phase][known].sum() if group == "need" else total / 100 * sizes.sum()
    if not sizes.sum() or not (targets * sizes).sum():
        return
    scale = 100 * events_here / (targets * sizes).sum()
    phase, repeated = levels["phase"].iloc[0], repetition(rows, events, of_phase)
    for level, source, target, (realised, error, size) in zip(
        levels["level"], levels["source"], targets * scale, measured, strict=True
    ):
        if size:
            error = max(error, least_error(float(target), size, repeated))
            yield row(
                f"{phase}, {group} {level}: {events} per 100",
                float(target),
                source,
                realised,
                error,
                size * target / 100,
            )
