"""TRIPOD+AI in the evidence page: all 52 sub-items, each told somewhere that is there, or by a person."""

import re

from serving import evidence_words
from serving.reporting_items import items
from serving.reports import evidence_page
from tests.unit.test_reports import EXAMPLE
from training.documents.record import template

EXPECTED = [
    "1",
    "2",
    "3a",
    "3b",
    "3c",
    "4",
    "5a",
    "5b",
    "6a",
    "6b",
    "6c",
    "7",
    "8a",
    "8b",
    "8c",
    "9a",
    "9b",
    "9c",
    "10",
    "11",
    "12a",
    "12b",
    "12c",
    "12d",
    "12e",
    "12f",
    "12g",
    "13",
    "14",
    "15",
    "16",
    "17",
    "18a",
    "18b",
    "18c",
    "18d",
    "18e",
    "18f",
    "19",
    "20a",
    "20b",
    "20c",
    "21",
    "22",
    "23a",
    "23b",
    "24",
    "25",
    "26",
    "27a",
    "27b",
    "27c",
]


def test_27_items_and_52_sub_items():
    numbers = [item.number for item in items()]
    assert numbers == EXPECTED
    assert len(numbers) == 52
    assert len({re.sub(r"[a-z]", "", number) for number in numbers}) == 27


def test_each_item_is_told_somewhere_or_by_somebody():
    fields = set(template()["id"])
    for item in items():
        assert item.sections or item.elsewhere or item.to_complete, item.number
        assert set(item.sections) <= set(evidence_words.HEADINGS), item.number
        named = re.findall(r"field ([\d.]+)", " ".join(item.elsewhere))
        assert set(named) <= fields, item.number


def test_the_page_links_to_the_section_that_tells_it():
    page = evidence_page(EXAMPLE)
    for name, heading in evidence_words.HEADINGS.items():
        tag = "h1" if name == "top" else "h2"
        assert re.search(rf'id="{name}"', page), name
        assert f">{heading}</{tag}>" in page, heading
    table = page.split('id="tripod"')[1]
    assert table.count('<th scope="row">') == 52
    assert '<a href="#calibration">' in table
    assert "to be completed by the data protection officer" in table


def test_older_evidence_has_no_link_to_what_it_lacks():
    old = {name: part for name, part in EXAMPLE.items() if name != "support_exposure"}
    assert 'href="#helped"' not in evidence_page(old)
