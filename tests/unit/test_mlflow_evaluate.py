"""The logged model under MLflow's own evaluation, elsewhere, and with values missing, as a data scientist types it."""

import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from tests.simulated import simulate
from tests.unit.test_candidate import QUICK, STRONG
from training.run import train

pytestmark = pytest.mark.filterwarnings("ignore")  # MLflow's own: other people's deprecations


@pytest.fixture(scope="module")
def logged(tmp_path_factory):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mlflow

        from training.track import track

    folder = tmp_path_factory.mktemp("mlflow")
    frames = simulate(1200, 24, seed=2, law=STRONG)
    candidate = train(frames, QUICK, folder / "candidate")
    run_id = track(candidate, pages={"evidence.html": "<p>Evidence</p>"})
    rows = frames.matrix.merge(
        frames.outcomes[["pupil", "as_of", "serious_exclusion"]], on=["pupil", "as_of"]
    )
    rows = rows[rows["serious_exclusion"].notna()].tail(1200)
    data = rows[list(frames.feature_names)].astype(float).assign(y=rows["serious_exclusion"].astype(int))
    return mlflow, run_id, candidate, data


def test_mlflow_evaluates_it_as_a_regressor(logged):
    mlflow, run_id, candidate, data = logged
    found = mlflow.models.evaluate(f"runs:/{run_id}/model", data, targets="y", model_type="regressor", evaluator_config={"log_model_explainability": False})  # fmt: skip
    estimate = candidate.model.estimate(data.drop(columns="y"))
    assert found.metrics["mean_squared_error"] == pytest.approx(((estimate - data["y"]) ** 2).mean())


def test_mlflow_evaluates_it_as_a_classifier_with_a_cut(logged):
    mlflow, run_id, candidate, data = logged
    estimate = candidate.model.estimate(data.drop(columns="y"))
    cut = float(np.quantile(estimate, 0.9))
    found = mlflow.models.evaluate(f"runs:/{run_id}/model", data, targets="y", model_type="classifier", model_config={"cut": cut}, evaluator_config={"log_model_explainability": False})  # fmt: skip
    assert found.metrics["recall_score"] == pytest.approx(
        ((estimate >= cut) & (data["y"] == 1)).sum() / data["y"].sum()
    )


def test_every_column_is_required_and_any_value_may_be_missing(logged):
    mlflow, run_id, candidate, data = logged
    loaded = mlflow.pyfunc.load_model(f"runs:/{run_id}/model")
    assert all(column.required for column in loaded.metadata.signature.inputs)
    empty = data.drop(columns="y").assign(share_missed_20=np.nan)
    estimate = loaded.predict(empty)
    assert estimate.shape == (len(empty),)
    assert np.isfinite(estimate).all()
    with pytest.raises(mlflow.exceptions.MlflowException, match="share_missed_20"):
        loaded.predict(empty.drop(columns="share_missed_20"))


def test_it_is_described_and_keeps_pages_and_plots(logged):
    mlflow, run_id, candidate, _ = logged
    client = mlflow.MlflowClient()
    assert "never decides" in client.get_registered_model("inclusive-pathways").description
    kept = {each.path for part in ("plots", "pages") for each in client.list_artifacts(run_id, part)}
    assert {
        "plots/learning_curve.png",
        "pages/evidence.html",
    } <= kept
    assert len(candidate.evidence["recipe"]["learning_curve"]) >= candidate.evidence["recipe"]["rounds"]


def test_what_it_requires_is_on_a_package_index_and_its_code_travels_with_it(logged, tmp_path):
    """Another process, in another folder, without this project on its path."""
    mlflow, run_id, _, data = logged
    model = Path(mlflow.artifacts.download_artifacts(f"runs:/{run_id}/model", dst_path=str(tmp_path)))
    required = (model / "requirements.txt").read_text()
    assert "inclusive-pathways" not in required
    assert {"lightgbm", "numpy", "pandas", "mlflow"} <= {line.split("==")[0] for line in required.split()}
    data.drop(columns="y").head(3).to_csv(tmp_path / "rows.csv", index=False)
    script = (
        "import sys; sys.path = [p for p in sys.path if p and 'w-' not in p.split('/')[-1]]\n"
        "import mlflow, pandas as pd\n"
        f"m = mlflow.pyfunc.load_model({str(model)!r})\n"
        "import models; assert models.__path__[0].startswith(" + repr(str(model)) + "), models.__path__\n"
        "print(m.predict(pd.read_csv('rows.csv')).shape)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, env={"PATH": "/usr/bin"}
    )
    assert run.stdout.strip() == "(3,)", run.stderr[-1500:]
