"""Every page a reader opens: whole in itself, in order, linked, and readable by everyone (WCAG 2.2 AA)."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from serving.lists.printed import write_lists
from tests.fact_pages import evidence_page
from tests.meetings import AS_OF, EVIDENCE, model, reading

VOID = {"meta", "link", "br", "hr", "img", "input", "col", "area", "base", "embed", "source", "track", "wbr"}
MIN_CONTRAST = 4.5  # WCAG 2.2, 1.4.3


class Page(HTMLParser):
    """A page as its elements: (tag, attributes, text), and whether every tag was closed in turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.open: list[tuple[str, dict[str, str], list[str]]] = []
        self.elements: list[tuple[str, dict[str, str], list[str]]] = []
        self.misnested: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = (tag, {name: value or "" for name, value in attrs}, [])
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}, []))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop()[0] != tag:
            self.misnested.append(tag)

    def handle_data(self, data: str) -> None:
        for _, _, text in self.open:
            text.append(data)

    def all(self, *tags: str) -> list[tuple[str, dict[str, str], str]]:
        return [(tag, attrs, "".join(text).strip()) for tag, attrs, text in self.elements if tag in tags]


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's contrast ratio of two colours."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages") / "lists"
    frames = reading(
        reasons={5: "year_group_unknown", 6: "alternative_provision", 7: "restricted"},
        is_supported=range(20, 40),
        is_exclusion_in_progress=[40],
    )
    write_lists(folder, AS_OF, frames, model(), "candidate-1", EVIDENCE)
    example = json.loads((Path(__file__).parents[1] / "example_evidence.json").read_text())
    (folder / "evidence.html").write_text(evidence_page(example), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def pages(out: Path) -> dict[Path, Page]:
    return {path: Page(path.read_text(encoding="utf-8")) for path in sorted(out.rglob("*.html"))}


def offenders(pages: dict[Path, Page], is_wrong) -> list[str]:  # type: ignore[no-untyped-def]
    return [path.name for path, page in pages.items() if is_wrong(page)]


def test_every_tag_is_closed_in_turn(pages: dict[Path, Page]) -> None:
    assert len(pages) == 10
    assert offenders(pages, lambda page: page.misnested or page.open) == []


def test_language_title_and_width_are_declared(pages: dict[Path, Page]) -> None:
    def is_wrong(page: Page) -> bool:
        return (
            page.all("html")[0][1].get("lang") != "en-GB"
            or not page.all("title")[0][2]
            or not any(attrs.get("name") == "viewport" for _, attrs, _ in page.all("meta"))
        )

    assert offenders(pages, is_wrong) == []


def test_each_page_has_its_landmarks_and_a_way_past_the_top(pages: dict[Path, Page]) -> None:
    def is_wrong(page: Page) -> bool:
        skip = page.all("a")[0][1]
        return (
            len(page.all("main")) != 1
            or not page.all("header")
            or not page.all("footer")
            or skip["href"] != "#main"
        )

    assert offenders(pages, is_wrong) == []


def test_headings_step_down_one_at_a_time(pages: dict[Path, Page]) -> None:
    def is_wrong(page: Page) -> bool:
        levels = [int(tag[1]) for tag, _, _ in page.all("h1", "h2", "h3", "h4", "h5", "h6")]
        return (
            levels.count(1) != 1
            or levels[0] != 1
            or any(b > a + 1 for a, b in zip(levels, levels[1:], strict=False))
        )

    assert offenders(pages, is_wrong) == []


def test_every_table_has_a_caption_and_scoped_headers(pages: dict[Path, Page]) -> None:
    def is_wrong(page: Page) -> bool:
        return len(page.all("table")) != len(page.all("caption")) or any(
            attrs.get("scope") not in ("col", "row") for _, attrs, _ in page.all("th")
        )

    assert offenders(pages, is_wrong) == []


def test_ids_are_unique_and_links_lead_somewhere(out: Path, pages: dict[Path, Page]) -> None:
    broken = []
    for path, page in pages.items():
        ids = [attrs["id"] for _, attrs, _ in page.elements if "id" in attrs]
        broken += [f"{path.name}: id {each} twice" for each in set(ids) if ids.count(each) > 1]
        labels = [each for _, attrs, _ in page.elements for each in attrs.get("aria-labelledby", "").split()]
        broken += [f"{path.name}: no {each}" for each in labels if each not in ids]
        for _, attrs, text in page.all("a"):
            target = attrs["href"]
            found = target[1:] in ids if target.startswith("#") else (path.parent / target).is_file()
            broken += [] if found and (text or attrs.get("aria-label")) else [f"{path.name}: {target}"]
    assert broken == []


def test_nothing_is_fetched_from_anywhere(pages: dict[Path, Page]) -> None:
    def is_wrong(page: Page) -> bool:
        fetched = page.all("script", "link", "img", "iframe", "object", "embed", "audio", "video")
        return bool(fetched) or re.search(r"url\((?!#)|@import|https?://|javascript:", page.text) is not None

    assert offenders(pages, is_wrong) == []


def test_every_text_colour_stands_out_from_what_is_behind_it(pages: dict[Path, Page]) -> None:
    style = next(iter(pages.values())).all("style")[0][2]
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{3,6});", style))
    behind = [colours["paper"], colours["wash"], "#fdf3d4", "#fbe9b4"]
    used = {colours[name] for name in re.findall(r"(?<![-\w])color: var\(--(\w+)\)", style)}
    written = {colours[name] for name in ("ink", "soft", "link", "bad")}
    assert used == written | {colours["paper"]}
    assert [(text, back) for text in written for back in behind if contrast(text, back) < MIN_CONTRAST] == []
    assert contrast(colours["paper"], colours["ink"]) >= MIN_CONTRAST  # on a button


def test_no_colour_is_put_beside_a_name(pages: dict[Path, Page]) -> None:
    assert offenders(pages, lambda page: any("style" in attrs for _, attrs, _ in page.elements)) == []


def test_every_page_prints_on_a4_with_its_stamp(pages: dict[Path, Page]) -> None:
    def is_wrong(page: Page) -> bool:
        style = page.all("style")[0][2]
        stamped = "release candidate-1" in style or "protocol 6489a3a2ebd8" in style
        return "size: A4" not in style or not stamped or "@media print" not in style

    assert offenders(pages, is_wrong) == []


def test_on_paper_a_total_is_printed_once_and_a_sum_is_not_torn(pages: dict[Path, Page]) -> None:
    """A browser repeats a table's foot on every page: "On roll" would stand under half of the states."""

    def is_wrong(page: Page) -> bool:
        paper = page.all("style")[0][2].partition("@media print")[2]
        return (
            "tfoot { display: table-row-group; }" not in paper
            or "table.sum { break-inside: avoid" not in paper
        )

    assert offenders(pages, is_wrong) == []
