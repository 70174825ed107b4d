"""Small made-up stores to watch: four years of the same schools, ordinary but for what a test plants."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa

from features.as_of import AsOf
from features.calendar import Calendar
from features.cohort import cohort
from features.records.store import STORED, Records
from tests import small
from training.monitor.alarms import alarms
from training.monitor.moments import Moments, moments
from training.monitor.scene import Seen

SCHOOLS = """
urn    | name       | phase     | type       | district
100001 | Ash School | secondary | maintained | North
100002 | Elm School | secondary | academy    | North
100003 | Oak School | secondary | maintained | South
"""
URNS = (100001, 100002, 100003)
PUPILS, DAYS = 360, 30
MARKS = ("I", "O", "L", "C", "B", "M")
CHANCES = (0.03, 0.015, 0.015, 0.006, 0.006, 0.004)
THIS_YEAR = date(2024, 9, 1)
Tables = dict[str, pd.DataFrame]
Change = Callable[[Tables], None]


def store(on: date, *changes: Change, seed: int = 1) -> Records:
    """Records around a day and the same point of three earlier years, each change made to its tables.

    Pupils are in Years 7 to 11 in every year; every year has pupils of its own, a sixth of them with SEN
    support, and some suspensions.
    """
    tables = {name: frame.copy() for name, frame in ordinary(on, seed).items()}
    for change in changes:
        change(tables)
    # The backend of tables in memory: those that a change leaves alone are asked there too.
    records = small.records(connection=ibis.get_backend(), schools=SCHOOLS)
    held = dict(records.tables)
    for name, frame in tables.items():
        schema = ibis.schema(STORED[name])
        blank = {column: None for column in schema if column not in frame}
        typed = frame.assign(**blank)[list(schema)].astype(dict.fromkeys(blank, object))
        rows = pa.Table.from_pandas(typed, schema.to_pyarrow(), preserve_index=False)
        held[name] = records.connection.create_table(ibis.util.gen_name(name), rows)
    return replace(records, tables=held)


def points(calendar: Calendar, on: date) -> Moments:
    return moments(calendar, on, date(2025, 8, 31))


@cache
def ordinary(on: date, seed: int) -> Tables:
    calendar = Calendar.of(small.authority())
    days = points(calendar, on)
    parts: dict[str, list[pd.DataFrame]] = {
        name: [] for name in ("roll", "census", "attendance", "suspensions")
    }
    for back, moment in enumerate([days.now, *(then for then, _ in days.earlier)]):
        for name, frame in one_year(calendar, moment, back, np.random.default_rng([seed, back])).items():
            parts[name].append(frame)
    return {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}


def one_year(calendar: Calendar, moment: AsOf, back: int, rng: np.random.Generator) -> Tables:
    """A year's pupils with `DAYS` school days of marks up to a day, a census, and suspensions."""
    pupil = np.arange(PUPILS, dtype=np.int64) + 1000 * (back + 1)
    urn = np.array(URNS)[np.arange(PUPILS) % 3]
    year = 7 + np.arange(PUPILS) % 5
    start = calendar.start_of_year(moment.on)
    born = [date(start.year - 5 - int(each), 10, 1) for each in year]
    roll = pd.DataFrame({
        "pupil": pupil, "urn": urn, "enrolment_status": "C", "entry_date": start, "known_on": start, "birth_date": born,
        "leaving_date": date(start.year + 1, 8, 31), "leaving_reason": "moved", "end_known_on": date(start.year + 1, 8, 31), "sex": "F",
    })  # fmt: skip
    census_day = date(start.year, 10, 5)
    census = pd.DataFrame({
        "pupil": pupil, "urn": urn, "census_date": census_day, "known_on": census_day, "birth_date": born, "sex": "F",
        "ethnicity": "WBRI", "fsm_eligible": False, "nc_year": year.astype(str),
        "sen_provision": np.where(np.arange(PUPILS) % 6 == 0, "K", "N"),
        "sen_need_1": np.where(np.arange(PUPILS) % 6 == 0, "SEMH", None),
    })  # fmt: skip
    at = moment.index
    days = [day.item() for day in calendar.days[at - DAYS : at]]
    frailty = rng.gamma(2.0, 0.5, PUPILS)
    marks = []
    for day in days:
        for half, present in (("am", "/"), ("pm", "\\")):
            drawn = rng.random(PUPILS)
            edges = np.cumsum(np.outer(frailty, CHANCES), axis=1)
            which = (drawn[:, None] >= edges).sum(axis=1)
            marks.append(
                pd.DataFrame(
                    {"pupil": pupil, "date": day, "half": half, "code": np.array([*MARKS, present])[which]}
                )
            )
    wide = pd.concat(marks).pivot(index=["pupil", "date"], columns="half", values="code").reset_index()
    urns = dict(zip(pupil, urn, strict=True))
    attendance = wide.assign(urn=wide["pupil"].map(urns), known_on=wide["date"])
    who = rng.choice(PUPILS, 60)
    suspensions = pd.DataFrame({
        "pupil": pupil[who], "urn": urn[who], "category": "SUSP", "start_date": rng.choice(np.array(days, dtype=object), 60),
        "sessions": 2, "reason_1": rng.choice(["DB", "PP", "VA"], 60, p=[0.5, 0.3, 0.2]),
    })  # fmt: skip
    suspensions["known_on"] = suspensions["start_date"]
    return {"roll": roll, "census": census, "attendance": attendance, "suspensions": suspensions}


def looked(records: Records, moment: AsOf) -> Seen:
    """A day's cohort, without features: no estimate, nobody listed."""
    rows = cohort(records, moment.alone).order_by("pupil").to_pandas()
    return Seen(rows, np.full(len(rows), np.nan), np.full(len(rows), "not_listed"), 30)


@cache
def cohorts(on: date) -> list[tuple[AsOf, Seen]]:
    """The day watched and the same point of earlier years, each with its cohort: no change here moves a roll."""
    records = store(on)
    days = points(Calendar.of(records.authority), on)
    return [(moment, looked(records, moment)) for moment in (days.now, *(then for then, _ in days.earlier))]


def recode(old: str, new: str, urn: int | None = None) -> Change:
    """This year's marks of a code become another's, at one school or everywhere."""

    def change(tables: Tables) -> None:
        rows = tables["attendance"]
        where = (rows["date"] >= THIS_YEAR) & ((rows["urn"] == urn) | (urn is None))
        for half in ("am", "pm"):
            rows.loc[where & (rows[half] == old), half] = new

    return change


def share_recoded(old: str, new: str, share: float) -> Change:
    """A share of this year's marks of a code become another's: a new code takes its part."""

    def change(tables: Tables) -> None:
        rows, rng = tables["attendance"], np.random.default_rng(9)
        for half in ("am", "pm"):
            where = (rows["date"] >= THIS_YEAR) & (rows[half] == old) & (rng.random(len(rows)) < share)
            rows.loc[where, half] = new

    return change


def exam_leave(tables: Tables) -> None:
    """Year 11 is marked S: for the last 3 days of the earlier years, for the last 15 of this one."""
    rows, census = tables["attendance"], tables["census"]
    oldest = set(census["pupil"][census["nc_year"] == "11"])
    for year, part in rows.groupby(pd.to_datetime(rows["date"]).dt.year):
        last = sorted(part["date"].unique())[-(15 if year == 2025 else 3)]
        where = (rows["date"] >= last) & (rows["date"] < date(year, 12, 31)) & rows["pupil"].isin(oldest)
        rows.loc[where & (pd.to_datetime(rows["date"]).dt.year == year), ["am", "pm"]] = "S"


def facts(**changes: object) -> dict:
    """What a look at a model makes, small: one thing outside its limits in every part."""
    found = {
        "features": [check("distance", "share_missed_20", "outside", family="attendance"), check("missing", "is_semh", "within", family="sen")],
        "coding": [check("attendance", "I", "outside", urn=None), check("attendance", "R", "cannot_tell", urn=None),
                   check("sen_provision", "K", "outside", urn=100001)],
        "freshness": [
            {"urn": 100001, "num_pupils": 120, "last_day": "2025-06-20", "days_behind": 19, "status": "outside", "num_suspensions": 4,
             "expected_suspensions": 5.0, "suspensions_status": "within"},
            {"urn": 100002, "num_pupils": 120, "last_day": None, "days_behind": None, "status": "outside", "num_suspensions": 0,
             "expected_suspensions": 20.0, "suspensions_status": "outside"},
        ],
        "estimates": check("distance", "estimate", "within", mean=0.006, earlier_means=[0.005, 0.006]),
        "lists": [check("places_used", "all", "within"), check("listed", "secondary", "outside")],
        "not_assessed": [check("not_assessed", "registers_stopped", "outside")],
        "churn": {"num_listed": 40, "num_new": 12, "num_left": 9, "came": {"the estimate rose": 12}, "went": {"left the roll": 9},
                  "share_new": check("listed", "new", "outside")},
        "groups": [check("listed", "yes", "outside", attribute="fsm_eligible", label="Eligible for free school meals")],
        "performance": {"dates": [], "next_closes": "2025-12-01", "rows": [], "groups": [], "support_exposure": None},
    }  # fmt: skip
    about = {
        "schema_version": 1, "authority": "Smallshire", "is_made_up": True, "as_of": "2025-07-18", "before": "2025-05-23",
        "earlier": ["2024-07-19", "2023-07-21"], "extracted_on": "2025-08-31", "data_hash": "d" * 64,
        "model": {"name": "candidate", "hash": "a" * 64, "outcome": "serious_exclusion", "window_days": 365,
                  "expires_on": "2025-07-01", "last_trained_on": "2024-07-19"},
        "schools": {"100001": "Ash School", "100002": "Elm School"}, "method": ["Limits follow numbers."],
    }  # fmt: skip
    return {**about, "alarms": alarms(about, found), **found, **changes}


def check(kind: str, name: str, status: str, **more: object) -> dict:
    """One comparison; what cannot be told has a reason and no limits."""
    is_told = status != "cannot_tell"
    return {
        "kind": kind, "name": name, "status": status, "now": 0.12 if status == "outside" else 0.04, "of": 2000, "earlier": [0.04, 0.05],
        "low": 0.02 if is_told else None, "high": 0.11 if is_told else None, "reason": "" if is_told else "it moves", **more,
    }  # fmt: skip


def closed() -> dict:
    """Closed windows, with one figure outside its limits."""
    told = {"status": "estimated", "events": 40, "schools": 31.0, "method": "school_bootstrap", "reason": ""}
    found, was = (
        told | {"estimate": 0.1, "low": 0.05, "high": 0.15},
        told | {"estimate": 0.3, "low": 0.2, "high": 0.4},
    )
    few = {
        "status": "cannot_tell",
        "estimate": None,
        "low": None,
        "high": None,
        "reason": "3 pupils had the outcome",
    }
    return {
        "dates": ["2024-10-25"], "next_closes": None,
        "rows": [{"name": "recall", "status": "outside", "found": found, "evidence": was, "limit": "its whole range lies below"}],
        "groups": [{"attribute": "sex", "group": "F", "label": "Girls", "n": 900, "events": 3, "recall": few, "precision": few}],
        "support_exposure": {
            "status": "estimated", "reason": "", "statement": "A statement.", "lists_in_use_from": None,
            "rows": [{"who": "helped", "recall": found, "precision": found}],
        },
    }  # fmt: skip
