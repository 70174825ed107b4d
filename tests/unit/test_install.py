"""A release in the BentoML model store: pinned, verified at every load, gone when it is withdrawn."""

import subprocess
import sys
from pathlib import Path

import bentoml
import pytest

from models.errors import ModelRefused
from models.release import load_release
from serving.install import install, installed, is_installed, tag_of, uninstall
from tests import released
from tests.released import ON, candidate
from training.release.make import release


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("install")
    return release(candidate(folder / "c"), "live", folder / "releases", "Kay", on=ON).release


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch):
    """A model store of the test's own."""
    from bentoml._internal.configuration.containers import BentoMLContainer
    from bentoml._internal.models.model import ModelStore

    (tmp_path / "models").mkdir()
    BentoMLContainer.model_store.set(ModelStore(tmp_path / "models"))
    yield tmp_path / "models"
    BentoMLContainer.model_store.reset()


def test_what_is_installed_is_the_release(made, store):
    tag = install(made.folder)
    assert tag == f"inclusive-pathways:release-1-{made.manifest_hash[:12]}"
    found = installed(tag)
    assert (found.name, found.is_demonstration, found.expires_on) == ("release-1", False, made.expires_on)
    assert found.model.model_text == made.model.model_text
    assert found.folder.is_relative_to(store)
    assert install(made.folder) == tag


def test_only_text_is_put_there(made, store):
    install(made.folder)
    assert {path.suffix for path in store.rglob("*") if path.is_file()} == {".txt", ".json", ".jsonl", ".md", ".yaml", ""}  # fmt: skip
    for path in store.rglob("*"):
        if path.is_file():
            path.read_text(encoding="utf-8")


def test_one_flipped_byte_in_the_store_refuses_and_installing_again_mends_it(made):
    tag = install(made.folder)
    path = installed(tag).folder / "model.txt"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(ModelRefused, match=r"model\.txt is not the file"):
        installed(tag)
    assert install(made.folder) == tag
    assert installed(tag).name == "release-1"


def test_another_sealed_release_under_the_tag_is_refused(made, tmp_path):
    tag = install(made.folder)
    other = release(
        candidate(tmp_path / "c", released.model(refits=101)), "live", tmp_path / "r", "Kay", on=ON
    )
    there = installed(tag).folder
    for path in sorted(there.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    there.rmdir()
    other.release.folder.rename(there)
    assert load_release(there)
    with pytest.raises(ModelRefused, match="another release"):
        installed(tag)


@pytest.mark.parametrize("tag", ["inclusive-pathways", "inclusive-pathways:latest", "other:release-1", ""])
def test_a_tag_that_pins_nothing_is_refused(tag):
    with pytest.raises(ModelRefused, match="pins no release"):
        installed(tag)


def test_an_altered_release_is_not_installed(made, store):
    path = made.folder / "card.md"
    whole = path.read_text()
    path.write_text(whole + " ")
    with pytest.raises(ModelRefused, match="SHA-256 differs"):
        install(made.folder)
    path.write_text(whole)
    assert not is_installed(tag_of(made))


def test_uninstalled_is_gone(made):
    tag = install(made.folder)
    assert uninstall(tag)
    assert not is_installed(tag)
    assert not uninstall(tag)
    with pytest.raises(ModelRefused, match="withdrawn, or never installed"):
        installed(tag)


def test_a_half_written_installation_is_put_there_again(made, store):
    tag = tag_of(made)
    with bentoml.models.create(tag):
        pass
    with pytest.raises(ModelRefused):
        installed(tag)
    assert installed(install(made.folder)).name == "release-1"
    for path in (store / "inclusive-pathways").rglob("model.yaml"):
        path.unlink()
    assert installed(install(made.folder)).name == "release-1"


def test_mlflow_is_not_loaded():
    code = (
        "import sys, serving.install; sys.exit(any(name.split('.')[0] == 'mlflow' for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2]).returncode == 0
