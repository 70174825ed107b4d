"""Screenings: what a meeting considered, its own view, and its outcome. People write every word of one.

Rules, held here and by the tables:

- One child at a time: a person begins the next when the one before has its outcome, or is set aside.
- Something beyond the model was considered, or there is no outcome.
- The meeting's own view stands recorded before the frequency can be opened.
- Edits append: version n + 1 beside n. Of two people who write on version n, the second is told (`Stale`), and
  nothing of either is lost.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from serving.access import Person

OUTCOMES = ("no_action", "universal_plus", "targeted", "intensive", "refer", "need_information")
PROMPTS = (
    "listed", "could_go_either_way", "already_supported", "exclusion_in_progress", "not_assessed", "not_listed",
    "no_list",
)  # fmt: skip
LIST, CARD = "list", "card"  # what the model gave; all else in CONSIDERED is beyond it
CONSIDERED = (
    LIST, CARD, "childs_voice", "family", "school_staff", "trusted_adult", "other_services", "school_records", "observation",
)  # fmt: skip
NEEDS = (
    "attendance", "behaviour", "communication_and_interaction", "cognition_and_learning", "family_and_home", "friendships",
    "physical_health", "poverty", "safety", "sensory_and_physical", "social_emotional_mental_health", "transition", "other",
)  # fmt: skip
OPEN, SET_ASIDE, DONE = "open", "set_aside", "done"
LONGEST_TEXT = 10_000  # characters


@dataclass(frozen=True)
class Said:
    """What one version of a screening says. What is not known yet stays empty.

    Attributes
    ----------
    considered : tuple of str
        Of `CONSIDERED`; an outcome needs one beyond `list` and `card`.
    considered_words : str
        What that was, in the meeting's words.
    view : str
        The meeting's own view.
    was_known : bool or None
        Did the meeting already know about this child? None: not said.
    outcome : str or None
        Of `OUTCOMES`; what people settled on. None: the screening is still open.
    needs : tuple of str
        Of `NEEDS`: needs found.
    review_on : date or None
        When the meeting will look again.
    words : str
        Anything else, or why this version was written.
    """

    considered: tuple[str, ...] = ()
    considered_words: str = ""
    view: str = ""
    was_known: bool | None = None
    outcome: str | None = None
    needs: tuple[str, ...] = ()
    review_on: date | None = None
    words: str = ""


@dataclass(frozen=True)
class Version:
    """One version of a screening: what it says, who wrote it and when."""

    version: int
    state: str
    said: Said
    review_held_on: date | None
    author: str
    at: datetime


@dataclass(frozen=True)
class Screened:
    """A screening as it stands.

    Attributes
    ----------
    prompt : str
        Of `PROMPTS`: where the child stood on the list before the meeting, or `no_list`.
    now : Version
    frequency_opened_at : datetime or None
        When the frequency was first opened; always after a version with a view.
    """

    id: int
    pupil: int
    urn: int
    meeting_on: date
    prompt: str
    list_as_of: date | None
    release: str
    referral: int | None
    begun_by: str
    begun_at: datetime
    now: Version
    frequency_opened_at: datetime | None = None


@dataclass(frozen=True)
class Prompted:
    """What brought the child before the meeting: a list, or none."""

    prompt: str = "no_list"
    list_as_of: date | None = None
    release: str = ""
    referral: int | None = None


NO_LIST = Prompted()


def begin(
    session: Session,
    person: Person,
    pupil: int,
    meeting_on: date,
    said: Said = Said(),
    prompted: Prompted = NO_LIST,
) -> Screened:
    """Begin the screening of one child, in the `writing()` block's transaction.

    Raises
    ------
    NotThere
        The pupil, or the referral, is not in the person's scope.
    OneAtATime
        Another screening is open in this person's hands.
    RecordsRefused
        A rule is broken; every breach at once.
    """
    raise NotImplementedError


def record(session: Session, person: Person, screening: int, version: int, said: Said) -> Screened:
    """Append what the screening says now, written on the version that the writer had read.

    `said` is the whole of it: what is left out of it is empty in the new version, and stands in the old.

    Raises
    ------
    NotThere
    Stale
        Somebody wrote after `version`; the service answers 409 with the version that is current.
    RecordsRefused
    """
    raise NotImplementedError


def set_aside(session: Session, person: Person, screening: int, version: int, words: str) -> Screened:
    """Put an open screening aside, with the reason in words; `record` takes it up again."""
    raise NotImplementedError


def read(session: Session, person: Person, screening: int) -> Screened:
    """A screening as it stands; NotThere alike where it is missing and where it is not the person's to see."""
    raise NotImplementedError


def versions(session: Session, person: Person, screening: int) -> list[Version]:
    """Every version, oldest first."""
    raise NotImplementedError


def screenings_of(session: Session, person: Person, pupil: int) -> list[Screened]:
    """Every screening of a pupil in the person's scope, oldest first."""
    raise NotImplementedError


def open_frequency(session: Session, person: Person, pupil: int) -> Screened:
    """Note that the person opens the frequency of a pupil's band, and give the screening that allows it.

    The screening is the pupil's latest that is open or done, begun by anybody in scope. What the frequency is,
    the caller knows; nothing of it is stored.

    Raises
    ------
    NotThere
    ViewFirst
        No screening of this pupil holds what was considered and the meeting's own view.
    """
    raise NotImplementedError
