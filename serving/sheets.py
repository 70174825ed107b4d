"""A meeting's list laid out for a spreadsheet; `workbooks` knows how to write one."""

from collections.abc import Iterator, Sequence

from openpyxl import Workbook

from serving.cards import Help
from serving.composing import Card, MeetingList, Person
from serving.stamp import Stamp
from serving.wording import CARD, FACT_WRONG, NEAR_THE_LINE_NOTE, NOT_LISTED, STANDING, STATES
from serving.workbooks import Sheet, csv_bytes, workbook_bytes

STAMPED = ("As of", "Release", "Do not use after", "Made-up data", "Not to be used for", "Before you read on")
LIST = (
    "State",
    "Surname",
    "Forename",
    "UPN or code",
    "Year",
    "School",
    "Note",
    "Since the last list",
    "How many",
)
CARDS = (
    "Surname",
    "Forename",
    "UPN or code",
    "Part of the card",
    "Kind of record",
    "Date",
    "What it says",
    "Source",
)


def list_rows(meeting: MeetingList, count_rows: bool = True) -> Iterator[tuple[object, ...]]:
    """One row a named pupil and one a count of those not named; `How many` sums to the roll."""
    for state, rows in meeting.states.items():
        for row in rows:
            person = row.person
            yield (
                STATES[state][0], person.surname, person.forename, person.code, person.year, person.school, row.note, row.since, 1,
            )  # fmt: skip
        unnamed = meeting.counts[state] - len(rows)
        if count_rows and unnamed:
            yield STATES[state][0], "", "", "", "", "", "held back: counted, never named", "", unnamed
    if count_rows:
        yield NOT_LISTED[0], "", "", "", "", "", "counted, not named", "", meeting.counts["not_listed"]


def card_rows(card: Card) -> Iterator[tuple[object, ...]]:
    """A card, one row a sentence."""
    who = (card.person.surname, card.person.forename, card.person.code)
    for section, lines in card.sections.items():
        for line in lines:
            yield *who, CARD[section], line.family, line.dated, line.sentence, ""
    for sentence in card.moved:
        yield *who, CARD["moved"], "", "", sentence, ""
    yield from help_rows(card.person, card.signposts)


def help_rows(person: Person, prompts: Sequence[Help]) -> Iterator[tuple[object, ...]]:
    """What a person's statuses point to, one row a prompt."""
    for prompt in prompts:
        local = f" Here: {prompt.local}." if prompt.local else ""
        yield (
            person.surname, person.forename, person.code, CARD["signposts"], prompt.status, prompt.since,
            f"{prompt.text}{local}", prompt.source,
        )  # fmt: skip


def list_csv(meeting: MeetingList, stamp: Stamp) -> bytes:
    """The list as one CSV table; every row carries the stamp, since a row may be cut out."""
    marks = (
        stamp.as_of.isoformat(),
        stamp.release,
        stamp.expires_on.isoformat(),
        stamp.banner or "no",
        stamp.not_for,
        " ".join(meeting.notes),
    )
    return csv_bytes((*LIST, *STAMPED), ((*row, *marks) for row in list_rows(meeting)))


def list_workbook(meeting: MeetingList, stamp: Stamp) -> bytes:
    """The list as a workbook of three sheets: the list, the cards, and what the list is."""
    workbook = Workbook(write_only=True)
    marks = (stamp.banner, stamp.line, *meeting.notes, stamp.not_for, stamp.without_names)
    top = [line for line in marks if line]
    sheet = Sheet(
        workbook, "List", (23, 16, 16, 21, 10, 28, 26, 30, 10), meeting.heading.title, top, stamp.footer
    )
    sheet.table(LIST, list(list_rows(meeting)))
    sheet = Sheet(
        workbook,
        "Cards",
        (14, 14, 21, 30, 26, 19, 64, 26),
        f"{meeting.heading.title}: cards",
        top,
        stamp.footer,
    )
    told = [row for card in meeting.cards for row in card_rows(card)]
    elsewhere = meeting.not_assessed.get("alternative_provision", (0, []))[1]
    prompted = [*meeting.states["exclusion_in_progress"], *elsewhere]
    sheet.table(CARDS, [*told, *(line for row in prompted for line in help_rows(row.person, row.prompts))])
    sheet = Sheet(workbook, "About this list", (110,), "About this list", top, stamp.footer)
    states = [f"{name}: {text}" for name, text in (*STATES.values(), NOT_LISTED)]
    for line in [
        *STANDING,
        *states,
        NEAR_THE_LINE_NOTE,
        *stamp.frequencies(meeting.heading.phase),
        FACT_WRONG,
    ]:
        sheet.line(line)
    return workbook_bytes(workbook)
