"""What the meetings of one list settled, for the minutes: from screenings alone, and never a word of an estimate.

What was considered, and what the child, the family and the meeting said in confidence, stays with the screening.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from serving.caseloads.service import Child
from serving.http.fields import field, fields_of
from serving.screening.record import DONE, OPEN, SET_ASIDE, ScreeningContent, ScreeningRecord
from serving.wording import day

# Of a screening, what minutes carry; the actions stand in a table of their own.
CARRIED = ("outcome", "needs", "who_leads", "review_on")
ONLY_SETTLED = "Only what was settled stands here. What was considered and said stays with each screening."
NOT_REACHED = "On the list before the meeting, and no screening is begun. Not reached is no view of need. Anyone can raise them next time."
NOBODY_YET = "Nothing is settled yet."
TITLES = {
    "settled": "Talked about and settled",
    "open": "Begun, and nothing settled yet",
    "set_aside": "Set aside",
    "not_reached": "Not reached",
}


@dataclass(frozen=True)
class Minutes:
    """The meetings of one list.

    Attributes
    ----------
    days : tuple of date
        On which its meetings were held, in order; empty where none was.
    on : date or None
        Only the meeting of this day; None for all.
    settled, open, set_aside : list of ScreeningRecord
    not_reached : list of int
        Children of the list of whom nothing was begun, in its order.
    """

    days: tuple[date, ...]
    on: date | None
    settled: list[ScreeningRecord]
    open: list[ScreeningRecord]
    set_aside: list[ScreeningRecord]
    not_reached: list[int]

    @property
    def pupils(self) -> list[int]:
        """Everyone whom the minutes name."""
        told = (*self.settled, *self.open, *self.set_aside)
        return sorted({*(each.pupil for each in told), *self.not_reached})


def minutes_of(held: Sequence[ScreeningRecord], order: Sequence[int], on: date | None = None) -> Minutes:
    """What was settled of whom.

    Parameters
    ----------
    held : sequence of ScreeningRecord
        Every screening of the list's meetings (`service.held`).
    order : sequence of int
        The children of the list whom its meetings were to talk about.
    on : date, optional
        Only the meeting of this day. Whoever was talked about on another is not told as not reached.
    """
    begun = {each.pupil for each in held if each.now.state != SET_ASIDE}
    shown = [each for each in held if on is None or each.meeting_on == on]
    settled, still_open = ([each for each in shown if each.now.state == state] for state in (DONE, OPEN))
    again = {each.pupil for each in (*settled, *still_open)}
    aside = [each for each in shown if each.now.state == SET_ASIDE and each.pupil not in again]
    told = {each.pupil for each in aside}
    return Minutes(
        tuple(sorted({each.meeting_on for each in held})), on, settled, still_open, aside,
        [pupil for pupil in order if pupil not in begun | told],
    )  # fmt: skip


def minutes_data(minutes: Minutes, named: Mapping[int, Child]) -> dict[str, Any]:
    """What the minutes say, as the page and the paper take it.

    Parameters
    ----------
    named : mapping of int to Child
        How each of `minutes.pupils` is called.
    """
    actions = field(ScreeningContent, "actions")
    is_reviewed = any(each.now.review_held_on for each in minutes.settled)
    columns = actions.columns if is_reviewed else actions.columns_asked
    return {
        "meetings": [day(each) for each in ([minutes.on] if minutes.on else minutes.days)],
        "only_settled": ONLY_SETTLED,
        "nobody_yet": "" if minutes.settled else NOBODY_YET,
        "titles": TITLES,
        "columns": [column.title for column in columns],
        "no_actions": actions.question.empty,
        "settled": [
            {
                **_who(named[each.pupil]),
                "meeting": day(each.meeting_on),
                "reviewed": day(each.now.review_held_on) if each.now.review_held_on else "",
                "rows": [
                    [of.title, of.say(getattr(each.now, of.name))]
                    for of in fields_of(ScreeningContent)
                    if of.name in CARRIED
                ],
                "actions": [
                    [column.say(getattr(action, column.name)) for column in columns]
                    for action in each.now.actions
                ],
            }
            for each in sorted(minutes.settled, key=lambda each: (each.meeting_on, named[each.pupil].order))
        ],
        "open": [
            {**_who(named[each.pupil]), "words": f"Meeting of {day(each.meeting_on)}."}
            for each in minutes.open
        ],
        "set_aside": [
            {**_who(named[each.pupil]), "words": each.now.words or "No reason was said."}
            for each in minutes.set_aside
        ],
        "not_reached": [{**_who(named[pupil]), "words": ""} for pupil in minutes.not_reached],
        "not_reached_words": NOT_REACHED,
    }


def _who(child: Child) -> dict[str, str]:
    return {"name": child.name, "place": ", ".join(filter(None, (child.year, child.school)))}
