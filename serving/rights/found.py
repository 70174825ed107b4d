"""Rows and mentions of one pupil in files, whatever the file: tables, JSON, CSV, workbooks, pages."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from serving.rights.identity import Identity

CONTEXT = ("as_of", "release")


@dataclass(frozen=True)
class Found:
    """What one file holds of a pupil.

    Attributes
    ----------
    file : Path
    rows : list of dict
        Rows and entries that are about the pupil; empty where the file only names them (a page, a workbook).
    """

    file: Path
    rows: list[dict[str, Any]] = field(default_factory=list)


def files_under(folders: Iterable[Path]) -> Iterator[Path]:
    """Every file under some folders, or a file itself, each once, in order."""
    seen = set()
    for folder in folders:
        for path in sorted(folder.rglob("*")) if folder.is_dir() else [folder]:
            if path.is_file() and path.resolve() not in seen:
                seen.add(path.resolve())
                yield path


def found_in(folders: Iterable[Path], who: Identity) -> Iterator[Found]:
    """What files under some folders hold of a pupil; those that hold nothing are left out."""
    for path in files_under(folders):
        found = found_in_file(path, who)
        if found is not None:
            yield found


def found_in_file(path: Path, who: Identity) -> Found | None:
    """What one file holds; None where it holds nothing."""
    if path.suffix == ".parquet":
        rows = list(parquet_rows(path, who))
    elif path.suffix == ".json":
        rows = list(json_entries(json.loads(path.read_text(encoding="utf-8")), who))
    elif path.suffix == ".csv":
        rows = list(csv_rows(path, who))
    else:
        return Found(path) if mentions(path, who) else None
    return Found(path, rows) if rows or mentions(path, who) else None


def parquet_rows(path: Path, who: Identity) -> Iterator[dict[str, Any]]:
    """Rows of a Parquet file about a pupil; groups of rows that cannot hold one are not read."""
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            if may_hold(file.metadata.row_group(group), who):
                table = file.read_row_group(group)
                yield from table.filter(is_about(table, who)).to_pylist()


def may_hold(group: pq.RowGroupMetaData, who: Identity) -> bool:
    """Could a group of rows hold a pupil, as the least and greatest pseudonym in it tell?"""
    for place in range(group.num_columns):
        column = group.column(place)
        if column.path_in_schema == "pupil" and column.physical_type == "INT64":
            range_ = column.statistics
            return range_ is None or not range_.has_min_max or range_.min <= who.pupil <= range_.max
    return True


def is_about(table: pa.Table, who: Identity) -> pa.Array:
    """Which rows hold a pupil's pseudonym or UPN in any column; shape (n,), never null."""
    found = pa.array([False] * len(table), pa.bool_())
    texts = pa.array(who.texts)
    for name in table.column_names:
        column = table[name].combine_chunks()
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        if pa.types.is_int64(column.type):
            hit = pc.equal(column, pa.scalar(who.pupil, pa.int64()))
        elif pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            hit = pc.is_in(
                pc.utf8_trim_whitespace(pc.utf8_upper(column)), pc.utf8_upper(texts).cast(column.type)
            )
        else:
            continue
        found = pc.or_(found, pc.fill_null(hit, False))
    if who.names and {"forename", "surname"} <= set(table.column_names):
        is_named = pc.and_(_equals(table, "forename", who.forename), _equals(table, "surname", who.surname))
        found = pc.or_(found, is_named)
    return found


def _equals(table: pa.Table, name: str, text: str) -> pa.Array:
    return pc.fill_null(pc.equal(pc.utf8_trim_whitespace(table[name].combine_chunks()), text), False)


def json_entries(
    node: Any, who: Identity, context: Mapping[str, Any] | None = None, place: str = ""
) -> Iterator[dict[str, Any]]:
    """Objects in JSON of which some value is the pupil, with where they stand, as-of date and release."""
    context = context or {}
    if isinstance(node, dict):
        context = {**context, **{name: node[name] for name in CONTEXT if isinstance(node.get(name), str)}}
        if any(is_pupil(value, who) for value in node.values()):
            yield {**context, "where": place, **node}
        for key, value in node.items():
            if is_pupil(key, who):
                yield {**context, "where": place, "value": value}
            yield from json_entries(value, who, context, f"{place}/{key}")
    elif isinstance(node, list):
        if any(is_pupil(value, who) for value in node):
            yield {**context, "where": place}
        for value in node:
            yield from json_entries(value, who, context, place)


def is_pupil(value: Any, who: Identity) -> bool:
    """Is a value the pupil's pseudonym or UPN?"""
    if isinstance(value, bool):
        return False
    return (
        value == who.pupil
        if isinstance(value, int)
        else isinstance(value, str) and value.strip() in who.texts
    )


def csv_rows(path: Path, who: Identity) -> Iterator[dict[str, Any]]:
    """Rows of a CSV of which a cell is the pupil, under the names of the last row that was a heading.

    A list's CSV opens with lines of explanation: a row takes its names from the first row as long as itself.
    """
    names: dict[int, list[str]] = {}
    for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig", errors="replace"))):
        heading = names.setdefault(len(row), row)
        if any(is_pupil(cell, who) for cell in row):
            yield dict(zip(heading, row, strict=True))


def mentions(path: Path, who: Identity) -> bool:
    """Do a file's bytes, or those packed inside a workbook, hold the pupil's UPN, code or name?"""
    texts = [text.encode() for text in who.written]
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            return any(text in packed.read(name) for name in packed.namelist() for text in texts)
    return has_bytes(path, texts)


def has_bytes(path: Path, wanted: Iterable[bytes], chunk: int = 1 << 22) -> bool:
    """Does a file hold any of some byte strings? Read in chunks that overlap, whatever its size."""
    wanted = list(wanted)
    overlap = max(map(len, wanted), default=1) - 1
    with path.open("rb") as file:
        tail = b""
        while block := file.read(chunk):
            window = tail + block
            if any(each in window for each in wanted):
                return True
            tail = window[-overlap:] if overlap else b""
    return False
