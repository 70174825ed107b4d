"""One table but the registers: read into memory, checked, and turned into the rows of a store."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from features.errors import ExtractRefused
from features.records.authority import Authority
from features.records.cells import TRUTHS
from features.records.check import BLANK, Read, Verdict, check_cells, read_column
from features.records.extract import EMPTY, Extract, columns_of
from features.records.identities import Pupils, current_upns
from features.records.known_rows import check_births, check_known
from features.records.lags import Bulk, find_bulk, known_on
from features.records.layout import STORED
from features.records.read import Rows, read_rows
from features.records.repeats import check_duplicates, check_keys, check_overlaps
from features.table import Table

ARROW = {
    "int8": pa.int8(), "int16": pa.int16(), "int32": pa.int32(), "int64": pa.int64(), "string": pa.string(),
    "date": pa.date32(), "boolean": pa.bool_(),
}  # fmt: skip


@dataclass(frozen=True)
class Checked:
    """A table with its verdict.

    Attributes
    ----------
    columns : mapping of str to Read
        The contract's columns that the extract has.
    pupil : array of int64, shape (rows,)
        0 where a row has none.
    """

    table: Table
    rows: Rows
    columns: Mapping[str, Read]
    verdict: Verdict
    pupil: np.ndarray

    @property
    def kept(self) -> np.ndarray:
        """Indexes of the rows that break no rule."""
        return np.flatnonzero(self.verdict.is_kept)

    @property
    def repaired(self) -> Counter:
        return sum((read.repaired for read in self.columns.values()), Counter())

    def values(self, name: str) -> np.ndarray:
        """A column of the kept rows; all `BLANK` where the extract does not have it."""
        return (
            self.columns[name].values[self.kept] if name in self.columns else np.full(len(self.kept), BLANK)
        )

    def texts(self, name: str) -> np.ndarray:
        """A column of text of the kept rows; "" where blank."""
        if name not in self.columns:
            return np.full(len(self.kept), "", object)
        read = self.columns[name]
        values = read.values[self.kept]
        return np.append(read.words, "")[np.where(values == BLANK, len(read.words), values)]

    @property
    def bulk(self) -> Bulk | None:
        return find_bulk(self.columns["recorded_on"].values) if "recorded_on" in self.columns else None


def read_table(
    extract: Extract, table: Table, connection: duckdb.DuckDBPyConnection
) -> tuple[Rows, dict[str, Read]]:
    """Every row of a table, and every cell read."""
    files = extract.files[table.name]
    rows = read_rows(files, columns_of(files, table), connection)
    if not len(rows) and not table.is_optional:
        raise ExtractRefused(EMPTY.format(files[0].name))
    own_values = extract.authority.values.get(table.name, {})
    columns = {
        name: read_column(rows, table.column(name), own_values.get(name, {}))
        for name in rows.text.column_names
    }
    return rows, columns


def check_schools(
    extract: Extract, table: Table, connection: duckdb.DuckDBPyConnection, extracted_on: int
) -> Checked:
    rows, columns = read_table(extract, table, connection)
    verdict = check_cells(table, columns, extracted_on)
    check_duplicates(columns, verdict)
    nobody = np.zeros(len(rows), "int64")
    check_keys(table, columns, nobody, verdict)
    return Checked(table, rows, columns, verdict, nobody)


def check_roll(
    extract: Extract,
    table: Table,
    connection: duckdb.DuckDBPyConnection,
    extracted_on: int,
    key: bytes,
    urns: np.ndarray,
) -> tuple[Checked, Pupils]:
    """The roll, and the pupils it makes known: everyone with a readable UPN on a row of it."""
    rows, columns = read_table(extract, table, connection)
    verdict = check_cells(table, columns, extracted_on)
    check_duplicates(columns, verdict)
    pupils = Pupils(key, current_upns(columns["upn"].words.tolist(), _succession(columns)))
    pupil = check_known(table, columns, urns, pupils, verdict)
    check_keys(table, columns, pupil, verdict)
    check_overlaps(table, columns, pupil, verdict)
    return Checked(table, rows, columns, verdict, pupil), pupils


def first_entries(roll: Checked) -> pd.Series:
    """By pupil, the first day on any roll."""
    entries = pd.DataFrame({"pupil": roll.pupil[roll.kept], "entry": roll.values("entry_date")})
    return entries.groupby("pupil")["entry"].min()


def _succession(columns: Mapping[str, Read]) -> dict[str, str]:
    """Former UPN to the one that took its place; the later by entry where two claim it."""
    if "former_upn" not in columns:
        return {}
    upn, former, entry = columns["upn"], columns["former_upn"], columns["entry_date"]
    rows = np.flatnonzero((upn.values != BLANK) & (former.values != BLANK))
    pairs = sorted(zip(entry.values[rows].tolist(), upn.texts(rows), former.texts(rows), strict=True))
    return {before: now for _, now, before in pairs if before != now}


def check_table(
    extract: Extract,
    table: Table,
    connection: duckdb.DuckDBPyConnection,
    extracted_on: int,
    urns: np.ndarray,
    pupils: Pupils,
    first_entry: pd.Series,
) -> Checked:
    """Any other table."""
    rows, columns = read_table(extract, table, connection)
    verdict = check_cells(table, columns, extracted_on)
    check_duplicates(columns, verdict)
    pupil = check_known(table, columns, urns, pupils, verdict)
    if "birth_date" in columns:
        check_births(table, columns, pupil, first_entry, verdict)
    check_keys(table, columns, pupil, verdict)
    return Checked(table, rows, columns, verdict, pupil)


def stored(checked: Checked, authority: Authority) -> pa.Table:
    """The kept rows with the columns of the store, sorted by all of them."""
    table, bulk = checked.table, checked.bulk
    arrays = {}
    for name, kind in STORED[table.name].items():
        if name == "pupil":
            pupil = checked.pupil[checked.kept]
            arrays[name] = pa.array(pupil, ARROW[kind], mask=pupil == 0)
        elif name == "known_on":
            recorded = checked.values("recorded_on") if "recorded_on" in checked.columns else None
            arrays[name] = _array(
                known_on(authority, table.name, checked.values(table.date), recorded, bulk), kind
            )
        elif name == "end_known_on":
            recorded = checked.values("end_recorded_on") if "end_recorded_on" in checked.columns else None
            arrays[name] = _array(
                known_on(authority, table.name, checked.values(table.end), recorded, bulk), kind
            )
        elif kind == "string":
            texts = checked.texts(name)
            arrays[name] = pa.array(texts, pa.string(), mask=texts == "")
        else:
            arrays[name] = _array(checked.values(name), kind)
    result = pa.table(arrays)
    return result.sort_by([(name, "ascending") for name in result.column_names])


def _array(values: np.ndarray, kind: str) -> pa.Array:
    is_blank = values == BLANK
    whole = np.where(is_blank, 0, values)
    if kind == "date":
        return pa.array(whole.astype("int32"), pa.int32(), mask=is_blank).cast(pa.date32())
    return pa.array(whole.astype(bool) if kind == "boolean" else whole, mask=is_blank).cast(ARROW[kind])


def boolean_forms(checked: Checked) -> dict[str, int]:
    """Rows by how they write yes and no: `Y_N`, `1_0`, `true_false`."""
    forms = {"Y_N": 0, "1_0": 0, "true_false": 0}
    for column in checked.table.columns:
        if column.kind == "boolean" and column.name in checked.columns:
            counts = (
                pd.Series(checked.rows.text[column.name].to_pandas()).str.strip().str.lower().value_counts()
            )
            for text, count in counts.items():
                if text in TRUTHS:
                    forms["true_false" if len(text) > 1 else "1_0" if text.isdigit() else "Y_N"] += int(count)
    return forms


def as_dates(days: np.ndarray) -> list[str | None]:
    """ISO text of days since 1970-01-01; None where blank."""
    return [None if day == BLANK else str(np.datetime64(int(day), "D")) for day in days]
