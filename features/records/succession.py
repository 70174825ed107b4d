"""Which UPN took the place of which: two that are one pupil, and two children who are never made into one.

A pupil's number changes: a temporary one gives way to a permanent one, or a wrong one is put right. The row of
the new number names the former. Where the former is somebody else's, a twin's whose number a school once gave to
both, believing the row would make two children into one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from features.records.births import is_implausible
from features.records.check import BLANK, Read

FOREVER = np.iinfo("int64").max


@dataclass
class Trace:
    """What is told of a UPN, or of several that are one pupil's: spells, births, and censuses by day and school."""

    spells: list[tuple[int, int]] = field(default_factory=list)
    births: set[int] = field(default_factory=set)
    censuses: set[tuple[int, int]] = field(default_factory=set)

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

    def add(self, other: "Trace") -> None:
        self.spells += other.spells
        self.births |= other.births
        self.censuses |= other.censuses


def succession(
    roll: Mapping[str, Read], census: Callable[[], Mapping[str, Read]], is_kept: np.ndarray
) -> tuple[dict[str, str], np.ndarray]:
    """Former UPN to the one that took its place, and the rows of the roll whose `former_upn` is not believed.

    Parameters
    ----------
    census : callable
        Gives the columns of the census; called only where a row names a former UPN.
    is_kept : array of bool, shape (rows of the roll,)
        Rows that break no rule so far; what others claim is not believed either, and not pointed out.

    Returns
    -------
    dict of str to str, and array of int64
        Of two rows that claim one former UPN the later by entry is believed, if they are one pupil's. A claim
        that would make two children into one, or that goes in a circle, is refused.
    """
    if "former_upn" not in roll:
        return {}, np.empty(0, "int64")
    upn, former = roll["upn"], roll["former_upn"]
    rows = np.flatnonzero(is_kept & (upn.values != BLANK) & (former.values != BLANK))
    now, before = upn.texts(rows), former.texts(rows)
    claims = sorted(
        (entry, new, old, row)
        for entry, new, old, row in zip(
            roll["entry_date"].values[rows].tolist(), now, before, rows.tolist(), strict=True
        )
        if new != old
    )
    if not claims:
        return {}, np.empty(0, "int64")
    traces = _traces(roll, census(), is_kept, {*now, *before})
    group = {one: one for one in traces}
    found: dict[str, str] = {}
    refused = []
    for _, new, old, row in claims:
        if found.get(old) == new:
            continue
        one, other = group[old], group[new]
        if one == other or traces[one].is_another(traces[other]):
            refused.append(row)
            continue
        traces[other].add(traces[one])
        group = {name: other if of == one else of for name, of in group.items()}
        found[old] = new
    return found, np.array(refused, "int64")


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


def _traces(
    roll: Mapping[str, Read],
    census: Mapping[str, Read],
    is_kept: np.ndarray,
    upns: set[str],
) -> dict[str, Trace]:
    found = {upn: Trace() for upn in sorted(upns)}
    leaving = roll["leaving_date"].values
    for row in np.flatnonzero(is_kept & _are(roll["upn"], upns)).tolist():
        trace = found[roll["upn"].words[roll["upn"].values[row]]]
        last = FOREVER if leaving[row] == BLANK else int(leaving[row])
        trace.spells.append((int(roll["entry_date"].values[row]), last))
        _add_birth(trace, roll, row, "entry_date")
    for row in np.flatnonzero(_are(census["upn"], upns)).tolist():
        trace = found[census["upn"].words[census["upn"].values[row]]]
        trace.censuses.add((int(census["census_date"].values[row]), int(census["urn"].values[row])))
        _add_birth(trace, census, row, "census_date")
    return found


def _add_birth(trace: Trace, columns: Mapping[str, Read], row: int, on: str) -> None:
    if "birth_date" not in columns:
        return
    birth, day = (columns[name].values[[row]] for name in ("birth_date", on))
    if birth[0] != BLANK and not is_implausible(birth, day)[0]:
        trace.births.add(int(birth[0]))


def _are(column: Read, upns: set[str]) -> np.ndarray:
    """Which rows have one of some UPNs."""
    places = [place for place, word in enumerate(column.words) if word in upns]
    return np.isin(column.values, np.array(places, "int64"))
