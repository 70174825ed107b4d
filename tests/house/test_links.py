"""A link between pages of the project leads to a file that is there."""

import re
from pathlib import Path

import pytest

from docs.generated import PAGES

TOP = Path(__file__).parents[2]
GENERATED = {(TOP / "docs" / "reference" / "generated" / f"{name}.md") for name in PAGES}
WRITTEN = [*TOP.glob("*.md"), *(path for path in (TOP / "docs").rglob("*.md") if path not in GENERATED)]


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(TOP)))
def test_links_lead_somewhere(page):
    targets = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    local = {(page.parent / each).resolve() for each in targets if ":" not in each}
    assert {path for path in local if not path.exists() and path not in GENERATED} == set()
