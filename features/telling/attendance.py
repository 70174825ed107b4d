"""What the registers tell: how much was missed and of what kind, how it moved, and what is not known."""

from collections.abc import Iterator
from datetime import date, timedelta

import ibis

from features.about import About
from features.as_of import LONGEST_LOOK_BACK
from features.calendar import academic_year
from features.cohort import STOPPED_AFTER
from features.day import MEASURES
from features.marks import with_marks
from features.records.coverage import last_kept
from features.telling.fact import Fact, Row, by_pupil
from features.telling.words import day, listing, percent

ENOUGH = 20  # possible sessions, under which a share says nothing
MOVED = 5  # percentage points between half-terms that are worth a sentence
GOOD = 5  # per cent missed, up to which attendance is told as going well
MANY = 10  # sessions, from which their kind is told
LONG = 5  # school days in a row
A_MONTH = 20  # school days
SIXTH_DAY = 10  # sessions of one suspension, after which the child is taught elsewhere and marked so
LOOKED_FOR = 60  # school days back in which a school's newest register is looked for
KINDS = (
    ("illness", "for illness"), ("suspended", "for suspension"), ("part_time", "on a part-time timetable"),
    ("unauthorised", "with no agreed reason"),
)  # fmt: skip
OTHER = "for other agreed reasons"
NOTHING: Row = {"absent": 0, "possible": 0}


def tell(about: About) -> Iterator[Fact]:
    """Facts of family attendance."""
    halves = _half_terms(about)
    newest = _newest_registers(about)
    away = _days_away(about)
    events = by_pupil(about.events, "day")
    for person in about.one_by_one:
        pupil = person["pupil"]
        mine = halves.get(pupil, {})
        yield from _of_year(about, pupil, mine)
        yield from _of_half_term(about, pupil, mine)
        newest_mark = max((half["last_day"] for half in mine.values()), default=None)
        suspensions = [event for event in events.get(pupil, []) if event["category"] == "SUSP"]
        yield from _longest_run(about, pupil, away.get(pupil, []), suspensions, newest_mark)
        yield from _against_suspensions(about, person, mine, events.get(pupil, []), newest_mark)
        yield from _old_registers(about, pupil, newest_mark, newest.get(person["urn"]))


def _half_terms(about: About) -> dict[int, dict[date, Row]]:
    """Pupil to the first day of each half-term to its sessions by measure, last_day and last missed day."""
    starts = about.half_terms
    if not starts:
        return {}
    rows = about.marks.filter(lambda t: t.date >= starts[0])
    half = ibis.cases(*((rows.date >= first, first) for first in reversed(starts)), else_=ibis.null("date"))
    rows = rows.group_by("pupil", half=half).agg(
        **{name: rows[name].sum() for name in MEASURES},
        last_day=rows.last_day.max(),
        last_missed=rows.day.max(),
    )
    return {pupil: {row["half"]: row for row in mine} for pupil, mine in by_pupil(rows, "half").items()}


def _days_away(about: About) -> dict[int, list[int]]:
    """Pupil to the school days (by position) of this school year that were missed whole, in order."""
    first = about.as_of.calendar.index(about.start_of_school_year)
    found = by_pupil(about.marks.filter(lambda t: t.away != 0), "date")
    days = {
        pupil: [
            row["day_of_bit"] + bit
            for row in rows
            for bit in range(row["away"].bit_length())
            if row["away"] >> bit & 1
        ]
        for pupil, rows in found.items()
    }
    return {pupil: [day for day in mine if day >= first] for pupil, mine in days.items()}


def _newest_registers(about: About) -> dict[int, date]:
    """The newest register that each school kept and that is known, whoever's marks it holds (`coverage.is_kept`)."""
    rows = with_marks(about.authority_records)
    schools = about.people.select("urn").distinct()
    first = about.look_back(LONGEST_LOOK_BACK)  # as far as whoever is assessed is told by
    rows = rows.filter(rows.date >= first, about.as_of.knows(rows.date, rows.known_on))
    rows = rows.semi_join(schools, "urn").group_by("urn", "date").agg(rows=lambda t: t.count())
    newest = last_kept(rows.to_pyarrow().to_pandas(), "date")
    newest = newest[newest >= about.look_back(LOOKED_FOR)]
    return dict(zip(newest.index.tolist(), newest.tolist(), strict=True))


def _sum(halves: list[Row]) -> Row:
    return {name: sum(half[name] for half in halves) for name in MEASURES}


def _of_year(about: About, pupil: int, halves: dict[date, Row]) -> Iterator[Fact]:
    start = about.start_of_school_year
    year = _sum([half for first, half in halves.items() if first >= start])
    last = _sum([half for first, half in halves.items() if first < start])
    is_due = about.as_of.index - about.as_of.calendar.index(start) > STOPPED_AFTER
    if not year["possible"] and is_due:
        sentence = (
            f"No register for this child since {day(start)} is known. That does not mean full attendance."
        )
        yield Fact(pupil, "attendance", "missing", None, sentence)
    dated_on = max((half["last_day"] for half in halves.values()), default=None)
    missed, possible = year["absent"], year["possible"]
    before = (
        f" In the school year before: {percent(last['absent'], last['possible'])}."
        if last["possible"] >= 5 * ENOUGH
        else ""
    )
    if possible < ENOUGH:
        if before:
            sentence = (
                f"Missed {percent(last['absent'], last['possible'])} of sessions in the last school year."
            )
            yield Fact(pupil, "attendance", "fact", dated_on, sentence)
        if possible and is_due:
            sentence = (
                f"Too few sessions since {day(start)} are known to tell how attendance goes: {possible}."
            )
            yield Fact(pupil, "attendance", "missing", None, sentence)
        return
    if 100 * missed <= GOOD * possible:
        share = f"{percent(possible - missed, possible)} of sessions" if missed else "every session"
        sentence = f"Came to {share} since {day(start)}."
        yield Fact(pupil, "attendance", "protective", dated_on, sentence)
    else:
        sentence = f"Missed {percent(missed, possible)} of sessions since {day(start)} ({missed} of {possible}).{before}"
        yield Fact(pupil, "attendance", "fact", dated_on, sentence)
    if missed >= MANY:
        other = missed - sum(year[name] for name, _ in KINDS)
        kinds = [(year[name], words) for name, words in KINDS if year[name]] + [(other, OTHER)] * (other > 0)
        (number, words), *rest = kinds
        parts = [
            f"{number} {'was' if number == 1 else 'were'} {words}",
            *(f"{number} {words}" for number, words in rest),
        ]
        which = f"{missed} sessions missed since {day(start)}"
        sentence = f"Of the {which}, {listing(parts)}." if rest else f"All {which} were {words}."
        yield Fact(pupil, "attendance", "fact", dated_on, sentence)
    if year["late"] >= MANY and 100 * year["late"] >= GOOD * possible:
        yield Fact(
            pupil, "attendance", "fact", dated_on, f"Late to {year['late']} sessions since {day(start)}."
        )
    if year["alternative"] >= MANY:
        sentence = f"Taught off site for {year['alternative']} sessions since {day(start)}."
        yield Fact(pupil, "attendance", "fact", dated_on, sentence)


def _of_half_term(about: About, pupil: int, halves: dict[date, Row]) -> Iterator[Fact]:
    """The newest half-term with enough marks, if it is one of the last two, and how it differs from the one before."""
    starts = about.half_terms
    place = next((at for at in range(len(starts) - 1, max(len(starts) - 3, -1), -1)
                  if halves.get(starts[at], NOTHING)["possible"] >= ENOUGH), None)  # fmt: skip
    if place is None:
        return
    first, now = starts[place], halves[starts[place]]
    span = (
        f"since {day(first)}" if place == len(starts) - 1 else f"in the half-term that began on {day(first)}"
    )
    before = halves.get(starts[place - 1], NOTHING) if place else NOTHING
    was = percent(before["absent"], before["possible"]) if before["possible"] >= ENOUGH else ""
    if not now["absent"]:
        if not any(half["absent"] for first, half in halves.items() if first >= about.start_of_school_year):
            return  # the whole year is told so
        then = f" Missed {was} in the half-term before." if was and before["absent"] else ""
        yield Fact(pupil, "attendance", "protective", now["last_day"], f"Came to every session {span}.{then}")
        return
    if (run := _days_without_a_miss(about, halves)) >= A_MONTH:
        last = about.as_of.calendar.days[max(half["last_missed"] or 0 for half in halves.values())].item()
        sentence = f"Has missed no session since {day(last)}: {run} school days."
        yield Fact(pupil, "attendance", "protective", now["last_day"], sentence)
    if not was:
        return
    share = percent(now["absent"], now["possible"])
    moved = now["absent"] * before["possible"] - before["absent"] * now["possible"]
    worth = MOVED * now["possible"] * before["possible"]
    if 100 * moved >= worth:
        sentence = f"Missed {share} of sessions {span}, {was} in the half-term before."
        yield Fact(pupil, "attendance", "change", now["last_day"], sentence)
    elif 100 * moved <= -worth:
        sentence = f"Attendance went up: missed {share} of sessions {span}, {was} in the half-term before."
        yield Fact(pupil, "attendance", "protective", now["last_day"], sentence)


def _days_without_a_miss(about: About, halves: dict[date, Row]) -> int:
    newest = about.as_of.calendar.index(max(half["last_day"] for half in halves.values()))
    missed = [half["last_missed"] for half in halves.values() if half["last_missed"] is not None]
    return newest - max(missed) if missed else 0


def _longest_run(
    about: About, pupil: int, away: list[int], suspensions: list[Row], newest_mark: date | None
) -> Iterator[Fact]:
    """The longest run of whole days away this school year; days of a suspension are told as that."""
    runs: list[list[int]] = []
    for missed in away:
        if runs and missed == runs[-1][-1] + 1:
            runs[-1].append(missed)
        else:
            runs.append([missed])
    longest = max(runs, key=lambda run: (len(run), run[0]), default=[])
    told = {
        at for event in suspensions for at in range(event["day"], event["day"] + (event["sessions"] + 1) // 2)
    }
    if sum(missed not in told for missed in longest) >= LONG:
        first, last = (about.as_of.calendar.days[longest[end]].item() for end in (0, -1))
        span = (
            f"since {day(first)}, up to the newest mark"
            if last == newest_mark
            else f"from {day(first)} to {day(last)}"
        )
        yield Fact(
            pupil, "attendance", "fact", last, f"Away for {len(longest)} whole school days in a row, {span}."
        )


def _against_suspensions(
    about: About, person: Row, halves: dict[date, Row], events: list[Row], newest_mark: date | None
) -> Iterator[Fact]:
    """Why sessions marked as suspended and suspensions on record come to different numbers, where they are far apart.

    Nothing where a length is not recorded, or a permanent exclusion has marks of its own.
    """
    start = about.start_of_school_year
    now = [event for event in events if event["start_date"] >= start and event["category"] != "LNCH"]
    if newest_mark is None or any(event["category"] == "PERM" or not event["sessions"] for event in now):
        return
    marked = sum(half["suspended"] for first, half in halves.items() if first >= start)
    told = sum(event["sessions"] for event in now)
    if marked - told > MANY + _may_be_told_yet(about, halves):
        sentence = (
            f"The registers mark {marked} sessions since {day(start)} as suspended, and the suspensions on record come to {told}. "
            f"{_why_untold(about.do_not_tell, person['urn'])} Ask it."
        )
        yield Fact(person["pupil"], "suspensions", "missing", None, sentence)
        return
    last = about.as_of.calendar.index(newest_mark)
    here = [
        event
        for event in now
        if event["urn"] == person["urn"]
        and event["start_date"] >= person["entry_date"]
        and event["day"] + (event["sessions"] + 1) // 2 <= last
        and halves.get(about.as_of.calendar.start_of_half_term(event["start_date"]), NOTHING)["possible"]
        >= ENOUGH
    ]
    due = sum(min(event["sessions"], SIXTH_DAY) for event in here)
    if due - marked > MANY:
        sentence = (
            f"The suspensions on record since {day(start)} come to {told} sessions, and the registers mark {marked} as suspended. "
            "A register may have another code for those days. Ask the school."
        )
        yield Fact(person["pupil"], "suspensions", "missing", None, sentence)


def _why_untold(do_not_tell: set[int], urn: int) -> str:
    """What is known of the school's telling beside the other schools of the authority."""
    if urn not in do_not_tell:
        return "The school may have marked suspensions that it has not told the council of."
    others = len(do_not_tell) - 1
    also = (
        "no other school here does"
        if not others
        else f"{others} other school{'s do' if others > 1 else ' does'} too"
    )
    return f"This school marks suspensions this year that it does not tell the council of, so the two differ; {also}."


def _may_be_told_yet(about: About, halves: dict[date, Row]) -> int:
    """Sessions so new that the suspension's own record may not be known yet; 0 where the child missed none of them."""
    lag = about.records.authority.lag("suspensions", academic_year(about.as_of.on))
    since = about.as_of.calendar.index(about.as_of.on - timedelta(days=lag))
    is_new = any(half["last_missed"] is not None and half["last_missed"] >= since for half in halves.values())
    return 2 * (about.as_of.index - since) if is_new else 0


def _old_registers(about: About, pupil: int, mine: date | None, newest: date | None) -> Iterator[Fact]:
    index = about.as_of.calendar.index
    if newest is None:
        sentence = f"No register from this school is known for the last {LOOKED_FOR} school days."
        yield Fact(pupil, "attendance", "stale", None, sentence)
    elif (old := about.as_of.index - index(newest)) > STOPPED_AFTER:
        sentence = (
            f"The newest register from this school is of {day(newest)}, {old} school days before this list."
        )
        yield Fact(pupil, "attendance", "stale", newest, sentence)
    elif mine is not None and index(newest) - index(mine) > STOPPED_AFTER:
        sentence = (
            f"This child’s newest mark is of {day(mine)}. The school’s registers go on to {day(newest)}."
        )
        yield Fact(pupil, "attendance", "stale", mine, sentence)
