"""Who is who: the key, the map from UPN to pseudonym, and names; never inside a record store.

Layout of an identities folder (mode 0700, its files 0600)::

    key                 32 random bytes, made once
    upn.parquet         upn, pupil: every UPN seen, a former one under its pupil of today
    names.parquet       pupil, forename, surname
    rejected_names.parquet
"""

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from features.errors import IdentitiesRefused
from features.files import put_plainly, sync
from features.records.write import write_table

KEY_BYTES = 32


def pseudonym(key: bytes, upn: str) -> int:
    """A pupil's pseudonym: the first eight bytes of HMAC-SHA-256 of the UPN, as a signed integer.

    A hash without a key would be undone in seconds: there are few UPNs.
    """
    return int.from_bytes(hmac.digest(key, upn.encode(), hashlib.sha256)[:8], "big", signed=True)


def spelled(pupil: int) -> str:
    """A pseudonym as pages show it: thirteen letters and digits in groups, such as `k3xw-9qpa-...`."""
    text = base64.b32encode(int(pupil).to_bytes(8, "big", signed=True)).decode().rstrip("=").lower()
    return "-".join((text[:4], text[4:8], text[8:]))


class Pupils:
    """The pupils of an extract: everyone who ever had a row on a school roll.

    Attributes
    ----------
    current : dict of str to int
        Each pupil's UPN of today to the pseudonym.
    pseudonyms : dict of str to int
        Every UPN, former ones too, to the pupil's pseudonym.
    others : dict of int to list of int
        A pupil to the others who may be the same child: a claim to a former UPN links them, though it was
        not believed. Who is not there has none.

    Parameters
    ----------
    key : bytes
    current : mapping of str to str
        Every UPN on the roll, former ones too, to the pupil's current UPN.
    together : mapping of str to set of str, optional
        A UPN to those that claims link it with (`claimed_together`).

    Raises
    ------
    IdentitiesRefused
        Two UPNs have one pseudonym; about one chance in ten million for half a million pupils.
    """

    def __init__(
        self, key: bytes, current: Mapping[str, str], together: Mapping[str, frozenset[str]] | None = None
    ) -> None:
        now = {upn: pseudonym(key, upn) for upn in set(current.values())}
        if len(set(now.values())) != len(now):
            raise IdentitiesRefused(
                "Two pupils have the same pseudonym under this key. Start a new identities folder and import again."
            )
        self.current = {upn: now[upn] for upn in sorted(now)}
        self.pseudonyms = {upn: now[current[upn]] for upn in sorted(current)}
        self.others: dict[int, list[int]] = {}
        for group in set((together or {}).values()):
            pupils = sorted({self.pseudonyms[upn] for upn in group if upn in self.pseudonyms})
            for pupil in pupils:
                others = {*self.others.get(pupil, []), *pupils} - {pupil}
                if others:
                    self.others[pupil] = sorted(others)

    def find(self, upns: Iterable[str]) -> tuple[np.ndarray, np.ndarray]:
        """For each UPN its pupil (0 where unknown), and whether the roll knows it."""
        found = [self.pseudonyms.get(upn) for upn in upns]
        return np.array([pupil or 0 for pupil in found], "int64"), np.array(
            [pupil is not None for pupil in found], bool
        )


def current_upns(upns: Iterable[str], succession: Mapping[str, str]) -> dict[str, str]:
    """Every UPN to the one its pupil has today.

    Parameters
    ----------
    succession : mapping of str to str
        Former UPN to the one that took its place; followed to its end, and left where it goes round.
    """
    current = {}
    for upn in {*upns, *succession}:
        now, seen = upn, {upn}
        while now in succession and succession[now] not in seen:
            now = succession[now]
            seen.add(now)
        current[upn] = now
    return current


def key_for(folder: Path) -> bytes:
    """The key to import with: that of an identities folder, or a new one where the folder is not there yet."""
    return read_key(folder) if folder.exists() else secrets.token_bytes(KEY_BYTES)


def read_key(folder: Path) -> bytes:
    """The key of an identities folder.

    Raises
    ------
    IdentitiesRefused
        The folder is not there, or is not one of ours.
    """
    try:
        key = (folder / "key").read_bytes()
    except OSError:
        key = b""
    if len(key) != KEY_BYTES:
        raise IdentitiesRefused(
            f"{folder} holds no readable key, so it is not an identities folder. Name the one that import kept."
        )
    return key


def keep_identities(
    folder: Path,
    work: Path,
    key: bytes,
    pupils: Pupils,
    names: pd.DataFrame | None,
    rejected: pa.Table | None,
) -> bool:
    """Write key, UPN map and names; what an earlier import left there stays, and is never half-written.

    Parameters
    ----------
    work : Path
        A private folder on the same disk; files are written there whole and then renamed.
    names : pandas.DataFrame or None
        pupil, forename, surname; None keeps those of before.
    rejected : pyarrow Table or None
        Rows of names that broke a rule: they may not lie in the store.

    Returns
    -------
    bool
        Whether the folder is new.
    """
    new = work / "identities"
    new.mkdir(mode=0o700)
    pairs = pd.Series(pupils.pseudonyms, dtype="int64").rename_axis("upn").rename("pupil").reset_index()
    pairs = _with_earlier(folder / "upn.parquet", pairs, "upn")
    write_table(new / "upn.parquet", pa.Table.from_pandas(pairs, preserve_index=False), mode=0o600)
    if names is not None:
        frame = _with_earlier(folder / "names.parquet", names, "pupil")
        write_table(new / "names.parquet", pa.Table.from_pandas(frame, preserve_index=False), mode=0o600)
    if rejected is not None:
        write_table(new / "rejected_names.parquet", rejected, mode=0o600)
    if not folder.exists():
        _write_bytes(new / "key", key)
        new.rename(folder)
        sync(folder.parent)
        return True
    with put_plainly(folder):
        for path in sorted(new.iterdir()):
            path.replace(folder / path.name)
        sync(folder)
    return False


def _with_earlier(path: Path, rows: pd.DataFrame, key: str) -> pd.DataFrame:
    """New rows before earlier ones of the same key, in order of key."""
    earlier = [pq.read_table(path).to_pandas()] if path.exists() else []
    return pd.concat([rows, *earlier]).drop_duplicates(key).sort_values(key, ignore_index=True)


def _write_bytes(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def names_for(identities: Path) -> pd.DataFrame:
    """Names to print lists with.

    Returns
    -------
    pandas.DataFrame
        Indexed by pupil (int64); columns upn, forename, surname. A pupil of whom no name was supplied
        has a row with blank names.

    Raises
    ------
    IdentitiesRefused
        The folder is not an identities folder.
    """
    key = read_key(identities)
    pairs = pq.read_table(identities / "upn.parquet").to_pandas()
    pairs["is_current"] = [
        pseudonym(key, upn) == pupil for upn, pupil in zip(pairs["upn"], pairs["pupil"], strict=True)
    ]
    current = pairs.sort_values(["pupil", "is_current", "upn"]).drop_duplicates("pupil", keep="last")
    current = current.set_index("pupil")[["upn"]]
    path = identities / "names.parquet"
    if not path.exists():
        return current.assign(forename="", surname="")
    names = pq.read_table(path).to_pandas().set_index("pupil")
    return current.join(names).fillna("")
