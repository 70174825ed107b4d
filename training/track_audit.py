"""What MLflow is told of an audit: what may leave of it, how many findings, and whose model it was."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import mlflow

from training.audit.publish import publish
from training.audit.write import PUBLISHED
from training.registry import version_of
from training.track import begin, findings, record_store

FIGURES = ("recall", "false_omission_rate", "selection_rate", "precision", "false_positive_rate")


def track_audit(
    facts: Mapping[str, Any], out: Path, pages: Mapping[str, str], tracking_uri: str | None = None
) -> str:
    """Record an audit of a model; return the run's id.

    Parameters
    ----------
    facts : mapping
        From `training.audit.from_model.audit_model`. The exact figures of groups stay with the reviewer's own
        copy: a tracking server is open to more people than the audit's folder.
    out : Path
        Its folder; without a tracking URI runs are kept in a SQLite file, mlflow.db, beside it.
    pages : mapping of str to str
        Pages that may leave: file name to its text.
    """
    begin(out, tracking_uri)
    with mlflow.start_run(run_name=f"audit {facts['audited_on']}") as run:
        mlflow.set_tags(tags(facts))
        mlflow.log_metrics(dict(audit_metrics(facts)))
        mlflow.log_input(
            record_store(
                "audit", facts["data_hash"], facts["test_dates"], num_rows=facts["data"]["num_rows"]
            ),
            "audit",
        )
        mlflow.log_dict(publish(facts), PUBLISHED)
        for name, text in pages.items():
            mlflow.log_text(text, name)
        return str(run.info.run_id)


def tags(facts: Mapping[str, Any]) -> dict[str, str]:
    """What the run is of, by the names that the model's own run and version have for it."""
    model_hash = facts["model"]["folder_hash"]
    version = version_of(model_hash)
    return {
        "kind": "audit",
        "audited_on": facts["audited_on"],
        "model_hash": model_hash,
        **({"model_version": version} if version else {}),
        "data_hash": facts["data_hash"],
        "authority": facts["authority"],
        "is_made_up": str(facts["is_made_up"]),
        "mlflow.note.content": facts["cannot_see"],
    }


def audit_metrics(facts: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Open findings by severity, how many groups can be told, and everyone's rates with their intervals."""
    yield from findings(facts).items()
    yield "audit.findings", len(facts["findings"])
    held = [row for row in facts["groups"] if row["n"]]
    yield "audit.groups", len(held)
    yield "audit.groups_told", sum(row["metrics"]["recall"]["status"] == "estimated" for row in held)
    for name in FIGURES:
        for part in ("estimate", "low", "high"):
            value = facts["overall"]["metrics"][name][part]
            if value is not None:
                yield f"audit.everyone.{name}.{part}", value
