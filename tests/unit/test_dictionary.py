"""The feature dictionary: every declared feature, in words."""

import re
from dataclasses import replace
from string import Formatter

from features.dictionary import EXAMPLES, dictionary, entries
from features.matrix import FEATURES


def test_every_feature_is_there_in_declared_order() -> None:
    assert re.findall(r"^### (\w+)$", dictionary(FEATURES), re.MULTILINE) == [
        feature.name for feature in FEATURES
    ]
    assert [entry["name"] for entry in entries(FEATURES)] == [feature.name for feature in FEATURES]


def test_sentences_use_only_the_placeholders_there_are() -> None:
    used = {
        (feature.name, field)
        for feature in FEATURES
        for _, field, _, _ in Formatter().parse(feature.sentence)
        if field is not None
    }
    assert {(name, field) for name, field in used if field not in EXAMPLES} == set()


def test_nothing_a_reader_needs_is_blank() -> None:
    needed = ("family", "counts", "unit", "empty", "direction", "example", "source")
    blank = [(entry["name"], key) for entry in entries(FEATURES) for key in needed if not entry[key].strip()]
    assert blank == []
    assert [entry["name"] for entry in entries(FEATURES) if re.search(r"[{}]", entry["example"])] == []


def test_no_name_that_only_the_code_has_is_in_it() -> None:
    said = {(entry["name"], key, text) for entry in entries(FEATURES) for key, text in entry.items()}
    places = {"name", "source", "sensitivity"}  # where names of files and keys belong
    assert [
        each for each in said if each[1] not in places and re.search(r"`|[a-zA-Z]_[a-zA-Z]", each[2])
    ] == []


def test_it_says_when_a_feature_is_missing_for_everybody() -> None:
    assert "records do not reach" in " ".join(dictionary(FEATURES).partition("##")[0].split())


def test_an_entry_says_what_is_declared() -> None:
    declared = {feature.name: feature for feature in FEATURES}
    late = declared["num_sessions_part_time_60"]
    found = {entry["name"]: entry for entry in entries(FEATURES)}
    assert found[late.name]["available_from"] == "2024-08-19"
    assert found[late.name]["look_back"] == "60 school days"
    assert (
        found["share_missed_20"]["example"] == "Missed 23 % of possible sessions in the last 20 school days."
    )
    assert "youth_justice" in found["is_youth_justice_open"]["sensitivity"]
    assert found["days_since_suspension"]["direction"] == "more of it can only lower the estimate"


def test_a_bar_in_a_declaration_does_not_break_the_table() -> None:
    text = dictionary([replace(FEATURES[0], empty="One | two.")])
    assert "| empty | One \\| two. |" in text
