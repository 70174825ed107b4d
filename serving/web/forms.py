"""The fields of every form of the pages, and how what was typed becomes a record that the service takes.

A form holds text as typed. Whatever is not as it should be is said beside its field, and nothing typed is lost.
"""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from serving.http.forms import Form
from serving.messages.meeting import MeetingSaid
from serving.web.words import FIELDS

Record = TypeVar("Record", bound=BaseModel)
YES_NO = {"yes": True, "no": False}
SAY = {
    "missing": "Say this.",
    "string_too_short": "Say this.",
    "string_too_long": "Say it shorter.",
    "string_pattern_mismatch": "It holds characters that cannot be kept. Type it again.",
    "literal_error": "Choose one of those shown.",
}
A_DAY = "Give a day, as 2026-01-31."


class SignInForm(Form):
    """A one-time code."""

    one_time: str = ""


class NothingForm(Form):
    """A button and nothing to say."""


class AskedForm(Form):
    """Whom to look for: a name or part of one, a UPN, or a code."""

    asked: str = ""


class BeginForm(Form):
    """Whose screening begins, before which list, and after which referral."""

    pupil: str = ""
    meeting_on: str = ""
    as_of: str = ""
    referral: str = ""


class ScreeningForm(Form):
    """What a meeting says; `then` is which button was pressed."""

    version: str = ""
    considered: list[str] = []
    considered_words: str = ""
    view: str = ""
    was_known: str = ""
    outcome: str = ""
    needs: list[str] = []
    review_on: str = ""
    words: str = ""
    then: str = ""


class ReviewForm(ScreeningForm):
    """What a review found."""

    held_on: str = ""


class WhyForm(Form):
    """Why a record is put aside or closed."""

    version: str = ""
    words: str = ""


class ReferForm(Form):
    """A child raised, with no score."""

    pupil: str = ""
    route: str = ""
    referred_by: str = ""
    reasons: str = ""
    school: str = ""


class FactWrongForm(Form):
    """A fact that is wrong. `pupil` is left out where the page is of one child."""

    pupil: str = ""
    family: str = ""
    fact: str = ""
    what_is_right: str = ""
    told_by: str = ""


class FactAnswerForm(WhyForm):
    """What came of a fact said to be wrong."""

    state: str = ""


class BetweenForm(Form):
    """From one day to another."""

    since: str = ""
    until: str = ""


class NotAsTyped(Exception):
    """Something typed is not as it should be.

    Attributes
    ----------
    errors : dict of str to str
        Field ("" for the whole form) to what to do.
    """

    def __init__(self, errors: Mapping[str, str]) -> None:
        self.errors = dict(errors)
        super().__init__("not as typed")


def said_in(form: ScreeningForm) -> dict[str, Any]:
    """What a meeting says, as the fields of `MeetingSaid`."""
    plain = {name: getattr(form, name) for name in MeetingSaid.model_fields}
    return {**plain, "was_known": YES_NO.get(form.was_known), "outcome": form.outcome or None, "review_on": form.review_on or None}  # fmt: skip


def said_by(now: Any) -> dict[str, Any]:
    """What a screening says now, as the form holds it."""
    known = {True: "yes", False: "no", None: ""}[now.was_known]
    return {
        "considered": list(now.considered), "considered_words": now.considered_words, "view": now.view, "was_known": known,
        "outcome": now.outcome or "", "needs": list(now.needs), "review_on": now.review_on.isoformat() if now.review_on else "",
        "words": now.words,
    }  # fmt: skip


def record_of(kind: type[Record], fields: Mapping[str, Any]) -> Record:
    """A record that the service takes, from what was typed.

    Raises
    ------
    NotAsTyped
        Every field that is not as it should be; never what was typed.
    """
    try:
        return kind.model_validate_json(json.dumps(fields))
    except ValidationError as error:
        found: dict[str, str] = {}
        for item in error.errors(include_url=False, include_context=False, include_input=False):
            name = str(item["loc"][0]) if item["loc"] else ""
            field = name if name in FIELDS else ""
            found.setdefault(field, A_DAY if "date" in item["type"] else SAY.get(item["type"], item["msg"]))
        raise NotAsTyped(found) from None


def number(text: str) -> int | None:
    """A whole number as typed by a page of ours; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def a_day(text: str, otherwise: date) -> date:
    """A day as typed; `otherwise` where none is."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise
