"""Moves between schools, and the people and services that know a child.

A service is help. Those that work with child and family are told as going well; the rest are told as facts.
"""

from collections.abc import Iterator
from datetime import date

from features.about import About
from features.as_of import LONGEST_LOOK_BACK, SCHOOL_YEAR
from features.cohort import UNKNOWN_YEAR
from features.involvements import BY_CODE, codes
from features.tables import is_outside_phase
from features.telling.fact import Fact, Kind, Row, by_pupil
from features.telling.words import day, times
from features.views import VIEWS

OUT_FOR = 20  # school days on no roll that are told
LEFT = {
    "permanently_excluded": "Left a school on {} after a permanent exclusion.",
    "managed_move": "Left a school on {} for a managed move.",
    "ehe": "Left a school on {} to be taught at home.",
    "custody": "Left a school on {} for custody.",
    "unknown": "Left a school on {}. Where to was not recorded.",
}
SUPPORT = {
    "universal_plus": "Universal plus support",
    "targeted": "Targeted support",
    "intensive": "Intensive support",
    "other": "Support",
}


def tell(about: About) -> Iterator[Fact]:
    """Facts of family context."""
    services = by_pupil(
        about.involvements.filter(lambda t: t.kind.isin(codes("context"))), "start_date", "kind", "end_date"
    )
    support = by_pupil(about.support, "start_date", "kind", "end_date")
    spells = by_pupil(about.spells, "entry_date", "urn")
    moves = by_pupil(VIEWS["moves"].rows(about.scene), "entry_date")
    for person in about.one_by_one:
        pupil = person["pupil"]
        yield from _moves(about, person, spells[pupil], [move["entry_date"] for move in moves.get(pupil, [])])
        yield from _services(about, pupil, services.get(pupil, []))
        yield from _support(about, pupil, support.get(pupil, []))
        yield from _not_known(about, person, spells[pupil])


def _moves(about: About, person: Row, spells: list[Row], moves: list[date]) -> Iterator[Fact]:
    pupil = person["pupil"]
    two_years = about.look_back(LONGEST_LOOK_BACK)
    joined = min(spell["entry_date"] for spell in spells if spell["cluster"] == person["cluster"])
    if joined >= about.look_back(SCHOOL_YEAR):
        middle = ", after the school year had begun" if joined in moves else ""
        yield Fact(pupil, "context", "change", joined, f"Joined this school on {day(joined)}{middle}.")
    moves = [entry for entry in moves if entry >= two_years]
    if len(moves) > 1:
        sentence = f"Changed school in the middle of a year {times(len(moves))} since {day(two_years)}."
        yield Fact(pupil, "context", "fact", moves[-1], sentence)
    for spell in spells:
        if not spell["is_open"] and spell["leaving_reason"] in LEFT and spell["leaving_date"] >= two_years:
            yield Fact(
                pupil,
                "context",
                "fact",
                spell["leaving_date"],
                LEFT[spell["leaving_reason"]].format(day(spell["leaving_date"])),
            )
    yield from _on_no_roll(about, pupil, spells, two_years)
    if person["is_dual"]:
        second = max(
            spell["entry_date"] for spell in spells if spell["is_open"] and spell["enrolment_status"] == "S"
        )
        yield Fact(pupil, "context", "fact", second, f"On the roll of two schools since {day(second)}.")


def _on_no_roll(about: About, pupil: int, spells: list[Row], earliest: date) -> Iterator[Fact]:
    index = about.as_of.calendar.index
    left: date | None = None
    for place, spell in enumerate(spells):
        if place and left is not None and spell["entry_date"] >= earliest:
            away = index(spell["entry_date"]) - index(left)
            if away > OUT_FOR:
                sentence = f"On no school roll here from {day(left)} to {day(spell['entry_date'])}: {away} school days."
                yield Fact(pupil, "context", "fact", spell["entry_date"], sentence)
        if place == 0 or left is not None:
            left = None if spell["is_open"] else max(filter(None, (left, spell["leaving_date"])))


def _services(about: About, pupil: int, spells: list[Row]) -> Iterator[Fact]:
    lately = about.look_back(SCHOOL_YEAR)
    told = set()
    for spell in spells:
        kind, start, end = BY_CODE[spell["kind"]], spell["start_date"], spell["end_date"]
        if spell["is_open"] and kind.is_open and kind not in told:
            told.add(kind)
            how: Kind = "protective" if kind.is_protective else "fact"
            yield Fact(pupil, "context", how, start, kind.is_open.format(day(start)))
        elif not spell["is_open"] and kind.ended and end >= lately:
            yield Fact(
                pupil,
                "context",
                "change",
                end,
                f"{kind.ended} ended on {day(end)}. It began on {day(start)}.",
            )


def _support(about: About, pupil: int, spells: list[Row]) -> Iterator[Fact]:
    for spell in spells:
        what, start, end = SUPPORT[spell["kind"]], spell["start_date"], spell["end_date"]
        if spell["is_open"]:
            yield Fact(pupil, "context", "protective", start, f"{what} has been in place since {day(start)}.")
        elif end >= about.look_back(SCHOOL_YEAR):
            yield Fact(
                pupil, "context", "change", end, f"{what} ended on {day(end)}. It began on {day(start)}."
            )


def _not_known(about: About, person: Row, spells: list[Row]) -> Iterator[Fact]:
    pupil, first = person["pupil"], spells[0]["entry_date"]
    if person["birth_date"] is None:
        yield Fact(pupil, "context", "missing", None, "No birth date is known.")
    if person["nc_year"] == UNKNOWN_YEAR:
        yield Fact(pupil, "context", "missing", None, "The year group is not known.")
    if person["nc_year"] != UNKNOWN_YEAR and is_outside_phase(person["nc_year"], person["phase"]):
        year = f"Year {person['nc_year']}" if person["nc_year"] else "Reception"
        sentence = f"{year} in a {person['phase']} school, by these records. The year group or the school may be out of date."
        yield Fact(pupil, "context", "missing", None, sentence)
    if person["nc_year"] > 0 and first >= about.look_back(SCHOOL_YEAR):
        sentence = f"First on a school roll here on {day(first)}. What came before is not in these records."
        yield Fact(pupil, "context", "missing", first, sentence)
