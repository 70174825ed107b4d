"""A pupil's card: dated facts first, then what moved the estimate, then who could help."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pandas as pd

from serving.signposts import SIGNPOSTS
from serving.strip import Strip, Weeks, strips
from serving.wording import FAMILIES, LOWERED, MOVED_NOTE, NOT_MOVED, RAISED, day, year_group

SECTION_OF_KIND = {
    "fact": "facts",
    "each": "each",
    "change": "changed",
    "protective": "protective",
    "missing": "gaps",
    "stale": "gaps",
}
FAMILY_ORDER = {family: place for place, family in enumerate(FAMILIES)}
STATUS_ORDER = {status: place for place, status in enumerate(SIGNPOSTS)}


@dataclass(frozen=True)
class Line:
    """One sentence of a card; `dated` is empty where there is no date, or the sentence says it; `on` is the date.

    `key` is the family as records name it, `family` as people do.
    """

    key: str
    family: str
    sentence: str
    dated: str
    on: date | None = None


@dataclass(frozen=True)
class Help:
    """One signpost of a card, with the day that dates its status, what that day is, and the local service; `on` is the day."""

    status: str
    text: str
    source: str
    since: str
    dated: str
    local: str
    on: date | None = None


@dataclass(frozen=True)
class Reasons:
    """What a pupil's cards and prompts are made of, whichever list they stand in.

    Attributes
    ----------
    facts : dict of int to dict of str to list of Line
        Pupil to section of the card to its lines.
    moved : dict of int to tuple
        Pupil to the families that raised and lowered the estimate, each in words.
    signposts : dict of int to list of Help
    strips : mapping of int to Strip
        The weeks of whom any are known.
    """

    facts: dict[int, dict[str, list[Line]]]
    moved: dict[int, tuple[list[str], list[str]]]
    signposts: dict[int, list[Help]]
    strips: Mapping[int, Strip] = field(default_factory=dict)

    def sections(self, pupil: int) -> dict[str, list[Line]]:
        """The lines of every section of a pupil's card; empty where there is nothing to say."""
        return self.facts.get(pupil) or _no_lines()

    def moved_sentences(self, pupil: int, nc_year: int) -> list[str]:
        """Which families raised and lowered the estimate, and what that does not tell."""
        raised, lowered = self.moved.get(pupil, ([], []))
        found = [
            text.format(families="; ".join(families))
            for text, families in ((RAISED, raised), (LOWERED, lowered))
            if families
        ]
        return [*(found or [NOT_MOVED]), MOVED_NOTE.format(year=year_group(nc_year))]


def gather(
    pupils: Iterable[int],
    facts: pd.DataFrame,
    statuses: pd.DataFrame,
    contributions: pd.DataFrame,
    local: dict[str, str],
    on: date,
    shown: Weeks | None = None,
    weeks: pd.DataFrame | None = None,
) -> Reasons:
    """Everything there is to say about some pupils; rows of anyone else are passed over.

    Parameters
    ----------
    pupils : iterable of int
        Those who are named anywhere.
    facts : pandas.DataFrame
        pupil, family, kind (a key of `SECTION_OF_KIND`), dated_on (date or missing), sentence.
    statuses : pandas.DataFrame
        pupil, status (a key of `SIGNPOSTS`), since (date or missing).
    contributions : pandas.DataFrame
        pupil, family, contribution (log-odds against the mean of the pupil's year group),
        is_sign_stable (the sign holds across refits; others are not shown).
    local : dict of str to str
        Local names of services, as under [signposts] in authority.toml.
    on : date
        The day of the list: guidance is cited in the version in force on it.
    shown : Weeks or None
    weeks : pandas.DataFrame or None
        From `features.weeks.weeks`; without either no card has a strip.
    """
    wanted = pd.Index(sorted(set(pupils)), dtype="int64")
    drawn = strips(shown, wanted.tolist(), weeks) if shown is not None and weeks is not None else {}
    return Reasons(
        _facts(facts, wanted), _moved(contributions, wanted), _signposts(statuses, wanted, local, on), drawn
    )


def _rows(frame: pd.DataFrame, wanted: pd.Index, *columns: str) -> Iterable[tuple[Any, ...]]:
    frame = frame[frame["pupil"].isin(wanted)]
    return zip(*(frame[column].tolist() for column in columns), strict=True)


def _on(value: object) -> date | None:
    """A day as a plain date; None where there is none."""
    if not isinstance(value, date) or pd.isna(value):
        return None
    return value.date() if isinstance(value, datetime) else value


def _no_lines() -> dict[str, list[Line]]:
    return {section: [] for section in SECTION_OF_KIND.values()}


def _facts(facts: pd.DataFrame, wanted: pd.Index) -> dict[int, dict[str, list[Line]]]:
    # Within a family the order in which facts were told is kept.
    rows = sorted(
        _rows(facts, wanted, "pupil", "family", "kind", "dated_on", "sentence"),
        key=lambda row: FAMILY_ORDER.get(row[1], len(FAMILIES)),
    )
    found: dict[int, dict[str, list[Line]]] = defaultdict(_no_lines)
    for pupil, family, kind, dated_on, sentence in rows:
        on = _on(dated_on)
        dated = day(on) if on else ""
        line = Line(family, FAMILIES.get(family, family), sentence, "" if dated in sentence else dated, on)
        found[pupil][SECTION_OF_KIND[kind]].append(line)
    return dict(found)


def _moved(contributions: pd.DataFrame, wanted: pd.Index) -> dict[int, tuple[list[str], list[str]]]:
    found: dict[int, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    rows = sorted(
        _rows(contributions, wanted, "pupil", "family", "contribution", "is_sign_stable"),
        key=lambda row: FAMILY_ORDER.get(row[1], len(FAMILIES)),
    )
    for pupil, family, contribution, is_sign_stable in rows:
        if is_sign_stable and contribution:
            found[pupil][contribution < 0].append(FAMILIES.get(family, family).lower())
    return dict(found)


def _signposts(
    statuses: pd.DataFrame, wanted: pd.Index, local: dict[str, str], on: date
) -> dict[int, list[Help]]:
    found: dict[int, list[Help]] = defaultdict(list)
    rows = sorted(_rows(statuses, wanted, "pupil", "status", "since"), key=lambda row: STATUS_ORDER[row[1]])
    for pupil, status, since in rows:
        signpost, since_on = SIGNPOSTS[status], _on(since)
        since = day(since_on) if since_on else ""
        found[pupil].append(
            Help(
                signpost.status,
                signpost.text,
                signpost.source_on(on),
                since,
                signpost.dated.format(day=since) if since else "",
                local.get(signpost.service, ""),
                since_on,
            )
        )
    return dict(found)
