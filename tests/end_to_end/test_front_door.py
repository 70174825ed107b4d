"""How a command ends: Ctrl-C, what was typed wrong, and what nobody foresaw."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pathways.commands import main

TOP = Path(__file__).parents[2]
CHILD = """
import signal, time
from pathways import commands
signal.signal(signal.SIGINT, signal.default_int_handler)  # a test runner in the background has it ignored

@commands.app.command("wait")
def wait() -> None:
    print("there", flush=True)
    time.sleep(600)

@commands.app.command("fail")
def fail() -> None:
    raise ValueError("A123456789012")

commands.main()
"""


def test_ctrl_c_ends_with_130_and_says_so():
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, "wait"], cwd=TOP, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:  # fmt: skip
        assert child.stdout.readline() == "there\n"
        child.send_signal(signal.SIGINT)
        _, told = child.communicate(timeout=240)
    assert child.returncode == 130
    assert told.strip() == "Stopped. Nothing half-written is left."


def test_a_mistake_of_ours_is_told_without_the_errors_own_words():
    done = subprocess.run([sys.executable, "-c", CHILD, "fail"], cwd=TOP, capture_output=True, text=True)
    assert done.returncode == 70
    assert "ValueError in <string>, line" in done.stderr
    assert "A123456789012" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (("train", "s", "--out", "m", "--trials", "six"), ("'--trials'", "integer", "pathways train --help")),
        (("train", "s", "--out", "m", "--trial", "3"), ("--trial", "--trials", "pathways train --help")),
        (("train", "s", "--out", "m", "--truth", "t"), ("--identities", "pathways train --help")),
        (("train", "--out", "m"), ("'store'", "pathways train --help")),
        (("features", "s", "m", "--as-of", "19/07/2024"), ("'--as-of'", "%Y-%m-%d", "pathways features --help")),
        (("users", "add", "A"), ("--role", "pathways users add --help")),
        (("nope",), ("'nope'", "pathways --help")),
    ],
)  # fmt: skip
def test_what_was_typed_wrong_is_named_with_where_to_look(
    typed: tuple[str, ...], told: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:  # fmt: skip
    monkeypatch.setattr(sys, "argv", ["pathways", *typed])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert [part for part in told if part not in said] == []
