"""Figures of the evidence in words: with their range, or with the reason why they cannot be told."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from models.facts.fact import Fact
from serving.evidence_words import RIVALS
from serving.wording import day

Facts = Mapping[str, Any]
WHOLE_FROM = 0.095
LARGE = 10  # from here on a figure that is no share has one place after the point
MOST_PLACES = 4


def percent(share: float | None) -> str:
    """A share in percent, with a decimal below a tenth unless it was rounded to a hundredth; empty for none."""
    return (
        ""
        if share is None
        else f"{100 * share:.0f}%"
        if share >= WHOLE_FROM or share == round(share, 2)
        else f"{100 * share:.1f}%"
    )


CANNOT_TELL = "cannot tell"


def is_told(facts: Facts | Fact | None) -> bool:
    """Whether a figure may be shown: by its status alone, whatever numbers stand beside it.

    Every page, chart, table and document asks here. Facts may keep a point for programs where too few schools bear it.
    """
    return facts is not None and facts["status"] == "estimated"


def ends(facts: Facts | Fact) -> tuple[float | None, float | None, float | None]:
    """What a chart draws of a figure: value, low and high; nothing of one that cannot be told."""
    return (facts["estimate"], facts["low"], facts["high"]) if is_told(facts) else (None, None, None)


def untold(facts: Facts | Fact) -> str:
    """What stands in place of a figure: no number, and why."""
    reason = facts["reason"]
    return f"{CANNOT_TELL}: {reason}" if reason else CANNOT_TELL


def figure(facts: Facts | Fact, is_share: bool = True) -> str:
    """A figure with its interval in words: 25% (19% to 31%); of one that cannot be told, why."""
    write = percent if is_share else "{:.2f}".format
    if not is_told(facts):
        return untold(facts)
    return f"{write(facts['estimate'])} ({write(facts['low'])} to {write(facts['high'])})"


def shift(facts: Facts | Fact, is_share: bool) -> str:
    """A difference with its range: of shares as children of a hundred, of others as it is."""
    if not is_told(facts):
        return CANNOT_TELL
    return signed(facts, 100, 1) if is_share else signed(facts, 1, 2)


def signed(facts: Facts | Fact, times: float, places: int) -> str:
    """A difference with its range and signs; an end beside 0 is written with as many figures as tell it from 0."""
    values = [times * facts[name] for name in ("estimate", "low", "high")]
    nearest = min((abs(end) for end in values[1:] if end), default=1.0)
    while places < MOST_PLACES and round(nearest, places) == 0:
        places += 1
    one, low, high = (f"{round(value, places) + 0.0:+.{places}f}" for value in values)  # -0.0 is +0.0
    return f"{one} ({low} to {high})".replace("-", "−")


def two_sides(
    one: float | None, other: float | None, difference: Facts | Fact, is_share: bool
) -> tuple[str, str, str]:
    """A figure on one side, on the other, and what lies between them; none of the three where that cannot be told."""
    first, second = (
        CANNOT_TELL
        if value is None or not is_told(difference)
        else percent(value)
        if is_share
        else f"{value:.2f}"
        if value < LARGE
        else f"{value:.1f}"
        for value in (one, other)
    )
    return first, second, shift(difference, is_share)


def in_a_hundred(facts: Facts | Fact) -> str:
    """A difference of shares as children of a hundred, with its sign."""
    return signed(facts, 100, 1) if is_told(facts) else untold(facts)


def plainly(sentence: str) -> str:
    """A sentence of the facts with its rivals and its measure named as this page names them."""
    for name, words in RIVALS.items():
        sentence = sentence.replace(name, words[:1].lower() + words[1:])
    return sentence.replace("recall differs", "the share found differs").replace(
        "Recall falls", "The share found falls"
    )


def spoken(value: str) -> str:
    return day(date.fromisoformat(value))


def rival(name: str) -> str:
    return RIVALS.get(name, name.replace("_", " "))
