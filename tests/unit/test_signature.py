"""A release is signed by its reviewer, so that a manifest made again is not enough."""

import json
import shutil
import subprocess
from dataclasses import replace

import pytest

from models.errors import ModelRefused, ReleaseRefused
from models.manifest import write_manifest
from models.release import SIGNATURE_FILE, load_release
from models.signature import fingerprint, make_key, read_trusted, sign, verify_signature
from tests.released import ON, candidate
from training.release.make import release

PASSWORD = b"a long password"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A release, its reviewer's keys, and the file that trusts them."""
    folder = tmp_path_factory.mktemp("signature")
    found = release(candidate(folder / "c"), "live", folder / "releases", "Kay", on=ON).release
    line = make_key(folder / "reviewer", found.facts.reviewed_by, PASSWORD)
    (folder / "trusted").write_text(f"# reviewers\n\n{line}\n")
    return found, folder / "reviewer", folder / "trusted"


@pytest.fixture
def signed(made, tmp_path):
    """A copy of the release, signed."""
    found, key, trusted = made
    folder = tmp_path / found.name
    shutil.copytree(found.folder, folder)
    sign(load_release(folder), key, PASSWORD, found.facts.reviewed_by, ON)
    return folder, trusted


def test_a_release_that_its_reviewer_signed_is_verified(signed):
    folder, trusted = signed
    found = verify_signature(load_release(folder), trusted)
    assert (found.signer, found.signed_on) == (load_release(folder).facts.reviewed_by, ON)
    assert found.key in read_trusted(trusted)


def test_a_manifest_that_was_made_again_is_not_enough(signed):
    folder, trusted = signed
    text = (folder / "card.md").read_text()
    (folder / "card.md").write_text(f"{text}\nAnother word.\n")
    signature = (folder / SIGNATURE_FILE).read_bytes()
    (folder / SIGNATURE_FILE).unlink()
    write_manifest(folder)
    (folder / SIGNATURE_FILE).write_bytes(signature)
    with pytest.raises(ModelRefused, match="is not what its reviewer signed"):
        verify_signature(load_release(folder), trusted)


@pytest.mark.parametrize(
    ("field", "value"), [("signer", "Ada Other"), ("signed_on", "2020-01-01"), ("key", "SHA256:x")]
)
def test_a_signature_with_another_word_in_it_is_none(signed, field, value):
    folder, trusted = signed
    held = json.loads((folder / SIGNATURE_FILE).read_text())
    (folder / SIGNATURE_FILE).write_text(json.dumps(held | {field: value}))
    with pytest.raises(ModelRefused):
        verify_signature(load_release(folder), trusted)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": 2}', '{"format": 1, "signed_on": 3}'])
def test_an_unreadable_signature_is_none(signed, text):
    folder, trusted = signed
    (folder / SIGNATURE_FILE).write_text(text)
    with pytest.raises(ModelRefused, match="no readable signature"):
        verify_signature(load_release(folder), trusted)


def test_a_release_without_a_signature_or_a_service_without_keys_is_refused(made):
    found, _, trusted = made
    with pytest.raises(ModelRefused, match="is not signed"):
        verify_signature(found, trusted)
    with pytest.raises(ModelRefused, match="Set reviewer_keys"):
        verify_signature(found, None)


def test_a_key_that_is_not_trusted_or_is_anothers_is_refused(signed, tmp_path):
    folder, trusted = signed
    line = make_key(tmp_path / "other", load_release(folder).facts.reviewed_by, PASSWORD)
    (tmp_path / "others").write_text(f"{line}\n")
    with pytest.raises(ModelRefused, match="does not name for its signer"):
        verify_signature(load_release(folder), tmp_path / "others")
    kind, body, *_ = trusted.read_text().splitlines()[-1].split()
    (tmp_path / "renamed").write_text(f"{kind} {body} Somebody Else\n")
    with pytest.raises(ModelRefused, match="does not name for its signer"):
        verify_signature(load_release(folder), tmp_path / "renamed")


def test_only_the_reviewer_signs_and_never_whoever_trained(made, tmp_path):
    found, key, trusted = made
    with pytest.raises(ReleaseRefused, match="only the reviewer signs"):
        sign(found, key, PASSWORD, "Somebody Else", ON)
    trained = replace(found, facts=replace(found.facts, trained_by=found.facts.reviewed_by))
    folder = tmp_path / found.name
    shutil.copytree(found.folder, folder)
    sign(replace(found, folder=folder), key, PASSWORD, found.facts.reviewed_by, ON)
    with pytest.raises(ModelRefused, match="somebody else than its reviewer"):
        verify_signature(replace(trained, folder=folder), trusted)


def test_a_key_needs_its_password_and_is_never_written_over(made, tmp_path):
    found, key, _ = made
    for password in (b"wrong", b""):
        with pytest.raises(ReleaseRefused, match="no private key that can be read"):
            sign(found, key, password, found.facts.reviewed_by, ON)
    assert not (found.folder / SIGNATURE_FILE).exists()
    before = key.read_bytes()
    with pytest.raises(ReleaseRefused, match="never written over"):
        make_key(key, "Jo", PASSWORD)
    assert key.read_bytes() == before
    with pytest.raises(ReleaseRefused) as refused:
        make_key(tmp_path / "new", " ", b"")
    assert len(refused.value.breaches) == 2
    assert not list(tmp_path.iterdir())
    assert key.stat().st_mode & 0o077 == 0


def test_public_keys_are_those_of_openssh(made, tmp_path):
    """Whoever has `ssh-keygen` reads the same fingerprint."""
    _, key, trusted = made
    (name, public), *_ = read_trusted(trusted).values()
    if shutil.which("ssh-keygen") is None:
        pytest.skip("no ssh-keygen on this machine")
    said = subprocess.run(
        ["ssh-keygen", "-l", "-f", f"{key}.pub"], capture_output=True, text=True, check=True
    ).stdout
    assert fingerprint(public) in said and name in said


def test_every_line_that_is_no_key_is_named(tmp_path):
    path = tmp_path / "keys"
    path.write_text("# fine\nssh-ed25519 AAAA Jo\nssh-rsa AAAAB3NzaC1yc2E= Al\n")
    with pytest.raises(ModelRefused) as refused:
        read_trusted(path)
    assert [each.split(":")[0].rsplit(" ", 1)[1] for each in refused.value.breaches] == ["2", "3"]
    with pytest.raises(ModelRefused, match="no readable file"):
        read_trusted(tmp_path / "none")


def test_a_signature_cannot_be_moved_to_another_release(signed):
    folder, trusted = signed
    found = load_release(folder)
    with pytest.raises(ModelRefused, match="is not what its reviewer signed"):
        verify_signature(replace(found, facts=replace(found.facts, name="release-2")), trusted)
