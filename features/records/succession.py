"""Which UPN took the place of which: two that are one pupil, and two children who are never made into one.

A pupil's number changes: a temporary one gives way to a permanent one, or a wrong one is put right. The row of
the new number names the former. Where the former is somebody else's, a twin's whose number a school once gave to
both, believing the row would make two children into one.

A claim is settled once, on the first day on which what was known by then allows it, and stays settled: what
becomes known later changes no day before. Where it shows that both numbers are on a roll now, nobody but the
authority can say whether they are one child or two, and import asks.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

import numpy as np

from features.errors import ExtractRefused
from features.records.births import is_implausible
from features.records.check import BLANK, Read
from features.records.read import Rows
from features.records.rejected import places
from features.tables import ELSEWHERE

FOREVER = np.iinfo("int64").max


@dataclass(frozen=True)
class Fact:
    """Something that the roll or a census says of a UPN; days since 1970-01-01, `BLANK` where blank.

    Attributes
    ----------
    seen : int
        The day after which it is known: the later of its own date and the day it became known.
    spell : tuple of int, or None
        Of a row of the roll: first day; last day, `FOREVER` while open; the day after which that is known;
        and whether it puts the child on the school's own roll.
    census : tuple of int, or None
        Of a row of a census: its day and the school's URN.
    """

    seen: int
    birth: int
    spell: tuple[int, int, int, bool] | None = None
    census: tuple[int, int] | None = None


@dataclass
class Trace:
    """What is known of one or more UPNs on some day: spells, births, and censuses by day and school."""

    spells: list[tuple[int, int]] = field(default_factory=list)
    births: set[int] = field(default_factory=set)
    censuses: set[tuple[int, int]] = field(default_factory=set)

    @classmethod
    def on(cls, facts: list[Fact], day: int) -> "Trace":
        """What was known after a day; an end that was not reads as open."""
        found = cls()
        for fact in facts:
            if fact.seen > day:
                continue
            if fact.birth != BLANK:
                found.births.add(fact.birth)
            if fact.spell:
                first, last, over, _ = fact.spell
                found.spells.append((first, last if over <= day else FOREVER))
            if fact.census:
                found.censuses.add(fact.census)
        return found

    @property
    def is_empty(self) -> bool:
        return not self.spells and not self.censuses

    def is_another(self, other: "Trace") -> bool:
        """Are the two on roll at once, in one census, or of different births?"""
        at_once = any(
            first < other_last and other_first < last
            for first, last in self.spells
            for other_first, other_last in other.spells
        )
        if at_once or (self.births and other.births and not self.births & other.births):
            return True
        return bool(self.censuses & other.censuses) or self._in_census(other) or other._in_census(self)

    def _in_census(self, other: "Trace") -> bool:
        """Is a UPN that no roll has in a census on a day on which the other is in one?"""
        return not self.spells and bool(
            {day for day, _ in self.censuses} & {day for day, _ in other.censuses}
        )


@dataclass(frozen=True)
class Claim:
    """A row of the roll that names a former UPN, in the order in which claims are looked at."""

    seen: int
    entry: int
    new: str
    old: str
    row: int

    @property
    def order(self) -> tuple[int, str, str, int]:
        return self.entry, self.new, self.old, self.row


@dataclass(frozen=True)
class Succession:
    """What became of the claims to a former UPN; rows of the roll by index.

    Attributes
    ----------
    former : mapping of str to str
        Former UPN to the one that took its place.
    disbelieved : array of int64
        Rows whose claim would make two children into one, or goes in a circle: the two are kept apart.
    disputed : array of int64
        Rows that were believed, against which something speaks that became known later.
    on_two_rolls : array of int64
        Rows that were believed, with both numbers on a school's own roll on the day of the extract.
    """

    former: Mapping[str, str] = field(default_factory=dict)
    disbelieved: np.ndarray = field(default_factory=lambda: np.empty(0, "int64"))
    disputed: np.ndarray = field(default_factory=lambda: np.empty(0, "int64"))
    on_two_rolls: np.ndarray = field(default_factory=lambda: np.empty(0, "int64"))


def succession(
    roll: Mapping[str, Read],
    known: Mapping[str, np.ndarray],
    census: Callable[[], tuple[Mapping[str, Read], np.ndarray]],
    is_kept: np.ndarray,
    extracted_on: int,
) -> Succession:
    """Who took whose number, each claim settled once with what was known by then.

    Parameters
    ----------
    known : mapping of str to array of int64, shape (rows of the roll,)
        `known_on` and `end_known_on`.
    census : callable
        Gives the columns of the census and the day each row was known; called only where a row names a former
        UPN.
    is_kept : array of bool, shape (rows of the roll,)
        Rows that break no rule so far; what others claim is not believed either, and not pointed out.

    Returns
    -------
    Succession
        A claim waits until something is known of the former UPN, and until its spells have ended: both read as
        open while the old school has not recorded the end. Of two claims to one former UPN that is believed
        which can be first. A former UPN of which nothing is ever known is taken at its word.
    """
    if "former_upn" not in roll:
        return Succession()
    upn, former = roll["upn"], roll["former_upn"]
    rows = np.flatnonzero(is_kept & (upn.values != BLANK) & (former.values != BLANK))
    entry = roll["entry_date"].values[rows]
    seen = np.maximum(entry, known["known_on"][rows])
    claims = [
        Claim(*cells)
        for cells in zip(
            seen.tolist(), entry.tolist(), upn.texts(rows), former.texts(rows), rows.tolist(), strict=True
        )
        if cells[2] != cells[3]
    ]
    if not claims:
        return Succession()
    upns = {one for claim in claims for one in (claim.new, claim.old)}
    return _Settling(_facts(roll, known, census(), is_kept, upns)).settle(claims, extracted_on)


class _Settling:
    """Claims settled in the order of the days on which something became known.

    Parameters
    ----------
    facts : dict of str to list of Fact
        By UPN.
    """

    def __init__(self, facts: dict[str, list[Fact]]) -> None:
        self.facts = facts
        self.group = {upn: frozenset([upn]) for upn in facts}
        self.former: dict[str, str] = {}

    def settle(self, claims: list[Claim], extracted_on: int) -> Succession:
        waiting = {claim.row: claim for claim in claims}
        by_upn: dict[str, list[Claim]] = {}
        for claim in claims:
            by_upn.setdefault(claim.old, []).append(claim)
            by_upn.setdefault(claim.new, []).append(claim)
        days = [(claim.seen, claim.order, claim) for claim in claims]
        heapify(days)
        refused: list[int] = []
        believed: list[tuple[Claim, frozenset[str], frozenset[str]]] = []
        while waiting:
            if not days:  # nothing more is ever known of their former UPN, or speaks for them
                days = [(FOREVER, claim.order, claim) for claim in waiting.values()]
                heapify(days)
            day, _, claim = heappop(days)
            if claim.row not in waiting:
                continue
            one, other = self.group[claim.old], self.group[claim.new]
            if one == other or claim.old in self.former:
                del waiting[claim.row]
                if not self._leads(claim.old, claim.new):
                    refused.append(claim.row)
                continue
            before, after = self._on(one, day), self._on(other, day)
            if before.is_another(after) or (before.is_empty and day != FOREVER):
                if day == FOREVER:
                    del waiting[claim.row]
                    refused.append(claim.row)
                elif (later := self._next(one | other, day)) is not None:
                    heappush(days, (later, claim.order, claim))
                continue
            del waiting[claim.row]
            self.former[claim.old] = claim.new
            joined = one | other
            self.group |= dict.fromkeys(joined, joined)
            believed.append((claim, one, other))
            for rival in (rival for upn in sorted(joined) for rival in by_upn.get(upn, ())):
                if rival.row in waiting:  # more is known of its UPNs now
                    heappush(days, (max(day, rival.seen), rival.order, rival))
        disputed = [
            claim.row
            for claim, one, other in believed
            if self._on(one, FOREVER).is_another(self._on(other, FOREVER))
        ]
        on_two = [
            claim.row
            for claim, one, other in believed
            if self._is_on_roll(one, extracted_on) and self._is_on_roll(other, extracted_on)
        ]
        return Succession(
            self.former, *(np.array(sorted(some), "int64") for some in (refused, disputed, on_two))
        )

    def _on(self, upns: frozenset[str], day: int) -> Trace:
        return Trace.on([fact for upn in upns for fact in self.facts[upn]], day)

    def _next(self, upns: frozenset[str], day: int) -> int | None:
        """The next day on which something becomes known of some UPNs."""
        days = (
            when
            for upn in upns
            for fact in self.facts[upn]
            for when in (fact.seen, fact.spell[2] if fact.spell else FOREVER)
        )
        return min((when for when in days if day < when < FOREVER), default=None)

    def _leads(self, old: str, new: str) -> bool:
        """Do believed claims lead from one UPN to another already?"""
        while old in self.former:
            old = self.former[old]
            if old == new:
                return True
        return False

    def _is_on_roll(self, upns: frozenset[str], day: int) -> bool:
        spells = [fact.spell for upn in upns for fact in self.facts[upn] if fact.spell]
        return any(first <= day <= last and is_own for first, last, _, is_own in spells)


def claimed_together(roll: Mapping[str, Read]) -> dict[str, frozenset[str]]:
    """Every UPN of a claim to all UPNs that claims link it with, itself among them, however many claims away.

    Believed or not, and of rows that break a rule too: whom a family asked to protect may be any of them.
    """
    if "former_upn" not in roll:
        return {}
    upn, former = roll["upn"], roll["former_upn"]
    rows = np.flatnonzero((upn.values != BLANK) & (former.values != BLANK))
    group: dict[str, set[str]] = {}
    for pair in zip(upn.texts(rows), former.texts(rows), strict=True):
        small, large = sorted((group.get(one, {one}) for one in pair), key=len)
        large |= small
        group |= dict.fromkeys(small, large) | dict.fromkeys(pair, large)
    return {one: frozenset(others) for one, others in group.items()}


def refuse_two_on_roll(rows: Rows, which: np.ndarray) -> None:
    """Refuse claims that were believed and have both numbers on a roll now.

    Raises
    ------
    ExtractRefused
    """
    if len(which):
        one = len(which) == 1
        raise ExtractRefused(
            f"{'; '.join(places(rows.take(which)))}, column former_upn: {'the' if one else f'{len(which):,} pairs of a'} former UPN and the "
            f"present one {'are' if one else 'of which both are'} on a roll now, each with a spell of its own. If they are one child, write the present UPN in "
            "the later row or end the spell that is over; if they are two, take the former UPN out. Else one child would vanish from every list."
        )


def _facts(
    roll: Mapping[str, Read],
    known: Mapping[str, np.ndarray],
    of_census: tuple[Mapping[str, Read], np.ndarray],
    is_kept: np.ndarray,
    upns: set[str],
) -> dict[str, list[Fact]]:
    found: dict[str, list[Fact]] = {upn: [] for upn in sorted(upns)}
    status = roll["enrolment_status"]
    for row in np.flatnonzero(is_kept & _are(roll["upn"], upns)).tolist():
        first, last = (int(roll[name].values[row]) for name in ("entry_date", "leaving_date"))
        is_own = status.words[status.values[row]] not in ELSEWHERE
        is_open = last == BLANK
        over = FOREVER if is_open else max(last, int(known["end_known_on"][row]))
        spell = (first, FOREVER if is_open else last, over, is_own)
        seen = max(first, int(known["known_on"][row]))
        fact = Fact(seen, _birth(roll, row, "entry_date"), spell=spell)
        found[roll["upn"].words[roll["upn"].values[row]]].append(fact)
    census, known_on = of_census
    for row in np.flatnonzero(_are(census["upn"], upns)).tolist():
        day, urn = (int(census[name].values[row]) for name in ("census_date", "urn"))
        fact = Fact(max(day, int(known_on[row])), _birth(census, row, "census_date"), census=(day, urn))
        found[census["upn"].words[census["upn"].values[row]]].append(fact)
    return found


def _birth(columns: Mapping[str, Read], row: int, on: str) -> int:
    """The birth date of a row where it can be believed; `BLANK` elsewhere."""
    if "birth_date" not in columns:
        return BLANK
    birth, day = (columns[name].values[[row]] for name in ("birth_date", on))
    return BLANK if is_implausible(birth, day)[0] else int(birth[0])


def _are(column: Read, upns: set[str]) -> np.ndarray:
    """Which rows have one of some UPNs."""
    places = [place for place, word in enumerate(column.words) if word in upns]
    return np.isin(column.values, np.array(places, "int64"))
