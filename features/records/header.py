"""The line that names a file's columns: found, held against the contract, and never printed where it holds values."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import islice
from pathlib import Path

import pyarrow as pa

from features.records import private
from features.records.authority import FILE_NAME, nearest
from features.records.plain_text import Traits
from features.records.shown import LONG_NUMBER, Names
from features.table import Table

MOST_UNKNOWN = 200  # columns that the contract does not know, beyond which a file is some other table
LONGEST_LINE = 1 << 16
LONGEST_CELL = 200
LOOKED_THROUGH = 30  # lines in which a header that is not the first is looked for


class BadHeader(ValueError):
    """A header that cannot be read as one; each argument is a sentence without the file's name."""


def first_lines(path: Path) -> list[list[str]]:
    """The first rows of a CSV file as lists of cells, its header first."""
    with path.open(encoding="utf-8-sig", newline="") as text:
        rows = csv.reader(_bounded(text))
        return list(islice(rows, LOOKED_THROUGH))


def _bounded(lines: Iterator[str]) -> Iterator[str]:
    """Lines as they are, unless one is longer than any header or row."""
    for _ in range(4 * LOOKED_THROUGH):
        line = lines.readline(LONGEST_LINE)  # type: ignore[attr-defined]
        if len(line) == LONGEST_LINE and not line.endswith("\n"):
            raise BadHeader(
                "a line at its beginning is longer than any header or row of the contract, so its line breaks are lost. Export it again."
            )
        if not line:
            return
        yield line


def positions_of(
    rows: Sequence[Sequence[str]],
    table: Table,
    own_names: Mapping[str, str],
    names: Names,
    traits: Traits | None,
    types: Sequence[pa.DataType] = (),
) -> dict[str, int]:
    """Where each column of the contract stands.

    Parameters
    ----------
    rows : sequence of sequence of str
        The header, and in CSV the rows below it.
    own_names : mapping of str to str
        The extract's own column names to the contract's.
    traits : Traits or None
        Of a CSV file; None for Parquet.

    Raises
    ------
    BadHeader
        It holds values, is not the first line, lacks a column, or names what may not come in; every
        breach at once.
    """
    header = rows[0]
    positions, doubled = _known(header, table, own_names)
    unknown = [place for place in range(len(header)) if place not in set(positions.values()) | {*doubled}]
    _refuse_values(header, unknown, table, names, traits)
    missing = [
        column.name
        for column in table.columns
        if (column.is_required or column.must_exist) and column.name not in positions
    ]
    if missing and (lower := _header_below(rows, table, own_names)):
        raise BadHeader(
            f"the names of its columns stand on line {_line(traits, lower)}, not on the first. Delete the lines above them, and export it so."
        )
    if len(unknown) > MOST_UNKNOWN:
        raise BadHeader(
            f"it has {len(unknown):,} columns that the contract does not know, so it is not the table {table.name}. "
            f"Export only the columns of that table; at most {MOST_UNKNOWN} others are passed over."
        )
    breaches = [f"column {name}: the column stands there twice. Keep one." for name in doubled.values()]
    breaches += [
        f"column {names.column(header, place)}: a name outside names. Take the column out; names belong in names.csv."
        for place in unknown
        if table.name != "names" and private.is_name(header[place])
    ]
    breaches += [
        f"column {name}: a required column is missing. Add it, or give the extract's own name for it under "
        f"[columns.{table.name}] in {FILE_NAME}.{_perhaps(name, header, unknown, names)}"
        for name in missing
    ]
    breaches += [
        f"column {name}: a cell holds a list or a record, not one value. Export it as text."
        for name, place in positions.items()
        if types and pa.types.is_nested(types[place])
    ]
    if breaches:
        raise BadHeader(*breaches)
    return positions


def _known(
    header: Sequence[str], table: Table, own_names: Mapping[str, str]
) -> tuple[dict[str, int], dict[int, str]]:
    """The place of each column of the contract, and places that name one a second time."""
    positions: dict[str, int] = {}
    doubled: dict[int, str] = {}
    known = {column.name for column in table.columns}
    for place, written in enumerate(header):
        name = own_names.get(written, own_names.get(written.strip(), written.strip().casefold()))
        if name in known and name in positions:
            doubled[place] = name
        elif name in known:
            positions[name] = place
    return positions, doubled


def _refuse_values(
    header: Sequence[str], unknown: Sequence[int], table: Table, names: Names, traits: Traits | None
) -> None:
    """Refuse a header in which something that is no column's name stands."""
    columns = [column.name for column in table.columns]
    for place in unknown:
        text = header[place].strip()
        starts = [name for name in columns if text.casefold().startswith(name)]
        rest = text[max(map(len, starts), default=0) :]
        runs_on = bool(starts) and (bool(LONG_NUMBER.search(rest)) or names.is_value(rest))
        if len(text) > LONGEST_CELL or runs_on or names.is_value(text):
            where = (
                "among the names of its columns"
                if traits is None
                else f"on line {_line(traits, 0)}, which names its columns,"
            )
            raise BadHeader(
                f"{where} a value of a row stands (column {place + 1}), so the first row may be lost and everything below "
                "may stand under the wrong name. Put the names of the columns on a line of their own, or give that column another name."
            )


def _header_below(rows: Sequence[Sequence[str]], table: Table, own_names: Mapping[str, str]) -> int:
    """The place of a later row that names every required column; 0 for none."""
    needed = {column.name for column in table.columns if column.is_required or column.must_exist}
    for place, row in enumerate(rows[1:], 1):
        if needed <= _known(row, table, own_names)[0].keys():
            return place
    return 0


def _line(traits: Traits | None, row: int) -> int:
    """The line of a row of the beginning, as an editor shows it."""
    left_out = set() if traits is None else set(traits.left_out[: 10 * LOOKED_THROUGH].tolist())
    lines = (line for line in range(1, 20 * LOOKED_THROUGH) if line not in left_out)
    return next(islice(lines, row, None))


def _perhaps(name: str, header: Sequence[str], unknown: Sequence[int], names: Names) -> str:
    """The nearest of the file's own column names, where one is near."""
    written = {header[place].strip().casefold(): header[place].strip() for place in unknown}
    near = [written[text] for text in get_close_matches(name, written, 1, 0.7)]
    return "".join(f" Is it {text}?" for text in near if names.is_plain(text))


def unknown_own_names(
    table: str, own_names: Iterable[str], headers: Iterable[Sequence[str]], names: Names
) -> list[str]:
    """What is wrong under `[columns]`: names that no file of a table has, each with the nearest that one has."""
    written = {text.strip() for header in headers for text in header}
    plain = [text for text in written if text and names.is_plain(text)]
    return [
        f"{FILE_NAME}, columns.{table}: no file of {table} has a column called {own if names.is_plain(own) else '(a name not shown)'}.{nearest(own, plain)}. Correct it and try again."
        for own in own_names
        if own.strip() not in written
    ]
