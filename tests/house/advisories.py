"""Known advisories of what is installed: `make advisories`, and CI.

An advisory that SECURITY.md does not answer by its number fails. Where nobody could be asked (no network, or a mirror
that keeps none), that is said plainly, and nothing is claimed.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

SECURITY = Path(__file__).parents[2] / "SECURITY.md"


def judge(found: dict[str, Any], answered: str) -> tuple[int, list[str]]:
    """What pip-audit's JSON comes to.

    Parameters
    ----------
    found : dict
        `dependencies`: each with `name`, and `version` and `vulns`, or `skip_reason`.
    answered : str
        The text of SECURITY.md.

    Returns
    -------
    tuple of int and list of str
        An exit code, and what to say.
    """
    rows = [row for row in found["dependencies"] if row["name"] != "inclusive-pathways"]
    asked = [row for row in rows if "skip_reason" not in row]
    said = [f"{len(asked)} of {len(rows)} packages were looked up."]
    if len(asked) < len(rows):
        said.append(
            f"Of {len(rows) - len(asked)} nobody could be asked from here: nothing is known of them, good or bad."
        )
    open_ = [
        f"{row['name']} {row['version']}: {flaw['id']} (fixed in {', '.join(flaw['fix_versions']) or 'no version yet'})"
        for row in asked
        for flaw in row["vulns"]
        if not any(name in answered for name in (flaw["id"], *flaw.get("aliases", ())))
    ]
    if open_:
        said += [
            *open_,
            "Take a fixed version (uv lock --upgrade-package NAME), or answer it in SECURITY.md by its number.",
        ]
    return int(bool(open_)), said


def main() -> int:
    """Ask pip-audit, judge, and say."""
    command = [sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off"]
    run = subprocess.run(command, capture_output=True, text=True)
    try:
        code, said = judge(json.loads(run.stdout), SECURITY.read_text(encoding="utf-8"))
    except ValueError:
        code, said = (
            0,
            [
                "No advisory could be looked up from here, so nothing is known, good or bad. Run it where there is a network."
            ],
        )
    print(*said, sep="\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
