"""What each room may import of other people's: the service needs nothing that trains, and training nothing that serves."""

import re
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest

from serving.terminal import PROJECT, extra_with
from tests.house.test_rooms import ROOMS, TOP, collect, files, imports, place

PROJECT_FILE = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# Pages and commands that both kinds of machine use; they import a subject of the service where it is asked for.
EXTRAS = {"features": {"spark"}, "models": set(), "training": {"train"}, "serving": {"serve"}}
BROUGHT = {"starlette": "fastapi", "anyio": "fastapi", "pydantic_core": "pydantic", "markupsafe": "jinja2"}


def named(requirements: list[str]) -> set[str]:
    return {re.split(r"[^\w.-]", each)[0].lower() for each in requirements}


def allowed(room: str) -> set[str]:
    extras = PROJECT_FILE["optional-dependencies"]
    return named(PROJECT_FILE["dependencies"]).union(*(named(extras[each]) for each in EXTRAS[room]))


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_is_installed_with_it(room):
    distributions = packages_distributions()
    offenders = []
    for path in files(room):
        for line, name in imports(path):
            top = name.split(".")[0]
            if top in (*ROOMS, "pathways", "__future__") or top in sys.stdlib_module_names:
                continue
            brought = BROUGHT.get(top)
            names = (
                {brought}
                if brought
                else {each.lower().replace("_", "-") for each in distributions.get(top, [top])}
            )
            if not names & allowed(room):
                offenders.append(f"{place(path, line)} imports {top}, which is not installed with {room}")
    collect(offenders)


@pytest.mark.parametrize(
    ("module", "extra"),
    [
        ("mlflow", "train"),
        ("mlflow.data", "train"),
        ("sklearn", "train"),
        ("prometheus_client", "serve"),
        ("bentoml", "serve"),
        ("psycopg", "postgres"),
        ("pandas", ""),
        ("nothing_of_ours", ""),
    ],
)
def test_a_missing_module_is_told_by_the_extra_that_brings_it(module, extra):
    assert extra_with(module) == extra


def test_the_project_is_called_as_it_is_installed():
    assert PROJECT_FILE["name"] == PROJECT
