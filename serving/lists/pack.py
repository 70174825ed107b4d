"""A meeting's pack, to be taken along: its list, its cards and room to write, as tagged PDF; `sheets` has the workbook."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from serving.cards import Help
from serving.composing import CARDED
from serving.http.fields import Field
from serving.meeting import Card, MeetingList, Row
from serving.screening.record import asked_at_a_meeting
from serving.stamp import Stamp, Taken
from serving.typeset import pdf
from serving.wording import (
    AFTER,
    CARD,
    FACT_WRONG,
    MOVED_NOTE,
    NEAR_THE_LINE_NOTE,
    NEWEST,
    NO_CHANGE,
    NO_FACTS,
    NO_PROTECTIVE,
    NO_SIGNPOSTS,
    NOBODY,
    NOBODY_LISTED,
    NOT_LISTED,
    PROMPTS,
    STANDING,
    STATES,
    day,
)

TEMPLATE, MINUTES_TEMPLATE = "lists/templates/pack.typ", "screening/templates/minutes.typ"
MINUTES = "Summary for the minutes"
EMPTY = {"facts": NO_FACTS, "changed": NO_CHANGE, "protective": NO_PROTECTIVE}
EVERYONE = "Everyone on roll"
NO_FREQUENCY = (
    "How often it came to that for children with such records is not on paper: the meeting says its own view first, and opens it "
    "with the screening."
)


def pack_pdf(meeting: MeetingList, stamp: Stamp, taken: Taken, minutes: Mapping[str, Any]) -> bytes:
    """The pack as tagged PDF.

    Parameters
    ----------
    meeting : MeetingList
        Whole: everyone whom its list names.
    stamp : Stamp
    taken : Taken
        Who takes it, and when: on the first page and at the foot of every page.
    minutes : mapping
        What its meetings settled so far, as `minutes_data` gives it; of a list before its meeting it says nothing.
    """
    return pdf(TEMPLATE, pack_data(meeting, stamp, taken, minutes), taken.at)


def minutes_pdf(meeting: MeetingList, stamp: Stamp, taken: Taken, minutes: Mapping[str, Any]) -> bytes:
    """What a list's meetings settled as tagged PDF, without the list and without a card."""
    said = {
        "title": f"{MINUTES}: {meeting.heading.title}",
        "running": f"{MINUTES}: {meeting.heading.title}",
        "banner": stamp.banner,
        "authority": stamp.authority,
        "about": about_minutes(minutes["meetings"], stamp.as_of),
        "taken": taken.line,
        "footer": f"{'MADE-UP DATA. ' if stamp.banner else ''}{MINUTES}. {taken.short}",
        "minutes": minutes,
    }
    return pdf(MINUTES_TEMPLATE, said, taken.at)


def about_minutes(meetings: Sequence[str], as_of: date) -> str:
    """Which meetings the minutes are of."""
    held = f"Meeting of {' and of '.join(meetings)}." if meetings else "No meeting is held yet."
    return f"{held} List of {day(as_of)}."


def pack_data(meeting: MeetingList, stamp: Stamp, taken: Taken, minutes: Mapping[str, Any]) -> dict[str, Any]:
    """What the pack says, as its template takes it; no child's frequency is in it, opened or not."""
    title = f"{meeting.heading.title}: list of {day(stamp.as_of)}"
    return {
        "title": title,
        "running": title,
        "banner": stamp.banner,
        "authority": stamp.authority,
        "place": meeting.heading.place,
        "lede": "Children for the meeting to talk about.",
        "stamp": stamp.line,
        "taken": taken.line,
        "footer": f"{stamp.footer} {taken.short}",
        "without_names": stamp.without_names,
        "standing": list(STANDING),
        "not_for": stamp.not_for,
        "notes": list(meeting.notes),
        "states": [_state(meeting, state, stamp.has_names) for state in STATES if meeting.counts[state]],
        "counts": {
            "title": EVERYONE,
            "columns": ["State", "Pupils"],
            "rows": [
                *([name, f"{meeting.counts[state]:,}"] for state, (name, _) in STATES.items()),
                [NOT_LISTED[0], f"{meeting.counts['not_listed']:,}"],
                ["On roll", f"{meeting.counts['on_roll']:,}"],
            ],
        },
        "minutes_title": "What is settled so far",
        "minutes": minutes,
        "often": {"title": AFTER, "sentences": stamp.frequencies(meeting.heading.phase)},
        "help_title": CARD["signposts"],
        "help": [
            {"status": each.status, "text": each.text, "source": each.source} for each in meeting.prompted()
        ],
        "reading": {
            "title": "How to read a card",
            "sentences": [MOVED_NOTE.format(year="the child’s year group"), FACT_WRONG, NO_FREQUENCY],
        },
        "cards": [_card(card, stamp) for card in meeting.cards],
        "box": [by_hand(field) for field in asked_at_a_meeting()],
    }


def by_hand(field: Field) -> dict[str, Any]:
    """A field as it is asked on paper: boxes to tick, lines or a table to write on, or a blank."""
    if field.widget == "rows":
        return {"kind": "rows", "title": field.title, "columns": [each.title for each in field.columns_asked]}
    if field.options:
        options = [title for code, title in field.options.items() if code]
        return {"kind": "ticks", "title": field.title, "options": options}
    if field.widget == "lines":
        return {"kind": "lines", "title": field.title, "rows": field.question.rows}
    return {"kind": "line", "title": field.title}


def _state(meeting: MeetingList, state: str, has_names: bool) -> dict[str, Any]:
    title, words = STATES[state]
    rows, number = meeting.states[state], meeting.counts[state]
    has_prompts = state == "exclusion_in_progress"
    shown = _columns(rows, state in CARDED and has_names, meeting.heading.is_district, has_prompts)
    is_near = any(row.note for row in rows) and state == "listed"
    return {
        "title": f"{title}: {number:,}",
        "words": words,
        "columns": [title for title, _ in shown],
        "rows": [[told(row) for _, told in shown] for row in rows],
        "nobody": NOBODY_LISTED if state == "listed" else NOBODY,
        "note": NEAR_THE_LINE_NOTE if is_near else "",
    }


def _columns(
    rows: Sequence[Row], has_upn: bool, is_district: bool, has_prompts: bool
) -> list[tuple[str, Callable[[Row], str]]]:
    """The columns in which a table of people says anything: what each is called, and what it tells of a row."""
    every: list[tuple[str, Callable[[Row], str], bool]] = [
        ("Name", lambda row: row.person.label, True),
        ("Year", lambda row: row.person.year, True),
        ("UPN", lambda row: row.person.code, has_upn),
        ("School", lambda row: row.person.school, is_district),
        (PROMPTS, lambda row: "\n".join(map(_prompt, row.prompts)) or NO_SIGNPOSTS, has_prompts),
        ("Note", lambda row: row.note, any(row.note for row in rows)),
        (CARD["since"], lambda row: row.since, any(row.since for row in rows)),
    ]
    return [(title, told) for title, told, is_shown in every if is_shown]


def _card(card: Card, stamp: Stamp) -> dict[str, Any]:
    person = card.person
    name = person.name.strip() or f"Pupil {person.code}"  # a page has to be of somebody
    code = f", {'UPN' if stamp.has_names else 'code'} {person.code}" if person.code not in person.name else ""
    note = f", {card.note}" if card.note else ""
    since = f" {card.since}." if card.since else ""
    sections = [
        {
            "title": CARD[section],
            "lines": [
                {
                    "family": line.family,
                    "sentence": line.sentence,
                    "dated": f"{NEWEST}{line.dated}" if line.dated else "",
                }
                for line in card.sections[section]
            ],
            "nothing": EMPTY.get(section, ""),
        }
        for section in _order(card)
    ]
    moved = [{"family": "", "sentence": each, "dated": ""} for each in card.moved[:-1]]
    prompts = [{"family": "", "sentence": _prompt(each), "dated": ""} for each in card.signposts]
    return {
        "name": name,
        "running": f"{name}, {person.year}, {person.school}",
        "place": f"{person.year}, {person.school}{code}",
        "standing": f"{STATES[card.state][0]}{note}.{since}",
        "sections": [
            *sections,
            {"title": CARD["moved"], "lines": moved, "nothing": ""},
            {"title": CARD["signposts"], "lines": prompts, "nothing": NO_SIGNPOSTS},
        ],
        "box_title": f"{CARD['view']}: {name}",
    }


def _prompt(help_with: Help) -> str:
    """A status, and who it points to here; what people could think about stands once, on the pages before."""
    dated = f", {help_with.dated}" if help_with.dated else ""
    return f"{help_with.status}{dated}.{f' Here: {help_with.local}.' if help_with.local else ''}"


def _order(card: Card) -> list[str]:
    """The sections of a card that say something, or have to say that there is nothing; what goes well first where there is any."""
    told = ["facts", "changed"]
    told = ["protective", *told] if card.sections["protective"] else [*told, "protective"]
    return [*told, *(["gaps"] if card.sections["gaps"] else [])]
