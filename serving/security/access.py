"""Who may do what, and about whom. Every query about pupils carries its person's scope into the database.

Roles say what somebody does; scopes say about whom: named schools, districts, or the caseload of a status such
as looked after. What is missing and what is forbidden answer alike (`NotThere`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from serving.database.tables import Placement, PupilStatus, School
from serving.errors import NotThere

MOST_AT_ONCE = 500  # values in one IN clause: engines limit how many a statement may carry


class Role(StrEnum):
    """What somebody does."""

    OFFICER = "officer"
    DATA_SCIENTIST = "data_scientist"
    REVIEWER = "reviewer"
    INFORMATION_GOVERNANCE = "information_governance"
    ADMINISTRATOR = "administrator"
    MANAGER = "manager"


class Action(StrEnum):
    """What can be asked of the service; the access log carries the same words."""

    ESTIMATE = "estimate"
    LIST = "list"
    EXPLAIN = "explain"
    OPEN_FREQUENCY = "open_frequency"
    RECORD_SCREENING = "record_screening"
    READ_SCREENING = "read_screening"
    REVIEW_SCREENING = "review_screening"
    REFER = "refer"
    READ_REFERRAL = "read_referral"
    PASS_ON_REFERRAL = "pass_on_referral"
    SAY_FACT_WRONG = "say_fact_wrong"
    READ_WRONG_FACT = "read_wrong_fact"
    ANSWER_WRONG_FACT = "answer_wrong_fact"
    READ_CASELOAD = "read_caseload"
    FIND_PUPIL = "find_pupil"
    READ_PROFILE = "read_profile"
    READ_FIGURES = "read_figures"
    READ_AUDIT = "read_audit"
    READ_CARD = "read_card"
    REVIEW_RELEASE = "review_release"
    READ_VERSION = "read_version"
    SEE_NAMES = "see_names"
    TAKE_OUT = "take_out"
    USE_RIGHTS = "use_rights"
    READ_LOG = "read_log"
    MANAGE_USERS = "manage_users"
    EXPORT_SUPPORT = "export_support"
    PURGE = "purge"
    REPAIR_LOG = "repair_log"
    BACK_UP = "back_up"
    SIGN_IN = "sign_in"


OFFICER, SCIENTIST, REVIEWER = Role.OFFICER, Role.DATA_SCIENTIST, Role.REVIEWER
GOVERNANCE, ADMINISTRATOR, MANAGER = Role.INFORMATION_GOVERNANCE, Role.ADMINISTRATOR, Role.MANAGER
EVERYONE = frozenset(Role)
MAY: dict[Action, frozenset[Role]] = {
    Action.ESTIMATE: frozenset({OFFICER, SCIENTIST}),
    Action.LIST: frozenset({OFFICER, SCIENTIST}),
    Action.EXPLAIN: frozenset({OFFICER, SCIENTIST}),
    Action.OPEN_FREQUENCY: frozenset({OFFICER}),
    Action.RECORD_SCREENING: frozenset({OFFICER}),
    Action.READ_SCREENING: frozenset({OFFICER}),
    Action.REVIEW_SCREENING: frozenset({OFFICER}),
    Action.REFER: frozenset({OFFICER}),
    Action.READ_REFERRAL: frozenset({OFFICER}),
    Action.PASS_ON_REFERRAL: frozenset({GOVERNANCE}),
    Action.SAY_FACT_WRONG: frozenset({OFFICER}),
    Action.READ_WRONG_FACT: frozenset({OFFICER, GOVERNANCE}),
    Action.ANSWER_WRONG_FACT: frozenset({GOVERNANCE}),
    Action.READ_CASELOAD: frozenset({OFFICER}),
    Action.FIND_PUPIL: frozenset({OFFICER}),
    Action.READ_PROFILE: frozenset({OFFICER, SCIENTIST, REVIEWER, GOVERNANCE, MANAGER}),
    Action.READ_FIGURES: frozenset({OFFICER, SCIENTIST, REVIEWER, GOVERNANCE, MANAGER}),
    Action.READ_AUDIT: EVERYONE,
    Action.READ_CARD: EVERYONE,
    Action.REVIEW_RELEASE: frozenset({REVIEWER}),
    Action.READ_VERSION: EVERYONE,
    Action.SEE_NAMES: frozenset({OFFICER, GOVERNANCE}),
    Action.TAKE_OUT: frozenset({OFFICER}),  # a pack, minutes or a plan as a file
    Action.USE_RIGHTS: frozenset({GOVERNANCE}),
    Action.READ_LOG: frozenset({GOVERNANCE}),
    Action.MANAGE_USERS: frozenset({ADMINISTRATOR}),
    Action.EXPORT_SUPPORT: frozenset({GOVERNANCE}),
    Action.PURGE: frozenset({GOVERNANCE}),
    Action.REPAIR_LOG: frozenset({ADMINISTRATOR}),
    Action.BACK_UP: frozenset({ADMINISTRATOR}),
    Action.SIGN_IN: EVERYONE,
}
SEES_EVERY_PUPIL = frozenset({SCIENTIST, GOVERNANCE})  # the first by pseudonym alone


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in.

    Attributes
    ----------
    name : str
        The account's name, as records and the access log carry it.
    schools : frozenset of int
        URNs of an officer's schools.
    districts : frozenset of str
        An officer's districts: all schools in them.
    statuses : frozenset of str
        Names of `features.status.STATUSES` whose pupils are the officer's caseload, wherever they go to school.
    """

    id: int
    name: str
    role: Role
    schools: frozenset[int] = frozenset()
    districts: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()


def may(person: Person, action: Action) -> bool:
    """Does the person's role hold this action at all? About whom is for the scope."""
    return person.role in MAY[action]


def require(person: Person, action: Action) -> None:
    """NotThere, as if nothing were there, unless the person's role holds this action."""
    if not may(person, action):
        raise NotThere


def in_scope(person: Person, pupil: InstrumentedAttribute[int], urn: Any = None) -> ColumnElement[bool]:
    """The condition that keeps a query to the person's pupils; every query about pupils carries it.

    Parameters
    ----------
    pupil : column
        The query's column of pupils.
    urn : column, optional
        The school that the row itself names: it counts for a pupil who was never on a roll that is known here.
    """
    if person.role in SEES_EVERY_PUPIL:
        return true()
    if person.role != OFFICER:
        return false()
    # Aliased: a query that is itself about placements must not be taken for the one inside.
    on_roll, status = aliased(Placement), aliased(PupilStatus)
    found: list[ColumnElement[bool]] = [
        exists().where(on_roll.pupil == pupil, on_roll.urn.in_(_schools(person)))
    ]
    if person.statuses:
        found.append(exists().where(status.pupil == pupil, status.status.in_(sorted(person.statuses))))
    if urn is not None:
        unknown = ~exists().where(on_roll.pupil == pupil)
        found.append(and_(unknown, urn.in_(_schools(person))))
    return or_(*found)


def _schools(person: Person) -> Any:
    school = aliased(School)
    own = or_(school.urn.in_(sorted(person.schools)), school.district.in_(sorted(person.districts)))
    return select(school.urn).where(own)


def visible(session: Session, person: Person, pupils: Iterable[int]) -> set[int]:
    """Which of some pupils the person may see; those who are not known here are in nobody's scope."""
    asked = sorted(pupil for pupil in set(pupils) if -(2**63) <= pupil < 2**63)
    found: set[int] = set()
    for start in range(0, len(asked), MOST_AT_ONCE):
        found |= set(session.scalars(_seen_by(person), {"some": asked[start : start + MOST_AT_ONCE]}))
    return found


@lru_cache(maxsize=1024)
def _seen_by(person: Person) -> Select[int]:
    """The query of `visible`; kept, since writing it anew costs more than asking it. Another scope is another person."""
    some = Placement.pupil.in_(bindparam("some", expanding=True))
    return select(Placement.pupil).where(some, in_scope(person, Placement.pupil))


def kept_number(number: int) -> int:
    """A number that a database can hold; NotThere for any other, which can be nobody's."""
    if not -(2**63) <= number < 2**63:
        raise NotThere
    return number


def require_pupil(session: Session, person: Person, pupil: int) -> None:
    """NotThere unless the pupil is in the person's scope."""
    if pupil not in visible(session, person, [pupil]):
        raise NotThere


def schools_of(session: Session, person: Person) -> list[School]:
    """The schools whose lists the person may read, in order of URN; a status caseload opens no school's list."""
    query = select(School).order_by(School.urn)
    if person.role not in SEES_EVERY_PUPIL:
        query = (
            query.where(School.urn.in_(_schools(person))) if person.role == OFFICER else query.where(false())
        )
    return list(session.scalars(query))


def require_school(session: Session, person: Person, urn: int) -> None:
    """NotThere unless the person may read this school's list."""
    if all(school.urn != urn for school in schools_of(session, person)):
        raise NotThere


def require_district(session: Session, person: Person, district: str) -> None:
    """NotThere unless the person may read this district's list: one school of it is not enough."""
    # Compared here: a name from outside may be no text that a database takes.
    is_there = district in set(session.scalars(select(School.district).distinct()))
    if not is_there or not (person.role in SEES_EVERY_PUPIL or district in person.districts):
        raise NotThere
