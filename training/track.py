"""What MLflow is told of a training run: settings, figures, features and plots, and no pupil row."""

import json
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from mlflow.data.code_dataset_source import CodeDatasetSource
from mlflow.data.meta_dataset import MetaDataset
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, DataType, Schema, TensorSpec

from models.manifest import FILE_NAME, sha256
from models.mlflow_model import CUT
from models.reviewing import AUDIT_FILE
from training.audit.findings import DAYS_TO_ACT, OPEN
from training.audit.publish import publish
from training.audit.write import PUBLISHED
from training.candidate import Candidate
from training.registry import MODEL_HASH, register, version_tags
from training.track_explained import plots

EXPERIMENT = "inclusive-pathways"
DIGEST_LETTERS = 32  # MLflow keeps 36
NAMED_METRICS = ("estimate", "low", "high", "events")


def track(
    candidate: Candidate, tracking_uri: str | None = None, pages: Mapping[str, str] | None = None
) -> str:
    """Record a candidate in MLflow; return the run's id.

    Parameters
    ----------
    pages : mapping of str to str, optional
        Pages of the evidence and of the audit that may leave, by file name.
    tracking_uri : str or None
        None takes MLFLOW_TRACKING_URI, or where that is not set a SQLite file, mlflow.db, beside the folder.
    """
    begin(candidate.folder, tracking_uri)
    evidence = candidate.evidence.plain()
    with mlflow.start_run(run_name=candidate.folder.name) as run:
        model_hash = sha256(candidate.folder / FILE_NAME)
        mlflow.set_tags({"kind": "training", MODEL_HASH: model_hash, **tags(evidence)})
        mlflow.log_params(parameters(evidence))
        mlflow.log_metrics(dict(metrics(evidence)))
        mlflow.log_dict({"features": evidence["recipe"]["features"]}, "features.json")
        if (figure := learning_curve(evidence)) is not None:
            mlflow.log_figure(figure, "plots/learning_curve.png")
        for name, figure in plots(*candidate.explained, candidate.evidence.is_made_up):
            mlflow.log_figure(figure, f"plots/contributions_{name}.png")
        mlflow.log_artifact(str(candidate.folder / "evidence.json"))
        if (candidate.folder / AUDIT_FILE).is_file():
            audit = json.loads((candidate.folder / AUDIT_FILE).read_text())
            mlflow.log_metrics(findings(audit))
            mlflow.log_dict(publish(audit), PUBLISHED)  # the exact margins stay with the reviewer's own copy
        for name, page in (pages or {}).items():
            mlflow.log_text(page, f"pages/{name}")
        features = evidence["recipe"]["features"]
        for context, dataset in datasets(evidence).items():
            mlflow.log_input(dataset, context)
        logged = mlflow.pyfunc.log_model(
            name="model",
            loader_module="models.mlflow_model",
            data_path=str(candidate.folder),
            code_paths=[str(files("models"))],
            model_config={CUT: None},
            signature=signature(features),
            input_example=example(features),
            pip_requirements=requirements(),
        )
        register(logged.model_id, run.info.run_id, version_tags(evidence, model_hash))
        return str(run.info.run_id)


def begin(folder: Path, tracking_uri: str | None) -> str:
    """Point MLflow at the server that was named, or at a file beside a folder; return the experiment's id.

    Under `mlflow run` the experiment is that of the run which MLflow has begun: what is logged goes into it.
    """
    beside = folder.resolve().parent
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    # It tells of its tables and of this project's own files.
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    logging.getLogger("mlflow.store.db.utils").setLevel(
        logging.CRITICAL
    )  # a traceback of a full disk says less than our sentence
    named = tracking_uri or os.environ.get("MLFLOW_TRACKING_URI")
    mlflow.set_tracking_uri(named or f"sqlite:///{beside / 'mlflow.db'}")
    if (begun := os.environ.get("MLFLOW_RUN_ID")) and not tracking_uri:
        return str(mlflow.get_run(begun).info.experiment_id)
    if mlflow.get_experiment_by_name(EXPERIMENT) is None:
        # Without a place of its own, a SQLite store puts artefacts into whatever folder is current.
        place = None if named else (beside / "mlflow-artifacts").as_uri()
        mlflow.create_experiment(EXPERIMENT, artifact_location=place)
    return str(mlflow.set_experiment(EXPERIMENT).experiment_id)


def findings(audit: Mapping[str, Any]) -> dict[str, float]:
    """How many open findings an audit has, by severity."""
    still_open = [each["severity"] for each in audit["findings"] if each["state"] == OPEN]
    return {f"audit.{name}": float(still_open.count(name)) for name in DAYS_TO_ACT}


def example(features: list[str]) -> pd.DataFrame:
    """Two rows that belong to nobody: every feature 0, and every feature missing."""
    return pd.DataFrame([[0.0] * len(features), [np.nan] * len(features)], columns=features)


def datasets(evidence: dict[str, Any]) -> dict[str, MetaDataset]:
    """What was learned from and tested on, by hash, dates and counts: no row of it, and no way to one."""
    data, split = evidence["data"], evidence["split"]
    return {
        context: record_store(context, data["data_hash"], split[part], **data[part])
        for context, part in (("training", "training"), ("testing", "test"))
    }


def record_store(context: str, data_hash: str, as_of_dates: Sequence[str], **counts: int) -> MetaDataset:
    """Some dates of a record store, by its hash."""
    told = {"data_hash": data_hash, "as_of_dates": list(as_of_dates), **counts}
    return dataset(f"record store, {context}", data_hash, told)


def dataset(name: str, digest: str, told: Mapping[str, Any]) -> MetaDataset:
    """What a dataset is, and nothing of what is in it."""
    # MLflow marks `profile` abstract and leaves it out of this class, which its own guide makes as we do.
    return MetaDataset(CodeDatasetSource(dict(told)), name, digest[:DIGEST_LETTERS])  # type: ignore[abstract]


def signature(features: list[str]) -> ModelSignature:
    """Every feature's column in, one estimate a row out; in a column any value may be missing (NaN).

    The model reads float32; double is what MLflow's own readers of CSV and JSON make, and takes every number.
    """
    columns: list[Any] = [ColSpec(DataType.double, name) for name in features]
    return ModelSignature(Schema(columns), Schema([TensorSpec(np.dtype(np.float64), (-1,))]))


def requirements() -> list[str]:
    """What it takes to load the model elsewhere, as installed here; the code that reads it travels with it."""
    return [f"{name}=={version(name)}" for name in ("lightgbm", "numpy", "pandas", "scipy")]


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


def learning_curve(evidence: dict[str, Any]) -> Figure | None:
    """The loss by number of trees, with where training stopped; None where no curve was kept.

    Recall, capacities and calibration are drawn once, on the evidence's own page, which is kept beside the run.
    """
    curve = evidence["recipe"].get("learning_curve")
    if not curve:
        return None
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot(range(1, len(curve) + 1), curve, color="black")
    axes.axvline(evidence["recipe"]["rounds"], color="grey", linestyle=":")
    axes.set(xlabel="trees", ylabel="log loss on schools left out")
    return figure
