"""Registers by academic year: sorted, rid of repeats, counted, and handed on to be written."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa

from features.codes import code_set
from features.day import NO_MARK
from features.grouped import changes
from features.records.check import RULES, Verdict
from features.records.covering import Covering
from features.records.packing import Packing
from features.records.read import Rows
from features.records.spool import REJECTED, Registers
from features.records.write import ROW_GROUP
from features.tables import ATTENDANCE

BAND = 5_000_000  # rows sorted at once
STRETCH = 4 * ROW_GROUP  # rows counted and written at once: arrays that memory is found for only once
DAYS = 366

Digits = Mapping[str, np.ndarray]
Item = TypeVar("Item")
Keep = Callable[[Packing, int, Iterator[Digits]], None]


@dataclass(frozen=True)
class Settled:
    """The registers without their repeats, counted.

    Attributes
    ----------
    school_days : pandas.DataFrame
        urn, day (days since 1970-01-01), rows, how many of them have a mark that was `made`, and their `possible` and
        `absent` sessions.
    suspended : pandas.DataFrame
        pupil, urn, day, am, pm: rows in which a mark is E, and which.
    off_spell : Counter
        Rows by URN of days on which the pupil was on no roll of that school.
    """

    school_days: pd.DataFrame
    suspended: pd.DataFrame
    off_spell: Counter

    @property
    def registers(self) -> pd.DataFrame:
        """`school_days` of the rows on which a mark was made, without days on which none was."""
        made = self.school_days.assign(rows=self.school_days["made"])
        return made[made["rows"] > 0]

    @property
    def coverage(self) -> pd.DataFrame:
        """table, urn, first_day, last_day, rows."""
        spans = self.school_days.groupby("urn", as_index=False).agg(
            first_day=("day", "min"), last_day=("day", "max"), rows=("rows", "sum")
        )
        return spans.assign(table="attendance")[["table", "urn", "first_day", "last_day", "rows"]]


def settle(registers: Registers, keep: Keep, covering: Covering) -> Settled:
    """Sort each academic year, drop repeats, count, and hand the rows on.

    Parameters
    ----------
    keep : callable
        Given the packing, a year (the calendar year it began in) and its rows, sorted, in stretches of
        their digits (`Packing.digits`); it must take them all.
    covering : Covering
        Whose roll the marks of a day are of; its days are those since 1970-01-01.
    """
    tally = _Tally(registers.packing, covering)
    repeated: list[np.ndarray] = []
    for year, num_rows in registers.years.items():
        keep(registers.packing, year, tally.counting(year, _stretches(registers, year, num_rows, repeated)))
    _reject_repeats(registers, np.concatenate(repeated) if repeated else np.empty(0, "int64"))
    return tally.settled()


def _stretches(
    registers: Registers, year: int, num_rows: int, repeated: list[np.ndarray]
) -> Iterator[np.ndarray]:
    """The rows of a year that stay, sorted; keys that had more than one row are put into `repeated`."""
    key = registers.packing.key
    last = -1
    for band in _ahead(_bands(registers, year, num_rows)):
        if registers.packing.has_recorded:
            _first_known_first(registers.packing, band)
        for start in range(0, len(band), STRETCH):
            rows = band[start : start + STRETCH]
            keys = rows // key
            is_repeat = np.append(keys[0] == last, keys[1:] == keys[:-1])
            last = keys[-1]
            if is_repeat.any():
                repeated.append(np.unique(keys[is_repeat]))
                rows = rows[~is_repeat]
            yield rows


def _ahead(items: Iterator[Item]) -> Iterator[Item]:
    """Some items, the next made in a thread while one is used."""
    with ThreadPoolExecutor(1) as maker:
        following = maker.submit(next, items, None)
        while (item := following.result()) is not None:
            following = maker.submit(next, items, None)
            yield item


def _first_known_first(packing: Packing, rows: np.ndarray) -> None:
    """Of sorted rows with one key, put the one that was known first before the others: it is the one that stays."""
    places = [
        start + np.flatnonzero(np.diff(rows[start : start + STRETCH + 1] // packing.key) == 0)
        for start in range(0, len(rows), STRETCH)
    ]
    repeated = np.concatenate(places) if places else np.empty(0, "int64")
    if len(repeated):
        repeated = np.union1d(repeated, repeated + 1)
        some = rows[repeated]
        rows[repeated] = some[np.lexsort((some, packing.known_on(some), some // packing.key))]


def _bands(registers: Registers, year: int, num_rows: int) -> Iterator[np.ndarray]:
    """The rows of a year, sorted, some pupils at a time; pupils lie evenly, as their numbers are random."""
    packing = registers.packing
    num_bands = -(-num_rows // BAND)
    cuts = [
        packing.weights["pupil"] * (packing.bases["pupil"] * cut // num_bands) for cut in range(num_bands + 1)
    ]
    first_day, last_day = (np.datetime64(f"{one}-09-01", "D").astype("int64") for one in (year, year + 1))
    for low, high in zip(cuts, cuts[1:], strict=False):
        parts = []
        for block, rows in registers.rows(year):
            part = rows[(rows >= low) & (rows < high)] if num_bands > 1 else rows[rows != REJECTED]
            if len(block.years) > 1:
                day = packing.days(packing.digit(part, "day"))
                part = part[(day >= first_day) & (day < last_day)]
            parts.append(part)
        yield sort_rows(np.concatenate(parts), packing.weights["pupil"])


def sort_rows(rows: np.ndarray, pupil: int) -> np.ndarray:
    """Rows in rising order.

    Registers come as long stretches of one pupil. Those are put in order as wholes, which leaves
    little to sort: the rows of pupils at two schools. Rows in any other order are simply sorted.

    Parameters
    ----------
    pupil : int
        The weight of a pupil in a packed number.
    """
    pupils = rows // pupil
    ends = np.append(np.flatnonzero(pupils[1:] != pupils[:-1]) + 1, len(rows))
    if len(ends) * 8 > len(rows):
        return np.sort(rows)
    starts = np.append(0, ends[:-1])
    order = np.argsort(rows[starts], kind="stable")
    runs = zip(starts[order].tolist(), ends[order].tolist(), strict=True)
    joined = np.concatenate([rows[start:end] for start, end in runs])
    if (joined[1:] < joined[:-1]).any():
        joined.sort(kind="stable")
    return joined


class _Tally:
    """Counts what passes by on its way to the store."""

    def __init__(self, packing: Packing, covering: Covering) -> None:
        self.packing = packing
        self.covering = covering
        self.off_spell: Counter = Counter()
        codes = code_set("attendance").set_index("code").loc[list(packing.codes)]
        absent, possible = codes["counts_as_absent"].to_numpy(), codes["counts_as_possible"].to_numpy()
        is_none = codes.index.to_numpy() == NO_MARK
        self.unmade = np.logical_and.outer(is_none, is_none).ravel().astype("int64")
        is_suspended = codes.index.to_numpy() == "E"
        self.absent = np.add.outer(absent, absent).ravel()  # by pair of marks, as they end a packed number
        self.possible = np.add.outer(possible, possible).ravel()
        self.has_suspended = np.add.outer(is_suspended, is_suspended).ravel() > 0
        self.days: list[pd.DataFrame] = []
        self.suspended: list[pd.DataFrame] = []

    def counting(self, year: int, stretches: Iterator[np.ndarray]) -> Iterator[Digits]:
        packing = self.packing
        first = int(np.datetime64(f"{year}-09-01", "D").astype("int64")) - packing.first_day
        num_schools = packing.bases["school"]
        counts = {
            name: np.zeros(DAYS * num_schools, "int64") for name in ("rows", "made", "possible", "absent")
        }
        for rows in stretches:
            digits = packing.digits(rows)
            place, pair = (digits["day"] - first) * num_schools + digits["school"], digits["pair"]
            sessions = {
                "made": -self.unmade[pair],
                "possible": self.possible[pair] - 2,
                "absent": self.absent[pair],
            }
            counts["rows"] += np.bincount(place, minlength=DAYS * num_schools)
            for name, number in sessions.items():
                odd = np.flatnonzero(number)
                added = np.bincount(place[odd], number[odd], minlength=DAYS * num_schools)
                counts[name] += added.astype("int64")
            self._keep_suspended(rows[self.has_suspended[pair]])
            self._count_off_spell(digits)
            yield digits
        counts["made"] += counts["rows"]
        counts["possible"] += 2 * counts["rows"]
        found = np.flatnonzero(counts["rows"])
        day, school = np.divmod(found, num_schools)
        days = {"urn": packing.schools[school], "day": packing.days(day + first)}
        self.days.append(pd.DataFrame(days | {name: number[found] for name, number in counts.items()}))

    def _count_off_spell(self, digits: Digits) -> None:
        """Rows of days on which the pupil was on no roll of that school, by school."""
        packing = self.packing
        starts = changes(digits["pupil"], digits["school"])
        ends = np.append(starts[1:], len(digits["day"])) - 1
        pupil, urn = packing.pupils[digits["pupil"][starts]], packing.schools[digits["school"][starts]]
        first, last = (packing.days(digits["day"][at]) for at in (starts, ends))
        is_sure = self.covering.is_sure(pupil, urn, first, last, np.zeros(len(starts), "int64"))
        asked = np.flatnonzero(np.repeat(~is_sure, ends - starts + 1))
        if not len(asked):
            return
        pupil, urn = packing.pupils[digits["pupil"][asked]], packing.schools[digits["school"][asked]]
        day = packing.days(digits["day"][asked])
        counted, _, _ = self.covering.counted(pupil, urn, day, np.zeros(len(asked), "int64"))
        self.off_spell.update(np.delete(urn, counted).tolist())

    def _keep_suspended(self, rows: np.ndarray) -> None:
        packing, code = self.packing, self.packing.codes.index("E")
        columns = {
            "pupil": packing.pupils[packing.digit(rows, "pupil")],
            "urn": packing.schools[packing.digit(rows, "school")],
            "day": packing.days(packing.digit(rows, "day")),
            "am": packing.digit(rows, "am") == code,
            "pm": packing.digit(rows, "pm") == code,
        }
        self.suspended.append(pd.DataFrame(columns))

    def settled(self) -> Settled:
        if not self.days:
            nothing = pd.DataFrame(
                dict.fromkeys(("urn", "day", "rows", "made", "possible", "absent"), []), dtype="int64"
            )
            marks = pd.DataFrame(dict.fromkeys(("pupil", "urn", "day", "am", "pm"), []), dtype="int64")
            return Settled(nothing, marks, self.off_spell)
        days, suspended = (pd.concat(rows, ignore_index=True) for rows in (self.days, self.suspended))
        return Settled(days, suspended, self.off_spell)


def _reject_repeats(registers: Registers, keys: np.ndarray) -> None:
    """Put every row of some keys but the one that stays under `duplicate` or `duplicate_key`.

    The row of a key that was known first stays, and of those the lowest packed number, in the place where it
    stands first: which row stays does not depend on the order of rows, and which line is named does.
    """
    if not len(keys):
        return
    key = registers.packing.key
    sieve = np.zeros(1 << 16, bool)
    sieve[keys & 0xFFFF] = True
    places, values = [], []
    for block, rows in registers.rows():
        block_keys = rows // key
        likely = np.flatnonzero(sieve[block_keys & 0xFFFF] & (rows != REJECTED))
        likely = likely[np.isin(block_keys[likely], keys)]
        places.append(likely + block.start)
        values.append(rows[likely])
    place, value = np.concatenate(places), np.concatenate(values)
    order = np.lexsort((place, value, registers.packing.known_on(value), value // key))
    place, value = place[order], value[order]
    found = value // key
    lost = np.flatnonzero(np.append(False, found[1:] == found[:-1]))
    is_same = value[lost] == value[lost - 1]
    rule = np.where(is_same, RULES.index("duplicate"), RULES.index("duplicate_key")).astype("int8")
    date = [column.name for column in ATTENDANCE.columns].index("date")
    verdict = Verdict(rule, np.where(is_same, 0, date).astype("int8"))
    registers.rejected.append((_as_text(registers, value[lost], place[lost]), verdict))


def _as_text(registers: Registers, packed: np.ndarray, spooled: np.ndarray) -> Rows:
    """Rows as the text they were read as, in its one spelling, with their files and places."""
    packing = registers.packing
    upns = {pupil: upn for upn, pupil in registers.pupils.current.items()}
    columns = {
        "upn": [upns[pupil] for pupil in packing.pupils[packing.digit(packed, "pupil")].tolist()],
        "urn": packing.schools[packing.digit(packed, "school")].astype(str).tolist(),
        "date": _iso(packing.days(packing.digit(packed, "day"))),
        **{
            name: [packing.codes[mark] for mark in packing.digit(packed, name).tolist()]
            for name in ("am", "pm")
        },
    }
    if packing.has_recorded:
        recorded = packing.digit(packed, "recorded")
        days = _iso(packing.days(recorded - 1))
        columns["recorded_on"] = [
            day if given else None for day, given in zip(days, recorded > 0, strict=True)
        ]
    starts = np.array(registers.starts)
    file = np.searchsorted(starts, spooled, side="right") - 1
    table = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    return Rows(registers.files, table, file.astype("int32"), spooled - starts[file])


def _iso(days: np.ndarray) -> list[str]:
    return np.datetime_as_string(days.astype("datetime64[D]")).tolist()
