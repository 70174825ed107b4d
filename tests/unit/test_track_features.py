"""What MLflow is told of a feature matrix: its hash, its dates and what is missing, and no row of it."""

import json
import warnings
from datetime import date

import pyarrow as pa
import pytest

from features.cohort import COLUMNS
from features.matrix import write_matrix
from models.manifest import sha256


@pytest.mark.filterwarnings("ignore")  # MLflow's own: other people's deprecations
def test_a_matrix_is_told_by_hash_with_what_is_missing(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mlflow

        from training.track_features import track_features

    pupils = [7700112233445566, 7700112233445567]
    kept = {name: pa.array(pupils if name == "pupil" else [None, None], pa.int64()) for name in COLUMNS}
    tables = [
        pa.table({**kept, "share_missed_20": pa.array(held, pa.float32()), "num_moves": pa.array([0, 0], pa.float32())})
        for held in ([0.1, None], [None, None])
    ]  # fmt: skip
    out = tmp_path / "matrix.parquet"
    write_matrix(out, iter(tables))
    days = [date(2024, 5, 24), date(2024, 7, 19)]
    run = mlflow.get_run(track_features("ab" * 32, days, out))
    assert run.data.metrics == {
        "num_rows": 4, "num_features": 2, "missing.share_missed_20": 0.75, "missing.num_moves": 0,
    }  # fmt: skip
    held = {each.dataset.name: each.dataset for each in run.inputs.dataset_inputs}
    assert held["record store, features"].digest == ("ab" * 32)[:32]
    assert held["feature matrix"].digest == sha256(out)[:32]
    told = json.loads(held["feature matrix"].source)["tags"]
    assert told["as_of_dates"] == ["2024-05-24", "2024-07-19"]
    written = [path for path in tmp_path.rglob("*") if path.is_file() and path != out]
    assert [path for path in written if str(pupils[0]).encode() in path.read_bytes()] == []
