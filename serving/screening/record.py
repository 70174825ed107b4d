"""What a screening says: the only place that names a field of one.

`ScreeningContent` is what a meeting writes. The form, the page, the JSON, the document, what is stored, the export and the
rights copy are made from it: a new field is one line here, and needs no migration. People write all of it; `outcome` is what
a meeting settled on, and comes only in.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from pydantic import Field as Limits

from serving.http.fields import EachOnce, Field, Question, Vocabulary, fields_of
from serving.http.records import Asked, Day, Pupil, Record, RecordNumber, Said, ShortText, Text, Version
from serving.wording import day

CONSIDERED = Vocabulary({
    "childs_voice": "What the child says",
    "family": "What the family says",
    "school_staff": "What school staff know",
    "trusted_adult": "An adult the child trusts",
    "other_services": "Other services",
    "school_records": "The school’s own records",
    "observation": "Seen at first hand",
    "list": "The list",
    "card": "The card",
})  # fmt: skip
FROM_MODEL = frozenset({"list", "card"})
NEEDS = Vocabulary({
    "attendance": "Attendance",
    "behaviour": "Behaviour",
    "communication_and_interaction": "Communication and interaction",
    "cognition_and_learning": "Cognition and learning",
    "family_and_home": "Family and home",
    "friendships": "Friendships",
    "physical_health": "Physical health",
    "poverty": "Poverty",
    "safety": "Safety",
    "sensory_and_physical": "Sensory and physical",
    "social_emotional_mental_health": "Social, emotional and mental health",
    "transition": "Moving on to another school or phase",
    "other": "Something else",
})  # fmt: skip
OUTCOMES = Vocabulary({
    "no_action": "No action",
    "universal": "Universal",
    "universal_plus": "Universal plus",
    "targeted": "Targeted",
    "intensive": "Intensive",
    "refer": "Refer on",
    "need_information": "Need to know more",
})  # fmt: skip
PROMPTS = Vocabulary({
    "listed": "Was on the list before the meeting.",
    "could_go_either_way": "Could go either way on the list before the meeting.",
    "already_supported": "Stood as already supported before the meeting.",
    "exclusion_in_progress": "Had an exclusion in progress before the meeting.",
    "not_assessed": "Was not assessed before the meeting.",
    "not_listed": "Was not listed before the meeting.",
    "no_list": "No list led to this.",
})  # fmt: skip
OPEN, SET_ASIDE, DONE = "open", "set_aside", "done"
BECAME = Vocabulary({
    "done": "Done",
    "going_on": "Going on",
    "not_done": "Not done",
    "no_longer_needed": "No longer needed",
})  # fmt: skip
GOING_ON = (None, "going_on")  # of an action of which a review has still to say what became
NEXT = Vocabulary({
    "look_again": "Look again on the day given",
    "ends": "No further review: the plan ends here",
})  # fmt: skip
STATES = Vocabulary({
    OPEN: "Open: nothing is settled yet",
    SET_ASIDE: "Set aside",
    DONE: "Settled",
})  # fmt: skip
# Parts of the form: before the frequency may be opened, after it, and what only a review asks.
VIEW, SETTLED, REVIEWED = "view", "settled", "reviewed"
MOST_ACTIONS = 20


class AgreedAction(Asked):
    """One thing that somebody will do for the child, and, from a review on, what became of it."""

    what: Annotated[ShortText, Question("What will be done")]
    who: Annotated[ShortText, Question("Who does it")] = ""
    by: Annotated[Day | None, Question("By when", empty="No day")] = None
    became: Annotated[
        Annotated[str, BECAME] | None, Question("What became of it", empty="Not said yet", part=REVIEWED)
    ] = None
    became_words: Annotated[ShortText, Question("In a few words", part=REVIEWED)] = ""

    @property
    def is_going_on(self) -> bool:
        return self.became in GOING_ON

    @property
    def agreed(self) -> tuple[str, str, date | None]:
        """What was agreed, whatever became of it."""
        return self.what.strip(), self.who.strip(), self.by


class ScreeningContent(Asked):
    """What a meeting considered and said; what is not known yet stays empty. People write all of it.

    An outcome needs something considered beyond the list and the card, and the meeting's own view.
    """

    considered: Annotated[
        tuple[Annotated[str, CONSIDERED], ...],
        EachOnce(),
        Question(
            "What the meeting considered", "At least one thing beyond the list and the card.", part=VIEW
        ),
    ] = ()
    considered_words: Annotated[
        Text,
        Question("What that was", "In your own words. What did you hear, and from whom?", part=VIEW, rows=4),
    ] = ""
    childs_words: Annotated[
        Text,
        Question(
            "What the child says", "In the child’s own words, as far as you have them.", part=VIEW, rows=3
        ),
    ] = ""
    familys_words: Annotated[
        Text, Question("What the family says", "In their own words.", part=VIEW, rows=3)
    ] = ""
    going_well: Annotated[
        Text,
        Question(
            "What is going well",
            "Strengths, in words that the child and the family can read: they stand on the plan that is given to them.",
            part=VIEW,
            rows=2,
        ),
    ] = ""
    view: Annotated[
        Text,
        Question(
            "The meeting’s own view",
            "Strengths first. What is going on for this child, and what would help?",
            part=VIEW,
            rows=6,
        ),
    ] = ""
    was_known: Annotated[
        bool | None, Question("Did the meeting already know about this child?", part=SETTLED)
    ] = None
    outcome: Annotated[
        Annotated[str, OUTCOMES] | None,
        Question(
            "What the meeting settled on",
            "The level of help. People settle this, and nothing here suggests one.",
            "Nothing yet",
            part=SETTLED,
        ),
    ] = None
    needs: Annotated[
        tuple[Annotated[str, NEEDS], ...],
        EachOnce(),
        Question("Needs found", "As many as apply.", "None named", part=SETTLED),
    ] = ()
    who_leads: Annotated[
        ShortText, Question("Who leads", "One adult who sees to it that this happens.", part=SETTLED)
    ] = ""
    actions: Annotated[
        tuple[AgreedAction, ...],
        Limits(max_length=MOST_ACTIONS),
        Question(
            "Actions",
            "What will be done, who does it, and by when. The plan for the family says it in these words. Empty lines are left out.",
            "None agreed",
            part=SETTLED,
        ),
    ] = ()
    review_on: Annotated[
        Day | None,
        Question(
            "Look again on",
            "The day the meeting will look again. Leave empty for none.",
            "No day",
            part=SETTLED,
        ),
    ] = None
    words: Annotated[
        Text,
        Question(
            "Anything else",
            "Or why you changed something.",
            "Nothing",
            part=SETTLED,
            rows=2,
        ),
    ] = ""
    review_found: Annotated[
        Text,
        Question(
            "What the review found", "What goes well now, and what does not yet?", part=REVIEWED, rows=4
        ),
    ] = ""
    review_next: Annotated[
        Annotated[str, NEXT] | None, Question("What is next", empty="Not said yet", part=REVIEWED)
    ] = None

    @property
    def has_own_view(self) -> bool:
        """Is something beyond the model considered, and the meeting's own view said?"""
        return bool(set(self.considered) - FROM_MODEL and self.considered_words.strip() and self.view.strip())

    def content_of(self) -> "ScreeningContent":
        """What it says alone, without who wrote it and when."""
        return ScreeningContent.model_construct(
            **{name: getattr(self, name) for name in ScreeningContent.model_fields}
        )

    @property
    def settled_state(self) -> str:
        """Open until there is an outcome."""
        return OPEN if self.outcome is None else DONE


def asked_at_a_meeting() -> tuple[Field, ...]:
    """What a meeting is asked of a child, in order: on paper, in the form and in the workbook."""
    return tuple(each for each in fields_of(ScreeningContent) if each.question.part != REVIEWED)


class ScreeningStart(Asked):
    """Whose screening begins, and before which meeting."""

    pupil: Pupil
    meeting_on: Annotated[Day, Question("Day of the meeting")]


class ScreeningBegun(ScreeningContent, ScreeningStart):
    """One child before one meeting."""

    as_of: Day | None = Limits(None, description="The list before the meeting; null where none was.")
    referral: RecordNumber | None = None
    is_second: bool = Limits(
        False, description="A second screening of this child on this day is meant, and no slip."
    )


class ScreeningEdit(ScreeningContent):
    """What the screening says now, written on the version that was read; the earlier version stays."""

    version: Version


class SetAside(Asked):
    """Why an open screening is put aside."""

    version: Version
    words: Annotated[Said, Question("Why", rows=2)]


class ReviewHeld(ScreeningEdit):
    """What a review found; `review_on` is the next one, null ends the cycle."""

    held_on: Annotated[Day, Question("Day of the review")]


class ScreeningVersionHead(Record):
    """Which version, and how far the screening was with it."""

    version: int
    state: Annotated[str, STATES]


class ScreeningVersionRecord(ScreeningContent, ScreeningVersionHead):
    """One version, as it was written."""

    review_held_on: date | None
    author: str
    at: datetime

    @property
    def standing(self) -> str:
        """Its state in words."""
        return STATES.titles[self.state]


class ScreeningRecord(Record):
    """A screening as it stands.

    Attributes
    ----------
    prompt : str
        Of `PROMPTS`: where the child stood on the list before the meeting, or `no_list`.
    frequency_opened_at : datetime or None
        When the frequency was first opened; always after a version with a view.
    """

    screening: int
    pupil: Pupil
    school: int
    meeting_on: date
    prompt: Annotated[str, PROMPTS]
    list_as_of: date | None
    release: str
    referral: int | None
    begun_by: str
    begun_at: datetime
    frequency_opened_at: datetime | None
    now: ScreeningVersionRecord

    @property
    def where_it_stands(self) -> str:
        """In a few words, for a list: open, settled and when, or set aside."""
        on = day(self.meeting_on)
        if self.now.state == DONE:
            settled = OUTCOMES.titles.get(self.now.outcome or "", "")
            return f"Settled on {on}: {settled}"
        if self.now.state == SET_ASIDE:
            return f"Set aside, {on}"
        return f"Open, meeting of {on}"

    @property
    def prompt_in_words(self) -> str:
        return PROMPTS.titles[self.prompt]


class ScreeningVersions(Record):
    """Every version, oldest first: an edit never overwrites."""

    screening: int
    versions: tuple[ScreeningVersionRecord, ...]


class OnePupil(Asked):
    """Whose records."""

    pupil: Pupil


class Screenings(Record):
    """Every screening of one pupil in the caller's scope, oldest first."""

    screenings: tuple[ScreeningRecord, ...]


class DueBy(Asked):
    """Reviews due on or before a day."""

    by: Day


class ReviewDueRecord(Record):
    """A review that was not held yet."""

    screening: int
    pupil: Pupil
    school: int
    review_on: date
    version: int


class ReviewsDue(Record):
    """The longest due first."""

    reviews: tuple[ReviewDueRecord, ...]


@dataclass(frozen=True)
class Prompted:
    """What brought the child before the meeting: a list, a referral, or neither.

    Attributes
    ----------
    prompt : str
        Of `PROMPTS`.
    """

    prompt: str = "no_list"
    list_as_of: date | None = None
    release: str = ""
    referral: int | None = None
