"""Where every pupil on a roll stands: the machine's copy of a list, which adds up to the roll.

A pupil held back (`restricted`) is counted by an entry without a pupil; one whose family objected
has an entry for machines and is counted, not named, on every page.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from serving.wording import STATES

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
