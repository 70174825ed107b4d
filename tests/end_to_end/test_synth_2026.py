"""The made-up authority of 2026/27: every change of 2026 is in its records, on its day, and import reads them all."""

from datetime import date

import pandas as pd
import pytest

from features.as_of import AsOf
from features.calendar import Calendar
from features.contract.breaks import breaks
from features.first_use import first_uses
from features.groups import groups
from features.known import going_on
from features.matrix import features_for
from features.records.importing import import_extract
from features.records.store import open_store
from features.synthetic import write_authority

ON = date(2026, 12, 18)


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    folder = tmp_path_factory.mktemp("of_2026")
    write_authority(folder / "extract", pupils=1500, years=3, seed=3, law_2026=True)
    import_extract(folder / "extract", folder / "store", folder / "identities")
    return open_store(folder / "store")


def frame(records, name: str) -> pd.DataFrame:
    return records.tables[name].to_pandas()


def test_every_break_of_2026_is_one_of_its_breaks(records):
    names = {one.name: one.first_day for one in breaks(records.authority)}
    assert {
        "internal_suspension",
        "exclusions_guidance",
        "free_school_meals",
        "ethnicity_codes",
        "reason_codes",
    } <= set(names)
    assert names["family_help"] == date(2026, 1, 5)


def test_free_school_meals_have_a_category_from_the_day_and_not_before(records):
    census = frame(records, "census")
    is_after = pd.to_datetime(census["census_date"]) >= pd.Timestamp("2026-09-01")
    assert census.loc[~is_after, "fsm_category"].isna().all()
    assert {"TFSM", "EFSM"} <= set(census.loc[is_after, "fsm_category"].dropna())
    told = groups(records, AsOf(ON, Calendar.of(records.authority)).alone).fsm_eligible
    assert {"yes", "no", "expanded", "category_not_told"} <= set(told)


def test_family_help_begins_on_the_day_and_goes_on_as_what_it_was(records):
    spells = frame(records, "involvements")
    of_help = pd.to_datetime(spells.loc[spells["kind"] == "family_help", "start_date"])
    assert of_help.min() == pd.Timestamp("2026-01-05") and (of_help == of_help.min()).sum() > 10
    later = spells[spells["kind"].isin(["cin", "early_help"])]
    assert (pd.to_datetime(later["start_date"]) < pd.Timestamp("2026-01-05")).all()
    open_ = going_on(records, AsOf(date(2026, 2, 13), Calendar.of(records.authority)).alone).to_pandas()
    assert open_.loc[open_["kind"].isin(["cin", "early_help"]), "is_open"].any()


def test_new_codes_are_used_by_some_schools_from_september_2026(records):
    found = first_uses(records, AsOf(date(2027, 7, 21), Calendar.of(records.authority)))
    assert set(found["kind"]) == {"ethnicity", "reason"}
    assert min(found["first_on"]) >= date(2026, 9, 1)
    assert set(found.loc[found["kind"] == "ethnicity", "cluster"]) < set(records.schools["urn"])


def test_both_optional_tables_are_there_with_their_features(records):
    names = {feature.name for feature in features_for(records)}
    assert {"num_internal_suspensions_190", "is_eyfs_met", "share_ks2_met"} <= names
    rows = frame(records, "internal_suspensions")
    assert rows["sessions"].between(1, 90).all() and len(rows) > 50
    assert set(frame(records, "attainment")["stage"]) == {"eyfs", "phonics", "ks2"}


def test_the_vintage_of_a_decile_turns_with_the_first_census_after_the_day(records):
    calendar = Calendar.of(records.authority)
    for on, vintage in ((date(2025, 12, 19), "2019"), (date(2026, 3, 27), "2025")):
        told = groups(records, AsOf(on, calendar).alone).idaci_vintage
        assert told.mode()[0] == vintage
