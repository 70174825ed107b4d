"""What MLflow is told of a search: a run for the whole, and in it a run for every trial."""

import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import DatasetInput, InputTag, Metric, Param, RunStatus
from mlflow.exceptions import MlflowException
from mlflow.utils.mlflow_tags import MLFLOW_DATASET_CONTEXT as CONTEXT
from optuna.trial import FrozenTrial, TrialState

from training.track import begin, dataset
from training.tune import finished

RUN_FILE = "mlflow_run.json"
PARENT, TRIAL = "mlflow.parentRunId", "trial"
FOUND = ("log_loss", "default_log_loss", "num_complete", "num_pruned")


@dataclass
class TrackedSearch:
    """A search's run in MLflow; trials that it does not hold yet are told, however the search was cut short.

    Attributes
    ----------
    client : MlflowClient
    experiment, parent : str
    known : set of int
        Numbers of the trials that MLflow holds.
    begun : str
        The run that `mlflow run` has begun, whose inner run this is; else empty.
    """

    client: MlflowClient
    experiment: str
    parent: str
    known: set[int] = field(default_factory=set)
    begun: str = ""

    def told(self, trials: Sequence[FrozenTrial]) -> None:
        """Tell of the finished trials that MLflow does not hold, each in a run inside the search's."""
        best = min((t.value for t in finished(trials) if t.value is not None), default=None)
        for trial in finished(trials):
            if trial.number in self.known:
                continue
            state = trial.state.name.lower()
            tags = {PARENT: self.parent, TRIAL: str(trial.number), "state": state}
            run = self.client.create_run(self.experiment, tags=tags, run_name=f"trial {trial.number}")
            now = int(time.time() * 1000)
            metrics = [Metric("loss", loss, now, trees) for trees, loss in trial.intermediate_values.items()]
            if trial.state == TrialState.COMPLETE and trial.value is not None:
                metrics.append(Metric("log_loss", trial.value, now, 0))
            params = [Param(name, json.dumps(value)) for name, value in trial.params.items()]
            self.client.log_batch(run.info.run_id, metrics, params)
            self.client.set_terminated(run.info.run_id, RunStatus.to_string(RunStatus.FINISHED))
            self.known.add(trial.number)
            if best is not None:
                self.client.log_metric(self.parent, "best_log_loss", best, step=trial.number)

    def done(self, recipe: Mapping[str, Any]) -> None:
        """Keep what the search found, also in the run that `mlflow run` has begun, and end its run."""
        now = int(time.time() * 1000)
        for run in filter(None, (self.parent, self.begun)):
            self.client.log_dict(run, dict(recipe), "recipe.json")
            self.client.log_batch(run, [Metric(name, recipe[name], now, 0) for name in FOUND])
        self.client.set_terminated(self.parent, RunStatus.to_string(RunStatus.FINISHED))


def track_search(out: Path, about: Mapping[str, Any], tracking_uri: str | None) -> TrackedSearch:
    """The run of a search: the one that was begun in its folder, or a new one.

    Parameters
    ----------
    about : mapping
        From `tune.about_search`.
    """
    experiment = begin(out, tracking_uri)
    client = MlflowClient()
    begun = "" if tracking_uri else os.environ.get("MLFLOW_RUN_ID", "")  # by `mlflow run`
    held = out / RUN_FILE
    if held.is_file():
        parent = json.loads(held.read_text())["run_id"]
        try:
            client.get_run(parent)
        except MlflowException:
            held.unlink()  # another server, or deleted there
        else:
            inside = client.search_runs([experiment], f"tags.`{PARENT}` = '{parent}'", max_results=50_000)
            client.update_run(parent, RunStatus.to_string(RunStatus.RUNNING))
            known = {int(run.data.tags[TRIAL]) for run in inside}
            return TrackedSearch(client, experiment, parent, known, begun)
    tags = {"kind": "search"} | ({PARENT: begun} if begun else {})
    run = client.create_run(experiment, tags=tags, run_name=out.resolve().name)
    for name, value in about.items():
        client.log_param(run.info.run_id, name, value if isinstance(value, str) else json.dumps(value))
    searched = dataset("record store, search", about["data_hash"], {"data_hash": about["data_hash"]})
    inputs = [DatasetInput(searched._to_mlflow_entity(), [InputTag(CONTEXT, "search")])]
    client.log_inputs(run.info.run_id, datasets=inputs)
    out.mkdir(parents=True, exist_ok=True)
    held.write_text(json.dumps({"run_id": run.info.run_id}) + "\n")
    return TrackedSearch(client, experiment, run.info.run_id, begun=begun)
