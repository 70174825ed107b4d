"""A release: a sealed folder of a model and what earned it, whole or not at all.

It holds the files of the candidate's folder (a release loads wherever a candidate does), `release.json`,
the candidate's own manifest, a card, and a manifest over all of them. Nothing in it is ever changed: where a
release stands, live or withdrawn, is kept beside it (`models.standing`).
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from features.files import whole_folder
from models.errors import ModelRefused, ReleaseRefused
from models.manifest import FILE_NAME, files_in, manifest_text, verify_manifest, write_manifest
from models.risk_model import RiskModel, load_model

FORMAT = 1
RELEASE_FILE, CARD_FILE, CANDIDATE_MANIFEST = "release.json", "card.md", "candidate_manifest.json"
SIGNATURE_FILE = "signature.json"  # of the manifest, so not named in it


@dataclass(frozen=True)
class ReleaseFacts:
    """What `release.json` says.

    Attributes
    ----------
    name : str
        `release-N`, or `demonstration-N` where the model learned from made-up records: whatever is
        stamped with the release is stamped with that.
    is_demonstration : bool
        It serves only where a service says that it demonstrates.
    released_on : date
        The day the folder was made; when it went to shadow or live is in the standing.
    released_by, reviewed_by, trained_by : str
    candidate : str
        Name of the candidate's folder.
    candidate_hash : str
        SHA-256 of the candidate's manifest: what the evidence and the audit are of.
    data_hash : str
        Of the record store.
    gate_rests_on : str
        SHA-256 of the pooled evidence among its files that the gate rests on; empty where it rests on the model's own test.
    """

    name: str
    is_demonstration: bool
    released_on: date
    released_by: str
    reviewed_by: str
    trained_by: str
    candidate: str
    candidate_hash: str
    data_hash: str
    gate_rests_on: str = ""


@dataclass(frozen=True)
class Release:
    """A release read back, every byte of it checked."""

    folder: Path
    facts: ReleaseFacts
    model: RiskModel

    @property
    def name(self) -> str:
        return self.facts.name

    @property
    def is_demonstration(self) -> bool:
        return self.facts.is_demonstration

    @property
    def expires_on(self) -> date:
        """From this day no list is made with it."""
        return self.model.facts.expires_on

    @property
    def manifest_hash(self) -> str:
        """SHA-256 of the release's manifest: changes with any byte of any file."""
        return self.model.folder_hash

    @property
    def stamp(self) -> str:
        """What lists are stamped with: the name, and enough of the hash to tell two apart."""
        return stamp(self.name, self.manifest_hash)


def write_release(
    folder: Path, candidate: Path, model: RiskModel, facts: ReleaseFacts, texts: Mapping[str, str]
) -> None:
    """Write a release beside its place, seal it, and put it there whole.

    Parameters
    ----------
    folder : Path
        Must not exist; its name is the release's.
    candidate : Path
        What else its manifest names goes along; its own manifest is kept as `candidate_manifest.json`.
    model : RiskModel
        The candidate's, or the same with more refits.
    texts : mapping of str to str
        Further files: audit, reviews, card.

    Raises
    ------
    ReleaseRefused
        A release of that name is there, or the folder cannot be written.
    """
    if folder.exists():
        raise ReleaseRefused(f"{folder} is already there, and a release is never written over.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        with whole_folder(folder) as part:
            model.save(part)
            for name in verify_manifest(candidate):
                if not (part / name).exists() and not name.startswith("refits/"):
                    (part / name).write_bytes((candidate / name).read_bytes())
            (part / CANDIDATE_MANIFEST).write_bytes((candidate / FILE_NAME).read_bytes())
            (part / RELEASE_FILE).write_text(
                json.dumps({"format": FORMAT, **asdict(facts)}, indent=1, default=str) + "\n"
            )
            for name, text in texts.items():
                (part / name).write_text(text, encoding="utf-8")
            write_manifest(part)
    except OSError as error:
        raise ReleaseRefused(f"{folder} cannot be written: {error.strerror}.") from None


def load_release(folder: Path) -> Release:
    """Load a release, having checked that it is byte for byte what was sealed.

    Stricter than `load_model`: a file that the manifest does not name is refused too, and so is a
    manifest that says the same in other bytes. A reviewer's signature may lie beside the manifest; who trusts it
    is `models.signature`'s to say.

    Raises
    ------
    ModelRefused
        A file is missing, altered or added, or the folder is no release.
    """
    named = verify_manifest(folder)
    if RELEASE_FILE not in named:
        raise ModelRefused(
            f"{folder} is a model's folder and no release. Release it: pathways release {folder} --to shadow --by NAME"
        )
    added = sorted(set(files_in(folder)) - set(named) - {SIGNATURE_FILE})
    breaches = [f"{folder / name} is in a release that does not name it. Take it out." for name in added]
    if not added and (folder / FILE_NAME).read_bytes() != manifest_text(named).encode():
        breaches.append(f"{folder / FILE_NAME} is not as it was written. Fetch the release again.")
    if breaches:
        raise ModelRefused(*breaches)
    return Release(folder, read_facts(folder), load_model(folder))


def read_facts(folder: Path) -> ReleaseFacts:
    """`release.json`, unverified; ModelRefused where it is of another format."""
    held: dict[str, Any] = json.loads((folder / RELEASE_FILE).read_text())
    if held.pop("format", None) != FORMAT:
        raise ModelRefused(
            f"{folder / RELEASE_FILE} is of another format than {FORMAT}. Release again with this version."
        )
    return ReleaseFacts(**{**held, "released_on": date.fromisoformat(held["released_on"])})


def stamp(name: str, manifest_hash: str) -> str:
    """What lists of a release are stamped with."""
    return f"{name} {manifest_hash[:12]}"


def is_release(folder: Path) -> bool:
    """Whether a folder says that it is a release; `load_release` finds out."""
    return (folder / RELEASE_FILE).is_file()
