"""MLproject's entry points call commands that are there, with options that they have."""

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from pathways.commands import app

TOP = Path(__file__).parents[2]
PROJECT = yaml.safe_load((TOP / "MLproject").read_text())
COMMANDS: dict[str, Any] = get_command(app).commands  # type: ignore[attr-defined]
ENTRY_POINTS = ("main", "features", "train", "tune", "audit", "monitor")


def calls(entry: str) -> list[tuple[str, str]]:
    """The commands of an entry point: name and the rest of the line."""
    lines = PROJECT["entry_points"][entry]["command"].split("&&")
    found = [re.fullmatch(r"python -m pathways (\S+) (.*)", line.strip()) for line in lines]
    return [(each[1], each[2]) for each in found if each]


def test_the_entry_points_are_those_of_the_design() -> None:
    assert tuple(PROJECT["entry_points"]) == ENTRY_POINTS
    assert [name for name, _ in calls("main")] == [
        "import",
        "train",
    ]  # training makes the features and audits


@pytest.mark.parametrize("entry", ENTRY_POINTS)
def test_every_parameter_is_typed_and_used(entry: str) -> None:
    parameters = PROJECT["entry_points"][entry]["parameters"]
    used = set(re.findall(r"{(\w+)}", PROJECT["entry_points"][entry]["command"]))
    assert used == set(parameters)
    assert {each["type"] for each in parameters.values()} <= {"path", "string", "float"}


@pytest.mark.parametrize("entry", ENTRY_POINTS)
def test_every_command_has_the_options_it_is_given(entry: str) -> None:
    for name, line in calls(entry):
        options = {option for each in COMMANDS[name].params for option in each.opts}
        assert set(re.findall(r"--[\w-]+", line)) <= options
        num_arguments = len(re.sub(r"--[\w-]+ \S+", "", line).split())
        taken = [each for each in COMMANDS[name].params if each.param_type_name == "argument"]
        assert sum(each.required for each in taken) <= num_arguments <= len(taken)


def test_the_environment_is_another_once_the_lock_file_is() -> None:
    """MLflow takes up an environment of the same words, whatever uv.lock says by then."""
    now = hashlib.sha256((TOP / "uv.lock").read_bytes()).hexdigest()[:16]
    wanted = [f"-e .[train]  # uv.lock {now}"]
    held = yaml.safe_load((TOP / "python_env.yaml").read_text())["dependencies"]
    assert held == wanted, f"uv.lock has changed: in python_env.yaml, write {wanted[0]!r}"


@pytest.mark.parametrize("entry", ENTRY_POINTS)
def test_what_is_made_goes_where_git_does_not_look(entry: str) -> None:
    out = PROJECT["entry_points"][entry]["parameters"]["out"]["default"]
    assert out.split("/")[0] == "result"
    assert "/result/" in (TOP / ".gitignore").read_text().splitlines()
