"""What MLflow is told of a training run: settings, figures, features and plots, and no pupil row."""

import json
import logging
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import mlflow
from matplotlib.figure import Figure
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, DataType, Schema

from training.candidate import Candidate

EXPERIMENT = "inclusive-pathways"
NAMED_METRICS = ("estimate", "low", "high", "events")


def track(candidate: Candidate, tracking_uri: str | None = None) -> str:
    """Record a candidate in MLflow; return the run's id.

    Parameters
    ----------
    tracking_uri : str or None
        None keeps runs in a SQLite file, mlflow.db, beside the candidate's folder.
    """
    open_experiment(candidate.folder.resolve().parent, tracking_uri)
    evidence = candidate.evidence
    with mlflow.start_run(run_name=candidate.folder.name, tags=tags(evidence)) as run:
        mlflow.log_params(parameters(evidence))
        mlflow.log_metrics(dict(metrics(evidence)))
        mlflow.log_dict({"features": evidence["recipe"]["features"]}, "features.json")
        for name, figure in plots(evidence).items():
            mlflow.log_figure(figure, f"plots/{name}.png")
        mlflow.log_artifact(str(candidate.folder / "evidence.json"))
        mlflow.pyfunc.log_model(
            name="model",
            loader_module="training.mlflow_model",
            data_path=str(candidate.folder),
            signature=signature(evidence["recipe"]["features"]),
            pip_requirements=["inclusive-pathways"],
        )
        return str(run.info.run_id)


def open_experiment(beside: Path, tracking_uri: str | None) -> None:
    """Make the experiment current, in a SQLite file of a folder where no server is named."""
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    logging.getLogger("mlflow").setLevel(
        logging.ERROR
    )  # it tells of its tables and of this project's own files
    mlflow.set_tracking_uri(tracking_uri or f"sqlite:///{beside / 'mlflow.db'}")
    if mlflow.get_experiment_by_name(EXPERIMENT) is None:
        # Without a place of its own, a SQLite store puts artefacts into whatever folder is current.
        place = None if tracking_uri else (beside / "mlflow-artifacts").as_uri()
        mlflow.create_experiment(EXPERIMENT, artifact_location=place)
    mlflow.set_experiment(EXPERIMENT)


def track_monitor(facts: Mapping[str, Any], out: Path, tracking_uri: str | None = None) -> str:
    """Record a look at a model in use: figures of the whole authority, no group and no school; return the run's id.

    Parameters
    ----------
    facts : mapping
        From `training.monitor.run.monitor`.
    out : Path
        Its folder; without a tracking URI runs are kept in a SQLite file, mlflow.db, beside it.
    """
    open_experiment(out.resolve().parent, tracking_uri)
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


def signature(features: list[str]) -> ModelSignature:
    """Features in, one estimate out; a feature may be missing."""
    columns: list[Any] = [ColSpec(DataType.float, name, required=False) for name in features]
    return ModelSignature(Schema(columns), Schema([ColSpec(DataType.double, "estimate")]))


def tags(evidence: dict[str, Any]) -> dict[str, str]:
    """What the run is of."""
    return {
        "data_hash": evidence["data"]["data_hash"],
        "commit": evidence["data"]["commit"],
        "protocol": evidence["protocol"]["hash"],
        "authority": evidence["authority"],
        "is_made_up": str(evidence["is_made_up"]),
        "gate_passed": str(evidence["gate"]["passed"]),
        "mlflow.note.content": "\n\n".join(evidence["first_lines"]),
    }


def parameters(evidence: dict[str, Any]) -> dict[str, str]:
    """Settings and the fitted recipe; nested ones as JSON."""
    recipe = evidence["recipe"]
    named = recipe["settings"] | recipe["parameters"] | {"rounds": recipe["rounds"]} | recipe["calibrator"]
    dates = {f"dates_{name}": " ".join(days) for name, days in evidence["split"].items()}
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in (named | dates).items()
    }


def metrics(evidence: dict[str, Any]) -> Iterator[tuple[str, float]]:
    """Every figure with an interval that heads a section, and the rivals' recall."""
    headed = {
        **{f"headline.{name}": found for name, found in evidence["headline"].items()},
        **{f"comparator.{rival['name']}": rival["recall"] for rival in evidence["comparators"]},
        "gate.over_best_rule": evidence["gate"]["over_best_rule"]["gain"],
        "gate.over_school_only": evidence["gate"]["over_school_only"]["gain"],
        "calibration.observed_over_expected": evidence["calibration"]["observed_over_expected"],
        "calibration.slope": evidence["calibration"]["slope"],
        "auc": evidence["ranking"]["auc"],
        "stability": evidence["stability"],
        "against_truth": evidence["against_truth"] or {},
        "log_loss": evidence["recipe"]["log_loss"],
    }
    for name, found in headed.items():
        if isinstance(found, int | float):
            yield name, float(found)
        elif isinstance(found, dict):
            for part, value in found.items():
                is_figure = isinstance(value, int | float) and not isinstance(value, bool)
                if is_figure and (part in NAMED_METRICS or "status" not in found or name == "against_truth"):
                    yield f"{name}.{part}", float(value)


def plots(evidence: dict[str, Any]) -> dict[str, Figure]:
    """Recall beside the rivals', recall by capacity, and the calibration curve where there is one."""
    rows = [("model", evidence["headline"]["recall_at_capacity"])]
    rows += [(rival["name"], rival["recall"]) for rival in evidence["comparators"]]
    figures = {
        "recall": intervals([name for name, _ in rows], [found for _, found in rows], "recall at capacity")
    }
    capacities = evidence["capacities"]
    figures["capacity"] = intervals(
        [f"{row['times']:g} times the places" for row in capacities],
        [row["recall"] for row in capacities],
        "recall",
    )
    points = evidence["calibration"]["curve"]["points"]
    if points:
        figure = Figure(figsize=(5, 5))
        axes = figure.subplots()
        axes.plot(
            [point["mean_estimate"] for point in points],
            [point["observed"]["estimate"] for point in points],
            "o-",
        )
        axes.axline((0, 0), slope=1, color="grey", linestyle=":")
        axes.set(xlabel="mean estimate", ylabel="observed share")
        figures["calibration"] = figure
    return figures


def intervals(names: list[str], found: list[dict[str, Any]], label: str) -> Figure:
    """Figures as dots with their intervals as lines, the first on top."""
    figure = Figure(figsize=(7, 0.5 * len(names) + 1), layout="constrained")
    axes = figure.subplots()
    for place, one in enumerate(found):
        if one["estimate"] is not None:
            axes.plot(one["estimate"], -place, "o", color="black")
        if one["low"] is not None:
            axes.plot([one["low"], one["high"]], [-place, -place], color="black")
    axes.set_yticks([-place for place in range(len(names))], names)
    axes.set(xlabel=label, xlim=(0, None))
    return figure
