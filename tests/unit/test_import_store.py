"""What import stores and notes: known-on dates, notes, coverage, identities, pages."""

import gc
import html
import json
import stat
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from features.calendar import Calendar
from features.errors import StoreRefused
from features.records.check import RULES
from features.records.coverage import unusual_rates
from features.records.identities import names_for, pseudonym, spelled
from features.records.importing import check_extract, import_extract
from features.records.layout import STORED
from features.records.rejected import SENTENCES, SHORT, spans
from features.records.store import open_store
from features.tables import TABLES
from tests.extracts import ACADEMY, FORENAMES, SCHOOL, SURNAME, base, names, upn, write_extract
from tests.small import AUTHORITY, authority


def stored(tmp_path, tables, toml=AUTHORITY):
    write_extract(tmp_path / "extract", tables, authority=toml)
    report = import_extract(tmp_path / "extract", tmp_path / "store", tmp_path / "identities", reject_limit=1)
    return report, open_store(tmp_path / "store")


def test_tables_have_the_columns_and_types_of_the_store(tmp_path):
    tables = base() | {
        "support": [
            {"upn": upn(0), "kind": "targeted", "start_date": "2024-09-20", "end_date": "2024-10-04"}
        ],
        "withheld": [{"upn": upn(1), "reason": "restricted", "from": "2024-09-01", "to": ""}],
        "internal_suspensions": [{"upn": upn(0), "urn": SCHOOL, "start_date": "2024-09-20", "sessions": "2"}],
        "attainment": [{"upn": upn(0), "stage": "ks2", "subject": "maths", "year": "2023", "result": "99"}],
    }
    _, records = stored(tmp_path, tables)
    for name, columns in STORED.items():
        schema = records.tables[name].schema()
        assert {column: str(kind).rstrip("!") for column, kind in schema.items()} == columns
        assert records.tables[name].count().execute() == len(tables[name])
        if "known_on" in columns:
            assert records.tables[name].known_on.isnull().sum().execute() == 0
    facts = json.loads((tmp_path / "store/store.json").read_text())
    assert facts["is_made_up"] is True
    assert json.loads((tmp_path / "store/report.json").read_text())["tables"]["roll"]["kept"] == 6


def test_known_on_is_what_was_recorded_else_the_lag_of_table_and_year(tmp_path):
    lags = '[lag_days]\nsuspensions = { default = 3, "2023/24" = 200 }\n'
    tables = base()
    tables["suspensions"].append(
        tables["suspensions"][1] | {"category": "SUSP", "sessions": "2", "start_date": "2024-06-05"}
    )
    _, records = stored(tmp_path, tables, AUTHORITY + lags)
    rows = records.tables["suspensions"].order_by("start_date").to_pandas()
    known = [str(day)[:10] for day in rows.known_on]
    assert known == ["2024-12-22", "2024-09-12", "2024-09-14", "2024-09-20"]
    spells = records.tables["involvements"].order_by("start_date").to_pandas()
    assert [str(day)[:10] for day in spells.known_on] == ["2023-10-09", "2023-11-13"]
    assert str(spells.end_known_on[0])[:10] == "2024-02-08"
    assert spells.end_known_on.isna().tolist() == [False, True]


def test_an_end_is_known_when_it_was_recorded(tmp_path):
    tables = base()
    for row in tables["roll"]:
        row.update(recorded_on="", end_recorded_on="")
    tables["roll"][0].update(leaving_date="2024-07-19", end_recorded_on="2024-09-30", leaving_reason="moved")
    tables["roll"][1].update(leaving_date="2024-07-19")
    _, records = stored(tmp_path, tables)
    ends = records.tables["roll"].filter(lambda t: t.leaving_date.notnull()).end_known_on.execute()
    assert sorted(str(day)[:10] for day in ends) == ["2024-07-24", "2024-09-30"]


@pytest.mark.parametrize("table", ["census", "attendance"])
def test_a_bulk_load_is_reported_and_the_lag_applies_instead(table, tmp_path):
    tables = base()
    for place, row in enumerate(tables[table]):
        row["recorded_on"] = "2025-08-01" if place else "2025-07-01"
    report, records = stored(tmp_path, tables)
    rows = len(tables[table])
    assert report.bulk_recorded_on == {table: {"recorded_on": "2025-08-01", "rows": rows - 1}}
    known = [str(day)[:10] for day in records.tables[table].known_on.execute()]
    assert sorted(known)[-1] == "2025-07-01"
    assert "2025-08-01" not in known


def test_notes(tmp_path):
    tables = base()
    event = tables["suspensions"][0]
    tables["suspensions"] += [
        event | {"sessions": "6", "recorded_on": "2024-09-25"},
        tables["suspensions"][1] | {"outcome": "", "outcome_on": ""},
        event | {"urn": ACADEMY, "start_date": "2024-11-11"},
        tables["suspensions"][2] | {"start_date": "2023-08-15"},
        tables["suspensions"][2] | {"start_date": "2023-07-15"},
    ]
    tables["involvements"].append({"upn": "", "kind": "cin", "start_date": "2024-01-08", "end_date": ""})
    report, records = stored(tmp_path, tables)
    assert report.as_dict()["tables"]["suspensions"]["notes"] == {"versions": 2, "off_roll": 2}
    assert report.as_dict()["tables"]["involvements"]["notes"] == {"unlinked": 1}
    assert report.tables["suspensions"].kept == 8
    assert records.tables["involvements"].pupil.isnull().sum().execute() == 1


def marks(pupil, days, am="/", pm="\\", urn=SCHOOL):
    return [{"upn": upn(pupil), "urn": urn, "date": str(day), "am": am, "pm": pm} for day in days]


def school_days(count, last=date(2025, 7, 18)):
    days = Calendar.of(authority()).days
    return days[days <= last][-count:].tolist()


def test_schools_whose_code_e_and_suspensions_disagree_are_named(tmp_path):
    days = school_days(60)
    tables = base()
    tables["attendance"] = [
        *marks(0, days[:5], "E", "E"),  # ten sessions, told
        *marks(1, days[:4], "E", "E"),  # eight of which nobody was told
        *marks(2, days[:3], "E", "E"),
        *marks(3, days, urn=ACADEMY),
        *marks(0, days[5:]),
    ]
    tables["suspensions"] = [
        {"upn": upn(0), "urn": SCHOOL, "category": "SUSP", "start_date": str(days[0]), "sessions": "10"},
    ] + [
        {"upn": upn(3), "urn": ACADEMY, "category": "SUSP", "start_date": str(days[place]), "sessions": "1"}
        for place in range(0, 50, 10)
    ]
    report, _ = stored(tmp_path, tables)
    assert report.under_notified == [
        {"urn": int(SCHOOL), "sessions": 14, "suspensions_not_told": 2, "suspensions_without_e": 0},
        {"urn": int(ACADEMY), "sessions": 0, "suspensions_not_told": 0, "suspensions_without_e": 5},
    ]


def test_code_e_of_a_long_suspension_or_a_permanent_exclusion_is_not_untold(tmp_path):
    days = school_days(60)
    tables = base()
    tables["attendance"] = [
        *marks(0, days[:12], "E", "E"),
        *marks(1, days[:8], "E", "E"),
        *marks(3, days, urn=ACADEMY),
    ]
    tables["suspensions"] = [
        {"upn": upn(0), "urn": SCHOOL, "category": "SUSP", "start_date": str(days[0]), "sessions": "30"},
        {"upn": upn(1), "urn": SCHOOL, "category": "PERM", "start_date": str(days[0]), "sessions": ""},
    ]
    report, _ = stored(tmp_path, tables)
    assert report.under_notified == []


def test_suspensions_from_before_the_registers_are_not_held_against_a_school(tmp_path):
    days = school_days(70)
    tables = base()
    tables["attendance"] = [*marks(0, days[60:]), *marks(3, days[60:], urn=ACADEMY)]
    tables["suspensions"] = [
        {"upn": upn(3), "urn": ACADEMY, "category": "SUSP", "start_date": str(days[place]), "sessions": "1"}
        for place in range(0, 50, 10)
    ]
    report, _ = stored(tmp_path, tables)
    assert report.under_notified == []


@pytest.mark.parametrize(("behind", "late"), [(10, False), (11, True)])
def test_late_feeds(behind, late, tmp_path):
    days = school_days(40)
    tables = base()
    tables["attendance"] = marks(0, days[:-behind]) + marks(3, days, urn=ACADEMY)
    report, records = stored(tmp_path, tables)
    assert report.data_end == "2025-07-18"
    expected = [{"urn": int(SCHOOL), "last_date": str(days[-behind - 1])}]
    assert report.late_feeds == (expected if late else [])
    coverage = records.coverage.set_index(["table", "urn"]).loc[("attendance", int(SCHOOL))]
    assert (str(coverage.first_day)[:10], int(coverage.rows)) == (str(days[0]), 40 - behind)


def test_a_school_that_closed_is_not_late(tmp_path):
    days = school_days(40)
    tables = base()
    tables["attendance"] = marks(0, days[:-20]) + marks(3, days, urn=ACADEMY)
    tables["schools"][0]["closed_on"] = str(days[-20])
    report, _ = stored(tmp_path, tables)
    assert report.late_feeds == []


def test_rates_against_a_schools_own_history():
    calendar = Calendar.of(authority())
    days = calendar.days.astype("int64")
    frame = pd.DataFrame({"urn": 100001, "day": days, "possible": 200, "absent": 14})
    frame["absent"] += np.arange(len(frame)) % 3
    other = frame.assign(urn=100002)
    half = next(one for one in calendar.half_terms if (one.year, one.name) == ("2023/24", "spring_2"))
    is_odd = frame["day"].between(
        *(np.datetime64(day, "D").astype("int64") for day in (half.first, half.last))
    )
    frame.loc[is_odd, "absent"] = 60
    assert unusual_rates(pd.concat([frame, other]), calendar) == [
        {"urn": 100001, "half_term": "2023/24 spring_2", "share_absent": 0.3, "usual": 0.075}
    ]
    assert unusual_rates(frame.assign(possible=2, absent=1), calendar) == []


def test_pseudonyms_are_keyed_and_the_same_under_the_same_key(tmp_path):
    tables = base() | {"names": names()}
    _, records = stored(tmp_path, tables)
    key = (tmp_path / "identities/key").read_bytes()
    pupils = set(records.tables["roll"].pupil.execute())
    assert pupils == {pseudonym(key, upn(number)) for number in range(6)}
    import_extract(tmp_path / "extract", tmp_path / "again", tmp_path / "identities")
    assert set(open_store(tmp_path / "again").tables["roll"].pupil.execute()) == pupils
    import_extract(tmp_path / "extract", tmp_path / "other", tmp_path / "other-identities")
    assert not set(open_store(tmp_path / "other").tables["roll"].pupil.execute()) & pupils


def test_identities_are_for_their_owner_alone(tmp_path):
    stored(tmp_path, base() | {"names": names()})
    folder = tmp_path / "identities"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert stat.S_IMODE((tmp_path / "store/rejected").stat().st_mode) == 0o700


def test_names_for_lists_and_names_of_before_stay(tmp_path):
    _, records = stored(tmp_path, base() | {"names": names()[:5]})
    found = names_for(tmp_path / "identities")
    assert set(found.index) == set(records.tables["roll"].pupil.execute())
    assert list(found.columns) == ["upn", "forename", "surname"]
    key = (tmp_path / "identities/key").read_bytes()
    assert found.loc[pseudonym(key, upn(1))].tolist() == [upn(1), FORENAMES[1], SURNAME]
    assert found.loc[pseudonym(key, upn(5))].tolist() == [upn(5), "", ""]
    later = base() | {"names": [{"upn": upn(5), "forename": "Una", "surname": "Vane"}]}
    write_extract(tmp_path / "later", later)
    import_extract(tmp_path / "later", tmp_path / "later-store", tmp_path / "identities")
    found = names_for(tmp_path / "identities")
    assert found.forename.to_dict()[pseudonym(key, upn(1))] == FORENAMES[1]
    assert found.forename.to_dict()[pseudonym(key, upn(5))] == "Una"


def test_a_pupil_under_a_new_upn_is_named_by_the_new_one(tmp_path):
    tables = base() | {"names": names()}
    tables["roll"][0]["leaving_date"] = "2024-07-19"
    tables["roll"].append(
        tables["roll"][0]
        | {"upn": upn(60), "entry_date": "2024-09-02", "leaving_date": "", "former_upn": upn(0)}
    )
    stored(tmp_path, tables)
    key = (tmp_path / "identities/key").read_bytes()
    found = names_for(tmp_path / "identities")
    assert found.loc[pseudonym(key, upn(60)), "upn"] == upn(60)
    assert found.loc[pseudonym(key, upn(60)), "forename"] == FORENAMES[0]
    assert pseudonym(key, upn(0)) not in found.index


def test_spelled():
    assert spelled(-1) == "7777-7777-77776"
    assert spelled(0) == "aaaa-aaaa-aaaaa"
    assert spelled(1) != spelled(256)


def test_pages_name_places_and_no_values(tmp_path):
    tables = base() | {"names": names()}
    tables["schools"][0]["name"] = "Elm & Ash <School>"
    for place in (2, 3, 4, 8):
        tables["attendance"][place]["am"] = "!!"
    tables["involvements"][0]["kind"] = "unheard of"
    write_extract(tmp_path / "extract", tables)
    (tmp_path / "extract/roll 2025.csv").write_text("not read")
    report = check_extract(tmp_path / "extract", reject_limit=1, pages=tmp_path / "pages")
    assert "roll 2025.csv (looks like roll)" in report.closing_lines()[1]
    page = (tmp_path / f"pages/{SCHOOL}.html").read_text()
    assert "Elm &amp; Ash &lt;School&gt; (100001)" in page
    assert "attendance.csv, lines 4 to 6, 10<" in page
    assert "involvements.csv, line 2<" in (tmp_path / "pages/authority.html").read_text()
    every = "".join(path.read_text() for path in (tmp_path / "pages").iterdir())
    assert not any(value in every for value in ("!!", "unheard of", SURNAME, *map(upn, range(6))))
    assert "Nothing is wrong with what this school sent" in (tmp_path / f"pages/{ACADEMY}.html").read_text()
    assert "Nothing is wrong" not in page
    index = (tmp_path / "pages/index.html").read_text()
    assert all(line in html.unescape(index) for line in report.closing_lines())


def test_every_rule_has_a_sentence():
    assert set(SENTENCES) == set(SHORT) == set(RULES)


def test_spans():
    assert spans([2, 3, 4, 7, 9, 10]) == "2 to 4, 7, 9 to 10"
    assert spans(range(0, 1000, 2)).endswith("and 100 more places")


def test_rejected_names_stay_out_of_the_store(tmp_path):
    tables = base() | {"names": [*names(), {"upn": "A1", "forename": "Zenobia", "surname": "Yaxley"}]}
    stored(tmp_path, tables)
    assert not (tmp_path / "store/rejected/names.parquet").exists()
    assert not (tmp_path / "store/names").exists()
    lost = pq.read_table(tmp_path / "identities/rejected_names.parquet").to_pylist()
    assert [row["surname"] for row in lost] == ["Yaxley"]
    everything = b"".join(path.read_bytes() for path in (tmp_path / "store").rglob("*") if path.is_file())
    assert not any(name.encode() in everything for name in ("Yaxley", SURNAME, *FORENAMES))


def test_every_table_with_a_date_has_coverage(tmp_path):
    _, records = stored(tmp_path, base())
    dated = {name for name in base() if TABLES[name].date}
    assert set(records.coverage["table"]) == dated
    assert records.coverage[records.coverage["table"] == "involvements"].urn.isna().all()
    report = json.loads((tmp_path / "store/report.json").read_text())
    school = {
        "table": "attendance",
        "urn": int(SCHOOL),
        "first_day": "2024-09-03",
        "last_day": "2024-09-05",
        "rows": 9,
    }
    assert school in report["coverage"]


def test_what_memory_does_not_hold_lies_in_a_private_folder_that_goes_with_the_records(tmp_path, monkeypatch):
    """DuckDB's own default is `.tmp` wherever the command runs: a child's records in a synchronised folder."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    _, records = stored(tmp_path, base())
    setting = "SELECT current_setting('temp_directory')"
    ((folder,),) = records.connection.raw_sql(setting).fetchall()
    assert Path(folder).parent == tmp_path / "temporary" and Path(folder).stat().st_mode & 0o077 == 0
    del records
    gc.collect()
    assert not Path(folder).exists()


@pytest.mark.parametrize("number", [1, 3, None])
def test_a_store_of_another_format_is_refused(number, tmp_path):
    (tmp_path / "store.json").write_text(json.dumps({"format": number, "data_hash": ""}))
    with pytest.raises(StoreRefused) as refused:
        open_store(tmp_path)
    assert f"is a record store of format {number}; this version reads 2" in str(refused.value)
    assert "Import the extract again" in str(refused.value)
