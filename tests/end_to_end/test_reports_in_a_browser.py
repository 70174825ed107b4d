"""The pages that a reviewer and a data protection officer read, in a real browser: at a desk, on a phone and on paper."""

from collections.abc import Iterator
from io import BytesIO
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from serving.audit_page import audit_page
from serving.documents import data_protection, family_notice, model_card, transparency_page
from serving.published_audit import published_audit
from tests.browser import browser, faults
from tests.fact_pages import compare_page, evidence_page, monitor_page, pooled_page
from tests.pools import region
from tests.published import audit_of, candidate_with_audit
from tests.reported import EVIDENCE, comparison
from tests.small import AUTHORITY, authority
from tests.watched import closed
from tests.watched import facts as watched
from training.audit.publish import publish
from training.documents.gather import gather
from training.documents.record import transparency_record
from training.pooled.pool import pool

PHONE, DESK = 390, 1280
MOST_PAGES = 8  # of an audit's main text on paper
BLOCKS = (
    "Boys: with the same recorded reason, earlier suspensions and school, more exclusions were permanent: 2.19 times (1.52 to 3.24) "
    "what others had, over 7,199 suspensions and exclusions of 2,181 pupils. Labels made of such sanctions carry the difference into the list."
)
NEED = (
    "26 groups differ from everyone mostly in need (Pakistani, Black Caribbean, Asian, Eligible for free school meals, Not eligible for "
    "free school meals, Girls, Boys, No special educational need and others): a list made of well-calibrated chances would have the same "
    "gaps. No change to the estimates answers it; places and support where need is greater do."
)

LABELS = {
    "a": "Taught elsewhere for health, or ill for a tenth of sessions",
    "b": "Not permanently excluded in the last two years",
    "c": "Gypsy / Roma, Any other White background, White and Black African, White and Asian, Any other Mixed background",
}


def found(number: int, kind: str, severity: str, sentence: str, attribute: str = "sex") -> dict[str, str]:
    return {
        "id": f"F{number:03}", "kind": kind, "severity": severity, "sentence": sentence, "attribute": attribute, "group": "a",
        "owner": "head of inclusion", "due": "2026-12-29", "state": "open",
        "stop_threshold": "Stop where schools, asked, can give no reason and the list goes on learning from these sanctions.",
    }  # fmt: skip


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Every report and document by name: an audit with as much on its first page as the demonstration's, and more."""
    folder = candidate_with_audit(tmp_path_factory.mktemp("documents"))
    audit = audit_of(folder)
    for row in audit["groups"]:
        row["label"] = LABELS.get(row["group"], row["label"])
    audit |= {
        "findings": [
            found(1, "severity_permanent", "blocks", BLOCKS),
            *(found(number, "sanctioned_often", "matters", BLOCKS) for number in range(2, 6)),
            found(6, "code_e", "matters", "5 schools have 1,102 sessions marked E without a suspension on record.", ""),
            found(7, "need", "noted", NEED, ""),
            *(found(number, "cannot_tell", "noted", "recall cannot be told for 16 of 21 groups.", "district") for number in range(8, 21)),
        ],
        "notes": ["4,163 times a pupil left the authority and no outcome could be seen: they are in no rate that needs one."],
    }  # fmt: skip
    told = gather(folder, authority(AUTHORITY.replace("Smallshire", "Simulated")))
    return {
        "audit": audit_page(audit),
        "published audit": published_audit(publish(audit)),
        "evidence": evidence_page(EVIDENCE),
        "comparison": compare_page(comparison(tmp_path_factory.mktemp("two"))),
        "pooled evidence": pooled_page(pool(region(tmp_path_factory.mktemp("region"), 3)).plain()),
        "monitor": monitor_page(watched(performance=closed())),
        "model card": model_card(told),
        "transparency record": transparency_page(told, transparency_record(told)),
        "data protection": data_protection(told),
        "notice": family_notice(told),
    }


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as found:
        yield found


def opened(chromium: Browser, text: str, width: int = DESK, media: Literal["print"] | None = None) -> Page:
    page = chromium.new_page(viewport={"width": width, "height": 900})
    page.set_content(text)
    page.emulate_media(media=media)
    return page


def printed(page: Page) -> list[str]:
    """The text of each printed page."""
    paper = page.pdf(prefer_css_page_size=True)
    return [each.extract_text() for each in PdfReader(BytesIO(paper)).pages]


def test_axe_finds_nothing_and_no_report_is_wider_than_a_phone(chromium, pages):
    found, wide = [], []
    for name, text in pages.items():
        page = opened(chromium, text)
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        found += [f"{name}: {each}" for each in faults(page)]
        page.set_viewport_size({"width": PHONE, "height": 700})
        if page.evaluate("document.documentElement.scrollWidth") > PHONE:
            wide.append(name)
        page.close()
    assert not found, "\n".join(found)
    assert not wide, "\n".join(wide)


def test_the_first_page_of_an_audit_is_one_page_on_paper_and_its_main_text_eight(chromium, pages):
    page = opened(chromium, pages["audit"])
    paper = printed(page)
    page.close()
    assert "What to do next?" in paper[0]
    assert "Each with who answers for it" in paper[1]
    appendix = next(number for number, text in enumerate(paper) if "Found and missed, in numbers" in text)
    assert appendix <= MOST_PAGES


def test_on_paper_nothing_that_a_screen_tells_is_left_out(chromium, pages):
    """A finding's sentence is a link to its figures; comparisons of the monitor are folded on a screen."""
    page = opened(chromium, pages["audit"], media="print")
    assert page.locator("#findings + div td >> text=2.19 times").first.is_visible()
    page.close()
    page = opened(chromium, pages["evidence"], media="print")
    assert page.locator("td a", has_text="What the lists found and missed").first.is_visible()
    page.close()
    page = opened(chromium, pages["monitor"])
    paper = " ".join(" ".join(printed(page)).split())
    page.close()
    assert "R: Religious observance" in paper and "cannot tell: it moves" in paper


def test_no_word_of_a_table_is_broken_between_its_letters(chromium, pages):
    """A column that is as narrow as a letter is read by nobody; marks of records alone may be cut anywhere."""
    script = """() => [...document.querySelectorAll('table:not(.marks) :is(td, th)')].filter(each =>
        getComputedStyle(each).overflowWrap === 'anywhere').map(each => each.innerText.slice(0, 40))"""
    for name, text in pages.items():
        page = opened(chromium, text, PHONE)
        assert page.evaluate(script) == [], name
        page.close()


def test_a_label_of_a_chart_never_runs_into_its_figure(chromium, pages):
    """Long names of groups, as the audit's attributes have them, in the pages' own fonts."""
    script = """() => [...document.querySelectorAll('figure svg')].flatMap(svg => {
        const words = [...svg.querySelectorAll('text:not([font-size])')].map(each => each.getBBox());
        return words.flatMap((one, at) => words.slice(at + 1).filter(other =>
            one.x < other.x + other.width && other.x < one.x + one.width && one.y + 3 < other.y + other.height - 3 &&
            other.y + 3 < one.y + one.height - 3).map(() => svg.getAttribute('aria-label').slice(0, 60)))
    })"""
    for name, text in pages.items():
        page = opened(chromium, text)
        assert page.evaluate(script) == [], name
        page.close()
