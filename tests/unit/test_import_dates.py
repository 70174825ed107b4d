"""The order of day and month: by proof in the column, by what stands beside it, by declaration; never by a guess."""

from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.errors import AuthorityRefused, ExtractRefused
from features.records.importing import check_extract, import_extract
from features.records.store import open_store
from tests.extracts import ACADEMY, SCHOOL, base, upn, write_csv, write_extract
from tests.small import AUTHORITY

FORMS = "Dates are read as 2024-09-02, or with the day first as 02/09/2024."
DECLARED = AUTHORITY + '\n[dates.roll]\norder = "day_first"\n'


def entries(folder, files, authority=AUTHORITY):
    """Entry dates as stored, of roll files whose dates are given by school."""
    tables = base()
    rows = tables.pop("roll")
    write_extract(folder / "extract", tables, authority=authority)
    for name, (urn, cells) in files.items():
        some = [row | cells for row in rows if row["urn"] == urn]
        write_csv(folder / f"extract/roll/{name}.csv", some, header=list(some[0]))
    import_extract(folder / "extract", folder / "store", folder / "identities", reject_limit=1)
    frame = open_store(folder / "store").tables["roll"].to_pandas()
    return {int(urn): set(days.dt.date) for urn, days in frame.groupby("urn")["entry_date"]}


ISO = {"entry_date": "2023-09-04"}
OPEN = {"entry_date": "9/4/2023"}
READ = {
    "a day above 12": ({"a": (SCHOOL, {"entry_date": "14/04/2023"})}, date(2023, 4, 14)),
    "another column of the file": ({"a": (SCHOOL, OPEN | {"birth_date": "25/12/2011"})}, date(2023, 4, 9)),
    "another file of the school": (
        {"a": (SCHOOL, OPEN), "b": (SCHOOL, {"entry_date": "25/12/2022", "leaving_date": "3/1/2023"})}, date(2023, 4, 9),
    ),
    "the same either way": ({"a": (SCHOOL, {"entry_date": "04/04/2023"})}, date(2023, 4, 4)),
    "a database's midnight": ({"a": (SCHOOL, {"entry_date": "2023-09-04 00:00:00.000"})}, date(2023, 9, 4)),
    "midnight with the day first": ({"a": (SCHOOL, {"entry_date": "14/09/2023 00:00"})}, date(2023, 9, 14)),
}  # fmt: skip


@pytest.mark.parametrize("case", READ)
def test_an_order_that_is_shown_is_read(case, tmp_path):
    files, day = READ[case]
    assert day in entries(tmp_path, {**files, "z": (ACADEMY, ISO)})[int(SCHOOL)]


REFUSED = {
    "no date shows it": ({"a": (SCHOOL, OPEN)}, "every day and month is 12 or less (line 2; rows of school 100001), and no date shows"),
    "only another school shows it": ({"a": (SCHOOL, OPEN), "b": (ACADEMY, {"entry_date": "25/12/2022"})}, "no date shows"),
    "only ISO beside it": ({"a": (SCHOOL, OPEN | {"birth_date": "2011-12-25"})}, "no date shows"),
    "the month first": ({"a": (SCHOOL, {"entry_date": "04/25/2023"})}, "dates have the month first (line 2)"),
    "the month first beside it": ({"a": (SCHOOL, OPEN | {"birth_date": "12/25/2011"})}, "other dates of the same table and school have the month first"),
    "a time that is none": ({"a": (SCHOOL, {"entry_date": "9/4/2023 0:00"})}, "no date shows"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_an_order_that_is_not_shown_stops_the_import_and_says_how_to_settle_it(case, tmp_path):
    files, words = REFUSED[case]
    with pytest.raises(ExtractRefused) as refused:
        entries(tmp_path, {"z": (ACADEMY, ISO), **files})
    text = str(refused.value)
    assert words in text
    assert text.startswith("roll/a.csv, column ")
    assert text.endswith(FORMS)
    assert "2024-09-02" in text
    assert ('[dates.roll] order = "day_first"' in text) == ("no date shows" in words)
    assert "9/4/2023" not in text


def test_it_is_settled_in_authority_toml(tmp_path):
    assert entries(tmp_path, {"a": (SCHOOL, OPEN), "z": (ACADEMY, ISO)}, DECLARED)[int(SCHOOL)] == {
        date(2023, 4, 9)
    }


def test_a_declaration_does_not_stand_against_proof(tmp_path):
    with pytest.raises(ExtractRefused, match="month first"):
        entries(tmp_path, {"a": (SCHOOL, OPEN | {"birth_date": "12/25/2011"}), "z": (ACADEMY, ISO)}, DECLARED)


@pytest.mark.parametrize(
    "wrong", ['[dates.roll]\norder = "month_first"', '[dates.rolls]\norder = "day_first"']
)
def test_only_what_can_be_read_is_declared(wrong, tmp_path):
    with pytest.raises(AuthorityRefused, match=r"dates"):
        check_extract(write_extract(tmp_path, authority=AUTHORITY + wrong))


def test_dates_that_contradict_each_other_are_named_by_their_lines(tmp_path):
    tables = base()
    tables["roll"][1]["entry_date"], tables["roll"][4]["entry_date"] = "25/12/2022", "12/25/2022"
    for row in (tables["roll"][place] for place in (0, 2, 3, 5)):
        row["entry_date"] = "01/02/2022"
    with pytest.raises(ExtractRefused, match=r"the month first \(line 6\) and some only the day \(line 3\)"):
        check_extract(write_extract(tmp_path, tables))


def test_a_mixed_column_loses_the_rows_that_are_no_iso_dates(tmp_path):
    tables = base()
    tables["roll"][1]["entry_date"], tables["roll"][4]["entry_date"] = "25/12/2022", "04/05/2022"
    found = check_extract(write_extract(tmp_path, tables), reject_limit=1)
    assert found.tables["roll"].rejected == {"bad_date": 2}


@pytest.mark.parametrize("text", ["02/09/24", "20240902", "2 September 2024", "45537", "2024-09-02 09:30"])
def test_other_forms_are_refused_with_those_that_are_read(text, tmp_path):
    tables = base()
    for row in tables["suspensions"]:
        row["start_date"] = text
    with pytest.raises(ExtractRefused) as refused:
        check_extract(write_extract(tmp_path, tables))
    assert FORMS in str(refused.value)


MARKS = {
    "the day first": (["14/01/2025", "05/02/2025"], {"kept": 18}),
    "nothing": (["06/01/2025", "05/02/2025"], "no date shows"),
    "the month first": (["01/14/2025", "02/05/2025"], "month first"),
    "recorded_on": (["06/01/2025", "05/02/2025", "14/02/2025"], {"kept": 18}),
}


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("case", MARKS)
def test_registers_are_held_to_the_same(case, kind, tmp_path):
    days, answer = MARKS[case]
    tables = base()
    for place, row in enumerate(tables["attendance"]):
        row["date"] = days[place % 2] if place % 3 else days[0]
        if case == "recorded_on":
            row["recorded_on"] = days[2]
    rows = list({(row["upn"], row["date"]): row for row in tables.pop("attendance")}.values())
    write_extract(tmp_path, tables)
    if kind == "csv":
        write_csv(tmp_path / "attendance.csv", rows, header=list(rows[0]))
    else:
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / "attendance.parquet")
    if isinstance(answer, str):
        with pytest.raises(ExtractRefused, match=answer) as refused:
            check_extract(tmp_path)
        assert str(refused.value).startswith(f"attendance.{kind}, column date: ")
    else:
        found = check_extract(tmp_path)
        assert found.tables["attendance"].kept == len(rows)
        assert found.file_repairs["day_first"]["attendance"]["files"] == [f"attendance.{kind}"]


BLANKS = {
    "declared for every table": '[blank]\nwords = ["NULL", "n/a"]\n',
    "declared for a column": '[values.roll.leaving_date]\n"NULL" = ""\n"n/a" = ""\n',
}


@pytest.mark.parametrize("case", BLANKS)
def test_own_words_for_blank(case, tmp_path):
    tables = base()
    for place, row in enumerate(tables["roll"]):
        row["leaving_date"] = ("NULL", " n/a ", "")[place % 3]
    found = check_extract(write_extract(tmp_path, tables, authority=AUTHORITY + BLANKS[case]))
    assert found.tables["roll"].rejected.total() == 0


def test_an_own_word_for_blank_is_spelt_as_it_is_declared(tmp_path):
    tables = base()
    tables["roll"][0]["leaving_date"] = "Null"
    found = check_extract(
        write_extract(tmp_path, tables, authority=AUTHORITY + BLANKS["declared for every table"]),
        reject_limit=1,
    )
    assert found.tables["roll"].rejected == {"bad_date": 1}


def test_a_blank_word_in_a_column_that_may_not_be_blank(tmp_path):
    tables = base()
    tables["attendance"][0]["upn"] = "NULL"
    tables["suspensions"][0]["outcome"] = "NULL"
    found = check_extract(
        write_extract(tmp_path, tables, authority=AUTHORITY + BLANKS["declared for every table"]),
        reject_limit=1,
    )
    assert found.tables["attendance"].rejected == {"required_blank": 1}
    assert found.tables["suspensions"].rejected.total() == 0
    assert upn(0) not in str(found.as_dict())
