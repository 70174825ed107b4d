"""What the roll says of a pupil's spells as more becomes known: ends that later spells and closings bring.

The end of a spell is often recorded weeks after the next one began. Until it is, both read as open, and the
one that began later says that the other is over. Which spells end so changes as ends come to be known, so an
import works out what the roll said after each day on which something became known. An extract taken on such a
day gives the same as one that was taken years later.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.records.check import BLANK
from features.tables import SCHOOL_STATUSES

FOREVER = np.iinfo("int64").max
NEVER = int(np.datetime64("9999-12-31", "D").astype("int64"))  # the day a row is known that no date may use


@dataclass(frozen=True)
class Spells:
    """Roll rows that break no rule but, it may be, `spell_overlap`; days since 1970-01-01, `BLANK` where blank.

    Attributes
    ----------
    pupil, urn, entry, leaving, known_on, end_known_on : array of int64, shape (rows,)
    status : array of str, shape (rows,)
    closes_on : array of int64, shape (rows,)
        The day on which the spell's school closed or will close, where that ends the spell.
    """

    pupil: np.ndarray
    urn: np.ndarray
    status: np.ndarray
    entry: np.ndarray
    leaving: np.ndarray
    known_on: np.ndarray
    end_known_on: np.ndarray
    closes_on: np.ndarray

    @property
    def seen(self) -> np.ndarray:
        """The day after which a spell is known."""
        return np.maximum(self.entry, self.known_on)

    @property
    def over(self) -> np.ndarray:
        """The day after which its end is known; `FOREVER` where it has none."""
        return np.where(self.leaving == BLANK, FOREVER, np.maximum(self.leaving, self.end_known_on))

    @property
    def closed(self) -> np.ndarray:
        """The day after which its school is closed; `FOREVER` where that ends nothing."""
        ends = (self.closes_on != BLANK) & (self.closes_on >= self.entry)
        return np.where(ends, self.closes_on, FOREVER)


@dataclass(frozen=True)
class Settled:
    """What became of some spells.

    Attributes
    ----------
    is_inside : array of bool, shape (rows,)
        Lies inside another spell, as the extract has them.
    is_ended, is_closed : array of bool, shape (rows,)
        Is ended by a later spell, or by its school's closing.
    leaving : array of int64, shape (rows,)
        The last day of each spell, so ended.
    readings : pandas.DataFrame
        What the roll said of each spell, a row a reading: row, leaving, has_reason (is the reason for leaving
        known?), known_on, end_known_on and known_until (`BLANK` for the last): at an as-of date after `known_on` and
        not after `known_until`. In order of row and time.
    """

    is_inside: np.ndarray
    is_ended: np.ndarray
    is_closed: np.ndarray
    leaving: np.ndarray
    readings: pd.DataFrame


def settle_spells(spells: Spells, extracted_on: int) -> Settled:
    """End spells by later ones and by closings, as the extract has them and as was known on every day before."""
    entry, leaving = spells.entry, spells.leaving
    number = len(entry)
    order = np.lexsort((spells.status, spells.urn, spells.seen, entry, spells.pupil))
    is_open = (leaving == BLANK) | (leaving > extracted_on)
    closes = is_open & (spells.closed <= extracted_on)
    last = np.where(closes, spells.closed, np.where(is_open, FOREVER, leaving))
    ended, is_inside = last.copy(), np.zeros(number, bool)
    found: list[tuple] = []
    rows = order[_may_change(spells, order)]
    for group in _by_pupil(spells.pupil, rows):
        told = [Spell(int(entry[row]), spells.status[row]) for row in group]
        ends = resolve(told, last[group].tolist())
        for row, end in zip(group.tolist(), ends, strict=True):
            is_inside[row] = end is None
            if end is not None:
                ended[row] = end
        found += _readings(spells, group, told)
    is_ended = ~is_inside & (ended != last)
    settled_leaving = np.where(is_ended | (closes & ~is_inside), ended, leaving)
    alone = np.setdiff1d(np.arange(number), rows)
    columns = ("row", "leaving", "has_reason", "known_on", "end_known_on", "known_until")
    plain = pd.DataFrame(
        {
            "row": alone,
            "leaving": leaving[alone],
            "has_reason": True,
            "known_on": spells.known_on[alone],
            "end_known_on": spells.end_known_on[alone],
            "known_until": BLANK,
        }
    )
    changed = pd.DataFrame(found, columns=list(columns)).astype(
        {name: "int64" for name in columns if name != "has_reason"}
    )
    readings = pd.concat([plain, changed.astype({"has_reason": bool})], ignore_index=True)
    return Settled(
        is_inside,
        is_ended,
        closes & ~is_ended & ~is_inside,
        settled_leaving,
        readings.sort_values(["row", "known_on"], kind="stable", ignore_index=True),
    )


@dataclass(frozen=True)
class Spell:
    """A spell whose end is asked for: its first day, and its enrolment status."""

    start: int
    status: str


def resolve(spells: Sequence[Spell], ends: Sequence[int]) -> list[int | None]:
    """The last day of each of a pupil's spells once later ones have ended earlier ones.

    Parameters
    ----------
    spells : sequence of Spell
        In order of their first days; of two with one first day, the one known later comes later.
    ends : sequence of int
        The last day that the roll gives each, `FOREVER` while it is open.

    Returns
    -------
    list of int or None
        None for a spell that lies inside another.
    """
    found: list[int | None] = list(ends)
    staying: list[int] = []
    for place, spell in enumerate(spells):
        met = [(one, _meeting(spells[one], spell)) for one in staying if found[one] > spell.start]  # type: ignore[operator]
        if any(how == "rivals" and found[one] > ends[place] for one, how in met):  # type: ignore[operator]
            found[place] = None
            continue
        for one, how in met:
            if how != "beside":
                found[one] = spell.start - 1
                if spell.start == spells[one].start:  # no day is left of it
                    found[one] = None
                    staying.remove(one)
        staying.append(place)
    return found


def _meeting(first: Spell, later: Spell) -> str:
    """What two overlapping spells are to one another: "rivals", "ended" (the first is, whenever the later ends), "beside".

    Two registrations on a roll, or two subsidiary ones, are rivals. A subsidiary spell lies beside a main one,
    and a guest's, a college's or another provider's beside any: neither takes a child off a roll, so neither
    ends a spell there. A single registration ends a subsidiary spell, and any registration one that is said to be previous.
    """
    if later.status in SCHOOL_STATUSES:
        if first.status in SCHOOL_STATUSES:
            return "rivals"
        ends = {"P": SCHOOL_STATUSES, "S": ("C",)}.get(first.status, ())
        return "ended" if later.status in ends and first.start < later.start else "beside"
    return "rivals" if first.status == later.status == "S" else "beside"


def _may_change(spells: Spells, order: np.ndarray) -> np.ndarray:
    """Spells, in order of pupil and first day, of pupils who have two that overlap on some day, or one that a closing ends."""
    frame = pd.DataFrame(
        {
            "pupil": spells.pupil[order],
            "over": spells.over[order],
            "end": np.where(spells.leaving == BLANK, FOREVER, spells.leaving)[order],
        }
    )
    before = frame.groupby("pupil")[["over", "end"]].cummax().groupby(frame["pupil"]).shift(fill_value=BLANK)
    meets = (before["over"].to_numpy() > spells.seen[order]) | (
        before["end"].to_numpy() > spells.entry[order]
    )
    is_closed = (spells.closed < spells.over)[order]
    return np.isin(frame["pupil"].to_numpy(), frame["pupil"].to_numpy()[meets | is_closed])


def _by_pupil(pupil: np.ndarray, rows: np.ndarray) -> list[np.ndarray]:
    if not len(rows):
        return []
    return np.split(rows, np.flatnonzero(np.diff(pupil[rows])) + 1)


def _readings(spells: Spells, group: np.ndarray, told: Sequence[Spell]) -> list[tuple]:
    """What the roll said of one pupil's spells after each day on which something became known."""
    seen, over, closed = (days[group].tolist() for days in (spells.seen, spells.over, spells.closed))
    leaving = spells.leaving[group].tolist()
    days = sorted({day for day in (*seen, *over, *closed) if day != FOREVER})
    changes: list[list[tuple]] = [[] for _ in group]
    for day in days:
        there = [place for place in range(len(group)) if seen[place] <= day]
        ends = [
            leaving[place] if over[place] <= day else closed[place] if closed[place] <= day else FOREVER
            for place in there
        ]
        known = dict(zip(there, resolve([told[place] for place in there], ends), strict=True))
        for place, end in known.items():
            reading = (end, over[place] <= day and end is not None)
            if not changes[place] or changes[place][-1][1] != reading:
                changes[place].append((day, reading))
    return [
        reading for place, row in enumerate(group.tolist()) for reading in _rows(spells, row, changes[place])
    ]


def _rows(spells: Spells, row: int, changes: Sequence[tuple]) -> list[tuple]:
    """The changes of one spell's reading as rows; one that was open and then ended is one row."""
    found: list[list] = []
    for place, (day, (end, has_reason)) in enumerate(changes):
        was = changes[place - 1][1][0] if place else None
        if was == FOREVER and end not in (None, FOREVER):
            found[-1][1:3] = [end, has_reason]
            found[-1][4] = _end_known_on(spells, row, end, day)
            continue
        if was is not None:
            found[-1][5] = day
        if end is not None:
            known_on = int(spells.known_on[row]) if day == spells.seen[row] else day
            is_over = end != FOREVER
            end_known_on = _end_known_on(spells, row, end, day) if is_over else BLANK
            found.append([row, end if is_over else BLANK, has_reason, known_on, end_known_on, BLANK])
    return [tuple(reading) for reading in found]


def _end_known_on(spells: Spells, row: int, end: int, day: int) -> int:
    is_own = end == spells.leaving[row] and day == spells.over[row]
    return int(spells.end_known_on[row]) if is_own else day
