"""Realised against published, for what records say of absence, schools and who is on roll."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from features.synthetic import assumptions as assume
from features.synthetic.calibration_row import SLACK_OTHER, row, share_row
from features.synthetic.figures import figures, lines
from features.synthetic.rates import PHASES

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


def absence_rows(extract: Path, rows: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Overall, unauthorised, persistent and severe absence by phase, and by SEN provision, of one year."""
    codes = files("features") / "codes" / "attendance.csv"
    marks = duckdb.connect().execute(ABSENCE.format(codes=codes, extract=extract, year=YEAR)).df()
    people = rows[(rows["start"] == int(YEAR[:4])) & ~rows["nc_year"].isin(["-1", "0", "12"])].merge(
        marks, on="upn"
    )
    people = people[people["possible"] > 0]
    names = {"No SEN": "N", "SEN support": "K", "EHC plan": "E"}
    for published in lines(figures("absence")):
        if published["phase"] not in PHASES or published["characteristic_group"] not in (
            "Total",
            "SEN_provision",
        ):
            continue
        if published["phase"] == "special" and published["characteristic"] != "Total":
            continue
        part = people[people["phase"] == published["phase"]]
        if published["characteristic"] in names:
            part = part[part["sen"] == names[published["characteristic"]]]
        if not len(part):
            continue
        label, source = f"{published['phase']}, {published['characteristic']}", published["source"]
        share = part["absent"] / part["possible"]
        for name, column, value in (
            ("overall", "absent", published["overall_absence_rate"]),
            ("unauthorised", "unauthorised", published["unauthorised_rate"]),
        ):
            realised = 100 * part[column].sum() / part["possible"].sum()
            error = 100 * float((part[column] / part["possible"]).std()) / np.sqrt(len(part))
            yield row(
                f"absence, {label}: {name}, % of sessions",
                value,
                source,
                realised,
                error,
                len(part) * value / 100,
                SLACK_OTHER,
            )
        for name, limit, value in (
            ("persistent", 0.1, published["persistent_absence_pct"]),
            ("severe", 0.5, published["severe_absence_pct"]),
        ):
            yield share_row(
                f"absence, {label}: {name}, % of pupils",
                value,
                source,
                float((share >= limit).sum()),
                len(part),
                1.0,
                SLACK_OTHER,
            )


def school_rows(extract: Path, rows: pd.DataFrame) -> Iterator[dict[str, object]]:
    """How far schools differ: the spread of secondaries' rates of suspension, and primaries with none."""
    chain = (
        duckdb.connect()
        .execute(
            f"select coalesce(next.urn, this.urn) as now, this.urn from read_csv('{extract}/schools.csv') as this left join read_csv('{extract}/schools.csv') as next on next.predecessor_urn = this.urn"
        )
        .df()
    )
    now = rows["urn"].map(dict(zip(chain["urn"], chain["now"], strict=True)))
    source = str(figures("schools")["source"].iloc[0])
    of_phase = rows["phase"] == "secondary"
    by_school = rows[of_phase].groupby(now[of_phase])[["suspension", "on_january_roll"]].sum()
    rates = 100 * by_school["suspension"] / by_school["on_january_roll"]
    logs = np.log(rates[(rates > 0) & (by_school["on_january_roll"] > 200)])
    if len(logs) > 1:
        error = float(0.82 / np.sqrt(2 * (len(logs) - 1)))
        yield row(
            "secondary schools: SD of log suspension rate",
            0.82,
            source,
            float(logs.std()),
            error,
            float(len(logs)),
        )
    of_phase = (rows["phase"] == "primary") & (rows["start"] == int(YEAR[:4]))
    by_school = rows[of_phase].groupby(now[of_phase])[["suspension", "permanent"]].sum()
    for name, column, value in (
        ("suspension", "suspension", 27.7),
        ("permanent exclusion", "permanent", 77.4),
    ):
        yield share_row(
            f"primary schools with no {name} in a year, %",
            value,
            source,
            float((by_school[column] == 0).sum()),
            len(by_school),
            1.0,
            SLACK_OTHER,
        )


def population_rows(extract: Path, rows: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Who is on roll in January, and how many are in need or looked after."""
    roll = rows[(rows["on_january_roll"] == 1) & (rows["start"] == int(YEAR[:4]))]
    major = {code: group for group, minor in assume.MINOR_SHARES.items() for code in minor}
    columns = {"fsm": roll["fsm"], "sen": roll["sen"], "ethnicity_major": roll["ethnicity"].map(major)}
    for published in lines(figures("shares")):
        if published["group"] in columns:
            inside = (
                roll["phase"] == published["phase"] if published["phase"] != "all" else roll["upn"].notna()
            )
            hits = float((inside & (columns[published["group"]] == published["level"])).sum())
            slack = 0.15 if published["group"] != "sen" else SLACK_OTHER
            yield share_row(
                f"roll, {published['phase']}, {published['group']} {published['level']}, %",
                published["share_pct"],
                published["source"],
                hits,
                float(inside.sum()),
                1.0,
                slack,
            )
    involved = (
        duckdb.connect()
        .execute(f"""select kind, count(distinct upn) as number from read_csv('{extract}/involvements.csv', types = {{'end_date': 'DATE'}})
        where start_date <= date '2024-03-31' and (end_date is null or end_date > date '2024-03-31') group by all""")
        .df()
        .set_index("kind")["number"]
    )
    for kind in ("cin", "cla"):
        rate = lines(figures("shares").query("level == @kind + '_per_10000'"))[0]
        name = f"children with an open {kind} spell, %"
        yield share_row(
            name,
            rate["share_pct"] / 100,
            rate["source"],
            float(involved.get(kind, 0)),
            len(roll),
            1.0,
            SLACK_OTHER,
        )
