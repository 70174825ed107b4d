"""One endpoint, one call of it, and how a call becomes an answer: log first, then show."""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from starlette.responses import Response

from features.errors import PathwaysError
from serving.database.tables import Referral, RightsRequest, Screening, WrongFact
from serving.desk import Desk, told
from serving.errors import (
    AlreadyThatDay,
    LogRefused,
    NotSignedIn,
    NotThere,
    OneAtATime,
    ProviderRefused,
    RecordsRefused,
    Stale,
    ViewFirst,
)  # fmt: skip
from serving.http.problem_pages import answer_to
from serving.http.problems import Breach, Problem
from serving.http.records import PUPIL_PATTERN
from serving.security.access import MAY, Action, Person, Role
from serving.security.access_log.chain import RECORDED, REFUSED, SHOWN, Entry
from serving.wording import pupil_of

Body = TypeVar("Body", bound=BaseModel | None, covariant=True)
logger = logging.getLogger("pathways")
RECORD_OF: dict[str, Any] = {
    "screening": Screening,
    "referral": Referral,
    "wrong_fact": WrongFact,
    "request": RightsRequest,
}  # what a number of a path names
CALL = "pathways_call"  # where the gate leaves a call in a request's state
COOKIE = "pathways"  # of the pages, in place of the Authorization header


@dataclass(frozen=True)
class Endpoint:
    """One thing that can be asked of the service.

    Attributes
    ----------
    method, path : str
        `{name}` in a path is a whole number.
    name : str
        The operation's id.
    summary : str
        What it does, in one sentence.
    action : Action or None
        What the access log calls it, and whose roles may; None needs no sign-in and is not logged.
    body : type or None
        What comes in.
    answer : type or None
        What goes out; None: no content.
    handle : callable of (Desk, Call) to Answered
    status : int
        Of an answer.
    problems : tuple of str
        Kinds beside those that any request can meet.
    scope : str
        About whom: "pupil", "school", "none"; the matrix of roles is made from it.
    query : tuple of str
        What the query may hold: only the way back from the authority's provider has one.
    media : str
        Of an answer: JSON, a page or a file; an error of a page or a file is a page.
    """

    method: Literal["GET", "POST"]
    path: str
    name: str
    summary: str
    action: Action | None
    body: type[BaseModel] | None
    answer: type[BaseModel] | None
    handle: "Callable[[Desk, Call[Any]], Answered]"
    status: int = 200
    problems: tuple[str, ...] = ()
    scope: Literal["pupil", "school", "none"] = "none"
    query: tuple[str, ...] = ()
    media: str = "application/json"

    @property
    def is_page(self) -> bool:
        """Whether a person with a browser asks, for a page or for a file to take along."""
        return self.media != "application/json"

    @property
    def is_sign_in(self) -> bool:
        """Whether it exchanges something for a sign-in."""
        return self.action is None and "not-signed-in" in self.problems

    @property
    def roles(self) -> frozenset[Role]:
        """Whose roles may; empty where nobody need sign in."""
        return MAY[self.action] if self.action else frozenset()


@dataclass(frozen=True)
class Call(Generic[Body]):
    """One call of an endpoint, let in by the gate.

    Attributes
    ----------
    body : pydantic model
        Checked; of the endpoint's type.
    numbers : mapping of str to int
        What the path names.
    person : Person or None
        None where nobody need sign in.
    token : str
        What the person signed in with, to sign out again.
    query, cookies : mapping of str to str
        As sent; the query of names that the endpoint takes.
    request : str
        Number of the request.
    """

    endpoint: Endpoint
    body: Body
    numbers: Mapping[str, int] = field(default_factory=dict)
    person: Person | None = None
    token: str = field(default="", repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)
    request: str = ""

    @property
    def signed_in(self) -> Person:
        """The person; NotSignedIn where there is none."""
        if self.person is None:
            raise NotSignedIn
        return self.person


@dataclass(frozen=True)
class Answered:
    """An answer and what the access log says of it.

    Attributes
    ----------
    record : pydantic model, Response or None
    what : str
        Which list, record or page; nothing about a pupil.
    pupils : sequence of int
        Everyone whom the answer names or is about.
    outcome : str
        shown or recorded.
    """

    record: BaseModel | Response | None
    what: str = ""
    pupils: Sequence[int] = ()
    outcome: str = SHOWN
    release: str = ""


def recorded(record: BaseModel | Response, what: str, pupils: Sequence[int] = ()) -> Answered:
    """An answer to something that was written down."""
    return Answered(record, what, pupils, RECORDED)


def answer(desk: Desk, call: Call[Any]) -> Response:
    """Answer a call: what it shows is in the access log first, on disk, or is not shown."""
    endpoint = call.endpoint
    try:
        if endpoint.action and (call.person is None or call.person.role not in endpoint.roles):
            raise NotThere if call.person else NotSignedIn
        found = endpoint.handle(desk, call)
        if endpoint.action is not None:
            not_shown = set(named_by(call)) - set(found.pupils)
            _log(desk, call, found.what, found.pupils, found.outcome, found.release, sorted(not_shown))
    except Exception as error:
        problem = problem_of(error)
        if endpoint.action is not None and call.person is not None and problem.kind != "no-log":
            try:
                _log(desk, call, f"problem {problem.kind}", asked_about(desk, call), REFUSED, "")
            except Exception as unlogged:  # a refusal that could not be logged is not given
                problem = problem_of(unlogged)
        return answer_to(problem, endpoint.is_page)
    if isinstance(found.record, Response):
        return found.record
    if found.record is None:
        return Response(status_code=204)
    return Response(found.record.model_dump_json(), endpoint.status, media_type="application/json")


def asked_about(desk: Desk, call: Call[Any]) -> list[int]:
    """The pupils whom a refused call asked about: those it names, and whose record its path names.

    Whoever asks about a child and is refused is in the log under the child's token; a code that is nobody's, or
    somebody's on whom nothing is held, has none (`serving.security.access_log.chain.tokens_of`).
    """
    found = set(named_by(call))
    records = [(table, call.numbers[name]) for name, table in RECORD_OF.items() if name in call.numbers]
    if records:
        with desk.database.reading() as session:
            for table, number in records:
                if -(2**63) <= number < 2**63 and (row := session.get(table, number)) is not None:
                    found.add(row.pupil)
    return sorted(found - {None})


def named_by(call: Call[Any]) -> list[int]:
    """The pupils whom a call's record names: by number, or by code in a form or a list."""
    named = [getattr(call.body, "pupil", ""), *getattr(call.body, "pupils", ())]
    codes = [code.strip().lower() for code in named if isinstance(code, str)]
    by_code = [pupil_of(code) for code in codes if re.fullmatch(PUPIL_PATTERN, code)]
    return [*(each for each in named if isinstance(each, int)), *by_code]


def _log(
    desk: Desk, call: Call[Any], what: str, pupils: Sequence[int], outcome: str, release: str, asked: Sequence[int] = (),
) -> None:  # fmt: skip
    person, action = call.person, call.endpoint.action
    assert person is not None and action is not None
    desk.log.write(
        Entry(person.name, person.role, action, what, pupils, outcome, release, call.request, asked)
    )


def problem_of(error: Exception) -> Problem:
    """The problem that an error is to whoever asked; a mistake of ours tells only where it happened."""
    match error:
        case Problem():
            return error
        case NotThere():
            return Problem("not-there")
        case NotSignedIn():
            return Problem("not-signed-in")
        case Stale():
            return Problem("changed-meanwhile", told(error))
        case ViewFirst():
            return Problem("view-first")
        case OneAtATime():
            return Problem("one-at-a-time", told(error))
        case AlreadyThatDay():
            return Problem("already-that-day", told(error))
        case LogRefused():
            return Problem("no-log")
        case ProviderRefused():
            return Problem("busy", told(error))
        case RecordsRefused():
            breaches = error.broken
            return Problem(
                "rule-of-screening",
                f"{len(breaches)} not kept.",
                [
                    Breach(where=each.field or "record", code=each.code, expected=each.text)
                    for each in breaches
                ],
            )
        case OperationalError() | InterfaceError() | NoConnection():
            logger.error("the database does not answer: %s", type(error.__cause__ or error).__name__)
            return Problem("no-database")
        case PathwaysError():
            logger.error("%s: %s", type(error).__name__, told(error))
            return Problem("out-of-order")
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    # Never the error's own words: they can hold a pupil's values.
    where = (
        f"{place.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}, line {place.tb_lineno}"
        if place
        else "nowhere"
    )
    logger.error("%s in %s", type(error).__name__, where)
    return Problem("mistake", f"{type(error).__name__} in {where}.")
