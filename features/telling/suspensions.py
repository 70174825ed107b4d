"""What schools did: suspensions a line a term, permanent exclusions, the reasons the school gave and what came of them.

Cancelled ones (entered in error) are not exclusions and are not told.
"""

from collections.abc import Iterator
from datetime import date
from itertools import groupby

from features.about import About
from features.as_of import LONGEST_LOOK_BACK, SCHOOL_YEAR
from features.known import clusters
from features.telling.fact import Fact, Kind, Row, by_pupil
from features.telling.words import day, days_of, reasons, times
from features.views import VIEWS, reach

QUIET = 60  # school days without a suspension that are told as going well
STATES = {
    "": "What was decided in the end is not known yet.",
    "upheld": "It was upheld.",
    "withdrawn": "The school later withdrew it.",
    "reinstated": "Governors brought the child back.",
    "quashed": "A review panel set the decision aside.",
}


def tell(about: About) -> Iterator[Fact]:
    """Facts of family suspensions."""
    events = about.events.filter(about.as_of.within(about.events.date, LONGEST_LOOK_BACK))
    events = events.join(clusters(about.records), "urn", how="left").drop("urn_right")
    found = by_pupil(events, "start_date", "urn", "category")
    entries = about.spells.group_by("pupil").agg(first=lambda t: t.entry_date.min())
    first_seen = {pupil: rows[0]["first"] for pupil, rows in by_pupil(entries).items()}
    reached = reach(about.authority_records, about.as_of.alone, VIEWS["suspensions"], about.staged).get(
        about.as_of.on
    )
    for person in about.one_by_one:
        pupil = person["pupil"]
        mine = found.get(pupil, [])
        if reached is None:
            yield Fact(
                pupil, "suspensions", "missing", None, "No record of suspensions at any school is known yet."
            )
            continue
        told = max(reached, first_seen[pupil])
        yield from _permanent(pupil, person["cluster"], mine)
        yield from _suspended(about, pupil, person["cluster"], mine)
        yield from _limits(pupil, mine)
        yield from _course(about, pupil, [row for row in mine if row["category"] == "SUSP"], told)
        yield from _quiet(about, pupil, mine, reached, first_seen[pupil])


def _permanent(pupil: int, cluster: int, events: list[Row]) -> Iterator[Fact]:
    for event in events:
        if event["category"] == "PERM":
            start = event["start_date"]
            sentence = f"Permanently excluded on {day(start)}{_where(event, cluster)}.{_why(event)} {STATES[event['outcome']]}"
            yield Fact(pupil, "suspensions", "fact", start, sentence)


def _suspended(about: About, pupil: int, cluster: int, events: list[Row]) -> Iterator[Fact]:
    """One suspension whole; of several their sum and a line a term, and each of them behind that."""
    suspended = [event for event in events if event["category"] == "SUSP"]
    terms = {
        term: list(some) for term, some in groupby(suspended, lambda event: _term(about, event["start_date"]))
    }
    if len(suspended) > 1:
        only = f", all in the {next(iter(terms))}" if len(terms) == 1 else ""
        sentence = f"Suspended {times(len(suspended))} in the last two school years{_long(suspended)}{only}."
        yield Fact(pupil, "suspensions", "fact", suspended[-1]["start_date"], sentence)
    if len(terms) > 1:
        for term, some in terms.items():
            sentence = f"In the {term}: {times(len(some))}{_long(some)}."
            yield Fact(pupil, "suspensions", "fact", some[-1]["start_date"], sentence)
    kind: Kind = "each" if len(suspended) > 1 else "fact"
    for event in suspended:
        yield Fact(pupil, "suspensions", kind, event["start_date"], _suspension(event, cluster))
    year = about.look_back(SCHOOL_YEAR)
    lunches = [event for event in events if event["category"] == "LNCH" and event["start_date"] >= year]
    if lunches:
        last = day(lunches[-1]["start_date"])
        how_often = (
            f"once, on {last}"
            if len(lunches) == 1
            else f"{times(len(lunches))} since {day(year)}, last on {last}"
        )
        sentence = f"Suspended at lunchtime {how_often}."
        yield Fact(pupil, "suspensions", "fact", lunches[-1]["start_date"], sentence)


def _term(about: About, start: date) -> str:
    """The term of a day, as "autumn term of 2024/25"; a holiday is of the term before."""
    half = about.as_of.calendar.half_term(start)
    return f"{half.term} term of {half.year}"


def _long(suspended: list[Row]) -> str:
    """How long suspensions were in all, as far as it is recorded."""
    unknown = sum(not event["sessions"] for event in suspended)
    if unknown == len(suspended):
        return ", how long is not recorded"
    in_all = days_of(sum(event["sessions"] for event in suspended))
    return f", {in_all} in all" + (f" without {unknown} of unrecorded length" if unknown else "")


def _suspension(event: Row, cluster: int) -> str:
    start, sessions = event["start_date"], event["sessions"]
    long = f" for {days_of(sessions)}" if sessions else ""
    sentence = f"Suspended{long} {'on' if sessions in (1, 2) else 'from'} {day(start)}{_where(event, cluster)}.{_why(event)}"
    sentence += "" if sessions else " How long is not recorded."
    return sentence if event["outcome"] in ("", "upheld") else f"{sentence} {STATES[event['outcome']]}"


def _where(event: Row, cluster: int) -> str:
    return "" if event["cluster"] == cluster else ", at another school"


def _why(event: Row) -> str:
    given = reasons([event[name] for name in ("reason_1", "reason_2", "reason_3")])
    return f" The school’s reason: {'; '.join(given)}." if given else ""


def _limits(pupil: int, events: list[Row]) -> Iterator[Fact]:
    """How near the days at which governors must meet, and the most that the law allows in a year."""
    term = [event for event in events if event["is_this_term"]]
    year = [event for event in events if event["is_this_year"]]
    in_term, in_year = (sum(event["statutory_sessions"] for event in some) for some in (term, year))
    if in_term > 10:
        sentence = (
            f"Suspended for {days_of(in_term)} so far this term. At more than 15 days governors must meet."
        )
        yield Fact(pupil, "suspensions", "fact", term[-1]["start_date"], sentence)
    if in_year > 60:
        sentence = (
            f"Suspended for {days_of(in_year)} so far this school year. The law allows no more than 45."
        )
        yield Fact(pupil, "suspensions", "fact", year[-1]["start_date"], sentence)


def _course(about: About, pupil: int, suspended: list[Row], told_from: date) -> Iterator[Fact]:
    """More often than before, or the first that is known."""
    now, before = about.look_back(QUIET), about.as_of.first_day(QUIET, QUIET)
    lately = [event for event in suspended if event["start_date"] >= now]
    earlier = [event for event in suspended if before <= event["start_date"] < now]
    if not lately:
        return
    newest = lately[-1]["start_date"]
    if len(suspended) == 1 and told_from <= about.look_back(LONGEST_LOOK_BACK):
        sentence = f"The suspension of {day(newest)} is the first in two school years."
        yield Fact(pupil, "suspensions", "change", newest, sentence)
    elif len(lately) > len(earlier) and len(lately) > 1:
        then = times(len(earlier)) if earlier else "never"
        sentence = (
            f"Suspended {times(len(lately))} in the last {QUIET} school days, {then} in the {QUIET} before."
        )
        yield Fact(pupil, "suspensions", "change", newest, sentence)


def _quiet(about: About, pupil: int, events: list[Row], reached: date, first_seen: date) -> Iterator[Fact]:
    calendar = about.as_of.calendar
    if events:
        last = events[-1]["start_date"]
        gone = about.as_of.index - events[-1]["day"]
        if gone >= QUIET:
            which = "a lunchtime suspension on " if events[-1]["category"] == "LNCH" else ""
            sentence = f"No suspension or exclusion for {gone} school days, since {which}{day(last)}."
            yield Fact(pupil, "suspensions", "protective", last, sentence)
        return
    two_years = about.look_back(LONGEST_LOOK_BACK)
    since = max(two_years, reached, first_seen)
    if about.as_of.index - calendar.index(since) < QUIET:
        return
    if since == two_years:
        span = "in the last two school years"
    else:
        span = f"since {day(since)}, when {'this child first joined a school here' if since == first_seen else 'the records begin'}"
    yield Fact(pupil, "suspensions", "protective", None, f"No suspension or exclusion is known {span}.")
