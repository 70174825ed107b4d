"""A file or folder is there whole or not at all: through a kill, a full disk, a closed folder; the same in every room."""

import os
import signal
import subprocess
import sys

import pytest

from features.errors import NoRoom
from features.files import all_or_none, whole_file, whole_folder, write_whole
from tests.full_disk import as_on_a_full_disk

KILLED = """
import os, signal, sys
from pathlib import Path
from features.files import whole_file, whole_folder
with {what}(Path(sys.argv[1]){more}) as part:
    (part / "a" if part.is_dir() else part).write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def killed(what: str, path, more: str = "") -> None:
    ended = subprocess.run([sys.executable, "-c", KILLED.format(what=what, more=more), str(path)], timeout=60)
    assert ended.returncode == -signal.SIGKILL


def test_a_file_takes_its_place_whole_with_its_permissions(tmp_path):
    (tmp_path / "new").mkdir()
    write_whole(tmp_path / "new" / "key", b"k" * 32, mode=0o600)
    write_whole(tmp_path / "new" / "text", "in words: é")
    assert (tmp_path / "new" / "key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "new" / "text").read_text(encoding="utf-8") == "in words: é"
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["key", "text"]


def test_a_file_is_on_disk_before_it_is_renamed_and_its_folder_after(tmp_path, monkeypatch):
    import features.files as room

    done, replace, sync = [], room.Path.replace, room.sync
    monkeypatch.setattr(room, "sync", lambda path: (done.append(path.is_dir()), sync(path)))
    monkeypatch.setattr(room.Path, "replace", lambda old, new: (done.append("renamed"), replace(old, new))[1])
    write_whole(tmp_path / "text", "a")
    assert done == [False, "renamed", True]


def test_what_ends_in_an_error_leaves_what_was_there(tmp_path):
    path = tmp_path / "text"
    path.write_text("before")
    with pytest.raises(ZeroDivisionError), whole_file(path) as part:
        part.write_text("half")
        1 / 0  # noqa: B018
    with pytest.raises(ZeroDivisionError), whole_folder(tmp_path / "folder") as part:
        (part / "a").write_text("half")
        1 / 0  # noqa: B018
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["text", "a [1] name*"])
def test_a_kill_leaves_what_was_there_and_the_next_write_sweeps(tmp_path, name):
    path = tmp_path / name
    path.write_text("before")
    killed("whole_file", path)
    assert path.read_text() == "before"
    assert len(list(tmp_path.iterdir())) == 2
    write_whole(path, "after")
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_text() == "after"


def test_a_kill_in_a_folder_leaves_the_folder_that_was_there(tmp_path):
    with whole_folder(tmp_path / "run") as part:
        (part / "a").write_text("before")
    killed("whole_folder", tmp_path / "run")
    assert (tmp_path / "run" / "a").read_text() == "before"
    assert len(list(tmp_path.iterdir())) == 2
    with pytest.raises(FileExistsError), whole_folder(tmp_path / "run"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_what_another_living_run_writes_is_not_swept(tmp_path):
    path = tmp_path / "text"
    with whole_file(path) as mine:
        write_whole(path, "the quicker one's")
        assert mine.exists()
        mine.write_text("mine")
    assert path.read_text() == "mine"


def test_a_folder_that_is_there_is_not_replaced_unasked(tmp_path):
    for path in (tmp_path / "run", tmp_path / "file"):
        (path / "a" if path.name == "run" else path).parent.mkdir(exist_ok=True)
        (path / "a" if path.name == "run" else path).write_text("before")
        with pytest.raises(FileExistsError), whole_folder(path):
            pass
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "run"]


def test_an_empty_folder_that_is_there_gives_way(tmp_path):
    (tmp_path / "run").mkdir()
    with whole_folder(tmp_path / "run", mode=0o700) as part:
        (part / "a").write_text("after")
    assert (tmp_path / "run" / "a").read_text() == "after"
    assert (tmp_path / "run").stat().st_mode & 0o777 == 0o700


def test_a_full_disk_is_said_in_words_and_leaves_what_was_there(tmp_path):
    path = tmp_path / "text"
    path.write_text("before")
    with as_on_a_full_disk(4_096):
        with pytest.raises(NoRoom, match="full. Nothing half-written is left"):
            write_whole(path, b"x" * 100_000)
        with pytest.raises(NoRoom), whole_folder(tmp_path / "run") as part:
            (part / "a").write_bytes(b"x" * 100_000)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_closed_folder_is_said_in_words(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(NoRoom, match="may not be written to"):
        write_whole(tmp_path / "text", "a")


def test_results_that_belong_together_are_all_there_or_none(tmp_path):
    """A model whose page found no room would be a candidate that nobody can read about."""
    model, page, before = tmp_path / "model", tmp_path / "page.html", tmp_path / "before"
    before.write_text("from an earlier run")
    with pytest.raises(NoRoom), all_or_none(model, page, before), as_on_a_full_disk(1000):
        model.mkdir()
        (model / "model.txt").write_text("tree")
        write_whole(page, "half a page" * 10_000)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["before"]
    with all_or_none(model, page):
        model.mkdir()
        write_whole(page, "a page")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["before", "model", "page.html"]
