"""Prepare an as-of date for the service: a sealed folder of everything it may answer, and nothing more.

A restricted pupil (adopted, protected address) is counted and is in no file; an estimate is in no file
as a number, only as a band that many share.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from features.errors import NoRoom
from features.files import whole_folder
from models.manifest import write_manifest
from serving.account import accounts_of
from serving.errors import ListsRefused
from serving.prepared.facts import ACCOUNTS, FACTS, MATRIX, PREVIOUS, PROFILES, REACH, PreparedFacts
from serving.prepared.profile import district_profiles, reach_of_help
from serving.reading import Reading


def write_prepared(
    root: Path,
    facts: PreparedFacts,
    reading: Reading,
    bands: pd.DataFrame,
    statuses: pd.DataFrame,
    previous: Mapping[str, Any] | None = None,
    groups: Mapping[str, Mapping[int, str]] | None = None,
) -> Path:
    """Write one prepared date into `root`, all of it or nothing.

    Parameters
    ----------
    root : Path
        Folder of prepared dates; one folder a date, named by it.
    reading : Reading
    bands : pandas.DataFrame
        From `serving.prepared.bands.banded`, of those who were assessed.
    statuses : pandas.DataFrame
        From `features.status.statuses`, of the whole cohort.
    previous : mapping or None
        The accounts of an earlier prepared date, to say what changed.
    groups : mapping or None
        As `serving.prepared.profile.reach_of_help` takes them; they are counted, and not kept.

    Returns
    -------
    Path
        The date's folder.

    Raises
    ------
    ListsRefused
        The model is past its expiry at the date, the frames do not agree, or the date is there already.
    NoRoom
        The disk is full or `root` may not be written to; nothing half-written is left.
    """
    folder = root / facts.as_of.isoformat()
    breaches = reading.breaches(facts.as_of)
    if facts.as_of >= facts.expires_on:
        breaches.append(
            f"The model expired on {facts.expires_on}, and {facts.as_of} was asked for. Train or release a newer model."
        )
    if folder.exists():
        breaches.append(f"{folder} is there already. Remove it first to prepare the date again.")
    if breaches:
        raise ListsRefused(*breaches)
    matrix = reading.matrix
    is_restricted = (matrix["not_assessed_reason"] == "restricted").to_numpy()
    hidden = set(matrix["pupil"][is_restricted])
    shown = {
        "schools": reading.schools,
        "matrix": matrix.loc[~is_restricted, list(MATRIX)].merge(reading.states, on="pupil"),
        "bands": bands,
        "facts": reading.facts,
        "statuses": statuses,
        "contributions": reading.contributions,
        "weeks": reading.weeks,
    }
    profiles = district_profiles(matrix, statuses, matrix["is_supported"])
    documents = {
        FACTS: facts.as_json(),
        ACCOUNTS: accounts_of(facts.as_of, reading, facts.stamp(False), None, None),
        PREVIOUS: dict(previous) if previous else None,
        PROFILES: profiles,
        REACH: reach_of_help(matrix, matrix["is_supported"], groups or {}),
    }
    try:
        root.mkdir(parents=True, exist_ok=True, mode=0o750)
        with whole_folder(folder, mode=0o700) as building:
            for name, frame in shown.items():
                kept = frame[~frame["pupil"].isin(hidden)] if "pupil" in frame else frame
                kept.to_parquet(building / f"{name}.parquet", index=False)
            for name, document in documents.items():
                text = json.dumps(document, ensure_ascii=False, default=str, allow_nan=False)
                (building / name).write_text(text + "\n", encoding="utf-8")
            write_manifest(building)
            building.chmod(0o750)
    except OSError as error:
        raise NoRoom(
            f"The date could not be written into {root} ({error.strerror}). Make room or name another folder; nothing was left behind."
        ) from None
    return folder
