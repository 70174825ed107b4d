"""Reading registers: tens of millions of rows in one pass, most of them without a second look.

DuckDB looks every cell up among the texts that are right as they stand, and adds their numbers up
(`packing`). A row with any other text comes back as text and is read, repaired and checked like a row
of any other table. So a clean file costs little more than its scan, and a messy one is not treated
more lightly.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path
from typing import BinaryIO

import duckdb
import numpy as np
import pyarrow as pa

from features.codes import code_set
from features.errors import ExtractRefused
from features.records.authority import Authority
from features.records.cells import EPOCH, is_day_first, iso
from features.records.check import BLANK, Read, Verdict, check_cells, read_column
from features.records.extract import File
from features.records.identities import Pupils
from features.records.known_rows import check_known
from features.records.packing import Packing
from features.records.read import Rows, broken, csv_source, numbered, quoted, refusal
from features.tables import ATTENDANCE

COLUMNS = ("upn", "urn", "date", "am", "pm", "recorded_on")
BATCH = 1 << 20
SUSPECT = -1
REJECTED = -2


@dataclass
class Registers:
    """What one pass over the registers found.

    Attributes
    ----------
    spool : Path
        Every row as one packed number, in order of file and row; below zero where rejected.
    upns : mapping of str to int
        Each pupil's current UPN, to show a row by.
    starts : list of int
        Where each file's rows begin in the spool; one more for the end.
    has_day : array of bool, shape (days,)
        Days on which a row was kept.
    recorded : Counter
        Rows by the day they were recorded, in days since 1970-01-01.
    """

    files: Sequence[File]
    packing: Packing
    spool: Path
    upns: Mapping[str, int]
    has_day: np.ndarray
    starts: list[int] = field(default_factory=lambda: [0])
    rejected: list[tuple[Rows, Verdict]] = field(default_factory=list)
    repaired: Counter = field(default_factory=Counter)
    day_first_files: dict[str, frozenset[int]] = field(default_factory=dict)
    recorded: Counter = field(default_factory=Counter)

    @property
    def num_rows(self) -> int:
        return self.starts[-1]

    def rows(self) -> np.ndarray:
        """The spool, mapped."""
        return (
            np.memmap(self.spool, "int64", "r", shape=(self.num_rows,))
            if self.num_rows
            else np.empty(0, "int64")
        )


def read_registers(
    files: Sequence[File],
    authority: Authority,
    pupils: Pupils,
    schools: np.ndarray,
    connection: duckdb.DuckDBPyConnection,
    spool: Path,
    tick: Callable[[int], None],
) -> Registers:
    """Read and check every row of the registers; duplicates are left for later.

    Parameters
    ----------
    schools : array of int64, sorted
    spool : Path
        A file to make; it holds no UPN.
    tick : callable
        Told how many more rows were read.

    Raises
    ------
    ExtractRefused
        A file cannot be parsed, or holds what may not come in.
    """
    packing = Packing(
        np.unique(np.fromiter(pupils.pseudonyms.values(), "int64", len(pupils.pseudonyms))),
        schools,
        (authority.authority.extracted_on - date(1970, 1, 1)).days,
        tuple(sorted(code_set("attendance")["code"])),
        any("recorded_on" in file.positions for file in files),
    )
    found = Registers(files, packing, spool, pupils.current, np.zeros(packing.num_days, bool))
    _make_lookups(packing, pupils, authority.values.get("attendance", {}), connection)
    plan = _scans(files, connection)
    found.day_first_files = {
        name: frozenset(index for indexes, day_first in plan if name in day_first for index in indexes)
        for name in ("date", "recorded_on")
    }
    with spool.open("wb") as out:
        for indexes, day_first in plan:
            try:
                _scan(found, indexes, day_first, authority, pupils, connection, out, tick)
            except duckdb.Error as error:
                raise refusal(error, [files[index] for index in indexes]) from None
    return found


def _make_lookups(
    packing: Packing,
    pupils: Pupils,
    own_values: Mapping[str, Mapping[str, str]],
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """Tables from the texts that are right as they stand to what they add to a packed number."""
    weights = packing.weights
    upns, pseudonyms = list(pupils.pseudonyms), np.array(list(pupils.pseudonyms.values()), "int64")
    urns = packing.schools
    days = np.arange(packing.num_days)
    dates = [date.fromordinal(EPOCH + packing.first_day) + timedelta(int(day)) for day in days]
    marks = {name: _marks(packing.codes, own_values.get(name, {})) for name in ("am", "pm")}
    lookups = {
        "upns": {"text": upns, "part": np.searchsorted(packing.pupils, pseudonyms) * weights["pupil"]},
        "urns": {
            "text": [str(urn) for urn in urns],
            "number": urns,
            "part": np.arange(len(urns)) * weights["school"],
        },
        "days": {
            "text": [day.isoformat() for day in dates],
            "turned": [day.strftime("%d/%m/%Y") for day in dates],
            "number": pa.array(dates, pa.date32()),
            "part": days * weights["day"],
            "recorded": (days + 1) * weights["recorded"] if packing.has_recorded else days * 0,
        },
        **{
            f"{name}s": {"text": list(texts), "part": np.array(list(texts.values()), "int64") * weights[name]}
            for name, texts in marks.items()
        },
    }
    for name, columns in lookups.items():
        connection.register("lookup", pa.table({key: pa.array(value) for key, value in columns.items()}))
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM lookup")
        connection.unregister("lookup")


def _marks(codes: Sequence[str], own_values: Mapping[str, str]) -> dict[str, int]:
    """Every text that is a mark as it stands, to the place of its code; the extract's own ones too."""
    places = {code: place for place, code in enumerate(codes)}
    own = {text: places[code] for text, code in own_values.items() if code in places}
    return {text: place for text, place in places.items() if text not in own_values} | own


def _scans(
    files: Sequence[File], connection: duckdb.DuckDBPyConnection
) -> list[tuple[list[int], frozenset[str]]]:
    """Files that one scan can read, with the columns in which all of them are day-first."""
    forms = []
    for index, file in enumerate(files):
        is_certain = file.traits is not None and file.num_rows is not None
        forms.append((file.header, 0 if is_certain else index + 1, _day_first_columns(file, connection)))
    return [(list(group), form[2]) for form, group in groupby(range(len(files)), lambda index: forms[index])]


def _day_first_columns(file: File, connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Date columns that a file writes day-first; the whole column is read only where its start says so."""
    if file.traits is None:
        return frozenset()
    dated = [name for name in ("date", "recorded_on") if name in file.positions]
    first = [
        row for _, (_, row) in zip(range(50), numbered(file), strict=False) if len(row) == len(file.header)
    ]
    turned = []
    for name in dated:
        place = file.positions[name]
        starts = [row[place].strip() for row in first if row[place].strip()]
        if not starts or iso(starts[0]) is None:
            try:
                texts = connection.execute(f"SELECT DISTINCT c{place} FROM {csv_source([file])}").fetchall()
            except duckdb.Error as error:
                raise refusal(error, [file]) from None
            if is_day_first(text or "" for (text,) in texts):
                turned.append(name)
    return frozenset(turned)


def _query(file: File, source: str, day_first: frozenset[str], packing: Packing) -> str:
    """One scan: the packed number of every row, and the texts of a row that has none."""
    texts, joins, parts = [], [], []
    tables = {"upn": "upns", "urn": "urns", "date": "days", "am": "ams", "pm": "pms", "recorded_on": "days"}
    for name, table in tables.items():
        if name not in file.positions:
            texts.append("NULL")
            continue
        place = file.positions[name]
        typed, text = _expressions(file, place)
        texts.append(text)
        key = "number" if typed else "turned" if name in day_first else "text"
        if not typed and table in ("upns", "ams", "pms"):
            key = "text"
        joins.append(f"LEFT JOIN {table} AS j_{name} ON j_{name}.{key} = {typed or text}")
        if name == "recorded_on":
            parts.append(f"CASE WHEN coalesce({text}, '') = '' THEN 0 ELSE j_{name}.recorded END")
        else:
            parts.append(f"j_{name}.part")
    packed = " + ".join(parts)
    return (
        f"SELECT packed, CASE WHEN packed IS NULL THEN [{', '.join(texts)}] END AS texts "
        f"FROM (SELECT {packed} AS packed, * FROM {source} AS x {' '.join(joins)})"
    )


def _expressions(file: File, place: int) -> tuple[str, str]:
    """A column as DuckDB reads it typed ("" where it is text), and as text."""
    if file.traits is not None:
        return "", f"c{place}"
    name, kind = '"' + file.header[place].replace('"', '""') + '"', file.types[place]
    if pa.types.is_date(kind) or pa.types.is_integer(kind):
        return name, f"CAST({name} AS VARCHAR)"
    if pa.types.is_timestamp(kind):
        return (
            "",
            f"CASE WHEN {name} = date_trunc('day', {name}) THEN {name}::DATE::VARCHAR ELSE {name}::VARCHAR END",
        )
    if pa.types.is_floating(kind):
        return "", f"CASE WHEN {name} = floor({name}) THEN {name}::BIGINT::VARCHAR ELSE {name}::VARCHAR END"
    return "", name if pa.types.is_string(kind) else f"CAST({name} AS VARCHAR)"


def _scan(
    found: Registers,
    indexes: list[int],
    day_first: frozenset[str],
    authority: Authority,
    pupils: Pupils,
    connection: duckdb.DuckDBPyConnection,
    out: BinaryIO,
    tick: Callable[[int], None],
) -> None:
    files = [found.files[index] for index in indexes]
    is_csv = files[0].traits is not None
    source = csv_source(files) if is_csv else f"read_parquet({quoted(str(files[0].path))})"
    reader = connection.sql(_query(files[0], source, day_first, found.packing)).to_arrow_reader(BATCH)
    begin = found.num_rows
    num_rows = 0
    ends = np.cumsum([file.num_rows for file in files]) if len(files) > 1 else None
    for batch in reader:
        packed = batch.column(0).fill_null(SUSPECT).to_numpy(zero_copy_only=False)
        suspects = np.flatnonzero(packed == SUSPECT)
        if len(suspects):
            packed = packed.copy()
            places = suspects + num_rows
            file = (
                np.searchsorted(ends, places, side="right")
                if ends is not None
                else np.zeros(len(places), "int64")
            )
            places = places - np.append(0, ends)[file] if ends is not None else places
            rows = _suspects(found, batch.column(1).take(pa.array(suspects)), np.array(indexes)[file], places)
            packed[suspects] = _second_look(found, rows, authority, pupils)
        num_rows += len(packed)
        _count(found, packed)
        out.write(packed.tobytes())
        tick(len(packed))
    counts = [file.num_rows for file in files] if len(files) > 1 else [num_rows]
    if sum(counts) != num_rows:
        raise ExtractRefused(*filter(None, (broken(file) for file in files)))
    found.starts += (begin + np.cumsum(counts)).tolist()


def _count(found: Registers, packed: np.ndarray) -> None:
    packing = found.packing
    kept = packed[packed >= 0] if len(packed) and packed.min() < 0 else packed
    found.has_day |= np.bincount(packing.digit(kept, "day"), minlength=packing.num_days) > 0
    if packing.has_recorded:
        counts = np.bincount(packing.digit(kept, "recorded"), minlength=packing.num_days + 1)
        for digit in np.flatnonzero(counts[1:]) + 1:
            found.recorded[int(digit) - 1 + packing.first_day] += int(counts[digit])


def _suspects(found: Registers, texts: pa.ListArray, file: np.ndarray, places: np.ndarray) -> Rows:
    values = texts.flatten()
    columns = {
        name: values.take(pa.array(np.arange(place, len(values), len(COLUMNS))))
        for place, name in enumerate(COLUMNS)
    }
    if not found.packing.has_recorded:
        del columns["recorded_on"]
    return Rows(found.files, pa.table(columns), file.astype("int32"), places)


def _second_look(found: Registers, rows: Rows, authority: Authority, pupils: Pupils) -> np.ndarray:
    """Read, repair and check rows that hold a text not right as it stands; packed, or `REJECTED`."""
    packing = found.packing
    columns = read_registers_text(rows, authority, found.day_first_files)
    for read in columns.values():
        found.repaired.update(read.repaired)
    verdict = check_cells(ATTENDANCE, columns, packing.last_day)
    days = [name for name in ("date", "recorded_on") if name in columns]
    for name in days:
        is_early = (columns[name].values != BLANK) & (columns[name].values < packing.first_day)
        verdict.mark(is_early, "bad_date", [column.name for column in ATTENDANCE.columns].index(name))
    pupil = check_known(ATTENDANCE, columns, packing.schools, pupils, verdict)
    kept = np.flatnonzero(verdict.is_kept)
    packed = np.full(len(rows), REJECTED, "int64")
    digits = {
        "pupil": np.searchsorted(packing.pupils, pupil[kept]),
        "school": np.searchsorted(packing.schools, columns["urn"].values[kept]),
        "day": columns["date"].values[kept] - packing.first_day,
        "am": packing.code_index(columns["am"].texts(kept)),
        "pm": packing.code_index(columns["pm"].texts(kept)),
    }
    if "recorded_on" in columns:
        recorded = columns["recorded_on"].values[kept]
        digits["recorded"] = np.where(recorded == BLANK, 0, recorded - packing.first_day + 1)
    packed[kept] = packing.pack(digits)
    lost = np.flatnonzero(~verdict.is_kept)
    if len(lost):
        if "recorded_on" in columns:
            recorded = columns["recorded_on"].values[lost]
            found.recorded.update(recorded[recorded != BLANK].tolist())
        found.rejected.append((rows.take(lost), Verdict(verdict.rule[lost], verdict.column[lost])))
    return packed


def read_registers_text(
    rows: Rows, authority: Authority, day_first: Mapping[str, frozenset[int]]
) -> dict[str, Read]:
    """Every column of some register rows, read from text."""
    own_values = authority.values.get("attendance", {})
    return {
        name: read_column(
            rows,
            ATTENDANCE.column(name),
            own_values.get(name, {}),
            day_first=day_first.get(name, frozenset()),
        )
        for name in rows.text.column_names
    }
