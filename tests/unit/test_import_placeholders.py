"""Days that stand for none: what a database puts where nobody knows a day is never taken for the day something was known."""

from datetime import date

import pyarrow.parquet as pq
import pytest

from features.as_of import AsOfDates
from features.calendar import Calendar
from features.cohort import cohort
from features.known import suspension_events
from features.records.importing import check_extract, import_extract
from features.records.store import open_store
from tests.extracts import base, write_extract

LAGS = {"roll": 5, "census": 35, "attendance": 7, "suspensions": 3, "involvements": 7}
OWN = {
    "roll": "entry_date",
    "census": "census_date",
    "attendance": "date",
    "suspensions": "start_date",
    "involvements": "start_date",
}


def lags(tmp_path, table, own=None, known="known_on"):
    """Days from a stored row's own day to that on which it is known."""
    rows = pq.read_table(tmp_path / "store" / table).to_pylist()
    return [(row[known] - row[own or OWN[table]]).days for row in rows if row[own or OWN[table]]]


def imported(tmp_path, tables):
    write_extract(tmp_path / "extract", tables)
    return import_extract(tmp_path / "extract", tmp_path / "store", tmp_path / "identities")


@pytest.mark.parametrize("rows", ["one", "every"])
@pytest.mark.parametrize("day", ["1900-01-01", "2000-01-01", "31/12/1899"])
@pytest.mark.parametrize("table", LAGS)
def test_a_row_that_says_it_was_recorded_long_before_its_own_day(table, day, rows, tmp_path):
    tables = base()
    for number, row in enumerate(tables[table]):
        row["recorded_on"] = day if rows == "every" or not number else ""
    found = imported(tmp_path, tables)
    assert set(lags(tmp_path, table)) == {LAGS[table]}
    assert found.tables[table].rejected.total() == 0
    assert found.tables[table].repaired["recorded_before"] == (len(tables[table]) if rows == "every" else 1)
    assert f"{table}: " in " ".join(found.sentences())
    assert table not in found.bulk_recorded_on


@pytest.mark.parametrize(("day", "lag"), [("2022-09-04", -365), ("2022-09-03", -366), ("2022-09-02", 5)])
def test_an_admission_may_be_planned_a_year_ahead(day, lag, tmp_path):
    tables = base()
    tables["roll"][0]["recorded_on"] = day
    found = imported(tmp_path, tables)
    assert sorted(lags(tmp_path, "roll")) == sorted([lag, 5, 5, 5, 5, 5])
    assert found.tables["roll"].repaired["recorded_before"] == (lag == 5)


def test_an_end_that_says_so_too(tmp_path):
    tables = base()
    for table, end in (("roll", "leaving_date"), ("involvements", "end_date")):
        for row in tables[table]:
            row |= {end: "2025-02-28", "end_recorded_on": "1900-01-01"}
    found = imported(tmp_path, tables)
    for table, end in (("roll", "leaving_date"), ("involvements", "end_date")):
        assert set(lags(tmp_path, table, end, "end_known_on")) == {LAGS[table]}
        assert found.tables[table].repaired["recorded_before"] == len(tables[table])


@pytest.mark.parametrize(
    ("day", "is_known"), [("1900-01-01", False), ("2024-09-09", False), ("2024-09-10", True)]
)
def test_an_outcome_before_the_event_is_known_by_the_day_of_the_extract(day, is_known, tmp_path):
    tables = base()
    tables["suspensions"][0] |= {"outcome": "cancelled", "outcome_on": day}
    found = imported(tmp_path, tables)
    records = open_store(tmp_path / "store")
    dates = AsOfDates.of([date(2024, 10, 25)], Calendar.of(records.authority))
    assert len(suspension_events(records, dates).to_pandas()) == 3 - is_known
    assert found.tables["suspensions"].repaired["outcome_before"] == (not is_known)
    assert ("outcome" in " ".join(found.sentences())) != is_known


@pytest.mark.parametrize("day", ["1900-01-01", "1753-01-01", "0024-05-06", "1970-01-01", "1985-08-31"])
@pytest.mark.parametrize(
    "table", sorted(LAGS.keys() - {"attendance", "roll"})
)  # codes were not in force then; a child on the roll stays
def test_a_day_more_than_forty_years_ago_is_none(table, day, tmp_path):
    tables = base()
    tables[table].append(tables[table][0] | {OWN[table]: day})
    if table == "census":
        tables[table][-1]["birth_date"] = "0001-01-01"
    found = check_extract(write_extract(tmp_path, tables), reject_limit=1)
    assert found.tables[table].rejected == {"bad_date": 1}


def test_a_day_forty_years_ago_is_one_and_so_is_that_on_which_a_school_opened(tmp_path):
    tables = base()
    tables["involvements"][0]["start_date"] = "1985-09-01"
    tables["schools"][0]["opened_on"] = "1552-01-01"
    found = check_extract(write_extract(tmp_path, tables))
    assert not any(counts.rejected.total() for counts in found.tables.values())


@pytest.mark.parametrize(
    ("day", "is_none"),
    [
        ("1900-01-01", True),
        ("1899-12-30", True),
        ("0024-09-02", True),
        ("1985-08-31", True),
        ("1985-09-01", False),
    ],
)
def test_a_child_whose_entry_is_a_placeholder_stays_on_the_roll_with_its_birth_and_censuses(
    day, is_none, tmp_path
):
    tables = base()
    tables["roll"][0]["entry_date"] = day
    if not is_none:  # the birth is then held against the entry, and is the one that cannot be
        tables["census"] = tables["census"][1:]
    found = imported(tmp_path, tables)
    assert not any(counts.rejected.total() for counts in found.tables.values())
    assert found.by_school.get("no_entry", []) == [{"urn": 100001, "rows": 1}] * is_none
    assert ("as a system writes it that knows none" in " ".join(found.sentences())) == is_none
    records = open_store(tmp_path / "store")
    people = cohort(records, AsOfDates.of([date(2024, 10, 25)], Calendar.of(records.authority))).to_pandas()
    assert len(people) == len(tables["roll"])
    assert people["not_assessed_reason"].nunique(dropna=False) == 1  # as every other child
