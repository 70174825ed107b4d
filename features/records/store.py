"""A record store, and the one way to read it."""

import json
import shutil
import tempfile
import weakref
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from glob import escape
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from features.errors import StoreRefused
from features.records.authority import Authority, read_authority
from features.records.layout import FORMAT, HOLES, HOLES_FILE, STORED, SUPERSEDED
from features.tables import TABLES


@dataclass(frozen=True)
class Records:
    """An authority's checked records as Ibis tables, on DuckDB or on Spark.

    Attributes
    ----------
    authority : Authority
    connection : ibis.BaseBackend
    tables : mapping of str to ibis Table
        The columns of `STORED`. `pupil` is a keyed pseudonym (a signed 64-bit integer);
        `known_on` is never blank; `end_known_on` is blank exactly where the end is. A row with
        `known_until` says what was known up to that day: the roll has one more row a spell for it.
    coverage : pandas.DataFrame
        table, urn, first_day, last_day, rows: the days that rows of a school cover.
        `urn` is missing for involvements, which have no school.
    holes : pandas.DataFrame
        urn, first_day, last_day, known_on: registers missing inside a school's own.
    held : dict
        Views computed once, by the function that makes one and its as-of dates (`features.known.once`). They are of
        these tables: records made from others, with `dataclasses.replace`, begin with none and cannot be given any.
    """

    authority: Authority
    connection: Any
    tables: Mapping[str, ir.Table]
    coverage: pd.DataFrame
    data_hash: str = ""
    holes: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(HOLES)))
    held: dict[tuple[Callable[..., ir.Table], tuple[date, ...]], ir.Table] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        # Copied and locked: a table exchanged in place would leave views of the one before.
        object.__setattr__(self, "tables", MappingProxyType(dict(self.tables)))

    @cached_property
    def schools(self) -> pd.DataFrame:
        """The schools table, one row a school, in order of URN."""
        return self.tables["schools"].order_by("urn").to_pandas()

    @cached_property
    def num_pupils(self) -> int:
        """How many pupils ever were on a roll."""
        return self.tables["roll"].pupil.nunique().to_pyarrow().as_py()

    @cached_property
    def late_tables(self) -> frozenset[str]:
        """The optional tables of which features are made that these records hold a row of."""
        return frozenset(
            name
            for name, table in TABLES.items()
            if table.is_late and self.tables[name].limit(1).count().to_pyarrow().as_py()
        )

    def keep(self, rows: ir.Table) -> ir.Table:
        """Compute rows once; later expressions read what was kept."""
        if self.connection.name == "pyspark":
            register(rows)
        return rows.cache()

    def hold(self, rows: pa.Table) -> ir.Table:
        """Rows made elsewhere, read where they lie in memory (on DuckDB)."""
        name = ibis.util.gen_name("held")
        self.connection.con.register(name, rows)
        table = self.connection.table(name)
        weakref.finalize(table.op(), self.connection.con.unregister, name)
        return table

    @property
    def is_made_up(self) -> bool:
        return self.authority.authority.is_made_up


def register(rows: ir.Table) -> None:
    """Make in-memory tables known to Spark: a query does that, which Ibis's cache and SQL do not."""
    rows.limit(0).to_pyarrow()


def open_store(folder: Path, memory_limit: str = "3GB") -> Records:
    """Open a record store with DuckDB, which keeps what memory does not hold in a private temporary folder.

    Raises
    ------
    StoreRefused
        The folder is not a record store, or one of another format.
    """
    try:
        facts = json.loads((folder / "store.json").read_text())
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError):
        raise StoreRefused(
            f"{folder} is not a record store. Make one with: pathways import EXTRACT {folder} --identities DIR"
        ) from None
    if facts.get("format") != FORMAT:
        raise StoreRefused(
            f"{folder} is a record store of format {facts.get('format')}; this version reads {FORMAT}. Who is on which roll, which marks count and who "
            "is protected are kept otherwise now. Import the extract again."
        )
    spill = tempfile.mkdtemp(prefix="pathways-")  # else in the folder of whoever runs it
    connection = ibis.duckdb.connect(memory_limit=memory_limit, temp_directory=spill)
    weakref.finalize(connection, shutil.rmtree, spill, ignore_errors=True)
    with suppress(duckdb.InvalidInputException):  # a notebook without ipywidgets has no bar to turn off
        connection.raw_sql("SET enable_progress_bar = false")
    tables = {
        name: _with_late(
            connection.read_parquet(files, table_name=name, union_by_name=True, hive_partitioning=False),
            columns,
        )
        if (files := _files(folder, name))
        else connection.create_table(name, schema=ibis.schema(columns))
        for name, columns in STORED.items()
    }
    coverage = pd.read_parquet(folder / "coverage.parquet")
    path = folder / HOLES_FILE
    holes = pd.read_parquet(path) if path.exists() else pd.DataFrame(columns=list(HOLES))
    return Records(read_authority(folder), connection, tables, coverage, facts["data_hash"], holes=holes)


def _with_late(rows: ir.Table, columns: Mapping[str, str]) -> ir.Table:
    """Rows with the columns that the contract did not have when they were stored, or the extract did not: blank."""
    missing = {name: ibis.null(kind) for name, kind in columns.items() if name not in rows.columns}
    return rows.mutate(**missing) if missing else rows


def _files(folder: Path, table: str) -> list[str]:
    """Where the rows of a table are, those that were superseded too (they have `known_until`)."""
    paths = [*sorted((folder / table).glob("*.parquet")), folder / SUPERSEDED / f"{table}.parquet"]
    return [escape(str(path)) for path in paths if path.exists()]
