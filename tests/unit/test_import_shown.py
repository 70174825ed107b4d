"""What may stand in a message: no name under other accents, and no UPN in groups."""

import unicodedata

import pytest

from features.records.header import unknown_own_names
from features.records.shown import words_of
from tests.extracts import upn


@pytest.fixture
def names(tmp_path):
    path = tmp_path / "names.csv"
    path.write_text(f"upn,forename,surname\n{upn(0)},Zoë,Müllerová\n{upn(1)},Rene,Garcon\n", encoding="utf-8")
    return words_of([path])


@pytest.mark.parametrize("name", ["Zoë", "Zoe", "MÜLLEROVÁ", "Mullerova", "René", "Garçon"])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_name_under_other_accents_is_a_name(name, form, names):
    text = unicodedata.normalize(form, name)
    assert names.is_value(text)
    assert not names.is_plain(f"class {text}")
    assert text not in names.path(f"{text}.csv")


U = upn(0)
GROUPS = [f"{U[0]} {U[1:4]} {U[4:8]} {U[8:]}", f"{U[:3]}-{U[3:7]}_{U[7:]}".lower(), f"{U[:5]}.{U[5:]}"]


@pytest.mark.parametrize("text", GROUPS)
def test_a_upn_in_groups_is_one(text, names):
    assert names.is_value(text)
    assert names.path(f"{text}.csv") == "(name not shown).csv"


@pytest.mark.parametrize("text", ["Sum 2020 2021 2022", "Attended 2022-23 2023-24", "Ward"])
def test_years_are_no_upn(text, names):
    assert not names.is_value(text)
    assert names.is_plain(text)


@pytest.mark.parametrize("own", [upn(0), GROUPS[0], "Mullerova"])
def test_a_value_among_the_own_names_of_columns_is_not_printed(own, names):
    (breach,) = unknown_own_names("census", [own], [["upn"]], names)
    assert own not in breach
    assert "(a name not shown)" in breach
