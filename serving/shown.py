"""Whom a release named to a meeting: from the lists' own JSON, wherever they were kept.

`Named` is what a service's store yields too, so that a withdrawal asks both the same question.
"""

import csv
import io
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from serving.account import HELD_BACK
from serving.errors import ListsRefused
from serving.lists.printed import JSON_FILE
from serving.wording import pseudonym

HEADER = ("pupil", "upn", "as_of", "meeting", "state", "release")


@dataclass(frozen=True, order=True)
class Named:
    """A pupil named once, to one meeting.

    Attributes
    ----------
    pupil : int
        The pseudonym.
    as_of : date
    meeting : str
        `school URN`, or `district NAME`.
    state : str
        Where the list put the pupil: listed, could_go_either_way and so on.
    release : str
        As stamped on the list: name and beginning of the hash.
    """

    pupil: int
    as_of: date
    meeting: str
    state: str
    release: str


def lists_under(folders: Iterable[Path]) -> list[Path]:
    """Every lists' JSON in some folders and all below them, in order.

    Raises
    ------
    ListsRefused
        A folder is not there, or holds no lists: whoever was named from them would be missed silently.
    """
    found, breaches = set(), []
    for folder in folders:
        here = set(folder.rglob(JSON_FILE)) if folder.is_dir() else set()
        if not here:
            breaches.append(
                f"{folder} holds no {JSON_FILE}. Name a folder that `pathways list` wrote, or one above it."
            )
        found |= here
    if breaches:
        raise ListsRefused(*breaches)
    return sorted(found)


def named_by(accounts: Mapping[str, Any], release: str) -> Iterator[Named]:
    """Everyone whom one run's lists name, if they are stamped with a release; whoever is held back is named nowhere.

    Parameters
    ----------
    accounts : mapping
        What the lists' JSON holds.
    release : str
        `models.release.Release.stamp`.
    """
    if accounts["release"] != release:
        return
    as_of = date.fromisoformat(accounts["as_of"])
    for level, kind in (("schools", "school"), ("districts", "district")):
        for key, one in accounts[level].items():
            for state, entries in one["states"].items():
                for entry in entries:
                    if entry["pupil"] is not None and entry.get("reason") not in HELD_BACK:
                        yield Named(entry["pupil"], as_of, f"{kind} {key}", state, release)


def named_in_folders(paths: Iterable[Path], release: str) -> list[Named]:
    """Everyone whom the lists of some files name with a release, in order of pseudonym and date."""
    found = {
        each for path in paths for each in named_by(json.loads(path.read_text(encoding="utf-8")), release)
    }
    return sorted(found)


def write_named(path: Path, named: Iterable[Named], names: pd.DataFrame | None = None) -> None:
    """Write them as CSV that only its owner can read; the UPN is there where the identities were given.

    Parameters
    ----------
    names : pandas.DataFrame or None
        `names_for`, indexed by pupil, with the column upn.
    """
    upns = {} if names is None else names["upn"].fillna("").to_dict()
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(HEADER)
    rows.writerows(
        (pseudonym(each.pupil), upns.get(each.pupil, ""), each.as_of, each.meeting, each.state, each.release)
        for each in named
    )
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        file.write(text.getvalue())
