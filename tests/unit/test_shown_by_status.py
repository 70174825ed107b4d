"""A figure is shown by its status: what cannot be told leaves no number on any page, chart, table or document.

Every page is rendered twice from facts of which nothing can be told: once with the numbers taken out, and once with numbers left
in beside the status. Both must be the same page. With the status "estimated" the same numbers must show, so that the check can fail.
"""

import copy
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from serving.audit_beside import csv_tables
from serving.audit_page import audit_page
from serving.documents import family_notice, model_card, transparency_page
from serving.published_audit import published_audit
from tests.audits import simulated
from tests.fact_pages import compare_page, evidence_page, monitor_page, pooled_page
from tests.pools import region
from tests.published import candidate_with_audit
from tests.reported import EVIDENCE, comparison
from tests.small import AUTHORITY, authority
from tests.watched import closed
from tests.watched import facts as watched
from training.audit.from_file import audit_file
from training.audit.publish import publish
from training.audit.sanctions import sanctions
from training.documents.gather import gather
from training.documents.record import transparency_record
from training.documents.write import record_as_csv
from training.pooled.pool import pool

NUMBERS = ("estimate", "low", "high")
LEFT_IN = {"estimate": 0.7373, "low": 0.6161, "high": 0.8484}
UNTOLD = {"status": "cannot_tell", "reason": "nobody can say"}
SIDES = ("a", "b", "without", "with_table")  # what a difference is of


def with_status(facts: Any, change: dict[str, Any]) -> Any:
    """The facts with every figure in them changed; pooled figures stay beside what they are pooled of."""
    if isinstance(facts, list):
        return [with_status(each, change) for each in facts]
    if not isinstance(facts, dict):
        return facts
    made = {name: with_status(each, change) for name, each in facts.items()}
    if "status" in made and all(name in made for name in NUMBERS):
        made |= {name: value for name, value in change.items() if name != "reason" or "reason" in made}
        if "pooled" in made:
            made["pooled"] = None if made["estimate"] is None else {"estimate": 0.5959, "weight": 0.5}
    if "difference" in made:
        made |= {side: change["estimate"] for side in SIDES if side in made}
    return made


@pytest.fixture(scope="module")
def of_file(tmp_path_factory):
    frame = simulated(1, gap=0.35)
    frame = pd.DataFrame(frame).assign(
        score=lambda f: 0.05 + 0.5 * f["listed"] + 0.001 * (f.index % 97),
        score_2=lambda f: f["score"] / 2,
        other=lambda f: ((f["listed"] == 1) | (f.index % 7 == 0)).astype(float),
        sex=lambda f: f["group"],
    )
    path = tmp_path_factory.mktemp("audit") / "scores.csv"
    frame.to_csv(path, index=False)
    facts = audit_file(
        path, "y", ["group", "sex"], listed=["listed", "other"], estimate=["score", "score_2"], cluster="school", draws=100,
        against=["group=g1"], tolerance=0.05,
    )  # fmt: skip
    events = frame.rename(columns={"school": "cluster"}).assign(
        pupil=range(len(frame)), reason="PA", earlier=0, sessions=lambda f: 1 + f.index % 5, is_permanent=lambda f: f.index % 50 == 0,
        ethnicity=lambda f: f["group"],
    )  # fmt: skip
    rows = [row | {"label": row["group"]} for row in sanctions(events, ["ethnicity"], 100, 1)]
    often = [row["length"] | {
        "attribute": "ethnicity", "group": row["group"], "label": row["group"], "num_pupils": 40, "observed": 30, "expected": 20.0,
        "could_be_need": 1.1,
    } for row in rows]  # fmt: skip
    bias = {
        "asked": "?", "num_events": len(events), "groups": rows, "what_if_means": "", "what_if": [
            {"attribute": "group", "group": "g1", "label": "g1", "share": 0.1, "recall": 0.3737, "low": 0.3131, "high": 0.4343},
        ],
        "frequency": {"asked": "?", "could_explain": "", "num_pupil_years": 9, "groups": often, "learned_from": []},
        "code_e": {"num_marked": 0, "num_sessions": 0, "num_schools": 0, "schools": []},
    }  # fmt: skip
    return facts | {"label_bias": bias}


@pytest.fixture(scope="module")
def of_documents(tmp_path_factory):
    folder = candidate_with_audit(tmp_path_factory.mktemp("documents"))
    return gather(folder, authority(AUTHORITY.replace("Smallshire", "Simulated")))


WATCHED = watched(performance=closed())


def check(facts: Any, page: Callable[[Any], str], left_in: dict[str, float | None] = LEFT_IN) -> None:
    bare, laden, shown = (
        page(with_status(copy.deepcopy(facts), change))
        for change in (
            UNTOLD | dict.fromkeys(NUMBERS), UNTOLD | left_in, {"status": "estimated", "reason": ""} | LEFT_IN,
        )
    )  # fmt: skip
    assert laden == bare
    assert shown != bare and any(
        words in shown for words in ("74%", "0.74", "0.7373", "+73.7", "73.7", "about 74", "85%")
    )


@pytest.mark.parametrize(
    "page",
    [
        audit_page,
        lambda facts: "\n".join(csv_tables(facts).values()),
        lambda facts: published_audit(publish(facts)),
    ],
    ids=["page", "tables", "published"],
)
def test_an_audit_shows_figures_by_their_status(of_file, page):
    check(of_file, page)


def test_a_what_if_stands_only_where_its_groups_recall_can_be_told(of_file):
    told = with_status(copy.deepcopy(of_file), {"status": "estimated", "reason": ""} | LEFT_IN)
    untold = with_status(copy.deepcopy(of_file), UNTOLD | LEFT_IN)
    assert "31% to 43%" in audit_page(told) and "31% to 43%" not in audit_page(untold)


@pytest.mark.parametrize(
    ("facts", "page"), [(EVIDENCE, evidence_page), (WATCHED, monitor_page)], ids=["evidence", "monitor"]
)
def test_evidence_and_monitor_show_figures_by_their_status(facts, page):
    """Their records refuse a range beside a figure that cannot be told; a point they may keep."""
    check(facts, page, LEFT_IN | {"low": None, "high": None})


@pytest.fixture(scope="module")
def of_two(tmp_path_factory):
    """Two models beside each other, with differences and audits."""
    return comparison(tmp_path_factory.mktemp("two"))


def test_a_comparison_shows_figures_by_their_status(of_two):
    """Neither what differs nor the two figures that it is of."""
    check(of_two, compare_page, LEFT_IN | {"low": None, "high": None})


def test_pooled_evidence_shows_figures_by_their_status(tmp_path):
    """Of authorities alone, at large, together, of one more, and how far they lie apart with its share that is no chance."""
    facts = pool(region(tmp_path, 3)).plain()
    for each in facts["figures"]:
        each["i_squared"] = 0.5353
    check(facts, pooled_page, LEFT_IN | {"low": None, "high": None})


@pytest.mark.parametrize(
    "page",
    [model_card, family_notice, lambda facts: transparency_page(facts, transparency_record(facts)), lambda facts: record_as_csv(transparency_record(facts))],
    ids=["card", "notice", "record", "record as a table"],
)  # fmt: skip
def test_documents_show_figures_by_their_status(of_documents, page):
    check(of_documents, page)
