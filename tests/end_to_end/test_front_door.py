"""How a command ends: Ctrl-C, and what nobody foresaw."""

import signal
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).parents[2]
CHILD = """
import signal, time
import pathways
signal.signal(signal.SIGINT, signal.default_int_handler)  # a test runner in the background has it ignored

@pathways.app.command("wait")
def wait() -> None:
    print("there", flush=True)
    time.sleep(600)

@pathways.app.command("fail")
def fail() -> None:
    raise ValueError("A123456789012")

pathways.main()
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
