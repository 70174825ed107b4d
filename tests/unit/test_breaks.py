"""Breaks in time: England's table, an authority's own, and the look-backs that reach into one."""

import csv
import tomllib
from datetime import date
from importlib.resources import files

import pytest

from features.contract.breaks import DOES, HITS, KINDS, SCOPES, breaks, first_day, hitting
from features.errors import AuthorityRefused
from features.matrix import feature_matrix
from features.records.authority import read_authority
from tests import small
from tests.extracts import write_extract

REAL = small.AUTHORITY.replace("is_made_up = true\n", "")
GO_LIVE = '\n[[breaks]]\nname = "family_help"\nfirst_day = 2025-03-03\n'
OWN = """
[[breaks]]
name = "new_system"
first_day = 2025-01-06
kind = "feature"
hits = ["attendance"]
features = "missing"
sentence = "Registers come from another system since January 2025."
"""


def rows():
    with files("features.contract").joinpath("breaks.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def of(toml):
    return {one.name: one for one in breaks(small.authority(toml))}


def test_every_row_of_the_table_can_be_read():
    wrong = [
        f"{row['name']}: {column} {row[column]}"
        for row in rows()
        for column, words in (DOES | {"kind": KINDS, "scope": SCOPES, "in_made_up": ("yes", "no")}).items()
        if row[column] not in words
    ]
    wrong += [
        f"{row['name']}: hits {hit}" for row in rows() for hit in row["hits"].split() if hit not in HITS
    ]
    wrong += [
        f"{row['name']}: no {column}"
        for row in rows()
        for column in ("sentence", "source", "certainty")
        if not row[column]
    ]
    wrong += [
        f"{row['name']}: on_card" for row in rows() if (row["cards"] == "sentence") != bool(row["on_card"])
    ]
    wrong += [
        f"{row['name']}: first_day"
        for row in rows()
        if bool(row["first_day"]) == (row["scope"] == "authority")
    ]
    assert not wrong
    assert len({row["name"] for row in rows()}) == len(rows())


def test_each_break_of_the_design_is_there_on_its_day():
    days = {row["name"]: row["first_day"] for row in rows()}
    assert days == {
        "covid_closures": "2020-03-23", "attendance_codes": "2024-08-19", "family_help": "", "idaci_vintage": "2025-10-30",
        "internal_suspension": "2026-01-29", "sen_levels": "2026-02-23", "reason_codes": "2026-05-01",
        "ethnicity_codes": "2026-05-01", "exclusions_guidance": "2026-07-26", "free_school_meals": "2026-09-01",
    }  # fmt: skip
    assert first_day("attendance_codes") == date(2024, 8, 19)


def test_what_the_facts_page_marks_to_be_checked_says_so():
    to_check = {one.name for one in of(REAL).values() if one.must_check}
    assert {"exclusions_guidance", "reason_codes", "ethnicity_codes"} <= to_check
    assert "attendance_codes" not in to_check


def test_made_up_records_have_no_closures_and_real_ones_do():
    assert "covid_closures" not in of(small.AUTHORITY)
    assert of(REAL)["covid_closures"].last_day == date(2021, 7, 31)


def test_family_help_is_there_only_where_the_authority_names_its_day():
    assert "family_help" not in of(REAL)
    assert of(REAL + GO_LIVE)["family_help"].first_day == date(2025, 3, 3)


def test_an_authority_adds_its_own_in_order_of_day():
    found = breaks(small.authority(REAL + OWN))
    assert [one.first_day for one in found] == sorted(one.first_day for one in found)
    assert "new_system" in [one.name for one in hitting(found, ["attendance"])]
    assert "new_system" not in [one.name for one in hitting(found, ["suspensions"])]


@pytest.mark.parametrize(
    ("first", "last", "is_touched"),
    [
        ("2024-08-18", "2024-08-19", True),
        ("2024-08-19", "2024-09-30", False),
        ("2024-07-01", "2024-08-18", False),
    ],
    ids=["its first day is the last", "its first day is the first", "the day before is the last"],
)
def test_a_lasting_break_is_straddled_from_one_side_to_the_other(first, last, is_touched):
    one = of(REAL)["attendance_codes"]
    assert one.touches(date.fromisoformat(first), date.fromisoformat(last)) is is_touched


@pytest.mark.parametrize(
    ("first", "last", "is_touched"),
    [("2021-07-31", "2021-12-01", True), ("2021-08-01", "2021-12-01", False), ("2019-01-01", "2020-03-23", True), ("2019-01-01", "2020-03-22", False)],
    ids=["its last day", "the day after", "its first day", "the day before"],
)  # fmt: skip
def test_what_passed_again_is_reached_from_any_side(first, last, is_touched):
    one = of(REAL)["covid_closures"]
    assert one.touches(date.fromisoformat(first), date.fromisoformat(last)) is is_touched


EVERYONE = {
    "roll": "pupil|urn|enrolment_status|entry_date|birth_date\n1|100002|C|2020-09-07|2010-01-01",
    "attendance": "pupil|urn|date|am|pm\n1|100002|2020-09-07|/|\\\n1|100002|2021-09-20|/|O\n1|100002|2024-12-19|/|O\n1|100002|2025-01-07|/|O\n1|100002|2021-10-20|/|O\n1|100002|2025-02-12|/|O",
    "suspensions": "pupil|urn|category|start_date|sessions\n1|100002|SUSP|2020-09-08|1\n1|100002|SUSP|2021-09-20|2",
}


def matrix(toml, on):
    (table,) = feature_matrix(small.records(toml=toml, **EVERYONE), [on])
    return table.to_pylist()[0]


def test_look_backs_that_reach_into_the_closures_are_missing():
    """Twenty school days before 22 October 2021 lie after July 2021, sixty do not."""
    on = date(2021, 10, 22)
    real, made_up = (matrix(toml, on) for toml in (REAL, small.AUTHORITY))
    assert real["num_suspensions_20"] == made_up["num_suspensions_20"] is not None
    assert real["share_missed_20"] == made_up["share_missed_20"] is not None
    for name in (
        "num_suspensions_60",
        "share_missed_60",
        "change_share_missed_20",
        "change_num_suspensions_60",
    ):
        assert real[name] is None, name
    assert made_up["num_suspensions_60"] == 1
    assert real["num_sessions_towards_15_days"] == 2  # of this term, and no look-back


def test_at_a_later_date_nothing_of_it_is_missing():
    on = date(2023, 7, 21)
    assert matrix(REAL, on) == matrix(small.AUTHORITY, on)


def test_look_backs_that_straddle_an_authoritys_own_break_are_missing_of_that_table_alone():
    on = date(2025, 2, 14)
    before, after = matrix(REAL, on), matrix(REAL + OWN, on)
    assert before["share_missed_60"] is not None
    assert after["share_missed_60"] is None
    assert after["share_missed_20"] == before["share_missed_20"] is not None
    changed = {name for name in before if before[name] != after[name]}
    assert changed
    assert not [name for name in changed if "suspensions" in name and "school" not in name]


WRONG = {
    "a name of its own with nothing said": ('[[breaks]]\nname = "familly_help"\nfirst_day = 2025-01-06\n', "breaks: familly_help needs kind, hits and sentence. The nearest name is family_help"),
    "a kind that is none": (OWN.replace('"feature"', '"labell"'), "breaks, number 1, kind: nothing is called labell. The nearest name is label"),
    "a hit that is none": (OWN.replace('"attendance"', '"attendence"'), "breaks, number 1, hits: nothing is called attendence. The nearest name is attendance"),
    "a key that is none": (OWN.replace("first_day", "frist_day"), "breaks, number 1: nothing is called frist_day. The nearest name is first_day"),
    "ends before it begins": (OWN + "last_day = 2025-01-05\n", "breaks: new_system ends before it begins"),
    "twice": (OWN + OWN, "breaks: new_system is there twice"),
    "England's with a kind": (GO_LIVE + 'kind = "label"\n', "breaks: family_help is known"),
    "missing at some schools": (OWN + "schools = [100001]\n", "so it cannot be of some schools"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_breaks_that_cannot_be_are_refused(case, tmp_path):
    text, words = WRONG[case]
    write_extract(tmp_path, authority=small.AUTHORITY + text)
    with pytest.raises(AuthorityRefused) as error:
        read_authority(tmp_path)
    assert any(words in breach for breach in error.value.breaches), error.value.breaches
    assert all(breach.startswith("authority.toml, ") for breach in error.value.breaches)


def test_a_break_of_one_day_is_one(tmp_path):
    write_extract(tmp_path, authority=small.AUTHORITY + OWN + "last_day = 2025-01-06\n")
    assert read_authority(tmp_path).breaks[0].last_day == date(2025, 1, 6)


def test_toml_without_breaks_has_none():
    assert "breaks" not in tomllib.loads(small.AUTHORITY)
    assert small.authority().breaks == ()
