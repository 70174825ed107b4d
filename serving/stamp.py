"""What every page and file of a run is stamped with."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from serving.numbers import is_told
from serving.wording import (
    MADE_UP,
    MADE_UP_MODEL,
    NO_RATES,
    NOT_FOR_LINE,
    PSEUDONYMS,
    Interval,
    both_framings,
    day,
    missed,
)

ONE_DAY = timedelta(days=1)
# Of what `pathways list` writes: no sign-in, no scope and no access log stand before it.
OUTSIDE_LOG = (
    "Written at a terminal with pathways list, outside the access log: who opens this copy or passes it on is written down "
    "nowhere. Keep it as safe as the records."
)


@dataclass(frozen=True)
class Taken:
    """Who took a copy out of the service, and when; `at` has a time zone."""

    by: str
    at: datetime

    @property
    def line(self) -> str:
        at = self.at.astimezone(UTC)
        return (
            f"Taken out by {self.by} on {day(at.date())} at {at:%H:%M} UTC. That is in the access log; who reads this copy is not. "
            "Keep it safe, and destroy it when it is needed no more."
        )

    @property
    def short(self) -> str:
        """The same for the foot of a page."""
        at = self.at.astimezone(UTC)
        return f"Taken out by {self.by}, {at:%Y-%m-%d %H:%M} UTC."


@dataclass(frozen=True)
class Rates:
    """What came after past lists: how many of the listed had the outcome, how many with it were listed."""

    precision: Interval
    recall: Interval


def rates_of(evidence: Mapping[str, Any] | None) -> dict[str, Rates]:
    """Rates by phase from `evidence.json`, "" for all schools; a rate without a range is left out."""
    if evidence is None:
        return {}
    head = evidence["headline"]
    rows = {"": (head["precision"], head["recall_at_capacity"])}
    rows |= {row["phase"]: (row["precision"], row["recall"]) for row in evidence["by_phase"]}
    return {
        phase: Rates(*(Interval(found["estimate"], found["low"], found["high"]) for found in pair))
        for phase, pair in rows.items()
        if all(is_told(found) for found in pair)
    }


@dataclass(frozen=True)
class Stamp:
    """The marks of one run of lists.

    Attributes
    ----------
    authority : str
    release : str
        Name of the release or candidate.
    as_of, expires_on : date
    records_until : date
        Day of the authority's extract; nothing known on or after `as_of` is used, however late it was.
    outcome : str
    window_days : int
    is_made_up, is_model_made_up : bool
        The records, or those the model learned from, are made up.
    has_names : bool
    rates : dict of str to Rates
        From `rates_of`.
    taken : str
        How this copy left, in a sentence; empty for a page that the service shows.
    """

    authority: str
    release: str
    as_of: date
    expires_on: date
    records_until: date
    outcome: str
    window_days: int
    is_made_up: bool
    is_model_made_up: bool
    has_names: bool
    rates: Mapping[str, Rates]
    taken: str = ""

    @property
    def banner(self) -> str:
        return MADE_UP if self.is_made_up else MADE_UP_MODEL if self.is_model_made_up else ""

    @property
    def line(self) -> str:
        return (
            f"As of {day(self.as_of)}. Release {self.release}. Do not use after {day(self.expires_on)}. "
            f"Records up to {day(min(self.records_until, self.as_of - ONE_DAY))}."
        )

    @property
    def not_for(self) -> str:
        return NOT_FOR_LINE

    @property
    def without_names(self) -> str:
        return "" if self.has_names else PSEUDONYMS

    @property
    def footer(self) -> str:
        """The stamp in one short line for the foot of a printed page."""
        made_up = "MADE-UP DATA. " if self.is_made_up or self.is_model_made_up else ""
        return (
            f"{made_up}As of {self.as_of}, release {self.release}, not after {self.expires_on}. "
            "Prompts a talk; decides nothing. Not for decisions on exclusion, moves, admission, courts, police or ranking."
        )

    @property
    def css_footer(self) -> str:
        """The footer as the inside of a CSS string: nothing in it can end the string."""
        return re.sub(r"[^A-Za-z0-9 .,:;_+-]", "", self.footer)

    def frequencies(self, phase: str = "") -> list[str]:
        """What came after past lists, as counts of people, said both ways.

        Of the phase's own schools where their lists tell enough, else of all schools.
        """
        whose = phase if phase in self.rates else ""
        if whose not in self.rates:
            return [NO_RATES]
        found = self.rates[whose]
        return [
            both_framings(found.precision, self.outcome, self.window_days, whose),
            missed(found.recall, self.outcome, self.window_days, whose),
        ]

    def account(self) -> Mapping[str, str]:
        """What the machine's copy carries."""
        return {"as_of": self.as_of.isoformat(), "release": self.release}
