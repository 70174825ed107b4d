"""Somebody's scored list, read as it was written; every breach at once, and no value in a message.

A CSV file has no types: `01` and `1`, `7E1` and `70`, `None` and an empty cell are different things, and a reader
that guesses types makes them one. So every cell is read as text, and only the columns that have to be
numbers are made numbers, here, where what cannot be one is counted and told.
"""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from features.records.plain_text import OTHER_KINDS
from features.records.read import as_text
from training.audit.errors import AuditRefused

TEXTS = (".csv", ".tsv", ".txt")
PARQUETS = (".parquet", ".pq")
DELIMITERS = (",", ";", "\t", "|")
SAVE_AS = "In Excel: Save as, CSV UTF-8 (comma delimited)."
MARKED = {  # longer marks first: that of UTF-32 begins as that of UTF-16
    "utf-32": (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE),
    "utf-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE),
}
AS_WINDOWS = f"The file is not in UTF-8, so it was read as Windows-1252, which older versions of Excel write. If names look wrong here, save it again. {SAVE_AS}"
TRUTHS = {"true": 1.0, "false": 0.0}
LONGEST_HEADER = 1 << 20
csv.field_size_limit(2**31 - 1)  # at Python's own limit an open quotation mark would not be seen
MOST_LINES = 5  # named in a message
PERCENT = r"\s*[-+]?\d+([.,]\d+)?\s*%\s*"
DECIMAL_COMMA = r"\s*[-+]?\d*,\d+\s*"
THOUSANDS = r"\s*[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?\s*"
LOOKED_THROUGH = 30  # lines in which a header that is not the first is looked for


@dataclass(frozen=True)
class Table:
    """A file whose columns have names, before any is read.

    Attributes
    ----------
    path : Path
    names : tuple of str
        As the file has them, without spaces at either end; may repeat, and may be empty.
    text : bytes or None
        A CSV file in UTF-8, from its header on; None for Parquet.
    delimiter : str
    first_line : int
        Line of the header.
    notes : tuple of str
        What a reader must know of how it was read.
    """

    path: Path
    names: tuple[str, ...]
    text: bytes | None = None
    delimiter: str = ","
    first_line: int = 1
    notes: tuple[str, ...] = ()

    def read(self, wanted: Sequence[str]) -> "Columns":
        """Some columns.

        Raises
        ------
        AuditRefused
            A column is not there, or there twice; a row has too many or too few cells; there is no row.
        """
        held = Counter(self.names)
        missing = [name for name in wanted if not held[name]]
        twice = [name for name in wanted if held[name] > 1]
        breaches = []
        if missing:
            shown = ", ".join(name or "(no name)" for name in self.names)
            near = [
                found
                for name in missing
                for found in get_close_matches(name.casefold(), [*map(str.casefold, self.names)], 1)
            ]
            meant = [name for name in self.names if name and name.casefold() in near and name not in wanted]
            breaches.append(
                self._header_below(wanted)
                or f"{self.path} has no column {', '.join(missing)}. Its columns are {shown}.{''.join(f' Is it {name}?' for name in meant)}"
            )
        breaches += [
            f"{self.path} has {held[name]} columns named {name}, and which of them is meant cannot be told. Rename all but one, or leave the others out."
            for name in twice
        ]
        if breaches:
            raise AuditRefused(*breaches)
        cells = self._parquet(wanted) if self.text is None else self._csv(wanted)
        made = Columns(self, cells)
        if len(made) and (is_empty := self._without_a_value(made, wanted)).any():
            kept = np.flatnonzero(~is_empty)
            left = {name: each.take(pa.array(kept)) for name, each in cells.items()}
            num = int(is_empty.sum())
            note = f"{num:,} {'row' if num == 1 else 'rows'} without any value {'was' if num == 1 else 'were'} left out (the first in {made.where(is_empty)})."
            made = Columns(replace(self, notes=(*self.notes, note)), left, kept)
        if not len(made):
            raise AuditRefused(f"{self.path} has no rows{' below its header' if self.text else ''}.")
        return made

    def _header_below(self, wanted: Sequence[str]) -> str:
        """Where the columns that are wanted are named further down, a sentence that says on which line."""
        if self.text is None:
            return ""
        top = self.text[:LONGEST_HEADER].decode(errors="ignore").splitlines()[:LOOKED_THROUGH]
        for place, line in enumerate(top[1:], 1):
            for each in DELIMITERS:
                cells = next(csv.reader([line], delimiter=each), [])
                if set(wanted) <= {cell.strip() for cell in cells}:
                    return f"{self.path}: the names of its columns stand on line {self.first_line + place}, not on line {self.first_line}. Delete the lines above them."
        return ""

    def _without_a_value(self, made: "Columns", wanted: Sequence[str]) -> np.ndarray:
        """Which rows are empty in every column of the file, as a spreadsheet leaves them below its table."""
        is_empty = np.logical_and.reduce([made.is_blank(name) for name in wanted])
        if not is_empty.any():
            return is_empty
        if self.text is not None:
            for place, (_, row) in enumerate(self.rows()):
                is_empty[place] &= not any(cell.strip() for cell in row)
            return is_empty
        names = [name for name in pq.read_schema(self.path).names if name.strip() not in wanted]
        for column in pq.read_table(self.path, columns=names).columns if names else ():
            is_empty &= pc.is_null(column).to_numpy()
        return is_empty

    def _parquet(self, wanted: Sequence[str]) -> dict[str, pa.ChunkedArray]:
        try:
            held = pq.ParquetFile(self.path)
            places = [held.schema_arrow.names.index(self._as_named(name)) for name in wanted]
            table = held.read(columns=[held.schema_arrow.names[place] for place in places])
        except (pa.ArrowException, OSError, ValueError) as error:
            raise unreadable(self.path, error) from None
        return {name: table[self._as_named(name)] for name in wanted}

    def _as_named(self, name: str) -> str:
        """A Parquet column's name with the spaces that the file has."""
        return next(each for each in pq.read_schema(self.path).names if each.strip() == name)

    def _csv(self, wanted: Sequence[str]) -> dict[str, pa.ChunkedArray]:
        assert self.text is not None
        names = [f"c{place}" for place in range(len(self.names))]
        places = {name: f"c{self.names.index(name)}" for name in wanted}
        odd: list[int] = []

        def refused(row: arrow_csv.InvalidRow) -> str:
            odd.append(row.actual_columns)
            return "skip"

        try:
            table = arrow_csv.read_csv(
                pa.py_buffer(self.text),
                read_options=arrow_csv.ReadOptions(
                    column_names=names, skip_rows_after_names=1, use_threads=False
                ),
                parse_options=arrow_csv.ParseOptions(
                    delimiter=self.delimiter, newlines_in_values=True, invalid_row_handler=refused
                ),
                convert_options=arrow_csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()),
                    include_columns=list(dict.fromkeys(places.values())),
                    strings_can_be_null=False,
                ),
            )
        except pa.ArrowException as error:
            raise unreadable(self.path, error) from None
        is_open = self.text.count(b'"') % 2 == 1 and self._ends_in_a_quotation()
        if odd or is_open:
            raise AuditRefused(self._of_odd_rows(is_open))
        return {name: table[place] for name, place in places.items()}

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Rows of a CSV file below its header, each with the line it starts on."""
        assert self.text is not None
        reader = csv.reader(io.StringIO(self.text.decode(), newline=""), delimiter=self.delimiter)
        start = 1
        for place, row in enumerate(reader):
            if row and place:
                yield start + self.first_line - 1, row
            start = reader.line_num + 1

    def _ends_in_a_quotation(self) -> bool:
        assert self.text is not None
        text = io.StringIO(self.text.decode(), newline="")
        try:
            for _ in csv.reader(text, delimiter=self.delimiter, strict=True):
                pass
        except csv.Error:
            return True
        return False

    def _of_odd_rows(self, is_open: bool) -> str:
        num = len(self.names)
        lines = [line for line, row in self.rows() if len(row) != num]
        shown = ", ".join(f"{line:,}" for line in lines[:MOST_LINES])
        more = f" and {len(lines) - MOST_LINES:,} more" if len(lines) > MOST_LINES else ""
        where = f"{'Line' if len(lines) == 1 else 'Lines'} {shown}{more} {'does' if len(lines) == 1 else 'do'} not have {num} cells as the header does."
        return (
            f"{self.path}: {where if lines else 'A quotation mark is open to the end of the file.'} What such a row says of a person cannot be told. "
            + ("A quotation mark is open to the end of the file. " if is_open and lines else "")
            + "Put a cell that holds the separator in quotation marks, and leave no quotation mark open."
        )


@dataclass(frozen=True)
class Columns:
    """Columns of one file, cell by cell as they are.

    Attributes
    ----------
    places : numpy.ndarray of int64 or None
        Which rows of the file they are, where some were left out.
    """

    table: Table
    cells: dict[str, pa.ChunkedArray] = field(repr=False)
    places: np.ndarray | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(next(iter(self.cells.values())))

    def text(self, name: str) -> pa.Array:
        """Every cell as text; "" where it is empty or holds spaces only.

        Raises
        ------
        AuditRefused
            The cells are of a kind that no text stands for, as a list.
        """
        return self._texts[name]

    @cached_property
    def _texts(self) -> dict[str, pa.Array]:
        return {name: written(cells, name, self.table.path) for name, cells in self.cells.items()}

    def is_blank(self, name: str) -> np.ndarray:
        return pc.equal(self.text(name), "").to_numpy(zero_copy_only=False)

    def where(self, rows: np.ndarray) -> str:
        """The first of some rows, as a line of the file."""
        first = int(np.flatnonzero(rows)[0])
        if self.places is not None:
            first = int(self.places[first])
        if self.table.text is None:
            return f"row {first + 1:,}"
        line = next(line for place, (line, _) in enumerate(self.table.rows()) if place == first)
        return f"line {line:,}"

    def zeros_and_ones(self, name: str, what: str, may_be_blank: bool, breaches: list[str]) -> np.ndarray:
        """A column of 0 and 1 as float64, NaN where blank; what is neither goes to `breaches`."""
        coded = pc.dictionary_encode(self.text(name))
        read = np.array([truth(text) for text in coded.dictionary.to_pylist()], dtype=np.float64)
        values = read[coded.indices.to_numpy()]
        blank = self.is_blank(name)
        wrong = np.isnan(values) & ~blank
        if wrong.any():
            breaches.append(
                f"In {what} {name}, {int(wrong.sum()):,} of {len(self):,} values are neither 0 nor 1 (the first in {self.where(wrong)}). Write 1 for yes and 0 for no."
            )
        if blank.any() and not may_be_blank:
            breaches.append(
                f"In {what} {name}, {int(blank.sum()):,} values are blank (the first in {self.where(blank)}). Write 0 for whoever is not listed."
            )
        return values

    def numbers(self, name: str, what: str, breaches: list[str]) -> np.ndarray:
        """A column of numbers as float64, NaN where blank; what is no number goes to `breaches`."""
        cells, texts = self.cells[name], self.text(name)
        if pa.types.is_floating(cells.type) or pa.types.is_integer(cells.type):
            values = cells.cast(pa.float64(), safe=False).to_pandas().to_numpy(np.float64)
        else:
            values = pd.to_numeric(
                pd.Series(texts.to_numpy(zero_copy_only=False), dtype=object), errors="coerce"
            ).to_numpy(np.float64)
        wrong = (np.isnan(values) & ~self.is_blank(name)) | np.isinf(values)
        if not wrong.any():
            return values
        of = [texts[int(row)].as_py() for row in np.flatnonzero(wrong)]
        kinds = {
            "in percent: write 0.25 for 25%": sum(bool(re.fullmatch(PERCENT, text)) for text in of),
            "with a decimal comma: write 0.25 for 0,25": sum(
                bool(re.fullmatch(DECIMAL_COMMA, text)) and not re.fullmatch(THOUSANDS, text) for text in of
            ),
            "with a comma that may part thousands or decimals: write 1234 for 1,234, or 1.234": sum(
                bool(re.fullmatch(THOUSANDS, text)) for text in of
            ),
        }
        said = "; ".join(
            f"{num:,} {'is' if num == 1 else 'are'} written {kind}" for kind, num in kinds.items() if num
        )
        rest = len(of) - sum(kinds.values())
        leave = "leave blank where there is none" if rest else ""
        advice = "; ".join(part for part in (said, leave) if part)
        breaches.append(
            f"In the {what} {name}, {len(of):,} of {len(self):,} values are not numbers (the first in {self.where(wrong)}): {advice}."
        )
        return values


def open_table(path: Path, wanted: Sequence[str]) -> Table:
    """Look at a file: what it is, how it is written, what its columns are called.

    Parameters
    ----------
    wanted : sequence of str
        Columns that it should have: they tell what separates its cells.

    Raises
    ------
    AuditRefused
    """
    suffix = path.suffix.lower()
    if suffix not in (*TEXTS, *PARQUETS):
        raise AuditRefused(
            f"{path} is neither .csv nor .parquet (nor .tsv or .txt). Save the scored list as one of them. {SAVE_AS}"
        )
    try:
        if suffix in PARQUETS:
            return Table(path, tuple(name.strip() for name in pq.read_schema(path).names))
        text, notes = decoded(path)
    except (pa.ArrowException, OSError) as error:
        raise unreadable(path, error) from None
    lines = text.split("\n", 21)
    first = 0
    while first < len(lines) - 1 and (
        not lines[first].strip() or lines[first].strip().lower().startswith("sep=")
    ):
        first += 1  # Excel's own `sep=;`, and empty lines, stand above a header
    rest = text.split("\n", first)[-1]
    if not rest.strip():
        raise AuditRefused(f"{path} has no rows.")
    headers = {
        each: tuple(next(csv.reader(io.StringIO(rest[:LONGEST_HEADER], newline=""), delimiter=each)))
        for each in DELIMITERS
    }
    named = {each: tuple(name.strip() for name in header) for each, header in headers.items()}
    fits = [each for each in DELIMITERS if set(wanted) <= set(named[each])]
    delimiter = fits[0] if fits else max(DELIMITERS, key=lambda each: len(named[each]))
    if not any(named[delimiter]):
        raise AuditRefused(
            f"{path}: line {first + 1} should name the columns, and is blank. Give each column a name."
        )
    held = rest if rest.endswith(("\n", "\r")) else rest + "\n"
    return Table(path, named[delimiter], held.encode(), delimiter, first + 1, notes)


def decoded(path: Path) -> tuple[str, tuple[str, ...]]:
    """A text file's characters, and what must be known of how they were read."""
    data = path.read_bytes()
    for name, marks in MARKED.items():
        if data.startswith(marks):
            try:
                return data.decode(name), ()
            except UnicodeDecodeError:
                raise AuditRefused(
                    f"{path} begins as text in {name.upper()} and does not go on so. {SAVE_AS}"
                ) from None
    for others, words in OTHER_KINDS:
        if data.startswith(others):
            raise AuditRefused(f"{path} cannot be read as csv: it is {words}. {SAVE_AS}")
    if b"\0" in data:
        raise AuditRefused(
            f"{path} cannot be read as csv: it holds bytes that no text has, as UTF-16 without its mark does. {SAVE_AS}"
        )
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp1252"), (AS_WINDOWS,)
    except UnicodeDecodeError:
        raise AuditRefused(f"{path} is text neither in UTF-8 nor in Windows-1252. {SAVE_AS}") from None


def unreadable(path: Path, error: Exception) -> AuditRefused:
    known: dict[type[Exception], str] = {
        FileNotFoundError: "there is no such file",
        IsADirectoryError: "it is a folder",
        PermissionError: "you may not read it",
    }
    why = known.get(type(error), type(error).__name__)
    return AuditRefused(f"{path} cannot be read as {path.suffix[1:].lower()}: {why}.")


def written(cells: pa.ChunkedArray, name: str, path: Path) -> pa.Array:
    """Cells as text, each as a CSV file would hold it; "" where there is nothing."""
    if isinstance(cells.type, pa.BaseExtensionType):
        cells = cells.cast(cells.type.storage_type)
    if pa.types.is_dictionary(cells.type):
        cells = cells.cast(cells.type.value_type)
    if pa.types.is_nested(cells.type):
        raise AuditRefused(f"{path}: a cell of {name} holds several values. Write one value to a cell.")
    if pa.types.is_boolean(cells.type):
        cells = pc.if_else(cells, "True", "False")
    if pa.types.is_floating(cells.type):
        cells = cells.cast(pa.float64())
        cells = pc.if_else(pc.is_nan(cells), pa.scalar(None, pa.float64()), cells)
    try:
        texts = as_text(cells).cast(pa.string())
    except pa.ArrowException:
        raise AuditRefused(
            f"{path}: the cells of {name} are {cells.type}, which no text stands for. Save them as text or numbers."
        ) from None
    flat = pc.fill_null(texts, "").combine_chunks()
    return pc.if_else(pc.equal(pc.utf8_trim_whitespace(flat), ""), "", flat)


def truth(text: str) -> float:
    """0 or 1 as a cell says it; NaN for anything else."""
    known = TRUTHS.get(text.strip().lower())
    if known is not None:
        return known
    try:
        value = float(text)
    except ValueError:
        return np.nan
    return value if value in (0.0, 1.0) else np.nan
