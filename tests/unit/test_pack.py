"""The meeting's pack: tagged PDF and workbook of a list and its cards, stamped, logged, and asking what the form asks."""

import io
import re
import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import select

from serving.account import accounts_of
from serving.cards import Line
from serving.database.tables import LogEntry
from serving.errors import LogRefused
from serving.lists.pack import NO_FREQUENCY, by_hand, pack_data, pack_pdf
from serving.lists.printed import _meetings
from serving.meeting import MeetingList
from serving.pages import template
from serving.screening.minutes import minutes_data, minutes_of
from serving.screening.record import ScreeningContent, asked_at_a_meeting
from serving.sheets import FEWEST_ROWS, list_workbook
from serving.stamp import Stamp, Taken, rates_of
from serving.typeset import shown
from tests import meetings
from tests.served import Served, reading_of, served, the_desk

TAKEN = Taken("made-up officer", datetime(2025, 6, 2, 9, 30, tzinfo=UTC))
STAMP = Stamp(
    "Example City", "demonstration-1", meetings.AS_OF, date(2025, 9, 1), date(2025, 5, 30), "serious_exclusion", 365,
    True, True, True, rates_of(meetings.EVIDENCE),
)  # fmt: skip
NO_MINUTES = minutes_data(minutes_of([], []), {})  # of a list whose meeting is still to come
TITLES = [field.title for field in asked_at_a_meeting()]


@cache
def made_up() -> MeetingList:
    """A school's list of fifteen cards."""
    reading = reading_of()
    accounts = accounts_of(meetings.AS_OF, reading, STAMP, None, None)
    return next(
        each
        for each in _meetings(accounts, reading, None, [], meetings.AS_OF)
        if each.heading.key == "schools/100003"
    )


@pytest.fixture(scope="module")
def meeting() -> MeetingList:
    return made_up()


@pytest.fixture(scope="module")
def pack(meeting) -> PdfReader:
    return PdfReader(io.BytesIO(pack_pdf(meeting, STAMP, TAKEN, NO_MINUTES)))


@pytest.fixture(scope="module")
def service() -> Served:
    return served()


def text_of(page) -> str:
    return " ".join(page.extract_text().split())


def tags_of(pdf: PdfReader) -> list[str]:
    """The kinds of the structure's elements, in reading order."""
    found: list[str] = []

    def walk(node) -> None:
        node = node.get_object()
        if isinstance(node, list):
            for each in node:
                walk(each)
        elif isinstance(node, dict):
            if "/S" in node:
                found.append(str(node["/S"]))
            if "/K" in node:
                walk(node["/K"])

    walk(pdf.trailer["/Root"]["/StructTreeRoot"])
    return found


def test_it_is_tagged_as_pdf_ua_with_title_language_headings_and_heads_of_tables(pack):
    root = pack.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and str(root["/Lang"]) == "en-GB"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert pack.metadata.title == "Davies High School 4: list of 23 May 2025"
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
    tags = tags_of(pack)
    headings = [int(tag[2:]) for tag in tags if re.fullmatch(r"/H[1-6]", tag)]
    assert headings[0] == 1 and headings.count(1) == 1 and {2, 3} <= set(headings)
    assert all(after <= before + 1 for before, after in zip(headings, headings[1:], strict=False))
    assert {"/Table", "/TH", "/TD", "/P"} <= set(tags)


def test_a_page_a_child_and_every_page_is_stamped(pack, meeting):
    pages = [text_of(page) for page in pack.pages]
    for page in pages:
        assert "As of 2025-05-23, release demonstration-1" in page and "MADE-UP DATA" in page
        assert "Taken out by made-up officer, 2025-06-02 09:30 UTC." in page
    assert TAKEN.line in pages[0] and STAMP.not_for in pages[0]
    cards = pages[-len(meeting.cards) :]
    for card, page in zip(meeting.cards, cards, strict=True):
        assert page.count(f"The meeting’s own view: {card.person.name}") == 1


def test_the_box_is_never_on_a_page_without_the_name(meeting):
    """A card that is too long for a page goes on to a second one, and the name stands at the head of that too."""
    card = meeting.cards[0]
    many = [Line("attendance", "Attendance", f"Made-up fact number {number}.", "") for number in range(60)]
    long = replace(card, sections={**card.sections, "facts": many})
    made = PdfReader(io.BytesIO(pack_pdf(replace(meeting, cards=[long]), STAMP, TAKEN, NO_MINUTES)))
    pages = [text_of(page) for page in made.pages]
    boxed = [page for page in pages if "What the meeting settled on" in page]
    facts = [page for page in pages if "Made-up fact number" in page]
    assert len(boxed) == 1 and len(facts) == 2
    head = f"{card.person.name}, {card.person.year}, {card.person.school}"
    assert all(page.startswith(head) for page in {*boxed, *facts})
    assert all(title in boxed[0] for title in TITLES)  # and whole on that page


def test_no_childs_frequency_is_in_it(pack, meeting):
    said = str(pack_data(meeting, STAMP, TAKEN, NO_MINUTES))
    assert "with past records like these" not in said and "on the test dates" not in said
    assert NO_FREQUENCY in " ".join(text_of(page) for page in pack.pages)


def test_paper_form_and_workbook_ask_the_same(meeting, service):
    assert [by_hand(field)["title"] for field in asked_at_a_meeting()] == TITLES
    book = load_workbook(io.BytesIO(list_workbook(meeting, STAMP, {})))["Our own view"]
    asked = [row[3] for row in book.iter_rows(values_only=True) if row[0] == meeting.cards[0].person.surname
             and row[1] == meeting.cards[0].person.forename]  # fmt: skip
    actions = [field for field in asked_at_a_meeting() if field.widget == "rows"]
    in_rows = {
        f"{field.title} {place + 1}: {column.title}"
        for field in actions for place in range(FEWEST_ROWS) for column in field.columns_asked
    }  # fmt: skip
    assert [title for title in asked if title not in in_rows] == [t for t in TITLES if t != actions[0].title]
    assert in_rows <= set(asked)
    page = template("list.html").render(meeting=meeting, stamp=STAMP, box=asked_at_a_meeting())
    box = re.search(r'<section class="view.*?</section>', page, re.DOTALL)
    assert box and all(title in box[0] for title in TITLES)
    service.put_aside("officer")
    said = {
        "pupil": service.pupils(service.school, "listed")[0],
        "meeting_on": "2025-05-30",
        "is_second": True,
    }
    number = service.ask("POST", "/v1/screenings", "officer", said).json()["screening"]
    form = service.ask("GET", f"/screenings/{number}", "officer").text
    assert all(f"{title}</l" in form for title in TITLES)  # a label or a legend


def test_lists_of_a_whole_authority_have_no_sheet_to_fill_in(meeting):
    """It would double the time that they take; the workbook that a meeting takes along has it."""
    assert load_workbook(io.BytesIO(list_workbook(meeting, STAMP))).sheetnames == [
        "List",
        "Cards",
        "About this list",
    ]


def test_dates_in_the_workbook_are_dates(meeting):
    book = load_workbook(io.BytesIO(list_workbook(meeting, STAMP, {})))
    on = [row[5] for row in book["Cards"].iter_rows(min_row=9, values_only=True) if row[5] is not None]
    assert on and all(isinstance(each, datetime) for each in on)


def test_what_a_screening_says_stands_in_the_workbook_and_days_as_dates(meeting):
    content = ScreeningContent(
        review_on=date(2025, 7, 1), who_leads="=1+1", was_known=True, outcome="targeted"
    )
    pupil = meeting.cards[0].person.pupil
    book = load_workbook(io.BytesIO(list_workbook(meeting, STAMP, {pupil: content})))["Our own view"]
    said = {row[3]: row[5] for row in book.iter_rows(min_row=9, max_row=9 + 20, values_only=True)}
    assert said["Look again on"] == datetime(2025, 7, 1)
    assert said["Who leads"] == "'=1+1" and said["What the meeting settled on"] == "Targeted"
    assert [each.formula1 for each in book.data_validations.dataValidation][0] == '"Yes,No"'


LETTERS = "#*@$_`\\[]{}()<>\"'’“”/~=-+.,:;!?&%^| ÉéŁłğaZ9"


@given(st.text(LETTERS, min_size=1, max_size=40))
@settings(max_examples=25, deadline=None, derandomize=True)
def test_a_text_stands_in_the_pdf_letter_by_letter(name):
    """Names that would be Typst markup: shown as they are, nothing run, nothing lost."""
    assert plain(name) in plain(pdf_of(f"x{name}x"))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
@settings(max_examples=25, deadline=None, derandomize=True)
def test_no_sign_stops_the_pdf(name):
    assert pdf_of(name)


def test_a_sign_that_no_font_has_is_shown_as_its_number():
    assert shown("Li 王 😀") == "Li [sign U+738B] [sign U+1F600]"
    assert "[signU+738B]" in plain(pdf_of("王"))


def pdf_of(name: str) -> str:
    """The card's page of a pack of one child of that name."""
    whole = made_up()
    card = replace(whole.cards[0], person=replace(whole.cards[0].person, name=name))
    small = replace(whole, cards=[card], states={state: [] for state in whole.states})
    made = PdfReader(io.BytesIO(pack_pdf(small, STAMP, TAKEN, NO_MINUTES)))
    return made.pages[-1].extract_text()


def plain(text: str) -> str:
    """Without space, and ligatures taken apart: how a reader of PDF gives letters back."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


@pytest.mark.parametrize(("kind", "starts"), [("pack", b"%PDF-1."), ("workbook", b"PK")])
def test_it_leaves_through_the_access_log(service, kind, starts):
    found = service.ask("GET", f"/schools/{service.school}/{kind}", "officer")
    assert found.status_code == 200 and found.content.startswith(starts)
    said = found.headers["content-disposition"]
    assert re.fullmatch(
        rf'attachment; filename="school-{service.school}-(pack-2025-05-23\.pdf|list-2025-05-23\.xlsx)"', said
    )
    assert found.headers["cache-control"] == "no-store"
    with the_desk().database.reading() as session:
        query = select(LogEntry).where(LogEntry.request == found.headers["x-request-id"])
        entry = session.scalars(query).one()
    assert (entry.action, entry.outcome, entry.person) == ("take_out", "shown", "made-up officer")
    listed = service.ask(
        "POST", "/v1/list", "officer", {"as_of": "2025-05-23", "of": {"school": service.school}}
    ).json()
    named = sum(len(listed[state]) for state in ("listed", "could_go_either_way", "already_supported",
                                                 "exclusion_in_progress", "not_assessed"))  # fmt: skip
    assert len(entry.tokens.split()) == named and str(service.school) in entry.what


@pytest.mark.parametrize("kind", ["pack", "workbook"])
def test_what_cannot_be_logged_is_not_given(service, kind, monkeypatch):
    def refuse(entry):
        raise LogRefused("full")

    monkeypatch.setattr(the_desk().log, "write", refuse)
    found = service.ask("GET", f"/schools/{service.school}/{kind}", "officer")
    assert found.status_code == 503 and found.headers["content-type"].startswith("text/html")
    assert b"PDF-1" not in found.content[:20]


def test_the_page_offers_it_to_whoever_may_take_it(service):
    path = f"/schools/{service.school}"
    assert f'href="{path}/pack?as_of=2025-05-23"' in service.ask("GET", path, "officer").text
    assert "/pack" not in service.ask("GET", path, "data_scientist").text
