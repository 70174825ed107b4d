"""A reviewer's signature of a release: what a re-made manifest cannot give back.

A manifest says that a folder is as it was sealed; whoever can write into the folder can seal it again. A signature
needs the reviewer's private key, which stays with the reviewer. It is Ed25519 over the release's name, its manifest's
SHA-256, the signer and the day, and is checked without a network against the public keys that a service trusts.

`pathways key` makes a pair: the private one in PKCS 8, encrypted, the public one in OpenSSH's form, of which a file
of trusted keys has one a line, followed by the reviewer's name as it stands in the review.

References
----------
RFC 8032, Edwards-curve digital signature algorithm. RFC 5958, asymmetric key packages. RFC 4253, section 6.6, public keys.
"""

import base64
import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from features.files import write_whole
from models.errors import ModelRefused, ReleaseRefused
from models.release import SIGNATURE_FILE, Release

PURPOSE = "inclusive-pathways release"
FORMAT = 1


@dataclass(frozen=True)
class Signature:
    """What `signature.json` says.

    Attributes
    ----------
    signer : str
        The reviewer's name.
    key : str
        The public key's SHA-256, as `ssh-keygen -l` prints it.
    signed_on : date
    signature : str
        Base64.
    """

    signer: str
    key: str
    signed_on: date
    signature: str


def make_key(path: Path, name: str, password: bytes) -> str:
    """Make a reviewer's pair of keys, the private one encrypted; return the line for a file of trusted keys.

    Raises
    ------
    ReleaseRefused
        A file is in the way, or the name or the password is empty.
    NoRoom
        The folder cannot be written.
    """
    public_path = path.with_name(f"{path.name}.pub")
    breaches = [
        f"{each} is already there, and a key is never written over."
        for each in (path, public_path)
        if each.exists()
    ]
    if not name.strip() or "\n" in name:
        breaches.append(
            "A key needs the name of whoever signs with it, as it will stand in the review: --name NAME."
        )
    if not password:
        breaches.append("A key needs a password: whoever finds the file could sign with it.")
    if breaches:
        raise ReleaseRefused(*breaches)
    private = Ed25519PrivateKey.generate()
    line = f"{public_text(private.public_key())} {' '.join(name.split())}"
    sealed = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(password),
    )
    write_whole(path, sealed, mode=0o600)
    write_whole(public_path, f"{line}\n")
    return line


def sign(release: Release, key_file: Path, password: bytes, signer: str, on: date) -> Signature:
    """Sign a release that was loaded, and so verified, with a reviewer's private key.

    Raises
    ------
    ReleaseRefused
        The key cannot be read with this password or is of another kind, or the signer is not the reviewer.
    NoRoom
        The signature cannot be written; one that was there still is.
    """
    if plain(signer) != plain(release.facts.reviewed_by):
        raise ReleaseRefused(
            f"{release.name} was reviewed by {release.facts.reviewed_by}, and only the reviewer signs it."
        )
    try:
        private = serialization.load_pem_private_key(key_file.read_bytes(), password)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
        raise ReleaseRefused(
            f"{key_file} is no private key that can be read with this password. Make one with: pathways key"
        ) from None
    if not isinstance(private, Ed25519PrivateKey):
        raise ReleaseRefused(f"{key_file} is a key of another kind than Ed25519. Make one with: pathways key")
    found = Signature(signer, fingerprint(private.public_key()), on, "")
    signed = Signature(
        signer, found.key, on, base64.b64encode(private.sign(statement(release, found))).decode()
    )
    held = {"format": FORMAT, **asdict(signed)}
    write_whole(release.folder / SIGNATURE_FILE, json.dumps(held, indent=1, default=str) + "\n")
    return signed


def verify_signature(release: Release, trusted: Path | None) -> Signature:
    """Check that a release is signed by its reviewer, with a key that is trusted.

    Parameters
    ----------
    trusted : Path or None
        File of public keys with names; None where nobody named one, which refuses.

    Raises
    ------
    ModelRefused
        There is no signature, it is of other bytes, or it is not by its reviewer's trusted key.
    """
    ask = f"Have its reviewer sign it: pathways sign {release.folder} --key KEY, and install it again."
    if trusted is None:
        raise ModelRefused(
            f"{release.name} is not used: no file of reviewers' keys is named, so nobody can tell whose it is. "
            "Set reviewer_keys in service.toml."
        )
    keys = read_trusted(trusted)
    try:
        held = json.loads((release.folder / SIGNATURE_FILE).read_text())
        if held.pop("format") != FORMAT:
            raise ValueError
        found = Signature(**{**held, "signed_on": date.fromisoformat(held["signed_on"])})
        signed = base64.b64decode(found.signature, validate=True)
    except FileNotFoundError:
        raise ModelRefused(f"{release.name} is not signed. {ask}") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise ModelRefused(f"{release.folder / SIGNATURE_FILE} is no readable signature. {ask}") from None
    if found.key not in keys or plain(keys[found.key][0]) != plain(found.signer):
        raise ModelRefused(
            f"{release.name} is signed with a key that {trusted} does not name for its signer. {ask}"
        )
    try:
        keys[found.key][1].verify(signed, statement(release, found))
    except InvalidSignature:
        raise ModelRefused(
            f"{release.name} is not what its reviewer signed: its files and their manifest were changed since. "
            "Nothing is scored with it. Fetch the release again, and find out who changed it."
        ) from None
    if plain(found.signer) != plain(release.facts.reviewed_by) or plain(found.signer) == plain(
        release.facts.trained_by
    ):
        raise ModelRefused(f"{release.name} is signed by somebody else than its reviewer. {ask}")
    return found


def read_trusted(path: Path) -> dict[str, tuple[str, Ed25519PublicKey]]:
    """A file of trusted keys: each one's fingerprint to its reviewer's name and itself.

    Raises
    ------
    ModelRefused
        The file cannot be read, or has a line that is no Ed25519 key with a name; every one is named.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        raise ModelRefused(
            f"{path} is no readable file of reviewers' keys. Name one as reviewer_keys."
        ) from None
    found, breaches = {}, []
    for number, line in enumerate(lines, 1):
        kind, _, rest = line.strip().partition(" ")
        body, _, name = rest.partition(" ")
        if not kind or kind.startswith("#"):
            continue
        try:
            public = serialization.load_ssh_public_key(f"{kind} {body}".encode())
            if not isinstance(public, Ed25519PublicKey) or not name.strip():
                raise ValueError
        except (ValueError, UnsupportedAlgorithm):
            breaches.append(
                f"{path}, line {number}: this is no Ed25519 public key with a reviewer's name behind it."
            )
            continue
        found[fingerprint(public)] = (name.strip(), public)
    if breaches:
        raise ModelRefused(*breaches)
    return found


def statement(release: Release, signature: Signature) -> bytes:
    """What is signed."""
    about = {
        "release": release.name, "manifest": release.manifest_hash, "signer": signature.signer,
        "signed_on": str(signature.signed_on),
    }  # fmt: skip
    return f"{PURPOSE} {FORMAT}\n{json.dumps(about, sort_keys=True)}\n".encode()


def public_text(public: Ed25519PublicKey) -> str:
    """A public key as OpenSSH writes it, without a comment."""
    return public.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()


def fingerprint(public: Ed25519PublicKey) -> str:
    """A public key's SHA-256 as `ssh-keygen -l` prints it."""
    body = base64.b64decode(public_text(public).split(" ")[1])
    return "SHA256:" + base64.b64encode(hashlib.sha256(body).digest()).decode().rstrip("=")


def plain(name: str) -> str:
    """A name without case or spaces, so that one person is not two."""
    return "".join(name.casefold().split())
