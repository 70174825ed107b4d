"""The plan that a family can be given, and beside it the same for the child: what people agreed, in plain words.

It says what was agreed at the meeting and nothing of what brought the child before it: no list, no estimate, no band, no level.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from serving.screening.record import ScreeningRecord
from serving.wording import day

TEMPLATE = "screening/templates/plan.typ"
Reader = Literal["family", "child"]
READERS: tuple[Reader, ...] = ("family", "child")
NOT_SETTLED = "A plan can be given once the meeting has settled on something. Record that first."
# What each reader is told. A test holds all of it to a reading age of about twelve, the child's to that of about nine.
WORDS: dict[Reader, dict[str, Any]] = {
    "family": {
        "title": "Our plan for {name}",
        "about": "People who know {name} met on {day} to talk about how school is going and what could help. This is what we agreed.",
        "going_well": "What is going well",
        "no_going_well": "Please tell us what is going well, so that we can write it here:",
        "agreed": "What we agreed, and who does it",
        "no_actions": "We did not agree anything new to do.",
        "columns": ("What", "Who", "By when"),
        "no_who": "We will tell you who",
        "no_day": "We will tell you when",
        "done": "What is done already",
        "leads": "{name} makes sure that this happens. You can talk to them at any time.",
        "again": "When we look again",
        "again_on": "We will look at this plan again on {day}. Please tell us before then what has helped and what has not.",
        "again_never": "We have not set a day. You can ask us to look again at any time.",
        "wrong": "If something is wrong",
        "wrong_words": (
            "This is your plan too. Tell us if something in it is wrong or left out, or if you do not agree.",
            "You can say no to help that is offered here. It will not count against {name}.",
            "You can ask to see all that we hold about {name}, and ask us to put it right.",
            "You can also complain. We must tell you within 30 days that we have your complaint.",
        ),
        "contact": "Whom you can write to:",
        "no_contact": "The school can give you the address. Ask for the council’s data protection officer.",
    },
    "child": {
        "title": "{name}’s plan",
        "about": "Some grown-ups who know you met on {day}. They talked about how to make school go well for you.",
        "going_well": "What is going well",
        "no_going_well": "What do you think is going well? You can write or draw it here:",
        "agreed": "What people will do",
        "no_actions": "There is nothing new to do right now.",
        "columns": ("What", "Who", "By when"),
        "no_who": "We will tell you",
        "no_day": "We will tell you",
        "done": "What is done already",
        "leads": "{name} makes sure it happens. You can ask them about it.",
        "again": "When we look again",
        "again_on": "We will look at your plan again on {day}. You can tell us how it is going.",
        "again_never": "You can ask us to look at it again.",
        "wrong": "Is something not right?",
        "wrong_words": (
            "You can tell us if something here is wrong, or if you do not like it.",
            "Tell a grown-up you trust. You can say it, write it or draw it.",
            "You are not in trouble. This plan is to help you.",
        ),
        "contact": "",
        "no_contact": "",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Contacts:
    """Whom a family can write to, as the authority says it; empty where it does not."""

    data_protection_officer: str = ""
    complaints: str = ""
    sendiass: str = ""

    @property
    def lines(self) -> list[str]:
        """Each once: who it is, and where."""
        said = (
            ("About what we hold", self.data_protection_officer),
            ("To complain", self.complaints),
            ("Free advice that is not the council’s (SENDIASS)", self.sendiass),
        )
        return [f"{title}: {text}" for title, text in said if text]


def plan_data(found: ScreeningRecord, name: str, contacts: Contacts, made_on: date) -> dict[str, Any]:
    """What both plans say, as the page and the paper take it.

    Parameters
    ----------
    found : ScreeningRecord
        Settled: without that there is no plan to give (`NOT_SETTLED`).
    name : str
        How the child is called.
    """
    return {
        "made": f"Made on {day(made_on)} from what was agreed on {day(found.now.review_held_on or found.meeting_on)}.",
        "plans": [_plan(found, name, reader, contacts) for reader in READERS],
    }


def _plan(found: ScreeningRecord, name: str, reader: Reader, contacts: Contacts) -> dict[str, Any]:
    now, words = found.now, WORDS[reader]
    going_on = [each for each in now.actions if each.is_going_on]
    done = [each.what for each in now.actions if each.became == "done"]
    again = (
        words["again_on"].format(day=day(now.review_on))
        if now.review_on is not None
        else words["again_never"]
    )
    return {
        "reader": reader,
        "title": words["title"].format(name=name),
        "about": words["about"].format(name=name, day=day(found.meeting_on)),
        "going_well_title": words["going_well"],
        "going_well": now.going_well.strip(),
        "no_going_well": words["no_going_well"],
        "agreed": words["agreed"],
        "columns": list(words["columns"]),
        "actions": [
            [each.what, each.who or words["no_who"], day(each.by) if each.by else words["no_day"]]
            for each in going_on
        ],
        "no_actions": words["no_actions"],
        "done_title": words["done"],
        "done": done,
        "leads": words["leads"].format(name=now.who_leads.strip()) if now.who_leads.strip() else "",
        "again_title": words["again"],
        "again": again,
        "wrong_title": words["wrong"],
        "wrong": [each.format(name=name) for each in words["wrong_words"]],
        "contact": words["contact"],
        "contacts": _contacts(words, contacts),
    }


def _contacts(words: dict[str, Any], contacts: Contacts) -> Sequence[str]:
    if not words["contact"]:
        return ()
    return contacts.lines or [words["no_contact"]]
