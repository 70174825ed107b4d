"""The withheld table fails closed: what cannot be read protects more, and a row of nobody stops the import."""

from datetime import date

import pyarrow.parquet as pq
import pytest

from features.as_of import AsOfDates
from features.calendar import Calendar
from features.cohort import cohort
from features.errors import ExtractRefused
from features.records.importing import check_extract, import_extract
from features.records.store import open_store
from tests.extracts import base, temporary_upn, upn, write_csv, write_extract

DAY = date(2025, 6, 30)


def write(folder, rows):
    write_extract(folder)
    write_csv(folder / "withheld.csv", rows, header=["upn", "reason", "from", "to"])
    return folder


def reason(tmp_path, *rows):
    """Why the child of the rows is not assessed on 30 June 2025, and the report."""
    write(tmp_path / "extract", rows)
    found = import_extract(tmp_path / "extract", tmp_path / "store", tmp_path / "identities")
    records = open_store(tmp_path / "store")
    people = cohort(records, AsOfDates.of([DAY], Calendar.of(records.authority))).to_pandas()
    assert len(people) == 6
    why = people["not_assessed_reason"].dropna().tolist()
    return (why[0] if why else None), found


def row(number=0, **cells):
    return {"upn": upn(number), "reason": "restricted", "from": "2024-09-01", "to": ""} | cells


PROTECTED = {
    "as it should be": ({}, "restricted", {}),
    "no first day": ({"from": ""}, "restricted", {"open_from": 1}),
    "a first day that is none": ({"from": "2025-02-30"}, "restricted", {"open_from": 1}),
    "a first day in words": ({"from": "since birth"}, "restricted", {"open_from": 1}),
    "a first day after the extract": ({"from": "2205-01-01"}, "restricted", {"open_from": 1}),
    "the day of the extract": ({"from": "2025-08-31"}, None, {}),
    "a last day that is none": ({"to": "2025-02-30"}, "restricted", {"open_to": 1}),
    "a last day of a time before": ({"to": "1900-01-00"}, "restricted", {"open_to": 1}),
    "an empty last day of Excel": ({"from": "", "to": "1900-01-01"}, "restricted", {"open_from": 1, "open_to": 1}),
    "a last day before the first": ({"from": "2025-01-01", "to": "2024-01-01"}, "restricted", {"open_from": 1, "open_to": 1}),
    "the same day twice": ({"from": "2025-06-30", "to": "2025-06-30"}, "restricted", {}),
    "over": ({"to": "2025-06-29"}, None, {}),
    "a placeholder of the system for a last day": ({"from": "", "to": "2000-01-01"}, "restricted", {"open_from": 1, "open_to": 1}),
    "a last day before the child was on any roll": ({"from": "2016-09-01", "to": "2023-09-03"}, "restricted", {"open_to": 1}),
    "a last day at exactly the first on a roll": ({"from": "2016-09-01", "to": "2023-09-04"}, None, {}),
    "a reason of their own": ({"reason": "adopted"}, "restricted", {"as_restricted": 1}),
    "no reason": ({"reason": ""}, "restricted", {"as_restricted": 1}),
    "an objection": ({"reason": "Objection "}, "objection", {"case": 1, "trimmed": 1}),
    "an objection without a day": ({"reason": "objection", "from": ""}, "objection", {"open_from": 1}),
}  # fmt: skip


@pytest.mark.parametrize("case", PROTECTED)
def test_what_cannot_be_read_protects_the_child_more(case, tmp_path):
    cells, why, repaired = PROTECTED[case]
    found_why, found = reason(tmp_path, row(**cells))
    assert found_why == why
    assert found.as_dict()["tables"]["withheld"] == {
        "read": 1, "kept": 1, "rejected": {}, "repaired": repaired, "notes": {},
    }  # fmt: skip
    told = " ".join(found.sentences())
    for rule in set(repaired) - {"case", "trimmed"}:
        assert found.protected["read_as_more"][rule] == ["withheld.csv, line 2"]
        assert "withheld.csv, line 2: the" in told


NOBODY = {
    "no UPN": row(upn=""),
    "a UPN that is none": row(upn="A1"),
    "a wrong check letter": row(upn="Z" + upn(0)[1:] if upn(0)[0] != "Z" else "A" + upn(0)[1:]),
    "a pupil of no roll": row(upn=temporary_upn(9)),
}


@pytest.mark.parametrize("case", NOBODY)
def test_a_row_that_protects_nobody_stops_the_import_until_it_is_put_right(case, tmp_path):
    write(tmp_path / "extract", [row(1), NOBODY[case], row(2)])
    for run in (
        lambda: import_extract(
            tmp_path / "extract", tmp_path / "store", tmp_path / "identities", reject_limit=1
        ),
        lambda: check_extract(tmp_path / "extract", reject_limit=1),
    ):
        with pytest.raises(ExtractRefused, match=r"^withheld.csv, line 3: a row protects nobody") as refused:
            run()
        assert len(refused.value.breaches) == 1
        assert not any(upn(number) in str(refused.value) for number in range(6))
    assert not (tmp_path / "store").exists()


def test_exact_duplicates_do_no_harm(tmp_path):
    why, found = reason(tmp_path, row(), row(), row())
    assert why == "restricted"
    assert found.tables["withheld"].rejected == {"duplicate": 2}
    assert found.protected["restricted"] == 1


def test_the_stricter_of_two_reasons_counts(tmp_path):
    why, found = reason(tmp_path, row(reason="objection"), row())
    assert why == "restricted"
    assert (found.protected["restricted"], found.protected["objection"]) == (1, 0)


def test_a_former_upn_protects_the_child_of_today(tmp_path):
    tables = base()
    for place, line in enumerate(tables["roll"]):
        line["former_upn"] = temporary_upn(1) if place == 0 else ""
    write_extract(tmp_path, tables | {"withheld": [row(upn=temporary_upn(1))]})
    assert check_extract(tmp_path).protected["restricted"] == 1


CLAIMS = {
    "no claim": ([{}, {}], [0], 0),
    "born on another day": ([{"leaving_date": "2025-05-30"}, {"former_upn": upn(0), "birth_date": "2010-01-06"}], [0, 1], 1),
    "on roll at once": ([{"leaving_date": "2025-06-06"}, {"former_upn": upn(0)}], [0, 1], 1),
    "an end that was not recorded": ([{}, {"former_upn": upn(0)}], [0, 1], 1),
    "a row that is rejected": ([{"leaving_date": "2025-05-30"}, {}, {"former_upn": upn(0), "entry_date": "2025-06-31"}], [0, 1], 1),
    "a chain": ([{}, {"former_upn": upn(0)}, {"former_upn": upn(1), "number": 2}], [0, 1, 2], 2),
    "two who claim one": ([{}, {"former_upn": upn(0)}, {"former_upn": upn(0), "number": 2}], [0, 1, 2], 2),
    "a claim that is believed": ([{"leaving_date": "2025-05-30"}, {"former_upn": upn(0)}], [1], 0),
}  # fmt: skip


@pytest.mark.parametrize("withheld", ["the former", "the latter"])
@pytest.mark.parametrize("case", CLAIMS)
def test_a_row_protects_whom_a_claim_says_to_be_the_same_child(case, withheld, tmp_path):
    claims, expected, by_claim = CLAIMS[case]
    tables = base()
    rest = [one for one in tables["roll"] if one["upn"] not in {upn(number) for number in range(3)}]
    blank = {"former_upn": "", "birth_date": "", "leaving_date": ""}
    rows = [
        tables["roll"][0] | blank | {"birth_date": "2010-01-05", "entry_date": "2023-09-04" if place == 0 else "2025-06-02"}
        | {"upn": upn(cells.get("number", min(place, 1)))} | {name: cells[name] for name in cells if name != "number"}
        for place, cells in enumerate(claims)
    ]  # fmt: skip
    tables["roll"] = rows + [one | blank for one in rest]
    on_roll = {one["upn"] for one in tables["roll"]}
    for name in ("census", "attendance", "suspensions", "involvements"):
        tables[name] = [one for one in tables[name] if one["upn"] in on_roll - {upn(0), upn(1), upn(2)}] or [
            one | {"upn": rest[0]["upn"]} for one in tables[name][:1]
        ]
    own = 0 if withheld == "the former" or case == "no claim" else 1
    write_extract(tmp_path / "extract", tables | {"withheld": [row(own)]})
    found = import_extract(tmp_path / "extract", tmp_path / "store", tmp_path / "identities", reject_limit=1)
    who = pq.read_table(tmp_path / "identities/upn.parquet").to_pandas().set_index("upn").pupil
    kept = open_store(tmp_path / "store").tables["withheld"].to_pandas()
    assert set(kept.pupil) == {who[upn(number)] for number in expected}
    assert set(kept.reason) == {"restricted"}
    assert found.protected["restricted"] == len(expected)
    assert found.protected["by_claim"] == by_claim
    (line,) = [line for line in found.closing_lines() if line.startswith("Protected:")]
    assert ("says that two UPNs are one child" in line) == bool(by_claim)
    assert found.tables["withheld"].read == 1


@pytest.mark.parametrize("column", ["upn", "reason", "from"])
def test_a_column_that_is_missing_is_refused(column, tmp_path):
    write_extract(tmp_path)
    rows = [{name: text for name, text in row().items() if name != column}]
    write_csv(tmp_path / "withheld.csv", rows, header=list(rows[0]))
    with pytest.raises(ExtractRefused, match=f"withheld.csv, column {column}: a required column is missing"):
        check_extract(tmp_path)


def test_who_is_protected_stands_in_the_closing_lines(tmp_path):
    write(tmp_path, [row(), row(1, reason="objection"), row(2, to="2024-12-31")])
    assert (
        "Protected: 1 child never named, 1 child not scored after an objection."
        in check_extract(tmp_path).closing_lines()
    )
    (tmp_path / "withheld.csv").unlink()
    assert any(line.startswith("Protected: nobody") for line in check_extract(tmp_path).closing_lines())
