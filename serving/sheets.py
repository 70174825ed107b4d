"""A meeting's list laid out for a spreadsheet; `workbooks` knows how to write one."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from openpyxl import Workbook
from pydantic import BaseModel

from serving.cards import Help
from serving.http.fields import Field
from serving.meeting import Card, MeetingList, Person
from serving.screening.record import asked_at_a_meeting
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

ASKED = ("Surname", "Forename", "UPN or code", "What is asked", "How", "What the meeting says")
FEWEST_ROWS = 3  # of a question that is answered in rows
NOTHING_SAID: tuple[object, ...] = ("", None, ())


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
            yield *who, CARD[section], line.family, line.on or "", line.sentence, ""
    for sentence in card.moved:
        yield *who, CARD["moved"], "", "", sentence, ""
    yield from help_rows(card.person, card.signposts)


def help_rows(person: Person, prompts: Sequence[Help]) -> Iterator[tuple[object, ...]]:
    """What a person's statuses point to, one row a prompt."""
    for prompt in prompts:
        local = f" Here: {prompt.local}." if prompt.local else ""
        yield (
            person.surname, person.forename, person.code, CARD["signposts"], prompt.status, prompt.on or "",
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
        " ".join((*meeting.notes, stamp.taken)).strip(),
    )
    return csv_bytes((*LIST, *STAMPED), ((*row, *marks) for row in list_rows(meeting)))


def asked_rows(card: Card, said: BaseModel | None) -> Iterator[tuple[tuple[object, ...], Sequence[str]]]:
    """What a meeting is asked of a child, one row a question, with what was said already; and what may be chosen.

    Parameters
    ----------
    said : ScreeningContent or None
        What the screening of this child says; None where none is begun.
    """
    who = (card.person.surname, card.person.forename, card.person.code)
    for field in asked_at_a_meeting():
        value = getattr(said, field.name) if said is not None else None
        if field.widget == "rows":
            yield from _asked_of_rows(who, field, value or ())
        else:
            choices = [title for code, title in field.options.items() if code]
            is_one = field.widget in ("one", "yes_no")
            hint = " ".join(filter(None, (field.question.hint, "; ".join(choices))))
            yield (*who, field.title, hint, as_cell(field, value)), choices if is_one else ()


def _asked_of_rows(
    who: tuple[str, ...], field: Field, rows: Sequence[Any]
) -> Iterator[tuple[tuple[object, ...], Sequence[str]]]:
    for place in range(max(len(rows), FEWEST_ROWS)):
        for column in field.columns_asked:
            value = getattr(rows[place], column.name) if place < len(rows) else None
            yield (*who, f"{field.title} {place + 1}: {column.title}", "", as_cell(column, value)), ()


def as_cell(field: Field, value: Any) -> object:
    """A field's value as a cell holds it: a day as a date, anything else in words, and nothing where nothing was said."""
    if value in NOTHING_SAID:
        return ""
    return value if field.widget == "day" else field.say(value)


def list_workbook(meeting: MeetingList, stamp: Stamp, said: Mapping[int, BaseModel] | None = None) -> bytes:
    """The list as a workbook: the list, the cards, what the meeting is asked, and what the list is.

    Parameters
    ----------
    said : mapping of int to ScreeningContent, optional
        Pupil to what the screening says, of those of whom one is begun. None leaves out the sheet that asks: of a whole
        authority's lists few are filled in, and it would take as long as all the rest of a workbook.
    """
    workbook = Workbook(write_only=True)
    marks = (
        stamp.banner,
        stamp.line,
        stamp.taken,
        *meeting.notes,
        stamp.not_for,
        stamp.without_names,
    )
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
    prompted = [*meeting.states["exclusion_in_progress"], *meeting.in_alternative_provision]
    sheet.table(CARDS, [*told, *(line for row in prompted for line in help_rows(row.person, row.prompts))])
    if said is not None:
        _ask(workbook, meeting, top, stamp, said)
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


def _ask(
    workbook: Workbook, meeting: MeetingList, top: Sequence[str], stamp: Stamp, said: Mapping[int, BaseModel]
) -> None:
    """The sheet that asks what the form asks, with what was said already."""
    sheet = Sheet(
        workbook,
        "Our own view",
        (14, 14, 21, 40, 46, 64),
        f"{meeting.heading.title}: {CARD['view'].lower()}",
        top,
        stamp.footer,
    )
    asked = [row for card in meeting.cards for row in asked_rows(card, said.get(card.person.pupil))]
    sheet.table(ASKED, [row for row, _ in asked])
    for place, (_, choices) in enumerate(asked):
        sheet.choose(len(ASKED), place, choices)
