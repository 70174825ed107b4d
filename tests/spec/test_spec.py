"""Every spec, every feature, against the matrix; and the oracle against the same tables."""

import pytest

from features.codes import code_set
from features.matrix import FEATURES, features_for, is_of_late_table
from features.suspensions import REASON_GROUPS
from tests import small
from tests.reference import single
from tests.spec.every import RUNS, SPECS, answers, collected
from tests.spec.specs import CUSTODY_NAMED, own_number, reference, toml_of

OFF = {"is_custody_open", "has_had_custody_380"}  # Smallshire names no condition for custody


@pytest.mark.parametrize(
    ("number", "as_of", "background"),
    [
        pytest.param(
            number,
            one.as_of,
            one.background,
            id=f"{one.words[:60]}, {one.as_of}",
            marks=pytest.mark.xdist_group(f"{one.as_of} {one.background}"),
        )
        for number, one in enumerate(SPECS)
    ],
)
def test_spec(number, as_of, background):
    told = answers(as_of, background)
    wrong = []
    for feature, by_pupil in SPECS[number].expect.items():
        for pupil, value in by_pupil.items():
            got = told[int(own_number(number, "pupil", str(pupil)))][feature]
            if got != single(value):
                wrong.append(f"{feature} of pupil {pupil}: {got}, where the spec says {value}")
    assert not wrong, "\n".join([SPECS[number].words, *wrong])


@pytest.mark.parametrize(
    ("as_of", "background"),
    [
        pytest.param(*run, id=f"{run[0]} {run[1]}", marks=pytest.mark.xdist_group(f"{run[0]} {run[1]}"))
        for run in RUNS
    ],
)
def test_oracle_says_the_same(as_of, background):
    told = answers(as_of, background)
    oracle = reference(collected(as_of, background), as_of, toml_of(background))
    wrong = [
        f"{name} of pupil {pupil}: {told.get(pupil, {}).get(name)}, where the oracle says {value}"
        for pupil, row in oracle.items()
        for name, value in row.items()
        if told.get(pupil, {}).get(name) != value
    ]
    assert told.keys() == oracle.keys()
    assert not wrong, "\n".join(wrong)


def test_every_feature_has_a_spec():
    specified = {name for one in SPECS for name in one.expect}
    declared = {feature.name for feature in FEATURES}
    assert specified == declared


def test_a_source_without_a_condition_is_off_and_with_one_is_on():
    made = {feature.name for feature in features_for(small.records())}
    optional = {feature.name for feature in FEATURES if is_of_late_table(feature)}
    assert {feature.name for feature in FEATURES} - made == OFF | optional
    assert features_for(small.records(toml=CUSTODY_NAMED, **LATE)) == FEATURES


LATE = {
    "internal_suspensions": "pupil|urn|start_date|sessions\n1|100002|2024-09-10|1",
    "attainment": "pupil|stage|subject|year|result|taken_by\n1|ks2|reading|2022|104|2022-07-31",
}


@pytest.mark.parametrize("table", LATE)
def test_an_optional_table_alone_brings_its_own_features_alone(table):
    without = {feature.name for feature in features_for(small.records())}
    brought = {f.name for f in features_for(small.records(**{table: LATE[table]}))} - without
    assert brought == {f.name for f in FEATURES if is_of_late_table(f) and f.view == table}


def test_every_reason_for_a_suspension_is_in_one_group():
    grouped = [code for codes, _ in REASON_GROUPS.values() for code in codes]
    assert sorted(grouped) == sorted(code_set("exclusion_reason")["code"])
