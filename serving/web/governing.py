"""A district's picture of need, and what managers see of screenings: counts as they may leave, never a child."""

from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from serving.api import governing
from serving.desk import Desk
from serving.http.calls import Answered, Call
from serving.http.problems import Problem
from serving.messages import governing as g
from serving.messages.needs import DistrictProfile, DistrictQuestion
from serving.web import forms
from serving.web.forms import a_day
from serving.web.showing import asking, newest, page

A_YEAR = timedelta(days=365)


def profile(desk: Desk, call: Call[None]) -> Answered:
    """A district's picture of need; districts are numbered in order of name."""
    prepared = newest(desk)
    names = list(prepared.accounts["districts"])
    if (place := call.numbers["number"]) > len(names):
        raise Problem("not-there")
    question = DistrictQuestion(as_of=prepared.facts.as_of, district=names[place - 1])
    told = governing.profile(desk, asking(call, question))
    assert isinstance(told.record, DistrictProfile)
    return replace(told, record=page(desk, call, "profile.html", told=told.record))


def figures(desk: Desk, call: Call[forms.BetweenForm | None]) -> Answered:
    """What managers see of screenings, of the last year unless other days are typed."""
    form: Any = call.body or forms.BetweenForm(form_token="")
    until = a_day(form.until, date.today())
    since = a_day(form.since, until - A_YEAR)
    told = governing.figures(desk, asking(call, g.Between(since=since, until=until)))
    assert isinstance(told.record, g.Figures)
    districts: list[tuple[int, str]] = []
    with suppress(Problem):  # figures of screenings need no list
        districts = list(enumerate(newest(desk).accounts["districts"], 1))
    made = page(desk, call, "figures.html", told=told.record, since=since.isoformat(), until=until.isoformat(), districts=districts)  # fmt: skip
    return replace(told, record=made)
