"""The rules of the house that no import contract can say (test_imports.py checks those), and what is nowhere."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
ROOMS = ("features", "models", "training", "serving")
# track.py tells MLflow of a training run. What is told of other runs, and the
# registry, stand in rooms of their own beside track.py. Nothing else may import mlflow.
MLFLOW_ROOMS = {
    "training/track.py", "training/track_features.py", "training/track_tune.py", "training/track_audit.py",
    "training/track_monitor.py", "training/registry.py",
}  # fmt: skip
FORBIDDEN = {"pickle", "joblib", "cloudpickle", "dill", "shelve", "marshal"}


def files(*rooms: str) -> Iterator[Path]:
    for room in rooms:
        yield from sorted((TOP / room).rglob("*.py"))


def imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def place(path: Path, line: int) -> str:
    return f"{path.relative_to(TOP)}:{line}"


def collect(offenders: list[str]) -> None:
    if offenders:
        pytest.fail("\n".join(offenders))


def test_few_files_import_mlflow():
    collect([
        f"{place(path, line)} imports {name}"
        for path in files(*ROOMS, "pathways")
        for line, name in imports(path)
        if name.split(".")[0] == "mlflow" and str(path.relative_to(TOP)) not in MLFLOW_ROOMS
    ])  # fmt: skip


def test_nothing_is_pickled():
    collect([
        f"{place(path, line)} imports {name}"
        for path in files(*ROOMS, "tests", "bench", "pathways")
        for line, name in imports(path)
        if name.split(".")[0] in FORBIDDEN
    ])  # fmt: skip


def test_audit_attributes_are_read_by_one_path():
    """Ethnicity, sex and FSM reach only the audit and the comparators."""
    collect([
        f"{place(path, line)} imports {name}"
        for path in files(*ROOMS)
        for line, name in imports(path)
        if name.startswith("features.groups")
        and not str(path.relative_to(TOP)).startswith(("training/audit", "training/comparators"))
    ])  # fmt: skip


def test_nothing_in_features_imports_the_made_up_authority():
    collect([
        f"{place(path, line)} imports {name}"
        for path in files("features")
        if "synthetic" not in path.parts
        for line, name in imports(path)
        if name.startswith("features.synthetic")
    ])  # fmt: skip


def test_only_one_file_compares_with_an_as_of_date():
    """`as_of.on`, and a row's `as_of`, is compared in features/as_of.py and nowhere else in features."""
    collect([
        f"{place(path, node.lineno)} compares a date with an as-of date"
        for path in files("features")
        if path.name != "as_of.py" and "synthetic" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Compare)
        for side in (node.left, *node.comparators)
        if isinstance(side, ast.Attribute) and side.attr in ("on", "as_of")
        and any(isinstance(op, (ast.Lt, ast.LtE, ast.Gt, ast.GtE)) for op in node.ops)
    ])  # fmt: skip


def test_no_room_for_odds_and_ends():
    collect([
        str(path.relative_to(TOP)) for path in files(*ROOMS) if path.stem in {"utils", "util", "helpers", "misc", "common"}
    ])  # fmt: skip


def test_a_bento_takes_files_from_their_one_place():
    """A name without a folder would match anywhere: in a demonstration's records too."""
    told = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["bentoml"]["build"]
    collect([f"{each} matches in any folder" for each in told["include"] if "/" not in each])


# Where something is renamed that is no result written whole: a store's folders made in a workspace that is locked.
MAY_RENAME = {
    "features/files.py", "features/records/identities.py", "features/records/importing.py", "features/synthetic/authority.py",
}  # fmt: skip


def test_a_file_is_written_whole_in_one_way():
    """`features.files` has the one sync, sweep and full disk; nobody renames a file into its place by hand."""
    collect([
        f"{place(path, node.lineno)} renames a file: use features.files"
        for path in files(*ROOMS)
        if str(path.relative_to(TOP)) not in MAY_RENAME
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and is_rename(node)
    ])  # fmt: skip


def is_rename(call: ast.Call) -> bool:
    """`path.rename(other)`, `path.replace(other)` and those of os: a text's `replace` takes two, a frame's `rename` names columns."""
    function = call.func
    assert isinstance(function, ast.Attribute)
    is_os = isinstance(function.value, ast.Name) and function.value.id == "os"
    if is_os:
        return function.attr in ("rename", "replace", "renames", "fsync")
    is_alone = len(call.args) == 1 and not call.keywords
    return (
        function.attr == "replace"
        and is_alone
        or (function.attr == "rename" and is_alone and not is_name(call.args[0]))
    )


def is_name(given: ast.expr) -> bool:
    """A column's new name or names, as Ibis and pandas take them."""
    return isinstance(given, (ast.Dict, ast.Constant, ast.DictComp))
