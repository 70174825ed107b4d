"""A district's picture of need, and what managers see of screenings, with a browser."""

from contextlib import suppress
from datetime import date, timedelta

from serving.desk import Desk
from serving.figures import service
from serving.figures.record import BetweenForm
from serving.http.calls import Answered, Call, Endpoint
from serving.http.fields import read_day
from serving.http.pages import HTML, page
from serving.http.problems import FROM_PREPARED, Problem
from serving.lists.service import newest
from serving.security.access import Action

A_YEAR = timedelta(days=365)


def profile(desk: Desk, call: Call[None]) -> Answered:
    """A district's picture of need; districts are numbered in order of name."""
    prepared = newest(desk)
    names = list(prepared.accounts["districts"])
    if (place := call.numbers["number"]) > len(names):
        raise Problem("not-there")
    as_of = prepared.facts.as_of
    found = service.profile(desk, names[place - 1], as_of)
    made = page(desk, call, "profile.html", told=found)
    return Answered(made, f"profile of a district as of {as_of}", release=found.release)


def figures(desk: Desk, call: Call[BetweenForm | None]) -> Answered:
    """What managers see of screenings, of the last year unless other days are typed."""
    form = call.body or BetweenForm(form_token="")
    until = a_day(form.until, date.today())
    since = a_day(form.since, until - A_YEAR)
    found = service.figures_answer(desk, call.signed_in, since, until)
    districts: list[tuple[int, str]] = []
    with suppress(Problem):  # figures of screenings need no list
        districts = list(enumerate(newest(desk).accounts["districts"], 1))
    made = page(
        desk, call, "figures.html", told=found, since=since.isoformat(), until=until.isoformat(), districts=districts,
        asked=BetweenForm,
    )  # fmt: skip
    return Answered(made, "figures of screenings")


def a_day(said: list[str], otherwise: date) -> date:
    """A day as typed; `otherwise` where none is."""
    try:
        return date.fromisoformat(read_day(said))
    except ValueError:
        return otherwise


PAGES = (
    Endpoint("GET", "/districts/{number}/profile", "profile_page", "A district's picture of need, as a page.",
             Action.READ_PROFILE, None, None, profile, problems=(*FROM_PREPARED, "not-there"), media=HTML),
    Endpoint("GET", "/figures", "figures_page", "What managers see of screenings, of the last year.",
             Action.READ_FIGURES, None, None, figures, media=HTML),
    Endpoint("POST", "/figures", "figures_form", "The same, from one day to another.",
             Action.READ_FIGURES, BetweenForm, None, figures, media=HTML),
)  # fmt: skip
