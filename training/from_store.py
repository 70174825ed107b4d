"""From a record store to the frames of a training run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa

from features.as_of import SCHOOL_YEAR, AsOf
from features.calendar import Calendar
from features.contract.breaks import breaks
from features.errors import TooFewYears
from features.matrix import FEATURES, feature_matrix, features_for, is_of_late_table
from features.outcome import outcomes, window_closes
from features.outcome_days import outcome_days
from features.records.store import Records
from features.views import VIEWS
from models.facts.evidence import Evidence
from models.reviewing import keep_with_model
from models.risk_model import ModelFeature
from training.audit.of_cohort import about_model, audit_cohort
from training.candidate import Candidate, refuse_in_the_way
from training.comparators import groups_of
from training.evidence.leaks import LAG_DAYS
from training.frames import Frames
from training.moved import TERM, Span, compare, names_of, of_a_year_ago
from training.panel import Panel, make_panel, thinning
from training.protocol import LEDGER
from training.run import train
from training.settings import Settings
from training.splits import Split, earlier_splits, eligible_dates, split_dates

LOOK_BACK = 190  # school days that suspensions must reach back before a date may be trained on

Progress = Callable[[str], None]


def settings_for(records: Records, **choices: Any) -> Settings:
    """Settings with the places that the authority's meetings have."""
    meeting = records.authority.meeting
    return Settings(
        places_per_school=meeting.places_per_school,
        places_per_district=meeting.places_per_district,
        **choices,
    )


@dataclass(frozen=True)
class Dates:
    """When things happen in a store: what the split is made from."""

    calendar: Calendar
    closes: dict[date, date]
    covered_from: date
    split: Split


def dates_of(records: Records, settings: Settings) -> Dates:
    """The as-of dates of a store and how they are split.

    Raises
    ------
    TooFewYears
        Suspensions do not reach back far enough, or no forward split exists.
    """
    calendar = Calendar.of(records.authority)
    closes = {
        day: window_closes(records, AsOf(day, calendar), settings.window_days)
        for day in calendar.as_of_dates()
    }
    suspensions = records.tables["suspensions"]
    first = suspensions.start_date.min().to_pyarrow().as_py()
    if first is None:
        raise TooFewYears(
            "The store holds no suspension, so there is nothing to learn from. Import suspensions."
        )
    start = min(first, calendar.start_of_half_term(first))
    reached = calendar.index(start) + LOOK_BACK
    if reached >= len(calendar.days):
        raise TooFewYears(
            f"Suspensions begin on {first}, and {LOOK_BACK} school days after that the calendar has ended. "
            "Import earlier years of suspensions."
        )
    covered_from = calendar.days[reached].item()
    eligible = eligible_dates(closes, covered_from, records.authority.authority.extracted_on)
    return Dates(calendar, closes, covered_from, split_dates(eligible, closes, settings.window_days))


def frames_of(
    records: Records,
    settings: Settings,
    truth: pd.DataFrame | None = None,
    progress: Progress = lambda step: None,
) -> Frames:
    """Everything a training run reads, made from a store.

    Parameters
    ----------
    truth : pandas.DataFrame or None
        pupil, as_of, and true chances by outcome: of a made-up authority only.
    """
    dates = dates_of(records, settings)
    split, extracted_on = dates.split, records.authority.authority.extracted_on
    later = split.test[-1] - timedelta(days=LAG_DAYS)
    progress("features")
    days = sorted({*split.eligible, later})
    tables = feature_matrix(
        records, days, progress=lambda step, done, of: progress(f"{step} ({done} of {of})")
    )
    made = dict(zip(days, tables, strict=True))
    features = model_features(records)
    names = [feature.name for feature in features]
    lagged = as_frame([made[later].select(["pupil", *names])])
    matrix = as_frame([made.pop(day) for day in split.eligible])
    progress("outcomes")
    opens, known_by = AsOf(split.test[0], dates.calendar), AsOf(extracted_on, dates.calendar)
    return Frames(
        matrix=matrix,
        outcomes=outcomes_at(records, matrix, split.eligible, settings, dates.calendar, extracted_on),
        outcomes_then={
            each.test[0]: outcomes_at(records, matrix, each.training, settings, dates.calendar, each.test[0])
            for each in (split, *earlier_splits(split, dates.closes))
        },
        features=features,
        closes=dates.closes,
        covered_from=dates.covered_from,
        known_until=extracted_on,
        groups=groups_of(records, split.eligible),
        truth=truth,
        lagged=lagged.assign(as_of=pd.Timestamp(split.test[-1])),
        events=outcome_days(records, settings.outcome, opens, known_by).to_pandas(),
        support=support_of(records),
        lists_in_use_from=records.authority.lists.in_use_from,
        school_days=dates.calendar.days,
        breaks=breaks(records.authority),
        moved=tuple(moved_between(records, opens, known_by)),
        schools=names_of(records),
        optional=optional_features(records),
        authority=records.authority.authority.name,
        is_made_up=records.is_made_up,
        data_hash=records.data_hash,
    )


def moved_between(records: Records, opens: AsOf, known_by: AsOf) -> list[dict[str, Any]]:
    """Schools' sanctions in the school year before the first test date and in the last one that is known.

    A school that moved in the middle of that year shows it in the last weeks beside the same weeks a year before: where it does,
    its counts are of those.
    """
    years = compare(records, known_by, Span(opens, SCHOOL_YEAR), Span(known_by, SCHOOL_YEAR))
    weeks = compare(records, known_by, *of_a_year_ago(known_by, TERM))
    by_urn = {row["urn"]: row for row in [*weeks, *years]}
    by_urn |= {row["urn"]: row for row in weeks if row["is_moved"] and not by_urn[row["urn"]]["is_moved"]}
    return [by_urn[urn] for urn in sorted(by_urn)]


def tuning_panel(
    records: Records, settings: Settings, progress: Progress = lambda step: None
) -> tuple[Panel, tuple[ModelFeature, ...]]:
    """The training dates' rows that may be learned from, and nothing of any later date; and the features."""
    dates = dates_of(records, settings)
    training, opens = dates.split.training, dates.split.test[0]
    progress("features")
    matrix = as_frame(list(feature_matrix(records, training)))
    progress("outcomes")
    outcomes = outcomes_at(records, matrix, training, settings, dates.calendar, opens)
    features = model_features(records)
    names = [each.name for each in features]
    panel = make_panel(matrix, outcomes, settings.outcome, names, training, thinning(matrix, training))
    return panel.only(panel.can_train), features


def model_features(records: Records) -> tuple[ModelFeature, ...]:
    """The features that an authority's records make, in the order in which a model reads them."""
    declared = features_for(records, FEATURES)
    return tuple(ModelFeature(feature.name, feature.family, feature.direction) for feature in declared)


def optional_features(records: Records) -> dict[str, tuple[str, ...]]:
    """Each optional table that an authority supplies, to the features that are made from it."""
    found: dict[str, tuple[str, ...]] = {}
    for feature in features_for(records, FEATURES):
        if is_of_late_table(feature):
            table = VIEWS[feature.view].table
            found[table] = (*found.get(table, ()), feature.name)
    return found


def support_of(records: Records) -> pd.DataFrame | None:
    """Every spell of help that the store holds; pupil, start_date, end_date. None where it holds none."""
    rows = records.tables["support"].select("pupil", "start_date", "end_date")
    found = rows.order_by("pupil", "start_date", "end_date").to_pandas()
    return found if len(found) else None


def outcomes_at(
    records: Records,
    matrix: pd.DataFrame,
    as_of_dates: Sequence[date],
    settings: Settings,
    calendar: Calendar,
    known_by: date,
) -> pd.DataFrame:
    """Outcomes of the cohort at some dates as known before a day; pupil, as_of and each outcome."""
    people = matrix.loc[matrix["as_of"].isin(pd.to_datetime(as_of_dates)), ["pupil", "as_of", "nc_year"]]
    rows = ibis.memtable(people, schema=ibis.schema({"pupil": "int64", "as_of": "date", "nc_year": "int8"}))
    moments = [AsOf(day, calendar) for day in as_of_dates]
    made = outcomes(records, rows, moments, settings.window_days, known_by)
    return as_frame([made.order_by("as_of", "pupil").to_pyarrow()])


def as_frame(tables: list[pa.Table]) -> pd.DataFrame:
    """Tables of one date each as one frame; dates as datetime64. The list is emptied: memory is freed as the frame is filled."""
    whole = pa.concat_tables(tables)
    tables.clear()
    return whole.to_pandas(split_blocks=True, self_destruct=True, date_as_object=False)


def train_store(
    records: Records,
    settings: Settings,
    out: Path,
    truth: pd.DataFrame | None = None,
    tracking_uri: str | None = None,
    progress: Progress = lambda step: None,
    pages: Callable[[Evidence, dict[str, Any]], dict[str, str]] = lambda evidence, audit: {},
) -> Candidate:
    """Train from a store, audit, hand over a candidate folder, and tell MLflow.

    Parameters
    ----------
    out : Path
        The candidate's folder; must not exist. Looks at the test are counted in looks.jsonl beside it.
    tracking_uri : str or None
        None takes MLFLOW_TRACKING_URI, or where that is not set a SQLite file beside the folder.
    pages : callable
        Evidence and audit to the pages that MLflow keeps, by file name.
    """
    refuse_in_the_way(out)
    frames = frames_of(records, settings, truth, progress)
    out.parent.mkdir(parents=True, exist_ok=True)
    candidate = train(frames, settings, out, out.with_name(LEDGER), progress)
    audit = audit_cohort(candidate.judged, frames, records, about_model(out), progress=progress)
    keep_with_model(out, audit)
    progress("telling MLflow")
    from training.track import track  # MLflow takes seconds to load: only once there is something to tell

    track(candidate, tracking_uri, pages(candidate.evidence, audit))
    return candidate
