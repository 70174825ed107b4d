"""What MLflow is told of an audit by itself: what may leave of it, and never a group's exact figures."""

import json
import re
import warnings

import pytest

from serving.audit_page import alike
from serving.audit_words import attribute
from serving.published_audit import published_audit
from tests.published import audit_of, candidate_with_audit
from training.audit.publish import publish

pytestmark = pytest.mark.filterwarnings("ignore")  # MLflow's own: other people's deprecations


@pytest.fixture(scope="module")
def facts(tmp_path_factory):
    return audit_of(candidate_with_audit(tmp_path_factory.mktemp("audit")), test_dates=["2024-05-24"])


@pytest.fixture(scope="module")
def told(facts, tmp_path_factory):
    """The run, and the folder of what MLflow holds of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mlflow

        from training.track_audit import track_audit
    folder = tmp_path_factory.mktemp("told")
    run_id = track_audit(facts, folder / "out", {"audit_published.html": published_audit(publish(facts))})
    return mlflow.get_run(run_id), folder


def test_findings_groups_and_everyones_rates_are_metrics(facts, told):
    metrics = told[0].data.metrics
    still_open = [each["severity"] for each in facts["findings"] if each["state"] == "open"]
    assert {name: metrics[f"audit.{name}"] for name in ("blocks", "matters", "noted")} == {
        name: still_open.count(name) for name in ("blocks", "matters", "noted")
    }
    assert metrics["audit.findings"] == len(facts["findings"])
    estimated = [row for row in facts["groups"] if row["metrics"]["recall"]["status"] == "estimated"]
    assert 0 < metrics["audit.groups_told"] == len(estimated) < metrics["audit.groups"]
    for part in ("estimate", "low", "high"):
        found = facts["overall"]["metrics"]["recall"][part]
        assert metrics[f"audit.everyone.recall.{part}"] == pytest.approx(found)


def test_whose_audit_it_is_is_told_by_hash(facts, told):
    run = told[0]
    assert run.data.tags["kind"] == "audit"
    assert run.data.tags["model_hash"] == facts["model"]["folder_hash"]
    [held] = run.inputs.dataset_inputs
    assert held.dataset.digest == facts["data_hash"][:32]
    assert json.loads(held.dataset.source)["tags"]["num_rows"] == facts["data"]["num_rows"]


def test_the_page_and_the_json_are_those_that_may_leave(facts, told):
    artifacts = {path.name: path for path in told[1].rglob("artifacts/*") if path.is_file()}
    assert set(artifacts) == {"audit_published.json", "audit_published.html"}
    assert json.loads(artifacts["audit_published.json"].read_text()) == publish(facts)
    page = artifacts["audit_published.html"].read_text()
    small = {row["events"] for row in facts["groups"] if 0 < row["events"] < 10}
    assert small  # else nothing is held back, and nothing tested
    cells = {int(cell.replace(",", "")) for cell in re.findall(r"<td>([\d,]+)</td>", page)}
    assert not [cell for cell in cells if cell % 5]
    assert "too few to show" in page
    assert not [each["sentence"] for each in facts["findings"] if each["sentence"] in page]


def test_the_page_that_may_leave_has_every_group_and_every_finding_that_does(facts, told):
    published = publish(facts)
    page = published_audit(published)
    assert published["is_made_up"] and "MADE-UP DATA" in page
    assert [row["label"] for row in published["groups"] if f">{row['label']}</th>" not in page] == []
    found = page.split('id="findings"')[1].split("</section>")[0]
    rows = re.findall(r'<th scope="row">(\d+)</th>', found)
    assert rows == [f"{number}" for number in range(1, len(alike(published["findings"])) + 1)] != []
    labels = {(row["attribute"], row["group"]): row["label"] for row in published["groups"]}
    for each in published["findings"]:
        assert labels.get((each["attribute"], each["group"]), attribute(each["attribute"])) in found
    assert published["cannot_see"] in page
    assert published["disclosure"] in page
    assert "http" not in page.replace("http://www.w3.org", "")
