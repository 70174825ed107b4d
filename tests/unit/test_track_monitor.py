"""What MLflow is told of a look at a model in use: figures of the whole authority, and of no group or school."""

import re
import warnings

import pytest

from models.facts.monitor import Monitor
from tests.watched import closed, facts


@pytest.mark.filterwarnings("ignore")  # MLflow's own: other people's deprecations
def test_a_look_is_logged_without_groups_or_schools(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mlflow

        from training.track_monitor import track_monitor

    found = facts(performance=closed())
    run_id = track_monitor(Monitor.checked(found), tmp_path / "out")
    run = mlflow.get_run(run_id)
    metrics = run.data.metrics
    assert metrics["alarms"] == len(found["alarms"])
    assert metrics["distance.share_missed_20"] == 0.12
    assert metrics["not_assessed.registers_stopped"] == 0.12
    assert metrics["closed.recall"] == pytest.approx(0.1)
    assert run.data.tags["as_of"] == "2025-07-18"
    [held] = run.inputs.dataset_inputs
    assert held.dataset.digest == found["data_hash"][:32]
    told = run.data.tags["mlflow.note.content"]
    whole = [
        each["sentence"]
        for each in found["alarms"]
        if not re.search(r"(?i)\(1\d{5}\)|free school", each["sentence"])
    ]
    assert len(whole) > 4
    assert [sentence for sentence in whole if sentence not in told] == []
    assert f"{len(found['alarms']) - len(whole)} more about single schools or groups" in told
    assert "100001" not in told and "Ash School" not in told
    assert "free school" not in told
    assert not [name for name in metrics if "fsm" in name or "100001" in name]
    assert (tmp_path / "mlflow.db").exists()
