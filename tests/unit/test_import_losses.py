"""What rejected rows cost: schools and files named over the share, import stopped over half, children on no roll."""

import pytest

from features.errors import ExtractRefused
from features.records.importing import check_extract
from tests.extracts import ACADEMY, OTHER, SCHOOL, base, names, upn, write_csv, write_extract


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


def test_schools_that_lose_the_same_stand_in_one_sentence(tmp_path):
    tables = large(5, 6, 11, "roll", "enrolment_status", "Current")
    with pytest.raises(ExtractRefused) as refused:
        check_extract(write_extract(tmp_path, tables))
    assert "A child whose row of the roll is rejected is on no list." in refused.value.breaches[0]
    assert refused.value.breaches[1].startswith(
        f"roll: 2 schools lose more than half of their rows, most by unknown_code: {SCHOOL} (5 of 5 rows), {OTHER} (6 of 6 rows). "
    )
    assert len(refused.value.breaches) == 2


@pytest.mark.parametrize("order", ["one", "another"])
@pytest.mark.parametrize("table", ["roll", "attendance", "names"])
def test_the_names_of_columns_among_the_rows_are_refused_by_line(table, order, tmp_path):
    tables = base() | {"names": names()}
    path = write_extract(tmp_path, tables) / f"{table}.csv"
    lines = path.read_text().splitlines()
    again = lines[0] if order == "one" else ",".join(reversed(lines[0].split(",")))
    path.write_text("\n".join((*lines[:3], again.upper(), *lines[3:])) + "\n")
    with pytest.raises(ExtractRefused) as refused:
        check_extract(tmp_path, reject_limit=1)
    (breach,) = refused.value.breaches
    assert breach.startswith(f"{table}.csv, line 4: the names of the columns stand here again")


def test_rejected_rows_are_told_by_rule_and_where_to_find_them(tmp_path):
    tables = base()
    tables["roll"][0]["entry_date"] = "never"
    tables["census"].append(dict(tables["census"][1]))
    told = check_extract(write_extract(tmp_path, tables), reject_limit=1).sentences()
    assert told[0].startswith(
        "roll: 1 row rejected: 1 by bad_date (a date that cannot be read). What a rejected row says counts for no child."
    )
    assert told[1].startswith("census: 1 row rejected: 1 by duplicate (said twice, of which one is kept).")
    assert "check EXTRACT --pages DIR" in told[0]


def test_a_code_of_another_time_is_said(tmp_path):
    tables = base()
    tables["attendance"][0]["am"] = "J"
    (said,) = (
        line for line in check_extract(write_extract(tmp_path, tables)).sentences() if "in force" in line
    )
    assert said.startswith(
        "attendance: 1 mark of a code that was not in force on its day, read as the one that was: J, at an interview"
    )


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
        {
            "urn": 100001,
            "name": "School 100001",
            "children": 2,
            "by_closing": 0,
        },  # two of the three rows say the same
        {"urn": None, "name": None, "children": 1, "by_closing": 0},
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
    said = " ".join(found.sentences())
    assert "No row stands in suspensions/100002.csv, withheld.csv, only a header" in said
    assert "An empty withheld protects nobody" in said


CLOSED = "2024-09-04"  # the tenth school day after it is 18 September
CLOSINGS = {
    "ten school days after": (["2024-09-05", "2024-09-18"], {}, False),
    "eleven school days after": (["2024-09-05", "2024-09-19"], {}, True),
    "four rows after": (["2024-09-19"], {"rows": 4}, False),
    "five rows after": (["2024-09-05", "2024-09-19"], {"rows": 5}, True),
    "marks of days on which nobody comes": (["2024-09-05", "2024-09-19"], {"mark": "#"}, False),
    "it goes on as another": (["2024-09-05", "2024-09-19"], {"predecessor": True}, False),
    "it closes later than the extract": (["2024-09-05", "2024-09-19"], {"closed": "2025-09-01"}, False),
    "everybody had left before": (["2024-09-05", "2024-09-19"], {"leaving": "2024-09-04"}, False),
}


@pytest.mark.parametrize("case", CLOSINGS)
def test_a_closing_that_the_registers_contradict_is_refused(case, tmp_path):
    days, changed, is_refused = CLOSINGS[case]
    tables = base()
    here = [row for row in tables["roll"] if row["urn"] == SCHOOL]
    for row in here:
        row["leaving_date"] = changed.get("leaving", "")
    tables["schools"][0]["closed_on"] = changed.get("closed", CLOSED)
    tables["schools"][2]["predecessor_urn"] = SCHOOL if changed.get("predecessor") else ""
    mark = changed.get("mark", "/")
    marks = [
        {"upn": row["upn"], "urn": SCHOOL, "date": day, "am": mark, "pm": mark}
        for day in days
        for row in here
    ]
    if len(days) == 1:
        marks += [marks[0] | {"date": "2024-09-17"}]
    tables["attendance"] = [row for row in tables["attendance"] if row["date"] < CLOSED]
    tables["attendance"] += marks[: changed.get("rows")]
    write_extract(tmp_path, tables)
    if not is_refused:
        assert check_extract(tmp_path).contradicted == []
        return
    with pytest.raises(ExtractRefused) as refused:
        check_extract(tmp_path)
    (breach,) = refused.value.breaches
    assert breach.startswith(f"schools.csv, line 2, column closed_on: school {SCHOOL} is said to have closed")
    assert "11 school days after it. The closing ends the spells of 3 children" in breach
    allowed = check_extract(tmp_path, reject_limit=1)
    assert [(one.table, one.urn) for one in allowed.contradicted] == [("schools", int(SCHOOL))]
    assert breach in allowed.sentences()


def test_entries_after_a_closing_contradict_it_too(tmp_path):
    tables = base()
    tables["schools"][0]["closed_on"] = CLOSED
    new = tables["roll"][0] | {"entry_date": "2025-01-06"}
    tables["roll"] += [new | {"upn": upn(number)} for number in range(10, 15)]
    write_extract(tmp_path / "five", tables)
    with pytest.raises(ExtractRefused, match="registers or entries go on for"):
        check_extract(tmp_path / "five")
    del tables["roll"][-1]
    tables["attendance"] = [row for row in tables["attendance"] if row["date"] < CLOSED]
    assert check_extract(write_extract(tmp_path / "four", tables)).contradicted == []


CLOSED_OUT = {
    "nobody recorded where they are": ({}, [("3", 3)]),
    "their end was recorded": ({"leaving_date": "2024-09-02"}, []),
    "they are at another school": ({"move": True}, []),
    "guests": ({"enrolment_status": "G"}, []),
}


@pytest.mark.parametrize("case", CLOSED_OUT)
def test_children_whose_only_spell_a_closing_ended_are_on_no_roll_any_more(case, tmp_path):
    cells, expected = CLOSED_OUT[case]
    tables = base()
    tables["schools"][0]["closed_on"] = "2024-09-06"
    for row in tables["roll"][:3]:
        row |= {name: text for name, text in cells.items() if name != "move"}
    if cells.get("move"):
        tables["roll"] += [row | {"urn": OTHER, "entry_date": "2024-09-09"} for row in tables["roll"][:3]]
    found = check_extract(write_extract(tmp_path, tables))
    children = [(str(school["children"]), school["by_closing"]) for school in found.on_no_roll]
    assert children == expected
    line = found.closing_lines()[0]
    assert ("whose school closed" in line) == bool(expected)
    assert "rejected" not in line or not expected


def test_the_two_reasons_for_being_on_no_roll_stand_side_by_side(tmp_path):
    tables = base()
    tables["schools"][0]["closed_on"] = "2024-09-06"
    for row in tables["roll"]:
        row["leaving_reason"] = "X" if row["urn"] == ACADEMY else ""
    found = check_extract(write_extract(tmp_path, tables), reject_limit=1)
    assert [(one["urn"], one["children"], one["by_closing"]) for one in found.on_no_roll] == [
        (100001, 3, 3), (100002, 3, 0)
    ]  # fmt: skip
    assert "whose rows were rejected or whose school closed" in found.closing_lines()[0]


# birth, census date, year group, is it two or more away? Born in 2010/11: Year 9 in 2024/25.
AGES = [
    ("2011-05-04", "9", 0), ("2011-05-04", "10", 0), ("2011-05-04", "8", 0), ("2011-05-04", "11", 1), ("2011-05-04", "7", 1),
    ("2010-09-01", "11", 1), ("2010-08-31", "11", 0), ("2011-05-04", "X", 0), ("2021-06-01", "N1", 0), ("2021-06-01", "1", 1),
    ("2019-09-01", "R", 0), ("2017-09-01", "R", 1), ("1900-01-01", "1", 0),
]  # fmt: skip


@pytest.mark.parametrize("table", ["roll", "census"])
@pytest.mark.parametrize(("birth", "year", "far"), AGES)
def test_a_year_group_far_from_the_age_is_pointed_out(table, birth, year, far, tmp_path):
    tables = base()
    if table == "roll":
        for row in tables["roll"]:
            row |= {"nc_year": "", "birth_date": ""}
        tables["roll"][0]["entry_date"] = "2024-09-02"
        tables["attendance"] = [row for row in tables["attendance"] if row["date"] > "2024-09-02"]
    tables[table][0] |= {"birth_date": birth, "nc_year": year}
    found = check_extract(write_extract(tmp_path, tables))
    named = found.by_school.get("far_from_age", [])
    assert named == [{"urn": int(SCHOOL), "rows": 1}] * far
    assert ("year group is two years or more" in " ".join(found.sentences())) == bool(far)


# rows of the school, far ones, refused?
@pytest.mark.parametrize(
    ("rows", "far", "is_refused"), [(10, 5, False), (9, 5, True), (5, 4, False), (5, 5, True)]
)
def test_a_whole_school_of_them_is_refused(rows, far, is_refused, tmp_path):
    tables = large(rows, 300, far, "census", "nc_year", "2")
    if not is_refused:
        assert report(tmp_path, tables, "census").contradicted == []
        return
    with pytest.raises(ExtractRefused) as refused:
        report(tmp_path, tables, "census")
    assert (
        f"census, column nc_year: {far} of {rows} rows of school {SCHOOL} give a year group"
        in refused.value.breaches[0]
    )


def test_what_is_pointed_out_of_a_school_stands_on_its_page(tmp_path):
    tables = base()
    tables["census"][0]["nc_year"] = "2"
    check_extract(write_extract(tmp_path / "extract", tables), pages=tmp_path / "pages")
    text = (tmp_path / f"pages/{SCHOOL}.html").read_text()
    assert "In 1 row of the roll or a census the year group is two years or more from" in text
    assert "Nothing is wrong" not in text
    assert "Nothing is wrong" in (tmp_path / f"pages/{ACADEMY}.html").read_text()


NEW_SCHOOL = {
    "urn": "100777",
    "name": "Alder School",
    "phase": "primary",
    "type": "maintained",
    "district": "North",
}
NEW = {"urn": 100777, "name": "Alder School"}
DAY = "2025-08-31"  # of the extract
OPEN = {
    "open, without a row": ({}, True),
    "closed on the day": ({"closed_on": DAY}, False),
    "closes the day after": ({"closed_on": "2025-09-01"}, True),
    "opened on the day": ({"opened_on": DAY}, True),
    "opens the day after": ({"opened_on": "2025-09-01"}, False),
}


@pytest.mark.parametrize("case", OPEN)
def test_an_open_school_without_a_child_on_roll_is_named(case, tmp_path):
    own, is_named = OPEN[case]
    tables = base()
    tables["schools"].append(dict.fromkeys(tables["schools"][0], "") | NEW_SCHOOL | own)
    extract = write_extract(tmp_path / "extract", tables)
    found = check_extract(extract, pages=tmp_path / "pages")
    assert (NEW in found.without_roll) == is_named
    assert ("Alder School (100777)" in " ".join(found.sentences())) == is_named
    assert ("has no child on roll" in (tmp_path / "pages/100777.html").read_text()) == is_named


@pytest.mark.parametrize("leaving", ["2025-08-30", DAY, ""])
def test_a_school_with_a_child_on_roll_on_the_day_is_not(leaving, tmp_path):
    tables = base()
    tables["schools"].append(dict.fromkeys(tables["schools"][0], "") | NEW_SCHOOL)
    row = dict.fromkeys(tables["roll"][0], "") | {"upn": upn(0), "urn": "100777", "enrolment_status": "S"}
    tables["roll"].append(row | {"entry_date": "2025-07-01", "leaving_date": leaving})
    found = check_extract(write_extract(tmp_path, tables))
    assert (NEW in found.without_roll) == (leaving == "2025-08-30")


@pytest.mark.parametrize("status", ["G", "P", "F", "O"])
def test_a_school_whose_every_child_is_on_no_roll_of_its_own_is_named(status, tmp_path):
    tables = base()
    for row in tables["roll"][3:]:
        row["enrolment_status"] = status
    found = check_extract(write_extract(tmp_path, tables))
    assert {"urn": 100002, "name": "School 100002"} in found.without_roll


PLACEHOLDERS = {
    "left before the entry": ({"leaving_date": "1900-01-01"}, 1),
    "left on the entry, unreadable status": ({"leaving_date": "2024-09-02", "enrolment_status": "Z"}, 0),
    "enters in ten years": ({"entry_date": "2034-09-02"}, 1),
    "enters in 367 days": ({"entry_date": "2026-09-02"}, 1),
    "enters in a year": ({"entry_date": "2026-09-01"}, 0),
}


@pytest.mark.parametrize("case", PLACEHOLDERS)
def test_a_child_whose_current_row_holds_a_placeholder_is_on_no_roll(case, tmp_path):
    own, children = PLACEHOLDERS[case]
    tables = large(30, 30, 0, "roll", "", "")
    tables["roll"][0] |= own
    found = check_extract(write_extract(tmp_path, tables))
    assert sum(found.tables["roll"].rejected.values()) == 1
    assert sum(school["children"] for school in found.on_no_roll) == children


WITHOUT_ROW = {
    "the latest census": ("census", "2025-05-15", 2),
    "an earlier census": ("census", "2025-01-16", 0),
    "registers of the last day": ("attendance", "2025-08-31", 2),
    "registers of 59 days before": ("attendance", "2025-07-03", 2),
    "registers of 60 days before": ("attendance", "2025-07-02", 0),
    "registers with the day first": ("attendance", "31/08/2025", 2),
    "both": ("both", "2025-05-15", 2),
}


@pytest.mark.parametrize("case", WITHOUT_ROW)
def test_children_of_whom_no_row_of_the_roll_was_sent_are_named_by_school(case, tmp_path):
    table, day, children = WITHOUT_ROW[case]
    tables = large(30, 30, 0, "roll", "", "")
    for row in tables["census"]:
        row["census_date"] = "2025-05-15"
    if "/" in day:
        tables["attendance"] = [row | {"date": "03/09/2024"} for row in tables["attendance"]]
        tables["attendance"][0]["date"] = "20/09/2024"
    for number in (90, 91):
        if table in ("census", "both"):
            tables["census"].append(
                tables["census"][0] | {"upn": f" {upn(number).lower()}", "census_date": day}
            )
        if table in ("attendance", "both"):
            mark = tables["attendance"][0] | {
                "upn": upn(number),
                "date": "2025-08-29" if table == "both" else day,
            }
            tables["attendance"] += [mark]
    found = check_extract(write_extract(tmp_path, tables))
    assert found.by_school.get("no_row", []) == [{"urn": int(SCHOOL), "rows": children}] * bool(children)
    assert ("Of 2 children in the latest census" in found.closing_lines()[0]) == bool(children)
    assert (
        "2 children in the latest census or in recent registers, and in no row of the roll"
        in " ".join(found.sentences())
    ) == bool(children)


ALONE = {
    "subsidiary, and on no other roll": ("S", None, 1),
    "subsidiary, main elsewhere here": ("S", "M", 0),
    "subsidiary, single elsewhere here": ("S", "C", 0),
    "subsidiary, a guest elsewhere": ("S", "G", 1),
    "subsidiary, main elsewhere until the day before": ("S", "M ended", 1),
    "subsidiary, left yesterday": ("S ended", None, 0),
    "one guest": ("G", None, 0),
    "main": ("M", None, 0),
}


@pytest.mark.parametrize("case", ALONE)
def test_a_child_with_no_registration_as_single_or_main_is_counted_at_its_school(case, tmp_path):
    status, other, children = ALONE[case]
    tables = large(8, 8, 0, "roll", "", "")

    def registered(row, status, urn):
        code, _, ended = status.partition(" ")
        return row | {"urn": urn, "enrolment_status": code, "leaving_date": "2025-08-30" if ended else ""}

    row = tables["roll"][0]
    tables["roll"][0] = registered(row, status, SCHOOL)
    if other:
        tables["roll"].append(registered(row, other, OTHER))
    found = check_extract(write_extract(tmp_path, tables))
    assert found.by_school.get("no_main", []) == [{"urn": int(SCHOOL), "rows": 1}] * children
    assert ("with no registration as single or main" in " ".join(found.sentences())) == bool(children)


@pytest.mark.parametrize(("guests", "every", "counted"), [(4, 5, 0), (5, 9, 5), (5, 10, 0), (6, 10, 6)])
def test_many_guests_alone_are_a_slip_of_the_export(guests, every, counted, tmp_path):
    tables = large(every, 30, 0, "roll", "", "")
    for row in tables["roll"][:guests]:
        row["enrolment_status"] = "O"
    found = check_extract(write_extract(tmp_path, tables))
    assert found.by_school.get("no_main", []) == [{"urn": int(SCHOOL), "rows": counted}] * bool(counted)


@pytest.mark.parametrize(
    ("one", "other", "named"),
    [("North", "NORTH", [["NORTH", "North"]]), ("North East", "North  East", [["North  East", "North East"]]),
     ("North", "North", []), ("North", "North 2", [])],
)  # fmt: skip
def test_districts_that_differ_in_letter_case_or_spaces_alone_are_named(one, other, named, tmp_path):
    tables = base()
    for row in tables["schools"]:
        row["district"] = other
    tables["schools"][0]["district"] = one
    found = check_extract(write_extract(tmp_path, tables))
    assert found.alike_districts == named
    assert ("a meeting of its own" in " ".join(found.sentences())) == bool(named)
