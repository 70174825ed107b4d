"""kill -9 at every point of a release and of a withdrawal: the old standing or the new one, never between."""

import subprocess
import sys
from pathlib import Path

import pytest

from models.release import load_release
from models.standing import FILE_NAME, LOCK, read_standing
from tests import released
from tests.killing import a_release, a_withdrawal
from tests.released import ON, candidate
from training.release.make import release


@pytest.fixture(scope="module")
def top(tmp_path_factory):
    """Two releases, the second live, and a candidate to come."""
    folder = tmp_path_factory.mktemp("killed")
    start = folder / "start"
    for number, name in enumerate(("first", "second", "new")):
        of = candidate(start / name, released.model(is_made_up=True, refits=2 + number))
        if name != "new":
            release(of, "live", start / "releases", "Kay", on=ON)
    return folder


def killed_everywhere(top, work):
    """The folders that a killed run left, one a point; and the last, which was left to finish."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.killing", str(top), work],
        cwd=Path(__file__).parents[2], capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    *killed, done = (top / f"{work}-{change}" for change in range(1, int(run.stdout) + 1))
    return killed, read_standing(top / "start" / "releases"), read_standing(done / "releases")


def test_a_release_is_old_or_new_wherever_it_is_killed(top):
    killed, old, new = killed_everywhere(top, "a_release")
    assert (old.now("live"), new.now("live")) == ("demonstration-2", "demonstration-3")
    assert len(killed) > 15  # every file of the release, its rename, and the standing
    for folder in killed:
        standing = read_standing(folder / "releases")
        assert standing in (old, new)
        for name in standing.states():
            load_release(folder / "releases" / name)
        a_release(folder)  # the next run finishes it, and leaves nothing lying about
        assert read_standing(folder / "releases") == new
        assert {path.name for path in (folder / "releases").iterdir()} == {*new.states(), FILE_NAME, LOCK}


def test_a_withdrawal_is_old_or_new_wherever_it_is_killed(top):
    killed, old, new = killed_everywhere(top, "a_withdrawal")
    assert new.states() == {"demonstration-1": "live", "demonstration-2": "withdrawn"}
    assert len(killed) >= 3
    for folder in killed:
        assert read_standing(folder / "releases") in (old, new)
        a_withdrawal(folder)
        assert read_standing(folder / "releases") == new
