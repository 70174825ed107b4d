"""A folder whose every file is named with its SHA-256, so that one flipped byte is found."""

import hashlib
import json
from pathlib import Path

from models.errors import ModelRefused

FILE_NAME = "manifest.json"


def sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_manifest(folder: Path) -> str:
    """Name every file under `folder` in its `manifest.json`; return the manifest's own SHA-256.

    Parameters
    ----------
    folder : Path
        Files in folders inside it are named by their path from `folder`, with forward slashes.
    """
    files = {name: sha256(folder / name) for name in files_in(folder)}
    (folder / FILE_NAME).write_text(manifest_text(files))
    return sha256(folder / FILE_NAME)


def manifest_text(files: dict[str, str]) -> str:
    """The one way to write a manifest: the same files give the same bytes."""
    return json.dumps({"files": files}, indent=1) + "\n"


def verify_manifest(folder: Path) -> dict[str, str]:
    """Check every file that the manifest names; return their names and hashes, in order.

    A file beside them (an audit that came later) is nobody's promise: it is left alone, and nothing
    that loads a model may read it. A release allows none: see `models.release.load_release`.

    Raises
    ------
    ModelRefused
        No manifest, or a named file that is missing or altered: every one of them is listed.
    """
    try:
        named: dict[str, str] = json.loads((folder / FILE_NAME).read_text())["files"]
        found = {name: sha256(folder / name) if (folder / name).is_file() else "" for name in sorted(named)}
    except (OSError, ValueError, KeyError, TypeError):
        raise ModelRefused(
            f"{folder} has no readable {FILE_NAME}. Make a model with: pathways train STORE --out {folder}"
        ) from None
    breaches = [
        f"{folder / name} is named in {FILE_NAME} and is not there." for name in found if not found[name]
    ]
    breaches += [
        f"{folder / name} is not the file that {FILE_NAME} names: its SHA-256 differs."
        for name in found
        if found[name] not in ("", named[name])
    ]
    if breaches:
        raise ModelRefused(*breaches, "Nothing was loaded. Fetch the folder again, or train again.")
    return found


def files_in(folder: Path) -> list[str]:
    """Every file under `folder` but the manifest, in order of name."""
    names = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in names if name != FILE_NAME)
