"""What rejected rows cost: schools and files named over the share, import stopped over half, children on no roll."""

import pytest

from features.errors import ExtractRefused
from features.records.importing import check_extract
from tests.extracts import ACADEMY, OTHER, SCHOOL, base, upn, write_csv, write_extract


def large(num_school, num_other, num_bad, table, column, value):
    """An extract in which a school of some pupils loses rows, and another has many more."""
    tables = base()
    roll, census = tables["roll"][0], tables["census"][0]
    at = {upn(number): SCHOOL if number < num_school else OTHER for number in range(num_school + num_other)}
    tables["roll"] = [roll | {"upn": pupil, "urn": urn} for pupil, urn in at.items()]
    tables["census"] = [census | {"upn": pupil, "urn": urn} for pupil, urn in at.items()]
    tables["attendance"] = [
        {"upn": pupil, "urn": urn, "date": "2024-09-03", "am": "/", "pm": "/"} for pupil, urn in at.items()
    ]
    tables["suspensions"] = [row | {"urn": SCHOOL} for row in tables["suspensions"]]
    for row in tables[table][:num_bad]:
        row[column] = value
    return tables


def report(folder, tables, table, limit=0.05):
    rows = tables.pop(table)
    write_extract(folder, tables)
    for urn in (SCHOOL, OTHER):
        some = [row for row in rows if row["urn"] == urn]
        write_csv(folder / f"{table}/{urn}.csv", some, header=list(some[0]))
    return check_extract(folder, reject_limit=limit)


TABLES = [("census", "ethnicity", "XXXX"), ("attendance", "am", "XX"), ("roll", "enrolment_status", "X")]
# rows of the school, rejected of them, named, stopped
EDGES = [(100, 4, False, False), (100, 5, False, False), (99, 5, True, False), (10, 5, True, False), (11, 6, True, True),
         (6, 4, False, False), (4, 4, False, False), (5, 5, True, True)]  # fmt: skip


@pytest.mark.parametrize(("table", "column", "value"), TABLES)
@pytest.mark.parametrize(("rows", "lost", "is_named", "is_stopped"), EDGES)
def test_a_school_and_a_file_that_lose_more_than_the_share_and_five_rows(
    table, column, value, rows, lost, is_named, is_stopped, tmp_path
):
    tables = large(rows, 300, lost, table, column, value)
    if is_stopped:
        with pytest.raises(ExtractRefused) as refused:
            report(tmp_path, tables, table)
        told = refused.value.breaches
        assert [breach.split(":")[0] for breach in told] == [
            f"{table}/{SCHOOL}.csv",
            f"{table}, school {SCHOOL}",
        ]
        assert all("more than half" in breach for breach in told)
        return
    found = report(tmp_path, tables, table)
    named = [(loss.file or loss.urn, loss.rows, loss.rejected, loss.rule) for loss in found.losses]
    expected = [
        (f"{table}/{SCHOOL}.csv", rows, lost, "unknown_code"),
        (int(SCHOOL), rows, lost, "unknown_code"),
    ]
    assert named == expected * is_named
    assert (f"{table}, school {SCHOOL}" in " ".join(found.sentences())) == is_named


def test_a_larger_share_may_be_allowed_for_a_school_too(tmp_path):
    tables = large(5, 20, 5, "census", "ethnicity", "XXXX")
    assert report(tmp_path, tables, "census", limit=1).losses == []


LEAVING = {
    "still on roll": ({}, [3]),
    "left before": ({"leaving_date": "2024-07-19"}, []),
    "a planned end": ({"leaving_date": "2026-07-17"}, [3]),
    "on the day of the extract": ({"leaving_date": "2025-08-31"}, [3]),
    "an end that cannot be read": ({"leaving_date": "never"}, [3]),
    "a guest": ({"enrolment_status": "G", "entry_date": "never"}, []),
}


@pytest.mark.parametrize("case", LEAVING)
def test_children_on_no_roll_any_more_are_counted_by_school(case, tmp_path):
    cells, expected = LEAVING[case]
    tables = base()
    for row in tables["roll"][:3]:
        row.update({"leaving_reason": "X"} | cells)
    found = check_extract(write_extract(tmp_path, tables), reject_limit=1)
    assert [school["children"] for school in found.on_no_roll] == expected
    assert all((school["urn"], school["name"]) == (100001, "School 100001") for school in found.on_no_roll)
    (line,) = [line for line in found.closing_lines() if line.startswith("On no roll any more")]
    assert ("3 at School 100001 (100001)" in line) == bool(expected)


def test_a_child_who_is_on_another_roll_is_not_gone(tmp_path):
    tables = base()
    tables["roll"].append(
        tables["roll"][0] | {"urn": ACADEMY, "entry_date": "2024-01-08", "leaving_reason": "X"}
    )
    tables["roll"].append(dict(tables["roll"][1]))  # said twice
    found = check_extract(write_extract(tmp_path, tables), reject_limit=1)
    assert found.tables["roll"].rejected == {"unknown_code": 1, "duplicate": 1}
    assert found.on_no_roll == []


def test_children_whose_upn_or_school_cannot_be_read_are_counted_too(tmp_path):
    tables = base()
    tables["roll"][0]["upn"] = "A1"
    tables["roll"][1]["upn"] = tables["roll"][2]["upn"] = ""
    tables["roll"][3]["urn"] = "999999"
    found = check_extract(write_extract(tmp_path, tables), reject_limit=1)
    assert found.on_no_roll == [
        {"urn": 100001, "name": "School 100001", "children": 2},  # two of the three rows say the same
        {"urn": None, "name": None, "children": 1},
    ]
    assert "1 at no known school" in found.closing_lines()[0]


def test_a_file_without_a_row_among_others_is_named(tmp_path):
    tables = base()
    rows = tables.pop("suspensions")
    write_extract(tmp_path, tables)
    write_csv(tmp_path / "suspensions/100001.csv", rows, header=list(rows[0]))
    write_csv(tmp_path / "suspensions/100002.csv", [], header=list(rows[0]))
    write_csv(tmp_path / "withheld.csv", [], header=["upn", "reason", "from", "to"])
    found = check_extract(tmp_path)
    assert found.empty_files == ["suspensions/100002.csv", "withheld.csv"]
    assert "No row stands in suspensions/100002.csv, withheld.csv, only a header" in " ".join(
        found.sentences()
    )
