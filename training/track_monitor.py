"""What MLflow is told of a look at a model in use: figures of the whole authority, no group and no school."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import mlflow

from models.facts.monitor import Monitor
from training.monitor.alarms import told
from training.track import begin, record_store


def track_monitor(looked: Monitor, out: Path, tracking_uri: str | None = None) -> str:
    """Record a look at a model in use: figures of the whole authority, no group and no school; return the run's id.

    Parameters
    ----------
    looked : Monitor
        From `training.monitor.run.monitor`.
    out : Path
        Its folder; without a tracking URI runs are kept in a SQLite file, mlflow.db, beside it.
    """
    facts = looked.plain()
    begin(out, tracking_uri)
    tags = {
        "kind": "monitor",
        "as_of": facts["as_of"],
        "model_hash": facts["model"]["hash"],
        "data_hash": facts["data_hash"],
        "authority": facts["authority"],
        "is_made_up": str(facts["is_made_up"]),
    }
    with mlflow.start_run(run_name=f"monitor {facts['as_of']}") as run:
        mlflow.set_tags(tags | {"mlflow.note.content": note(facts)})
        mlflow.log_metrics(dict(monitor_metrics(facts)))
        dates = sorted([facts["as_of"], *facts["earlier"]])
        mlflow.log_input(record_store("monitor", facts["data_hash"], dates), "monitor")
        return str(run.info.run_id)


def note(facts: Mapping[str, Any]) -> str:
    """The alarms in words, as far as they are about the whole authority; how many are about groups and schools."""
    every = list(told(facts, facts))
    lines = [f"- {each.sentence}" for each in every if each.is_of_all]
    rest = len(every) - len(lines)
    lines += [f"- {rest} more about single schools or groups: see monitor.html."] if rest else []
    return "\n".join(lines) or "No alarms."


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
