"""Every kind of refusal has an exit code of its own, and the page of exit codes says what each means."""

import pytest
from typer.main import get_command

from docs.generated import UNNAMED, ends, exit_codes
from pathways.commands import app
from serving.terminal import mistyped


def test_no_two_kinds_of_refusal_share_an_exit_code():
    assert [kinds for code, kinds in exit_codes().items() if code != UNNAMED and len(kinds) > 1] == []


def test_every_exit_code_is_said():
    rows = [row.strip("| ").split(" | ", 1) for row in "\n".join(ends()).splitlines()[2:] if row]
    assert all(len(row) == 2 and row[1].endswith(".") for row in rows)
    assert {int(code) for code, _ in rows} >= set(exit_codes()) - {UNNAMED}


@pytest.mark.parametrize("started", ["pathways", "python -m pathways", "/opt/a b/pathways"])
@pytest.mark.parametrize(
    ("typed", "names"),
    [
        (["import", "x"], "pathways import"),
        (["nonsense"], "pathways"),
        (["users", "add", "--x"], "pathways users add"),
    ],
)
def test_what_was_mistyped_is_told_with_the_command_however_it_was_started(started, typed, names):
    command = get_command(app)
    with pytest.raises(Exception) as refused:
        command.main(typed, prog_name=started, standalone_mode=False)
    said, look = mistyped(refused.value)
    assert said and look == f"What it takes: {names} --help"
