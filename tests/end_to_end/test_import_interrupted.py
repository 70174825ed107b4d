"""An import that is killed late, when much is written, leaves a whole store or none; the next one works."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from features.records.importing import import_extract
from features.records.store import open_store
from tests.extracts import write_extract

TOP = Path(__file__).parents[2]
STAGES = {
    "before the rest of the store is written": ("store_files", "StoreFiles.write"),
    "before identities are kept": ("importing", "keep_identities"),
    "before the store is put in its place": ("importing", "_put_in_place"),
}
CHILD = """
import importlib, sys, time
from pathlib import Path
from features.records.importing import import_extract

room, name = sys.argv[1:3]
owner = importlib.import_module(f"features.records.{room}")
*outer, name = name.split(".")
for part in outer:
    owner = getattr(owner, part)

def stop_here(*arguments):
    print("there", flush=True)
    time.sleep(600)

setattr(owner, name, stop_here)
folder = Path(sys.argv[3])
import_extract(folder / "extract", folder / "store", folder / "identities")
"""


def stopped_at(stage: str, folder: Path, number: signal.Signals) -> subprocess.CompletedProcess:
    """An import in a process of its own that is sent a signal when it comes to a stage."""
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, *STAGES[stage], str(folder)],
        cwd=TOP, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as child:  # fmt: skip
        assert child.stdout.readline() == "there\n"
        child.send_signal(number)
        out, err = child.communicate()
    return subprocess.CompletedProcess(child.args, child.returncode, out, err)


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"extract"}


def test_asked_to_stop_it_leaves_nothing(tmp_path):
    write_extract(tmp_path / "extract")
    done = stopped_at("before identities are kept", tmp_path, signal.SIGTERM)
    assert done.returncode != 0
    assert "KeyboardInterrupt" in done.stderr
    assert left(tmp_path) == set()


@pytest.mark.parametrize(
    "stage", ["before the rest of the store is written", "before the store is put in its place"]
)
def test_killed_it_leaves_no_store_and_the_next_run_sweeps_and_works(stage, tmp_path):
    write_extract(tmp_path / "extract")
    done = stopped_at(stage, tmp_path, signal.SIGKILL)
    assert done.returncode == -signal.SIGKILL
    seen = left(tmp_path)
    assert "store" not in seen
    locks = {".store.lock", ".identities.lock"}  # of a process that is gone: they hold nothing
    assert all(name == "identities" or ".unfinished-" in name for name in seen - locks)
    key = tmp_path / "identities" / "key"
    before = key.read_bytes() if key.exists() else None
    import_extract(tmp_path / "extract", tmp_path / "store", tmp_path / "identities")
    assert left(tmp_path) == {"store", "identities"}
    assert open_store(tmp_path / "store").data_hash
    assert before in (None, key.read_bytes())
