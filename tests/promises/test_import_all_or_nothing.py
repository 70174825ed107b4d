"""An import that is killed, or meets a full disk, at thirty points over the whole of it: all of a store, or none.

The points lie evenly among the calls of our own functions, or among the changes to its folders, from the first
to the last, so that each stage is met: studying files, copying one to plain UTF-8, the registers' rows into and
out of the spool, writing years, identities, and the rename into place.
"""

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from features.records.importing import import_extract
from features.records.store import open_store
from tests.extracts import base, names, upn, write_csv, write_extract
from tests.interrupting import NO_ROOM

pytestmark = [pytest.mark.promise, pytest.mark.xdist_group("interrupted")]
POINTS = 30
FILES = 6
DAYS = [f"{year}-{month:02d}-{day:02d}" for year, month in ((2023, 11), (2024, 9)) for day in range(9, 21)]


@pytest.fixture(scope="module")
def top(tmp_path_factory) -> Path:
    """Registers of two years in several files, a table that is copied before it is read, names, and who is withheld."""
    folder = tmp_path_factory.mktemp("interrupted")
    withheld = [{"upn": upn(0), "reason": "restricted", "from": "", "to": ""}]
    tables = base() | {"names": names(), "withheld": withheld}
    tables["attendance"] = [row | {"date": day} for row in tables["attendance"][::3] for day in DAYS]
    rows = tables.pop("attendance")
    write_extract(folder / "extract", tables)
    for part in range(FILES):
        write_csv(folder / f"extract/attendance/{part}.csv", rows[part::FILES], header=list(rows[0]))
    census = folder / "extract/census.csv"
    census.write_bytes(b"\n" + census.read_bytes())
    return folder


def run(what: str, top: Path, *points: int) -> dict[int, tuple[int, int]]:
    """By point: how many calls or changes there were, and how the import ended."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.interrupting", what, str(top), *map(str, points)],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    rows = [[int(number) for number in line.split()] for line in done.stdout.splitlines()]
    return {point: (seen, how) for point, seen, how in rows}


def spread(what: str, top: Path) -> list[int]:
    """Thirty points over a whole import, the first and the last among them."""
    ((number, how),) = run(what, top, 0).values()
    assert how == 0
    assert number > POINTS
    return np.unique(np.linspace(1, number, POINTS).round().astype(int)).tolist()


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_killed_anywhere_it_leaves_a_whole_store_or_none_and_the_next_run_works(top):
    points = spread("kill", top)
    assert len(points) == POINTS
    whole = top / "kill-0/store"
    stores = []
    for point, (_, how) in run("kill", top, *points).items():
        folder = top / f"kill-{point}"
        assert how == -signal.SIGKILL or point == points[-1], point
        stores.append((folder / "store").exists())
        if stores[-1]:
            assert contents(folder / "store") == contents(whole)
            continue
        locks = {".store.lock", ".identities.lock"}
        assert all(name == "identities" or ".unfinished-" in name for name in left(folder) - locks), point
        key = folder / "identities/key"
        before = key.read_bytes() if (folder / "identities").exists() else None
        import_extract(top / "extract", folder / "store", folder / "identities")
        assert left(folder) == {"store", "identities"}, point
        assert contents(folder / "store") == contents(whole), point
        assert before in (None, key.read_bytes())
    assert stores == sorted(stores)  # none up to some point, and all of it from there
    assert not stores[len(stores) // 2]


def contents(store: Path) -> dict[str, int]:
    """Rows of each table of a store."""
    return {name: table.count().to_pyarrow().as_py() for name, table in open_store(store).tables.items()}


def test_a_disk_that_fills_anywhere_leaves_nothing(top):
    points = spread("full", top)
    ends = {}
    for point, (_, how) in run("full", top, *points).items():
        folder = top / f"full-{point}"
        ends[point] = how
        assert how in (0, NO_ROOM), point
        assert left(folder) == (set() if how else {"store", "identities"}), point
    assert set(ends.values()) >= {NO_ROOM}
    assert sum(how == NO_ROOM for how in ends.values()) >= POINTS - 2
