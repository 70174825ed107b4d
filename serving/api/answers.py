"""Estimates, lists and explanations, from a prepared date; and where a pupil is abstained on, why."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from serving.composing import CARDED
from serving.desk import Desk
from serving.http.calls import Answered, Call
from serving.http.problems import Problem
from serving.messages import lists as m
from serving.prepared.bands import BANDS, WHOLE, Band, spanning
from serving.prepared.read import Prepared, Pupil
from serving.security.access import Action, Person, Role, may, visible
from serving.store.openings import frequency_opened
from serving.store.requests import objecting
from serving.wording import NOT_ASSESSED, NOT_LISTED, STATES, pseudonym, pupil_of

NOT_FOUND = "No such pupil on a roll that you may see at this date."
OBJECTION = "No estimate is made of this pupil. Ask those who know them."
NOT_ON_A_LIST = (
    "A frequency is given only for a child on a list or close to one. This says nothing about need."
)
VIEW_FIRST = "Shown once the meeting has recorded what it considered and its own view, and opens it."
PSEUDONYMS_ONLY = "Shown to the meeting alone."
OPENED = "A few bands are shared by many children. It is of past records, not of this child."
NO_CARD = "A card is made for a child on a list or close to one. Anyone can raise any child; no card is needed for that."


def estimates(desk: Desk, call: Call[m.EstimateQuestion]) -> Answered:
    """Estimates of some pupils; those of whom none is made are told apart with the reason."""
    prepared, person = desk.prepared(call.body.as_of), call.signed_in
    asked = [pupil_of(code) for code in call.body.pupils]
    with desk.database.reading() as session:
        seen, silent, opened = seen_by(desk, session, person, prepared, asked)
    made: list[m.Estimate] = []
    abstained: list[m.NotAssessed] = []
    for pupil in asked:
        found = prepared.find(pupil) if pupil in seen else None
        why_not = abstention(pupil, found, silent)
        if why_not is not None:
            abstained.append(why_not)
        elif found is not None:
            made.append(estimate_of(prepared, found, pupil in opened, person))
    answer = m.Estimates(
        requested=len(asked),
        estimated=len(made),
        not_assessed=len(abstained),
        estimates=tuple(made),
        abstentions=tuple(abstained),
    )
    what = f"as of {call.body.as_of}; {len(asked) - len(seen)} asked about were not the caller's to see"
    return Answered(answer, what, sorted(seen), release=prepared.facts.release)


def seen_by(
    desk: Desk, session: Session, person: Person, prepared: Prepared, asked: Iterable[int]
) -> tuple[set[int], set[int], set[int]]:
    """Who of those asked about may be seen, who has an objection in force, whose frequency was opened."""
    seen = visible(session, person, asked)
    today = desk.settings.today(prepared.facts.authority.authority.extracted_on)
    silent = objecting(session, seen, date.today(), today)
    opened = (
        frequency_opened(session, seen, prepared.facts.as_of) if may(person, Action.OPEN_FREQUENCY) else set()
    )
    return seen, silent, opened


def abstention(pupil: int, found: Pupil | None, silent: set[int]) -> m.NotAssessed | None:
    """Why nothing is estimated of a pupil; None where something is."""
    code = pseudonym(pupil)
    if found is None:
        return m.NotAssessed(pupil=code, reason="not_found", words=NOT_FOUND)
    if pupil in silent or found.reason == "objection":
        return m.NotAssessed(pupil=code, reason="objection", words=OBJECTION)
    if found.reason:
        return m.NotAssessed.model_validate(
            {"pupil": code, "reason": found.reason, "words": NOT_ASSESSED[found.reason]}
        )
    return None


def estimate_of(prepared: Prepared, found: Pupil, is_opened: bool, person: Person) -> m.Estimate:
    """What may be told of one pupil's estimate; its frequency only where the meeting opened it."""
    is_carded = not {found.school_state, found.district_state}.isdisjoint(CARDED)
    is_told = is_carded and is_opened
    facts = prepared.facts
    note = (
        NOT_ON_A_LIST if not is_carded else PSEUDONYMS_ONLY if person.role == Role.DATA_SCIENTIST
        else OPENED if is_opened else VIEW_FIRST
    )  # fmt: skip
    return m.Estimate(
        **standing(prepared),
        pupil=pseudonym(found.pupil),
        at_school=listing_of(found.school_state, found.is_near_school_line),
        in_district=listing_of(found.district_state, found.is_near_district_line),
        frequency=_frequency(BANDS[found.band], facts.outcome, facts.window_days) if is_told else None,
        range=_range(spanning(found.lowest_band, found.highest_band)) if is_told else None,
        frequency_note=note,
    )


def frequency(desk: Desk, call: Call[m.ExplainQuestion]) -> Answered:
    """Open the frequency of one child, once the meeting's own view stands recorded."""
    from serving.store.screenings import open_frequency

    prepared, person = desk.prepared(call.body.as_of), call.signed_in
    pupil = pupil_of(call.body.pupil)
    with desk.database.reading() as session:
        seen, silent, _ = seen_by(desk, session, person, prepared, [pupil])
    found = prepared.find(pupil) if pupil in seen else None
    if found is None or abstention(pupil, found, silent) is not None:
        raise Problem("not-there")
    with desk.database.writing() as session:
        open_frequency(session, person, pupil, prepared.facts.as_of)
    return Answered(
        estimate_of(prepared, found, True, person),
        f"as of {call.body.as_of}",
        [pupil],
        release=prepared.facts.release,
    )


def _share(low: int, high: int) -> m.Share:
    return m.Share(of=WHOLE, low=low, high=high)


def _frequency(band: Band, outcome: str, window_days: int) -> m.Frequency:
    return m.Frequency(
        with_outcome=_share(band.low, band.high), without_outcome=_share(WHOLE - band.high, WHOLE - band.low),
        words=band.words(outcome, window_days),
    )  # fmt: skip


def _range(band: Band) -> m.Range:
    return m.Range(
        with_outcome=_share(band.low, band.high),
        without_outcome=_share(WHOLE - band.high, WHOLE - band.low),
        words=band.range_words(),
    )


def listing_of(state: str, is_near: bool) -> m.Listing:
    title, words = STATES.get(state, NOT_LISTED)
    said = f"{title}. {words}"
    return m.Listing.model_validate({"state": state, "words": said, "near_the_line": bool(is_near)})


def standing(prepared: Prepared) -> dict[str, Any]:
    """What every answer about a child or a list carries."""
    facts = prepared.facts
    return {
        "as_of": facts.as_of,
        "records_until": facts.authority.authority.extracted_on,
        "expires_on": facts.expires_on,
        "release": facts.release,
        "made_up": facts.stamp(False).banner,
    }
