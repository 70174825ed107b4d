"""What MLflow is told of a look at a model in use: figures of the whole authority, no group and no school."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import mlflow

from training.track import begin


def track_monitor(facts: Mapping[str, Any], out: Path, tracking_uri: str | None = None) -> str:
    """Record a look at a model in use: figures of the whole authority, no group and no school; return the run's id.

    Parameters
    ----------
    facts : mapping
        From `training.monitor.run.monitor`.
    out : Path
        Its folder; without a tracking URI runs are kept in a SQLite file, mlflow.db, beside it.
    """
    begin(out, tracking_uri)
    tags = {
        "kind": "monitor",
        "as_of": facts["as_of"],
        "model_hash": facts["model"]["hash"],
        "data_hash": facts["data_hash"],
        "authority": facts["authority"],
        "is_made_up": str(facts["is_made_up"]),
    }
    with mlflow.start_run(run_name=f"monitor {facts['as_of']}", tags=tags) as run:
        mlflow.log_metrics(dict(monitor_metrics(facts)))
        return str(run.info.run_id)


def monitor_metrics(facts: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Alarms by part, how far each feature lies from earlier years, estimates, lists, and closed windows."""
    yield "alarms", len(facts["alarms"])
    for part in ("features", "coding", "freshness", "lists", "not_assessed", "groups"):
        yield f"alarms.{part}", sum(alarm["part"] == part for alarm in facts["alarms"])
    for row in facts["features"]:
        if row["now"] is not None:
            yield f"{row['kind']}.{row['name']}", row["now"]
    for row in (*facts["lists"], *facts["not_assessed"]):
        if row["now"] is not None:
            yield f"{row['kind']}.{row['name']}", row["now"]
    named = {
        "estimates.distance": facts["estimates"]["now"],
        "estimates.mean": facts["estimates"]["mean"],
        "churn.share_new": facts["churn"]["share_new"]["now"],
    }
    named |= {f"closed.{row['name']}": row["found"]["estimate"] for row in facts["performance"]["rows"]}
    yield from ((name, float(value)) for name, value in named.items() if value is not None)
