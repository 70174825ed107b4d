"""One meeting's list, put together: who stands where, in order of name, and what is said of each."""

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from serving.account import HELD_BACK
from serving.cards import Help, Line, Reasons
from serving.changes import Since
from serving.signposts import SIGNPOSTS
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


@dataclass(frozen=True)
class Person:
    """A pupil as a page names one.

    Attributes
    ----------
    label : str
        Surname first, for a table in order of name; the pseudonym where names are not held.
    name : str
        Forename first, for a card's heading.
    code : str
        The UPN where names are shown, else the pseudonym.
    order : tuple of str
        What the order of name compares, without accents or case.
    """

    pupil: int
    label: str
    name: str
    surname: str
    forename: str
    code: str
    nc_year: int
    year: str
    school: str
    order: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """A person's line in one state of one list."""

    person: Person
    note: str
    since: str
    prompts: list[Help]


@dataclass(frozen=True)
class Card:
    """What the meeting has before it about one child."""

    person: Person
    state: str
    note: str
    sections: Mapping[str, list[Line]]
    moved: list[str]
    signposts: list[Help]
    since: str


@dataclass(frozen=True)
class Heading:
    """Whose list it is.

    Attributes
    ----------
    key : str
        The name of its files.
    title, group, place : str
        The school or district, the heading it stands under on the index, what else to say of where it is.
    phase : str
        Of the school; empty for a district.
    is_district : bool
    """

    key: str
    title: str
    group: str
    place: str
    phase: str
    is_district: bool


@dataclass(frozen=True)
class MeetingList:
    """One list whole, as pages, workbooks and CSV show it.

    Attributes
    ----------
    states : dict of str to list of Row
        State to those named under it, in order of name.
    counts : dict of str to int
        State, `not_listed` and `on_roll` to how many pupils stand there, named or not.
    not_assessed : dict of str to tuple
        Reason to how many, and those of them whom a page names.
    notes : list of str
        What a reader should know before reading the list.
    left : list of str
        Where those who were listed last time, and are not now, stand.
    """

    heading: Heading
    places: int
    states: Mapping[str, list[Row]]
    counts: Mapping[str, int]
    not_assessed: Mapping[str, tuple[int, list[Row]]]
    cards: list[Card]
    notes: list[str]
    last: str
    left: list[str]
    is_model_changed: bool

    def prompts_of(self, rows: Sequence[Row]) -> list[Help]:
        """What some rows' prompts say, each status once, in the order of a card."""
        found = {prompt.status: prompt for row in rows for prompt in row.prompts}
        return [found[each.status] for each in SIGNPOSTS.values() if each.status in found]


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
            row = Row(person, note, SINCE[since.state(person.pupil)], reasons.signposts.get(person.pupil, []))
            states[state].append(row)
            by_reason.setdefault(reason, []).append(row)
    for rows in [*states.values(), *by_reason.values()]:
        rows.sort(key=lambda row: row.person.order)
    for state in CARDED:
        for row in states[state]:
            pupil = row.person.pupil
            moved = reasons.moved_sentences(pupil, row.person.nc_year)
            cards.append(
                Card(row.person, state, row.note, reasons.sections(pupil), moved, row.prompts, row.since)
            )
    counts = {state: len(entries) for state, entries in account["states"].items()}
    counts |= {"not_listed": account["not_listed"], "on_roll": account["on_roll"]}
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
