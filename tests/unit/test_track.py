"""What MLflow is told of a run, and what it never is."""

import sqlite3
import warnings
from pathlib import Path

import pytest

from tests.simulated import simulate
from tests.unit.test_candidate import QUICK, STRONG
from training.run import train


@pytest.mark.filterwarnings("ignore")  # MLflow's own: other people's deprecations
def test_a_run_is_told_whole_and_holds_no_pupil(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mlflow

        from training.track import track

    frames = simulate(1200, 24, seed=2, law=STRONG)
    candidate = train(frames, QUICK, tmp_path / "candidate")
    run_id = track(candidate)
    run = mlflow.get_run(run_id)
    found = candidate.evidence["headline"]["recall_at_capacity"]["estimate"]
    assert run.data.metrics["headline.recall_at_capacity.estimate"] == pytest.approx(found)
    assert run.data.params["outcome"] == "serious_exclusion"
    assert run.data.tags["data_hash"] == candidate.evidence["data"]["data_hash"]
    model = mlflow.pyfunc.load_model(f"runs:/{run_id}/model")
    rows = frames.matrix.tail(50)
    assert model.predict(rows) == pytest.approx(candidate.model.estimate(rows))

    pupils = {str(pupil).encode() for pupil in frames.matrix["pupil"].unique()}
    written = [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix not in (".png", ".txt")]
    assert any(path.name == "mlflow.db" for path in written)
    assert not [path for path in written if any(pupil in path.read_bytes() for pupil in pupils)]
    assert not list(Path.cwd().glob("mlruns"))
    with sqlite3.connect(tmp_path / "mlflow.db") as database:
        assert database.execute("select count(*) from runs").fetchone() == (1,)
