"""The evidence page: the first thing first, every figure with its range or its reason, nothing invented."""

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from models.facts.evidence import STATEMENT
from models.facts.schemas import schema
from serving import evidence_words
from serving.charts import Mark, Series, interval_chart, line_chart
from serving.numbers import figure, in_a_hundred, percent, plainly, shift
from serving.svg import steps, tag
from tests.fact_pages import evidence_page
from tests.unit.test_wording import grade

TOP = Path(__file__).parents[2]
EXAMPLE = json.loads((TOP / "tests/example_evidence.json").read_text())


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    evidence = copy.deepcopy(EXAMPLE)
    change(evidence)
    return evidence


def test_the_example_is_what_training_writes() -> None:
    jsonschema.validate(EXAMPLE, schema("evidence"))


def test_a_gate_not_passed_is_the_first_thing_said() -> None:
    page = evidence_page(EXAMPLE)
    verdict, headline = page.index(evidence_words.GATE_NOT_PASSED), page.index("about 25</strong>")
    assert (
        page.index("<h2") < verdict < page.index("no gain over the best simple rule".capitalize()) < headline
    )
    assert evidence_words.GATE_PASSED not in page


def test_a_gate_passed_is_said_too() -> None:
    page = evidence_page(changed(lambda evidence: evidence["gate"].update(passed=True, reasons=[])))
    assert evidence_words.GATE_PASSED in page
    assert evidence_words.GATE_NOT_PASSED not in page


def test_the_headline_is_said_both_ways_with_its_range() -> None:
    page = re.sub(r"<[^>]+>", "", evidence_page(EXAMPLE))
    assert "about 25 (19 to 31) had been on it. About 75 (69 to 81) had not." in page
    assert "about 24 (16 to 34) were" in page
    assert "About 386 (376 to 394) were not." in page


def test_made_up_records_are_marked_and_real_ones_are_not() -> None:
    assert evidence_page(EXAMPLE).count(evidence_words.MADE_UP_EVIDENCE) == 2

    def real(evidence: dict[str, Any]) -> None:
        evidence.update(is_made_up=False, against_truth=None, first_lines=evidence["first_lines"][1:])

    page = evidence_page(changed(real))
    assert "MADE-UP" not in page
    assert "Beside the truth" not in page


def test_what_cannot_be_told_has_its_reason_and_no_zero() -> None:
    unknown = {"status": "cannot_tell", "estimate": None, "low": None, "high": None, "reason": "no pupil had the outcome", "events": 0, "schools": 0.0, "method": "none"}  # fmt: skip

    def empty(evidence: dict[str, Any]) -> None:
        evidence["headline"]["recall_at_capacity"] = unknown
        evidence["headline"]["precision"] = unknown
        evidence["headline"]["number_needed_to_screen"] = {
            "status": "cannot_tell",
            "estimate": None,
            "low": None,
            "high": None,
        }
        evidence["natural_frequencies"] = [
            {"phase": "all", "of": 410, "about": None, "low": None, "high": None}
        ]
        evidence["stability"]["expected_overlap"] = None
        evidence["transport"]["new_school"] |= {"low": None, "high": None, "reason": "too few schools to say"}
        evidence["transport"]["districts"] = None
        evidence["gate"]["over_best_rule"]["gain"] = unknown
        for row in evidence["capacities"]:
            row["recall"] = row["recall_pooled"] = unknown

    page = evidence_page(changed(empty))
    assert "It cannot be told: no pupil had the outcome." in page
    assert "cannot tell: no pupil had the outcome" in page
    assert "too few schools to say" in page


def test_a_calibration_curve_is_drawn_where_there_are_points() -> None:
    assert "No curve is drawn" in evidence_page(EXAMPLE)
    found = {"status": "estimated", "estimate": 0.02, "low": 0.01, "high": 0.03, "reason": "", "events": 20, "schools": 9.0, "method": "school_jackknife"}  # fmt: skip
    points = [{"mean_estimate": 0.01 * place, "num": 100, "observed": found} for place in range(1, 11)]

    def with_points(evidence: dict[str, Any]) -> None:
        evidence["calibration"]["curve"] = {"status": "estimated", "reason": "", "points": points}

    page = evidence_page(changed(with_points))
    assert "No curve is drawn" not in page
    assert "If estimates were exactly right" in page


def test_a_raised_alarm_is_named() -> None:
    def raised(evidence: dict[str, Any]) -> None:
        evidence["leak_alarm"].update(is_raised=True, alarms=["One feature carries the score: days_since_x."])
        evidence["leak_alarm"]["lag"] = {
            "status": "estimated",
            "reason": "",
            "recall": 0.4,
            "recall_lagged": 0.1,
        }

    page = evidence_page(changed(raised))
    assert "The alarm is raised." in page
    assert "days_since_x" in page
    assert "goes from 40% to 10%" in page


def test_one_list_and_a_past_year_and_lead_time() -> None:
    def year(evidence: dict[str, Any]) -> None:
        evidence["past_year"]["cumulative"] = evidence["past_year"]["cumulative"][:1]
        evidence["past_year"]["lead_time"] = [
            {"lead": 20, "num_pupils": 27, "num_listed": 9.0, "share": 0.333}
        ]

    page = evidence_page(changed(year))
    assert "there is no year to follow" in page
    assert re.search(r"<th scope=\"row\">20</th><td>27</td><td>9</td><td>33%</td>", page)


def test_every_year_that_was_tested_is_a_row_and_so_are_all_together() -> None:
    page = evidence_page(EXAMPLE)
    (section,) = re.findall(r'<section aria-labelledby="years">.*?</section>', page, re.DOTALL)
    rows = re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', section)
    assert [name for name, _ in rows] == [
        "21 October 2023 to 21 July 2024",
        "21 October 2022 to 21 July 2023",
        "All together",
    ]
    assert [re.findall("<td>(.*?)</td>", cells)[0] for _, cells in rows] == ["6", "5", ""]
    assert "Nothing can be told of the year from 21 October 2021" in section
    assert "The gate rests on all of these years together" in section


def test_what_estimates_are_made_of_is_told_by_kind_of_record_and_by_feature() -> None:
    (section,) = re.findall(
        r'<section aria-labelledby="made">.*?</section>', evidence_page(EXAMPLE), re.DOTALL
    )
    assert '<th scope="row">Suspensions</th><td>0.412</td><td>+1.733</td>' in section
    assert (
        '<th scope="row">share_missed_190</th><td>Attendance</td><td>0.187</td><td>cannot tell</td>'
        in section
    )
    early = evidence_page(changed(lambda evidence: evidence.pop("explained")))
    assert 'id="made"' not in early


def test_one_year_alone_says_so_and_is_told_once() -> None:
    def alone(evidence: dict[str, Any]) -> None:
        evidence["every_year"]["years"] = evidence["every_year"]["years"][:1]

    (section,) = re.findall(
        r'<section aria-labelledby="years">.*?</section>', evidence_page(changed(alone)), re.DOTALL
    )
    assert section.count('<th scope="row">') == 1
    assert "Records reach one test year only" in section
    early = evidence_page(changed(lambda evidence: evidence.pop("every_year")))
    assert 'id="years"' not in early


def test_every_chart_has_its_numbers_beside_it_and_words_in_its_place() -> None:
    page = evidence_page(EXAMPLE)
    figures = re.findall(r"<figure>.*?</figure>", page, re.DOTALL)
    assert len(figures) == 6
    assert all("<table" in each and re.search(r'role="img" aria-label="[^"]{40,}"', each) for each in figures)
    assert len(page) < 200_000


def test_text_of_the_facts_is_escaped() -> None:
    page = evidence_page(
        changed(lambda evidence: evidence.update(authority="<b>&", first_lines=["<script>", STATEMENT]))
    )
    assert "<script" not in page
    assert "&lt;b&gt;&amp;" in page


def test_the_page_reads_at_about_twelve_on_the_whole() -> None:
    sentences = [
        re.sub(r"<[^>]+>", "", each)
        for each in re.findall(r"<p[^>]*>(.*?)</p>", evidence_page(EXAMPLE), re.DOTALL)
    ]
    long = [each for each in sentences if len(each.split()) >= 7]
    assert len(long) > 15
    assert sum(map(grade, long)) / len(long) < 7


def test_figures_in_words() -> None:
    known = {"estimate": 0.246, "low": 0.0901, "high": 0.31, "reason": "", "status": "estimated"}
    assert figure(known) == "25% (9.0% to 31%)"
    assert figure(known, is_share=False) == "0.25 (0.09 to 0.31)"
    untold = {"status": "cannot_tell", "reason": "too few schools to say"}
    assert figure(known | untold) == in_a_hundred(known | untold) == "cannot tell: too few schools to say"
    assert in_a_hundred(known | {"estimate": 0.002, "low": -0.026, "high": 0.03}) == "+0.2 (−2.6 to +3.0)"
    assert percent(None) == ""
    said = plainly("no gain (six_term_logistic): recall differs by +0.002")
    assert said == "no gain (a formula of six terms): the share found differs by +0.002"


@pytest.mark.parametrize(
    ("low", "high", "found"),
    [(0, 0.31, [0, 0.1, 0.2, 0.3, 0.4]), (-1, 2.6, [-1, 0, 1, 2, 3]), (0, 0, [0]), (0, 6, [0, 2, 4, 6]), (0, 0.004, [0, 0.001, 0.002, 0.003, 0.004])],
)  # fmt: skip
def test_steps_are_round_and_reach_over_the_ends(low: float, high: float, found: list[float]) -> None:
    assert steps(low, high) == pytest.approx(found)


def test_an_element_escapes_what_it_holds() -> None:
    assert tag("text", "<a>", x=1.04, font_size='"') == '<text x="1" font-size="&#34;">&lt;a&gt;</text>'


def test_charts_keep_within_their_frame() -> None:
    marked = [Mark("a", 0.5, 0.1, 0.9, "x"), Mark("b", None, None, None, "cannot tell", True)]
    drawn = interval_chart("t", "d", marked, ("a",), []).svg
    lines = line_chart(
        "t",
        "d",
        [Series("s", [(1, 2), (3, 4)], [(1, 3), (3, 5)])],
        ("x", "y"),
        ("a",),
        [],
        is_share=(False, False),
    ).svg
    for svg in (drawn, lines):
        width = int(re.search(r'viewBox="0 0 (\d+)', svg)[1])
        assert all(0 <= float(value) <= width for value in re.findall(r' (?:x|x1|x2|cx)="([-0-9.]+)"', svg))


@pytest.mark.parametrize(
    ("low", "high", "says"),
    [
        (-0.1, 0.1, "+5.0 (−10.0 to +10.0)"),
        (0.0002, 0.1, "+5.00 (+0.02 to +10.00)"),
        (-0.1, -0.00001, "+5.000 (−10.000 to −0.001)"),
        (0.0, 0.1, "+5.0 (+0.0 to +10.0)"),
        (-1e-12, 0.1, "+5.0000 (+0.0000 to +10.0000)"),
    ],
)
def test_a_range_that_begins_beside_zero_is_not_written_as_if_it_held_zero(low, high, says):
    """The page says that a range which holds zero tells nothing apart: what is told apart must not look so."""
    apart = {"status": "estimated", "estimate": 0.05, "low": low, "high": high}
    assert shift(apart, is_share=True) == in_a_hundred(apart) == says
