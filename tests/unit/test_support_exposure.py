"""Who was helped is exposure: refused where it is not known, told apart where it is, and claimed to do nothing."""

import json
import re
from dataclasses import replace
from datetime import date, timedelta

import jsonschema
import numpy as np
import pandas as pd
import pytest

from models.errors import RecipeRefused
from models.facts.schemas import schema
from tests.fact_pages import evidence_page
from tests.simulated import simulate
from tests.unit.test_candidate import QUICK, STRONG
from tests.unit.test_reports import EXAMPLE
from training.evidence.support_exposure import helped, refuse_without_support
from training.panel import make_panel
from training.run import train
from training.splits import Split

CLAIMS = re.compile(
    r"\b(effect of|effective|impact|works?|worked|benefit(s|ed)?|prevent(s|ed)?|reduc(es|ed|tion)|thanks to|led to|"
    r"result(s|ed)? (in|of)|improv(es|ed|ement)|saved|avoid(s|ed)|lower(s|ed)|due to|because|caused|would reduce|"
    r"made a difference|helped to)\b",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def frames():
    return simulate(900, 18, seed=4, law=STRONG)


@pytest.fixture(scope="module")
def support(frames):
    """A third of pupils had help, some of it long before the test and some of it still open."""
    pupils = np.sort(frames.matrix["pupil"].unique())[::3]
    return pd.DataFrame(
        {
            "pupil": pupils,
            "start_date": [
                date(2021, 1, 4) if at % 4 == 0 else date(2024, 1, 8) for at in range(len(pupils))
            ],
            "end_date": [date(2021, 3, 1) if at % 4 == 0 else None for at in range(len(pupils))],
        }
    )


@pytest.fixture(scope="module")
def found(frames, support, tmp_path_factory):
    known = replace(frames, support=support, lists_in_use_from=date(2024, 1, 8))
    return train(known, QUICK, tmp_path_factory.mktemp("helped") / "candidate").evidence.plain()


def test_training_after_lists_were_in_use_needs_the_support_table(frames, tmp_path):
    blind = replace(frames, lists_in_use_from=date(2024, 1, 8))
    with pytest.raises(RecipeRefused, match=r"since 2024-01-08, .* Add the support table"):
        train(blind, QUICK, tmp_path / "candidate")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("in_use_from", "is_refused"),
    [
        (None, False),
        (date(2022, 2, 1), False),  # after every window had closed
        (date(2022, 1, 31), True),  # the last window closed that day
        (date(2021, 6, 1), True),  # between an as-of date and its window's end
        (date(2020, 1, 1), True),
    ],
)  # fmt: skip
def test_a_window_that_reaches_past_the_first_list_counts_as_after_it(in_use_from, is_refused):
    days = tuple(date(2021, 1, 31) - timedelta(days=30 * back) for back in range(4))
    split, closes = Split(days, days[1:], days[:1]), {day: day + timedelta(days=365) for day in days}
    if is_refused:
        with pytest.raises(RecipeRefused):
            refuse_without_support(None, in_use_from, closes, split)
    else:
        refuse_without_support(None, in_use_from, closes, split)
    refuse_without_support(pd.DataFrame(), in_use_from, closes, split)


@pytest.mark.parametrize(
    ("start", "end", "is_helped"),
    [
        ("2023-01-02", "2023-02-09", False),  # over the day before the list
        ("2023-01-02", "2023-02-10", True),
        ("2024-02-09", None, True),  # begun on the window's last day
        ("2024-02-10", None, False),
        ("2020-01-01", None, True),
    ],
)  # fmt: skip
def test_help_counts_where_it_touches_the_window(frames, start, end, is_helped):
    panel = make_panel(
        frames.matrix, frames.outcomes, "serious_exclusion", frames.feature_names, [date(2023, 2, 10)]
    )
    spell = pd.DataFrame({"pupil": panel.pupil[:1], "start_date": [start], "end_date": [end]})
    assert helped(panel, spell, 365).tolist() == [is_helped] + [False] * (len(panel) - 1)


def test_helped_and_not_helped_are_parts_of_all(found, support):
    rows = {row["who"]: row for row in found["support_exposure"]["rows"]}
    for name in ("num_on_roll", "num_positives", "num_already_supported"):
        assert rows["all"][name] == rows["helped"][name] + rows["not_helped"][name]
    assert rows["all"]["recall"] == found["headline"]["recall_at_capacity"]
    assert rows["all"]["precision"] == found["headline"]["precision"]
    assert rows["helped"]["num_pupils"] == int((support["end_date"].isna()).sum())


def test_the_schema_holds_it(found):
    validator = jsonschema.Draft202012Validator(schema("evidence"))
    validator.validate(found)
    for break_it in (
        lambda evidence: evidence.pop("support_exposure"),
        lambda evidence: evidence["support_exposure"]["rows"].pop(),
        lambda evidence: evidence["support_exposure"]["rows"][1].update(who="saved"),
        lambda evidence: evidence["support_exposure"].update(status="cannot_tell", reason=""),
    ):
        evidence = json.loads(json.dumps(found))
        break_it(evidence)
        assert not validator.is_valid(evidence)


def section(evidence) -> str:
    page = evidence_page(evidence)
    return re.sub(r"<[^>]+>", " ", page.split('id="helped"')[1].split("</section>")[0])


def test_no_claim_of_effect_is_printed(found):
    unknown = {
        **EXAMPLE["support_exposure"],
        "status": "cannot_tell",
        "reason": "no row of support",
        "rows": [],
    }
    for evidence in (EXAMPLE, found, {**EXAMPLE, "support_exposure": unknown}):
        assert not CLAIMS.search(section(evidence)), CLAIMS.search(section(evidence))
        assert not CLAIMS.search(json.dumps(evidence["support_exposure"]))


def test_the_page_tells_the_three_apart_and_says_what_they_are_not():
    text = section(EXAMPLE)
    assert "They are no comparison of help with no help" in text
    assert all(who in text for who in ("All", "Helped in that time", "Not helped in that time"))
    assert "31% (18% to 48%)" in text
    assert "Meetings have seen lists since" in text


def test_evidence_made_before_this_was_told_is_still_shown():
    old = {name: part for name, part in EXAMPLE.items() if name != "support_exposure"}
    assert 'id="helped"' not in evidence_page(old)
