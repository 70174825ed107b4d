"""Of two runs that would write one place the second is refused, and a killed one stands in nobody's way."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from features.errors import Busy, NoRoom
from features.files import put_plainly
from features.records import disk
from features.records.disk import alone, emptied, use, workspace
from features.records.importing import check_extract, import_extract
from tests.extracts import write_extract

TOP = Path(__file__).parents[2]
CHILD = """
import sys, time
from pathlib import Path
from features.records.disk import alone

with alone(Path(sys.argv[1])):
    print("there", flush=True)
    time.sleep(600)
"""
USER = CHILD.replace("import alone", "import use").replace(
    "with alone(Path(sys.argv[1])):", "if use(Path(sys.argv[1])):"
)
COMMANDS = {
    "run": ["run", "extract", "--out", "out"],
    "train": ["train", "store", "--out", "out"],
    "list": ["list", "store", "--model", "model", "--out", "out"],
    "demo": ["demo", "out"],
    "synth": ["synth", "out"],
    "audit": ["audit", "model", "store", "--out", "out"],
    "monitor": ["monitor", "store", "--model", "model", "--out", "out"],
    "documents": ["documents", "model", "--out", "out"],
    "compare": ["compare", "a", "b", "--out", "out"],
    "evidence_export": ["evidence", "export", "model", "out"],
    "evidence_pool": ["evidence", "pool", "a", "b", "--out", "out"],
    "features": ["features", "store", "out", "--as-of", "2025-07-18"],
}


def holder(place: Path, does: str = CHILD) -> subprocess.Popen:
    """A process of its own that is alone at a place, or as `USER` answers from it."""
    child = subprocess.Popen(
        [sys.executable, "-c", does, str(place)], cwd=TOP, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout.readline() == "there\n"
    return child


def ended(child: subprocess.Popen, number: signal.Signals) -> None:
    child.send_signal(number)
    child.communicate()


def test_the_second_is_refused_and_told_which_process_is_there(tmp_path):
    child = holder(tmp_path / "out")
    try:
        with pytest.raises(Busy, match=rf"process {child.pid}\) is writing .*out"), alone(tmp_path / "out"):
            pass
        with alone(tmp_path / "other"):
            pass
    finally:
        ended(child, signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_one_that_ended_stands_in_nobodys_way(number, tmp_path):
    ended(holder(tmp_path / "out"), number)
    with alone(tmp_path / "out"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_what_a_service_answers_from_is_not_emptied_under_it(tmp_path):
    emptied(tmp_path, ".mark")
    for name in ("extract", "service"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "held").write_text("held")
    one, other = (holder(tmp_path / "service", USER) for _ in range(2))  # many may answer from one folder
    try:
        for child in (one, other):
            with pytest.raises(Busy, match="service answers from .*service.*Stop it"):
                emptied(tmp_path, ".mark")
            assert (tmp_path / "extract" / "held").exists() and (tmp_path / "service" / "held").exists()
            ended(child, signal.SIGKILL)
    finally:
        one.kill()
        other.kill()
    emptied(tmp_path, ".mark")
    assert [path.name for path in tmp_path.iterdir()] == [".mark"]


def test_nobody_begins_to_answer_from_what_is_being_emptied(tmp_path, monkeypatch):
    from features.records import disk

    emptied(tmp_path, ".mark")
    home = tmp_path / "service"
    home.mkdir()
    os.close(use(home))
    seen = []

    def removed(path):
        with pytest.raises(Busy, match="being emptied"):
            use(path)
        seen.append(path)

    monkeypatch.setattr(disk.shutil, "rmtree", removed)
    emptied(tmp_path, ".mark")
    assert seen == [home]


def test_a_lock_that_was_taken_away_meanwhile_is_no_lock(tmp_path, monkeypatch):
    from features.records import disk

    path, lock, seen = tmp_path / ".out.lock", disk._lock, []

    def late(place):
        handle = lock(place)
        if not seen:  # whoever was there before ends between our opening the file and holding it
            path.unlink()
        seen.append(handle)
        return handle

    monkeypatch.setattr(disk, "_lock", late)
    with alone(tmp_path / "out"):
        assert path.exists()
        assert len(seen) == 2


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_that_writes_a_folder_is_alone_at_it(name, tmp_path, monkeypatch, capsys):
    from pathways.commands import app

    monkeypatch.chdir(tmp_path)
    child = holder(tmp_path / "out")
    try:
        with pytest.raises(Busy, match="is writing out"):
            app(COMMANDS[name], standalone_mode=False)
    finally:
        ended(child, signal.SIGKILL)
    assert {path.name for path in tmp_path.iterdir()} == {".out.lock"}


def test_one_key_is_made_by_one_import_alone(tmp_path):
    write_extract(tmp_path / "extract")
    child = holder(tmp_path / "identities")
    try:
        with pytest.raises(Busy, match="is writing .*identities"):
            import_extract(tmp_path / "extract", tmp_path / "store", tmp_path / "identities")
    finally:
        ended(child, signal.SIGKILL)
    import_extract(tmp_path / "extract", tmp_path / "store", tmp_path / "identities")
    assert {path.name for path in tmp_path.iterdir()} == {"extract", "store", "identities"}


def test_pages_of_a_check_come_whole_or_not_at_all(tmp_path, monkeypatch):
    write_extract(tmp_path / "extract")

    def fail(*arguments, **options):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("features.records.school_pages._pages", fail)
    with pytest.raises(NoRoom):
        check_extract(tmp_path / "extract", pages=tmp_path / "pages")
    assert {path.name for path in tmp_path.iterdir()} == {"extract"}


def test_a_full_disk_is_plain_where_a_library_says_it_in_its_own_way(tmp_path):
    with pytest.raises(NoRoom, match="is full"), put_plainly(tmp_path):
        try:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            raise RuntimeError("the library's own") from None
    with pytest.raises(ValueError, match="something else"), put_plainly(tmp_path):
        raise ValueError("something else")


@pytest.mark.parametrize("when", ["before it is opened", "before it is held"])
def test_a_folder_that_another_run_sweeps_before_it_is_held_is_made_again(tmp_path, monkeypatch, when):
    beside, swept = tmp_path / "store", []

    def once(whole):
        def then(*given):
            if not swept:
                swept.append(True)
                disk._sweep(beside)
            return whole(*given)

        return then

    if when == "before it is opened":
        monkeypatch.setattr(disk, "_lock", once(disk._lock))
    else:
        monkeypatch.setattr(disk.fcntl, "flock", once(disk.fcntl.flock))
    with workspace(beside) as folder:
        assert swept and (folder / "lock").exists()
        disk._sweep(beside)
        assert folder.exists()
    assert not list(tmp_path.iterdir())
