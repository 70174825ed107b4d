"""The story of watching a model, from top to bottom."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from features.calendar import Calendar
from features.records.store import Records
from models.facts.monitor import Monitor
from models.risk_model import RiskModel, load_model
from training.candidate import EVIDENCE_FILE
from training.monitor import limits
from training.monitor.alarms import alarms
from training.monitor.closed import closed_dates, performance
from training.monitor.coding import EVENT_DAYS, MARK_DAYS, SETTLING_DAYS, coding, has_other_holy_days
from training.monitor.drift import estimate_drift, feature_drift
from training.monitor.errors import MonitorRefused
from training.monitor.expected import expected, features_explained, groups_explained, reasons_explained, said
from training.monitor.freshness import LIMIT, freshness
from training.monitor.groups import by_group
from training.monitor.lists import churn, list_drift, not_assessed
from training.monitor.moments import Moments, moments
from training.monitor.scene import Seen, seen
from training.moved import compare, names_of, of_a_year_ago

SCHEMA_VERSION = 1
Progress = Callable[[str], None]
METHOD = (
    f"A run in which nothing changed raises one false alarm of a kind with a probability of {limits.FALSE_ALARMS:g}, shared over its "
    f"comparisons. Beyond that a share has to lie outside {limits.TIMES:g} times the odds of every earlier year "
    f"({limits.TIMES_AT_SCHOOL:g} at a single school), and a distribution further off than {limits.DISTANCE:g} and "
    f"{limits.TIMES_APART:g} times as far as earlier years lie from each other. Fewer than {limits.FEWEST} to take a share of: cannot tell.",
    f"Marks are those of {MARK_DAYS} school days, up to {SETTLING_DAYS} school days before the day watched; reasons those of {EVENT_DAYS} "
    "school days. Whoever is not assessed, as Year 11 is after Easter, is in no share of codes.",
    "Earlier years' estimates are by this model too, which learned from some of those dates.",
)


def monitor(
    records: Records, folder: Path, as_of: date | None = None, progress: Progress = lambda step: None
) -> Monitor:
    """Watch a model on a record store; the facts of `monitor.json`.

    Parameters
    ----------
    folder : Path
        The model's, with its evidence.
    as_of : date or None
        The day watched; None takes the last end of a half-term before the extract.

    Raises
    ------
    MonitorRefused
        Nothing can be compared with the day, or the model has no evidence to hold figures beside.
    ModelRefused
        The folder is not a whole model's, or it reads features that these records do not make.
    """
    model = load_model(folder)
    evidence = evidence_of(folder)
    calendar, extracted_on = Calendar.of(records.authority), records.authority.authority.extracted_on
    on = as_of or max(end for end in calendar.as_of_dates() if end <= extracted_on)
    days = moments(calendar, on, extracted_on)
    closed, _ = closed_dates(records, model, calendar, on)
    held = dict(seen(records, model, sorted({*days.all, *closed}), progress))
    now, earlier = held[on], [held[then.on] for then, _ in days.earlier]
    progress("features and codes")
    known = expected(records, days)
    codes = coding(records, (days.now, now), [(then, held[then.on]) for then, _ in days.earlier])
    found: dict[str, Any] = {
        "features": feature_drift(now, earlier, model, has_other_holy_days(codes)),
        "coding": codes,
        "freshness": freshness(records, days, now),
        "estimates": estimate_drift(now, earlier),
        "lists": list_drift(now, earlier),
        "not_assessed": not_assessed(now, earlier),
        "churn": changes(days, held),
    }
    progress("groups and closed windows")
    found["groups"] = by_group(records, held, on, [then.on for then, _ in days.earlier])
    rows = [held[day].rows for day in closed]
    features_explained(found["features"], known)
    reasons_explained(found["coding"], known)
    groups_explained(found["groups"], known)
    found["breaks"] = said(known)
    found["sanctions"] = (
        compare(records, days.now, *of_a_year_ago(days.now, EVENT_DAYS)) if days.earlier else []
    )
    found["performance"] = performance(
        records, model, calendar, on, pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(), evidence
    )
    about = about_run(records, model, folder, days)
    return Monitor.checked({**about, "alarms": alarms(about, found), **found})


def evidence_of(folder: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((folder / EVIDENCE_FILE).read_text())
        return found
    except (OSError, ValueError):
        raise MonitorRefused(
            f"{folder} has no readable {EVIDENCE_FILE}, so there is nothing to hold its figures beside. "
            "Train it again with: pathways train STORE --out MODEL"
        ) from None


def changes(days: Moments, held: dict[date, Seen]) -> dict[str, Any]:
    pairs = [(held[then.on], held[before.on]) for then, before in days.earlier]
    return churn(held[days.now.on], held[days.before.on], pairs)


def about_run(records: Records, model: RiskModel, folder: Path, days: Moments) -> dict[str, Any]:
    """What was watched, on which days, and by which limits."""
    return {
        "schema_version": SCHEMA_VERSION,
        "authority": records.authority.authority.name,
        "is_made_up": records.is_made_up or model.facts.is_made_up,
        "as_of": str(days.now.on),
        "before": str(days.before.on),
        "earlier": [str(then.on) for then, _ in days.earlier],
        "extracted_on": str(records.authority.authority.extracted_on),
        "data_hash": records.data_hash,
        "model": {
            "name": folder.name,
            "hash": model.folder_hash,
            "outcome": model.facts.outcome,
            "window_days": model.facts.window_days,
            "expires_on": str(model.facts.expires_on),
            "last_trained_on": str(max(model.facts.trained_on)),
        },
        "schools": names_of(records),
        "method": [*METHOD, f"Freshness: {LIMIT}."],
    }
