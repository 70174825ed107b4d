"""A register is read by the same rules as any other table, whether a cell is right as it stands or not."""

from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.records.importing import check_extract, import_extract
from tests.extracts import ACADEMY, OTHER, SCHOOL, base, upn, write_extract, write_parquet
from tests.small import AUTHORITY

OWN_VALUES = f"""
[values.attendance.urn]
"{OTHER}" = "{SCHOOL}"
[values.attendance.date]
"2024-09-05" = "2024-09-06"
[values.attendance.upn]
"{upn(5)}" = "{upn(4)}"
"""


def marks(tmp_path):
    return pq.read_table(tmp_path / "store/attendance").to_pylist()


@pytest.mark.parametrize("form", ["CSV", "Parquet", "Parquet with dates and numbers"])
def test_own_values_of_a_cell_that_is_right_as_it_stands(form, tmp_path):
    tables = base()
    tables["attendance"] = [
        row | {"urn": OTHER if row["urn"] == SCHOOL else ACADEMY}
        for row in tables["attendance"]
        if row["upn"] != upn(4)
    ]
    rows = tables["attendance"] if form == "CSV" else tables.pop("attendance")
    folder = write_extract(tmp_path / "extract", tables, authority=AUTHORITY + OWN_VALUES)
    if form != "CSV":
        types = {"urn": pa.int32(), "date": pa.date32()} if "numbers" in form else {}
        write_parquet(folder / "attendance.parquet", rows, types)
    import_extract(folder, tmp_path / "store", tmp_path / "identities")
    found = marks(tmp_path)
    assert {row["urn"] for row in found} == {int(SCHOOL), int(ACADEMY)}
    assert {row["date"] for row in found} == {date(2024, 9, 3), date(2024, 9, 4), date(2024, 9, 6)}
    assert [path.name for path in (tmp_path / "store/attendance").iterdir()] == ["2024-25.parquet"]
    pupils = pq.read_table(tmp_path / "identities/upn.parquet").to_pydict()
    who = dict(zip(pupils["upn"], pupils["pupil"], strict=True))
    assert {row["pupil"] for row in found} == set(who.values()) - {who[upn(5)]}


def test_a_word_for_blank_is_blank_where_a_day_could_stand_and_no_code_where_one_does(tmp_path):
    tables = base()
    for row in tables["attendance"]:
        row |= {"recorded_on": "2000-01-01", "am": "-"}
    tables["attendance"][0]["upn"] = upn(0).lower()  # looked at again
    tables["census"][0]["sen_need_2"] = "-"
    words = AUTHORITY + '[blank]\nwords = ["2000-01-01", "-"]\n'
    folder = write_extract(tmp_path / "extract", tables, authority=words)
    report = import_extract(folder, tmp_path / "store", tmp_path / "identities")
    assert report.tables["attendance"].rejected.total() == report.tables["census"].rejected.total() == 0
    assert {(row["am"], (row["known_on"] - row["date"]).days) for row in marks(tmp_path)} == {("-", 7)}


@pytest.mark.parametrize("table", ["attendance", "census"])
def test_a_whole_number_is_no_date(table, tmp_path):
    tables = base()
    rows = tables.pop(table)
    own = "date" if table == "attendance" else "census_date"
    folder = write_extract(tmp_path / "extract", tables)
    numbers = [row | {own: str((date.fromisoformat(row[own]) - date(1970, 1, 1)).days)} for row in rows]
    write_parquet(folder / f"{table}.parquet", numbers, {own: pa.int64()})
    report = check_extract(folder, reject_limit=1)
    assert report.tables[table].rejected == {"bad_date": len(rows)}
