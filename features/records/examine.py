"""An extract from its files to checked tables and a report: what import and check share."""

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from features.calendar import Calendar
from features.records import notes
from features.records.against import off_calendar, refuse_lineage, refuse_years
from features.records.authority import read_authority
from features.records.check import BLANK, Verdict
from features.records.checked import (
    Checked,
    Since,
    check_roll,
    check_schools,
    check_table,
    covering,
    read_table,
)
from features.records.counts import empty_files, fill_report, unused_values
from features.records.coverage import (
    as_records,
    in_order,
    last_days_on_roll,
    late_feeds,
    table_coverage,
    unusual_rates,
)
from features.records.extract import Extract, find_extract
from features.records.holes import as_records as as_holes
from features.records.holes import missing_censuses, missing_years, register_holes
from features.records.identities import Pupils
from features.records.lags import Bulk
from features.records.losses import (
    Contradiction,
    Loss,
    after_closing,
    far_year_groups,
    losses,
    on_no_roll,
    rows_by_school,
    urns_of,
    without_main,
    without_roll,
    without_row,
)
from features.records.protection import protected
from features.records.read import Rows
from features.records.refusals import (
    known_names,
    refuse_placeless,
    refuse_private,
    refuse_swallowed,
    refuse_upns,
)
from features.records.register_years import Settled, settle
from features.records.registers import read_registers
from features.records.report import Report
from features.records.second_look import rejected_rows
from features.records.spool import Registers
from features.records.succession import refuse_two_on_roll
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
    losses : list of Loss
        Files and schools that lose five rows of a table or more.
    contradicted : list of Contradiction
        What the records say of a whole school that others of them contradict.
    holes : pandas.DataFrame or None
        Where schools' registers have a hole inside; None without any mark.
    """

    extract: Extract
    report: Report
    tables: dict[str, Checked] = field(default_factory=dict)
    rejected: dict[str, tuple[Rows, Verdict]] = field(default_factory=dict)
    coverage: pd.DataFrame | None = None
    losses: list[Loss] = field(default_factory=list)
    contradicted: list[Contradiction] = field(default_factory=list)
    holes: pd.DataFrame | None = None


def connect(workspace: Path) -> duckdb.DuckDBPyConnection:
    """DuckDB with a bound on its memory, spilling into the private workspace and reaching nothing else."""
    connection = duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": str(workspace / "spill")})
    with suppress(duckdb.InvalidInputException):  # a notebook without ipywidgets has no bar to turn off
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
    refuse_swallowed(extract)
    extracted_on = int(np.datetime64(authority.authority.extracted_on, "D").astype("int64"))
    report = Report(
        str(authority.authority.extracted_on),
        ignored_columns=extract.ignored_columns,
        several=extract.several,
        not_read=extract.not_read,
        num_hidden=extract.found.num_hidden,
    )
    found = Examined(extract, report)
    with connect(workspace) as connection:
        schools = check_schools(extract, TABLES["schools"], connection, extracted_on)
        refuse_upns(schools)
        urns = np.unique(schools.values("urn"))
        census = cache(lambda: read_table(extract, TABLES["census"], connection))
        roll, pupils = check_roll(extract, TABLES["roll"], connection, extracted_on, key, schools, census)
        found.tables = {"schools": schools, "roll": roll}
        refuse_placeless(schools, roll, extract)
        refuse_lineage(schools)
        refuse_two_on_roll(roll.rows, roll.links.on_two_rolls)
        since = Since.of(roll)
        for name in TABLES:
            if name in extract.files and name not in ("schools", "roll", "attendance"):
                found.tables[name] = check_table(
                    extract,
                    TABLES[name],
                    connection,
                    extracted_on,
                    urns,
                    pupils,
                    since,
                    census() if name == "census" else None,
                )
                tick(name, len(found.tables[name].rows), None)
        refuse_private(extract, known_names(found.tables), connection)
        files = extract.files["attendance"]
        total = (
            None
            if any(file.num_rows is None for file in files)
            else sum(file.num_rows or 0 for file in files)
        )
        registers = read_registers(
            files,
            authority,
            pupils,
            urns,
            since.by_pupil,
            connection,
            workspace / "registers",
            lambda rows: tick("attendance", rows, total),
        )
    bulk = _bulk_of(registers)
    settled = settle(
        registers, lambda packing, year, rows: keep(packing, bulk, year, rows), covering(roll, schools)
    )
    found.rejected = {name: _lost(checked) for name, checked in found.tables.items()}
    found.rejected["attendance"] = rejected_rows(registers)
    refuse_years(settled.school_days, authority)
    fill_report(report, extract, found.tables, registers, found.rejected, bulk)
    found.losses = _losses(found, registers, settled)
    report.on_no_roll = on_no_roll(roll, schools, extracted_on)
    report.without_roll = without_roll(roll, schools, extracted_on)
    days = Calendar.of(authority).days.astype("int64")
    far = {name: notes.far_from_age(found.tables[name]) for name in ("roll", "census")}
    found.contradicted = [
        *after_closing(roll, schools, settled.school_days, days, extracted_on),
        *far_year_groups(far),
    ]
    report.empty_files = empty_files(extract, found.tables, registers)
    report.unused_values = unused_values(extract, found.tables)
    _note(found, settled, extracted_on, far)
    return found, pupils


def _losses(found: Examined, registers: Registers, settled: Settled) -> list[Loss]:
    """What each file and school loses, table by table."""
    by_school = settled.school_days.groupby("urn")["rows"].sum().to_dict()
    known = set(found.tables["schools"].values("urn").tolist())
    lost = urns_of("attendance", found.rejected["attendance"][0])
    marks = {urn: int(by_school.get(urn, 0) + np.sum(lost == urn)) for urn in known}
    every = []
    for name in found.extract.files:
        if name == "attendance":
            every += losses(name, found.rejected[name], np.diff(registers.starts), marks)
        else:
            checked = found.tables[name]
            rows = {urn: count for urn, count in rows_by_school(checked).items() if urn in known}
            by_file = np.bincount(checked.rows.file, minlength=len(found.extract.files[name]))
            every += losses(name, found.rejected[name], by_file, rows)
    return every


def _lost(checked: Checked) -> tuple[Rows, Verdict]:
    lost = np.flatnonzero(~checked.verdict.is_kept)
    return checked.rows.take(lost), Verdict(checked.verdict.rule[lost], checked.verdict.column[lost])


def _note(found: Examined, settled: Settled, extracted_on: int, far: Mapping[str, pd.DataFrame]) -> None:
    """Notes, coverage and freshness."""
    report, tables, authority = found.report, found.tables, found.extract.authority
    suspensions, roll, schools = tables["suspensions"], tables["roll"], tables["schools"]
    report.tables["suspensions"].notes = {
        "versions": notes.num_versions(suspensions), "off_roll": notes.num_off_roll(suspensions, roll)
    }  # fmt: skip
    if "withheld" in tables:
        report.protected = protected(tables["withheld"], extracted_on).as_dict()
    report.tables["involvements"].notes = {"unlinked": notes.num_unlinked(tables["involvements"])}
    report.tables["attendance"].notes = {"off_spell": settled.off_spell.total()}
    report.alike_districts = notes.alike_districts(schools)
    report.not_merged = notes.places(roll.rows, roll.links.disbelieved)
    report.disputed = notes.places(roll.rows, roll.links.disputed)
    implausible = sum((table.by_school.get("implausible", Counter()) for table in tables.values()), Counter())
    report.by_school = {
        rule: [{"urn": urn, "rows": count} for urn, count in sorted(urns.items())]
        for rule, urns in (
            ("overlap_ended", roll.by_school["overlap_ended"]),
            ("closing_ended", roll.by_school["closing_ended"]),
            ("implausible", implausible),
            ("no_entry", roll.by_school["no_entry"]),
            ("no_row", without_row(tables["census"], found.rejected["attendance"], schools, extracted_on)),
            ("no_main", without_main(roll, schools, extracted_on)),
            ("off_spell", settled.off_spell),
            ("outside_phase", notes.outside_phase(roll, schools, extracted_on)),
            ("far_from_age", sum((Counter(some["far"].to_dict()) for some in far.values()), Counter())),
        )
        if urns
    }
    marks = settled.coverage
    covered = [table_coverage(checked, extracted_on) for checked in tables.values() if checked.table.date]
    found.coverage = in_order(pd.concat([*covered, marks], ignore_index=True))
    report.coverage = as_records(found.coverage)
    if not len(marks):
        return
    data_end = int(marks["last_day"].max())
    report.data_end = str(np.datetime64(data_end, "D"))
    closed = {
        urn: day
        for urn, day in zip(schools.values("urn").tolist(), schools.values("closed_on").tolist(), strict=True)
        if day != BLANK
    }
    report.late_feeds = late_feeds(settled.registers, last_days_on_roll(roll), closed, authority)
    late = {school["urn"] for school in report.late_feeds}
    calendar = Calendar.of(authority)
    found.holes = register_holes(settled.registers, authority)
    report.register_holes = as_holes(found.holes)
    report.missing_years = missing_years(tables, settled.school_days)
    report.missing_censuses = missing_censuses(tables["census"], roll)
    report.off_calendar = off_calendar(settled.school_days, authority)
    report.unusual_rates = unusual_rates(settled.school_days, calendar)
    days = calendar.days.astype("int64")
    report.under_notified = notes.under_notified(settled.suspended, suspensions, days, marks, late)


def _bulk_of(registers: Registers) -> Bulk | None:
    if not registers.recorded:
        return None
    day, rows = max(registers.recorded.items(), key=lambda item: (item[1], -item[0]))
    return Bulk(day, rows) if 2 * rows > registers.num_rows else None
