"""The tables of an audit, recomputed by hand with masks; and what may not be said."""

import warnings

import numpy as np
import pandas as pd
import pytest
from fairlearn.metrics import (
    MetricFrame,
    false_negative_rate,
    false_positive_rate,
    selection_rate,
    true_positive_rate,
)
from sklearn.metrics import precision_score

from models.audit_attributes import NOT_KNOWN
from models.audit_rates import BY_NAME
from tests.audits import by_hand, scored, simulated
from training.audit.attributes import expected, labels
from training.audit.estimable import too_few
from training.audit.gaps import Compared, exceeding, step_down
from training.audit.pooling import pooled
from training.audit.scored import attribute
from training.audit.tables import group_tables
from training.audit.units import units
from training.intervals import ratio


@pytest.fixture(scope="module")
def frame():
    frame = simulated(3)
    frame.loc[:40, "y"] = np.nan
    frame.loc[100:300, "listed"] = 0.25
    frame["sex"] = np.where(np.arange(len(frame)) % 3 == 0, "F", "M")
    return frame


@pytest.fixture(scope="module")
def tables(frame):
    return group_tables(scored(frame, ("group", "sex"), cross=True))


def test_every_rate_is_the_one_by_hand(frame, tables):
    overall, rows = tables
    assert len(rows) == 4 + 2 + 8
    for row in rows:
        parts = row["group"].split(" x ")
        inside = np.ones(len(frame), dtype=bool)
        for part in parts:
            inside &= ((frame["group"] == part) | (frame["sex"] == part)).to_numpy()
        assert row["n"] == inside.sum()
        for name, value in by_hand(frame, inside).items():
            assert row["metrics"][name]["estimate"] == pytest.approx(value, abs=1e-6), (row["group"], name)
    for name, value in by_hand(frame, np.ones(len(frame), dtype=bool)).items():
        assert overall["metrics"][name]["estimate"] == pytest.approx(value, abs=1e-6)


def test_fairlearn_agrees_wherever_both_are_defined():
    frame = simulated(4)
    _, rows = group_tables(scored(frame))
    theirs = MetricFrame(
        metrics={
            "recall": true_positive_rate, "false_negative_rate": false_negative_rate, "selection_rate": selection_rate,
            "false_positive_rate": false_positive_rate, "precision": precision_score,
        },
        y_true=frame["y"].astype(int), y_pred=frame["listed"].astype(int), sensitive_features=frame["group"],
    ).by_group  # fmt: skip
    for row in rows:
        for name in theirs.columns:
            assert row["metrics"][name]["estimate"] == pytest.approx(theirs.loc[row["group"], name], abs=1e-6)


def test_a_rate_without_enough_pupils_is_never_zero_or_one():
    frame = simulated(5)
    few = frame.index[frame["y"] == 1][:3]
    frame.loc[few, "group"] = "small"
    frame.loc[frame.index[frame["y"] == 0][::200], "group"] = "small"
    frame.loc[few, "listed"] = 0.0
    _, rows = group_tables(scored(frame))
    row = next(row for row in rows if row["group"] == "small")
    recall = row["metrics"]["recall"]
    assert (recall["status"], recall["estimate"], recall["low"], recall["high"]) == (
        "cannot_tell",
        None,
        None,
        None,
    )
    assert "3 pupils with the outcome" in recall["reason"]
    assert recall["years_needed"] == 4  # ten pupils at three a year
    assert row["events"] == 3
    assert row["metrics"]["selection_rate"]["status"] == "estimated"  # needs no outcome
    assert "recall" not in row["gaps"]


def test_a_pupil_counts_once_however_many_dates():
    frame = pd.concat([simulated(6).assign(pupil=lambda f: np.arange(len(f)))] * 3, ignore_index=True)
    frame.loc[frame["group"] == "g0", "y"] = 0.0
    rows_of_one = frame.index[(frame["group"] == "g0")].to_numpy()
    frame.loc[frame["pupil"].isin(frame.loc[rows_of_one, "pupil"].unique()[:9]), "y"] = (
        1.0  # 27 rows, nine pupils
    )
    _, rows = group_tables(scored(frame))
    row = next(row for row in rows if row["group"] == "g0")
    assert row["events"] == 9
    assert row["counts"]["positives"] == 27
    assert row["metrics"]["recall"]["status"] == "cannot_tell"


def test_everyone_has_the_range_of_the_evidence_and_groups_that_change_make_it_no_narrower():
    """The same children at two dates, of whom every third changes group in between, are no more children for that."""
    first = simulated(8).assign(estimate=lambda f: np.where(f["listed"] == 1, 0.3, 0.05))
    first["pupil"], first["other"] = np.arange(len(first)), "a"
    later = first.assign(other=np.where(first["pupil"] % 3 == 0, "b", "a"))
    both = scored(pd.concat([first, later], ignore_index=True), ("group", "other"))
    positive, listed = both.outcome == 1, both.listed
    everyone = group_tables(both)[0]["metrics"]
    for name, columns, is_count in (
        ("recall", (listed * positive, positive.astype(float)), False),
        ("precision", (listed * positive, listed), False),
        ("observed_over_expected", (positive.astype(float), both.estimate), True),
    ):
        told = both.clusters.interval(ratio, columns, positive, not is_count, is_count).as_facts()
        assert {end: everyone[name][end] for end in ("low", "high")} == {
            end: told[end] for end in ("low", "high")
        }


def test_a_group_with_nobody_has_a_row_and_not_known_is_a_group():
    made = attribute("ethnicity", pd.Series(["WBRI", None, " ", "BCRB"]), ["WBRI", "WIRT", "BCRB", NOT_KNOWN])
    assert made.groups == ("WBRI", "WIRT", "BCRB", NOT_KNOWN)
    assert made.code.tolist() == [0, 3, 3, 2]
    frame = simulated(7)
    listed = scored(frame)
    with_nobody = attribute("group", frame["group"], ["nobody", "g0"])
    _, rows = group_tables(type(listed)(**{**listed.__dict__, "attributes": (with_nobody,)}))
    assert rows[0]["group"] == "nobody"
    assert rows[0]["n"] == 0
    assert {facts["status"] for facts in rows[0]["metrics"].values()} == {"cannot_tell"}


def test_none_found_has_a_range_of_its_own():
    frame = simulated(8, rate=0.15)
    frame.loc[(frame["group"] == "g1") & (frame["y"] == 1), "listed"] = 0.0
    _, rows = group_tables(scored(frame))
    row = next(row for row in rows if row["group"] == "g1")
    recall = row["metrics"]["recall"]
    assert (recall["estimate"], recall["low"]) == (0.0, 0.0)
    assert recall["high"] > 0
    gap = row["gaps"]["recall"]
    assert gap["is_gap"]
    assert gap["difference"]["high"] > gap["difference"]["estimate"]


def test_few_schools_have_no_range_and_no_test():
    frame = simulated(9, schools=4, size=1500)
    overall, rows = group_tables(scored(frame))
    assert overall["metrics"]["recall"]["status"] == "cannot_tell"
    assert "too few schools" in overall["metrics"]["recall"]["reason"]
    assert not any("is_gap" in row["gaps"].get("recall", {}) for row in rows)


def test_gaps_are_differences_and_ratios_to_everyone(frame, tables):
    overall, rows = tables
    for row in rows[:4]:
        own, everyone = (each["metrics"]["precision"]["estimate"] for each in (row, overall))
        assert row["gaps"]["precision"]["difference"]["estimate"] == pytest.approx(own - everyone, abs=2e-6)
        assert row["gaps"]["precision"]["ratio"]["estimate"] == pytest.approx(own / everyone, abs=1e-5)


def test_step_down_is_monotone_and_no_smaller_than_alone():
    rng = np.random.default_rng(2)
    drawn = np.abs(rng.normal(size=(400, 6)))
    seen = np.array([3.5, 0.1, 2.6, 1.0, 2.7, 0.5])
    for ties in (0.5, 1.0):
        p = step_down(seen, drawn, ties)
        alone = np.array([exceeding(drawn[:, at], each, ties) for at, each in enumerate(seen)])
        assert (p >= alone - 1e-12).all()
        assert (np.diff(p[np.argsort(-seen)]) >= 0).all()


def test_pooling_leaves_a_large_group_and_draws_a_small_one_in():
    frame = pd.DataFrame(
        {
            "school": np.tile(np.arange(40), 200),
            "group": np.repeat(["large", "small", "rest"], [3600, 12, 4388]),
            "y": 1.0,
        }
    )
    rng = np.random.default_rng(3)
    chance = frame["group"].map({"large": 0.3, "small": 0.1, "rest": 0.6})
    frame["listed"] = (rng.random(len(frame)) < chance).astype(float)
    made = scored(frame)
    recall = units(made, BY_NAME["recall"])
    found = pooled(Compared(recall, attribute("group", frame["group"], ["large", "small", "nobody"])))
    assert found[0]["weight"] > 0.9
    assert found[1]["weight"] < found[0]["weight"]
    assert found[2] == {"estimate": pytest.approx(frame["listed"].mean(), abs=1e-6), "weight": 0.0}


def test_no_warning_from_empty_or_one_sided_groups():
    frame = simulated(10)
    frame.loc[frame["group"] == "g2", "y"] = 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _, rows = group_tables(scored(frame))
    row = next(row for row in rows if row["group"] == "g2")
    assert row["metrics"]["false_positive_rate"]["status"] == "cannot_tell"


def test_why_a_rate_cannot_be_told_counts_one_pupil_as_one():
    assert too_few([("positive", 1), ("listed", 2)], 10) == (
        "1 pupil with the outcome, 10 are needed; 2 pupils listed, 10 are needed"
    )


def test_a_phase_is_named_in_words_and_has_a_row_only_where_there_are_pupils():
    assert labels("phase")["pru"] == "Pupil referral unit"
    assert expected("phase") == []
