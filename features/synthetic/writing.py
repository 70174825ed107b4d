"""An extract's files, written as they are made: nothing of a year is held longer than the year."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as parquet

from features.synthetic.marks import CODES

ATTENDANCE = pa.schema([
    ("upn", pa.dictionary(pa.int32(), pa.string())), ("urn", pa.int32()), ("date", pa.date32()),
    ("am", pa.dictionary(pa.int8(), pa.string())), ("pm", pa.dictionary(pa.int8(), pa.string())),
])  # fmt: skip


def table(columns: Mapping[str, Any]) -> pa.Table:
    """Columns as a table: blank text and not-a-time become null."""
    arrays = {}
    for name, values in columns.items():
        if isinstance(values, pa.Array):
            arrays[name] = values
            continue
        values = np.asarray(values)
        array = pa.array(values.tolist() if values.dtype.kind == "U" else values)
        if values.dtype.kind == "U":
            array = pa.compute.if_else(pa.compute.equal(array, ""), pa.scalar(None, pa.string()), array)
        arrays[name] = array
    return pa.table(arrays)


class Csv:
    """One CSV file of an extract, added to year by year."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.writer: csv.CSVWriter | None = None
        self.rows = 0

    def write(self, columns: Mapping[str, Any]) -> None:
        rows = table(columns)
        if self.writer is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.writer = csv.CSVWriter(
                self.path, rows.schema, write_options=csv.WriteOptions(quoting_style="needed")
            )
        self.writer.write_table(rows.cast(self.writer_schema(rows)))
        self.rows += rows.num_rows

    def writer_schema(self, rows: pa.Table) -> pa.Schema:
        if not hasattr(self, "schema"):
            self.schema = rows.schema
        return self.schema

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()


class Attendance:
    """One academic year of marks, a row group a school."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Without the stored Arrow schema a reader sees plain text, as in any other Parquet file.
        self.writer = parquet.ParquetWriter(path, ATTENDANCE, compression="zstd", store_schema=False)
        self.rows = 0

    def write(
        self, upn: np.ndarray, urn: int, days: np.ndarray, marks: np.ndarray, on_roll: np.ndarray
    ) -> None:
        """Write the days on roll of one school.

        Parameters
        ----------
        upn : (n,) array;  days : (D,) datetime64 array
        marks : (n, D, 2) uint8 array;  on_roll : (n, D) bool array
        """
        rows, columns = np.nonzero(on_roll)
        if not len(rows):
            return
        unique, index = np.unique(upn, return_inverse=True)
        kept = marks[rows, columns]
        codes = pa.array(CODES.tolist())
        arrays = [
            pa.DictionaryArray.from_arrays(pa.array(index[rows].astype("int32")), pa.array(unique.tolist())),
            pa.array(np.full(len(rows), urn, "int32")),
            pa.array(days[columns]),
            *(
                pa.DictionaryArray.from_arrays(pa.array(kept[:, half].astype("int8")), codes)
                for half in (0, 1)
            ),
        ]
        self.writer.write_table(pa.Table.from_arrays(arrays, schema=ATTENDANCE), row_group_size=len(rows))
        self.rows += len(rows)

    def close(self) -> None:
        self.writer.close()
