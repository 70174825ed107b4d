"""Every kind of refusal has an exit code of its own, and the README says which."""

import ast
import re
from collections import defaultdict
from pathlib import Path

TOP = Path(__file__).parents[2]
ROOMS = ("features", "models", "training", "serving")
UNNAMED = 1  # the kinds that others are of


def exit_codes() -> dict[int, list[str]]:
    found = defaultdict(list)
    for path in (path for room in ROOMS for path in sorted((TOP / room).rglob("*.py"))):
        for kind in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for line in kind.body if isinstance(kind, ast.ClassDef) else ():
                if isinstance(line, ast.Assign) and getattr(line.targets[0], "id", "") == "exit_code":
                    found[line.value.value].append(f"{path.relative_to(TOP)}: {kind.name}")
    return dict(found)


def test_no_two_kinds_of_refusal_share_an_exit_code():
    assert [kinds for code, kinds in exit_codes().items() if code != UNNAMED and len(kinds) > 1] == []


def test_the_readme_names_every_exit_code():
    table = (TOP / "README.md").read_text(encoding="utf-8").split("| exit code |")[1].split("\n\n")[0]
    named = {int(code) for code in re.findall(r"^\| (\d+) \|", table, flags=re.MULTILINE)}
    assert sorted(set(exit_codes()) - {UNNAMED} - named) == []
