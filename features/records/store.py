"""A record store: where checked, pseudonymised records live, and the one way to read them.

Layout of a store folder::

    store.json            what this store is: format, hash of the records, whether they are made up
    authority.toml        as the authority wrote it
    report.json           what import read, kept, repaired and rejected
    coverage.parquet      table, urn, first_day, last_day, rows
    TABLE/2024-25.parquet typed rows of one academic year (schools and withheld: TABLE/all.parquet)
    rejected/TABLE.parquet
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import pandas as pd

from features.errors import StoreRefused
from features.records.authority import Authority, read_authority

FORMAT = 1
STORED = {
    "schools": {
        "urn": "int32", "laestab": "string", "name": "string", "phase": "string", "type": "string",
        "district": "string", "sharing_panel": "string", "opened_on": "date", "closed_on": "date",
        "predecessor_urn": "int32",
    },
    "roll": {
        "pupil": "int64", "urn": "int32", "enrolment_status": "string", "entry_date": "date",
        "leaving_date": "date", "leaving_reason": "string", "known_on": "date", "end_known_on": "date",
        "birth_date": "date", "sex": "string", "nc_year": "string",
    },
    "census": {
        "pupil": "int64", "census_date": "date", "urn": "int32", "birth_date": "date", "sex": "string",
        "ethnicity": "string", "fsm_eligible": "boolean", "sen_provision": "string",
        "sen_need_1": "string", "sen_need_2": "string", "nc_year": "string", "idaci_decile": "int8",
        "known_on": "date",
    },
    "attendance": {
        "pupil": "int64", "urn": "int32", "date": "date", "am": "string", "pm": "string", "known_on": "date",
    },
    "suspensions": {
        "pupil": "int64", "urn": "int32", "category": "string", "start_date": "date", "sessions": "int16",
        "reason_1": "string", "reason_2": "string", "reason_3": "string", "outcome": "string",
        "outcome_on": "date", "known_on": "date",
    },
    "involvements": {
        "pupil": "int64", "kind": "string", "start_date": "date", "end_date": "date", "known_on": "date",
        "end_known_on": "date",
    },
    "support": {
        "pupil": "int64", "kind": "string", "start_date": "date", "end_date": "date", "known_on": "date",
        "end_known_on": "date",
    },
    "withheld": {"pupil": "int64", "reason": "string", "from": "date", "to": "date"},
}  # fmt: skip
COVERAGE = {"table": "string", "urn": "int32", "first_day": "date", "last_day": "date", "rows": "int64"}


@dataclass(frozen=True)
class Records:
    """An authority's checked records as Ibis tables, on DuckDB or on Spark.

    Attributes
    ----------
    authority : Authority
    connection : ibis.BaseBackend
    tables : mapping of str to ibis Table
        The columns of `STORED`. `pupil` is a keyed pseudonym (a signed 64-bit integer);
        `known_on` is never blank; `end_known_on` is blank exactly where the end is.
    coverage : pandas.DataFrame
        table, urn, first_day, last_day, rows: the days that rows of a school cover.
        `urn` is missing for involvements, which have no school.
    """

    authority: Authority
    connection: Any
    tables: Mapping[str, ir.Table]
    coverage: pd.DataFrame
    data_hash: str = ""
    held: dict[tuple[str, date], ir.Table] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def schools(self) -> pd.DataFrame:
        """The schools table, one row a school, in order of URN."""
        return self.tables["schools"].order_by("urn").to_pandas()

    def keep(self, rows: ir.Table) -> ir.Table:
        """Compute rows once; later expressions read what was kept."""
        if self.connection.name == "pyspark":
            rows.limit(
                0
            ).to_pyarrow()  # Ibis's cache on Spark does not register in-memory tables; a query does
        return rows.cache()

    @property
    def is_made_up(self) -> bool:
        return self.authority.authority.is_made_up


def open_store(folder: Path, memory_limit: str = "3GB") -> Records:
    """Open a record store with DuckDB.

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
            f"{folder} is a record store of format {facts.get('format')}; this version reads {FORMAT}. Import the extract again."
        )
    connection = ibis.duckdb.connect(memory_limit=memory_limit)
    with suppress(duckdb.InvalidInputException):  # a notebook without ipywidgets has no bar to turn off
        connection.raw_sql("SET enable_progress_bar = false")
    tables = {
        name: connection.read_parquet(str(folder / name / "*.parquet"), table_name=name)
        if any((folder / name).glob("*.parquet"))
        else connection.create_table(name, schema=ibis.schema(columns))
        for name, columns in STORED.items()
    }
    coverage = pd.read_parquet(folder / "coverage.parquet")
    return Records(read_authority(folder), connection, tables, coverage, facts["data_hash"])
