"""What managers see of screenings, and a district's picture of need: counts and shares that may leave, never a child.

Two questions (DESIGN section 12): of the listed children who were screened, how many were new to the meeting; and
how often did the meeting see it otherwise than the list. Counts leave only by `models.disclosure`.
"""

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.disclosure import RULE, disclose
from serving.database.tables import School
from serving.desk import Desk
from serving.figures.record import (
    DistrictProfile,
    Figures,
    GroupFigures,
    Need,
    PhaseProfile,
    Reach,
    ReachOfGroup,
)
from serving.http.problems import Problem
from serving.lists.service import newest, standing
from serving.screening.record import ScreeningRecord
from serving.screening.rules import when_due
from serving.screening.service import first_reviews, settled_between
from serving.screening.support import KIND
from serving.security.access import Person

ALL = "all"
LISTED = ("listed", "could_go_either_way")
COUNTS = ("screened_listed", "new_to_meeting", "listed_no_action", "screened_unlisted", "unlisted_helped")
SOON, LATER = 42, 84  # days from the meeting to its first review: half a term, a term
PARTS = (
    "helped",
    "reviewed_in_six_weeks",
    "reviewed_in_twelve_weeks",
    "reviewed_later",
    "review_overdue",
)  # of those settled
SHARES = {
    "share_new_to_meeting": ("new_to_meeting", "screened_listed"),
    "share_listed_no_action": ("listed_no_action", "screened_listed"),
    "share_unlisted_helped": ("unlisted_helped", "screened_unlisted"),
    "share_helped": ("helped", "settled"),
}


def figures(
    session: Session, person: Person, since: date, until: date, groups: Mapping[int, str] | None = None, by: str = "phase",
    today: date | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Figures of screenings held from one day to another, both included.

    Parameters
    ----------
    groups : mapping of int to str, optional
        Pupil to group, for figures by group: ethnicity and the other audit attributes are read by another
        path, so whoever may read them brings them. None gives figures by `by`.
    by : {"phase", "district"}
        Of the school that the screening names.
    today : date, optional
        From which a review is overdue.

    Returns
    -------
    dict
        `rule`, and `groups`: `all` and each group to counts (None: suppressed) and `SHARES`, None where a count is
        suppressed. An officer's are of their own pupils, everyone else's of all.
    """
    schools = {school.urn: getattr(school, by) for school in session.scalars(select(School))}
    exact: Counter[str] = Counter()
    names = {ALL}
    settled = settled_between(session, person, since, until)
    reviewed = first_reviews(session, [each.screening for each in settled])
    for found in settled:
        group = (
            groups.get(found.pupil, "not known")
            if groups is not None
            else schools.get(found.school, "not known")
        )
        names.add(group)
        first = reviewed.get(found.screening)
        for count in (*_counts(found), *_course(found, first, today or date.today())):
            exact[f"{ALL}/{count}"] += 1
            exact[f"{group}/{count}"] += 1
    every = (*COUNTS, "settled", *PARTS)
    told = disclose(
        {f"{name}/{count}": exact[f"{name}/{count}"] for name in sorted(names) for count in every}
    )
    return {
        "rule": RULE,
        "groups": {
            name: {
                **{count: told.counts[f"{name}/{count}"] for count in (*COUNTS, "settled")},
                **{count: told.part(f"{name}/{count}", f"{name}/settled") for count in PARTS},
                **{
                    share: told.rate(f"{name}/{part}", f"{name}/{whole}")
                    for share, (part, whole) in SHARES.items()
                },
            }
            for name in sorted(names, key=lambda name: (name != ALL, name))
        },
    }


def _counts(found: ScreeningRecord) -> list[str]:
    if found.prompt in LISTED:
        new = ["new_to_meeting"] if found.now.was_known is False else []
        return ["screened_listed", *new, *(["listed_no_action"] if found.now.outcome == "no_action" else [])]
    return ["screened_unlisted", *(["unlisted_helped"] if found.now.outcome in KIND else [])]


def _course(found: ScreeningRecord, first_review: date | None, today: date) -> list[str]:
    """What came after one meeting: help, how soon the first review was held, and whether one is overdue now."""
    counted = ["settled", *(["helped"] if found.now.outcome in KIND else [])]
    if first_review is not None:
        days = (first_review - found.meeting_on).days
        counted.append(
            "reviewed_in_six_weeks"
            if days <= SOON
            else "reviewed_in_twelve_weeks"
            if days <= LATER
            else "reviewed_later"
        )
    return [*counted, *(["review_overdue"] if when_due(found.now.review_on, today) == "overdue" else [])]


def figures_answer(desk: Desk, person: Person, since: date, until: date, by: str = "phase") -> Figures:
    """What managers see, as it is sent."""
    with desk.database.reading() as session:
        found = figures(session, person, since, until, by=by)
    groups = {name: GroupFigures(**counts) for name, counts in found["groups"].items()}
    as_of: date | None = None
    reach: tuple[Reach, ...] = ()
    with suppress(Problem):  # figures of screenings need no list
        prepared = newest(desk)
        as_of = prepared.facts.as_of
        reach = tuple(
            Reach(by=each["by"], groups=tuple(ReachOfGroup(**group) for group in each["groups"]))
            for each in prepared.reach
        )
    return Figures(rule=found["rule"], groups=groups, reach_as_of=as_of, reach=reach)


def profile(desk: Desk, district: str, as_of: date) -> DistrictProfile:
    """A district's picture of need with that of the prepared date before beside it, disclosure-controlled; Problem where there is none."""
    prepared = desk.prepared(as_of)
    found = prepared.profiles.get(district)
    if found is None:
        raise Problem("not-there")
    before = max((each for each in desk.dates if each < as_of), default=None)
    then: dict[tuple[str, str], float | None] = {}
    try:
        phases_then = desk.pictures(before).get(district, {"phases": ()})["phases"] if before else ()
        then = {
            (phase["phase"], need["need"]): need["rate"] for phase in phases_then for need in phase["needs"]
        }
    except Problem:  # one that cannot be read is not shown beside
        before = None
    phases = tuple(
        PhaseProfile(
            phase=each["phase"],
            on_roll=each["on_roll"],
            needs=tuple(
                Need(**need, rate_before=then.get((each["phase"], need["need"]))) for need in each["needs"]
            ),
        )
        for each in found["phases"]
    )
    return DistrictProfile(
        **standing(prepared), district=district, rule=found["rule"], before=before, phases=phases
    )
