"""What MLflow is told of a feature matrix: of which records and dates it is, and what is missing in it."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import mlflow
import pyarrow.parquet as pq

from features.cohort import COLUMNS
from models.manifest import sha256
from training.track import begin, dataset, record_store


def track_features(data_hash: str, days: Sequence[date], out: Path, tracking_uri: str | None = None) -> str:
    """Record a matrix that was written, without a row of it; return the run's id.

    Parameters
    ----------
    data_hash : str
        Of the record store.
    days : sequence of date
        Its as-of dates.
    out : Path
        The matrix.
    """
    begin(out, tracking_uri)
    dates = [str(day) for day in days]
    about = pq.read_metadata(out)
    held = {"num_rows": about.num_rows, "num_features": about.num_columns - len(COLUMNS)}
    with mlflow.start_run(run_name=out.stem) as run:
        mlflow.set_tags({"kind": "features", "data_hash": data_hash})
        mlflow.log_metrics({**held, **dict(missing(about))})
        mlflow.log_input(record_store("features", data_hash, dates), "features")
        mlflow.log_input(dataset("feature matrix", sha256(out), {"as_of_dates": dates, **held}), "made")
        return str(run.info.run_id)


def missing(about: pq.FileMetaData) -> Iterator[tuple[str, float]]:
    """Of each feature, the share of rows in which it is missing."""
    groups = [about.row_group(number) for number in range(about.num_row_groups)]
    for place in range(len(COLUMNS), about.num_columns):
        nulls = sum(group.column(place).statistics.null_count for group in groups)
        yield f"missing.{about.schema.column(place).name}", nulls / max(about.num_rows, 1)
