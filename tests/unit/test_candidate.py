"""A training run from frames to a sealed folder, and the model read back from it."""

import json
import os
import subprocess
import sys
import warnings
from dataclasses import replace

import jsonschema
import numpy as np
import pytest

from models.errors import ModelRefused
from models.facts.schemas import schema
from models.manifest import verify_manifest
from models.risk_model import load_model
from tests.simulated import Law, simulate
from training.evaluate import STATEMENT
from training.run import train
from training.settings import Settings

QUICK = Settings(refits=3, trials=2, max_rounds=40, draws=200)
STRONG = Law(need=1.8, base=-4.2)


@pytest.fixture(scope="module")
def frames():
    return simulate(1200, 24, seed=2, law=STRONG)


@pytest.fixture(scope="module")
def candidate(frames, tmp_path_factory):
    folder = tmp_path_factory.mktemp("train")
    return train(frames, QUICK, folder / "candidate", ledger=folder / "looks.jsonl")


@pytest.fixture(scope="module")
def rows(frames):
    return frames.matrix.tail(300)


def test_evidence_keeps_to_the_published_schema(candidate):
    written = json.loads((candidate.folder / "evidence.json").read_text())
    jsonschema.Draft202012Validator(schema("evidence")).validate(written)
    assert written == candidate.evidence.plain()


def test_the_schema_does_not_let_anything_pass(candidate):
    validator = jsonschema.Draft202012Validator(schema("evidence"))
    for break_it in (
        lambda evidence: evidence["headline"].pop("recall_at_capacity"),
        lambda evidence: evidence["first_lines"].remove(STATEMENT),
        lambda evidence: evidence["headline"]["recall_at_capacity"].update(low=None),
        lambda evidence: evidence.update(pupils=[1]),
    ):
        evidence = candidate.evidence.plain()
        break_it(evidence)
        assert not validator.is_valid(evidence)


def test_every_report_opens_with_what_it_is_of(candidate):
    lines = candidate.evidence["first_lines"]
    assert lines[0].startswith("MADE-UP DATA")
    assert lines[-1] == STATEMENT


def test_evidence_is_of_the_test_dates_and_the_model_of_all(candidate):
    split = candidate.evidence["split"]
    assert [str(day) for day in candidate.model.facts.trained_on] == split["eligible"]
    assert max(split["training"]) < min(split["test"])


def test_the_model_read_back_estimates_the_same(candidate, rows):
    model = load_model(candidate.folder)
    assert (model.estimate(rows) == candidate.model.estimate(rows)).all()
    assert (model.spread(rows) == candidate.model.spread(rows)).all()
    assert model.spread(rows).shape == (300, 3)
    assert model.facts == candidate.model.facts
    assert model.folder_hash


def test_columns_are_found_by_name_and_missing_ones_refused(candidate, rows):
    model = candidate.model
    assert (model.estimate(rows[rows.columns[::-1]]) == model.estimate(rows)).all()
    with pytest.raises(ModelRefused, match="lacks 1 of the model's 15 features: is_semh"):
        model.estimate(rows.drop(columns="is_semh"))
    with pytest.raises(ModelRefused, match="shape"):
        model.estimate(np.zeros((3, 2)))


def test_contributions_add_up_and_are_those_of_shap(candidate, rows):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # shap's own: its plots use what matplotlib is about to drop
        import shap

        by_shap = np.asarray(
            shap.TreeExplainer(candidate.model.booster).shap_values(candidate.model.values(rows))
        )

    model = candidate.model
    found = model.contributions(rows)
    log_odds = model.booster.predict(model.values(rows), raw_score=True)
    assert found.sum(axis=1) == pytest.approx(log_odds)
    assert found[:, :-1] == pytest.approx(by_shap.reshape(-1, *found[:, :-1].shape)[-1], abs=1e-6)
    families = model.by_family(found)
    assert list(families) == ["attendance", "context", "school", "sen", "suspensions"]
    assert families.sum(axis=1).to_numpy() + found[:, -1] == pytest.approx(log_odds)


def test_directions_hold(candidate, rows):
    model = candidate.model
    more = rows.assign(num_suspensions_190=rows["num_suspensions_190"] + 2)
    assert (model.estimate(more) >= model.estimate(rows) - 1e-12).all()


@pytest.mark.parametrize("name", ["model.txt", "model.json", "refits/001.txt", "evidence.json"])
def test_one_flipped_byte_refuses_to_load(candidate, name):
    path = candidate.folder / name
    whole = path.read_bytes()
    try:
        path.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
        with pytest.raises(ModelRefused, match=rf"{name} is not the file"):
            load_model(candidate.folder)
    finally:
        path.write_bytes(whole)


def test_a_file_gone_refuses_to_load_and_one_added_is_not_read(candidate):
    path = candidate.folder / "refits/001.txt"
    whole = path.read_bytes()
    try:
        path.rename(path.with_name("009.txt"))
        with pytest.raises(ModelRefused, match=r"001.txt is named .* and is not there"):
            load_model(candidate.folder)
        path.write_bytes(whole)
        assert len(load_model(candidate.folder).refits) == 3
    finally:
        path.with_name("009.txt").unlink()
        path.write_bytes(whole)
    assert set(verify_manifest(candidate.folder)) >= {
        "model.txt",
        "model.json",
        "evidence.json",
        "protocol.json",
    }


def test_a_folder_that_is_no_model_is_refused(tmp_path):
    with pytest.raises(ModelRefused, match="pathways train"):
        load_model(tmp_path)


def test_a_folder_in_the_way_is_refused(frames, candidate):
    with pytest.raises(ModelRefused, match="already there"):
        train(frames, QUICK, candidate.folder)


def test_no_pupil_stands_in_any_file(frames, candidate):
    known = {str(pupil) for pupil in frames.matrix["pupil"].unique()}
    for path in candidate.folder.rglob("*"):
        if path.is_file():
            words = set(path.read_text().replace(",", " ").replace('"', " ").replace("=", " ").split())
            assert not words & known, path.name


def test_looks_at_the_same_test_are_counted(frames, candidate, tmp_path):
    ledger = candidate.folder.parent / "looks.jsonl"
    assert candidate.evidence["protocol"]["looks"] == 1
    again = train(frames, replace(QUICK, seed=9), tmp_path / "again", ledger)
    assert again.evidence["protocol"]["looks"] == 2
    assert again.evidence["protocol"]["hash"] != candidate.evidence["protocol"]["hash"]
    other = train(frames, replace(QUICK, outcome="any_suspension"), tmp_path / "other", ledger)
    assert other.evidence["protocol"]["looks"] == 1


def test_rows_of_another_store_are_refused(frames, tmp_path):
    wrong = replace(frames, outcomes=frames.outcomes.drop(index=range(12000, 12005)))
    with pytest.raises(ModelRefused, match="have no row in the outcomes"):
        train(wrong, QUICK, tmp_path / "wrong")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("threads", ["1", "2"])
def test_the_same_records_give_the_same_model_text(candidate, tmp_path, threads):
    """Byte for byte, with one thread and with two."""
    script = (
        "import sys; from pathlib import Path; from tests.unit.test_candidate import QUICK, STRONG;"
        "from tests.simulated import simulate; from training.run import train;"
        "train(simulate(1200, 24, seed=2, law=STRONG), QUICK, Path(sys.argv[1]))"
    )
    subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "again")],
        check=True,
        env=os.environ | {"OMP_NUM_THREADS": threads, "OMP_WAIT_POLICY": "passive"},
    )
    for name in ("model.txt", "model.json", "refits/000.txt", "refits/002.txt"):
        assert (tmp_path / "again" / name).read_bytes() == (candidate.folder / name).read_bytes()
