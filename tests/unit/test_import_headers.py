"""The line that names the columns: where it is, what may not stand in it, and what is never printed of it."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.errors import ExtractRefused
from features.records import examine
from features.records.importing import check_extract
from tests.extracts import FORENAMES, SURNAME, base, names, upn, write_csv, write_extract

TABLES = ["schools", "roll", "census", "attendance", "suspensions", "involvements", "withheld", "names"]


def extract(folder):
    withheld = [{"upn": upn(0), "reason": "restricted", "from": "2024-09-01", "to": ""}]
    return write_extract(folder, base() | {"names": names(), "withheld": withheld})


def refused(folder):
    with pytest.raises(ExtractRefused) as error:
        check_extract(folder)
    text = str(error.value)
    assert not any(value in text for value in (*FORENAMES, SURNAME, *(upn(number) for number in range(6))))
    return error.value.breaches


@pytest.mark.parametrize("table", TABLES)
def test_a_header_run_together_with_the_first_row_is_refused_by_line_and_never_printed(table, tmp_path):
    path = extract(tmp_path) / f"{table}.csv"
    path.write_text(path.read_text().replace("\n", "", 1))
    (breach,) = refused(tmp_path)
    assert breach.startswith(f"{table}.csv: on line 1, which names its columns, a value of a row stands")


@pytest.mark.parametrize("table", ["withheld", "names"])
def test_also_where_no_row_is_left(table, tmp_path):
    path = extract(tmp_path) / f"{table}.csv"
    path.write_text("".join(path.read_text().splitlines()[:2]))
    (breach,) = refused(tmp_path)
    assert "on line 1" in breach


VALUES = [
    upn(2),
    upn(2).lower(),
    f"leaving_date{upn(2)}",
    "2024-09-02",
    "02/09/2024",
    FORENAMES[0],
    f"{FORENAMES[1]} {SURNAME}",
    "x" * 300,
]


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("table", ["roll", "attendance"])
def test_a_value_among_the_names_of_columns(value, table, tmp_path):
    path = extract(tmp_path) / f"{table}.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([f"{lines[0]},{value}", *(f"{line}," for line in lines[1:])]))
    (breach,) = refused(tmp_path)
    assert breach.startswith(f"{table}.csv: on line 1")
    assert value not in breach


@pytest.mark.parametrize("value", VALUES[:-1])
def test_parquet_names_columns_too(value, tmp_path):
    extract(tmp_path)
    (tmp_path / "census.csv").unlink()
    rows = [row | {value: "x"} for row in base()["census"]]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "census.parquet")
    (breach,) = refused(tmp_path)
    assert breach.startswith("census.parquet: among the names of its columns a value of a row stands")


def test_a_name_inside_a_longer_word_is_not_printed(tmp_path):
    extract(tmp_path)
    rows = [row | {f"class{FORENAMES[0]}x": "1"} for row in base()["census"]]
    write_csv(tmp_path / "census.csv", rows, header=list(rows[0]))
    found = check_extract(tmp_path)
    assert found.ignored_columns == {"census": ["(column 12, its name not shown)"]}


def test_ordinary_columns_of_a_schools_system_are_listed(tmp_path):
    tables = base() | {"names": [row | {"surname": "Form"} for row in names()]}
    rows = [row | {"Form": "9B", "Case No": "7", "House": "Red", "": ""} for row in tables["census"]]
    write_extract(tmp_path, tables | {"census": rows})
    assert check_extract(tmp_path).ignored_columns["census"] == [
        "(column 15, without a name)", "Case No", "Form", "House",
    ]  # fmt: skip


def test_no_unknown_name_is_shown_where_the_names_cannot_be_read(tmp_path):
    extract(tmp_path)
    (tmp_path / "names.csv").write_bytes(b"\0\1")
    rows = [row | {"Form": "9B"} for row in base()["census"]]
    rows = [{name: text for name, text in row.items() if name != "sex"} for row in rows]
    write_csv(tmp_path / "census.csv", rows, header=list(rows[0]))
    assert not any("Form" in breach for breach in refused(tmp_path))


@pytest.mark.parametrize("above", ["Census of autumn\n", "Census of autumn\n\nMade by the office\n"])
def test_a_header_that_is_not_the_first_line_is_refused_by_its_line(above, tmp_path):
    path = extract(tmp_path) / "census.csv"
    path.write_text(above + path.read_text())
    (breach,) = refused(tmp_path)
    assert breach.startswith(
        f"census.csv: the names of its columns stand on line {above.count(chr(10)) + 1}, not on the first"
    )


@pytest.mark.parametrize("above", ["\n", "\r\n\r\n", ",,,\n", ' ,"",\n\n', "sep=,\n", "SEP=,\r\n\n"])
@pytest.mark.parametrize("table", ["census", "attendance", "withheld"])
def test_empty_lines_above_the_header_are_passed_over_and_lines_keep_their_numbers(above, table, tmp_path):
    path = extract(tmp_path) / f"{table}.csv"
    lines = path.read_text().splitlines()
    lines[-1] = lines[-1].replace(upn(5), "A1").replace(upn(0), "A1")
    path.write_text(above + "\n".join(lines) + "\n")
    number = len(lines) + above.count("\n")
    if table == "withheld":
        assert refused(tmp_path)[0].startswith(f"withheld.csv, line {number}: a row protects nobody")
        return
    found = check_extract(tmp_path, reject_limit=1, pages=tmp_path.with_name(f"{tmp_path.name}-pages"))
    assert found.tables[table].rejected == {"upn_form": 1}
    page = "".join(page.read_text() for page in tmp_path.with_name(f"{tmp_path.name}-pages").iterdir())
    assert f"{table}.csv, line {number}" in page


def test_another_separator_that_is_declared_is_read(tmp_path):
    path = extract(tmp_path) / "census.csv"
    path.write_text("sep=;\n" + path.read_text().replace(",", ";"))
    found = check_extract(tmp_path)
    assert found.tables["census"].kept == 6
    assert found.file_repairs["separator_line"]["census"]["files"] == ["census.csv"]


@pytest.mark.parametrize("kind", ["unknown columns", "one endless line", "Parquet"])
def test_an_absurd_header_is_refused_at_once(kind, tmp_path, monkeypatch):
    path = extract(tmp_path) / "census.csv"
    rows = [row | {f"field{place}": "" for place in range(1500)} for row in base()["census"]]
    if kind == "Parquet":
        path.unlink()
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / "census.parquet")
    else:
        write_csv(
            path,
            rows if kind == "unknown columns" else [],
            header=list(rows[0]) * (1 if kind == "unknown columns" else 90),
        )
    monkeypatch.setattr(examine, "refuse_private", None)  # it is refused before any column is looked through
    (breach,) = refused(tmp_path)
    assert len(breach) < 400
    assert "1,500 columns that the contract does not know" in breach or "longer than any header" in breach


@pytest.mark.parametrize("extra", [200, 201])
def test_two_hundred_unknown_columns_are_passed_over_and_no_more(extra, tmp_path):
    extract(tmp_path)
    rows = [row | {f"field{place}": "x" for place in range(extra)} for row in base()["census"]]
    write_csv(tmp_path / "census.csv", rows, header=list(rows[0]))
    if extra == 200:
        assert len(check_extract(tmp_path).ignored_columns["census"]) == 200
    else:
        assert "201 columns" in refused(tmp_path)[0]


def test_the_nearest_of_its_own_columns_is_named_where_one_is_missing(tmp_path):
    path = extract(tmp_path) / "census.csv"
    path.write_text(path.read_text().replace("ethnicity", "Ethnicty"))
    (breach,) = refused(tmp_path)
    assert breach.startswith("census.csv, column ethnicity: a required column is missing")
    assert breach.endswith("Is it Ethnicty?")


def test_other_columns_of_the_names_table_are_no_names(tmp_path):
    rows = [row | {"Colour of house": "blue", "Known to": "x"} for row in names()]
    report = check_extract(write_extract(tmp_path, base() | {"names": rows}))
    assert report.ignored_columns["names"] == ["Colour of house", "Known to"]
