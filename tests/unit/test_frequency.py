"""How often a group is sanctioned beside its other records: small tables in, what is told out."""

import json

import numpy as np
import pandas as pd
import pytest

from features.synthetic.figures import ETHNICITIES
from features.synthetic.hazards import frequency_factor, sanction_factor
from features.synthetic.switches import Switches, SwitchRefused, parse_bias
from training.audit.findings import sanctioned_often
from training.audit.frequency import Beside, PupilYears, frequency, holm
from training.audit.label_bias import COUNTED, OTHER_RECORDS, TOLD_BY, pupil_years


def town(seed=1, num=6000, schools=40, factor=1.0, years=1):
    rng = np.random.default_rng(seed)
    behaviour, school = rng.normal(size=num), rng.integers(0, schools, num)
    group = rng.choice(["a", "b", "few"], num, p=[0.849, 0.15, 0.001])
    number = [
        rng.poisson(0.15 * np.exp(0.8 * behaviour) * np.where(group == "b", factor, 1)) for _ in range(years)
    ]
    records = pd.DataFrame(
        {"late": behaviour + 0.5 * rng.normal(size=num), "fsm": rng.integers(0, 2, num)}
    ).astype(float)
    rows = PupilYears(
        np.tile(np.arange(num), years), np.tile(school, years), np.zeros(num * years, dtype=int),
        np.concatenate(number).astype(float), pd.concat([records] * years, ignore_index=True),
    )  # fmt: skip
    return rows, {"g": np.tile(group, years)}


def told(rows, groups, without=None):
    return {row["group"]: row for row in frequency(rows, groups, without or {}, 1)}


def test_a_group_answered_twice_as_often_is_told_and_one_of_few_is_not():
    found = told(*town(factor=2.0))
    assert found["b"]["is_gap"]
    assert found["b"]["low"] < 2.0 < found["b"]["high"]
    assert found["few"]["status"] == "cannot_tell"
    assert found["few"]["estimate"] is None
    assert "are needed" in found["few"]["reason"]


def test_years_of_a_pupil_are_one_pupil():
    once, twice = told(*town(years=1)), told(*town(years=2))
    assert once["b"]["num_pupils"] == twice["b"]["num_pupils"]
    assert twice["b"]["observed"] > 1.5 * once["b"]["observed"]


def test_a_harsher_school_is_no_bias_within_it():
    rows, groups = town()
    harsh = rows.cluster < 10
    group = np.where(harsh & (np.arange(len(harsh)) % 3 > 0), "b", "a")  # most of b at the harsh schools
    number = np.where(harsh, 3 * rows.num_suspensions, rows.num_suspensions)
    found = told(PupilYears(rows.pupil, rows.cluster, rows.year_group, number, rows.records), {"g": group})
    assert not any(row["is_gap"] for row in found.values())
    assert 0.8 < found["b"]["estimate"] < 1.25


def test_what_tells_a_group_is_no_input_of_its_expectation():
    rows, _ = town()
    is_poor = rows.records["fsm"].to_numpy() == 1
    number = rows.num_suspensions + np.random.default_rng(3).poisson(0.3 * is_poor)
    doubled = PupilYears(rows.pupil, rows.cluster, rows.year_group, number, rows.records)
    groups = {"g": np.where(is_poor, "yes", "no")}
    assert told(doubled, groups)["yes"]["estimate"] < 1.1
    assert told(doubled, groups, {"g": ("fsm",)})["yes"]["estimate"] > 1.5


@pytest.mark.parametrize("observed", [0, 1, 10, 30, 100, 400])
@pytest.mark.parametrize("unmeasured", [0.7, 1.0, 1.6])
def test_one_procedure_gives_range_and_test(observed, unmeasured):
    one = Beside(float(observed), 40.0, 40.0, 60.0, unmeasured)
    low, high = one.bounds()
    assert low <= observed / 40 <= high
    assert low < high
    if one.p() < 0.05:
        assert not low <= 1 <= high
        assert not low <= unmeasured <= high
    if 1 <= observed / 40 <= unmeasured:
        assert one.p() == 1.0


def test_more_than_need_could_explain_is_what_counts():
    plain, allowed = (Beside(100.0, 50.0, 50.0, 50.0, need) for need in (1.0, 2.0))
    assert plain.p() < 0.001
    assert allowed.p() == 1.0


def test_holm_by_hand():
    assert holm(np.array([0.01, 0.04, 0.03])) == pytest.approx([0.03, 0.06, 0.06])
    assert holm(np.array([0.9, 0.9])) == pytest.approx([1.0, 1.0])
    assert len(holm(np.zeros(0))) == 0


def test_a_finding_never_blocks_and_says_it_is_no_proof():
    row = {
        "attribute": "ethnicity", "group": "BCRB", "label": "Black Caribbean", "estimate": 1.8, "low": 1.5, "high": 2.1,
        "could_be_need": 0.9, "is_gap": True,
    }  # fmt: skip
    facts = {"label_bias": {"frequency": {"groups": [row, row | {"estimate": 0.6}, row | {"is_gap": False}]}}}
    (found,) = sanctioned_often(facts)
    assert found["severity"] == "matters"
    assert "not proof" in found["sentence"]
    for nothing in (None, {"frequency": None}, {}):
        assert sanctioned_often({"label_bias": nothing}) == []


def test_pupil_years_never_count_a_day_twice_nor_a_sanction_as_a_record():
    on = pd.to_datetime(["2022-10-20", "2023-02-09", "2023-10-19", "2024-02-08", "2024-02-08"])
    matrix = pd.DataFrame(
        {
            "pupil": [1, 1, 1, 1, 2], "as_of": on, "cluster": 100001, "nc_year": 8, COUNTED: [0.0, 1.0, 2.0, 3.0, np.nan],
            "share_late_60": 0.1, "num_sessions_suspended_190": 9.0, "school_phase": pd.Categorical(["secondary"] * 5),
        }
    )  # fmt: skip
    known = pd.DataFrame(
        {"pupil": matrix["pupil"], "as_of": on, "ethnicity": ["WBRI"] * 5, "idaci_decile": ["3"] * 5}
    )
    rows, groups = pupil_years(matrix, known)
    assert list(rows.num_suspensions) == [
        1.0,
        3.0,
    ]  # 2024-02-08 and the year before; the second pupil has no such records
    assert list(groups["ethnicity"]) == ["WBRI", "WBRI"]
    assert list(rows.records) == ["share_late_60", "school_phase", "idaci_decile", "year"]
    assert not any("suspen" in name or "exclusion" in name for name in OTHER_RECORDS)
    assert set(TOLD_BY) == {"fsm_eligible", "sen_provision"}
    json.dumps(list(rows.records))


def test_frequency_apart_from_severity_can_be_planted():
    code = np.array([ETHNICITIES.index("BCRB"), ETHNICITIES.index("WBRI")])
    often = Switches(sanction_frequency=parse_bias(["BCRB=1.8"], "--sanction-frequency"))
    assert list(frequency_factor(often, code)) == [1.8, 1.0]
    assert list(sanction_factor(often, code)) == [1.0, 1.0]
    with pytest.raises(SwitchRefused, match="--sanction-frequency XX=2"):
        parse_bias(["XX=2"], "--sanction-frequency")
