"""Realised against published, for shares: repetition, absence, reasons, terms, schools, population."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from features.synthetic import assumptions as assume
from features.synthetic.calibration import row
from features.synthetic.figures import figures
from features.synthetic.rates import PHASES

SLACK_SHARES = 0.10
SLACK_OTHER = 0.30  # of a published value of another year or of all England
YEAR = "2023-24"

ABSENCE = """
    with codes as (select code, counts_as_possible as possible, counts_as_absent as absent,
            (statistical_class = 'unauthorised_absence' or statistical_class = 'unauthorised')::int as unauthorised from read_csv('{codes}')),
    marks as (
        select upn, am.possible + pm.possible as possible, am.absent + pm.absent as absent,
            am.unauthorised * am.absent + pm.unauthorised * pm.absent as unauthorised
        from read_parquet('{extract}/attendance/{year}.parquet') as register
        join codes as am on am.code = register.am join codes as pm on pm.code = register.pm
    )
    select upn, sum(possible)::double as possible, sum(absent)::double as absent, sum(unauthorised)::double as unauthorised
    from marks group by all
"""


def share_row(figure: str, published: float, source: str, hits: float, size: float, clusters: float = 2.0, slack: float = SLACK_SHARES) -> dict[str, object]:
    """A share in per cent; `clusters` is how much repeated years of a pupil inflate its variance."""
    realised = 100 * hits / size if size else float("nan")
    error = 100 * np.sqrt(clusters * max(published / 100 * (1 - published / 100), 0) / size) if size else float("nan")
    return row(figure, published, source, realised, float(error), size * published / 100, slack)


def repetition_rows(rows: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Suspensions a suspended pupil in a year, and their days in all."""
    table = figures("suspensions")
    for phase in PHASES[:2]:
        suspended = rows[(rows["phase"] == phase) & (rows["suspension"] > 0)]
        for measure, values, bounds in (
            ("suspensions_per_pupil_in_year", suspended["suspension"], ((1, 1), (2, 2), (3, 4), (5, 9), (10, 99))),
            ("total_days_per_pupil_in_year", np.ceil(suspended["sessions"] / 2), ((1, 1), (2, 4), (5, 9), (10, 99))),
        ):
            part = table.query("phase == @phase and measure == @measure")
            for low, high in bounds:
                published = part.loc[part["value"].between(low, high), "share_pct"].sum()
                name = f"{low}" if low == high else f"{low} to {high}" if high < 99 else f"{low} and more"
                hits = float(values.between(low, high).sum())
                yield share_row(f"{phase}, {measure.replace('_', ' ')}: {name}, %", published, part["source"].iloc[0], hits, len(suspended), slack=SLACK_OTHER)


def absence_rows(extract: Path, rows: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Overall, unauthorised, persistent and severe absence by phase, and by SEN provision, of one year."""
    codes = files("features") / "codes" / "attendance.csv"
    marks = duckdb.sql(ABSENCE.format(codes=codes, extract=extract, year=YEAR)).df()
    people = rows[(rows["start"] == int(YEAR[:4])) & ~rows["nc_year"].isin(["-1", "0", "12"])].merge(marks, on="upn")
    people = people[people["possible"] > 0]
    names = {"No SEN": "N", "SEN support": "K", "EHC plan": "E"}
    for published in figures("absence").itertuples():
        if published.phase not in PHASES or published.characteristic_group not in ("Total", "SEN_provision"):
            continue
        if published.phase == "special" and published.characteristic != "Total":
            continue
        part = people[people["phase"] == published.phase]
        if published.characteristic in names:
            part = part[part["sen"] == names[published.characteristic]]
        if not len(part):
            continue
        label, source = f"{published.phase}, {published.characteristic}", published.source
        share = part["absent"] / part["possible"]
        for name, column, value in (("overall", "absent", published.overall_absence_rate), ("unauthorised", "unauthorised", published.unauthorised_rate)):
            realised = 100 * part[column].sum() / part["possible"].sum()
            error = 100 * float((part[column] / part["possible"]).std()) / np.sqrt(len(part))
            yield row(f"absence, {label}: {name}, % of sessions", value, source, realised, error, len(part) * value / 100, SLACK_OTHER)
        for name, limit, value in (("persistent", 0.1, published.persistent_absence_pct), ("severe", 0.5, published.severe_absence_pct)):
            yield share_row(f"absence, {label}: {name}, % of pupils", value, source, float((share >= limit).sum()), len(part), 1.0, SLACK_OTHER)


def event_rows(extract: Path) -> Iterator[dict[str, object]]:
    """Reasons and terms of suspensions, and how many days they last."""
    events = duckdb.sql(f"""
        select category, start_date, any_value(reason_1) as first, any_value(reason_2) as second, any_value(reason_3) as third,
            month(start_date) as month, max_by(sessions, recorded_on) as sessions
        from read_csv('{extract}/suspensions.csv', types = {{'sessions': 'INT', 'reason_2': 'VARCHAR', 'reason_3': 'VARCHAR'}})
        group by upn, urn, category, start_date""").df()
    shares = figures("terms").query("academic_year == '2023/24'")
    for category, column in (("SUSP", "suspension"), ("PERM", "perm_excl")):
        part = events[events["category"] == category]
        term = np.where(part["month"] >= 9, "Autumn", np.where(part["start_date"] < easter_of(part["start_date"]), "Spring", "Summer"))
        for published in shares.itertuples():
            value = 100 * getattr(published, column) / shares[column].sum()
            name = f"{category}: share in the {published.term.lower()} term, %"
            yield share_row(name, value, published.source, float((term == published.term).sum()), len(part), 3.0)
        reasons = pd.concat([part["first"], part["second"], part["third"]]).dropna()
        value = {"SUSP": 51.0, "PERM": 39.0}[category]
        yield share_row(f"{category}: persistent disruption among reasons, %", value, "DfE 2023/24 release text", float((reasons == "DB").sum()), len(reasons), 2.0)
    days = figures("suspensions").query("measure == 'days_per_suspension' and phase == 'secondary'")
    lasting = np.ceil(events.loc[events["category"] == "SUSP", "sessions"] / 2)
    for low, high in ((1, 1), (2, 2), (3, 4), (5, 5), (6, 99)):
        value = days.loc[days["value"].between(low, high), "share_pct"].sum()
        hits = float(lasting.between(low, high).sum())
        yield share_row(f"days a suspension: {low} to {high}, %", value, days["source"].iloc[0], hits, len(lasting), 1.5, SLACK_OTHER)


def easter_of(days: pd.Series) -> np.ndarray:
    """Easter Monday of the calendar year of each day."""
    from features.synthetic.calendar import easter  # noqa: PLC0415

    years = pd.to_datetime(days).dt.year
    return years.map({year: pd.Timestamp(easter(year)) for year in years.unique()}).to_numpy()


def school_rows(extract: Path, rows: pd.DataFrame) -> Iterator[dict[str, object]]:
    """How far schools differ: the spread of secondaries' rates of suspension, and primaries with none."""
    chain = duckdb.sql(f"select coalesce(next.urn, this.urn) as now, this.urn from read_csv('{extract}/schools.csv') as this left join read_csv('{extract}/schools.csv') as next on next.predecessor_urn = this.urn").df()
    now = rows["urn"].map(dict(zip(chain["urn"], chain["now"], strict=True)))
    source = str(figures("schools")["source"].iloc[0])
    of_phase = rows["phase"] == "secondary"
    by_school = rows[of_phase].groupby(now[of_phase])[["suspension", "on_january_roll"]].sum()
    rates = 100 * by_school["suspension"] / by_school["on_january_roll"]
    logs = np.log(rates[(rates > 0) & (by_school["on_january_roll"] > 200)])
    if len(logs) > 1:
        error = float(0.82 / np.sqrt(2 * (len(logs) - 1)))
        yield row("secondary schools: SD of log suspension rate", 0.82, source, float(logs.std()), error, float(len(logs)))
    of_phase = (rows["phase"] == "primary") & (rows["start"] == int(YEAR[:4]))
    by_school = rows[of_phase].groupby(now[of_phase])[["suspension", "permanent"]].sum()
    for name, column, value in (("suspension", "suspension", 27.7), ("permanent exclusion", "permanent", 77.4)):
        yield share_row(f"primary schools with no {name} in a year, %", value, source, float((by_school[column] == 0).sum()), len(by_school), 1.0, SLACK_OTHER)


def population_rows(extract: Path, rows: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Who is on roll in January, and how many are in need or looked after."""
    roll = rows[(rows["on_january_roll"] == 1) & (rows["start"] == int(YEAR[:4]))]
    major = {code: group for group, minor in assume.MINOR_SHARES.items() for code in minor}
    columns = {"fsm": roll["fsm"], "sen": roll["sen"], "ethnicity_major": roll["ethnicity"].map(major)}
    for published in figures("shares").itertuples():
        if published.group in columns:
            inside = roll["phase"] == published.phase if published.phase != "all" else roll["upn"].notna()
            hits = float((inside & (columns[published.group] == published.level)).sum())
            slack = 0.15 if published.group != "sen" else SLACK_OTHER
            yield share_row(f"roll, {published.phase}, {published.group} {published.level}, %", published.share_pct, published.source, hits, float(inside.sum()), 1.0, slack)
    involved = duckdb.sql(f"""select kind, count(distinct upn) as number from read_csv('{extract}/involvements.csv', types = {{'end_date': 'DATE'}})
        where start_date <= date '2024-03-31' and (end_date is null or end_date > date '2024-03-31') group by all""").df().set_index("kind")["number"]
    for kind in ("cin", "cla"):
        published = figures("shares").query("level == @kind + '_per_10000'").iloc[0]
        name = f"children with an open {kind} spell, %"
        yield share_row(name, published["share_pct"] / 100, published["source"], float(involved.get(kind, 0)), len(roll), 1.0, SLACK_OTHER)


def share_rows(extract: Path, rows: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Every row of this file."""
    yield from repetition_rows(rows)
    yield from absence_rows(extract, rows)
    yield from event_rows(extract)
    yield from school_rows(extract, rows)
    yield from population_rows(extract, rows)
