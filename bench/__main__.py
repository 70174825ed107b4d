"""Every benchmark in turn: `make bench`, or `python -m bench NAME ...` for some of them."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main(names: list[str]) -> int:
    """Run benchmarks by name, all of them where none is given; 1 where one fails."""
    files = sorted(
        path for path in HERE.glob("*_speed.py") if not names or path.stem.removesuffix("_speed") in names
    )
    failed = 0
    for file in files:
        print(f"== {file.stem}", flush=True)
        failed |= (
            subprocess.run(
                [sys.executable, "-m", f"bench.{file.stem}"], cwd=HERE.parent, check=False
            ).returncode
            != 0
        )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
