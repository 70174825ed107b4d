"""One meeting's list, put together: who stands where, in order of name, and what is said of each."""

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from serving.account import HELD_BACK
from serving.cards import Reasons
from serving.changes import Since
from serving.meeting import Card, Heading, MeetingList, Person, Row
from serving.wording import (
    ALL_NOT_ASSESSED,
    EMPTY_PLACES,
    LEFT_LIST,
    NEAR_THE_LINE,
    NO_PLACES,
    NO_PUPILS,
    NOT_ASSESSED,
    SINCE,
    STATES,
    day,
    pseudonym,
    year_group,
)

CARDED = ("listed", "could_go_either_way")
NAME_AT_MOST = 30  # more who were not assessed for one reason are counted on a page; the workbook names them


def everyone(
    people: pd.DataFrame, names: pd.DataFrame | None, schools: Mapping[int, str]
) -> dict[int, Person]:
    """How each pupil is named; `people` holds pupil, urn and nc_year of those who may be."""
    held = {} if names is None else {
        pupil: (upn, forename, surname)
        for pupil, upn, forename, surname in zip(
            names["pupil"].tolist(), names["upn"].fillna("").tolist(),
            names["forename"].fillna("").tolist(), names["surname"].fillna("").tolist(), strict=True,
        )
    }  # fmt: skip
    found = {}
    for pupil, urn, nc_year in zip(
        people["pupil"].tolist(), people["urn"].tolist(), people["nc_year"].tolist(), strict=True
    ):
        upn, forename, surname = held.get(pupil, ("", "", ""))
        code = upn or pseudonym(pupil)
        label = ", ".join(filter(None, (surname, forename))) or code
        name = " ".join(filter(None, (forename, surname))) or f"Pupil {code}"
        order = (_plain(surname or "￿"), _plain(forename), code)
        found[pupil] = Person(
            pupil, label, name, surname, forename, code, nc_year, year_group(nc_year), schools[urn], order
        )
    return found


def _plain(text: str) -> str:
    return "".join(
        letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter)
    ).casefold()


def compose(
    heading: Heading,
    account: Mapping[str, Any],
    people: Mapping[int, Person],
    reasons: Reasons,
    since: Since,
    warnings: Sequence[str],
) -> MeetingList:
    """One meeting's list from its account.

    Parameters
    ----------
    heading : Heading
    account : mapping
        From `serving.account.account`.
    people : mapping of int to Person
        Everyone whom the account names.
    warnings : sequence of str
        Sentences that hold for every list of this run.
    """
    states: dict[str, list[Row]] = {state: [] for state in STATES}
    cards: list[Card] = []
    by_reason: dict[str, list[Row]] = {}
    num_by_reason: Counter[str] = Counter()
    for state, entries in account["states"].items():
        for entry in entries:
            reason = entry.get("reason", "")
            if state == "not_assessed":
                reason = "withheld" if reason in HELD_BACK else reason if reason in NOT_ASSESSED else "other"
                num_by_reason[reason] += 1
            if entry["pupil"] is None or reason == "withheld":
                continue
            person = people[entry["pupil"]]
            note = NEAR_THE_LINE if entry.get("near_the_line") else NOT_ASSESSED.get(reason, "")
            row = Row(
                person, note, SINCE[since.state(person.pupil)], reasons.signposts.get(person.pupil, []),
                reasons.strips.get(person.pupil),
            )  # fmt: skip
            states[state].append(row)
            by_reason.setdefault(reason, []).append(row)
    for rows in [*states.values(), *by_reason.values()]:
        rows.sort(key=lambda row: row.person.order)
    for state in CARDED:
        for row in states[state]:
            pupil = row.person.pupil
            moved = reasons.moved_sentences(pupil, row.person.nc_year)
            cards.append(
                Card(
                    row.person,
                    state,
                    row.note,
                    reasons.sections(pupil),
                    moved,
                    row.prompts,
                    row.since,
                    row.strip,
                )  # fmt: skip
            )
    counts = {
        **{state: len(entries) for state, entries in account["states"].items()},
        "not_listed": account["not_listed"],
        "on_roll": account["on_roll"],
    }
    not_assessed = {
        reason: (num_by_reason[reason], _shown(reason, by_reason.get(reason, [])))
        for reason in NOT_ASSESSED
        if reason in num_by_reason
    }
    return MeetingList(
        heading, account["places"], states, counts, not_assessed, cards,
        [*_notes(account["places"], counts), *warnings], day(since.last) if since.last else "",
        [f"{count} {LEFT_LIST[state]}" for state, count in since.left.items()] if since.last else [],
        since.is_model_changed,
    )  # fmt: skip


def _shown(reason: str, rows: list[Row]) -> list[Row]:
    # A pupil in alternative provision has prompts of their own (reintegration), so each is named.
    return rows if reason == "alternative_provision" or len(rows) <= NAME_AT_MOST else []


def _notes(places: int, counts: Mapping[str, int]) -> list[str]:
    if counts["on_roll"] == 0:
        return [NO_PUPILS]
    if counts["not_assessed"] == counts["on_roll"]:
        return [ALL_NOT_ASSESSED]
    if places == 0:
        return [NO_PLACES]
    return [EMPTY_PLACES] if counts["listed"] < places else []
