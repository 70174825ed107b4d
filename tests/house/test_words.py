"""Words that never stand in text about a pupil, a group or a result, and names that tell their type."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from features.matrix import FEATURES

TOP = Path(__file__).parents[2]
BANNED = re.compile(
    r"\b(accuracy|guilty|offender|high-risk child|because|caused|due to|would reduce|unbiased|compliant)\b",
    re.IGNORECASE,
)
SPEAKING = (
    "serving",
    "training/documents",
    "training/monitor",
    "training/evidence/support_exposure.py",
    "training/release/card.py",
    "training/compare",
    "training/audit/findings.py",
    "features/facts.py",
    "features/telling",
    "features/status.py",
    "features/dictionary.py",
)
YES_NO, COUNT, SHARE, DAYS = ("is_", "has_"), ("num_",), ("share_", "change_share_"), ("days_",)


def speaking_files() -> Iterator[Path]:
    for name in SPEAKING:
        path = TOP / name
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path] * path.exists()


def phrases(path: Path) -> Iterator[tuple[int, str]]:
    """String literals of a file that are not docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.FunctionDef, ast.ClassDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.lineno, node.value


def test_banned_words_are_in_no_phrase():
    found = [
        f"{path.relative_to(TOP)}:{line}: {match[0]}"
        for path in speaking_files()
        for line, text in phrases(path)
        if (match := BANNED.search(text))
    ]
    assert not found, "\n".join(found)


def test_banned_words_are_in_no_template():
    found = [
        f"{path.relative_to(TOP)}:{line}: {match[0]}"
        for path in sorted((TOP / "serving").rglob("*"))
        if path.suffix in {".html", ".j2", ".css", ".txt", ".md", ".typ"}
        for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (match := BANNED.search(text))
    ]
    assert not found, "\n".join(found)


def test_banned_words_are_in_no_feature():
    found = [
        f"{f.name}: {m[0]}" for f in FEATURES if (m := BANNED.search(f"{f.sentence} {f.empty} {f.unit}"))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("unit", "prefixes"),
    [("yes or no", YES_NO), ("share of possible sessions", (*SHARE, "school_")), ("school days", DAYS)],
)
def test_a_features_name_tells_its_type(unit, prefixes):
    wrong = [
        feature.name for feature in FEATURES if feature.unit == unit and not feature.name.startswith(prefixes)
    ]
    assert not wrong, "\n".join(wrong)


def test_features_have_names_of_their_own():
    names = [feature.name for feature in FEATURES]
    assert len(names) == len(set(names))


def test_no_feature_is_a_protected_attribute_or_its_proxy():
    words = ("ethnic", "sex", "gender", "fsm", "idaci", "religion", "language")
    found = [f.name for f in FEATURES if any(word in f.name.split("_") for word in words) or f.name == "urn"]
    assert not found
