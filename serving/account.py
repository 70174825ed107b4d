"""Where every pupil on a roll stands: the machine's copy of a list, which adds up to the roll.

A pupil held back (`restricted`) is counted by an entry without a pupil; one whose family objected
has an entry for machines and is counted, not named, on every page.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from serving.placing import school_places
from serving.reading import Reading
from serving.stamp import Stamp
from serving.wording import NOT_FOR, STATES

HELD_BACK = ("objection", "restricted")
Entry = dict[str, Any]


def entries(people: pd.DataFrame) -> dict[str, list[Entry]]:
    """The entries of each state, in order of pseudonym, those without a pupil last.

    Parameters
    ----------
    people : pandas.DataFrame
        pupil, urn, state, is_near_the_line, reason, in order of pupil. Rows `not_listed` are skipped.

    Returns
    -------
    dict of str to list of dict
        State to entries: `pupil` (None where restricted), `urn`; `near_the_line` of those listed;
        `reason` of those not assessed. Every state is there, empty where nobody stands in it.
    """
    found: dict[str, list[Entry]] = {state: [] for state in STATES}
    last: dict[str, list[Entry]] = {state: [] for state in STATES}
    rows = zip(people["pupil"].tolist(), people["urn"].tolist(), people["state"].tolist(),
               people["is_near_the_line"].tolist(), people["reason"].tolist(), strict=True)  # fmt: skip
    for pupil, urn, state, is_near, reason in rows:
        if state not in found:
            continue
        entry: Entry = {"pupil": pupil, "urn": urn}
        if state == "listed":
            entry["near_the_line"] = is_near
        if state == "not_assessed":
            entry["reason"] = reason or "other"
        if reason == "restricted":
            entry["pupil"] = None
            if state == "not_assessed":
                entry["reason"] = "withheld"
            last[state].append(entry)
        else:
            found[state].append(entry)
    return {state: found[state] + last[state] for state in STATES}


def account(stamp: Mapping[str, str], places: int, people: pd.DataFrame, on_roll: int) -> dict[str, Any]:
    """One list as the machine's copy holds it.

    Parameters
    ----------
    stamp : mapping
        `as_of` and `release`.
    places : int
        How many children the meeting can look at.
    people : pandas.DataFrame
        As in `entries`; may leave out those not listed.
    on_roll : int
        Everyone in the cohort on this roll; `not_listed` is what the states leave of it.
    """
    states = entries(people)
    return {
        "as_of": stamp["as_of"],
        "release": stamp["release"],
        "places": places,
        "states": states,
        "not_listed": on_roll - sum(map(len, states.values())),
        "on_roll": on_roll,
    }


def standing(states: Mapping[str, list[Entry]]) -> Iterator[tuple[int, str]]:
    """Each pupil who has an entry, with the state it is in."""
    for state, members in states.items():
        for entry in members:
            if entry["pupil"] is not None:
                yield entry["pupil"], state


def named_in(accounts: Mapping[str, Any]) -> set[int]:
    """Whoever is named anywhere; those held back are not."""
    return {
        entry["pupil"]
        for level in ("districts", "schools")
        for one in accounts[level].values()
        for entries in one["states"].values()
        for entry in entries
        if entry["pupil"] is not None and entry.get("reason") not in HELD_BACK
    }


def accounts_of(
    as_of: date, reading: Reading, stamp: Stamp, urn: int | None, district: str | None
) -> dict[str, Any]:
    """The machine's copy of a whole run: the authority, its districts and its schools.

    Parameters
    ----------
    urn, district : int or None, str or None
        Only this school, or only this district and its schools; the top then counts only those.

    Returns
    -------
    dict
        An account of everyone by the state on the school's list, with `districts` (name to account)
        and `schools` (URN as text to account), and the stamp.
    """
    people = reading.matrix[["pupil", "urn", "district", "nc_year", "not_assessed_reason"]].merge(
        reading.states, on="pupil", validate="one_to_one"
    )
    people = people.assign(reason=people.pop("not_assessed_reason").fillna("")).sort_values("pupil")
    at_school = people.assign(state=people["school_state"], is_near_the_line=people["is_near_school_line"])
    in_district = people.assign(
        state=people["district_state"], is_near_the_line=people["is_near_district_line"]
    )
    schools, places = (
        open_schools(reading.schools, as_of, set(people["urn"])),
        school_places(reading.schools, reading.authority),
    )
    if urn is not None:
        schools = schools[schools["urn"] == urn]
    if district is not None:
        schools = schools[schools["district"] == district]
    of_school = _each(at_school, "urn", schools["urn"].tolist())
    of_district = _each(in_district, "district", [] if urn is not None else sorted(set(schools["district"])))
    shown = at_school[at_school["urn"].isin(schools["urn"])]
    mark = stamp.account()
    return {
        **account(
            mark,
            sum(places[number] for number in schools["urn"]),
            shown[shown["state"] != "not_listed"],
            len(shown),
        ),
        "is_made_up": bool(stamp.banner),
        "expires_on": stamp.expires_on.isoformat(),
        "not_to_be_used_for": list(NOT_FOR),
        "districts": {
            name: account(mark, reading.authority.meeting.places_per_district, rows, on_roll)
            for name, rows, on_roll in of_district
        },
        "schools": {
            str(number): account(mark, places[number], rows, on_roll) for number, rows, on_roll in of_school
        },
    }


def open_schools(schools: pd.DataFrame, as_of: date, with_pupils: set[int]) -> pd.DataFrame:
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
