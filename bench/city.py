"""A city from extract to lists, stage by stage: `make bench-city`.

A made-up authority of 210,000 pupils and five years is written once (its own time is told, and not counted), and then
imported, trained with its evidence and audit, and listed, each stage in a process of its own. The time of each step and the
most memory of each stage go into `docs/measured/city.json`, with the day, and from there into docs/explanation/speed.md by
`make figures`. Nothing here is about real children.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

WRITTEN = Path(__file__).parents[1] / "docs/measured/city.json"
PUPILS = 210_000
BAR_MINUTES, BAR_GB = 15, 8
Progress = Callable[[str], None]


def make(home: Path, pupils: int, refits: int, told: Progress) -> None:
    from features.synthetic import write_authority

    write_authority(home / "extract", pupils=pupils)


def import_(home: Path, pupils: int, refits: int, told: Progress) -> None:
    from features.records.importing import import_extract

    import_extract(home / "extract", home / "store", home / "identities")


def train(home: Path, pupils: int, refits: int, told: Progress) -> None:
    from features.records.store import open_store
    from pathways.models import pages_for_mlflow
    from training.from_store import settings_for, train_store

    records = open_store(home / "store")
    train_store(
        records, settings_for(records, refits=refits), home / "model", progress=told, pages=pages_for_mlflow
    )


def list_(home: Path, pupils: int, refits: int, told: Progress) -> None:
    from features.records.identities import names_for
    from features.records.store import open_store
    from serving.from_store import lists_of

    records, names = open_store(home / "store"), names_for(home / "identities")
    lists_of(records, home / "model", home / "lists", names=names, tell=told)


STAGES = {"make": make, "import": import_, "train": train, "list": list_}


class Steps:
    """The steps of a stage as it tells of them; like ones (`refit 3 of 25`) are one step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._now, self._since = "begin", time.perf_counter()

    def __call__(self, step: str) -> None:
        now = time.perf_counter()
        self.seconds[self._now] = self.seconds.get(self._now, 0.0) + now - self._since
        words = " ".join(word for word in step.split("(")[0].split() if not word.isdigit())
        self._now, self._since = words.removesuffix(" of"), now


def timed(stage: str, home: Path, pupils: int, refits: int) -> dict[str, Any]:
    """Run a stage in a process of its own: seconds, processor seconds, most memory, steps."""
    steps = home / f"{stage}.json"
    start = time.perf_counter()
    asked = ["--folder", str(home), "--pupils", str(pupils), "--refits", str(refits), "--stage", stage]
    child = subprocess.Popen([sys.executable, "-m", "bench.city", *asked])
    _, status, used = os.wait4(child.pid, 0)
    if status:
        sys.exit(f"The stage {stage} failed; see above.")
    return {
        "seconds": round(time.perf_counter() - start, 1),
        "processor_seconds": round(used.ru_utime + used.ru_stime, 1),
        "peak_gib": round(used.ru_maxrss / 1024**2, 2),
        "steps": json.loads(steps.read_text()),
    }


def size(found: dict[str, Any]) -> tuple[int, int]:
    """What was asked for: a day keeps one run of each."""
    return found["pupils"], found["refits"]


def main() -> None:
    """Run every stage in a folder that holds none of them yet, print and keep the table."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--folder", type=Path, default=Path("bench/work/city"))
    asked.add_argument("--pupils", type=int, default=PUPILS)
    asked.add_argument("--refits", type=int, default=25, help="100 for a model that is to be released")
    asked.add_argument("--stage", choices=list(STAGES), help="only this one, here")
    chosen = asked.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    if chosen.stage:
        told = Steps()
        STAGES[chosen.stage](chosen.folder, chosen.pupils, chosen.refits, told)
        told("end")
        steps = {name: round(seconds, 1) for name, seconds in told.seconds.items()}
        (chosen.folder / f"{chosen.stage}.json").write_text(json.dumps(steps))
        return
    stages = {name: timed(name, chosen.folder, chosen.pupils, chosen.refits) for name in STAGES}
    counted = [facts for name, facts in stages.items() if name != "make"]
    found = {
        "measured_on": str(date.today()),
        "pupils": chosen.pupils,
        "refits": chosen.refits,
        "processors": os.cpu_count(),
        "minutes": round(sum(facts["seconds"] for facts in counted) / 60, 1),
        "peak_gib": max(facts["peak_gib"] for facts in counted),
        "stages": stages,
    }
    before = json.loads(WRITTEN.read_text()) if WRITTEN.exists() else []
    kept = [
        each for each in before if each["measured_on"] != found["measured_on"] or size(each) != size(found)
    ]
    WRITTEN.write_text(json.dumps([found, *kept], indent=1) + "\n")
    print(json.dumps(found, indent=1))
    print(
        f"{found['minutes']} minutes, {found['peak_gib']} GiB (bars at 210,000 pupils: {BAR_MINUTES} minutes, {BAR_GB} GB)"
    )


if __name__ == "__main__":
    main()
