"""Every rule of the contract: a small extract with one thing wrong, and what import makes of it."""

import copy
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.records import lookups, register_scan
from features.records.importing import check_extract, import_extract
from features.records.store import open_store
from tests.extracts import ACADEMY, OTHER, SCHOOL, base, temporary_upn, upn, write_csv, write_extract

NO_LIMIT = 1.0
Tables = dict[str, list[dict[str, str]]]


def edited(edit: Callable[[Tables], object]) -> Tables:
    tables = copy.deepcopy(base())
    edit(tables)
    return tables


def extra(table: str, row: int = 0, **values: str) -> Callable[[Tables], object]:
    """One more row: a copy of an existing one with other values."""
    return lambda tables: tables[table].append(tables[table][row] | values)


def changed(table: str, row: int = 0, **values: str) -> Callable[[Tables], object]:
    return lambda tables: tables[table][row].update(values)


REJECTIONS = {
    "duplicate": ("census", extra("census")),
    "duplicate of a broken row": (
        "involvements",
        lambda t: t["involvements"].extend(2 * [t["involvements"][0] | {"kind": "zz"}]),
    ),
    "duplicate after repair": ("census", extra("census", upn=f" {upn(0).lower()} ", sen_provision="k")),
    "upn_form": ("suspensions", changed("suspensions", upn="A39910002")),
    "upn_check_letter": (
        "roll",
        extra("roll", upn="Z" + upn(0)[1:] if upn(0)[0] != "Z" else "A" + upn(0)[1:]),
    ),
    "required_blank": ("census", changed("census", ethnicity=" ")),
    "unknown_code": ("attendance", changed("attendance", am="Y9")),
    "out_of_range": ("suspensions", changed("suspensions", sessions="101")),
    "out_of_range where blank": ("suspensions", changed("suspensions", sessions="")),
    "bad_date": ("census", changed("census", birth_date="2011-02-30")),
    "future_date": ("attendance", changed("attendance", date="2030-01-07")),
    "date_order": ("involvements", changed("involvements", end_date="2023-10-01")),
    "date_order of a birth": ("census", changed("census", birth_date="2023-12-01")),
    "unknown_school": ("attendance", changed("attendance", urn="999999")),
    "unknown_pupil": ("involvements", changed("involvements", upn=upn(77))),
    "duplicate_key": ("attendance", extra("attendance", am="I")),
    "duplicate_key of the roll": ("roll", extra("roll", enrolment_status="M")),
    "spell_overlap": (
        "roll",
        extra("roll", urn=ACADEMY, entry_date="2024-01-08", leaving_date="2024-03-01"),
    ),
}


@pytest.mark.parametrize("case", REJECTIONS)
def test_rejection(case, tmp_path):
    table, edit = REJECTIONS[case]
    report = check_extract(write_extract(tmp_path / "extract", edited(edit)), reject_limit=NO_LIMIT)
    rejected = {
        name: dict(counts.rejected) for name, counts in report.tables.items() if counts.rejected.total()
    }
    expected = {case.split(" ")[0]: 1}
    if case == "duplicate of a broken row":
        expected = {"duplicate": 1, "unknown_code": 1}
    assert rejected == {table: expected}


KEPT = {
    "a permanent exclusion without a length": ("suspensions", changed("suspensions", category="PERM", sessions="")),
    "a permanent exclusion whose length is out of range": ("suspensions", changed("suspensions", category="PERM", sessions="0")),
    "a leaving date ahead": ("roll", changed("roll", leaving_date="2030-07-19")),
    "a spell that starts as another ends": ("roll", lambda t: (changed("roll", leaving_date="2024-01-08")(t), extra("roll", urn=ACADEMY, entry_date="2024-01-08", leaving_date="")(t))),
    "main and subsidiary": ("roll", lambda t: (changed("roll", enrolment_status="M")(t), extra("roll", urn=ACADEMY, enrolment_status="S", entry_date="2024-01-08")(t))),
    "a temporary UPN": ("roll", extra("roll", upn=temporary_upn(1), urn=ACADEMY)),
    "no mark": ("attendance", changed("attendance", am="-", pm="-")),
    "two rows of one day at two schools": ("attendance", extra("attendance", urn=ACADEMY, am="D", pm="D")),
    "an involvement of nobody": ("involvements", changed("involvements", upn="")),
    "a school that nobody attends": ("schools", extra("schools", urn="100009", name="Empty")),
}  # fmt: skip


@pytest.mark.parametrize("case", KEPT)
def test_not_a_breach(case, tmp_path):
    table, edit = KEPT[case]
    report = check_extract(write_extract(tmp_path / "extract", edited(edit)), reject_limit=0)
    assert report.tables[table].kept == report.tables[table].read


def test_of_two_spells_the_inner_goes_and_order_of_rows_does_not_matter(tmp_path):
    tables = edited(extra("roll", urn=ACADEMY, entry_date="2024-01-08", leaving_date="2024-03-01"))
    for name, rows in (("one", tables["roll"]), ("two", tables["roll"][::-1])):
        store = tmp_path / f"{name}-store"
        write_extract(tmp_path / name, tables | {"roll": rows})
        import_extract(tmp_path / name, store, tmp_path / "identities", reject_limit=NO_LIMIT)
        lost = pq.read_table(store / "rejected" / "roll.parquet").to_pylist()
        assert [(row["rule"], row["urn"], row["column"]) for row in lost] == [
            ("spell_overlap", ACADEMY, "entry_date")
        ]


def test_the_first_rule_in_order_counts(tmp_path):
    edit = changed("suspensions", upn="A1", category="zz", start_date="never", urn="1")
    report = check_extract(write_extract(tmp_path, edited(edit)), reject_limit=NO_LIMIT)
    assert dict(report.tables["suspensions"].rejected) == {"upn_form": 1}


def test_rejected_rows_are_kept_whole_with_their_place(tmp_path):
    tables = edited(changed("census", row=2, idaci_decile="12"))
    tables["attendance"][4]["am"] = "?"
    write_extract(tmp_path / "extract", tables)
    import_extract(tmp_path / "extract", tmp_path / "store", tmp_path / "identities", reject_limit=NO_LIMIT)
    (row,) = pq.read_table(tmp_path / "store/rejected/census.parquet").to_pylist()
    assert (row["file"], row["line"], row["rule"], row["column"]) == (
        "census.csv",
        4,
        "out_of_range",
        "idaci_decile",
    )
    assert {name: row[name] or "" for name in tables["census"][2]} == tables["census"][2]
    (row,) = pq.read_table(tmp_path / "store/rejected/attendance.parquet").to_pylist()
    assert (row["file"], row["line"], row["rule"], row["column"]) == (
        "attendance.csv",
        6,
        "unknown_code",
        "am",
    )
    assert (row["upn"], row["am"], row["pm"]) == (upn(1), "?", "\\")


def test_lines_are_right_in_spite_of_line_breaks_and_empty_lines(tmp_path):
    tables = edited(lambda t: t["schools"][0].update(name="Old\nSchool"))
    tables["schools"].append(tables["schools"][2] | {"urn": "100009", "phase": "unheard of"})
    write_extract(tmp_path, tables)
    path = tmp_path / "attendance.csv"
    lines = path.read_text().splitlines()
    lines[3:3] = ["", ""]
    lines[8] = lines[8].replace("/", "?")
    path.write_text("\n".join(lines))
    pages = tmp_path / "pages"
    report = check_extract(tmp_path, reject_limit=NO_LIMIT, pages=pages)
    assert report.tables["attendance"].read == len(tables["attendance"])
    text = " ".join(page.read_text() for page in pages.iterdir())
    assert "attendance.csv, line 9<" in text
    assert "schools.csv, line 6<" in text


def test_repairs_are_counted_by_cell_and_leave_the_right_values(tmp_path):
    def edit(tables: Tables) -> None:
        tables["attendance"][0].update(upn=f" {upn(0)}", am="l", urn=f"{SCHOOL}.0")
        tables["roll"][1].update(upn=upn(1).lower())
        tables["suspensions"][0].update(sessions="4.0", reason_1="db ")

    write_extract(tmp_path / "extract", edited(edit))
    report = import_extract(tmp_path / "extract", tmp_path / "store", tmp_path / "identities")
    assert dict(report.tables["attendance"].repaired) == {"trimmed": 1, "case": 1, "integer_text": 1}
    assert dict(report.tables["roll"].repaired) == {"case": 1}
    assert dict(report.tables["suspensions"].repaired) == {"integer_text": 1, "trimmed": 1, "case": 1}
    records = open_store(tmp_path / "store")
    marks = records.tables["attendance"].filter(lambda t: t.am == "L").to_pandas()
    assert len(marks) == 1
    assert marks.urn[0] == int(SCHOOL)


def test_repairs_of_whole_files(tmp_path):
    tables = base()
    for row in tables["attendance"]:
        row["date"] = row["date"].replace("2024-09-05", "2024-09-16")  # a day that shows which comes first
    write_extract(tmp_path, tables)
    turned = [row | {"date": "/".join(reversed(row["date"].split("-")))} for row in tables["attendance"]]
    write_csv(tmp_path / "attendance.csv", turned, header=list(turned[0]), newline="\r\n")
    census = [row | {"fsm_eligible": text} for row, text in zip(tables["census"], "YNyn10", strict=True)]
    write_csv(tmp_path / "census.csv", census, header=list(census[0]), encoding="utf-8-sig")
    schools = [row | {"name": "St Zoë’s"} for row in tables["schools"]]
    write_csv(tmp_path / "schools.csv", schools, header=list(schools[0]), encoding="cp1252")
    report = import_extract(tmp_path, tmp_path / "store", tmp_path / "identities").as_dict()
    assert report["file_repairs"] == {
        "day_first": {"attendance": {"files": ["attendance.csv"], "rows": 18, "cells": 18}},
        "boolean_text": {"census": {"files": ["census.csv"], "rows": 6, "rows_Y_N": 4, "rows_1_0": 2, "rows_true_false": 0}},
        "bom": {"census": {"files": ["census.csv"], "rows": 6}},
        "crlf": {"attendance": {"files": ["attendance.csv"], "rows": 18}},
        "windows_1252": {"schools": {"files": ["schools.csv"], "rows": 3}},
    }  # fmt: skip
    assert all(counts["kept"] == counts["read"] for counts in report["tables"].values())
    records = open_store(tmp_path / "store")
    assert set(records.schools.name) == {"St Zoë’s"}
    assert str(records.tables["attendance"].date.min().execute())[:10] == "2024-09-03"
    assert records.tables["census"].fsm_eligible.sum().execute() == 3


def test_true_and_false_in_text_are_no_repair(tmp_path):
    assert check_extract(write_extract(tmp_path)).file_repairs == {}


def test_a_mixed_column_of_dates_is_not_day_first(tmp_path):
    tables = edited(changed("attendance", row=17, date="05/09/2024"))
    report = check_extract(write_extract(tmp_path, tables), reject_limit=NO_LIMIT)
    assert dict(report.tables["attendance"].rejected) == {"bad_date": 1}
    for row in tables["attendance"][:17]:
        row["date"] = "/".join(reversed(row["date"].split("-")))
    tables["attendance"][17]["date"] = "2024-09-05"
    report = check_extract(write_extract(tmp_path, tables), reject_limit=NO_LIMIT)
    assert dict(report.tables["attendance"].rejected) == {"bad_date": 17}


def test_own_names_and_values(tmp_path):
    tables = base()
    tables["attendance"] = [
        {
            "Pupil": row["upn"],
            "urn": row["urn"],
            "Session Date": row["date"],
            "am": "P",
            "pm": row["pm"],
            "Form": "9A",
        }
        for row in tables["attendance"]
    ]
    from tests.small import AUTHORITY

    mapping = (
        '[columns.attendance]\n"Pupil" = "upn"\n"Session Date" = "date"\n[values.attendance.am]\n"P" = "/"\n'
    )
    write_extract(tmp_path / "extract", tables, authority=AUTHORITY + mapping)
    report = import_extract(tmp_path / "extract", tmp_path / "store", tmp_path / "identities")
    assert report.ignored_columns == {"attendance": ["Form"]}
    marks = open_store(tmp_path / "store").tables["attendance"].to_pandas()
    assert (len(marks), set(marks.am)) == (18, {"/"})


@pytest.mark.parametrize("typed", [False, True])
def test_parquet_and_csv_mixed_say_the_same(tmp_path, typed):
    tables = base()
    write_extract(tmp_path / "csv", tables)
    write_extract(tmp_path / "mixed", tables, parquet=("roll", "census"))
    types = {"urn": pa.int32(), "date": pa.date32()} if typed else {}
    (tmp_path / "mixed/attendance.csv").unlink()
    write_csv(
        tmp_path / "mixed/attendance/a.csv", tables["attendance"][:7], header=list(tables["attendance"][0])
    )
    later = [row | {"urn": int(row["urn"])} if typed else row for row in tables["attendance"][7:]]
    table = pa.Table.from_pylist(later)
    pq_types = {name: types.get(name, table.schema.field(name).type) for name in table.column_names}
    (tmp_path / "mixed/attendance").mkdir(exist_ok=True)
    pq.write_table(table.cast(pa.schema(list(pq_types.items()))), tmp_path / "mixed/attendance/b.parquet")
    reports = [
        import_extract(tmp_path / name, tmp_path / f"{name}-store", tmp_path / "identities")
        for name in ("csv", "mixed")
    ]
    assert reports[0].as_dict()["tables"] == reports[1].as_dict()["tables"]
    hashes = {open_store(tmp_path / f"{name}-store").data_hash for name in ("csv", "mixed")}
    assert len(hashes) == 1


FORMS = {
    "plain": lambda row: ",".join(row),
    "quoted": lambda row: ",".join(f'"{cell}"' for cell in row),
    "with commas at the end of some lines": lambda row: ",".join(row) + ("," if row[3] == "?" else ""),
    "Windows": lambda row: ",".join(row) + "\r",
}


@pytest.mark.parametrize("form", [*FORMS, "Parquet"])
def test_of_very_many_marks_each_rejected_one_keeps_its_own_line(form, tmp_path, monkeypatch):
    monkeypatch.setattr(register_scan, "STRETCH_BYTES", 1 << 20, raising=False)
    monkeypatch.setattr(register_scan, "STRETCH_ROWS", 1 << 16, raising=False)
    monkeypatch.setattr(lookups, "MANY", 100, raising=False)
    tables = base()
    tables["roll"] = [tables["roll"][0] | {"upn": upn(number)} for number in range(900)]
    del tables["attendance"]
    days = np.datetime_as_string(np.arange("2023-09-04", "2024-08-01", dtype="datetime64[D]")).tolist()
    rows = [[row["upn"], SCHOOL, day, "/", "\\"] for row in tables["roll"] for day in days]
    for row in rows[4::997]:
        row[3] = "?"
    write_extract(tmp_path / "extract", tables)
    header = ["upn", "urn", "date", "am", "pm"]
    if form == "Parquet":
        columns = dict(zip(header, map(list, zip(*rows, strict=True)), strict=True))
        pq.write_table(pa.table(columns), tmp_path / "extract/attendance.parquet")
    else:
        lines = [FORMS[form](row) for row in [header, *rows]]
        (tmp_path / "extract/attendance.csv").write_bytes(("\n".join(lines) + "\n").encode())
    report = import_extract(tmp_path / "extract", tmp_path / "store", tmp_path / "identities")
    assert report.tables["attendance"].read == len(rows)
    lost = pq.read_table(tmp_path / "store/rejected/attendance.parquet").to_pylist()
    found = {row["line"]: (row["upn"], row["date"]) for row in lost}
    first = 1 if form == "Parquet" else 2
    assert found == {place + first: (row[0], row[2]) for place, row in enumerate(rows) if row[3] == "?"}
    kept = pq.read_table(tmp_path / "store/attendance/2023-24.parquet")
    assert len(kept) == len(rows) - len(found)


def test_timestamps_and_floats_in_parquet_are_read_as_what_they_are(tmp_path):
    tables = base()
    write_extract(
        tmp_path, {name: rows for name, rows in tables.items() if name not in ("roll", "attendance")}
    )
    for name, day in (("roll", "entry_date"), ("attendance", "date")):
        table = pa.Table.from_pylist([row | {"urn": float(row["urn"])} for row in tables[name]])
        place = table.column_names.index(day)
        stamps = table[day].cast(pa.date32()).cast(pa.timestamp("us"))
        pq.write_table(table.set_column(place, day, stamps), tmp_path / f"{name}.parquet")
    report = check_extract(tmp_path, reject_limit=0)
    assert report.tables["roll"].kept == 6
    assert report.tables["attendance"].kept == 18


def test_former_upns_are_the_same_pupil_and_are_known(tmp_path):
    def edit(tables: Tables) -> None:
        tables["roll"][0]["leaving_date"] = "2024-02-09"
        tables["roll"].append(
            tables["roll"][0]
            | {
                "upn": upn(50),
                "urn": ACADEMY,
                "entry_date": "2024-02-19",
                "leaving_date": "",
                "former_upn": upn(0),
            }
        )
        tables["census"][1]["upn"] = upn(50)
        tables["census"][1]["urn"] = OTHER
        tables["involvements"].append(
            {"upn": temporary_upn(2), "kind": "cla", "start_date": "2024-01-01", "end_date": ""}
        )
        tables["roll"].append(
            tables["roll"][1]
            | {"upn": upn(1), "former_upn": temporary_upn(2), "urn": OTHER, "enrolment_status": "S"}
        )
        tables["roll"][1]["enrolment_status"] = "M"

    write_extract(tmp_path / "extract", edited(edit))
    report = import_extract(tmp_path / "extract", tmp_path / "store", tmp_path / "identities", reject_limit=0)
    assert report.tables["roll"].rejected.total() == 0
    records = open_store(tmp_path / "store")
    spells = records.tables["roll"].group_by("pupil").agg(spells=lambda t: t.count()).to_pandas()
    assert sorted(spells.spells) == [1, 1, 1, 1, 2, 2]
