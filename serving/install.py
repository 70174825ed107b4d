"""A release in the BentoML model store, under a pinned tag, checked byte for byte whenever it is loaded.

Only text is put there, and only the release's own files are read back: nothing that BentoML itself could
have pickled beside them is ever opened. The tag ends in the release's hash, so a folder exchanged for
another sealed one is found too.
"""

import os
import shutil
from pathlib import Path

from models.errors import ModelRefused, ReleaseRefused
from models.release import SIGNATURE_FILE, Release, load_release

os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")  # saving a model would otherwise report home

import bentoml  # noqa: E402
from bentoml.exceptions import BentoMLException, NotFound  # noqa: E402

MODEL_NAME = "inclusive-pathways"
FOLDER = "release"
HASH_LETTERS = 12


def install(release: Path) -> str:
    """Put a release into the model store; return its tag, `inclusive-pathways:NAME-HASH`.

    A release that is there, whole, is left as it is; one that a killed run left half there, or that was signed
    since, is put there again.

    Raises
    ------
    ModelRefused
        The folder is no release, or is not byte for byte what was sealed.
    ReleaseRefused
        The store cannot be written.
    """
    checked = load_release(release)
    tag = tag_of(checked)
    if is_installed(tag):
        try:
            if signature_of(installed(tag).folder) == signature_of(release):
                return tag
        except ModelRefused:
            pass
        bentoml.models.delete(tag)
    labels = {"release": checked.name, "is_demonstration": str(checked.is_demonstration).lower()}
    about = {"manifest_hash": checked.manifest_hash, "expires_on": str(checked.expires_on)}
    try:
        with bentoml.models.create(tag, labels=labels, metadata=about) as model:
            shutil.copytree(release, model.path_of(FOLDER))
    except (BentoMLException, OSError) as error:
        raise ReleaseRefused(
            f"{tag} could not be put into the BentoML model store ({type(error).__name__}). Make room in BENTOML_HOME, or name another."
        ) from None
    installed(tag)
    return tag


def installed(tag: str) -> Release:
    """The release under a pinned tag, verified; its `folder` is the one inside the store.

    Raises
    ------
    ModelRefused
        The tag is not pinned to a version, nothing is installed under it, or what is there is not byte
        for byte the release that the tag names.
    """
    name, _, version = tag.partition(":")
    if name != MODEL_NAME or version in ("", "latest"):
        raise ModelRefused(f"{tag!r} pins no release. Give {MODEL_NAME}:NAME-HASH, as install printed it.")
    try:
        release = load_release(Path(bentoml.models.get(tag).path_of(FOLDER)))
    except NotFound:
        raise ModelRefused(
            f"No release is installed as {tag}: it was withdrawn, or never installed. Install one: pathways install RELEASE"
        ) from None
    except BentoMLException:
        raise ModelRefused(
            f"{tag} is only half installed. Install it again: pathways install RELEASE"
        ) from None
    if tag_of(release) != tag:
        raise ModelRefused(f"What is installed as {tag} is another release. Install it again.")
    return release


def signature_of(folder: Path) -> bytes:
    """A release's signature, unverified; empty where it has none."""
    path = folder / SIGNATURE_FILE
    return path.read_bytes() if path.is_file() else b""


def is_installed(tag: str) -> bool:
    """Whether something is in the store under a tag; quick, so that a service can ask at every request."""
    try:
        bentoml.models.get(tag)
    except NotFound:
        return False
    except BentoMLException:
        pass  # half there, as a killed run leaves it
    return True


def uninstall(tag: str) -> bool:
    """Take a release out of the store, so that nothing scores with it; False where it was not there."""
    if not is_installed(tag):
        return False
    bentoml.models.delete(tag)
    return True


def tag_of(release: Release) -> str:
    """The tag of a release: its name, and the beginning of its manifest's hash."""
    return tag_for(release.name, release.manifest_hash)


def tag_for(name: str, manifest_hash: str) -> str:
    """The tag of a release that need not be at hand."""
    return f"{MODEL_NAME}:{name}-{manifest_hash[:HASH_LETTERS]}"
