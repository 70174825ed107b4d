"""How long does a made-up city take, and how much memory?

    python bench/synth_speed.py [--pupils 210000] [--years 5] [--work DIR]

Writes the authority in a process of its own and prints seconds, seconds a million marks, and peak
memory beside the bars (8 minutes, 8 GB); then a tenth of the pupils for half the years, to show that
time grows with pupils and years and memory with neither year.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

WORKER = """
import json, resource, sys, time
from pathlib import Path
from features.synthetic import write_authority
begun = time.perf_counter()
rows = write_authority(Path(sys.argv[1]), pupils=int(sys.argv[2]), years=int(sys.argv[3]))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
print(json.dumps({"seconds": time.perf_counter() - begun, "peak_gb": peak, "marks": 2 * rows["attendance"]}))
"""
BAR_SECONDS, BAR_GB = 480, 8


def measure(work: Path, pupils: int, years: int) -> dict[str, float]:
    """Seconds, peak memory in GB and marks written, in a fresh process."""
    out = work / f"city-{pupils}-{years}"
    done = subprocess.run(
        [sys.executable, "-c", WORKER, str(out), str(pupils), str(years)],
        check=True,
        capture_output=True,
        text=True,
    )
    shutil.rmtree(out)
    return json.loads(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pupils", type=int, default=210_000)
    parser.add_argument("--years", type=int, default=5)
    parser.add_argument("--work", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=args.work) as folder:
        for pupils, years in ((args.pupils, args.years), (args.pupils, 2), (args.pupils // 10, args.years)):
            found = measure(Path(folder), pupils, years)
            each = 1e6 * found["seconds"] / found["marks"]
            print(
                f"{pupils:>8,} pupils, {years} years: {found['seconds']:6.1f} s ({each:.2f} s a million marks), "
                f"peak {found['peak_gb']:.2f} GB (bars for a city of five years: {BAR_SECONDS} s, {BAR_GB} GB)"
            )


if __name__ == "__main__":
    main()
