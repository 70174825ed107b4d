"""The letter in front of a copy of everything held: what is held, and who looked, in plain words and on one page."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from serving.wording import STATES, day

LISTED, NO_LIST = "listed", "not_listed"
ROLES = {
    "officer": ("officer of a meeting", "officers of a meeting"),
    "data_scientist": ("data scientist (who sees no names)", "data scientists (who see no names)"),
    "reviewer": ("fairness reviewer", "fairness reviewers"),
    "information_governance": ("person who answers requests such as yours", "people who answer requests such as yours"),
    "administrator": ("administrator", "administrators"),
    "manager": ("manager (who sees counts alone)", "managers (who see counts alone)"),
}  # fmt: skip


def letter(held: Mapping[str, Any]) -> list[str]:
    """The sentences of the letter; no code, no hash and no word of another child is in them.

    Parameters
    ----------
    held : mapping
        From `serving.rights.held.everything_held`.
    """
    service = held["service"]
    return [
        *_of_lists(held["lists"]),
        *_of_people(service),
        _of_viewers(held["viewers"]),
        *_of_files(held["files"]),
        "A list only asks people at a meeting to talk about a child. People decide, with the school and the family.",
    ]


def _of_lists(rows: list[Mapping[str, Any]]) -> Iterator[str]:
    """Where the child stood at the own school, by day."""
    of_school = {str(row["as_of"])[:10]: str(row["state"]) for row in rows if row["list_of"] == "schools"}
    if not of_school:
        yield "Your child has a place on no list that we keep."
        return
    for on, state in sorted(of_school.items())[-6:]:
        name = STATES[state][0].lower() if state in STATES else state.replace("_", " ")
        yield f"On the list of {_day(on)} for a meeting at the school your child stood under “{name}”."


def _of_people(service: Mapping[str, list[Mapping[str, Any]]]) -> Iterator[str]:
    screenings, referrals, wrong = (
        len(service.get(name, [])) for name in ("screenings", "referrals", "wrong_facts")
    )
    yield (
        f"A meeting talked about your child {_times(screenings)}."
        if screenings
        else "No meeting has written anything down about your child."
    )
    if referrals:
        yield f"Somebody asked a meeting to talk about your child {_times(referrals)}."
    if wrong:
        yield f"Somebody told us that a fact is wrong {_times(wrong)}."


def _of_viewers(rows: list[Mapping[str, Any]]) -> str:
    by_role: Counter[str] = Counter()
    for _, role in {(row["person"], row["role"]) for row in rows}:
        by_role[role] += 1
    if not by_role:
        return "Nobody has looked at your child’s page."
    told = [
        f"{number} {ROLES[role][number > 1] if role in ROLES else role.replace('_', ' ')}"
        for role, number in sorted(by_role.items())
    ]
    return f"These people saw something about your child: {', '.join(told)}. Each time is listed below."


def _of_files(files: list[Mapping[str, Any]]) -> Iterator[str]:
    num = sum(1 for each in files if each["rows"])
    if num:
        yield (
            "We also keep records that schools and services sent, such as attendance. They are below, each under its own heading."
        )


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def _day(text: str) -> str:
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return text
