"""What a screening says: its words, its choices, and the rules on them."""

from dataclasses import dataclass
from datetime import date, datetime

from serving.store.errors import RecordsRefused

OUTCOMES = ("no_action", "universal_plus", "targeted", "intensive", "refer", "need_information")
PROMPTS = (
    "listed", "could_go_either_way", "already_supported", "exclusion_in_progress", "not_assessed", "not_listed",
    "no_list",
)  # fmt: skip
FROM_MODEL = frozenset({"list", "card"})
CONSIDERED = (
    "list", "card", "childs_voice", "family", "school_staff", "trusted_adult", "other_services", "school_records",
    "observation",
)  # fmt: skip
NEEDS = (
    "attendance", "behaviour", "communication_and_interaction", "cognition_and_learning", "family_and_home",
    "friendships", "physical_health", "poverty", "safety", "sensory_and_physical", "social_emotional_mental_health",
    "transition", "other",
)  # fmt: skip
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

    @property
    def has_own_view(self) -> bool:
        """Is something beyond the model considered, and the meeting's own view said?"""
        return bool(set(self.considered) - FROM_MODEL and self.considered_words.strip() and self.view.strip())


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
    """What brought the child before the meeting: a list, a referral, or neither."""

    prompt: str = "no_list"
    list_as_of: date | None = None
    release: str = ""
    referral: int | None = None


def check_said(said: Said, meeting_on: date) -> None:
    """RecordsRefused where a rule of screening is broken; every breach at once.

    A message names the field and what to do, and never what was written in it.
    """
    breaches = [
        *_unknown("considered", said.considered, CONSIDERED),
        *_unknown("needs", said.needs, NEEDS),
        *_unknown("outcome", () if said.outcome is None else (said.outcome,), OUTCOMES),
        *too_long(considered_words=said.considered_words, view=said.view, words=said.words),
    ]
    if said.review_on is not None and said.review_on <= meeting_on:
        breaches.append("review_on is not after the meeting. Give a later day.")
    if said.outcome is not None:
        if not set(said.considered) - FROM_MODEL or not said.considered_words.strip():
            breaches.append(
                "An outcome needs something considered beyond the list and the card: name it in considered, and say what it was in considered_words."
            )
        if not said.view.strip():
            breaches.append("An outcome needs the meeting's own view: say it in view.")
        if said.was_known is None:
            breaches.append("An outcome needs was_known: did the meeting already know about this child?")
    if breaches:
        raise RecordsRefused(*breaches)


def check_prompted(prompted: Prompted) -> None:
    """RecordsRefused unless a list is named exactly where a list prompted."""
    breaches = _unknown("prompt", (prompted.prompt,), PROMPTS)
    if not breaches and (prompted.prompt == "no_list") != (prompted.list_as_of is None):
        breaches.append(
            "list_as_of goes with a prompt from a list, and only with one. Give both, or prompt no_list and neither."
        )
    if breaches:
        raise RecordsRefused(*breaches)


def _unknown(field: str, given: tuple[str, ...], allowed: tuple[str, ...]) -> list[str]:
    wrong = len(set(given) - set(allowed))
    found = (
        [f"{field} holds {wrong} that are not known. Allowed values are {', '.join(allowed)}."]
        if wrong
        else []
    )
    if len(set(given)) < len(given):
        found.append(f"{field} names something twice. Name each once.")
    return found


def too_long(**texts: str) -> list[str]:
    """A breach for each text that is too long or cannot be kept (a zero byte, half a character)."""
    found = []
    for field, text in texts.items():
        if len(text) > LONGEST_TEXT:
            found.append(f"{field} has {len(text):,} characters; {LONGEST_TEXT:,} at most. Say it shorter.")
        if "\x00" in text or any(0xD800 <= ord(letter) <= 0xDFFF for letter in text):
            found.append(f"{field} holds characters that are no text. Write it again without them.")
    return found
