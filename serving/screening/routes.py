"""Screenings and their reviews under /v1. They work while there is no release: nothing here needs an estimate."""

from serving.desk import Desk
from serving.http.calls import Answered, Call, Endpoint, recorded
from serving.http.problems import FROM_PREPARED, WRITTEN_ON
from serving.http.records import Asked
from serving.lists.service import prompted_by
from serving.screening import record as r
from serving.screening import service
from serving.security.access import Action


def begin(desk: Desk, call: Call[r.ScreeningBegun]) -> Answered:
    """Begin the screening of one child."""
    body = call.body
    prompted = prompted_by(desk, body.pupil, body.as_of, body.referral)
    with desk.database.writing() as session:
        made = service.begin(
            session, call.signed_in, body.pupil, body.meeting_on, body, prompted, body.is_second
        )
    return _recorded(made)


def read(desk: Desk, call: Call[Asked]) -> Answered:
    """A screening as it stands."""
    with desk.database.reading() as session:
        found = service.read(session, call.signed_in, call.numbers["screening"])
    return Answered(found, f"screening {found.screening}", [found.pupil])


def versions(desk: Desk, call: Call[Asked]) -> Answered:
    """Every version of a screening."""
    number = call.numbers["screening"]
    with desk.database.reading() as session:
        found = service.read(session, call.signed_in, number)
        every = service.versions(session, call.signed_in, number)
    answer = r.ScreeningVersions.model_construct(screening=number, versions=tuple(every))
    return Answered(answer, f"screening {number}, versions", [found.pupil])


def of_pupil(desk: Desk, call: Call[r.OnePupil]) -> Answered:
    """Every screening of one pupil."""
    pupil = call.body.pupil
    with desk.database.reading() as session:
        found = service.screenings_of(session, call.signed_in, pupil)
    answer = r.Screenings.model_construct(screenings=tuple(found))
    return Answered(answer, "screenings of one pupil", [pupil])


def edit(desk: Desk, call: Call[r.ScreeningEdit]) -> Answered:
    """Append the next version of a screening."""
    number, body = call.numbers["screening"], call.body
    with desk.database.writing() as session:
        return _recorded(service.record(session, call.signed_in, number, body.version, body))


def set_aside(desk: Desk, call: Call[r.SetAside]) -> Answered:
    """Put an open screening aside, with the reason."""
    number, body = call.numbers["screening"], call.body
    with desk.database.writing() as session:
        return _recorded(service.set_aside(session, call.signed_in, number, body.version, body.words))


def hold_review(desk: Desk, call: Call[r.ReviewHeld]) -> Answered:
    """Append what a review found."""
    number, body = call.numbers["screening"], call.body
    with desk.database.writing() as session:
        made = service.hold_review(session, call.signed_in, number, body.version, body.held_on, body)
    return _recorded(made)


def reviews_due(desk: Desk, call: Call[r.DueBy]) -> Answered:
    """Reviews due by a day."""
    with desk.database.reading() as session:
        due = service.reviews_due(session, call.signed_in, call.body.by)
    return Answered(r.ReviewsDue(reviews=tuple(due)), "reviews due", sorted({each.pupil for each in due}))


def _recorded(made: r.ScreeningRecord) -> Answered:
    return recorded(made, f"screening {made.screening}", [made.pupil])


ENDPOINTS = (
    Endpoint("POST", "/v1/screenings", "begin_screening", "Begin the screening of one child.",
             Action.RECORD_SCREENING, r.ScreeningBegun, r.ScreeningRecord, begin, 201,
             (*FROM_PREPARED, "not-there", "one-at-a-time", "already-that-day", "rule-of-screening"), "pupil"),
    Endpoint("GET", "/v1/screenings/{screening}", "read_screening", "A screening as it stands.",
             Action.READ_SCREENING, None, r.ScreeningRecord, read, problems=("not-there",), scope="pupil"),
    Endpoint("GET", "/v1/screenings/{screening}/versions", "read_screening_versions", "Every version of a screening.",
             Action.READ_SCREENING, None, r.ScreeningVersions, versions, problems=("not-there",), scope="pupil"),
    Endpoint("POST", "/v1/screenings/{screening}/versions", "edit_screening", "Append the next version of a screening.",
             Action.RECORD_SCREENING, r.ScreeningEdit, r.ScreeningRecord, edit, 201, (*WRITTEN_ON, "one-at-a-time"), "pupil"),
    Endpoint("POST", "/v1/screenings/{screening}/set-aside", "set_screening_aside", "Put an open screening aside, with the reason.",
             Action.RECORD_SCREENING, r.SetAside, r.ScreeningRecord, set_aside, 201, WRITTEN_ON, "pupil"),
    Endpoint("POST", "/v1/screenings/{screening}/reviews", "review_screening", "Append what a review found.",
             Action.REVIEW_SCREENING, r.ReviewHeld, r.ScreeningRecord, hold_review, 201, WRITTEN_ON, "pupil"),
    Endpoint("POST", "/v1/screenings-of-pupil", "screenings_of_pupil", "Every screening of one pupil.",
             Action.READ_SCREENING, r.OnePupil, r.Screenings, of_pupil, problems=("not-there",), scope="pupil"),
    Endpoint("POST", "/v1/reviews-due", "reviews_due", "Reviews due by a day.",
             Action.READ_SCREENING, r.DueBy, r.ReviewsDue, reviews_due),
)  # fmt: skip
