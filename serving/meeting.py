"""What a meeting has before it: a list, those on it, and a card for each whom it may talk about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from serving.cards import Help, Line
from serving.signposts import SIGNPOSTS
from serving.strip import Strip, Weeks


@dataclass(frozen=True)
class Person:
    """A pupil as a page names one.

    Attributes
    ----------
    label : str
        Surname first, for a table in order of name; the pseudonym where names are not held.
    name : str
        Forename first, for a card's heading.
    code : str
        The UPN where names are shown, else the pseudonym.
    order : tuple of str
        What the order of name compares, without accents or case.
    """

    pupil: int
    label: str
    name: str
    surname: str
    forename: str
    code: str
    nc_year: int
    year: str
    school: str
    order: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """A person's line in one state of one list."""

    person: Person
    note: str
    since: str
    prompts: list[Help]
    strip: Strip | None = None


@dataclass(frozen=True)
class Card:
    """What the meeting has before it about one child."""

    person: Person
    state: str
    note: str
    sections: Mapping[str, list[Line]]
    moved: list[str]
    signposts: list[Help]
    since: str
    strip: Strip | None = None


@dataclass(frozen=True)
class Heading:
    """Whose list it is.

    Attributes
    ----------
    key : str
        The name of its files.
    title, group, place : str
        The school or district, the heading it stands under on the index, what else to say of where it is.
    phase : str
        Of the school; empty for a district.
    is_district : bool
    """

    key: str
    title: str
    group: str
    place: str
    phase: str
    is_district: bool


@dataclass(frozen=True)
class MeetingList:
    """One list whole, as pages, workbooks and CSV show it.

    Attributes
    ----------
    states : dict of str to list of Row
        State to those named under it, in order of name.
    counts : dict of str to int
        State, `not_listed` and `on_roll` to how many pupils stand there, named or not.
    not_assessed : dict of str to tuple
        Reason to how many, and those of them whom a page names.
    notes : list of str
        What a reader should know before reading the list.
    left : list of str
        Where those who were listed last time, and are not now, stand.
    """

    heading: Heading
    places: int
    states: Mapping[str, list[Row]]
    counts: Mapping[str, int]
    not_assessed: Mapping[str, tuple[int, list[Row]]]
    cards: list[Card]
    notes: list[str]
    last: str
    left: list[str]
    is_model_changed: bool

    @property
    def in_alternative_provision(self) -> list[Row]:
        """Those who are not assessed but have prompts of their own: the way back to a mainstream school."""
        return self.not_assessed.get("alternative_provision", (0, []))[1]

    def prompted(self) -> list[Help]:
        """What the statuses of everyone with a card or with prompts point to, each once."""
        rows = [Row(card.person, "", "", card.signposts) for card in self.cards]
        return self.prompts_of([*rows, *self.states["exclusion_in_progress"], *self.in_alternative_provision])

    @property
    def strips(self) -> list[tuple[str, Strip]]:
        """The name and strip of everyone with a card who has one."""
        return [(card.person.label, card.strip) for card in self.cards if card.strip]

    @property
    def weeks(self) -> Weeks | None:
        """The weeks that the strips show, alike on every card; None where no card has one."""
        return next((card.strip.weeks for card in self.cards if card.strip), None)

    def prompts_of(self, rows: Sequence[Row]) -> list[Help]:
        """What some rows' prompts say, each status once, in the order of a card."""
        found = {prompt.status: prompt for row in rows for prompt in row.prompts}
        return [found[each.status] for each in SIGNPOSTS.values() if each.status in found]
