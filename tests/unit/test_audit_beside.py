"""What a reader asks for besides: a chosen group, a tolerance, several lists, weights, calibration in bands."""

import io
import json
import re
from datetime import date
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest

from models.facts.schemas import schema
from serving.audit_beside import csv_tables
from serving.audit_page import audit_page
from serving.published_audit import published_audit, roughly
from training.audit.beside import told_within
from training.audit.errors import AuditRefused
from training.audit.from_file import audit_file
from training.audit.publish import publish

ON = date(2026, 9, 1)
SCHEMA = schema("audit")


def people(seed=1, num=3000, gap=0.0):
    rng = np.random.default_rng(seed)
    y = rng.random(num) < 0.3
    race = rng.choice(["a", "b", "c"], num, p=[0.5, 0.3, 0.2])
    seen = rng.random(num) < np.where(y, 0.6 - gap * (race == "b"), 0.1)
    return pd.DataFrame(
        {
            "y": y * 1, "l": seen * 1, "other": np.where(rng.random(num) < 0.9, seen, ~seen) * 1, "race": race,
            "sex": rng.choice(["F", "M"], num), "school": rng.integers(0, 60, num),
            "score": np.clip(0.25 + 0.2 * y + 0.1 * rng.normal(size=num), 0, 1).round(4),
        }
    )  # fmt: skip


def audit(tmp_path: Path, frame, **options):
    path = tmp_path / "scores.csv"
    frame.to_csv(path, index=False)
    chosen = {"listed": "l"} | options
    return audit_file(path, "y", ["race", "sex"], cluster="school", audited_on=ON, draws=200, **chosen)


def recall(frame, group=None, column="l"):
    rows = frame if group is None else frame[frame["race"] == group]
    return rows.loc[rows["y"] == 1, column].mean()


def rows_of(facts, name="race"):
    return {row["group"]: row for row in facts["groups"] if row["attribute"] == name}


def test_a_chosen_group_stands_in_for_everyone(tmp_path):
    frame = people(gap=0.25)
    (told,) = audit(tmp_path, frame, against=["a"])["against"]
    assert (told["attribute"], told["reference"]) == ("race", "a")
    gaps = {row["group"]: row["gaps"]["recall"] for row in told["groups"]}
    assert set(gaps) == {"b", "c"}
    for group, gap in gaps.items():
        assert gap["difference"]["estimate"] == pytest.approx(
            recall(frame, group) - recall(frame, "a"), abs=1e-5
        )
        assert gap["ratio"]["estimate"] == pytest.approx(recall(frame, group) / recall(frame, "a"), abs=1e-4)
        assert gap["difference"]["low"] < gap["difference"]["estimate"] < gap["difference"]["high"]
    assert gaps["b"]["is_gap"]
    assert gaps["b"]["difference"]["high"] < 0
    assert not gaps["c"]["is_gap"]


def test_two_groups_have_one_gap_however_it_is_asked(tmp_path):
    frame = people()
    one, two = (audit(tmp_path, frame, against=[f"sex={group}"])["against"][0]["groups"][0] for group in "FM")
    for rate in ("recall", "false_positive_rate", "precision"):
        ours, theirs = one["gaps"][rate]["difference"], two["gaps"][rate]["difference"]
        assert ours["estimate"] == pytest.approx(-theirs["estimate"], abs=2e-5)
        assert one["gaps"][rate]["ratio"]["estimate"] == pytest.approx(
            1 / two["gaps"][rate]["ratio"]["estimate"], rel=1e-3
        )


@pytest.mark.parametrize(
    ("against", "says"),
    [
        (["d"], "no column has this group. Groups are, race: a, b, c; sex: F, M"),
        (["race=F"], "no column has this group"),
        (["a", "b"], "names two groups of race"),
    ],
)
def test_a_group_that_cannot_be_chosen(tmp_path, against, says):
    with pytest.raises(AuditRefused, match="against") as refused:
        audit(tmp_path, people(num=300), against=against)
    assert says in str(refused.value)


def test_a_group_of_several_columns_is_asked_about(tmp_path):
    frame = people(num=300).assign(sex=lambda f: f["race"])
    with pytest.raises(AuditRefused, match="several columns have this group"):
        audit(tmp_path, frame, against=["a"])
    assert audit(tmp_path, frame, against=["sex=a", "race=b"])["against"][0]["attribute"] == "sex"


@pytest.mark.parametrize(
    ("low", "high", "says"),
    [
        (-0.05, 0.05, "within"), (-0.050001, 0.05, "cannot_tell"), (-0.05, 0.050001, "cannot_tell"), (0.05, 0.2, "cannot_tell"),
        (0.050001, 0.2, "outside"), (-0.3, -0.050001, "outside"), (-0.3, -0.05, "cannot_tell"), (-0.3, 0.3, "cannot_tell"),
    ],
)  # fmt: skip
def test_tolerance_at_exactly(low, high, says):
    assert told_within({"status": "estimated", "low": low, "high": high}, 0.05) == says
    assert told_within({"status": "cannot_tell", "low": None, "high": None}, 0.05) == "cannot_tell"


def test_tolerance_is_said_of_every_share(tmp_path):
    facts = audit(tmp_path, people(gap=0.3), tolerance=0.02, against=["a"])
    assert rows_of(facts)["b"]["gaps"]["recall"]["tolerance"] == "outside"
    assert rows_of(facts)["b"]["gaps"]["selection_rate"]["tolerance"] in ("within", "outside", "cannot_tell")
    assert facts["against"][0]["groups"][0]["gaps"]["recall"]["tolerance"] == "outside"
    wide = audit(tmp_path, people(), tolerance=0.4)
    assert {row["gaps"]["recall"]["tolerance"] for row in wide["groups"]} == {"within"}
    for wrong in (0.0, 1.0, -0.1):
        with pytest.raises(AuditRefused, match="--tolerance is a share"):
            audit(tmp_path, people(), tolerance=wrong)


def test_lists_side_by_side(tmp_path):
    frame = people()
    facts = audit(tmp_path, frame, listed=["l", "other"])
    alone = audit(tmp_path, frame, listed="other")
    beside = facts["side_by_side"]
    assert [each["name"] for each in beside["lists"]] == ["l", "other"]
    for row in beside["rows"]:
        same = rows_of(alone, row["attribute"])[row["group"]]
        assert row["metrics"]["other"]["recall"] == same["metrics"]["recall"]
    row = next(row for row in beside["rows"] if row["group"] == "b")
    by = row["differences"]["other"]["recall"]
    assert by["estimate"] == pytest.approx(recall(frame, "b", "other") - recall(frame, "b"), abs=1e-5)
    assert by["low"] < by["estimate"] < by["high"]
    assert audit(tmp_path, frame)["side_by_side"] is None


def test_lists_that_name_the_same_people_have_no_range_of_nothing(tmp_path):
    frame = people().assign(other=lambda f: f["l"])
    beside = audit(tmp_path, frame, listed=["l", "other"])["side_by_side"]
    for row in beside["rows"]:
        assert row["differences"]["other"]["recall"]["status"] == "cannot_tell"
        assert "differ in 0 of these people" in row["differences"]["other"]["recall"]["reason"]


def test_several_estimates_share_the_places(tmp_path):
    frame = people().assign(worse=lambda f: f["score"].to_numpy()[::-1])
    facts = audit(tmp_path, frame, listed=None, estimate=["score", "worse"], places=400)
    assert [each["num_listed"] for each in facts["side_by_side"]["lists"]] == [400.0, 400.0]
    with pytest.raises(AuditRefused, match="The estimate score is named 2 times"):
        audit(tmp_path, frame, listed=None, estimate=["score", "score"], places=400)
    with pytest.raises(AuditRefused, match="2 lists and 1 estimates"):
        audit(tmp_path, frame, listed=["l", "other"], estimate="score")


def test_a_list_with_its_estimates(tmp_path):
    facts = audit(tmp_path, people(), estimate="score")
    assert facts["data"]["num_listed"] == people()["l"].sum()
    assert rows_of(facts)["a"]["metrics"]["observed_over_expected"]["status"] == "estimated"


def test_weights_count_as_many_rows(tmp_path):
    frame = people(num=1200).assign(w=lambda f: 1 + np.arange(len(f)) % 3)
    repeated = frame.loc[frame.index.repeat(frame["w"])]
    weighted, whole = rows_of(audit(tmp_path, frame, weight="w")), rows_of(audit(tmp_path, repeated))
    for group, row in whole.items():
        assert weighted[group]["n"] == (frame["race"] == group).sum()
        assert weighted[group]["counts"] == row["counts"]
        for name, metric in row["metrics"].items():
            assert weighted[group]["metrics"][name]["estimate"] == metric["estimate"]


def test_weights_of_few_people_are_not_published_as_many(tmp_path):
    frame = people(num=600).assign(w=100)
    leaving = publish(audit(tmp_path, frame, weight="w"))
    assert all(row["events"] is None for row in leaving["groups"])
    assert {metric["status"] for row in leaving["groups"] for metric in row["metrics"].values()} == {
        "cannot_tell"
    }


@pytest.mark.parametrize(
    ("value", "says"),
    [(-1, "blank or below 0"), ("", "blank or below 0"), ("x", "are not numbers"), (0, "is 0 in all")],
)
def test_weights_that_are_none(tmp_path, value, says):
    with pytest.raises(AuditRefused, match=says):
        audit(tmp_path, people(num=60).assign(w=value), weight="w")


def test_calibration_in_bands_adds_up(tmp_path):
    frame = people()
    facts = audit(tmp_path, frame, estimate="score")
    bands = {(row["attribute"], row["group"]): row["bands"] for row in facts["calibration"]}
    for (name, group), held in bands.items():
        rows = frame[frame[name] == group]
        assert sum(band["num"] for band in held) == len(rows)
        assert sum(band["observed"] for band in held) == rows["y"].sum()
        assert sum(band["expected"] for band in held) == pytest.approx(rows["score"].sum(), abs=0.01)
        assert [band["to"] for band in held[:-1]] == [band["from"] for band in held[1:]]
    assert audit(tmp_path, frame)["calibration"] == []


def test_the_facts_hold_the_published_schema(tmp_path):
    facts = audit(tmp_path, people(), listed=["l", "other"], against=["a"], tolerance=0.05)
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(json.dumps(facts)))


def test_the_page_shows_what_was_asked_and_the_tables_hold_every_figure(tmp_path):
    frame = people(gap=0.3).assign(race=lambda f: f["race"].replace({"c": "=SUM(A1)"}))
    facts = audit(tmp_path, frame, listed=["l", "other"], against=["a"], tolerance=0.05)
    page = audit_page(facts)
    for words in (
        "Beside a chosen group", "Within the tolerance?", "The lists side by side", "Found by other", "told from chance", "other beside l, of 100",
    ):  # fmt: skip
        assert words in page
    plain = audit_page(audit(tmp_path, frame, listed=None, estimate="score", places=300))
    assert "Beside a chosen group" not in plain
    assert "seen for each one estimated, by estimate" in plain
    assert not any(
        word in page.split("<body", 1)[-1] for word in ("pupil", "Pupil", "child", "suspended", "school’s")
    )
    tables = {
        name: pd.read_csv(io.StringIO(text.lstrip("\ufeff"))) for name, text in csv_tables(facts).items()
    }
    assert set(tables) == {"groups.csv", "against.csv", "side_by_side.csv"}
    groups = tables["groups.csv"].set_index(["attribute", "group", "rate"])
    for row in facts["groups"]:
        name = (
            row["group"] if row["group"] != "=SUM(A1)" else "'=SUM(A1)"
        )  # no spreadsheet reads it as a formula
        told = groups.loc[(row["attribute"], name, "recall")]
        assert told["estimate"] == row["metrics"]["recall"]["estimate"]
        assert told["difference_high"] == row["gaps"]["recall"]["difference"]["high"]
    assert len(tables["side_by_side.csv"]) == 5 * 2 * 7


def test_rows_of_weight_0_are_nobody(tmp_path):
    """Six rows that count do not become as many as the 600 beside them that do not."""
    frame = people()
    is_c = frame["race"] == "c"
    weight = np.where(is_c, 0, 1)
    weight[np.flatnonzero(is_c)[:6]] = 1
    facts = audit(tmp_path, frame.assign(w=weight), weight="w")
    row = rows_of(facts)["c"]
    assert row["counts"]["num"] == 6
    assert row["events"] == int(frame.loc[np.flatnonzero(is_c)[:6], "y"].sum())
    assert {each["status"] for each in row["metrics"].values()} == {"cannot_tell"}


def test_a_group_without_any_estimate_is_not_assessed_and_no_mistake(tmp_path):
    frame = people(gap=0.3)
    frame["score"] = frame["score"].astype(object)
    frame.loc[frame["race"] == "c", "score"] = ""
    facts = audit(tmp_path, frame, listed=None, estimate="score", places=300)
    kinds = {each["kind"] for each in facts["findings"] if each["group"] == "c"}
    assert "not_assessed" in kinds


def test_no_band_is_empty_where_many_estimates_are_the_least(tmp_path):
    frame = people()
    frame["score"] = np.where(frame.index % 4 == 0, frame["score"].clip(0.1), 0.1)
    facts = audit(tmp_path, frame, listed=None, estimate="score", places=300)
    everyone = {band["from"]: 0 for row in facts["calibration"] for band in row["bands"]}
    for row in facts["calibration"]:
        for band in row["bands"]:
            everyone[band["from"]] += band["num"]
            assert band["from"] < band["to"]
    assert all(everyone.values())


def test_a_table_has_no_figure_where_the_page_has_none(tmp_path):
    frame = people().assign(school=lambda each: each["school"] % 2)
    tables = csv_tables(audit(tmp_path, frame))
    groups = pd.read_csv(io.StringIO(tables["groups.csv"]))
    untold = groups[groups["status"] == "cannot_tell"]
    assert len(untold) and untold["estimate"].isna().all()


def test_a_published_rate_that_is_low_has_no_range_that_says_nothing_and_is_never_none():
    def told(estimate, low, high):
        return {"status": "estimated", "estimate": estimate, "low": low, "high": high, "reason": ""}

    assert roughly(told(0.0, 0.0, 0.05)) == "under 1%"
    assert roughly(told(0.02, 0.0, 0.05)) == "2%"
    assert roughly(told(0.0, 0.0, 0.1)) == "under 1% (0% to 10%)"
    assert roughly(told(0.26, 0.15, 0.35)) == "26% (15% to 35%)"
    assert roughly(told(0.02, 0.0, 0.05) | {"status": "cannot_tell"}) == "cannot tell"


def test_what_cannot_be_told_is_one_finding_of_the_published_audit(tmp_path):
    facts = publish(audit(tmp_path, people(num=600)))
    one = {
        "attribute": "", "group": "", "kind": "cannot_tell", "severity": "noted", "owner": "reviewer", "due": "2026-12-29", "state": "open",
    }  # fmt: skip
    facts["findings"] = [one | {"kind": "code_e"}, one | {"attribute": "race"}, one | {"attribute": "sex"}]
    page = published_audit(facts)
    assert re.findall(r"<tr><th scope=\"row\">(\d+)</th>", page) == ["1", "2"]
    assert "race; sex" in page
