"""The software bill of materials, CycloneDX 1.5: `make sbom` makes it from uv.lock, and CI; here it is checked.

Usage: python -m tests.house.sbom FILE
"""

import json
import sys
import tomllib
from pathlib import Path
from typing import Any

LOCK = Path(__file__).parents[2] / "uv.lock"
PROJECT = "inclusive-pathways"
EXTRAS = ("serve", "postgres")


def missing(bill: dict[str, Any], locked: dict[str, Any]) -> list[str]:
    """What a bill does not say of what is installed to serve; a sentence each, empty where it is whole.

    Parameters
    ----------
    bill : dict
        CycloneDX: `components`, each with name, version, purl and the SHA-256 of its files.
    locked : dict
        `uv.lock`.
    """
    packages = {each["name"]: each for each in locked["package"]}
    told = {(each["name"], each.get("version")): each for each in bill.get("components", [])}
    found = []
    for name in sorted(needed(packages)):
        package = packages[name]
        component = told.get((name, package["version"]))
        if component is None:
            found.append(f"{name} {package['version']} is installed and not in the bill.")
            continue
        hashes = {
            each["content"]
            for reference in component.get("externalReferences", [])
            for each in reference.get("hashes", [])
            if each["alg"] == "SHA-256"
        }
        files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
        if not hashes or not hashes <= {each["hash"].removeprefix("sha256:") for each in files}:
            found.append(f"{name} {package['version']} is in the bill without the hashes of uv.lock.")
        if component.get("purl") != f"pkg:pypi/{name}@{package['version']}":
            found.append(f"{name} {package['version']} is in the bill without its own purl.")
    return found


def needed(packages: dict[str, Any]) -> set[str]:
    """Names of what the service needs to run, whatever the platform, and what those need; nothing that trains or develops."""
    found: set[str] = set()
    project = packages[PROJECT]
    ahead = [each["name"] for each in project["dependencies"]]
    ahead += [each["name"] for extra in EXTRAS for each in project["optional-dependencies"][extra]]
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            ahead += [each["name"] for each in packages[name].get("dependencies", [])]
    return found


def main(path: Path) -> int:
    """Check a bill, and say."""
    bill = json.loads(path.read_text(encoding="utf-8"))
    found = missing(bill, tomllib.loads(LOCK.read_text(encoding="utf-8")))
    for each in found:
        print(each)
    print(f"{path}: {len(bill['components'])} components, {len(found)} things missing.")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
