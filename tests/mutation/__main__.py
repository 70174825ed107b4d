"""Put each fault into each file of `HELD` and run the narrow tests that hold it: `make mutants`, or name some files.

A fault is never written anywhere: a forked process takes the changed source in the place of the file's own and runs
pytest, on libraries that its parent has loaded. mutmut leaves out what has a decorator and what stands outside
functions, which is where thresholds stand; cosmic-ray starts Python anew each time, some hours for these files.

It ends with 1 where a fault that nobody sees is not in survivors.toml with its reason, or one listed there is seen.
"""

import importlib
import importlib.util
import json
import os
import signal
import sys
import tempfile
import time
import tomllib
import traceback
import warnings
from collections import Counter
from collections.abc import Sequence
from datetime import date
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any

from tests.mutation.changes import Change, changes
from tests.mutation.held import HELD, Held

TOP = Path(__file__).parents[2]
APART = ("features", "models", "training", "serving", "tests", "pathways", "conftest", "__main__", "xdist")
# ... loaded by each run for itself: ours, and what pytest loads in its own way
MEASURED = TOP / "docs" / "measured" / "mutants.json"
SLOWER = 10  # times as long as without a fault: it has no end


class Faulty(SourceFileLoader):
    """Finds one module of ours and loads another source in its place."""

    def __init__(self, file: str, source: str) -> None:
        super().__init__(file.removesuffix(".py").replace("/", "."), str(TOP / file))
        self.source = source

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name != self.name:
            return None
        return importlib.util.spec_from_file_location(name, self.path, loader=self)

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.source, self.path, "exec", dont_inherit=True)


def is_seen(held: Held, change: Change | None, seconds: float, libraries: Path | None = None) -> bool:
    """Does any test fail with the fault, or without one (None)?

    Parameters
    ----------
    seconds : float
        A run that takes longer was brought to have no end, and counts as seen.
    libraries : Path, optional
        A file that takes the names of all modules that were loaded and are not ours.
    """
    child = os.fork()
    if child == 0:
        os.setsid()
        code = 1
        try:
            code = _pytest(held, change)
            if libraries is not None:
                names = [name for name in sys.modules if name.split(".")[0] not in APART]
                libraries.write_text("\n".join(names), encoding="utf-8")
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status) != 0
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def _pytest(held: Held, change: Change | None) -> int:
    import pytest

    if change:
        sys.meta_path.insert(0, Faulty(held.file, change.source))  # type: ignore[arg-type]
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
    left_out = ["-k", f"not {held.without}"] if held.without else []
    plugins = ["-p", "no:cacheprovider", "-p", "xdist.plugin"]
    return int(pytest.main(["-x", "-q", "--no-header", *plugins, *left_out, *held.tests]))


def load_libraries(held: Held) -> float:
    """Load what the tests load that is not ours, as a run without a fault tells; how many seconds such a run takes."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "libraries"
        if is_seen(held, None, 600, told):
            raise SystemExit(f"{held.file}: its tests fail, or take ten minutes, without any fault.")
        names = told.read_text(encoding="utf-8").split("\n")
    with warnings.catch_warnings(action="ignore"):
        for name in names:
            try:
                importlib.import_module(name)
            except Exception:  # what cannot be loaded by its name alone, each run loads for itself
                continue
    begun = time.monotonic()
    if is_seen(held, None, 600):
        raise SystemExit(f"{held.file}: its tests fail without any fault once libraries are loaded.")
    return time.monotonic() - begun


def judge(held: Held, listed: dict[tuple[str, str], str]) -> tuple[dict[str, int], list[str]]:
    """Every fault of one file: how many, and what is wrong, in words."""
    seconds = load_libraries(held) * SLOWER + 10
    count, wrong, alive = Counter[str](), [], set()
    for change in changes((TOP / held.file).read_text(encoding="utf-8"), held.only):
        count["made"] += 1
        if is_seen(held, change, seconds):
            count["killed"] += 1
            continue
        count["survived"] += 1
        alive.add((change.inside, change.words))
        if (change.inside, change.words) not in listed:
            wrong.append(f"{held.file}:{change.line}: {change.inside or 'file'}: nobody sees {change.words}")
            print(wrong[-1], flush=True)
    stale = [f"{held.file}: survivors.toml lists {inside}: {words}, which is seen or gone" for inside, words in listed if (inside, words) not in alive]  # fmt: skip
    print(*stale, sep="\n", end="\n" * bool(stale))
    return {each: count[each] for each in ("made", "killed", "survived")}, wrong + stale


def main(asked: Sequence[str]) -> int:
    """Judge the files asked for, or all; keep the counts of each in `MEASURED`."""
    if unknown := set(asked) - {held.file for held in HELD}:
        raise SystemExit(f"Not in tests/mutation/held.py: {', '.join(sorted(unknown))}")
    os.chdir(TOP)
    os.environ |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with (Path(__file__).parent / "survivors.toml").open("rb") as file:
        survivors = tomllib.load(file)["survivor"]
    faults = 0
    for held in HELD:
        if asked and held.file not in asked:
            continue
        listed = {(each["inside"], each["change"]): each["reason"] for each in survivors if each["file"] == held.file}  # fmt: skip
        count, wrong = judge(held, listed)
        faults += len(wrong)
        print(held.file, *(f"{name} {number}" for name, number in count.items()), flush=True)
        kept = json.loads(MEASURED.read_text(encoding="utf-8")) if MEASURED.exists() else {}
        kept[held.file] = count | {"on": date.today().isoformat()}
        MEASURED.write_text(json.dumps(dict(sorted(kept.items())), indent=1) + "\n", encoding="utf-8")
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
