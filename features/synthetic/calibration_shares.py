"""Realised against published, for shares of events: repetition, length, reasons, terms."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from features.synthetic.calendar import easter
from features.synthetic.calibration_row import SLACK_OTHER, share_row
from features.synthetic.figures import figures, lines
from features.synthetic.rates import PHASES


def repetition_rows(rows: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Suspensions a suspended pupil in a year, and their days in all."""
    table = figures("suspensions")
    for phase in PHASES[:2]:
        suspended = rows[(rows["phase"] == phase) & (rows["suspension"] > 0)]
        for measure, values, bounds in (
            (
                "suspensions_per_pupil_in_year",
                suspended["suspension"],
                ((1, 1), (2, 2), (3, 4), (5, 9), (10, 99)),
            ),
            (
                "total_days_per_pupil_in_year",
                np.ceil(suspended["sessions"] / 2),
                ((1, 1), (2, 4), (5, 9), (10, 99)),
            ),
        ):
            part = table.query("phase == @phase and measure == @measure")
            for low, high in bounds:
                published = part.loc[part["value"].between(low, high), "share_pct"].sum()
                name = f"{low}" if low == high else f"{low} to {high}" if high < 99 else f"{low} and more"
                hits = float(values.between(low, high).sum())
                yield share_row(
                    f"{phase}, {measure.replace('_', ' ')}: {name}, %",
                    published,
                    part["source"].iloc[0],
                    hits,
                    len(suspended),
                    slack=SLACK_OTHER,
                )


def event_rows(extract: Path) -> Iterator[dict[str, object]]:
    """Reasons and terms of suspensions, and how many days they last."""
    events = (
        duckdb.connect()
        .execute(f"""
        select category, start_date, any_value(reason_1) as first, any_value(reason_2) as second, any_value(reason_3) as third,
            month(start_date) as month, max_by(sessions, recorded_on) as sessions
        from read_csv('{extract}/suspensions.csv', types = {{'sessions': 'INT', 'reason_2': 'VARCHAR', 'reason_3': 'VARCHAR'}})
        group by upn, urn, category, start_date""")
        .df()
    )
    shares = figures("terms").query("academic_year == '2023/24'")
    for category, column in (("SUSP", "suspension"), ("PERM", "perm_excl")):
        part = events[events["category"] == category]
        term = np.where(
            part["month"] >= 9,
            "Autumn",
            np.where(part["start_date"] < easter_of(part["start_date"]), "Spring", "Summer"),
        )
        for published in lines(shares):
            value = 100 * published[column] / shares[column].sum()
            name = f"{category}: share in the {published['term'].lower()} term, %"
            yield share_row(
                name, value, published["source"], float((term == published["term"]).sum()), len(part), 3.0
            )
        reasons = pd.concat([part["first"], part["second"], part["third"]]).dropna()
        value = {"SUSP": 51.0, "PERM": 39.0}[category]
        yield share_row(
            f"{category}: persistent disruption among reasons, %",
            value,
            "DfE 2023/24 release text",
            float((reasons == "DB").sum()),
            len(reasons),
            2.0,
        )
    days = figures("suspensions").query("measure == 'days_per_suspension' and phase == 'secondary'")
    lasting = np.ceil(events.loc[events["category"] == "SUSP", "sessions"] / 2)
    for low, high in ((1, 1), (2, 2), (3, 4), (5, 5), (6, 99)):
        value = days.loc[days["value"].between(low, high), "share_pct"].sum()
        hits = float(lasting.between(low, high).sum())
        yield share_row(
            f"days a suspension: {low} to {high}, %",
            value,
            days["source"].iloc[0],
            hits,
            len(lasting),
            1.5,
            SLACK_OTHER,
        )


def easter_of(days: pd.Series) -> np.ndarray:
    """Easter Monday of the calendar year of each day."""
    years = pd.to_datetime(days).dt.year
    return years.map({year: pd.Timestamp(easter(year)) for year in years.unique()}).to_numpy()
