"""A sign-in as the browser keeps it, and whom it signs in; and the accounts as an administrator keeps them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse, Response

from serving.accounts.record import AccountAdded, ScopesChanged
from serving.database.tables import School, Token, User
from serving.desk import Desk
from serving.errors import Breach, NotSignedIn, NotThere, RecordsRefused
from serving.http.calls import COOKIE
from serving.pages import template
from serving.security import accounts
from serving.security.access import Action, Person, Role, kept_number, require
from serving.security.sign_ins import WRONG
from serving.wording import MADE_UP

HOME = "/"


def keep(desk: Desk, answer: Response, token: str) -> None:
    """Have the browser keep the token for the pages."""
    seconds = int(accounts.TOKEN_LASTS.total_seconds())
    answer.set_cookie(
        COOKIE,
        token,
        seconds,
        path=HOME,
        secure=desk.settings.is_behind_tls,
        httponly=True,
        samesite="strict",
    )


def whoever(desk: Desk, token: str, request: str = "") -> Person | None:
    """Who a cookie signs in; None for nobody, and a wrong token is counted and has its row."""
    try:
        with desk.database.reading() as session:
            return accounts.person_of(session, token) if token else None
    except NotSignedIn:
        WRONG.refused(desk.log, "token not known or ended", request)
        return None


def sign_in_page(desk: Desk, error: str = "", status: int = 200) -> Response:
    """The way in; `error` where a code did not sign in."""
    made = template("sign_in.html").render(
        banner=MADE_UP if desk.settings.is_demonstration else "",
        has_provider=desk.provider is not None,
        error=error,
    )
    return HTMLResponse(made, status)


@dataclass(frozen=True)
class Account:
    """An open account, and how it signs in.

    Attributes
    ----------
    schools : tuple of str
        Names of an officer's schools; the URN where none is known by it.
    last_sign_in : datetime or None
        None where there was none of which a token is kept.
    num_open : int
        Sign-ins that are not ended.
    has_code : bool
        A one-time code is not used yet.
    has_provider : bool
        Signs in with the authority's own provider.
    """

    person: Person
    schools: tuple[str, ...]
    last_sign_in: datetime | None
    num_open: int
    has_code: bool
    has_provider: bool


def accounts_of(session: Session, person: Person) -> list[Account]:
    """Open accounts, in order of name."""
    require(person, Action.MANAGE_USERS)
    now = datetime.now(UTC)
    names = {urn: name for urn, name in session.execute(select(School.urn, School.name))}
    is_open = (Token.ended_at.is_(None)) & (Token.expires_at > now)
    open_tokens = {
        (user, is_code): number
        for user, is_code, number in session.execute(
            select(Token.user, Token.is_one_time, func.count())
            .where(is_open)
            .group_by(Token.user, Token.is_one_time)
        )
    }
    signed_in = {
        user: at
        for user, at in session.execute(
            select(Token.user, func.max(Token.made_at)).where(~Token.is_one_time).group_by(Token.user)
        )
    }
    provided = set(session.scalars(select(User.id).where(User.subject.is_not(None))))
    return [
        Account(
            each, tuple(sorted(names.get(urn, f"School {urn}") for urn in each.schools)), signed_in.get(each.id),
            open_tokens.get((each.id, False), 0), (each.id, True) in open_tokens, each.id in provided,
        )
        for each in accounts.users(session)
    ]  # fmt: skip


def add_account(session: Session, person: Person, asked: AccountAdded) -> tuple[Person, str]:
    """Somebody who may sign in, and their one-time code; "" for whoever signs in with the authority's provider.

    Raises
    ------
    RecordsRefused
        Everything that is not as it should be: a school or district that no list here knows, too.
    """
    require(person, Action.MANAGE_USERS)
    urns, districts = known_places(session, asked)
    subject = asked.subject.strip() or None
    made = accounts.add_user(session, asked.name, Role(asked.role), urns, districts, asked.statuses, subject)
    return made, "" if subject else accounts.one_time_token(session, made.name)


def change_scopes(session: Session, person: Person, account: int, asked: ScopesChanged) -> str:
    """Give an officer other schools, districts and caseloads; the name of the account.

    Raises
    ------
    NotThere
    RecordsRefused
        It is no officer's, nothing is left of it, or a school or district is not known here.
    """
    name = _other(session, person, account)
    urns, districts = known_places(session, asked)
    accounts.change_scopes(session, name, urns, districts, asked.statuses)
    return name


def known_places(session: Session, asked: AccountAdded | ScopesChanged) -> tuple[list[int], list[str]]:
    """URNs and districts as typed; RecordsRefused for what is none, or is in no list here."""
    urns, districts = lines(asked.schools), lines(asked.districts)
    known = {urn: district for urn, district in session.execute(select(School.urn, School.district))}
    breaches = []
    if wrong := [urn for urn in urns if not (urn.isascii() and urn.isdigit() and len(urn) == 6)]:
        breaches.append(
            Breach("schools", "no_urn", f"{len(wrong)} of the lines are no URN, which is six digits.")
        )
    elif unknown := {urn for urn in map(int, urns) if urn not in known}:
        breaches.append(
            Breach("schools", "unknown", f"No list here knows {len(unknown)} of these schools. Prepare a date, or look at the URNs.")
        )  # fmt: skip
    if unknown_districts := set(districts) - set(known.values()):
        allowed = ", ".join(sorted(set(known.values()))) or "none yet: prepare a date"
        breaches.append(
            Breach("districts", "unknown", f"{len(unknown_districts)} of these are no district here. Districts are: {allowed}.")
        )  # fmt: skip
    if breaches:
        raise RecordsRefused(*breaches)
    return [int(urn) for urn in urns], list(districts)


def new_code(session: Session, person: Person, account: int) -> tuple[str, str]:
    """Name and one-time code of an account; every code and sign-in that it had ends."""
    name = _other(session, person, account)
    return name, accounts.replace_tokens(session, name)


def close_account(session: Session, person: Person, account: int) -> str:
    """Close an account and end its sign-ins; its name stays on what it wrote."""
    name = _other(session, person, account)
    accounts.close_user(session, name)
    return name


def _other(session: Session, person: Person, account: int) -> str:
    """The name of somebody else's open account; nobody ends their own sign-in here by mistake."""
    require(person, Action.MANAGE_USERS)
    user = session.get(User, kept_number(account))
    if user is None or user.closed_at is not None:
        raise NotThere
    if user.id == person.id:
        raise RecordsRefused(
            Breach("", "own_account", "This is your own account. Another administrator does that for you.")
        )
    return user.name


def lines(text: str) -> Sequence[str]:
    """The lines of a text that hold anything."""
    return [line.strip() for line in text.splitlines() if line.strip()]
