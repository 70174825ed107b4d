"""Read a prepared date whole into memory, having checked every byte of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from models.errors import ModelRefused
from models.manifest import sha256, verify_manifest
from serving.account import named_in
from serving.cards import Reasons, gather
from serving.errors import ListsRefused, OtherFormat
from serving.prepared.bands import NO_BAND
from serving.prepared.facts import (
    ACCOUNTS,
    FACTS,
    FORMAT,
    FRAMES,
    PREVIOUS,
    PROFILES,
    REACH,
    PreparedFacts,
    facts_from,
)
from serving.strip import Weeks


@dataclass(frozen=True)
class Pupil:
    """What a prepared date holds of one pupil.

    Attributes
    ----------
    reason : str
        Why no estimate was made; empty for who was assessed.
    school_state, district_state : str
        Of `models.places.STATES`.
    band, lowest_band, highest_band : int
        Indices into the bands of the date's facts; `bands.NO_BAND` for who was not assessed, or where nothing is told.
    """

    pupil: int
    urn: int
    district: str
    phase: str
    nc_year: int
    reason: str
    school_state: str
    is_near_school_line: bool
    district_state: str
    is_near_district_line: bool
    band: int
    lowest_band: int
    highest_band: int


@dataclass(frozen=True)
class Prepared:
    """One prepared date in memory; nothing of it changes while a service runs.

    Attributes
    ----------
    accounts : mapping
        Where every pupil stands on every list; adds up to the roll.
    previous : mapping or None
    profiles : mapping of str to dict
        District to its picture of need, as it may leave.
    reach : sequence of dict
        How far help reaches by group, as it may leave.
    frames : mapping of str to pandas.DataFrame
        `FRAMES`; `matrix` in order of pupil.
    seal : str
        SHA-256 of its manifest.
    """

    facts: PreparedFacts
    accounts: Mapping[str, Any]
    previous: Mapping[str, Any] | None
    profiles: Mapping[str, Any]
    reach: Sequence[Mapping[str, Any]]
    frames: Mapping[str, pd.DataFrame]
    seal: str

    @cached_property
    def reasons(self) -> Reasons:
        """Facts, what moved the estimate, and signposts of everyone whom a list names."""
        frames = self.frames
        named = named_in(self.accounts)
        return gather(
            named,
            frames["facts"],
            frames["statuses"],
            frames["contributions"],
            self.facts.authority.signposts,
            self.facts.as_of,
            Weeks.of(self.facts.authority, self.facts.as_of),
            frames["weeks"],
        )

    @cached_property
    def pupils(self) -> np.ndarray:
        """Everyone who may be asked about, in order; shape (n,)."""
        return self.frames["matrix"]["pupil"].to_numpy()

    @cached_property
    def rolls(self) -> Mapping[str, Mapping[Any, np.ndarray]]:
        """`schools` (URN) and `districts` (name) to rows of the matrix."""
        matrix = self.frames["matrix"]
        return {
            level: {key: np.asarray(rows) for key, rows in matrix.groupby(column).indices.items()}
            for level, column in (("schools", "urn"), ("districts", "district"))
        }

    @cached_property
    def schools(self) -> pd.DataFrame:
        """urn (index), name, phase, district."""
        return self.frames["schools"].set_index("urn")[["name", "phase", "district"]]

    @cached_property
    def school_names(self) -> Mapping[int, str]:
        """URN to name."""
        return dict(zip(self.schools.index.tolist(), self.schools["name"].tolist(), strict=True))

    def find(self, pupil: int) -> Pupil | None:
        """A pupil of the date; None for whoever is not on a roll then, or may never be named."""
        row = int(np.searchsorted(self.pupils, pupil))
        if row == len(self.pupils) or self.pupils[row] != pupil:
            return None
        return Pupil(*(column[row] for column in self._columns))

    @cached_property
    def _columns(self) -> list[list[Any]]:
        matrix = self.frames["matrix"].merge(self.frames["bands"], on="pupil", how="left")
        matrix = matrix.fillna(
            {"not_assessed_reason": "", "band": NO_BAND, "lowest_band": NO_BAND, "highest_band": NO_BAND}
        )
        whole = matrix.astype({"band": int, "lowest_band": int, "highest_band": int})
        names = ("pupil", "urn", "district", "phase", "nc_year", "not_assessed_reason", "school_state", "is_near_school_line",
                 "district_state", "is_near_district_line", "band", "lowest_band", "highest_band")  # fmt: skip
        return [whole[name].tolist() for name in names]

    def warm(self) -> None:
        """Make now what the first question would otherwise wait for."""
        _ = self.reasons, self.pupils, self.rolls, self.schools, self.school_names, self._columns


def prepared_dates(root: Path) -> list[date]:
    """The prepared dates of a folder, in order; none where it is not there."""
    found = []
    for path in root.iterdir() if root.is_dir() else ():
        try:
            found.append(date.fromisoformat(path.name))
        except ValueError:
            continue
    return sorted(found)


def read_accounts(folder: Path) -> dict[str, Any]:
    """Where everyone stands on the lists of a prepared date, of whichever format it is: that file never changed.

    Raises
    ------
    ListsRefused
        It is not there, incomplete or altered.
    """
    if ACCOUNTS not in _verified(folder):
        raise ListsRefused(f"{folder} is not a prepared date: its manifest names no {ACCOUNTS}.")
    found: dict[str, Any] = json.loads((folder / ACCOUNTS).read_text(encoding="utf-8"))
    return found


def _verified(folder: Path) -> Mapping[str, str]:
    try:
        return verify_manifest(folder)
    except ModelRefused as error:
        raise ListsRefused(
            *error.breaches[:-1] or error.breaches, "Prepare the date again; nothing was loaded."
        ) from None


def read_prepared(folder: Path) -> Prepared:
    """Load a prepared date, having checked every file of it against its manifest.

    Raises
    ------
    OtherFormat
        It was prepared by another version of this program.
    ListsRefused
        It is not there, incomplete or altered.
    """
    named = _verified(folder)
    if FACTS in named:  # first: another format may have other files
        held = json.loads((folder / FACTS).read_text(encoding="utf-8")).get("format")
        if held != FORMAT:
            raise OtherFormat(
                f"{folder} is of format {held}, and this version reads {FORMAT}. Move it away, and prepare the date again."
            )
    wanted = [FACTS, ACCOUNTS, PREVIOUS, PROFILES, REACH, *(f"{name}.parquet" for name in FRAMES)]
    if missing := [name for name in wanted if name not in named]:
        raise ListsRefused(
            f"{folder} is not a prepared date: its manifest names no {' and no '.join(missing)}."
        )
    documents = {name: json.loads((folder / name).read_text(encoding="utf-8")) for name in wanted[:5]}
    frames = {name: pd.read_parquet(folder / f"{name}.parquet") for name in FRAMES}
    frames["matrix"] = frames["matrix"].sort_values("pupil", ignore_index=True)
    try:
        facts = facts_from(documents[FACTS])
    except (KeyError, TypeError, ValueError):
        raise ListsRefused(f"{folder} is of another version. Prepare the date again with this one.") from None
    return Prepared(
        facts, documents[ACCOUNTS], documents[PREVIOUS], documents[PROFILES], documents[REACH], frames,
        sha256(folder / "manifest.json"),
    )  # fmt: skip
