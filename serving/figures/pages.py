"""A district's picture of need, and what managers see of screenings, with a browser."""

from contextlib import suppress
from datetime import date, timedelta

from serving.charts import Bar, Chart, bar_chart
from serving.desk import Desk
from serving.figures import service
from serving.figures.record import BetweenForm, PhaseProfile, Reach
from serving.http.calls import Answered, Call, Endpoint
from serving.http.fields import read_day
from serving.http.pages import HTML, page
from serving.http.problems import FROM_PREPARED, Problem
from serving.lists.service import newest
from serving.security.access import Action
from serving.wording import day

A_YEAR = timedelta(days=365)
BY = {"phase": "phase of school", "district": "district"}
GROUPS = {
    "ethnicity_major": "ethnicity",
    "fsm_eligible": "free school meals",
    "sex": "sex",
    "sen_provision": "special educational needs",
}


def profile(desk: Desk, call: Call[None]) -> Answered:
    """A district's picture of need; districts are numbered in order of name."""
    prepared = newest(desk)
    names = list(prepared.accounts["districts"])
    if (place := call.numbers["number"]) > len(names):
        raise Problem("not-there")
    as_of = prepared.facts.as_of
    found = service.profile(desk, names[place - 1], as_of)
    made = page(
        desk,
        call,
        "profile.html",
        told=found,
        charts=[need_chart(each, found.before) for each in found.phases],
    )
    return Answered(made, f"profile of a district as of {as_of}", release=found.release)


def figures(desk: Desk, call: Call[BetweenForm | None]) -> Answered:
    """What managers see of screenings, of the last year unless other days are typed."""
    form = call.body or BetweenForm(form_token="")
    until = a_day(form.until, date.today())
    since = a_day(form.since, until - A_YEAR)
    by = form.by if form.by in BY else "phase"
    found = service.figures_answer(desk, call.signed_in, since, until, by)
    districts: list[tuple[int, str]] = []
    with suppress(Problem):  # figures of screenings need no list
        districts = list(enumerate(newest(desk).accounts["districts"], 1))
    made = page(
        desk, call, "figures.html", told=found, since=since.isoformat(), until=until.isoformat(), districts=districts,
        asked=BetweenForm, by=by, bys=BY, reach=[reach_chart(each) for each in found.reach],
    )  # fmt: skip
    return Answered(made, "figures of screenings")


def need_chart(phase: PhaseProfile, before: date | None) -> Chart:
    """Needs of one phase as bars, with those of the date before beside them; a need that is not shown has no bar."""
    name = "PRU" if phase.phase == "pru" else phase.phase.replace("_", " ").capitalize()
    told = [each for each in phase.needs if each.pupils is not None]
    rows = [Bar(each.title, each.rate, each.rate_before) for each in told]
    beside = f"beside {day(before)}" if before else ""
    cells = [
        (each.title, f"{each.pupils:,}", of_100(each.rate), *((of_100(each.rate_before),) if before else ()),
         "not shown" if each.no_help_entered is None else f"{each.no_help_entered:,}")
        for each in told
    ]  # fmt: skip
    header = (
        "Records point to",
        "Pupils",
        "Of 100 on roll",
        *((f"Of 100, {day(before)}",) if before else ()),
        "No help entered since a screening",
    )
    on_roll = "not shown" if phase.on_roll is None else f"{phase.on_roll:,}"
    return bar_chart(f"{name}: of 100 on roll {beside}".strip(), f"{on_roll} on roll. Each bar is a share of those on roll.",
                     rows, ("now", day(before) if before else ""), header, cells)  # fmt: skip


def reach_chart(reach: Reach) -> Chart:
    """How far help reaches by one kind of group, as bars."""
    title = GROUPS.get(reach.by, reach.by.replace("_", " "))
    rows = [Bar(each.group, each.rate, None) for each in reach.groups]
    cells = [
        (
            each.group,
            *("not shown" if count is None else f"{count:,}" for count in (each.on_roll, each.helped)),
            of_100(each.rate),
        )
        for each in reach.groups
    ]
    return bar_chart(f"Help by {title}: of 100 on roll", "Help that was entered since a screening. A difference says where to look. It does not say why.",
                     rows, ("now", ""), ("Group", "On roll", "With help entered", "Of 100"), cells)  # fmt: skip


def of_100(rate: float | None) -> str:
    """A share as a count of 100."""
    return "not shown" if rate is None else "under 1" if 0 < rate < 0.01 else str(round(rate * 100))


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
