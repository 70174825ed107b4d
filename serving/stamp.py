"""What every page and file of a run is stamped with."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from serving.wording import MADE_UP, MADE_UP_MODEL, NO_RATES, NOT_FOR_LINE, PSEUDONYMS, Interval, both_framings, day, missed


@dataclass(frozen=True)
class Rates:
    """How often past lists were right, and how much they found; from evidence, for lists as a whole."""

    precision: Interval
    recall: Interval


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
        Day of the authority's extract.
    outcome : str
    window_days : int
    is_made_up, is_model_made_up : bool
        The records, or those the model learned from, are made up.
    has_names : bool
    rates : Rates or None
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
    rates: Rates | None

    @property
    def banner(self) -> str:
        return MADE_UP if self.is_made_up else MADE_UP_MODEL if self.is_model_made_up else ""

    @property
    def line(self) -> str:
        return (
            f"As of {day(self.as_of)}. Release {self.release}. Do not use after {day(self.expires_on)}. "
            f"Records up to {day(self.records_until)}."
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

    @property
    def frequencies(self) -> list[str]:
        """How often such lists are right, as counts of people, said both ways."""
        if self.rates is None:
            return [NO_RATES]
        return [
            both_framings(self.rates.precision, self.outcome, self.window_days),
            missed(self.rates.recall, self.outcome, self.window_days),
        ]

    def account(self) -> Mapping[str, str]:
        """What the machine's copy carries."""
        return {"as_of": self.as_of.isoformat(), "release": self.release}
