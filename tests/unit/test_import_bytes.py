"""How files are written: marks, two encodings in one file, rows without a value, every type of text in Parquet."""

import codecs

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.records import plain_text
from features.records.importing import check_extract, import_extract
from tests.extracts import base, names, upn, write_extract

MARK = codecs.BOM_UTF8


def named(tmp_path, rows):
    """Forenames as they are stored, of a names file with these bytes."""
    write_extract(tmp_path / "extract", base() | {"names": names()})
    (tmp_path / "extract/names.csv").write_bytes(rows)
    found = import_extract(tmp_path / "extract", tmp_path / "store", tmp_path / "identities")
    stored = pq.read_table(tmp_path / "identities/names.parquet")["forename"].to_pylist()
    return found, set(stored)


def test_each_line_is_read_in_the_encoding_that_it_is_in(tmp_path):
    lines = [b"upn,forename,surname\n", f"{upn(0)},Renée,x\n".encode("cp1252"), f"{upn(1)},Zoë,y\n".encode()]
    found, forenames = named(tmp_path, b"".join(lines))
    assert forenames == {"Renée", "Zoë"}
    assert found.file_repairs["windows_1252"]["names"]["files"] == ["names.csv"]


@pytest.mark.parametrize("marks", [1, 2, 3])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_marks_at_the_start_are_taken_off_however_many_and_in_either_encoding(marks, encoding, tmp_path):
    text = f"upn,forename,surname\n{upn(0)},Renée,x\n".encode(encoding)
    found, forenames = named(tmp_path, MARK * marks + text)
    assert forenames == {"Renée"}
    assert found.file_repairs["bom"]["names"]["files"] == ["names.csv"]
    assert ("windows_1252" in found.file_repairs) == (encoding == "cp1252")


@pytest.mark.parametrize("table", ["suspensions", "attendance"])
def test_a_mark_where_two_files_were_joined(table, tmp_path):
    path = write_extract(tmp_path) / f"{table}.csv"
    lines = path.read_bytes().splitlines(keepends=True)
    lines[3] = MARK + lines[3]
    path.write_bytes(b"".join(lines))
    assert check_extract(tmp_path).tables[table].rejected.total() == 0


EMPTY_ROWS = [",,,,,,,,", '"","",""', " , , ", "\t,,", ",,\r"]


@pytest.mark.parametrize("row", EMPTY_ROWS)
@pytest.mark.parametrize("table", ["suspensions", "attendance", "census"])
@pytest.mark.parametrize("place", ["at the end", "in the middle"])
def test_rows_without_a_value_are_left_out_and_counted(row, table, place, tmp_path):
    path = write_extract(tmp_path) / f"{table}.csv"
    lines = path.read_text().splitlines()
    empty = [row] * 20
    lines = [*lines, *empty] if place == "at the end" else [*lines[:2], *empty, *lines[2:]]
    path.write_text("\n".join(lines) + "\n")
    found = check_extract(tmp_path)
    assert found.tables[table].read == len(base()[table])
    assert found.tables[table].rejected.total() == 0
    assert found.file_repairs["empty_rows"][table]["rows_left_out"] == 20
    assert any("20 in all" in said for said in found.sentences())


@pytest.mark.parametrize("start", plain_text.UNPLAIN_STARTS)
def test_a_line_that_the_end_of_a_block_cuts_is_seen_too(start, tmp_path, monkeypatch):
    monkeypatch.setattr(plain_text, "BLOCK", 64)
    for cut in range(130):  # wherever the blocks end
        path = tmp_path / "cut.csv"
        path.write_bytes(b"upn,kind" + b"x" * cut + start + b"y\n" + b"z" * 70 + b"\n")
        assert not plain_text.study(path).is_plain


def test_a_row_that_has_any_value_is_none_of_them(tmp_path):
    path = write_extract(tmp_path) / "involvements.csv"
    path.write_text(path.read_text() + ",cin,2024-09-03,\n,,,\n")
    found = check_extract(tmp_path)
    assert found.tables["involvements"].read == 3
    assert found.tables["involvements"].notes["unlinked"] == 1


def test_commas_inside_a_value_of_several_lines_are_its_own(tmp_path):
    path = write_extract(tmp_path) / "involvements.csv"
    lines = path.read_text().splitlines()
    path.write_text(
        "\n".join(
            [
                lines[0] + ",note",
                lines[1] + ',"one\n,,,\ntwo"',
                *(line + "," for line in lines[2:]),
                ",,,,",
                "",
            ]
        )
    )
    found = check_extract(tmp_path)
    assert found.tables["involvements"].read == 2
    assert found.file_repairs["empty_rows"]["involvements"]["rows_left_out"] == 1


def test_line_numbers_are_those_of_the_file_where_lines_were_left_out(tmp_path):
    path = write_extract(tmp_path / "extract") / "census.csv"
    lines = path.read_text().splitlines()
    lines[6] = lines[6].replace("WBRI", "XXXX")
    path.write_text("\n".join(["", *lines[:3], ",,,", ",,,", *lines[3:]]))
    import_extract(tmp_path / "extract", tmp_path / "store", tmp_path / "identities", reject_limit=1)
    rejected = pq.read_table(tmp_path / "store/rejected/census.parquet")
    assert rejected["line"].to_pylist() == [10]


TEXTS = [
    pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(), pa.binary_view(),
    pa.dictionary(pa.int32(), pa.string()), pa.dictionary(pa.int8(), pa.large_string()),
]  # fmt: skip


@pytest.mark.parametrize("kind", TEXTS, ids=str)
@pytest.mark.parametrize("table", ["attendance", "census", "names"])
def test_text_of_any_arrow_type_is_read(kind, table, tmp_path):
    tables = base() | {"names": names()}
    rows = tables[table]
    rows[1]["upn"] = f" {rows[1]['upn'].lower()}"  # a second look takes rows out of what was read
    (write_extract(tmp_path, tables) / f"{table}.csv").unlink()
    columns = {name: pa.array([row[name] for row in rows]).cast(kind) for name in rows[0]}
    pq.write_table(pa.table(columns), tmp_path / f"{table}.parquet")
    found = check_extract(tmp_path).tables[table]
    assert (found.read, found.kept) == (len(rows), len(rows))
    assert found.repaired == {"trimmed": 1, "case": 1}
