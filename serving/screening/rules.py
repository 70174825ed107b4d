"""The rules of a screening. What a field may hold stands with the field; here is what holds between them."""

from datetime import date

from serving.errors import Breach, RecordsRefused
from serving.screening.record import FROM_MODEL, PROMPTS, Prompted, ScreeningContent, ScreeningRecord


def refuse(breaches: list[Breach]) -> None:
    """RecordsRefused where anything was not kept; every breach at once."""
    if breaches:
        raise RecordsRefused(*breaches)


def of_meeting(meeting_on: date) -> list[Breach]:
    """A screening is recorded when it is held."""
    if meeting_on > date.today():
        return [Breach("meeting_on", "to_come", "Give the day of the meeting. It cannot be still to come.")]
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
    """A review follows an outcome, is held after the meeting, and ends with an outcome."""
    found = []
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
