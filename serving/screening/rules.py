"""The rules of a screening. What a field may hold stands with the field; here is what holds between them."""

from datetime import date, timedelta

from serving.errors import Breach, RecordsRefused
from serving.screening.record import FROM_MODEL, PROMPTS, Prompted, ScreeningContent, ScreeningRecord

SOON = timedelta(days=28)
PREPARED_AHEAD = timedelta(days=183)
HELP = ("universal_plus", "targeted", "intensive", "refer")  # levels with something to do by somebody
NOTHING: tuple[object, ...] = ("", (), None)


def refuse(breaches: list[Breach]) -> None:
    """RecordsRefused where anything was not kept; every breach at once."""
    if breaches:
        raise RecordsRefused(*breaches)


def of_meeting(meeting_on: date) -> list[Breach]:
    """A screening is begun for a meeting that was held, or is near enough to be prepared."""
    if meeting_on > date.today() + PREPARED_AHEAD:
        return [
            Breach(
                "meeting_on",
                "too_far_ahead",
                f"Give the day of the meeting. It can be at most {PREPARED_AHEAD.days} days still to come.",
            )
        ]
    return []


def of_content(content: ScreeningContent, meeting_on: date) -> list[Breach]:
    """What an outcome needs, and when the meeting may look again.

    Parameters
    ----------
    meeting_on : date
        The day of the meeting, or of the review that wrote this.
    """
    found = []
    if content.review_on is not None and content.review_on <= meeting_on:
        found.append(
            Breach("review_on", "not_after", "Give a day after the meeting to look again, or leave it empty.")
        )
    found += of_actions(content)
    if content.outcome is None:
        return found
    if not set(content.considered) - FROM_MODEL or not content.considered_words.strip():
        found.append(
            Breach(
                "considered",
                "beyond_model",
                "To settle on something, name at least one thing beyond the list and the card, and say what it was.",
            )
        )
    if not content.view.strip():
        found.append(Breach("view", "missing", "To settle on something, say the meeting’s own view first."))
    if content.was_known is None:
        found.append(
            Breach(
                "was_known",
                "missing",
                "To settle on something, say whether the meeting knew about this child.",
            )
        )
    return found


def of_its_day(content: ScreeningContent, meeting_on: date) -> list[Breach]:
    """Nothing is settled before the meeting is held."""
    if content.outcome is None or meeting_on <= date.today():
        return []
    text = "The meeting is still to come. What it settles on is recorded on its day."
    return [Breach("outcome", "to_come", text)]


def of_actions(content: ScreeningContent) -> list[Breach]:
    """Each action says what will be done."""
    if all(action.what.strip() for action in content.actions):
        return []
    return [Breach("actions", "missing", "Say of each action what will be done.")]


def missing(content: ScreeningContent) -> list[str]:
    """Fields that are still empty, in the order of the form: those that an outcome needs, and what was agreed."""
    is_beyond = bool(set(content.considered) - FROM_MODEL)
    is_helped = content.outcome in HELP
    empty = {
        "considered": not is_beyond,
        "considered_words": not content.considered_words.strip(),
        "view": not content.view.strip(),
        "was_known": content.was_known is None,
        "outcome": content.outcome is None,
        "who_leads": is_helped and not content.who_leads.strip(),
        "actions": is_helped and not content.actions,
        "review_on": is_helped and content.review_on is None and content.review_next != "ends",
    }
    return [name for name in ScreeningContent.model_fields if empty.get(name)]


def emptied(before: ScreeningContent, now: ScreeningContent) -> list[str]:
    """Fields that held something and would hold nothing."""
    return [
        name
        for name in ScreeningContent.model_fields
        if getattr(before, name) not in NOTHING and getattr(now, name) in NOTHING
    ]


def when_due(review_on: date | None, today: date) -> str:
    """Whether a review is overdue, due in the four weeks ahead (today is), later, or has no day."""
    if review_on is None:
        return "no_day"
    if review_on < today:
        return "overdue"
    return "due" if review_on <= today + SOON else "later"


def changed(before: ScreeningContent, now: ScreeningContent) -> list[str]:
    """Fields that say something else than before."""
    return [name for name in ScreeningContent.model_fields if getattr(before, name) != getattr(now, name)]


def of_prompt(prompted: Prompted) -> list[Breach]:
    """A list is named exactly where a list prompted."""
    if prompted.prompt not in PROMPTS.titles:
        return [Breach("prompt", "literal_error", f"Allowed values are {', '.join(PROMPTS.titles)}.")]
    if (prompted.prompt == "no_list") != (prompted.list_as_of is None):
        return [Breach("as_of", "no_prompt", "Name a list where a list led to this, and only there.")]
    return []


def of_setting_aside(before: ScreeningRecord, words: str) -> list[Breach]:
    """Only what is open is put aside, and somebody says why."""
    found = []
    if before.now.state != "open":
        found.append(Breach("", "not_open", "Only an open screening can be set aside."))
    if not words.strip():
        found.append(Breach("words", "missing", "Say why it is set aside."))
    return found


def of_review(before: ScreeningRecord, held_on: date, content: ScreeningContent) -> list[Breach]:
    """A review follows an outcome, says what became of each action, what it found and what is next.

    What a review wrote before stands with its version: it is not said again by sending it again.
    """
    found = []
    agreed = {action.agreed: action for action in content.actions}
    waiting = [action.agreed for action in before.now.actions if action.is_going_on]
    unsaid = sum(each not in agreed or agreed[each].became is None for each in waiting)
    if unsaid:
        found.append(
            Breach(
                "actions",
                "became_missing",
                f"Say what became of each action that was agreed. Of {unsaid} of them nothing is said yet.",
            )
        )
    if not content.review_found.strip():
        found.append(Breach("review_found", "missing", "Say what the review found."))
    if content.review_next is None:
        found.append(Breach("review_next", "missing", "Say what is next: look again, or the plan ends here."))
    elif content.review_next == "look_again" and content.review_on is None:
        found.append(
            Breach("review_on", "missing", "Give the day to look again, or say that the plan ends here.")
        )
    elif content.review_next == "ends":
        if content.review_on is not None:
            found.append(
                Breach("review_on", "ends", "The plan ends here, so leave the day to look again empty.")
            )
        if any(action.is_going_on for action in content.actions):
            found.append(
                Breach(
                    "actions",
                    "going_on",
                    "The plan ends here, so no action can be going on. Say what became of each.",
                )
            )
    if before.now.outcome is None:
        found.append(
            Breach(
                "",
                "nothing_to_review",
                "The screening has no outcome yet, so there is nothing to review. Record its outcome first.",
            )
        )
    if content.outcome is None:
        found.append(Breach("outcome", "missing", "A review ends with what the meeting settled on."))
    if held_on < before.meeting_on or held_on > date.today():
        found.append(
            Breach(
                "held_on",
                "no_such_day",
                "Give the day of the review: not before the meeting, and not still to come.",
            )
        )
    return found
