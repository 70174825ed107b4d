"""Anybody's scored list: a published case to the printed decimal, and bad input with a clear answer."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.facts.audit import Audit
from training.audit.errors import AuditRefused
from training.audit.from_file import audit_file
from training.audit.write import write_audit

ON = date(2026, 9, 1)
# ProPublica, How We Analyzed the COMPAS Recidivism Algorithm (2016): contingency tables of all, high and
# medium scores together, and the false positive and false negative rates printed under them.
PUBLISHED = {"African-American": (44.85, 27.99), "Caucasian": (23.45, 47.72)}


def people(seed=1, num=600):
    rng = np.random.default_rng(seed)
    y = (rng.random(num) < 0.3).astype(int)
    return pd.DataFrame(
        {
            "y": y, "score": np.clip(0.3 * y + rng.random(num) * 0.7, 0, 1).round(3), "sex": rng.choice(["F", "M"], num),
            "race": rng.choice(["a", "b", "c"], num), "school": rng.integers(0, 40, num),
        }
    )  # fmt: skip


def audit(tmp_path: Path, frame, *args, **kwargs):
    path = tmp_path / "scores.csv"
    frame.to_csv(path, index=False)
    return audit_file(path, *args, audited_on=ON, draws=200, **kwargs)


def metrics(facts, group, attribute=None):
    return next(
        row["metrics"]
        for row in facts["groups"]
        if row["group"] == group and attribute in (None, row["attribute"])
    )


def test_the_published_rates_come_out_to_the_printed_decimal(tmp_path):
    counts = pd.read_csv(Path(__file__).parents[1] / "published_recidivism.csv")
    rows = counts.loc[counts.index.repeat(counts["count"])]
    facts = audit(
        tmp_path,
        rows.assign(listed=(rows["score_class"] == "high") * 1),
        "two_year_recid",
        ["race"],
        listed="listed",
    )
    for race, (false_positive, false_negative) in PUBLISHED.items():
        found = metrics(facts, race)
        assert round(100 * found["false_positive_rate"]["estimate"], 2) == false_positive
        assert round(100 * found["false_negative_rate"]["estimate"], 2) == false_negative
    assert (
        next(each for each in facts["findings"] if each["kind"] == "listed_without_need")["group"]
        == "African-American"
    )


def test_places_and_crossings(tmp_path):
    frame = people()
    facts = audit(
        tmp_path,
        frame,
        "y",
        ["sex", "race"],
        estimate="score",
        places=90,
        cross=["sex,race"],
        cluster="school",
    )
    assert sum(row["n"] for row in facts["groups"] if row["attribute"] == "sex x race") == len(frame)
    assert facts["overall"]["counts"]["listed"] == pytest.approx(90)
    assert [each["num_listed"] for each in facts["capacities"]] == [45.0, 90.0, 135.0, 180.0]
    assert not any("every row stands for itself" in note for note in facts["notes"])


def test_rows_for_themselves_is_said(tmp_path):
    facts = audit(tmp_path, people(), "y", ["sex"], estimate="score", places=90)
    assert any("every row stands for itself" in note for note in facts["notes"])


def test_ties_take_their_expected_value_and_are_counted(tmp_path):
    frame = people().assign(score=0.5)
    facts = audit(tmp_path, frame, "y", ["sex"], estimate="score", places=60)
    assert facts["data"]["num_tied"] == 600
    for name in ("recall", "false_positive_rate", "selection_rate"):
        assert metrics(facts, "F")[name]["estimate"] == pytest.approx(0.1, abs=1e-6)
    assert any("Every estimate is the same" in note for note in facts["notes"])
    assert any("600 rows are tied at the cut and share 60 places" in note for note in facts["notes"])


def test_one_value_is_a_clear_result(tmp_path):
    facts = audit(tmp_path, people().assign(sex="F"), "y", ["sex"], estimate="score", places=60)
    assert any("one value only" in note for note in facts["notes"])
    assert metrics(facts, "F")["recall"]["status"] == "estimated"
    assert "is_gap" not in facts["groups"][0]["gaps"]["recall"]


def test_missing_estimates_and_outcomes_are_counted_not_dropped(tmp_path):
    frame = people()
    frame.loc[:49, "score"] = np.nan
    frame["y"] = frame["y"].astype(object)
    frame.loc[50:59, "y"] = ""
    facts = audit(tmp_path, frame, "y", ["sex"], estimate="score", places=60)
    assert facts["data"]["num_rows"] == 600
    assert facts["data"]["num_unseen"] == 10
    assert any("50 rows have no estimate" in note for note in facts["notes"])


def test_scores_that_are_no_chances_have_no_expected(tmp_path):
    facts = audit(
        tmp_path, people().assign(score=lambda f: f["score"] * 10), "y", ["sex"], estimate="score", places=60
    )
    assert metrics(facts, "F")["observed_over_expected"]["status"] == "cannot_tell"
    assert any("not chances" in note for note in facts["notes"])


def test_few_clusters_give_no_range(tmp_path):
    frame = people().assign(school=lambda f: f["school"] % 4)
    facts = audit(tmp_path, frame, "y", ["sex"], estimate="score", places=60, cluster="school")
    assert metrics(facts, "F")["recall"]["low"] is None
    assert any("fewer than 6" in note for note in facts["notes"])


@pytest.mark.parametrize(
    ("change", "options", "says"),
    [
        (lambda f: f.assign(y=2), {}, "600 of 600 values are neither 0 nor 1"),
        (lambda f: f.assign(y=np.nan), {}, "The outcome y is empty in all 600 rows"),
        (lambda f: f.assign(sex=np.nan), {}, "The group column sex is empty in all 600 rows"),
        (lambda f: f.assign(score="low"), {}, "600 of 600 values are not numbers"),
        (lambda f: f.assign(score=np.nan), {}, "blank in all 600 rows"),
        (lambda f: f, {"places": 601}, "would list all 600 rows"),
        (lambda f: f, {"places": 0}, "--places N, at least 1"),
        (lambda f: f, {"places": None}, "--places N, at least 1"),
        (lambda f: f, {"listed": "y"}, "Give either --estimate"),
        (lambda f: f, {"estimate": None, "places": None}, "Give either --estimate"),
        (lambda f: f, {"estimate": None, "listed": "race", "places": None}, "neither 0 nor 1"),
        (lambda f: f, {"cross": ["sex"]}, "--cross takes two columns"),
        (
            lambda f: f,
            {"cluster": "town"},
            "has no column town. Its columns are y, score, sex, race, school.",
        ),
        (
            lambda f: f.assign(school=np.nan),
            {"cluster": "school"},
            "The cluster column school is empty in 600 rows",
        ),
        (lambda f: f[:0], {}, "has no rows"),
    ],
)
def test_bad_input_has_a_clear_error(tmp_path, change, options, says):
    choices = {"estimate": "score", "places": 60, **options}
    with pytest.raises(AuditRefused) as refused:
        audit(tmp_path, change(people()), "y", ["sex"], **choices)
    assert says in str(refused.value)


def test_every_breach_is_told_at_once_and_no_value(tmp_path):
    frame = people().assign(y="Secret Name", score="hidden", sex=np.nan)
    with pytest.raises(AuditRefused) as refused:
        audit(tmp_path, frame, "y", ["sex"], estimate="score", places=60)
    assert len(refused.value.breaches) == 3
    assert "Secret" not in str(refused.value)
    assert "hidden" not in str(refused.value)


def test_a_file_that_cannot_be_read(tmp_path):
    broken = tmp_path / "scores.parquet"
    broken.write_text("no parquet")
    for path, says in (
        (broken, "cannot be read as parquet"),
        (tmp_path / "none.csv", "cannot be read as csv: there is no such file"),
        (tmp_path / "a.xlsx", "neither"),
    ):
        with pytest.raises(AuditRefused, match=says):
            audit_file(path, "y", ["sex"], estimate="score", places=1)


def test_parquet_and_csv_say_the_same(tmp_path):
    frame = people()
    frame.to_parquet(tmp_path / "scores.parquet")
    ours = audit(tmp_path, frame, "y", ["sex"], estimate="score", places=60)
    theirs = audit_file(
        tmp_path / "scores.parquet", "y", ["sex"], estimate="score", places=60, audited_on=ON, draws=200
    )
    assert {**ours, "title": ""} == {**theirs, "title": ""}


def test_the_folder_is_whole_or_not_there(tmp_path):
    facts = audit(tmp_path, people(), "y", ["sex"], estimate="score", places=60)
    with pytest.raises(TypeError):
        write_audit(tmp_path / "out", Audit.checked(facts), {"audit.html": 3})
    assert not list(tmp_path.glob("*out*"))
    write_audit(tmp_path / "out", Audit.checked(facts), {"audit.html": "<p>"})
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "audit.html",
        "audit.json",
        "audit_published.json",
    ]
    assert json.loads((tmp_path / "out" / "audit.json").read_text()) == json.loads(json.dumps(facts))
    with pytest.raises(AuditRefused, match="already there"):
        write_audit(tmp_path / "out", Audit.checked(facts), {})
