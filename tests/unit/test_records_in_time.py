"""What the rows mean in time: spells that end one another, marks of nobody, births, codes of another day, twins."""

import copy
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from features.codes import code_set, marks_in_force
from features.errors import ExtractRefused
from features.matrix import feature_matrix
from features.records.births import is_implausible
from features.records.importing import check_extract, import_extract
from features.records.spells import FOREVER, Spell, resolve
from features.records.store import open_store
from tests.extracts import ACADEMY, OTHER, SCHOOL, base, upn, write_extract

AS_OF = date(2024, 10, 25)
DAYS = [str(np.datetime64("2024-09-02") + number) for number in range(46) if number % 7 < 5]
Tables = dict[str, list[dict[str, str]]]


def extract() -> Tables:
    """Six pupils with a mark of every school day of a half-term, at the schools where they are on roll."""
    tables = copy.deepcopy(base())
    at = {row["upn"]: row["urn"] for row in tables["roll"]}
    tables["attendance"] = [
        {"upn": pupil, "urn": urn, "date": day, "am": "/", "pm": "\\"}
        for pupil, urn in at.items()
        for day in DAYS
    ]
    return tables


def imported(folder: Path, tables: Tables, as_of: date = AS_OF):
    """The report, and the matrix of a date by UPN."""
    write_extract(folder / "extract", tables)
    report = import_extract(folder / "extract", folder / "store", folder / "identities", reject_limit=1)
    (made,) = feature_matrix(open_store(folder / "store"), [as_of])
    who = pq.read_table(folder / "identities/upn.parquet").to_pylist()
    rows = {row["pupil"]: row for row in made.to_pylist()}
    return report.as_dict(), {one["upn"]: rows[one["pupil"]] for one in who if one["pupil"] in rows}


ENDS = {
    "a later one ends an open one": (["C 10", "C 20"], [19, FOREVER]),
    "a week of overlap": (["C 10-27", "C 20"], [19, FOREVER]),
    "both end on one day": (["C 10-30", "C 20-30"], [19, 30]),
    "one that lies inside": (["C 10-31", "C 20-30"], [31, None]),
    "one that ended while the first is open": (["C 10", "C 20-30"], [FOREVER, None]),
    "one that starts on the last day of another": (["C 10-20", "C 20"], [20, FOREVER]),
    "one that starts on the day before it": (["C 10-21", "C 20"], [19, FOREVER]),
    "three in a row": (["C 10", "C 20", "C 30"], [19, 29, FOREVER]),
    "main and subsidiary of one time": (["M 10", "S 20"], [FOREVER, FOREVER]),
    "subsidiary first": (["S 10", "M 20"], [FOREVER, FOREVER]),
    "a subsidiary one beside a single one": (["C 10", "S 20"], [FOREVER, FOREVER]),
    "a single registration ends a subsidiary one": (["M 5-9", "S 10", "C 20"], [9, 19, FOREVER]),
    "and does where it has ended since": (["S 10", "C 20-30"], [19, 30]),
    "of two subsidiary ones the later": (["M 5", "S 10", "S 20"], [FOREVER, 19, FOREVER]),
    "a guest takes nobody off a roll": (["C 10", "G 20"], [FOREVER, FOREVER]),
    "nor does a college, another provider or one said to be previous": (["C 10", "F 20", "O 21", "P 22"], 4 * [FOREVER]),
    "one said to be previous is over": (["P 10", "C 20"], [19, FOREVER]),
    "one first day: the one known later stays": (["C 10", "C 10"], [None, FOREVER]),
    "one first day: the shorter goes": (["C 10", "C 10-20"], [FOREVER, None]),
}  # fmt: skip


@pytest.mark.parametrize("case", ENDS)
def test_how_spells_end_one_another(case):
    texts, expected = ENDS[case]
    spells, ends = [], []
    for text in texts:
        status, days = text.split(" ")
        first, _, last = days.partition("-")
        spells.append(Spell(int(first), status))
        ends.append(int(last) if last else FOREVER)
    assert resolve(spells, ends) == expected


def moved(tables: Tables, leaving: str, told: str) -> None:
    """The first pupil begins at the academy on 23 September; the first school dates the leaving so."""
    tables["roll"][0] |= {"leaving_date": leaving, "end_recorded_on": told, "recorded_on": ""}
    tables["roll"].append(
        tables["roll"][0] | {"urn": ACADEMY, "entry_date": "2024-09-23", "leaving_date": "", "end_recorded_on": "", "recorded_on": "2024-09-25"}
    )  # fmt: skip


def test_a_move_with_a_week_of_overlap_leaves_the_child_at_the_new_school(tmp_path):
    tables = extract()
    moved(tables, "2024-09-30", "2024-10-10")
    report, rows = imported(tmp_path, tables)
    assert rows[upn(0)]["urn"] == int(ACADEMY)
    assert len(rows) == 6
    assert report["tables"]["roll"]["repaired"] == {"overlap_ended": 1}
    assert report["tables"]["roll"]["rejected"] == {}
    assert report["by_school"]["overlap_ended"] == [{"urn": int(SCHOOL), "rows": 1}]


@pytest.mark.parametrize(("as_of", "school"), [(date(2024, 9, 25), SCHOOL), (date(2024, 9, 26), ACADEMY)])
def test_a_spell_is_ended_from_the_day_after_the_later_one_was_known(tmp_path, as_of, school):
    tables = extract()
    moved(tables, "", "")
    _, rows = imported(tmp_path, tables, as_of)
    assert rows[upn(0)]["urn"] == int(school)


def test_a_spell_inside_another_was_the_present_one_until_its_end_was_known(tmp_path):
    tables = extract()
    moved(tables, "", "")
    tables["roll"][-1] |= {"leaving_date": "2024-10-04", "end_recorded_on": "2024-10-10"}
    report, rows = imported(tmp_path / "after", tables, date(2024, 10, 11))
    assert (rows[upn(0)]["urn"], report["tables"]["roll"]["rejected"]) == (int(SCHOOL), {"spell_overlap": 1})
    _, rows = imported(tmp_path / "before", tables, date(2024, 10, 10))
    assert rows[upn(0)]["urn"] == int(ACADEMY)


def test_a_child_is_known_from_a_first_spell_that_a_later_row_leaves_no_day(tmp_path):
    """Marks count from when the first row was known, though in the extract only the later one stays."""
    tables = extract()
    tables["roll"][0] |= {"enrolment_status": "M", "recorded_on": ""}
    tables["roll"].append(tables["roll"][0] | {"urn": ACADEMY, "recorded_on": "2024-11-01"})
    own = [row for row in tables["attendance"] if row["upn"] == upn(0)]
    own[-14]["am"] = "I"
    report, rows = imported(tmp_path, tables)
    assert report["tables"]["roll"]["rejected"] == {"spell_overlap": 1}
    assert rows[upn(0)]["urn"] == int(SCHOOL)
    assert rows[upn(0)]["share_missed_20"] == pytest.approx(1 / 30)


@pytest.mark.parametrize(("closed", "is_there"), [("2024-10-24", False), ("2024-10-25", True), ("", True)])
def test_a_closing_ends_the_spells_of_its_school(tmp_path, closed, is_there):
    tables = extract()
    tables["schools"][0]["closed_on"] = closed
    report, rows = imported(tmp_path, tables)
    assert (upn(0) in rows) == is_there
    assert report["tables"]["roll"]["repaired"] == ({"closing_ended": 3} if closed else {})


def test_a_school_that_goes_on_as_another_keeps_its_children(tmp_path):
    tables = extract()
    tables["schools"][0]["closed_on"] = "2024-09-30"
    tables["schools"][2] |= {"predecessor_urn": SCHOOL, "opened_on": "2024-10-01"}
    _, rows = imported(tmp_path, tables)
    assert upn(0) in rows


def test_marks_of_an_old_school_count_for_nobody(tmp_path):
    """The old school goes on marking the child N; the share missed is that without those marks."""
    tables = extract()
    moved(tables, "2024-09-20", "2024-09-27")
    own = [row for row in tables["attendance"] if row["upn"] == upn(0)]
    for row in own:
        if row["date"] >= "2024-09-23":
            row["urn"] = ACADEMY
    own[-14]["am"] = "I"
    _, without = imported(tmp_path / "without", tables)
    late = [row | {"urn": SCHOOL, "am": "N", "pm": "N"} for row in own if row["date"] >= "2024-09-23"]
    tables["attendance"] += late
    report, rows = imported(tmp_path / "with", tables)
    assert rows[upn(0)] | {"pupil": 0} == without[upn(0)] | {"pupil": 0}
    assert rows[upn(0)]["share_missed_20"] == pytest.approx(1 / 30)
    assert report["tables"]["attendance"]["notes"] == {"off_spell": len(late)}
    assert report["by_school"]["off_spell"] == [{"urn": int(SCHOOL), "rows": len(late)}]


@pytest.mark.parametrize(("as_of", "is_counted"), [(date(2024, 10, 10), True), (date(2024, 10, 11), False)])
def test_marks_after_leaving_count_until_the_leaving_is_known(tmp_path, as_of, is_counted):
    tables = extract()
    tables["roll"][0] |= {"enrolment_status": "M"}
    tables["roll"].append(tables["roll"][0] | {"urn": ACADEMY, "enrolment_status": "S", "leaving_date": "2024-09-13", "end_recorded_on": "2024-10-10"})  # fmt: skip
    tables["attendance"] += [
        {"upn": upn(0), "urn": ACADEMY, "date": day, "am": "I", "pm": "I"}
        for day in DAYS
        if day >= "2024-09-16"
    ]
    _, rows = imported(tmp_path, tables, as_of)
    assert (
        (rows[upn(0)]["share_missed_20"] or 0) > 0
        if is_counted
        else rows[upn(0)]["share_missed_20"] in (0, None)
    )


BIRTHS = {
    "2021-09-04": False, "2021-09-05": True,  # two on the day, and a day younger
    "2003-09-04": False, "2002-09-05": False, "2002-09-04": True,  # twenty on the day, on the last, and twenty-one
    "1900-01-01": True,
}  # fmt: skip


@pytest.mark.parametrize("birth", BIRTHS)
def test_which_births_are_believed(birth):
    days = np.array([[birth], ["2023-09-04"]], "datetime64[D]").astype("int64")
    assert is_implausible(*days).tolist() == [BIRTHS[birth]]


@pytest.mark.parametrize("table", ["roll", "census"])
def test_a_placeholder_for_a_birth_is_not_known_and_the_child_stays(tmp_path, table):
    tables = extract()
    for row in tables["roll"]:
        row |= {"birth_date": "", "nc_year": "8"}
    if table == "roll":
        tables["census"] = tables["census"][1:]
    tables[table][0]["birth_date"] = "1900-01-01"
    report, rows = imported(tmp_path, tables, date(2024, 12, 20))
    assert rows[upn(0)]["nc_year"] == 9
    assert rows[upn(0)]["num_months_young_in_year"] is None
    assert report["tables"][table]["repaired"] == {"implausible": 1}
    assert report["by_school"]["implausible"] == [{"urn": int(SCHOOL), "rows": 1}]


@pytest.mark.parametrize("birth", ["2023-09-05", "2034-05-04"])
def test_a_birth_after_entry_on_the_roll_takes_no_child_off_it(tmp_path, birth):
    tables = extract()
    for row in tables["roll"]:
        row |= {"birth_date": "", "nc_year": "8"}
    tables["roll"][0]["birth_date"] = birth
    report, rows = imported(tmp_path, tables, date(2024, 12, 20))
    assert rows[upn(0)]["nc_year"] == 9
    assert report["tables"]["roll"]["rejected"] == {}
    assert report["tables"]["roll"]["repaired"] == {"implausible": 1}
    assert report["on_no_roll"] == []


CODES = {
    ("J", "2024-08-18"): "J", ("J", "2024-08-19"): "J1", ("J1", "2024-08-18"): "J", ("J1", "2024-08-19"): "J1",
    ("C2", "2024-08-18"): "C", ("C2", "2024-08-19"): "C2", ("K", "2024-08-18"): "B", ("Y3", "2024-08-18"): "Y",
    ("Y", "2024-08-18"): "Y", ("Y", "2024-08-19"): "", ("H", "2024-08-18"): "H", ("H", "2024-08-19"): "",
    ("Q", "2024-08-18"): "", ("F", "2024-07-01"): "", ("/", "2020-01-01"): "/", ("-", "2024-09-02"): "-",
}  # fmt: skip


@pytest.mark.parametrize("case", CODES)
def test_codes_are_read_by_their_day(case):
    code, day = case
    days = np.array([day], "datetime64[D]").astype("int64")
    assert marks_in_force(np.array([code], object), days).tolist() == [CODES[case]]


def test_a_code_is_read_only_as_one_that_was_in_force():
    rows = code_set("attendance")
    for row in rows[rows.otherwise_read_as != ""].itertuples():
        day = row.withdrawn_on or str(np.datetime64(row.in_force_from) - 1)
        days = np.array([day], "datetime64[D]").astype("int64")
        assert marks_in_force(np.array([row.otherwise_read_as], object), days).tolist() == [
            row.otherwise_read_as
        ]


def test_a_withdrawn_code_is_counted_as_its_successor_or_rejected(tmp_path):
    tables = extract()
    own = [row for row in tables["attendance"] if row["upn"] == upn(0)]
    own[-12]["am"] = "J"
    own[-11]["am"] = "H"
    report, rows = imported(tmp_path, tables)
    assert report["tables"]["attendance"]["repaired"] == {"code_of_its_day": 1}
    assert report["tables"]["attendance"]["rejected"] == {"unknown_code": 1}
    assert rows[upn(0)]["share_missed_20"] == pytest.approx(1 / 28)  # the day of H is not there


def twins(tables: Tables) -> None:
    tables["roll"][1] |= {"former_upn": upn(0)}
    for row in tables["roll"]:
        row.setdefault("former_upn", "")


def test_twins_of_whom_one_had_the_others_upn_stay_two(tmp_path):
    tables = extract()
    twins(tables)
    report, rows = imported(tmp_path, tables)
    assert len(rows) == 6
    assert {upn(0), upn(1)} <= set(rows)
    assert report["not_merged"] == [{"file": "roll.csv", "line": 3}]
    assert all(counts["rejected"] == {} for counts in report["tables"].values())


LINKS = {
    "in a chain": ([(0, None, "2023-11-01"), (1, 0, "2024-01-01"), (2, 1, None)], 1, 0),
    "in a circle": ([(0, 2, "2023-11-01"), (1, 0, "2024-01-01"), (2, 1, None)], 1, 1),
    "to itself": ([(0, 0, None)], 1, 0),
    "born on another day": ([(0, None, "2023-11-01"), (1, 0, None)], 2, 1),
}


@pytest.mark.parametrize("case", LINKS)
def test_who_took_whose_number(tmp_path, case):
    links, number, refused = LINKS[case]
    tables = extract()
    rest = tables["roll"][3:]
    tables["roll"] = []
    starts = ("2023-09-04", "2023-11-06", "2024-01-08")
    for (now, before, end), start in zip(links, starts, strict=False):
        born = f"{2010 + now}-01-05" if case == "born on another day" else ""
        tables["roll"].append({
            "upn": upn(now), "urn": SCHOOL, "enrolment_status": "C", "entry_date": start, "leaving_date": end or "",
            "former_upn": "" if before is None else upn(before), "birth_date": born,
        })  # fmt: skip
    tables["roll"] += [row | {"former_upn": "", "birth_date": ""} for row in rest]
    gone = {upn(one) for one in range(3)}
    for name in ("census", "attendance", "suspensions", "involvements"):
        tables[name] = [row for row in tables[name] if row["upn"] not in gone] or tables[name]
    write_extract(tmp_path / "extract", tables)
    report = import_extract(tmp_path / "extract", tmp_path / "store", tmp_path / "identities", reject_limit=1)
    assert len(report.not_merged) == refused
    assert open_store(tmp_path / "store").num_pupils == 3 + number


# What each row says: whose, former, entry, leaving, recorded on, end recorded on; pupils; not merged; disputed.
KNOWN = {
    "an end recorded before the claim": ([(0, None, "2023-09-04", "2024-01-05", "", "2024-01-09"), (1, 0, "2024-01-08", "", "2024-01-10", "")], 1, [], []),
    "an end recorded weeks after it": ([(0, None, "2023-09-04", "2024-01-05", "", "2024-02-09"), (1, 0, "2024-01-08", "", "2024-01-10", "")], 1, [], []),
    "an end recorded when the former has been seen again": (
        [(0, None, "2023-09-04", "2024-01-05", "", "2024-04-01"), (1, 0, "2024-01-08", "", "2024-01-10", ""),
         (0, None, "2024-02-05", "2024-03-08", "2024-02-10", "2024-03-13")], 2, [3], []),
    "an end that is recorded never": ([(0, None, "2023-09-04", "", "", ""), (1, 0, "2024-01-08", "", "2024-01-10", "")], 2, [3], []),
    "two claims, the earlier of one child": (
        [(0, None, "2023-09-04", "2024-01-05", "", ""), (1, 0, "2024-01-08", "2024-06-07", "", ""), (2, 0, "2024-06-10", "", "", "")], 2, [4], []),
    "two claims, the earlier of a twin": (
        [(0, None, "2023-09-04", "2024-01-05", "", ""), (1, 0, "2023-11-06", "2024-06-07", "", ""), (2, 0, "2024-06-10", "", "", "")], 2, [3], []),
    "two claims in the other order of entry": (
        [(0, None, "2023-09-04", "2024-01-05", "", ""), (1, 0, "2024-01-08", "2024-06-07", "2024-07-01", ""), (2, 0, "2024-06-10", "", "2024-06-12", "")], 2, [3], []),
    "a former UPN known later than the claim": ([(0, None, "2023-09-04", "2024-01-05", "2024-03-01", ""), (1, 0, "2024-01-08", "", "2024-01-10", "")], 1, [], []),
    "a twin known later than the claim": ([(0, None, "2023-09-04", "", "2024-03-01", ""), (1, 0, "2024-01-08", "", "2024-01-10", "")], 2, [3], []),
    "a spell of the former that overlaps, known later": (
        [(0, None, "2023-09-04", "2024-01-05", "", ""), (1, 0, "2024-01-08", "", "", ""), (0, None, "2024-02-05", "2024-03-08", "2024-04-01", "")], 1, [], [3]),
    "a chain of which both claims stand on the last row too": (
        [(0, None, "2023-09-04", "2023-11-01", "", ""), (1, 0, "2023-11-06", "2024-01-05", "", ""), (2, 1, "2024-01-08", "2024-03-08", "", ""),
         (2, 0, "2024-03-11", "", "", "")], 1, [], []),
}  # fmt: skip


def linked(rows) -> Tables:
    """Six pupils, of whom the first three are what some rows of the roll say."""
    tables = extract()
    gone = {upn(one) for one in range(3)}
    names = ("entry_date", "leaving_date", "recorded_on", "end_recorded_on")
    tables["roll"] = [
        {"upn": upn(now), "urn": SCHOOL, "enrolment_status": "C", "former_upn": "" if before is None else upn(before)}
        | dict(zip(names, cells, strict=True))
        for now, before, *cells in rows
    ] + [row | {"former_upn": "", "recorded_on": "", "end_recorded_on": ""} for row in tables["roll"][3:]]  # fmt: skip
    for name in ("census", "attendance", "suspensions", "involvements"):
        tables[name] = [row for row in tables[name] if row["upn"] not in gone] or [
            tables[name][0] | {"upn": upn(3)}
        ]
    return tables


@pytest.mark.parametrize("case", KNOWN)
def test_a_claim_is_settled_with_what_was_known_and_stays_so(tmp_path, case):
    rows, number, not_merged, disputed = KNOWN[case]
    write_extract(tmp_path / "extract", linked(rows))
    report = import_extract(tmp_path / "extract", tmp_path / "store", tmp_path / "identities", reject_limit=1)
    assert open_store(tmp_path / "store").num_pupils == 3 + number
    assert report.not_merged == [{"file": "roll.csv", "line": line} for line in not_merged]
    assert report.disputed == [{"file": "roll.csv", "line": line} for line in disputed]


def test_a_later_row_of_the_former_upn_changes_no_earlier_day(tmp_path):
    """A child under a new number; months later a row comes under the old one again, at another time."""
    rows = [(0, None, "2023-09-04", "2024-01-05", "", ""), (1, 0, "2024-01-08", "2024-12-20", "", "")]
    tables = linked(rows)
    later = linked([*rows, (0, None, "2024-12-02", "2025-03-07", "2024-12-05", "")])
    found = []
    for name, some in (("before", tables), ("after", tables | {"roll": later["roll"]})):
        _, made = imported(tmp_path / name, some, date(2024, 12, 4))
        found.append({one: row | {"pupil": 0} for one, row in made.items() if row["pupil"]})
    assert found[0][upn(1)] == found[1][upn(1)]
    assert found[0][upn(1)]["days_since_joining_school"] == 257  # under the former number; 182 without it


# the former UPN's later row: first and last day; is it on a roll on 31 August 2025, the day of the extract?
@pytest.mark.parametrize(
    ("entry", "leaving", "is_refused"),
    [("2025-03-03", "", True), ("2025-03-03", "2025-08-31", True), ("2025-03-03", "2025-08-30", False), ("2025-09-01", "", False)],
)  # fmt: skip
def test_both_numbers_on_a_roll_now_is_for_the_authority_to_settle(tmp_path, entry, leaving, is_refused):
    rows = [(0, None, "2023-09-04", "2024-01-05", "", ""), (1, 0, "2024-01-08", "", "", "")]
    tables = linked([*rows, (0, None, entry, leaving, entry, leaving)])
    write_extract(tmp_path / "extract", tables)
    if not is_refused:
        assert check_extract(tmp_path / "extract", reject_limit=1)
        return
    with pytest.raises(ExtractRefused) as refused:
        check_extract(tmp_path / "extract", reject_limit=1)
    (breach,) = refused.value.breaches
    assert breach.startswith(
        "roll.csv, line 3, column former_upn: the former UPN and the present one are on a roll now"
    )


def test_a_guest_under_the_former_upn_is_on_no_second_roll(tmp_path):
    rows = [(0, None, "2023-09-04", "2024-01-05", "", ""), (1, 0, "2024-01-08", "", "", "")]
    tables = linked([*rows, (0, None, "2025-03-03", "", "2025-03-03", "")])
    tables["roll"][2]["enrolment_status"] = "G"
    assert check_extract(write_extract(tmp_path / "extract", tables), reject_limit=1)


def test_a_row_of_a_year_group_that_its_school_does_not_teach_is_noted(tmp_path):
    tables = extract()
    for row, (urn, year) in zip(
        tables["roll"], [(OTHER, "6"), (OTHER, "5"), (SCHOOL, "6"), (SCHOOL, "5")], strict=False
    ):
        row |= {"urn": urn, "nc_year": year}
    for row in tables["roll"]:
        row.setdefault("nc_year", "")
    report, _ = imported(tmp_path, tables)
    # a year on: Year 7 and 6 in a primary school, Year 7 and 6 in a secondary school
    assert report["by_school"]["outside_phase"] == [
        {"urn": int(SCHOOL), "rows": 1},
        {"urn": int(OTHER), "rows": 1},
    ]
