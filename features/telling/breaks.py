"""Breaks in time that a child's facts straddle: what the facts of before and after do not have in common.

Told once a pupil and a break, where the records that a card tells of reach back over its day: a look-back over the events of
two school years, or a spell with a service that began before. Which breaks have a sentence stands in `breaks.csv`.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from features.about import About
from features.as_of import LONGEST_LOOK_BACK
from features.contract.breaks import Break, breaks
from features.known import CONVERTED
from features.outcome import HIDDEN_KINDS, HIDDEN_KINDS_SINCE
from features.telling.fact import Fact, Row, by_pupil
from features.telling.words import day

FAMILY_OF = {
    "attendance": "attendance",
    "suspensions": "suspensions",
    "label": "suspensions",
    "hidden_exit": "context",
    "involvements": "context",
}
HIDING = frozenset(HIDDEN_KINDS).union(*HIDDEN_KINDS_SINCE.values())


def tell(about: About) -> Iterator[Fact]:
    """What a reader must know of the days on which records came to mean something else; kind `missing`."""
    told = [one for one in breaks(about.records.authority) if one.cards == "sentence"]
    first = about.look_back(LONGEST_LOOK_BACK)
    straddled = [one for one in told if one.touches(first, about.as_of.day_before)]
    if not straddled:
        return
    events = by_pupil(
        about.events.filter(about.as_of.within(about.events.date, LONGEST_LOOK_BACK)), "start_date"
    )
    spells = by_pupil(about.involvements, "start_date")
    entries = {pupil: rows[0]["entry_date"] for pupil, rows in by_pupil(about.spells, "entry_date").items()}
    for person in about.one_by_one:
        pupil = person["pupil"]
        begins = max(first, entries[pupil])
        for one in straddled:
            if one.schools and person["urn"] not in one.schools:
                continue
            family = is_straddled(
                one, begins, about.as_of.day_before, events.get(pupil, []), spells.get(pupil, [])
            )
            if family:
                yield Fact(pupil, family, "missing", None, one.on_card.format(day=day(one.first_day)))


def is_straddled(one: Break, begins: date, last: date, events: list[Row], spells: list[Row]) -> str:
    """The family whose facts of one child lie on both sides of a break; "" where none do.

    Parameters
    ----------
    begins, last : date
        The days that the facts of this child can be of.
    events, spells : list of dict
        Suspensions and exclusions of that time, and spells with services.
    """
    for hit in one.hits:
        if hit in FAMILY_OF and STRADDLED[hit](one, begins, last, events, spells):
            return FAMILY_OF[hit]
    return ""


def _over(one: Break, begins: date, last: date, events: list[Row], spells: list[Row]) -> bool:
    """What is counted over a look-back straddles wherever the look-back does, even where nothing was counted."""
    return one.touches(begins, last)


def _event_before(one: Break, begins: date, last: date, events: list[Row], spells: list[Row]) -> bool:
    """Some event was recorded by the rules of before."""
    return any(event["start_date"] < one.first_day for event in events)


def _exit_before(one: Break, begins: date, last: date, events: list[Row], spells: list[Row]) -> bool:
    """Some move or direction began by the rules of before."""
    return any(spell["kind"] in HIDING and begins <= spell["start_date"] < one.first_day for spell in spells)


def _converted(one: Break, begins: date, last: date, events: list[Row], spells: list[Row]) -> bool:
    """A spell with a service began on the very day, or one of what it was before went over it."""
    return any(
        spell["start_date"] == one.first_day
        or (spell["kind"] in CONVERTED and spell["start_date"] < one.first_day <= (spell["end_date"] or last))
        for spell in spells
    )


STRADDLED: Mapping[str, Callable[[Break, date, date, list[Row], list[Row]], bool]] = {
    "attendance": _over, "suspensions": _over, "label": _event_before, "hidden_exit": _exit_before, "involvements": _converted,
}  # fmt: skip
