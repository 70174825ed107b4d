"""What a meeting writes and reads. Works while there is no release: nothing here needs an estimate."""

from dataclasses import asdict

from serving.desk import Desk
from serving.http.calls import Answered, Call, recorded
from serving.http.problems import Problem
from serving.messages import meeting as m
from serving.messages.records import Asked
from serving.store import referrals, reviews, screenings, wrong_facts
from serving.store.said import PROMPTS, Prompted, Said, Screened, Version
from serving.wording import pseudonym, pupil_of


def begin(desk: Desk, call: Call[m.ScreeningBegun]) -> Answered:
    """Begin the screening of one child."""
    body = call.body
    pupil = pupil_of(body.pupil)
    prompted = prompted_by(desk, body, pupil)
    with desk.database.writing() as session:
        made = screenings.begin(session, call.signed_in, pupil, body.meeting_on, said(body), prompted)
    return recorded(_screening(made), f"screening {made.id}", [pupil])


def prompted_by(desk: Desk, body: m.ScreeningBegun, pupil: int) -> Prompted:
    """What brought the child before the meeting; without a list, or where it cannot be asked, none did."""
    if body.as_of is None:
        return Prompted(referral=body.referral)
    prepared = desk.prepared(body.as_of)
    found = prepared.find(pupil)
    states = {found.school_state, found.district_state} if found else {"not_listed"}
    prompt = next(state for state in PROMPTS if state in states)
    return Prompted(prompt, body.as_of, prepared.facts.release, body.referral)


def said(body: m.MeetingSaid) -> Said:
    """What a meeting said, as the records keep it."""
    return Said(
        tuple(body.considered), body.considered_words, body.view, body.was_known, body.outcome, tuple(body.needs), body.review_on,
        body.words,
    )  # fmt: skip


def read(desk: Desk, call: Call[Asked]) -> Answered:
    """A screening as it stands."""
    with desk.database.reading() as session:
        found = screenings.read(session, call.signed_in, call.numbers["screening"])
    return Answered(_screening(found), f"screening {found.id}", [found.pupil])


def versions(desk: Desk, call: Call[Asked]) -> Answered:
    """Every version of a screening."""
    number = call.numbers["screening"]
    with desk.database.reading() as session:
        found = screenings.read(session, call.signed_in, number)
        every = screenings.versions(session, call.signed_in, number)
    answer = m.ScreeningVersions(screening=number, versions=tuple(map(_version, every)))
    return Answered(answer, f"screening {number}, versions", [found.pupil])


def of_pupil(desk: Desk, call: Call[m.OnePupil]) -> Answered:
    """Every screening of one pupil."""
    pupil = pupil_of(call.body.pupil)
    with desk.database.reading() as session:
        found = screenings.screenings_of(session, call.signed_in, pupil)
    return Answered(
        m.Screenings(screenings=tuple(map(_screening, found))), "screenings of one pupil", [pupil]
    )


def edit(desk: Desk, call: Call[m.ScreeningEdit]) -> Answered:
    """Append the next version of a screening."""
    with desk.database.writing() as session:
        made = screenings.record(
            session, call.signed_in, call.numbers["screening"], call.body.version, said(call.body)
        )
    return recorded(_screening(made), f"screening {made.id}", [made.pupil])


def set_aside(desk: Desk, call: Call[m.SetAside]) -> Answered:
    """Put an open screening aside, with the reason."""
    with desk.database.writing() as session:
        made = screenings.set_aside(
            session, call.signed_in, call.numbers["screening"], call.body.version, call.body.words
        )
    return recorded(_screening(made), f"screening {made.id}", [made.pupil])


def hold_review(desk: Desk, call: Call[m.ReviewHeld]) -> Answered:
    """Append what a review found."""
    body = call.body
    with desk.database.writing() as session:
        made = reviews.hold_review(
            session, call.signed_in, call.numbers["screening"], body.version, body.held_on, said(body)
        )
    return recorded(_screening(made), f"screening {made.id}", [made.pupil])


def reviews_due(desk: Desk, call: Call[m.DueBy]) -> Answered:
    """Reviews due by a day."""
    with desk.database.reading() as session:
        due = reviews.reviews_due(session, call.signed_in, call.body.by)
    rows = tuple(
        m.ReviewDueRecord(
            screening=each.screening,
            pupil=pseudonym(each.pupil),
            school=each.urn,
            review_on=each.review_on,
            version=each.version,
        )
        for each in due
    )
    return Answered(m.ReviewsDue(reviews=rows), "reviews due", sorted({each.pupil for each in due}))


def refer(desk: Desk, call: Call[m.ReferralMade]) -> Answered:
    """Raise a child, with no score."""
    body = call.body
    pupil = pupil_of(body.pupil)
    with desk.database.writing() as session:
        made = referrals.refer(
            session, call.signed_in, pupil, body.route, body.referred_by, body.reasons, body.school
        )
    return recorded(_referral(made), f"referral {made.id}", [pupil])


def referrals_waiting(desk: Desk, call: Call[Asked]) -> Answered:
    """Referrals that wait for a screening."""
    with desk.database.reading() as session:
        found = referrals.referrals(session, call.signed_in)
    answer = m.Referrals(referrals=tuple(map(_referral, found)))
    return Answered(answer, "referrals waiting", sorted({each.pupil for each in found}))


def close_referral(desk: Desk, call: Call[m.SetAside]) -> Answered:
    """Close a referral without a screening, saying why."""
    with desk.database.writing() as session:
        made = referrals.close_referral(
            session, call.signed_in, call.numbers["referral"], call.body.version, call.body.words
        )
    return recorded(_referral(made), f"referral {made.id}", [made.pupil])


def say_wrong(desk: Desk, call: Call[m.FactWrong]) -> Answered:
    """Tell the data's owner that a fact on a card is wrong."""
    body = call.body
    pupil = pupil_of(body.pupil)
    with desk.database.writing() as session:
        made = wrong_facts.say_wrong(
            session, call.signed_in, pupil, body.family, body.fact, body.what_is_right, body.told_by
        )
    return recorded(_wrong_fact(made), f"wrong fact {made.id}", [pupil])


def facts_wrong(desk: Desk, call: Call[Asked]) -> Answered:
    """Facts said to be wrong and not answered yet."""
    with desk.database.reading() as session:
        found = wrong_facts.wrong_facts(session, call.signed_in)
    answer = m.FactsWrong(wrong_facts=tuple(map(_wrong_fact, found)))
    return Answered(answer, "facts said to be wrong", sorted({each.pupil for each in found}))


def answer_wrong(desk: Desk, call: Call[m.FactAnswer]) -> Answered:
    """The next step of a fact said to be wrong."""
    body = call.body
    with desk.database.writing() as session:
        made = wrong_facts.answer(
            session, call.signed_in, call.numbers["wrong_fact"], body.version, body.state, body.words
        )
    return recorded(_wrong_fact(made), f"wrong fact {made.id}", [made.pupil])


def _version(version: Version) -> m.ScreeningVersionRecord:
    return m.ScreeningVersionRecord.model_validate({
        "version": version.version, "state": version.state, **asdict(version.said), "review_held_on": version.review_held_on,
        "author": version.author, "at": version.at,
    })  # fmt: skip


def _screening(found: Screened) -> m.ScreeningRecord:
    if found.prompt not in PROMPTS:
        raise Problem("mistake")
    return m.ScreeningRecord.model_validate({
        "screening": found.id, "pupil": pseudonym(found.pupil), "school": found.urn, "meeting_on": found.meeting_on,
        "prompt": found.prompt, "list_as_of": found.list_as_of, "release": found.release, "referral": found.referral,
        "begun_by": found.begun_by, "begun_at": found.begun_at, "frequency_opened_at": found.frequency_opened_at,
        "now": _version(found.now),
    })  # fmt: skip


def _referral(found: referrals.Referred) -> m.ReferralRecord:
    return m.ReferralRecord.model_validate({
        "referral": found.id, "pupil": pseudonym(found.pupil), "school": found.urn, "referred_by": found.referred_by,
        "route": found.route, "reasons": found.reasons, "made_by": found.made_by, "made_at": found.made_at, "state": found.state,
        "version": found.version,
    })  # fmt: skip


def _wrong_fact(found: wrong_facts.FactSaidWrong) -> m.FactWrongRecord:
    return m.FactWrongRecord.model_validate({
        "wrong_fact": found.id, "pupil": pseudonym(found.pupil), "school": found.urn, "family": found.family, "fact": found.fact,
        "what_is_right": found.what_is_right, "told_by": found.told_by, "made_by": found.made_by, "made_at": found.made_at,
        "steps": tuple(m.StepRecord.model_validate(asdict(step)) for step in found.steps),
    })  # fmt: skip
