"""What a register's text adds to its row's packed number: a lookup for each column.

A text that is right as it stands is found at once. A row with any other text, be it a repair or a
breach, is told apart, and is read as the rows of any other table are.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.codes import marks_in_force, turning_days
from features.records.cells import EPOCH
from features.records.identities import Pupils
from features.records.lags import LONGEST_AHEAD, academic_years
from features.records.packing import Packing
from features.records.read import as_text
from features.records.spool import REJECTED

MANY = 20_000  # texts from which a table of them is dear to make for every stretch
COLUMNS = ("upn", "urn", "date", "am", "pm", "recorded_on")


@dataclass(frozen=True)
class Lookup:
    """The cells of one column that are right as they stand.

    Attributes
    ----------
    texts : array of string
        A null among them stands for a blank cell.
    parts : array of int64, shape (texts + 1,)
        What each adds to a packed number; nothing for a cell that is none of them.
    numbers : array of int64 or of dates, or None
        The same for a Parquet file that holds them so: URNs as whole numbers, days as dates. A whole number is no day.
    otherwise : array of int64
        Places of texts that the authority reads otherwise: as another value of its own, or as blank.
    """

    texts: pa.Array
    parts: np.ndarray
    numbers: pa.Array | None = None
    otherwise: np.ndarray = field(default_factory=lambda: np.empty(0, "int64"))

    @classmethod
    def of(
        cls,
        texts: Sequence[str | None],
        parts: np.ndarray,
        numbers: pa.Array | None = None,
        otherwise: Collection[str] = (),
    ) -> "Lookup":
        """A lookup of some texts, in their order; those that are read `otherwise` are not right as they stand."""
        apart = [place for place, text in enumerate(texts) if text in otherwise] if otherwise else []
        return cls(pa.array(texts, pa.string()), np.append(parts, 0), numbers, np.array(apart, "int64"))

    def places(self, cells: pa.ChunkedArray) -> np.ndarray:
        """Index of each cell among the texts; `len(texts)` for one that is not right as it stands."""
        places = self._places(cells)
        if not len(self.otherwise):
            return places
        return np.where(np.isin(places, self.otherwise), len(self.texts), places)

    def _places(self, cells: pa.ChunkedArray) -> np.ndarray:
        if self.numbers is not None and _are_alike(cells.type, self.numbers.type):
            found = pc.index_in(cells.cast(self.numbers.type, safe=False), self.numbers)
        else:
            texts = as_text(cells)
            if len(self.texts) > MANY:
                runs = pc.run_end_encode(texts).chunks
                if 8 * sum(len(run.values) for run in runs) < len(texts):
                    return np.concatenate([self._of_runs(run) for run in runs])
            found = pc.index_in(texts, self.texts)
        return found.fill_null(len(self.texts)).to_numpy()

    def _of_runs(self, runs: pa.RunEndEncodedArray) -> np.ndarray:
        """A text that stands a hundred times on end is looked up once."""
        places = [self._place.get(text, len(self.texts)) for text in runs.values.to_pylist()]
        return np.repeat(np.array(places, "int32"), np.diff(runs.run_ends.to_numpy(), prepend=0))

    @cached_property
    def _place(self) -> dict[str | None, int]:
        return {text: place for place, text in enumerate(self.texts.to_pylist())}


@dataclass(frozen=True)
class Stretch:
    """Some rows that stand together in one file, looked up.

    Attributes
    ----------
    packed : array of int64, shape (rows,)
        `REJECTED` where a cell is not right as it stands.
    years, recorded : Counter
        The other rows by academic year, and by the day recorded where one is given.
    suspects : array of int64
        Indexes of the rows that need a second look.
    texts : pyarrow Table
        Their cells as text, a column of the contract each.
    """

    packed: np.ndarray
    years: Counter
    recorded: Counter
    suspects: np.ndarray
    texts: pa.Table


class Lookups:
    """The lookup of every column of the registers.

    Parameters
    ----------
    own_values : mapping of str to mapping
        By column, the extract's own values to the contract's.
    """

    def __init__(self, packing: Packing, pupils: Pupils, own_values: Mapping[str, Mapping[str, str]]) -> None:
        self.packing = packing
        weights, urns = packing.weights, packing.schools
        blank = packing.authority.blank_words
        read_otherwise = {name: {*own_values.get(name, ()), *blank} for name in COLUMNS}
        pseudonyms = np.fromiter(pupils.pseudonyms.values(), "int64", len(pupils.pseudonyms))
        self._by_column = {
            "upn": Lookup.of(
                list(pupils.pseudonyms),
                np.searchsorted(packing.pupils, pseudonyms) * weights["pupil"],
                otherwise=read_otherwise["upn"],
            ),
            "urn": Lookup.of(
                urns.astype(str).tolist(),
                np.arange(len(urns)) * weights["school"],
                pa.array(urns, pa.int64()),
                read_otherwise["urn"],
            ),
            **{name: _marks(packing.codes, own_values.get(name, {}), weights[name]) for name in ("am", "pm")},
        }
        numbers = packing.days(np.arange(packing.num_days))
        self.years = academic_years(numbers)
        self.time = np.searchsorted(turning_days(), numbers, side="right")  # between which turning days
        self._odd = {
            name: _not_in_force(self._by_column[name], packing, weights[name]) for name in ("am", "pm")
        }
        first = date.fromordinal(EPOCH + packing.first_day)
        days = [first + timedelta(place) for place in range(packing.num_days)]
        steps = np.arange(packing.num_days)
        recorded = np.concatenate([[0, 0], (steps + 1) * weights["recorded"]])
        dates = pa.array(days, pa.date32())
        self._days = {}
        for is_day_first, form in ((False, "%Y-%m-%d"), (True, "%d/%m/%Y")):
            texts = [day.strftime(form) for day in days]
            self._days[is_day_first] = {
                "date": Lookup.of(texts, steps * weights["day"], dates, read_otherwise["date"]),
                "recorded_on": Lookup.of(
                    [None, "", *texts],
                    recorded,
                    pa.array([None, None, *days], pa.date32()),
                    read_otherwise["recorded_on"],
                ),
            }

    def look_up(self, cells: pa.Table, day_first: frozenset[str]) -> Stretch:
        """Look every row up.

        Parameters
        ----------
        cells : pyarrow Table
            Columns of the contract, as text or as a Parquet file holds them.
        day_first : frozenset of str
            Date columns that are written day-first.
        """
        packed = np.zeros(len(cells), "int64")
        is_suspect = np.zeros(len(cells), bool)
        places = {}
        for name in cells.column_names:
            lookup = self._by_column.get(name) or self._days[name in day_first][name]
            places[name] = lookup.places(cells[name])
            is_suspect |= places[name] == len(lookup.texts)
            packed += lookup.parts[places[name]]
        if "recorded_on" in places:  # a blank stands there twice, then the same days as under `date`
            recorded_day = places["recorded_on"] - 2
            is_suspect |= (recorded_day >= 0) & (recorded_day + LONGEST_AHEAD < places["date"])
        for name, odd in self._odd.items():
            ever = odd.any(axis=0)
            of_time = np.flatnonzero(np.take(ever, places[name]) & ~is_suspect)
            is_suspect[of_time] = odd[self.time[places["date"][of_time]], places[name][of_time]]
        suspects = np.flatnonzero(is_suspect)
        packed[suspects] = REJECTED
        if len(suspects):
            places = {name: place[~is_suspect] for name, place in places.items()}
        by_day = np.bincount(places["date"], minlength=len(self.years))
        years = Counter(
            {int(year): int(by_day[self.years == year].sum()) for year in np.unique(self.years[by_day > 0])}
        )
        recorded: Counter = Counter()
        if "recorded_on" in places:
            by_day = np.bincount(places["recorded_on"])
            days = np.flatnonzero(by_day[2:])
            recorded.update(
                dict(zip(self.packing.days(days).tolist(), by_day[2:][days].tolist(), strict=True))
            )
        return Stretch(packed, years, recorded, suspects, _texts(cells.take(pa.array(suspects))))


def _marks(codes: Sequence[str], own_values: Mapping[str, str], weight: int) -> Lookup:
    """Every text that is a mark as it stands, by the place of its code; the extract's own ones too."""
    places = {code: place for place, code in enumerate(codes)}
    own = {text: places[code] for text, code in own_values.items() if code in places}
    found = {text: place for text, place in places.items() if text not in own_values} | own
    return Lookup.of(list(found), np.fromiter(found.values(), "int64", len(found)) * weight)


def _not_in_force(lookup: Lookup, packing: Packing, weight: int) -> np.ndarray:
    """Which of a lookup's marks were not in force, by time between turning days (bool, shape (times, texts + 1))."""
    codes = np.array(packing.codes, object)[lookup.parts[:-1] // weight]
    times = [int(turning_days()[0]) - 1, *turning_days().tolist()]
    odd = [
        [
            read != code
            for read, code in zip(marks_in_force(codes, np.full(len(codes), day)), codes, strict=True)
        ]
        for day in times
    ]
    return np.array([[*of_time, False] for of_time in odd], bool)


def _texts(cells: pa.Table) -> pa.Table:
    return pa.table({name: as_text(cells[name]) for name in cells.column_names})


def _are_alike(cells: pa.DataType, numbers: pa.DataType) -> bool:
    """Do cells of a Parquet file hold what some numbers are: whole numbers, or dates?"""
    return pa.types.is_date(cells) if pa.types.is_date(numbers) else pa.types.is_integer(cells)
