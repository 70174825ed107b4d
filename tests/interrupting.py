"""Run one import again and again, and kill it, or fill its disk, at one point after another.

`python -m tests.interrupting WHAT TOP POINT...` reads TOP/extract and writes TOP/WHAT-POINT/store and identities.
With `kill` the process dies as from kill -9 on its POINT-th call of a function of ours; with `full` the POINT-th of
its changes to that folder finds no room, and none after it. Each import is forked from a process that has the code
loaded. Prints a line a point: the point, how many calls or changes there were, and how the import ended.
"""

import errno
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from features.errors import NoRoom
from features.records.importing import import_extract

OURS = f"{Path(__file__).parents[1]}/features/"
CHANGES = {"open", "os.mkdir", "os.rename", "os.truncate"}  # what needs room; removing frees some
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
NO_ROOM = 7


def kill_at(point: int, seen: list[int]) -> None:
    """From now on, die as from kill -9 on the n-th call of a function of ours in the main thread."""

    def watch(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(OURS):
            seen[0] += 1
            if seen[0] == point:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(watch)


def fill_at(point: int, folder: Path, seen: list[int]) -> None:
    """From now on there is no room for the n-th change to a folder, nor for any later one."""

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in CHANGES or not str(arguments[0]).startswith(str(folder)):
            return
        if event == "open" and not (arguments[2] or 0) & WRITES:
            return
        seen[0] += 1
        if 0 < point <= seen[0]:
            raise OSError(errno.ENOSPC, "No space left on device")

    sys.addaudithook(watch)


def main(what: str, top: Path, points: list[int]) -> None:
    for point in points:
        folder = top / f"{what}-{point}"
        folder.mkdir()
        child = os.fork()
        if child == 0:
            seen = [0]
            kill_at(point, seen) if what == "kill" else fill_at(point, folder, seen)
            how = 0
            try:
                import_extract(top / "extract", folder / "store", folder / "identities")
            except NoRoom:
                how = NO_ROOM
            sys.setprofile(None)
            print(point, seen[0], how, flush=True)
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        if status == signal.SIGKILL:
            print(point, point, -signal.SIGKILL, flush=True)
        elif status:
            sys.exit(f"the import itself failed at point {point}")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), [int(point) for point in sys.argv[3:]])
