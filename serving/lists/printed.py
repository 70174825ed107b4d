"""Lists for every school's and district's meeting: pages, workbooks, CSV, and one JSON for machines.

Every pupil of the cohort is accounted for: in each list the states and `not_listed` add up to
`on_roll`. At the top of the JSON stands the authority, with each pupil in the state of the school's
list; the districts' pooled lists stand under `districts`.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from features.errors import NoRoom
from features.files import whole_folder
from models.risk_model import ModelFacts
from serving.account import accounts_of, named_in, open_schools
from serving.cards import gather
from serving.changes import since
from serving.composing import compose, everyone
from serving.errors import ListsRefused
from serving.meeting import Heading, MeetingList
from serving.pages import template
from serving.reading import Reading
from serving.screening.record import asked_at_a_meeting
from serving.sheets import list_csv, list_workbook
from serving.stamp import OUTSIDE_LOG, Stamp, rates_of
from serving.strip import Weeks
from serving.wording import WARNINGS

JSON_FILE = "lists.json"


def write_lists(
    out: Path,
    as_of: date,
    reading: Reading,
    model: ModelFacts,
    release: str,
    evidence: Mapping[str, Any] | None = None,
    previous: Mapping[str, Any] | None = None,
    warnings: Sequence[str] = (),
    urn: int | None = None,
    district: str | None = None,
) -> dict[str, Any]:
    """Write every school's and district's list into a new folder, all of it or nothing.

    Parameters
    ----------
    out : Path
        A folder that is not there yet, or is empty: a meeting's earlier lists are never written over.
    as_of : date
    reading : Reading
    model : ModelFacts
    release : str
        Name of the release or candidate, as stamped.
    evidence : mapping or None
        What `evidence.json` holds, for what came after past lists; None says that there is none.
    previous : mapping or None
        The JSON of an earlier run, to say what changed.
    warnings : sequence of str
        Keys of `wording.WARNINGS` that hold for this run.
    urn : int or None
        Only this school's list.
    district : str or None
        Only this district's list and those of its schools.

    Returns
    -------
    dict
        What `lists.json` holds.

    Raises
    ------
    ListsRefused
        The model is past its expiry, the inputs do not agree, the earlier run is not earlier, the
        school or district is not known, or `out` holds something; every breach at once.
    NoRoom
        The disk is full or `out` may not be written to; nothing half-written is left.
    """
    breaches = reading.breaches(as_of)
    breaches += breaches_of(out, as_of, reading.schools, model, previous, urn, district)
    breaches += _nobody_there(as_of, reading, urn)
    if breaches:
        raise ListsRefused(*breaches)
    identity = reading.authority.authority
    stamp = Stamp(
        identity.name, release, as_of, model.expires_on, identity.extracted_on, model.outcome, model.window_days,
        identity.is_made_up, model.is_made_up, reading.names is not None, rates_of(evidence), OUTSIDE_LOG,
    )  # fmt: skip
    accounts = accounts_of(as_of, reading, stamp, urn, district)
    said = sentences(as_of, identity.extracted_on, warnings)
    meetings = list(_meetings(accounts, reading, previous, said, as_of))
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with whole_folder(out, mode=0o700) as building:
            _write(building, accounts, meetings, stamp, said)
            building.chmod(0o750)
    except OSError as error:
        raise NoRoom(
            f"The lists could not be written beside {out} ({error.strerror}). Make room or name another folder; nothing was left behind."
        ) from None
    return accounts


def breaches_of(
    out: Path,
    as_of: date,
    schools: pd.DataFrame,
    model: ModelFacts,
    previous: Mapping[str, Any] | None,
    urn: int | None,
    district: str | None,
) -> list[str]:
    """What is wrong with what was asked for, one sentence a breach; nothing needs to be computed to know it."""
    breaches = []
    if as_of >= model.expires_on:
        breaches.append(
            f"The model expired on {model.expires_on}, and a list was asked for {as_of}. Train or release a newer model."
        )
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        breaches.append(
            f"{out} already holds something, and earlier lists are not written over. Name a new folder, or remove it first."
        )
    if previous is not None and date.fromisoformat(previous["as_of"]) >= as_of:
        breaches.append(f"The earlier list is of {previous['as_of']}, not before {as_of}. Name one that is.")
    districts = dict(zip(schools["urn"], schools["district"], strict=True))
    if urn is not None and urn not in districts:
        breaches.append(f"No school has the URN {urn}. Look it up in the schools table.")
    if district is not None and district not in districts.values():
        breaches.append(
            f"No district is called {district!r}. There are: {', '.join(sorted(set(districts.values())))}."
        )
    elif district is not None and districts.get(urn, district) != district:
        breaches.append(f"School {urn} is in {districts[urn]}, not in {district}. Name one of the two.")
    return breaches


def _nobody_there(as_of: date, reading: Reading, urn: int | None) -> list[str]:
    """A breach where the one school asked for is not open on the day and has nobody on roll."""
    if urn is None or urn not in set(reading.schools["urn"]):
        return []
    listed = open_schools(reading.schools, as_of, set(reading.matrix["urn"]))
    if urn in set(listed["urn"]):
        return []
    return [
        f"School {urn} is not open on {as_of}, and nobody is on its roll. Look up which school took its place."
    ]


def sentences(as_of: date, extracted_on: date, warnings: Sequence[str]) -> list[str]:
    """What every list of a run should say first: the warnings that hold, and how far behind the records are."""
    behind = (as_of - extracted_on).days
    found = [WARNINGS[key] for key in warnings]
    return [*found, WARNINGS["records_behind"].format(days=behind)] if behind > 1 else found


def _meetings(
    accounts: Mapping[str, Any],
    reading: Reading,
    previous: Mapping[str, Any] | None,
    warnings: Sequence[str],
    as_of: date,
) -> Iterator[MeetingList]:
    matrix, schools = reading.matrix, reading.schools
    named = named_in(accounts)
    school_names = dict(zip(schools["urn"].tolist(), schools["name"].tolist(), strict=True))
    people = everyone(matrix[matrix["pupil"].isin(list(named))], reading.names, school_names)
    reasons = gather(
        named, reading.facts, reading.statuses, reading.contributions, reading.authority.signposts, as_of,
        Weeks.of(reading.authority, as_of), reading.weeks,
    )  # fmt: skip
    rolls: dict[str, dict[str, set[int]]] = {
        "districts": {
            str(name): pupils for name, pupils in matrix.groupby("district")["pupil"].agg(set).items()
        },
        "schools": {str(urn): pupils for urn, pupils in matrix.groupby("urn")["pupil"].agg(set).items()},
    }
    headings = _headings(accounts, schools)
    for level in ("districts", "schools"):
        for key, one in accounts[level].items():
            before = (previous or {}).get(level, {}).get(key)
            changed = since(one, before, rolls[level].get(key, set()))
            yield compose(headings[level, key], one, people, reasons, changed, warnings)


def _headings(accounts: Mapping[str, Any], schools: pd.DataFrame) -> dict[tuple[str, str], Heading]:
    found = {}
    for key in accounts["districts"]:
        slug = _slug(key, list(accounts["districts"]))
        found["districts", key] = Heading(f"districts/{slug}", f"{key} district", "", "", "", True)
    columns = (schools[column].tolist() for column in ("urn", "name", "district", "phase"))
    for urn, name, district, phase in zip(*columns, strict=True):
        group = f"{district} district"
        found["schools", str(urn)] = Heading(
            f"schools/{urn}", name, group, f"{group}, URN {urn}", phase, False
        )
    return found


def _slug(name: str, names: Sequence[str]) -> str:
    """A district's file name; numbered, where two names would fall together."""
    slugs = [re.sub(r"[^a-z0-9]+", "-", each.lower()).strip("-") or "district" for each in names]
    place = names.index(name)
    return slugs[place] if slugs.count(slugs[place]) == 1 else f"{slugs[place]}-{place + 1}"


def _write(
    folder: Path,
    accounts: Mapping[str, Any],
    meetings: Sequence[MeetingList],
    stamp: Stamp,
    notes: Sequence[str],
) -> None:
    for level in ("districts", "schools"):
        (folder / level).mkdir()
    page = template("list.html")
    for meeting in meetings:
        (folder / f"{meeting.heading.key}.html").write_text(
            page.render(meeting=meeting, stamp=stamp, box=asked_at_a_meeting()), encoding="utf-8"
        )
        (folder / f"{meeting.heading.key}.xlsx").write_bytes(list_workbook(meeting, stamp))
        (folder / f"{meeting.heading.key}.csv").write_bytes(list_csv(meeting, stamp))
    index = template("index.html").render(meetings=meetings, accounts=accounts, stamp=stamp, notes=notes)
    (folder / "index.html").write_text(index, encoding="utf-8")
    (folder / JSON_FILE).write_text(
        json.dumps(accounts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
