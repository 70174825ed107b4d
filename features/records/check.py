"""The rules of the records contract, on rows of one table held as text.

Every rule is one small function over whole columns. A row counts under the first rule that it breaks,
in the order of `RULES`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from features.errors import ExtractRefused
from features.records import private
from features.records.cells import Cell, read_cell
from features.records.read import Rows
from features.records.upn import are_upns
from features.table import Column, Table

RULES = (
    "duplicate", "upn_form", "upn_check_letter", "required_blank", "unknown_code", "out_of_range", "bad_date",
    "future_date", "date_order", "unknown_school", "unknown_pupil", "duplicate_key", "spell_overlap",
)  # fmt: skip
KEPT = len(RULES)
BLANK = np.iinfo("int64").min
PLANNED = {"leaving_date", "end_date", "to", "opened_on", "closed_on"}  # may lie ahead
FORTY_YEARS = 14_610  # days before the extract; nothing about a child at school is older
BORN_ON_ROLL = ("roll", "birth_date")  # one that cannot be is taken as unknown, and the child stays on roll


@dataclass(frozen=True)
class Read:
    """One column, read.

    Attributes
    ----------
    values : array of int64, shape (rows,)
        Whole numbers, days since 1970-01-01, or 1 and 0; for UPNs, codes and text an index into
        `words`. `BLANK` where the cell is blank or breaks a rule.
    spelling : array of int64, shape (rows,)
        Equal where two cells say the same, also where they break a rule; 0 where blank.
    faults : array of int8, shape (rows,)
        Index into `RULES`; `KEPT` for none.
    repaired : Counter
        Cells repaired, by rule.
    words : array of str
    day_first : frozenset of int
        Files whose dates in this column are day-first.
    num_day_first : int
        Their cells that are not blank.
    """

    column: Column
    values: np.ndarray
    spelling: np.ndarray
    faults: np.ndarray
    repaired: Counter
    words: np.ndarray
    day_first: frozenset[int] = frozenset()
    num_day_first: int = 0

    @property
    def is_blank(self) -> np.ndarray:
        return self.spelling == 0

    def texts(self, rows: np.ndarray) -> list:
        """Values of some rows to compare and sort by; "" or -1 where blank."""
        if self.column.kind in ("upn", "code", "text", "result"):
            return [self.words[value] if value != BLANK else "" for value in self.values[rows]]
        return self.values[rows].tolist()


@dataclass(frozen=True)
class Verdict:
    """Which rows break which rule.

    Attributes
    ----------
    rule : array of int8, shape (rows,)
        Index into `RULES`; `KEPT` for a row that breaks none.
    column : array of int8, shape (rows,)
        Index into the table's columns of the one at fault.
    """

    rule: np.ndarray
    column: np.ndarray

    @classmethod
    def clean(cls, num_rows: int) -> "Verdict":
        return cls(np.full(num_rows, KEPT, "int8"), np.zeros(num_rows, "int8"))

    @property
    def is_kept(self) -> np.ndarray:
        return self.rule == KEPT

    def mark(self, rows: np.ndarray, rule: int | str, column: int) -> None:
        """Put rows under a rule where they do not already stand under an earlier one."""
        index = RULES.index(rule) if isinstance(rule, str) else rule
        rows = rows & (self.rule > index)
        self.rule[rows] = index
        self.column[rows] = column


def read_column(
    rows: Rows,
    column: Column,
    own_values: Mapping[str, str],
    *,
    day_first: frozenset[int] = frozenset(),
    blank: frozenset[str] = frozenset(),
) -> Read:
    """Read each distinct text of a column once, and carry the answers to its rows.

    Parameters
    ----------
    day_first : frozenset of int
        Files whose dates are day-first in this column.
    blank : frozenset of str
        Words that mean a blank cell.

    Raises
    ------
    ExtractRefused
        The column holds NHS or National Insurance numbers.
    """
    codes, texts = distinct(rows, column.name)
    if column.kind == "upn" and not own_values:
        plain = are_upns(pa.array(texts, pa.string()))
        cells = [
            Cell(text, text) if is_plain else read_cell(column, text, blank=blank)
            for text, is_plain in zip(texts, plain.tolist(), strict=True)
        ]
    else:
        cells = [read_cell(column, text, own_values=own_values, blank=blank) for text in texts]
    if column.kind in ("upn", "text", "code", "result"):
        _refuse_private(rows, column, [cell.text for cell in cells if cell.fault or column.kind == "text"])
    if column.kind != "date" or not day_first:
        return _spread(column, cells, codes)
    is_turned = np.isin(rows.file, list(day_first))
    cells += [
        read_cell(column, text, own_values=own_values, is_day_first=True, blank=blank) for text in texts
    ]
    read = _spread(column, cells, codes + is_turned * len(texts))
    return replace(read, day_first=day_first, num_day_first=int(np.sum(is_turned & ~read.is_blank)))


def distinct(rows: Rows, name: str) -> tuple[np.ndarray, list[str]]:
    """A column as indexes into its distinct texts; "" is the last of them and stands for null too."""
    encoded = rows.text[name].combine_chunks().dictionary_encode()
    texts = encoded.dictionary.to_pylist()
    return encoded.indices.fill_null(len(texts)).to_numpy(zero_copy_only=False), [*texts, ""]


def _spread(column: Column, cells: Sequence[Cell], codes: np.ndarray) -> Read:
    if column.kind in ("upn", "code", "text", "result"):
        words = sorted({cell.value for cell in cells if cell.value is not None})
        numbers = {word: place for place, word in enumerate(words)}
        values = [BLANK if cell.value is None else numbers[cell.value] for cell in cells]
    else:
        words = []
        values = [BLANK if cell.value is None else int(cell.value) for cell in cells]
    spellings = {"": 0}
    spelling = [spellings.setdefault(cell.text, len(spellings)) for cell in cells]
    faults = [RULES.index(cell.fault) if cell.fault else KEPT for cell in cells]
    counts = np.bincount(codes, minlength=len(cells))
    repaired: Counter = Counter()
    for cell, count in zip(cells, counts.tolist(), strict=True):
        for rule in cell.repairs:
            repaired[rule] += count
    return Read(
        column, np.array(values, "int64")[codes], np.array(spelling, "int64")[codes], np.array(faults, "int8")[codes],
        +repaired, np.array(words, object),
    )  # fmt: skip


def _refuse_private(rows: Rows, column: Column, texts: list[str]) -> None:
    if why := private.held(texts):
        names = ", ".join(dict.fromkeys(rows.files[index].name for index in np.unique(rows.file)))
        raise ExtractRefused(
            f"{names}, column {column.name}: {why}. Supply what the contract asks for there."
        )


def check_cells(table: Table, columns: Mapping[str, Read], extracted_on: int) -> Verdict:
    """Every rule that looks at one row alone, but those about other tables."""
    verdict = Verdict.clean(len(next(iter(columns.values())).values))
    for index, column in enumerate(table.columns):
        if column.name not in columns:
            continue
        read = columns[column.name]
        faults = (
            _limited(column, columns) if column.name == "sessions" and "category" in columns else read.faults
        )
        for rule in np.unique(faults):
            if rule != KEPT:
                verdict.mark(faults == rule, int(rule), index)
        if column.is_required:
            verdict.mark(read.is_blank, "required_blank", index)
        is_bound = column.name not in PLANNED and (table.name, column.name) != BORN_ON_ROLL
        if column.kind == "date" and is_bound:
            verdict.mark(read.values > extracted_on, "future_date", index)
        if (
            column.name == table.date and table.name != "roll"
        ):  # a child on the roll stays, and its birth is not held against it
            verdict.mark(is_ancient(read.values, extracted_on), "bad_date", index)
    _check_order(table, columns, verdict)
    return verdict


def is_ancient(days: np.ndarray, extracted_on: int) -> np.ndarray:
    """Is a day what a system puts where it knows none, as 1 January 1900: nothing about a child at school is so old?"""
    return (days != BLANK) & (days <= extracted_on - FORTY_YEARS)


def _place(table: Table, name: str) -> int:
    return [column.name for column in table.columns].index(name)


def _limited(column: Column, columns: Mapping[str, Read]) -> np.ndarray:
    """Faults of a length: only a suspension must have one, and within bounds."""
    length, category = columns[column.name], columns["category"]
    is_suspension = np.isin(category.values, np.flatnonzero(category.words == "SUSP"))
    faults = np.where(length.is_blank, RULES.index("out_of_range"), length.faults)
    return np.where(is_suspension, faults, KEPT)


def _check_order(table: Table, columns: Mapping[str, Read], verdict: Verdict) -> None:
    pairs = [(table.date or "from", table.end)] if table.end else []
    pairs += [("birth_date", "census_date")] if table.name == "census" else []
    pairs += [("opened_on", "closed_on")] if table.name == "schools" else []
    for first, last in pairs:
        if first in columns and last in columns:
            earlier, later = columns[first].values, columns[last].values
            both = (earlier != BLANK) & (later != BLANK)
            at_fault = first if first == "birth_date" else last
            verdict.mark(both & (later < earlier), "date_order", _place(table, at_fault))
