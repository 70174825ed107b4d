"""Writing a record store: typed Parquet by table and academic year, and a hash of what it says."""

import hashlib
import shutil
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from features.files import sync
from features.records.authority import FILE_NAME, Authority, read_authority
from features.records.checked import ARROW, stored, superseded
from features.records.examine import Examined
from features.records.lags import Bulk, academic_years, year_text
from features.records.layout import COVERAGE, FORMAT, HOLES_FILE, STORED, SUPERSEDED
from features.records.packing import Packing
from features.records.register_years import Digits
from features.records.rejected import rejected_table
from features.records.write import ROW_GROUP, open_writer, write_json, write_table
from features.table import Table
from features.tables import TABLES

AHEAD = 10  # stretches made before they are encoded: enough to go on with while the next rows are sorted


class StoreFiles:
    """The files of a store while they are written, in a folder that is not yet the store.

    Attributes
    ----------
    folder : Path
    digests : dict of str to hash
        By table: a hash of its values in their order, whatever file, machine or day they are in.
    """

    def __init__(self, folder: Path, extract: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.authority: Authority = read_authority(extract)
        self.digests = {name: hashlib.sha256() for name in STORED}

    def write_registers(
        self, packing: Packing, bulk: Bulk | None, year: int, stretches: Iterator[Digits]
    ) -> None:
        """Write one academic year of attendance, in order of pupil, date and school.

        Parameters
        ----------
        stretches : iterator of mapping of str to array of int64
            The digits of sorted rows. While some are encoded, the next are made.
        """
        path = self._path("attendance", year)
        columns = _Columns(packing, bulk)
        with open_writer(path, columns.schema) as writer, ThreadPoolExecutor(1) as encoder:
            waiting: deque[Future] = deque()
            for digits in stretches:
                if len(waiting) == AHEAD:
                    waiting.popleft().result()
                waiting.append(encoder.submit(self._encode, writer, columns, columns.of(digits)))
            for encoding in waiting:
                encoding.result()
        sync(path)

    def _encode(self, writer: pq.ParquetWriter, columns: "_Columns", arrays: dict[str, np.ndarray]) -> None:
        """Write a stretch; its values go into the digest, column by column."""
        for array in arrays.values():
            self.digests["attendance"].update(array.data)
        writer.write_table(columns.table(arrays), ROW_GROUP)

    def write(self, found: Examined) -> None:
        """Write everything else; `store.json`, without which it is no store, last."""
        for name, checked in found.tables.items():
            if name in STORED:
                table = stored(checked)
                for part in _content(table):
                    self.digests[name].update(part)
                for year, rows in _by_year(checked.table, table):
                    write_table(self._path(name, year), rows)
                if (was := superseded(checked)) is not None:
                    for part in _content(was):
                        self.digests[name].update(part)
                    (self.folder / SUPERSEDED).mkdir(exist_ok=True)
                    write_table(self.folder / SUPERSEDED / f"{name}.parquet", was)
        (self.folder / "rejected").mkdir(mode=0o700)
        for name, (rows, verdict) in found.rejected.items():
            if name in STORED:
                path = self.folder / "rejected" / f"{name}.parquet"
                write_table(path, rejected_table(name, rows, verdict), mode=0o600)
        write_table(self.folder / "coverage.parquet", _coverage(found))
        if found.holes is not None and len(found.holes):
            write_table(self.folder / HOLES_FILE, _holes(found.holes))
        shutil.copyfile(found.extract.folder / FILE_NAME, self.folder / FILE_NAME)
        write_json(self.folder / "report.json", found.report.as_dict())
        facts = {
            "format": FORMAT,
            "data_hash": self.data_hash,
            "is_made_up": self.authority.authority.is_made_up,
        }
        write_json(self.folder / "store.json", facts)

    @property
    def data_hash(self) -> str:
        """One hash of every table's values."""
        whole = hashlib.sha256()
        for name, digest in self.digests.items():
            if TABLES[name].is_late and not (self.folder / name).exists():
                continue  # as it was before the contract had such a table
            whole.update(f"{name} {digest.hexdigest()}\n".encode())
        return whole.hexdigest()

    def _path(self, table: str, year: int | None) -> Path:
        folder = self.folder / table
        folder.mkdir(exist_ok=True)
        return folder / f"{'all' if year is None else year_text(year).replace('/', '-')}.parquet"


class _Columns:
    """From packed register rows to the columns of the store."""

    def __init__(self, packing: Packing, bulk: Bulk | None) -> None:
        self.packing = packing
        self.days = packing.days(np.arange(packing.num_days)).astype("int32")
        self.bulk = bulk.day - packing.first_day + 1 if bulk else -1
        self.lagged = packing.lagged.astype("int32")
        self.since = packing.since.astype("int32")
        self.urns = packing.schools.astype("int32")
        self.codes = pa.array(packing.codes)
        morning, afternoon = np.divmod(np.arange(len(packing.codes) ** 2), len(packing.codes))
        self.marks = {"am": morning.astype("int8"), "pm": afternoon.astype("int8")}
        mark = pa.dictionary(pa.int8(), pa.string())
        kinds = {
            name: mark if name in ("am", "pm") else ARROW[kind] for name, kind in STORED["attendance"].items()
        }
        self.schema = pa.schema(list(kinds.items()))

    def of(self, digits: Digits) -> dict[str, np.ndarray]:
        """The values of one stretch, a code by its place among the codes."""
        packing = self.packing
        known = self.lagged[digits["day"]]
        if packing.has_recorded:
            recorded = digits["recorded"]
            told = recorded > 0
            days = packing.days(recorded[told] - 1)
            known[told] = np.where(recorded[told] == self.bulk, np.minimum(known[told], days), days)
        np.maximum(known, self.since[digits["pupil"]], out=known)
        return {
            "pupil": packing.pupils[digits["pupil"]],
            "urn": self.urns[digits["school"]],
            "date": self.days[digits["day"]],
            "am": self.marks["am"][digits["pair"]],
            "pm": self.marks["pm"][digits["pair"]],
            "known_on": known,
        }

    def table(self, arrays: dict[str, np.ndarray]) -> pa.Table:
        columns = {name: pa.array(array) for name, array in arrays.items()}
        for name in ("am", "pm"):
            columns[name] = pa.DictionaryArray.from_arrays(columns[name], self.codes)
        for name in ("date", "known_on"):
            columns[name] = columns[name].view(pa.date32())
        return pa.table(columns, schema=self.schema)


def _by_year(table: Table, rows: pa.Table) -> Iterator[tuple[int | None, pa.Table]]:
    if not table.date:
        yield None, rows
        return
    years = academic_years(rows[table.date].cast(pa.int32()).to_numpy().astype("int64"))
    for year in np.unique(years):
        yield int(year), rows.filter(pa.array(years == year))


def _content(table: pa.Table) -> Iterator[bytes]:
    """The values of a table as bytes, column by column."""
    for name in table.column_names:
        column = table[name].combine_chunks()
        yield name.encode()
        yield column.is_valid().cast(pa.int8()).to_numpy().tobytes()
        if pa.types.is_string(column.type):
            words = sorted(filter(None, column.unique().to_pylist()))
            yield "\n".join(words).encode()
            column = pa.compute.index_in(column, pa.array(words, pa.string()))
        elif pa.types.is_date32(column.type):
            column = column.cast(pa.int32())
        elif pa.types.is_boolean(column.type):
            column = column.cast(pa.int8())
        yield column.fill_null(0).to_numpy().tobytes()


def _holes(holes: pd.DataFrame) -> pa.Table:
    days = ("first_day", "last_day", "known_on")
    return pa.table(
        {"urn": pa.array(holes["urn"].to_numpy("int32"))}
        | {name: pa.array(holes[name].to_numpy("int32"), pa.int32()).cast(pa.date32()) for name in days}
    )


def _coverage(found: Examined) -> pa.Table:
    assert found.coverage is not None
    frame = found.coverage
    is_school = (frame["urn"] >= 0).to_numpy()
    return pa.table(
        {
            "table": pa.array(frame["table"].tolist(), ARROW[COVERAGE["table"]]),
            "urn": pa.array(frame["urn"].to_numpy("int32"), pa.int32(), mask=~is_school),
            "first_day": pa.array(frame["first_day"].to_numpy("int32"), pa.int32()).cast(pa.date32()),
            "last_day": pa.array(frame["last_day"].to_numpy("int32"), pa.int32()).cast(pa.date32()),
            "rows": pa.array(frame["rows"].to_numpy("int64")),
        }
    )
