"""The notebooks: each opens with a question and its cost, runs from the top, and leaves a page to read.

The authority that they share is watched too: the whole of `pathways monitor`, from a store to a page.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import jupytext
import pytest

from models.facts.schemas import schema
from tests.house.test_words import BANNED

TOP = Path(__file__).parents[2]
NOTEBOOKS = sorted((TOP / "notebooks").glob("[0-9]_*.py"))
pytestmark = [pytest.mark.promise, pytest.mark.xdist_group("notebooks")]  # their authority is made once


@pytest.fixture(scope="module")
def rendered(tmp_path_factory) -> Path:
    """Every notebook's page, on one made-up authority that they share."""
    folder = tmp_path_factory.mktemp("notebooks")
    surroundings = os.environ | {"PATHWAYS_NOTEBOOKS": str(folder / "work"), "PYTHONPATH": str(TOP)}
    found = subprocess.run(
        [sys.executable, "-m", "notebooks", str(folder / "html")],
        cwd=TOP,
        env=surroundings,
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stderr[-3000:]
    return folder / "html"


def test_there_are_six() -> None:
    assert len(NOTEBOOKS) == 6


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_each_opens_with_a_question_and_its_cost(path: Path) -> None:
    first = jupytext.read(path).cells[0]
    assert first.cell_type == "markdown"
    title, *rest = [line for line in first.source.splitlines() if line]
    assert re.fullmatch(r"# .+\?", title)
    assert rest[0].startswith("**MADE-UP DATA.")
    assert rest[1].startswith("*Cost: ")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_notebook_says_what_this_project_never_says(path: Path) -> None:
    assert not BANNED.findall(path.read_text())


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_each_runs_from_the_top_and_can_be_read(path: Path, rendered: Path) -> None:
    page = (rendered / f"{path.stem}.html").read_text()
    words = re.sub(r"<style.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)
    assert "MADE-UP DATA" in words
    assert "Traceback" not in words
    assert "Warning" not in words
    assert "<table" in page


def test_the_authority_they_share_is_watched_without_an_alarm_in_the_summer(rendered: Path) -> None:
    work, out = rendered.parent / "work", rendered.parent / "watched" / "out"
    watched = [
        sys.executable,
        "-m",
        "pathways",
        "monitor",
        str(work / "store"),
        "--model",
        str(work / "model"),
    ]
    found = subprocess.run(
        [*watched, "--out", str(out), "--as-of", "2025-08-20"],
        cwd=TOP,
        env=os.environ | {"PYTHONPATH": str(TOP)},
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stderr[-3000:]
    facts = json.loads((out / "monitor.json").read_text())
    jsonschema.validate(facts, schema("monitor"))
    assert facts["alarms"] == []
    assert {row["status"] for row in facts["coding"]} == {"within", "cannot_tell"}
    assert facts["performance"]["dates"] == []
    assert "Nothing is outside its limits." in (out / "monitor.html").read_text()
    assert (out.parent / "mlflow.db").exists()
