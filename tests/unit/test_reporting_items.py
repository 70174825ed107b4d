"""TRIPOD+AI in the evidence page: all 52 sub-items, each told somewhere that is there, or by a person."""

import re

import pandas as pd

from serving import evidence_words
from serving.documents import model_card
from serving.reporting_items import ITEMS_FILE, items
from tests.fact_pages import evidence_page
from tests.published import candidate_with_audit
from tests.unit.test_reports import EXAMPLE
from training.documents.gather import gather
from training.documents.record import template, transparency_record

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
        if name in ("breaks", "adds"):  # the example straddles no break, and has no optional table
            assert f'id="{name}"' not in page
            continue
        tag = "h1" if name == "top" else "h2"
        assert re.search(rf'id="{name}"', page), name
        assert f">{heading}</{tag}>" in page, heading
    table = page.split('id="tripod"')[1]
    assert table.count('<th scope="row">') == 52
    assert '<a href="#calibration">' in table
    assert "to be completed by the data protection officer" in table


# What an item asks for, in words that the places it names must hold, together.
ASKED = {
    "1": ("permanently excluded", "Reception to Year 11"),
    "3b": ("Team Around the School",),
    "4": ("tested on later ones",),
    "5a": ("termly School Census", "school registers"),
    "5b": ("Dates",),
    "6a": ("Simulated", "Schools"),
    "6b": ("Reception to Year 11", "not assessed"),
    "6c": ("help",),
    "7": ("set aside",),
    "8a": ("permanently excluded", "year after"),
    "9a": ("Attendance", "Ethnicity, sex and free school meals"),
    "9b": ("feature dictionary",),
    "10": ("no sample was drawn",),
    "11": ("missing, never zero",),
    "12a": ("Training", "Test"),
    "12b": ("what is missing stays missing", "feature dictionary"),
    "12c": ("LightGBM", "folds of whole schools", "A formula of six terms"),
    "12d": ("district",),
    "12e": ("Slope", "Ranges hold 19 times in 20"),
    "12f": ("fitted again",),
    "12g": ("logistic recalibration",),
    "13": ("neither weighted nor resampled",),
    "14": ("by group", "risk direct discrimination"),
    "15": ("A chance between 0 and 1",),
    "18c": ("Protocol, fixed before the test was read",),
    "18f": ("Code",),
    "20a": ("left the authority",),
    "22": ("SHA-256",),
    "23a": ("By phase and by day", "by group"),
    "24": ("refitted on all eligible dates",),
    "26": ("cannot claim",),
    "27a": ("not assessed",),
}


def parts(page: str, tag: str) -> dict[str, str]:
    """Text of each section of a page, by the id of its heading."""
    found = {}
    for part in page.split(f"<{tag}")[1:]:
        name = re.search(r'id="(\w+)"', part)
        if name:
            found[name[1]] = re.sub(r"<[^>]+>", " ", "<" + part.split(f"</{tag}>")[0])
    return found


def test_each_item_finds_what_it_asks_for_where_it_points(tmp_path):
    facts = gather(candidate_with_audit(tmp_path))
    shown = parts(evidence_page(EXAMPLE), "section")
    shown["top"] = parts("<header" + evidence_page(EXAMPLE).split("<header")[1], "header")["top"]
    card = parts(model_card(facts), "section")
    record = {row["id"]: row["text"] for row in transparency_record(facts)}
    rows = pd.read_csv(ITEMS_FILE, dtype=str, keep_default_na=False).set_index("item")["where"]
    kinds = {"card": card, "record": record, "dictionary": {"all": "feature dictionary"}}
    wanting = [
        (item, words)
        for item, asked in ASKED.items()
        for words in asked
        if words not in " ".join(
            kinds[place.split(":")[0]][place.split(":")[1]] if ":" in place else shown[place]
            for place in rows[item].split()
        )
    ]  # fmt: skip
    assert wanting == []


def test_older_evidence_has_no_link_to_what_it_lacks():
    old = {name: part for name, part in EXAMPLE.items() if name != "support_exposure"}
    assert 'href="#helped"' not in evidence_page(old)
