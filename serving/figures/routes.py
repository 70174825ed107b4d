"""Figures of screenings and a district's picture of need under /v1."""

from serving.desk import Desk
from serving.figures import service
from serving.figures.record import Between, DistrictProfile, DistrictQuestion, Figures
from serving.http.calls import Answered, Call, Endpoint
from serving.http.problems import FROM_PREPARED
from serving.security.access import Action


def profile(desk: Desk, call: Call[DistrictQuestion]) -> Answered:
    """A district's picture of need."""
    found = service.profile(desk, call.body.district, call.body.as_of)
    return Answered(found, f"profile of a district as of {call.body.as_of}", release=found.release)


def figures(desk: Desk, call: Call[Between]) -> Answered:
    """What managers see of screenings."""
    found = service.figures_answer(desk, call.signed_in, call.body.since, call.body.until, call.body.by)
    return Answered(found, "figures of screenings")


ENDPOINTS = (
    Endpoint("POST", "/v1/profile", "profile", "A district's picture of need, disclosure-controlled.",
             Action.READ_PROFILE, DistrictQuestion, DistrictProfile, profile, problems=(*FROM_PREPARED, "not-there")),
    Endpoint("POST", "/v1/figures", "figures", "What managers see of screenings: counts, never a child.",
             Action.READ_FIGURES, Between, Figures, figures),
)  # fmt: skip
