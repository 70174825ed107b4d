"""Time the lists of a whole city, with a card for everyone listed, on made-up frames (bar: 60 s).

Run from the top of the repository: python -m bench.list_speed
"""

import resource
import tempfile
import time
from pathlib import Path

from serving.lists.printed import write_lists
from tests.meetings import AS_OF, EVIDENCE, model, reading

PUPILS, SCHOOLS, DISTRICTS = 210_000, 500, 10
BAR_SECONDS = 60.0


def main() -> None:
    """Print how long lists of a city took, how many cards they hold, and the ratio to the bar."""
    frames = reading(
        PUPILS, SCHOOLS, DISTRICTS, reasons={row: "registers_stopped" for row in range(0, PUPILS, 100)}
    )
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        lists = write_lists(Path(folder) / "lists", AS_OF, frames, model(), "benchmark", EVIDENCE)
        seconds = time.perf_counter() - start
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    listed = len(lists["states"]["listed"])
    cards = sum(len(one["states"][state]) for level in ("schools", "districts") for one in lists[level].values()
                for state in ("listed", "could_go_either_way"))  # fmt: skip
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(
        f"lists of {PUPILS:,} pupils, {SCHOOLS} schools: {listed:,} listed at school, {cards:,} cards, {size / 1e6:.0f} MB"
    )
    print(f"{seconds:.1f} s, {seconds / BAR_SECONDS:.2f} of the bar; peak memory {memory:.2f} GB")


if __name__ == "__main__":
    main()
