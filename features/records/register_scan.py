"""Register rows out of their files, a stretch at a time, looked up while the next are read.

A file without quotation marks is cut at line ends, and its stretches are parsed side by side. Any
other CSV file, and a Parquet file, is read in one stream.
"""

import os
from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from functools import partial

import duckdb
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from features.errors import ExtractRefused
from features.records.extract import File
from features.records.lookups import COLUMNS, Lookups, Stretch
from features.records.read import UNPARSED, csv_source, plainly, refusal

STRETCH_BYTES = 1 << 23  # larger ones cost more in finding memory than they save
STRETCH_ROWS = 1 << 20
THREADS = min(4, os.cpu_count() or 1)  # each holds a stretch in memory
Load = Callable[[], pa.Table]
Loads = Generator[Load, None, None]
Stretches = Generator[tuple[int, Stretch], None, None]


class Uneven(Exception):
    """A file without quotation marks has a line that not every reader takes.

    Attributes
    ----------
    index : int
        Which file.
    """

    def __init__(self, index: int) -> None:
        self.index = index


class _Unparsed(Exception):
    """Some lines between two line ends could not be parsed."""


def scan(
    files: Sequence[File],
    day_first: Sequence[frozenset[str]],
    lookups: Lookups,
    uneven: frozenset[int],
    connection: duckdb.DuckDBPyConnection,
) -> Stretches:
    """Every row of some files, in the order of files and rows.

    Parameters
    ----------
    day_first : sequence of frozenset of str
        By file, the date columns that are written day-first.
    uneven : frozenset of int
        Files to read in one stream all the same.

    Yields
    ------
    tuple of int and Stretch
        A file's index, and its next rows.

    Raises
    ------
    ExtractRefused
        A file cannot be parsed.
    Uneven
    """
    waiting: deque[tuple[int, Future[Stretch]]] = deque()
    pool = ThreadPoolExecutor(THREADS)
    try:
        for index, file in enumerate(files):
            loads = _loads(file, index not in uneven, connection)
            with closing(loads):
                for load in loads:
                    if len(waiting) > THREADS:
                        yield _done(files, *waiting.popleft())
                    waiting.append((index, pool.submit(_look_up, load, lookups, day_first[index])))
        while waiting:
            yield _done(files, *waiting.popleft())
    finally:
        pool.shutdown(cancel_futures=True)


def _done(files: Sequence[File], index: int, stretch: "Future[Stretch]") -> tuple[int, Stretch]:
    try:
        return index, stretch.result()
    except _Unparsed:
        raise Uneven(index) from None
    except pa.ArrowException:
        kind = "CSV" if files[index].traits else "Parquet"
        raise ExtractRefused(UNPARSED.format(files[index].name, kind)) from None


def _look_up(load: Load, lookups: Lookups, day_first: frozenset[str]) -> Stretch:
    return lookups.look_up(load(), day_first)


def _loads(file: File, is_even: bool, connection: duckdb.DuckDBPyConnection) -> Loads:
    """What loads each stretch of a file, as columns of the contract."""
    if file.traits is None:
        return _of_parquet(file)
    if file.traits.has_quotes or not is_even:
        return _of_stream(file, connection)
    return _of_lines(file)


def _names(file: File) -> dict[str, int]:
    return {name: file.positions[name] for name in COLUMNS if name in file.positions}


def _of_lines(file: File) -> Loads:
    names = _names(file)
    size = file.path.stat().st_size
    with file.path.open("rb") as lines:
        lines.readline()
        start = lines.tell()
        while start < size:
            lines.seek(start + STRETCH_BYTES)
            lines.readline()
            end = min(lines.tell(), size)
            yield partial(_parse, file, names, start, end)
            start = end


def _parse(file: File, names: Mapping[str, int], start: int, end: int) -> pa.Table:
    """The lines of a file from one place to another, its texts as they stand."""
    with file.path.open("rb") as lines:
        lines.seek(start)
        text = lines.read(end - start)
    columns = [f"c{place}" for place in range(len(file.header))]
    wanted = [columns[place] for place in names.values()]
    if not text.strip():
        return pa.table({name: pa.array([], pa.string()) for name in names})
    try:
        table = pc.read_csv(
            pa.py_buffer(text),
            read_options=pc.ReadOptions(column_names=columns, use_threads=False, block_size=1 << 20),
            parse_options=pc.ParseOptions(quote_char=False),
            convert_options=pc.ConvertOptions(
                column_types=dict.fromkeys(wanted, pa.string()), include_columns=wanted, strings_can_be_null=False, check_utf8=False
            ),
        )  # fmt: skip
    except pa.ArrowInvalid:
        raise _Unparsed from None
    return table.rename_columns(list(names))


def _of_stream(file: File, connection: duckdb.DuckDBPyConnection) -> Loads:
    wanted = ", ".join(f'c{place} AS "{name}"' for name, place in _names(file).items())
    try:
        for batch in connection.sql(f"SELECT {wanted} FROM {csv_source([file])}").to_arrow_reader(
            STRETCH_ROWS
        ):
            yield partial(pa.Table.from_batches, [batch])
    except duckdb.Error as error:
        raise refusal(error, [file]) from None


def _of_parquet(file: File) -> Loads:
    written = {name: file.header[place] for name, place in _names(file).items()}
    try:
        with pq.ParquetFile(file.path) as parquet:
            for batch in parquet.iter_batches(STRETCH_ROWS, columns=list(written.values())):
                cells = {
                    name: plainly(pa.chunked_array([batch.column(text)])) for name, text in written.items()
                }
                yield partial(pa.table, cells)
    except (pa.ArrowException, OSError, ValueError):
        raise ExtractRefused(UNPARSED.format(file.name, "Parquet")) from None
