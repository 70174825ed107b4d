"""What is missing is not nothing: holes in registers, years and censuses without rows, and features over a hole."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from features.calendar import Calendar
from features.matrix import FEATURES, feature_matrix
from features.records.authority import read_authority
from features.records.coverage import is_kept
from features.records.importing import check_extract, import_extract
from features.records.store import open_store
from tests.extracts import ACADEMY, OTHER, SCHOOL, base, upn, write_extract


def school_days(folder):
    """School days of 2023/24 and 2024/25, as text."""
    write_extract(folder)
    days = Calendar.of(read_authority(folder)).days
    return days[days >= np.datetime64("2023-09-01")].astype(str).tolist()


def imported(folder, without, extra=(), mark=None, identities=None):
    """An extract with a mark on every school day, but for the school's on some days: no row then, or one of a mark."""
    days = school_days(folder / "extract")
    tables = base()
    tables["attendance"] = [
        {
            "upn": row["upn"],
            "urn": row["urn"],
            "date": day,
            "am": mark if is_off else "/",
            "pm": mark if is_off else "/",
        }
        for row in tables["roll"]
        for place, day in enumerate(days)
        if not (is_off := row["urn"] == SCHOOL and place in without and (row["upn"], place) not in extra)
        or mark
    ]
    write_extract(folder / "extract", tables)
    found = import_extract(folder / "extract", folder / "store", identities or folder / "identities")
    return found, days


@pytest.mark.parametrize(("number", "is_named"), [(10, False), (11, True), (30, True)])
def test_a_hole_of_more_than_ten_school_days_inside_registers_is_named(number, is_named, tmp_path):
    found, days = imported(tmp_path, range(200, 200 + number))
    expected = {
        "urn": int(SCHOOL),
        "first_day": days[200],
        "last_day": days[199 + number],
        "school_days": number,
    }
    assert found.register_holes == [expected] * is_named
    assert (f"School {SCHOOL}: its registers have a hole" in " ".join(found.sentences())) == is_named


@pytest.mark.parametrize(("mark", "is_hole"), [("-", True), ("#", False)])
def test_rows_that_say_that_no_mark_was_made_are_no_register(mark, is_hole, tmp_path):
    found, days = imported(tmp_path, range(200, 211), mark=mark)
    assert [hole["first_day"] for hole in found.register_holes] == [days[200]] * is_hole


@pytest.mark.parametrize("where", ["before the first mark", "after the last"])
def test_registers_that_begin_late_or_stop_have_no_hole(where, tmp_path):
    found, _ = imported(tmp_path, range(30) if where.startswith("before") else range(340, 400))
    assert found.register_holes == []


def missing(store, day):
    """Features of marks that are missing, by the urn of the pupil."""
    (table,) = feature_matrix(open_store(store), [day])
    names = [
        feature.name for feature in FEATURES if feature.view == "marks" and feature.name in table.column_names
    ]
    frame = table.to_pandas()
    return {
        int(urn): {name for name in names if rows[name].isna().all()} for urn, rows in frame.groupby("urn")
    }


def test_features_that_reach_over_a_hole_are_missing_and_no_others(tmp_path):
    _, days = imported(tmp_path, range(300, 312))
    reach = {feature.name: feature.reach for feature in FEATURES if feature.view == "marks"}
    store = tmp_path / "store"
    there, beside = (missing(store, date.fromisoformat(days[345]))[int(urn)] for urn in (SCHOOL, ACADEMY))
    over = {name for name, length in reach.items() if length >= 345 - 311}
    assert there >= over & (set(reach) - beside)
    assert there - beside == (over & there) - beside
    assert there > beside
    inside = missing(store, date.fromisoformat(days[306]))  # the first mark after it is not known yet
    assert inside[int(SCHOOL)] == inside[int(ACADEMY)]


def test_a_stray_mark_is_no_register(tmp_path):
    tables_at = {(upn(0), 205)}
    found, _ = imported(tmp_path, range(200, 230), tables_at)
    assert [hole["school_days"] for hole in found.register_holes] == [24]  # of three children one is no stray


OFF = {"to the end": range(330, 390), "inside": range(300, 312), "from the start": range(60)}


@pytest.mark.parametrize("where", OFF)
def test_a_matrix_of_days_on_which_no_mark_was_made_is_that_of_days_without_rows(where, tmp_path):
    identities = tmp_path / "identities"  # so that a child has one pseudonym in both
    for mark in (None, "-"):
        _, days = imported(tmp_path / (mark or "none"), OFF[where], mark=mark, identities=identities)
    asked = [date.fromisoformat(day) for day in (days[325], days[345], days[-1])]
    whole = [
        [table.to_pandas() for table in feature_matrix(open_store(tmp_path / name / "store"), asked)]
        for name in ("none", "-")
    ]
    for without, dashes in zip(*whole, strict=True):
        pd.testing.assert_frame_equal(without, dashes)


@pytest.mark.parametrize(
    ("usual", "day", "is_so"), [(20, 1, True), (21, 1, False), (40, 2, True), (41, 2, False)]
)
def test_a_twentieth_of_the_usual_rows_is_a_register_and_less_is_none(usual, day, is_so):
    rows = pd.DataFrame({"urn": [1, 1, 1, 1, 2], "rows": [usual, usual, usual, day, 1]})
    assert is_kept(rows).tolist() == [True, True, True, is_so, True]


def reasons_at_the_end(folder, off, stray):
    """The urn and `not_assessed_reason` of a school of thirty whose last days `off` have no register but one child's marks."""
    days = school_days(folder / "extract")
    tables = base()
    for name in ("roll", "census"):
        one = next(row for row in tables[name] if row["urn"] == SCHOOL)
        tables[name] += [one | {"upn": upn(place), "former_upn": ""} for place in range(100, 130)]
    tables["attendance"] = [
        {"upn": row["upn"], "urn": row["urn"], "date": day, "am": "/", "pm": "/"}
        for row in tables["roll"]
        for place, day in enumerate(days[200:], 200)
        if row["urn"] != SCHOOL or place < len(days) - off or row["upn"] in stray
    ]
    write_extract(folder / "extract", tables)
    found = import_extract(folder / "extract", folder / "store", folder / "identities")
    (table,) = feature_matrix(open_store(folder / "store"), [date.fromisoformat(days[-1])])
    frame = table.to_pandas()
    return found, set(frame["not_assessed_reason"][frame["urn"] == int(SCHOOL)].dropna())


@pytest.mark.parametrize("stray", [(), (upn(100),)], ids=["nobody's", "one child's"])
@pytest.mark.parametrize(("off", "is_late"), [(10, False), (11, True)])
def test_some_childrens_marks_do_not_keep_a_schools_registers_going(off, is_late, stray, tmp_path):
    found, reasons = reasons_at_the_end(tmp_path, off, stray)
    assert [school["urn"] for school in found.late_feeds] == [int(SCHOOL)] * is_late
    assert ("registers_stopped" in reasons) == is_late


def test_a_year_without_rows_that_its_neighbour_has_is_named(tmp_path):
    days = school_days(tmp_path / "extract")
    tables = base()
    tables["attendance"] = [tables["attendance"][0] | {"date": day} for day in days]
    write_extract(tmp_path / "extract", tables)
    found = import_extract(tmp_path / "extract", tmp_path / "store", tmp_path / "identities")
    assert found.missing_years == [
        {"table": "census", "year": "2023/24"},
        {"table": "suspensions", "year": "2023/24"},
        {"table": "involvements", "year": "2024/25"},
    ]
    assert "suspensions: no row is of 2023/24" in " ".join(found.sentences())


def test_a_census_that_a_school_missed_is_named(tmp_path):
    tables = base()
    rows = tables["census"]
    tables["census"] = [
        row | {"census_date": day}
        for day in ("2024-05-16", "2024-10-03", "2025-01-16")
        for row in rows
        if day != "2024-10-03" or row["urn"] == ACADEMY
    ]
    write_extract(tmp_path / "extract", tables)
    found = import_extract(tmp_path / "extract", tmp_path / "store", tmp_path / "identities")
    assert found.missing_censuses == [{"urn": int(SCHOOL), "census_date": "2024-10-03"}]


@pytest.mark.parametrize(
    ("children", "own", "is_named"),
    [
        (5, {}, True),
        (4, {}, False),
        (5, {"enrolment_status": "M"}, True),
        (5, {"enrolment_status": "S"}, False),
        (5, {"enrolment_status": "G"}, False),
        (5, {"entry_date": "2024-10-02"}, True),
        (5, {"entry_date": "2024-10-03"}, False),
        (5, {"leaving_date": "2024-10-03"}, True),
        (5, {"leaving_date": "2024-10-02"}, False),
    ],
)
def test_a_census_of_a_school_that_had_children_then_is_missed(children, own, is_named, tmp_path):
    tables = base()
    roll, census = tables["roll"][0], tables["census"][0]
    at = {upn(number): OTHER if number < children else SCHOOL for number in range(children + 4)}
    tables["roll"] = [
        roll | {"upn": pupil, "urn": urn, "entry_date": "2024-09-02"} | (own if urn == OTHER else {})
        for pupil, urn in at.items()
    ]
    tables["census"] = [
        census | {"upn": pupil, "urn": urn, "census_date": "2024-10-03"}
        for pupil, urn in at.items()
        if urn == SCHOOL
    ]
    for table in ("attendance", "suspensions"):
        tables[table] = [row | {"upn": upn(children), "urn": SCHOOL} for row in tables[table][:1]]
    found = check_extract(write_extract(tmp_path, tables))
    assert found.missing_censuses == [{"urn": int(OTHER), "census_date": "2024-10-03"}] * is_named
    said = f"School {OTHER}: no row in the census of 2024-10-03, though it had children on roll then."
    assert (said in " ".join(found.sentences())) == is_named
