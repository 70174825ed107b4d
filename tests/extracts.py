"""Small extracts for tests, written to disk as an authority would: rows as dicts, files as CSV or Parquet."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from features.records.upn import check_letter
from features.tables import TABLES
from tests.small import AUTHORITY

Row = dict[str, str]
SCHOOL, ACADEMY, OTHER = "100001", "100002", "100003"
FORENAMES = ("Ottoline", "Peregrine", "Quintilla", "Rosamund", "Sebastiana", "Theodora")
SURNAME = "Quillfeather"


def upn(number: int, la: int = 399) -> str:
    """A UPN with the right check letter."""
    body = f"{la}1000{20}{number:03d}"
    return check_letter(body) + body


def temporary_upn(number: int) -> str:
    body = f"399100020{number:02d}B"
    return check_letter(body) + body


def base() -> dict[str, list[Row]]:
    """Every core table, clean: three schools, six pupils, a few days of marks."""
    pupils = [upn(number) for number in range(6)]
    days = ["2024-09-03", "2024-09-04", "2024-09-05"]
    at = {pupil: SCHOOL if place < 3 else ACADEMY for place, pupil in enumerate(pupils)}
    return {
        "schools": [
            {"urn": urn, "name": f"School {urn}", "phase": phase, "type": "academy", "district": "North"}
            for urn, phase in ((SCHOOL, "secondary"), (ACADEMY, "secondary"), (OTHER, "primary"))
        ],
        "roll": [
            {"upn": pupil, "urn": at[pupil], "enrolment_status": "C", "entry_date": "2023-09-04", "leaving_date": ""}
            for pupil in pupils
        ],
        "census": [
            {
                "census_date": "2024-10-03", "urn": at[pupil], "upn": pupil, "birth_date": "2011-05-04", "sex": "F",
                "ethnicity": "WBRI", "fsm_eligible": "true", "sen_provision": "K", "sen_need_1": "SEMH", "nc_year": "9",
                "idaci_decile": "3",
            }
            for pupil in pupils
        ],
        "attendance": [
            {"upn": pupil, "urn": at[pupil], "date": day, "am": "/", "pm": "\\"} for pupil in pupils for day in days
        ],
        "suspensions": [
            {"upn": pupils[0], "urn": SCHOOL, "category": "SUSP", "start_date": "2024-09-10", "sessions": "4",
             "reason_1": "DB", "outcome": "", "outcome_on": "", "recorded_on": "2024-09-12"},
            {"upn": pupils[1], "urn": SCHOOL, "category": "PERM", "start_date": "2024-09-11", "sessions": "",
             "reason_1": "PP", "outcome": "upheld", "outcome_on": "2024-10-01", "recorded_on": ""},
            {"upn": pupils[3], "urn": ACADEMY, "category": "SUSP", "start_date": "2024-09-12", "sessions": "1",
             "reason_1": "DS", "outcome": "", "outcome_on": "", "recorded_on": "2024-09-20"},
        ],
        "involvements": [
            {"upn": pupils[0], "kind": "cin", "start_date": "2023-10-02", "end_date": "2024-02-01"},
            {"upn": pupils[1], "kind": "ehcp", "start_date": "2023-11-06", "end_date": ""},
        ],
    }  # fmt: skip


def names() -> list[Row]:
    return [
        {"upn": upn(number), "forename": forename, "surname": SURNAME}
        for number, forename in enumerate(FORENAMES)
    ]


def write_extract(
    folder: Path,
    tables: Mapping[str, Sequence[Row]] | None = None,
    *,
    authority: str = AUTHORITY,
    parquet: Sequence[str] = (),
) -> Path:
    """Write an extract; a table named in `parquet` as Parquet, all others as CSV."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "authority.toml").write_text(authority)
    for name, rows in (tables if tables is not None else base()).items():
        if name in parquet:
            write_parquet(folder / f"{name}.parquet", rows)
        else:
            write_csv(folder / f"{name}.csv", rows, header=header_of(name, rows))
    return folder


def header_of(table: str, rows: Sequence[Row]) -> list[str]:
    """Columns of some rows in the order they first stand; the table's own where there is no row."""
    found = list(dict.fromkeys(name for row in rows for name in row))
    return found or [column.name for column in TABLES[table].columns]


def write_csv(
    path: Path,
    rows: Sequence[Mapping[str, str]],
    *,
    header: Sequence[str],
    encoding: str = "utf-8",
    newline: str = "\n",
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, header, restval="", lineterminator=newline)
        writer.writeheader()
        writer.writerows(rows)


def write_parquet(
    path: Path, rows: Sequence[Mapping[str, Any]], types: Mapping[str, pa.DataType] | None = None
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    header = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: pa.array([row.get(name) or None for row in rows], pa.string()) for name in header}
    pq.write_table(
        pa.table(
            {name: column.cast((types or {}).get(name, pa.string())) for name, column in columns.items()}
        ),
        path,
    )
