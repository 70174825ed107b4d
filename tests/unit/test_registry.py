"""MLflow's registry in a database of one's own, where a version's number is a number and not a text."""

import json
from datetime import date
from pathlib import Path

import mlflow
import pytest
from mlflow import MlflowClient

from models.standing import Event, Standing, enter, locked
from training.registry import CANDIDATE, MODEL, MODEL_HASH, follow

pytestmark = pytest.mark.filterwarnings("ignore")  # MLflow's own: other people's deprecations
ON = date(2026, 9, 1)
HASH = "h"


@pytest.fixture(scope="module")
def database(tmp_path_factory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('mlflow') / 'mlflow.db'}"


@pytest.fixture
def uri(database: str, tmp_path: Path) -> str:
    mlflow.set_tracking_uri(database)
    client = MlflowClient()
    if client.search_registered_models(filter_string=f"name = '{MODEL}'"):
        client.delete_registered_model(MODEL)
    client.create_registered_model(MODEL)
    for candidate_hash in (HASH, HASH, "another"):
        client.create_model_version(MODEL, str(tmp_path), tags={MODEL_HASH: candidate_hash})
    return database


def standing_at(releases: Path, *states: str) -> None:
    folder = releases / "release-1"
    folder.mkdir(parents=True)
    facts = {
        "format": 1, "name": "release-1", "is_demonstration": True, "released_on": str(ON), "released_by": "Kay",
        "reviewed_by": "Grace", "trained_by": "ada", "candidate": "c", "data_hash": "", "candidate_hash": HASH,
    }  # fmt: skip
    (folder / "release.json").write_text(json.dumps(facts))
    standing = Standing()
    for state in states:
        with locked(releases):
            standing = enter(releases, standing, Event(ON, state, "Kay", f"Now {state}.", "release-1", "0"))


def aliases() -> dict[str, int]:
    return {
        alias: int(number) for alias, number in MlflowClient().get_registered_model(MODEL).aliases.items()
    }


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (("shadow",), {CANDIDATE: 1, "theirs": 2, "other": 3, "shadow": 2}),
        (("shadow", "live"), {CANDIDATE: 1, "theirs": 2, "other": 3, "live": 2}),
        (("shadow", "withdrawn"), {"other": 3}),
        (("shadow", "live", "withdrawn"), {"other": 3}),
    ],
)
def test_a_withdrawn_release_keeps_no_alias(tmp_path, uri, states, expected):
    client = MlflowClient()
    for alias, number in ((CANDIDATE, "1"), ("theirs", "2"), ("other", "3")):
        client.set_registered_model_alias(MODEL, alias, number)
    standing_at(tmp_path / "releases", *states)
    for _ in range(2):  # told twice is told once
        follow(tmp_path / "releases", uri)
        assert aliases() == expected
    tags = [client.get_model_version(MODEL, str(number)).tags for number in (1, 2, 3)]
    assert [each.get("state") for each in tags] == [states[-1], states[-1], None]
    assert [each.get("withdrawn") for each in tags[:2]] == (
        ["Now withdrawn."] * 2 if states[-1] == "withdrawn" else [None, None]
    )


def test_a_server_that_was_never_told_of_a_model(uri, tmp_path):
    MlflowClient().delete_registered_model(MODEL)
    standing_at(tmp_path / "releases", "shadow", "withdrawn")
    said = follow(tmp_path / "releases", uri)
    assert "It has no version of release-1" in said
