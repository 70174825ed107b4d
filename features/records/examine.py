"""An extract from its files to checked tables and a report: what import and check share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from features.as_of import Calendar
from features.errors import AuthorityRefused, ExtractRefused
from features.records import notes, private
from features.records.authority import FILE_NAME, read_authority
from features.records.check import BLANK, RULES, Verdict
from features.records.checked import Checked, check_roll, check_schools, check_table, first_entries
from features.records.counts import fill_report
from features.records.coverage import last_days_on_roll, late_feeds, table_coverage
from features.records.extract import Extract, File, find_extract
from features.records.identities import Pupils
from features.records.lags import Bulk
from features.records.lookups import COLUMNS
from features.records.read import Rows, csv_source, quoted, refusal
from features.records.register_years import Settled, settle
from features.records.registers import Registers, read_columns, read_registers
from features.records.repeats import check_duplicates
from features.records.report import Report
from features.tables import TABLES

Tick = Callable[[str, int, int | None], None]
MEMORY = "1500MB"


@dataclass
class Examined:
    """Everything known of an extract once it is read.

    Attributes
    ----------
    tables : dict of str to Checked
        Every table but attendance.
    rejected : dict of str to (Rows, Verdict)
        The rows that break a rule, attendance among them.
    """

    extract: Extract
    report: Report
    tables: dict[str, Checked] = field(default_factory=dict)
    rejected: dict[str, tuple[Rows, Verdict]] = field(default_factory=dict)
    coverage: pd.DataFrame | None = None


def connect(workspace: Path) -> duckdb.DuckDBPyConnection:
    """DuckDB with a bound on its memory, spilling into the private workspace and reaching nothing else."""
    connection = duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": str(workspace / "spill")})
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET autoinstall_known_extensions = false")
    connection.execute("SET autoload_known_extensions = false")
    # Scanning goes on while a stretch is looked at.
    connection.execute("SET streaming_buffer_size = '100MB'")
    # A register is always the side that streams past the lookups: it would not fit the other way round.
    connection.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
    return connection


def examine(folder: Path, workspace: Path, key: bytes, keep: Callable, tick: Tick) -> tuple[Examined, Pupils]:
    """Read and check every table of an extract.

    Parameters
    ----------
    workspace : Path
        A private folder for what must not lie anywhere else while it is worked on.
    keep : callable
        Given the registers' packing, bulk load, year and rows of each academic year.
    tick : callable
        Told a table's name, how many more rows were read, and of how many (None where not known).

    Raises
    ------
    AuthorityRefused, ExtractRefused
        What stops an import, but for the share of rejected rows.
    """
    authority = read_authority(folder)
    extract = find_extract(folder, authority, workspace)
    extracted_on = int(np.datetime64(authority.authority.extracted_on, "D").astype("int64"))
    report = Report(str(authority.authority.extracted_on), ignored_columns=extract.ignored_columns)
    found = Examined(extract, report)
    with connect(workspace) as connection:
        schools = check_schools(extract, TABLES["schools"], connection, extracted_on)
        urns = np.unique(schools.values("urn"))
        roll, pupils = check_roll(extract, TABLES["roll"], connection, extracted_on, key, urns)
        found.tables = {"schools": schools, "roll": roll}
        _refuse_placeless(schools, roll, extract)
        entries = first_entries(roll)
        for name in TABLES:
            if name in extract.files and name not in ("schools", "roll", "attendance"):
                found.tables[name] = check_table(
                    extract, TABLES[name], connection, extracted_on, urns, pupils, entries
                )
                tick(name, len(found.tables[name].rows), None)
        _refuse_private(extract, _names(found.tables), connection)
        files = extract.files["attendance"]
        total = (
            sum(file.num_rows for file in files) if all(file.num_rows is not None for file in files) else None
        )
        registers = read_registers(
            files,
            authority,
            pupils,
            urns,
            connection,
            workspace / "registers",
            lambda rows: tick("attendance", rows, total),
        )
    bulk = _bulk_of(registers)
    settled = settle(registers, lambda packing, year, rows: keep(packing, bulk, year, rows))
    found.rejected = {name: _lost(checked) for name, checked in found.tables.items()}
    found.rejected["attendance"] = _lost_marks(registers)
    fill_report(report, extract, found.tables, registers, found.rejected, bulk)
    _note(found, settled, extracted_on)
    return found, pupils


def _lost(checked: Checked) -> tuple[Rows, Verdict]:
    lost = np.flatnonzero(~checked.verdict.is_kept)
    return checked.rows.take(lost), Verdict(checked.verdict.rule[lost], checked.verdict.column[lost])


def _lost_marks(registers: Registers) -> tuple[Rows, Verdict]:
    """Rejected register rows in order of file and line, with exact duplicates among them found."""
    if not registers.rejected:
        names = [name for name in COLUMNS if name != "recorded_on" or registers.packing.has_recorded]
        nothing = pa.table({name: pa.array([], pa.string()) for name in names})
        return Rows(registers.files, nothing, np.empty(0, "int32"), np.empty(0, "int64")), Verdict.clean(0)
    parts = [rows for rows, _ in registers.rejected]
    verdicts = [verdict for _, verdict in registers.rejected]
    rows = Rows(
        registers.files,
        pa.concat_tables([part.text for part in parts]),
        np.concatenate([part.file for part in parts]),
        np.concatenate([part.place for part in parts]),
    )
    rule, column = (np.concatenate([getattr(one, name) for one in verdicts]) for name in ("rule", "column"))
    order = np.lexsort((rows.place, rows.file))
    rows, verdict = rows.take(order), Verdict(rule[order], column[order])
    own = verdict.rule != RULES.index("duplicate_key")
    alone = rows.take(np.flatnonzero(own))
    columns = read_columns(registers, alone)
    repeated = Verdict.clean(len(alone))
    check_duplicates(columns, repeated)
    again = np.zeros(len(rows), bool)
    again[np.flatnonzero(own)[~repeated.is_kept]] = True
    verdict.mark(again, "duplicate", 0)
    return rows, verdict


def _note(found: Examined, settled: Settled, extracted_on: int) -> None:
    """Notes, coverage and freshness."""
    report, tables, authority = found.report, found.tables, found.extract.authority
    suspensions, roll, schools = tables["suspensions"], tables["roll"], tables["schools"]
    report.tables["suspensions"].notes = {
        "versions": notes.num_versions(suspensions), "off_roll": notes.num_off_roll(suspensions, roll)
    }  # fmt: skip
    report.tables["involvements"].notes = {"unlinked": notes.num_unlinked(tables["involvements"])}
    marks = settled.coverage
    covered = [table_coverage(checked, extracted_on) for checked in tables.values() if checked.table.date]
    found.coverage = pd.concat([*covered, marks], ignore_index=True)
    if not len(marks):
        return
    data_end = int(marks["last_day"].max())
    report.data_end = str(np.datetime64(data_end, "D"))
    closed = {
        urn: day
        for urn, day in zip(schools.values("urn").tolist(), schools.values("closed_on").tolist(), strict=True)
        if day != BLANK
    }
    report.late_feeds = late_feeds(marks, last_days_on_roll(roll), closed, authority)
    late = {school["urn"] for school in report.late_feeds}
    days = Calendar.of(authority).days.astype("int64")
    report.under_notified = notes.under_notified(settled.suspended, suspensions, days, data_end, late)


def _refuse_placeless(schools: Checked, roll: Checked, extract: Extract) -> None:
    """Refuse an authority that does not say how many places a phase with pupils has."""
    phases = dict(zip(schools.values("urn").tolist(), schools.texts("phase"), strict=True))
    with_pupils = {phases[urn] for urn in np.unique(roll.values("urn")).tolist() if urn in phases}
    if missing := sorted(with_pupils - set(extract.authority.meeting.places_per_school)):
        raise AuthorityRefused(
            *(
                f"{FILE_NAME}, meeting.places_per_school: the phase {phase} has pupils and no number of places. "
                f"Add {phase} = 0, or how many children a meeting there can look at."
                for phase in missing
            )
        )


def _names(tables: dict[str, Checked]) -> frozenset[str]:
    if "names" not in tables:
        return frozenset()
    words = (
        tables["names"].columns[name].words
        for name in ("forename", "surname")
        if name in tables["names"].columns
    )
    return frozenset(word.casefold() for column in words for word in column)


def _refuse_private(extract: Extract, names: frozenset[str], connection: duckdb.DuckDBPyConnection) -> None:
    """Refuse a column the contract does not know that holds numbers or names which may not come in."""
    breaches = [
        f"{file.name}, column {column}: {why}. Take the column out of the file and import again."
        for files in extract.files.values()
        for file in files
        for column in file.ignored
        if (why := private.held(_texts(file, column, connection), names))
    ]
    if breaches:
        raise ExtractRefused(*breaches)


def _texts(file: File, column: str, connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The distinct short values of a column."""
    if file.traits is not None:
        name, source = f"c{file.header.index(column)}", csv_source([file])
    else:
        name, source = '"' + column.replace('"', '""') + '"', f"read_parquet({quoted(str(file.path))})"
    text = f"CAST({name} AS VARCHAR)"
    try:
        rows = connection.execute(
            f"SELECT DISTINCT {text} FROM {source} WHERE length({text}) BETWEEN 1 AND 40"
        ).fetchall()
    except duckdb.Error as error:
        raise refusal(error, [file]) from None
    return [value for (value,) in rows]


def _bulk_of(registers: Registers) -> Bulk | None:
    if not registers.recorded:
        return None
    day, rows = max(registers.recorded.items(), key=lambda item: (item[1], -item[0]))
    return Bulk(day, rows) if 2 * rows > registers.num_rows else None
