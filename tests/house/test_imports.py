"""The import contracts of pyproject.toml: the four rooms, and the subjects of serving."""

import pytest
from importlinter.cli import lint_imports


def test_import_contracts_hold(capsys):
    if lint_imports(no_cache=True) != 0:
        pytest.fail(capsys.readouterr().out)
