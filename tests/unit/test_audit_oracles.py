"""Point figures are those of fairlearn and of aequitas on every cell that they define.

aequitas 1.1.0 needs pandas below 3 and cannot stand beside ours in one environment. So its own figures are kept, in
`aequitas_1_1_0.csv`: made by `aequitas.group.Group().get_crosstabs` of the rows that the counts in the same line stand for. The
first lines are ProPublica's published counts (`published_recidivism.csv`); the others are made up, edges among them.
"""

from pathlib import Path

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

from training.audit.from_file import audit_file
from training.audit.scored import Attribute, Scored
from training.audit.tables import point_table
from training.intervals import clusters

KEPT = pd.read_csv(Path(__file__).parents[1] / "aequitas_1_1_0.csv")
THEIRS = {
    "tpr": "recall", "fnr": "false_negative_rate", "for": "false_omission_rate", "pprev": "selection_rate", "precision": "precision",
    "fpr": "false_positive_rate",
}  # fmt: skip
CELLS = {"tp": (1, 1), "fp": (0, 1), "fn": (1, 0), "tn": (0, 0)}  # outcome, listed
FAIRLEARN = {
    "recall": true_positive_rate, "false_negative_rate": false_negative_rate, "selection_rate": selection_rate,
    "false_positive_rate": false_positive_rate, "precision": lambda y, listed: precision_score(y, listed, zero_division=np.nan),
}  # fmt: skip


def rows_of(table: str) -> pd.DataFrame:
    """One row a person, from the counts of a table."""
    kept = KEPT[KEPT["table"] == table]
    parts = [
        pd.DataFrame({"group": line["group"], "y": outcome, "listed": listed}, index=range(line[cell]))
        for _, line in kept.iterrows()
        for cell, (outcome, listed) in CELLS.items()
    ]
    return pd.concat(parts, ignore_index=True)


def points(frame: pd.DataFrame) -> pd.DataFrame:
    """Our figures of every group, told or not."""
    groups = tuple(sorted(frame["group"].unique()))
    code = frame["group"].map({group: at for at, group in enumerate(groups)}).to_numpy(np.int64)
    row, attribute = np.arange(len(frame)), Attribute("group", groups, code)
    scored = Scored(
        frame["y"].to_numpy(float), frame["listed"].to_numpy(float), np.full(len(frame), np.nan), np.zeros(len(frame), dtype=bool),
        clusters(row % 50, row, 10, 1), (attribute,), 0.0,
    )  # fmt: skip
    return point_table(scored, attribute).rename(index=dict(enumerate(groups)))


@pytest.mark.parametrize("table", KEPT["table"].unique())
def test_aequitas_has_the_same_figures_and_the_same_blanks(table):
    ours, theirs = points(rows_of(table)), KEPT[KEPT["table"] == table].set_index("group")
    for cell, name in THEIRS.items():
        assert ours[name].reindex(theirs.index).to_numpy() == pytest.approx(
            theirs[cell].to_numpy(float), abs=1e-9, nan_ok=True
        )


@pytest.mark.parametrize("table", KEPT["table"].unique())
def test_fairlearn_has_the_same_figures_where_it_defines_them(table):
    frame = rows_of(table)
    ours = points(frame)
    theirs = MetricFrame(
        metrics=FAIRLEARN, y_true=frame["y"], y_pred=frame["listed"], sensitive_features=frame["group"]
    ).by_group
    compared = 0
    for name in FAIRLEARN:
        for group in theirs.index:
            if not np.isnan(
                ours.loc[group, name]
            ):  # where nobody is there to take a share of, fairlearn says 0
                assert ours.loc[group, name] == pytest.approx(theirs.loc[group, name], abs=1e-9), (
                    group,
                    name,
                )
                compared += 1
    assert compared >= 10


def test_what_an_audit_tells_of_a_file_is_that_figure_or_why_not(tmp_path):
    frame = rows_of("edges")
    path = tmp_path / "scores.csv"
    frame.to_csv(path, index=False)
    facts = audit_file(path, "y", ["group"], listed="listed", draws=50)
    theirs = KEPT[KEPT["table"] == "edges"].set_index("group")
    told = 0
    for row in facts["groups"]:
        for cell, name in THEIRS.items():
            metric = row["metrics"][name]
            if metric["estimate"] is None:
                assert metric["reason"]
                continue
            assert metric["estimate"] == pytest.approx(theirs.loc[row["group"], cell], abs=1e-6)
            told += 1
    assert told > 20
