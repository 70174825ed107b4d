"""The optional tables and columns of the contract: read, checked, and without them a store as it was before."""

import pyarrow.parquet as pq
import pytest

from features.matrix import feature_matrix
from features.records.importing import check_extract, import_extract
from features.records.layout import STORED
from features.records.store import open_store
from tests.extracts import ACADEMY, SCHOOL, base, upn, write_extract

INTERNAL = [
    {"upn": upn(0), "urn": SCHOOL, "start_date": "2024-09-10", "sessions": "2", "reason_1": "DB"},
    {"upn": upn(3), "urn": ACADEMY, "start_date": "2024-09-11", "sessions": "", "reason_1": ""},
]
ATTAINMENT = [
    {"upn": upn(0), "stage": "ks2", "subject": "reading", "year": "2023", "result": "104"},
    {"upn": upn(1), "stage": "phonics", "subject": "", "year": "2016/17", "result": "32"},
    {"upn": upn(2), "stage": "ks1", "subject": "maths", "year": "2018", "result": "Not met"},
    {"upn": upn(3), "stage": "eyfs", "subject": "gld", "year": "2016", "result": "absent"},
]


def stored(folder, **tables):
    write_extract(folder / "extract", base() | tables)
    report = import_extract(folder / "extract", folder / "store", folder / "identities")
    return report, open_store(folder / "store")


def rows(records, table):
    return records.tables[table].to_pyarrow().to_pylist()


def test_both_tables_are_kept_with_the_day_they_were_known(tmp_path):
    report, records = stored(tmp_path, internal_suspensions=INTERNAL, attainment=ATTAINMENT)
    assert {name: report.tables[name].kept for name in ("internal_suspensions", "attainment")} == {
        "internal_suspensions": 2, "attainment": 4,
    }  # fmt: skip
    assert records.late_tables == {"internal_suspensions", "attainment"}
    kept = {
        (row["urn"], row["sessions"], str(row["known_on"])) for row in rows(records, "internal_suspensions")
    }
    assert kept == {(100001, 2, "2024-09-13"), (100002, None, "2024-09-14")}
    found = {
        (row["stage"], row["year"], row["result"], str(row["taken_by"]))
        for row in rows(records, "attainment")
    }
    assert found == {
        ("ks2", 2023, "104", "2023-07-31"), ("phonics", 2017, "32", "2017-07-31"),
        ("ks1", 2018, "not_met", "2018-07-31"), ("eyfs", 2016, "absent", "2016-07-31"),
    }  # fmt: skip


def test_without_them_a_store_is_as_it_was(tmp_path):
    _, records = stored(tmp_path)
    assert records.late_tables == frozenset()
    folders = {path.name for path in (tmp_path / "store").iterdir() if path.is_dir()}
    assert not folders & {"internal_suspensions", "attainment"}
    (census,) = (tmp_path / "store" / "census").glob("*.parquet")
    assert set(pq.read_schema(census).names) == set(STORED["census"]) - {"fsm_category", "idaci_vintage"}
    assert {row["fsm_category"] for row in rows(records, "census")} == {None}


def test_the_other_tables_and_features_are_the_same_bytes_with_them_and_without(tmp_path):
    """The same key, so that pseudonyms agree; only the hash of all the records differs."""
    write_extract(tmp_path / "without", base())
    write_extract(tmp_path / "with", base() | {"internal_suspensions": INTERNAL, "attainment": ATTAINMENT})
    import_extract(tmp_path / "without", tmp_path / "a", tmp_path / "identities")
    import_extract(tmp_path / "with", tmp_path / "b", tmp_path / "identities")
    for path in (tmp_path / "a").rglob("*.parquet"):
        other = tmp_path / "b" / path.relative_to(tmp_path / "a")
        if path.name != "coverage.parquet":
            assert path.read_bytes() == other.read_bytes(), path.name
    one, two = open_store(tmp_path / "a"), open_store(tmp_path / "b")
    assert one.data_hash != two.data_hash
    on = one.authority.authority.extracted_on.replace(month=7, day=18)
    (left,), (right,) = feature_matrix(one, [on]), feature_matrix(two, [on])
    assert right.select(left.column_names).equals(left)
    assert len(right.column_names) > len(left.column_names)


WRONG = {
    "a result that is none": ("attainment", {"result": "good"}, "unknown_code"),
    "a mark of phonics in key stage 2": ("attainment", {"result": "40"}, "out_of_range"),
    "a score below the scale": ("attainment", {"result": "79"}, "out_of_range"),
    "a score above it": ("attainment", {"result": "121"}, "out_of_range"),
    "a stage that is none": ("attainment", {"stage": "ks9"}, "unknown_code"),
    "a year to come": ("attainment", {"year": "2026"}, "future_date"),
    "a school year that is none": ("attainment", {"year": "2022/24"}, "out_of_range"),
    "a blank year": ("attainment", {"year": ""}, "required_blank"),
    "nobody": ("attainment", {"upn": upn(99)}, "unknown_pupil"),
    "no session": ("internal_suspensions", {"sessions": "0"}, "out_of_range"),
    "more than 100 sessions": ("internal_suspensions", {"sessions": "101"}, "out_of_range"),
    "a reason that is none": ("internal_suspensions", {"reason_1": "ZZ"}, "unknown_code"),
    "a day to come": ("internal_suspensions", {"start_date": "2025-09-01"}, "future_date"),
    "a school of nowhere": ("internal_suspensions", {"urn": "999999"}, "unknown_school"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_row_that_breaks_a_rule_is_rejected_under_it(case, tmp_path):
    table, wrong, rule = WRONG[case]
    good = {"internal_suspensions": INTERNAL, "attainment": ATTAINMENT}[table]
    write_extract(tmp_path, base() | {table: [*good, good[0] | wrong]})
    report = check_extract(tmp_path, reject_limit=0.9)
    assert report.tables[table].rejected == {rule: 1}


@pytest.mark.parametrize("result", ["80", "120", "MET", "not_met", "Absent"])
def test_results_at_the_ends_of_the_scale_and_in_any_case(result, tmp_path):
    write_extract(tmp_path, base() | {"attainment": [ATTAINMENT[0] | {"result": result}]})
    assert check_extract(tmp_path).tables["attainment"].kept == 1


def test_the_category_of_free_school_meals_is_kept(tmp_path):
    census = [row | {"fsm_category": "EFSM", "idaci_vintage": "2025"} for row in base()["census"]]
    _, records = stored(tmp_path, census=census)
    assert {(row["fsm_category"], row["idaci_vintage"]) for row in rows(records, "census")} == {
        ("EFSM", 2025)
    }
