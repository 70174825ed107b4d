"""Run a piece of work again and again, and kill -9 it before each of its changes to a folder of releases in turn.

`python -m tests.killing TOP WORK`: TOP/start is copied to TOP/WORK-1, TOP/WORK-2 and so on; in the n-th copy the
work is killed before its n-th change, until it is left to finish. Prints how many copies there are.
"""

import os
import shutil
import signal
import sys
from itertools import count
from pathlib import Path
from typing import Any

from tests.released import ON
from training.release.make import release
from training.release.withdraw import withdraw

WHY = "Registers of two schools were wrong."
CHANGES = {"os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree"}


def a_release(folder: Path) -> None:
    release(folder / "new", "live", folder / "releases", "Kay", on=ON)


def a_withdrawal(folder: Path) -> None:
    withdraw("demonstration-2", folder / "releases", "Kay", WHY, roll_back=True, on=ON)


def kill_before(change: int) -> None:
    """From now on, die as from kill -9 before the n-th change."""
    left = [change]

    def watch(name: str, args: tuple[Any, ...]) -> None:
        writes = name == "open" and bool(args[2] & (os.O_WRONLY | os.O_RDWR))
        if (writes or name in CHANGES) and "/releases" in str(args[0]):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)


def main(top: Path, name: str) -> None:
    work = {"a_release": a_release, "a_withdrawal": a_withdrawal}[name]
    for change in count(1):
        folder = top / f"{name}-{change}"
        shutil.copytree(top / "start", folder)
        child = os.fork()
        if child == 0:
            kill_before(change)
            work(folder)
            os._exit(0)
        how = os.waitpid(child, 0)[1]
        if how not in (0, signal.SIGKILL):
            sys.exit(f"the work itself failed before change {change}")
        if how == 0:
            print(change)
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
