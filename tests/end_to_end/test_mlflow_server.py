"""A real MLflow server: a candidate is trained against it, released and withdrawn, and all of it read back over HTTP."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest

from models.manifest import FILE_NAME, sha256
from models.standing import Event, Standing, enter, locked
from tests.released import ON
from tests.running import STARTS_WITHIN_S
from tests.simulated import simulate
from tests.unit.test_candidate import STRONG
from training.candidate import Candidate
from training.run import train
from training.settings import Settings

SMALL = Settings(refits=2, trials=1, max_rounds=15, draws=100, folds=2, with_transport=False)
API = "/api/2.0/mlflow"
MODEL = "inclusive-pathways"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An MLflow server on a SQLite file, artifacts through the server; stopped by its own process id."""
    folder = tmp_path_factory.mktemp("server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
        "--backend-store-uri", f"sqlite:///{folder / 'mlflow.db'}", "--artifacts-destination", str(folder / "artifacts"),
    ]  # fmt: skip
    with (folder / "log").open("w") as log:
        env = os.environ | {
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"
        }  # else seven consumers of jobs start too
        process = subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=log, env=env, start_new_session=True
        )
    uri = f"http://127.0.0.1:{port}"
    try:
        wait_until_it_answers(process, uri, folder / "log")
        yield uri
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)


def wait_until_it_answers(process: subprocess.Popen[bytes], uri: str, log: Path) -> None:
    """Wait for the server; what it said where it does not come."""
    until = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"{uri}/health", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    pytest.fail(f"the server did not start:\n{log.read_text()[-2000:]}")


@pytest.fixture(scope="module")
def frames() -> Any:
    return simulate(500, 12, seed=2, law=STRONG)


@pytest.fixture(scope="module")
def candidate(frames: Any, server: str, tmp_path_factory: pytest.TempPathFactory) -> Candidate:
    """A very small candidate, told to the server."""
    made = train(frames, SMALL, tmp_path_factory.mktemp("train") / "candidate")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from training.track import track

        track(made, server)
    return made


def get(server: str, path: str, **params: str) -> Any:
    found = httpx.get(f"{server}{API}/{path}", params=params, timeout=STARTS_WITHIN_S)
    assert found.status_code == 200, found.text
    return found.json()


def run_of(server: str) -> Any:
    experiment = get(server, "experiments/get-by-name", experiment_name=MODEL)["experiment"]["experiment_id"]
    body = {"experiment_ids": [experiment]}
    return httpx.post(f"{server}{API}/runs/search", json=body, timeout=STARTS_WITHIN_S).json()["runs"][0]


def version(server: str, alias: str) -> Any:
    return get(server, "registered-models/alias", name=MODEL, alias=alias)["model_version"]


pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # MLflow's own: other people's deprecations
    pytest.mark.xdist_group("mlflow server"),
]


def test_settings_figures_and_datasets_are_read_back(server: str, candidate: Candidate) -> None:
    run, evidence = run_of(server), candidate.evidence
    params = {each["key"]: each["value"] for each in run["data"]["params"]}
    metrics = {each["key"]: each["value"] for each in run["data"]["metrics"]}
    assert params["outcome"] == "serious_exclusion"
    assert params["dates_test"].split() == evidence["split"]["test"]
    found = evidence["headline"]["recall_at_capacity"]["estimate"]
    assert metrics["headline.recall_at_capacity.estimate"] == pytest.approx(found)
    inputs = run["inputs"]["dataset_inputs"]
    assert {each["tags"][0]["value"] for each in inputs} == {"training", "testing"}
    assert {each["dataset"]["digest"] for each in inputs} == {evidence["data"]["data_hash"][:32]}
    counts = [json.loads(each["dataset"]["source"])["tags"]["num_rows"] for each in inputs]
    assert sorted(counts) == sorted(evidence["data"][part]["num_rows"] for part in ("training", "test"))


def test_the_candidate_is_a_version_with_its_hashes(server: str, candidate: Candidate) -> None:
    tags = {each["key"]: each["value"] for each in version(server, "candidate")["tags"]}
    assert tags["model_hash"] == sha256(candidate.folder / FILE_NAME)
    assert tags["data_hash"] == candidate.evidence["data"]["data_hash"]
    assert tags["gate_passed"] == str(candidate.evidence["gate"]["passed"])
    assert tags["made_on"] == candidate.evidence["data"]["made_on"]


def test_mlflow_loads_it_and_gives_calibrated_estimates(
    server: str, candidate: Candidate, frames: Any, tmp_path: Path
) -> None:
    """By the library, and by `mlflow models predict` as a data scientist types it."""
    rows = frames.matrix.tail(40)[list(frames.feature_names)].reset_index(drop=True)
    expected = candidate.model.estimate(rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mlflow
    mlflow.set_tracking_uri(server)
    loaded = mlflow.pyfunc.load_model(f"models:/{MODEL}@candidate")
    assert loaded.predict(rows) == pytest.approx(expected)
    assert ((expected > 0) & (expected < 0.9)).all()
    assert expected.max() > 2 * expected.min()  # chances, not labels
    assert [column.name for column in loaded.metadata.signature.inputs] == list(frames.feature_names)
    example = pd.DataFrame(**loaded.input_example) if isinstance(loaded.input_example, dict) else loaded.input_example  # fmt: skip
    assert (example.fillna(0) == 0).all().all()  # nobody's rows
    rows.to_csv(tmp_path / "rows.csv", index=False)
    run = subprocess.run(
        [sys.executable, "-m", "mlflow", "models", "predict", "-m", f"models:/{MODEL}@candidate", "-i", "rows.csv",
         "-o", "estimates.json", "-t", "csv", "--env-manager", "local"],
        cwd=tmp_path, capture_output=True, text=True,
        env=os.environ | {"MLFLOW_TRACKING_URI": server, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]
    told = json.loads((tmp_path / "estimates.json").read_text())["predictions"]
    assert told == pytest.approx(list(expected))


def test_aliases_follow_the_standing_and_a_withdrawn_version_is_tagged(
    server: str, candidate: Candidate, tmp_path: Path
) -> None:
    from training.registry import follow

    number = version(server, "candidate")["version"]
    folder = tmp_path / "release-1"
    folder.mkdir()
    facts = {
        "format": 1, "name": "release-1", "is_demonstration": True, "released_on": str(ON), "released_by": "Kay",
        "reviewed_by": "Grace", "trained_by": "ada", "candidate": "c", "data_hash": "",
        "candidate_hash": sha256(candidate.folder / FILE_NAME),
    }  # fmt: skip
    (folder / "release.json").write_text(json.dumps(facts))
    standing = Standing()
    for state, aliases in (
        ("shadow", {"candidate", "shadow"}),
        ("live", {"candidate", "live"}),
        ("withdrawn", set()),
    ):
        with locked(tmp_path):
            standing = enter(tmp_path, standing, Event(ON, state, "Kay", f"Now {state}.", "release-1", "0"))
        for _ in range(2):  # told twice is told once
            said = follow(tmp_path, server)
        held = get(server, "registered-models/get", name=MODEL)["registered_model"].get("aliases", [])
        assert {each["alias"] for each in held if each["version"] == number} == aliases
        tags = {each["key"]: each["value"] for each in get(server, "model-versions/get", name=MODEL, version=number)["model_version"]["tags"]}  # fmt: skip
        assert (tags["release"], tags["state"]) == ("release-1", state)
        assert tags.get("withdrawn") == ("Now withdrawn." if state == "withdrawn" else None)
    assert said == f"MLflow's registry {MODEL}: shadow is nothing, live is nothing."


def test_no_pupil_is_on_the_server(
    server: str, candidate: Candidate, frames: Any, tmp_path_factory: Any
) -> None:
    folder = next(tmp_path_factory.getbasetemp().glob("server*"))
    pupils = {str(pupil).encode() for pupil in frames.matrix["pupil"].unique()}
    written = [path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".png", ".txt")]
    assert any(path.name == "evidence.json" for path in written)
    assert [path.name for path in written if any(pupil in path.read_bytes() for pupil in pupils)] == []
