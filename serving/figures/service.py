"""What managers see of screenings, and a district's picture of need: counts and shares that may leave, never a child.

Two questions (DESIGN section 12): of the listed children who were screened, how many were new to the meeting; and
how often did the meeting see it otherwise than the list. Counts leave only by `models.disclosure`.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.disclosure import RULE, disclose
from serving.database.tables import School
from serving.desk import Desk
from serving.figures.record import DistrictProfile, Figures, GroupFigures, Need, PhaseProfile
from serving.http.problems import Problem
from serving.lists.service import standing
from serving.screening.record import ScreeningRecord
from serving.screening.service import settled_between
from serving.screening.support import KIND
from serving.security.access import Person

ALL = "all"
LISTED = ("listed", "could_go_either_way")
COUNTS = ("screened_listed", "new_to_meeting", "listed_no_action", "screened_unlisted", "unlisted_helped")


def figures(
    session: Session, person: Person, since: date, until: date, groups: Mapping[int, str] | None = None
) -> dict[str, Any]:
    """Figures of screenings held from one day to another, both included.

    Parameters
    ----------
    groups : mapping of int to str, optional
        Pupil to group, for figures by group: ethnicity and the other audit attributes are read by another
        path, so whoever may read them brings them. None gives figures by phase.

    Returns
    -------
    dict
        `rule`, and `groups`: `all` and each group to counts (None: suppressed) and the shares
        `share_new_to_meeting` (of the listed who were screened), `share_listed_no_action` and
        `share_unlisted_helped` (of those screened who were not listed), None where a count is suppressed.
        An officer's are of their own pupils, everyone else's of all.
    """
    phases = {school.urn: school.phase for school in session.scalars(select(School))}
    exact: Counter[str] = Counter()
    names = {ALL}
    for found in settled_between(session, person, since, until):
        group = (
            groups.get(found.pupil, "not known")
            if groups is not None
            else phases.get(found.school, "not known")
        )
        names.add(group)
        for count in _counts(found):
            exact[f"{ALL}/{count}"] += 1
            exact[f"{group}/{count}"] += 1
    told = disclose(
        {f"{name}/{count}": exact[f"{name}/{count}"] for name in sorted(names) for count in COUNTS}
    )
    return {
        "rule": RULE,
        "groups": {
            name: {
                **{count: told.counts[f"{name}/{count}"] for count in COUNTS},
                "share_new_to_meeting": told.rate(f"{name}/new_to_meeting", f"{name}/screened_listed"),
                "share_listed_no_action": told.rate(f"{name}/listed_no_action", f"{name}/screened_listed"),
                "share_unlisted_helped": told.rate(f"{name}/unlisted_helped", f"{name}/screened_unlisted"),
            }
            for name in sorted(names, key=lambda name: (name != ALL, name))
        },
    }


def _counts(found: ScreeningRecord) -> list[str]:
    if found.prompt in LISTED:
        new = ["new_to_meeting"] if found.now.was_known is False else []
        return ["screened_listed", *new, *(["listed_no_action"] if found.now.outcome == "no_action" else [])]
    return ["screened_unlisted", *(["unlisted_helped"] if found.now.outcome in KIND else [])]


def figures_answer(desk: Desk, person: Person, since: date, until: date) -> Figures:
    """What managers see, as it is sent."""
    with desk.database.reading() as session:
        found = figures(session, person, since, until)
    groups = {name: GroupFigures(**counts) for name, counts in found["groups"].items()}
    return Figures(rule=found["rule"], groups=groups)


def profile(desk: Desk, district: str, as_of: date) -> DistrictProfile:
    """A district's picture of need, disclosure-controlled; Problem where there is none."""
    prepared = desk.prepared(as_of)
    found = prepared.profiles.get(district)
    if found is None:
        raise Problem("not-there")
    phases = tuple(
        PhaseProfile(
            phase=each["phase"], on_roll=each["on_roll"], needs=tuple(Need(**need) for need in each["needs"])
        )
        for each in found["phases"]
    )
    return DistrictProfile(**standing(prepared), district=district, rule=found["rule"], phases=phases)
