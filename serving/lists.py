"""Lists for every school's and district's meeting: pages, workbooks, CSV, and one JSON for machines.

Every pupil of the cohort is accounted for: in each list the states and `not_listed` add up to
`on_roll`. At the top of the JSON stands the authority, with each pupil in the state of the school's
list; the districts' pooled lists stand under `districts`.
"""

import json
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from features.errors import NoRoom
from features.records.authority import Authority
from models.risk_model import ModelFacts
from serving.account import HELD_BACK, account
from serving.cards import gather
from serving.changes import since
from serving.composing import MeetingList, Person, compose, everyone
from serving.errors import ListsRefused
from serving.pages import template
from serving.placing import school_places
from serving.sheets import list_csv, list_workbook
from serving.stamp import Rates, Stamp
from serving.wording import NOT_FOR, WARNINGS

JSON_FILE = "lists.json"


@dataclass(frozen=True)
class Reading:
    """What lists are made from, at one as-of date; plain frames, so any part can be made up.

    Attributes
    ----------
    authority : Authority
        Names, places, signposts, and the day of the extract.
    schools : pandas.DataFrame
        `Records.schools`.
    matrix : pandas.DataFrame
        The cohort: pupil, as_of, urn, district, nc_year, not_assessed_reason; one row a pupil.
    states : pandas.DataFrame
        From `serving.placing.states_of_everyone`; one row a pupil of the matrix.
    facts : pandas.DataFrame
        pupil, family, kind, dated_on, sentence; at least of those listed or who could go either way.
    statuses : pandas.DataFrame
        pupil, status, since; at least of those who are named.
    contributions : pandas.DataFrame
        pupil, family, contribution, is_sign_stable.
    names : pandas.DataFrame or None
        pupil, upn, forename, surname; None where pages carry pseudonyms.
    """

    authority: Authority
    schools: pd.DataFrame
    matrix: pd.DataFrame
    states: pd.DataFrame
    facts: pd.DataFrame
    statuses: pd.DataFrame
    contributions: pd.DataFrame
    names: pd.DataFrame | None = None


def write_lists(
    out: Path,
    as_of: date,
    reading: Reading,
    model: ModelFacts,
    release: str,
    rates: Rates | None = None,
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
    rates : Rates or None
        From the evidence; None says that there is none.
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
    _check(out, as_of, reading, model, previous, urn, district)
    identity = reading.authority.authority
    stamp = Stamp(
        identity.name, release, as_of, model.expires_on, identity.extracted_on, model.outcome, model.window_days,
        identity.is_made_up, model.is_made_up, reading.names is not None, rates,
    )  # fmt: skip
    accounts = _accounts(as_of, reading, stamp, urn, district)
    meetings = list(_meetings(accounts, reading, previous, _sentences(as_of, identity.extracted_on, warnings)))
    out.parent.mkdir(parents=True, exist_ok=True)
    building: Path | None = None
    try:
        building = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
        _write(building, accounts, meetings, stamp)
        building.chmod(0o750)
        building.replace(out)
    except OSError as error:
        raise NoRoom(f"The lists could not be written beside {out} ({error.strerror}). Make room or name another folder; nothing was left behind.") from None
    finally:
        if building is not None:
            shutil.rmtree(building, ignore_errors=True)
    return accounts


def _check(
    out: Path, as_of: date, reading: Reading, model: ModelFacts, previous: Mapping[str, Any] | None, urn: int | None, district: str | None
) -> None:
    matrix, states = reading.matrix, reading.states
    breaches = []
    if as_of >= model.expires_on:
        breaches.append(f"The model expired on {model.expires_on}, and a list was asked for {as_of}. Train or release a newer model.")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        breaches.append(f"{out} already holds something, and earlier lists are not written over. Name a new folder, or remove it first.")
    if (wrong := int((matrix["as_of"] != as_of).sum())) > 0:
        breaches.append(f"{wrong} rows of the matrix are of another date than {as_of}. Make the matrix for that one date.")
    if (twice := int(matrix["pupil"].duplicated().sum())) > 0:
        breaches.append(f"{twice} pupils are in the matrix more than once. A pupil on two rolls belongs to the main school (M) alone.")
    if len(states) != len(matrix) or set(states["pupil"]) != set(matrix["pupil"]):
        breaches.append(f"There are states for {len(states)} pupils and {len(matrix)} on roll. Give every pupil exactly one state.")
    if previous is not None and date.fromisoformat(previous["as_of"]) >= as_of:
        breaches.append(f"The earlier list is of {previous['as_of']}, not before {as_of}. Name one that is.")
    if (strangers := set(matrix["urn"]) - set(reading.schools["urn"])) != set():
        breaches.append(f"{len(strangers)} schools of the matrix are not in the schools table. Import the extract again.")
    if urn is not None and urn not in set(reading.schools["urn"]):
        breaches.append(f"No school has the URN {urn}. Look it up in the schools table.")
    if district is not None and district not in set(reading.schools["district"]):
        breaches.append(f"No district is called {district!r}. There are: {', '.join(sorted(set(reading.schools['district'])))}.")
    if breaches:
        raise ListsRefused(*breaches)


def _sentences(as_of: date, extracted_on: date, warnings: Sequence[str]) -> list[str]:
    behind = (as_of - extracted_on).days
    found = [WARNINGS[key] for key in warnings]
    return [*found, WARNINGS["records_behind"].format(days=behind)] if behind > 1 else found


def _accounts(as_of: date, reading: Reading, stamp: Stamp, urn: int | None, district: str | None) -> dict[str, Any]:
    people = reading.matrix[["pupil", "urn", "district", "nc_year", "not_assessed_reason"]].merge(
        reading.states, on="pupil", validate="one_to_one"
    )
    people = people.assign(reason=people.pop("not_assessed_reason").fillna("")).sort_values("pupil")
    at_school = people.assign(state=people["school_state"], is_near_the_line=people["is_near_school_line"])
    in_district = people.assign(state=people["district_state"], is_near_the_line=people["is_near_district_line"])
    schools, places = _open_schools(reading.schools, as_of, set(people["urn"])), school_places(reading.schools, reading.authority)
    if urn is not None:
        schools = schools[schools["urn"] == urn]
    if district is not None:
        schools = schools[schools["district"] == district]
    of_school = _each(at_school, "urn", schools["urn"].tolist())
    of_district = _each(in_district, "district", [] if urn is not None else sorted(set(schools["district"])))
    shown = at_school[at_school["urn"].isin(schools["urn"])]
    mark = stamp.account()
    return {
        **account(mark, sum(places[number] for number in schools["urn"]), shown[shown["state"] != "not_listed"], len(shown)),
        "is_made_up": bool(stamp.banner),
        "expires_on": stamp.expires_on.isoformat(),
        "not_to_be_used_for": list(NOT_FOR),
        "districts": {
            name: account(mark, reading.authority.meeting.places_per_district, rows, on_roll) for name, rows, on_roll in of_district
        },
        "schools": {str(number): account(mark, places[number], rows, on_roll) for number, rows, on_roll in of_school},
    }


def _open_schools(schools: pd.DataFrame, as_of: date, with_pupils: set[int]) -> pd.DataFrame:
    """Schools with somebody on roll, and those open on the day with nobody."""
    day = pd.Timestamp(as_of)
    opened, closed = pd.to_datetime(schools["opened_on"]), pd.to_datetime(schools["closed_on"])
    is_open = (opened.isna() | (opened <= day)) & (closed.isna() | (closed > day))
    return schools[is_open | schools["urn"].isin(with_pupils)].sort_values("urn")


def _each(people: pd.DataFrame, column: str, keys: Sequence[Any]) -> Iterator[tuple[Any, pd.DataFrame, int]]:
    """For each key the rows that are not `not_listed`, and how many rows there are in all."""
    on_roll = people[column].value_counts()
    named = {key: rows for key, rows in people[people["state"] != "not_listed"].groupby(column)}
    nobody = people.iloc[:0]
    for key in keys:
        yield key, named.get(key, nobody), int(on_roll.get(key, 0))


def _meetings(
    accounts: Mapping[str, Any], reading: Reading, previous: Mapping[str, Any] | None, warnings: Sequence[str]
) -> Iterator[MeetingList]:
    matrix, schools = reading.matrix, reading.schools
    named = _named(accounts)
    school_names = dict(zip(schools["urn"].tolist(), schools["name"].tolist(), strict=True))
    district_of = dict(zip(schools["urn"].tolist(), schools["district"].tolist(), strict=True))
    people: dict[int, Person] = everyone(matrix[matrix["pupil"].isin(list(named))], reading.names, school_names)
    reasons = gather(named, reading.facts, reading.statuses, reading.contributions, reading.authority.signposts)
    rolls = {
        "districts": matrix.groupby("district")["pupil"].agg(set).to_dict(),
        "schools": {str(urn): pupils for urn, pupils in matrix.groupby("urn")["pupil"].agg(set).items()},
    }
    for level in ("districts", "schools"):
        for key, one in accounts[level].items():
            is_district = level == "districts"
            before = (previous or {}).get(level, {}).get(key)
            yield compose(
                f"{level}/{_slug(key, list(accounts[level])) if is_district else key}",
                f"{key} district" if is_district else school_names[int(key)],
                "" if is_district else f"{district_of[int(key)]} district",
                "" if is_district else f"{district_of[int(key)]} district, URN {key}",
                is_district, one, people, reasons, since(one, before, rolls[level].get(key, set())), warnings,
            )  # fmt: skip


def _named(accounts: Mapping[str, Any]) -> set[int]:
    """Whoever is named anywhere; those held back are not."""
    return {
        entry["pupil"]
        for level in ("districts", "schools")
        for one in accounts[level].values()
        for entries in one["states"].values()
        for entry in entries
        if entry["pupil"] is not None and entry.get("reason") not in HELD_BACK
    }


def _slug(name: str, names: Sequence[str]) -> str:
    """A district's file name; numbered, where two names would fall together."""
    slugs = [re.sub(r"[^a-z0-9]+", "-", each.lower()).strip("-") or "district" for each in names]
    place = names.index(name)
    return slugs[place] if slugs.count(slugs[place]) == 1 else f"{slugs[place]}-{place + 1}"


def _write(folder: Path, accounts: Mapping[str, Any], meetings: Sequence[MeetingList], stamp: Stamp) -> None:
    for level in ("districts", "schools"):
        (folder / level).mkdir()
    page = template("list.html")
    for meeting in meetings:
        (folder / f"{meeting.key}.html").write_text(page.render(meeting=meeting, stamp=stamp), encoding="utf-8")
        (folder / f"{meeting.key}.xlsx").write_bytes(list_workbook(meeting, stamp))
        (folder / f"{meeting.key}.csv").write_bytes(list_csv(meeting, stamp))
    index = template("index.html").render(meetings=meetings, accounts=accounts, stamp=stamp)
    (folder / "index.html").write_text(index, encoding="utf-8")
    (folder / JSON_FILE).write_text(json.dumps(accounts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
