"""README and docs say what the last demonstration measured, and it measured what is declared today."""

import json

import pytest

from docs.figures import MEASURED, PAGES, made_of, renewed


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_text_is_what_was_measured(page):
    assert page.read_text(encoding="utf-8") == renewed(page)


def test_the_figures_are_of_what_is_declared_today():
    """Features or the default recipe changed since: make demo, then make figures."""
    assert json.loads(MEASURED.read_text(encoding="utf-8"))["made_of"] == made_of()
