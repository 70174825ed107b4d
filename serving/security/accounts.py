"""Users, their scopes, and tokens: kept as hashes, each with its expiry. Nobody has a password here."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from features.status import STATUSES
from serving.database.connection import Database
from serving.database.tables import Token, User, UserScope
from serving.errors import Breach, NotSignedIn, NotThere, RecordsRefused
from serving.http.records import LONGEST_TEXT, is_text
from serving.security.access import Person, Role

FIRST = "administrator"
TOKEN_LASTS = timedelta(hours=12)
ONE_TIME_LASTS = timedelta(hours=24)
LONGEST_TOKEN = timedelta(days=90)
SCHOOL, DISTRICT, STATUS = "school", "district", "status"
# Asked at every request: one statement, written once.
SIGNED_IN = (
    select(User.id, User.name, User.role, UserScope.kind, UserScope.value)
    .join(Token, Token.user == User.id)
    .outerjoin(UserScope, UserScope.user == User.id)
    .where(
        Token.hash == bindparam("sent"), ~Token.is_one_time, Token.ended_at.is_(None),
        Token.expires_at > bindparam("now"), User.closed_at.is_(None),
    )
)  # fmt: skip


def first_start(database: Database) -> str | None:
    """On an empty database make the account `administrator` and give its one-time token to print; else None."""
    with database.writing() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(select(func.pg_advisory_xact_lock(7_141_004)))  # two workers start at once
        if session.scalar(select(User.id).limit(1)) is not None:
            return None
        add_user(session, FIRST, Role.ADMINISTRATOR)
        return one_time_token(session, FIRST)


def add_user(
    session: Session,
    name: str,
    role: Role,
    schools: Iterable[int] = (),
    districts: Iterable[str] = (),
    statuses: Iterable[str] = (),
    subject: str | None = None,
) -> Person:
    """Make an account.

    Parameters
    ----------
    subject : str or None
        Who they are to the authority's provider (`ISSUER SUBJECT`, see `serving.security.sign_in`); None signs in with
        a one-time token only.

    Raises
    ------
    RecordsRefused
        The name or subject is taken or empty, an officer has no scope or another role has one, or a status is
        not known.
    """
    districts = sorted(set(districts))
    breaches: list[Breach | str] = [
        Breach(
            field,
            "no_text",
            f"It holds what is no text, or more than {LONGEST_TEXT:,} characters. Write it again without.",
        )
        for field, text in (("name", name), ("subject", subject or ""), ("districts", " ".join(districts)))
        if not is_text(text)
    ]
    if breaches:
        raise RecordsRefused(*breaches)
    if not name.strip() or name != name.strip():
        breaches.append(
            Breach("name", "missing", "An account needs a name, with no space before or after it.")
        )
    if session.scalar(select(User.id).where(User.name == name)) is not None:
        breaches.append(
            Breach(
                "name",
                "taken",
                "An account of this name is there, open or closed: names are never used twice. Choose another.",
            )
        )
    if subject is not None and session.scalar(select(User.id).where(User.subject == subject)) is not None:
        breaches.append(
            Breach(
                "subject",
                "taken",
                "Another account has this subject. Close that one first, or look it up with: pathways users list",
            )
        )
    scopes, broken = _scopes(role, schools, districts, statuses)
    breaches += broken
    if breaches:
        raise RecordsRefused(*breaches)
    user = User(name=name, role=role.value, subject=subject, made_at=datetime.now(UTC), closed_at=None)
    session.add(user)
    session.flush()
    session.add_all(UserScope(user=user.id, kind=kind, value=value) for kind, value in scopes)
    session.flush()
    return _person(session, user)


def change_scopes(
    session: Session, name: str, schools: Iterable[int], districts: Iterable[str], statuses: Iterable[str]
) -> Person:
    """Give an officer's account other scopes, in place of those that it has; in force from the next question on.

    Raises
    ------
    NotThere
        No open account has the name.
    RecordsRefused
        It is no officer's, has no scope then, or a status is not known.
    """
    user = _open(session, name)
    scopes, broken = _scopes(Role(user.role), schools, districts, statuses)
    if user.role != Role.OFFICER:
        broken = [Breach("schools", "no_scope", "Only officers have schools, districts and caseloads.")]
    if broken:
        raise RecordsRefused(*broken)
    session.execute(delete(UserScope).where(UserScope.user == user.id))
    session.add_all(UserScope(user=user.id, kind=kind, value=value) for kind, value in scopes)
    session.flush()
    return _person(session, user)


def _scopes(
    role: Role, schools: Iterable[int], districts: Iterable[str], statuses: Iterable[str]
) -> tuple[list[tuple[str, str]], list[Breach | str]]:
    """Scopes as they are stored, and what is wrong with them for a role."""
    scopes = [(SCHOOL, str(urn)) for urn in sorted(set(schools))]
    scopes += [(DISTRICT, district) for district in sorted(set(districts))]
    scopes += [(STATUS, status) for status in sorted(set(statuses))]
    broken: list[Breach | str] = []
    if role == Role.OFFICER and not scopes:
        text = "An officer needs a scope. Name a school, a district or a status caseload."
        broken.append(Breach("schools", "missing", text))
    if role != Role.OFFICER and scopes:
        text = "Only officers have scopes. Leave out schools, districts and statuses, or make it an officer."
        broken.append(Breach("role", "no_scope", text))
    known = {status.name for status in STATUSES}
    if unknown := {value for kind, value in scopes if kind == STATUS} - known:
        broken.append(
            f"{len(unknown)} statuses are not known. Allowed values are {', '.join(sorted(known))}."
        )
    return scopes, broken


def close_user(session: Session, name: str) -> None:
    """Close an account and end its tokens; its name stays on what it wrote, and is not used again.

    Raises
    ------
    NotThere
    """
    user = _open(session, name)
    now = datetime.now(UTC)
    user.closed_at, user.subject = now, None
    session.execute(update(Token).where(Token.user == user.id, Token.ended_at.is_(None)).values(ended_at=now))
    session.flush()


def users(session: Session) -> list[Person]:
    """Open accounts, in order of name."""
    rows = session.scalars(select(User).where(User.closed_at.is_(None)).order_by(User.name))
    return [_person(session, user) for user in rows]


def one_time_token(session: Session, name: str, lasts: timedelta = ONE_TIME_LASTS) -> str:
    """A token that signs in once, to hand to its user; NotThere where no open account has the name."""
    return _keep(session, _open(session, name).id, lasts, is_one_time=True)


def replace_tokens(session: Session, name: str, lasts: timedelta = ONE_TIME_LASTS) -> str:
    """A one-time token in place of all that an account has: whoever found the lost one, or signed in with it, is out.

    Raises
    ------
    NotThere
    """
    user = _open(session, name).id
    now = datetime.now(UTC)
    session.execute(update(Token).where(Token.user == user, Token.ended_at.is_(None)).values(ended_at=now))
    return _keep(session, user, lasts, is_one_time=True)


def holder(session: Session, one_time: str) -> Person:
    """Whose one-time token this is; it stays unused.

    Raises
    ------
    NotSignedIn
    """
    user = session.scalar(
        select(User)
        .join(Token, Token.user == User.id)
        .where(
            Token.hash == _hash(one_time), Token.is_one_time, Token.ended_at.is_(None),
            Token.expires_at > datetime.now(UTC), User.closed_at.is_(None),
        )
    )  # fmt: skip
    if user is None:
        raise NotSignedIn
    return _person(session, user)


def redeem(session: Session, one_time: str) -> str:
    """Exchange a one-time token for a sign-in's token; it works once.

    Raises
    ------
    NotSignedIn
    """
    now = datetime.now(UTC)
    ended = update(Token).where(
        Token.hash == _hash(one_time), Token.is_one_time, Token.ended_at.is_(None), Token.expires_at > now
    )
    # One statement tests and ends it, so that of two who try at once one alone gets in.
    user = session.scalar(ended.values(ended_at=now).returning(Token.user))
    if user is None:
        raise NotSignedIn
    return issue(session, user)


def issue(session: Session, user: int, lasts: timedelta = TOKEN_LASTS) -> str:
    """A token for a sign-in. Its SHA-256 is kept; the token is given once, here.

    Raises
    ------
    RecordsRefused
        It would last longer than 90 days, or no time at all.
    """
    return _keep(session, user, lasts, is_one_time=False)


def person_of(session: Session, token: str) -> Person:
    """Who a token belongs to.

    Raises
    ------
    NotSignedIn
        It is unknown, expired, ended, for one use, or its account is closed.
    """
    rows = session.execute(SIGNED_IN, {"sent": _hash(token), "now": datetime.now(UTC)}).all()
    if not rows:
        raise NotSignedIn
    return _with_scopes(*rows[0][:3], [(row.kind, row.value) for row in rows if row.kind is not None])


def sign_out(session: Session, token: str) -> None:
    """End a token; one that is not known ends nothing."""
    now = datetime.now(UTC)
    session.execute(
        update(Token).where(Token.hash == _hash(token), Token.ended_at.is_(None)).values(ended_at=now)
    )


def user_of_subject(session: Session, subject: str) -> int | None:
    """The open account of somebody whom the provider knows; None where no administrator added one."""
    return session.scalar(select(User.id).where(User.subject == subject, User.closed_at.is_(None)))


def role_of(session: Session, user: int) -> Role:
    """The role of an account that is there."""
    return Role(session.scalar(select(User.role).where(User.id == user)) or "")


def _open(session: Session, name: str) -> User:
    user = session.scalar(select(User).where(User.name == name, User.closed_at.is_(None)))
    if user is None:
        raise NotThere
    return user


def _person(session: Session, user: User) -> Person:
    rows = session.execute(select(UserScope.kind, UserScope.value).where(UserScope.user == user.id))
    return _with_scopes(user.id, user.name, user.role, [(row.kind, row.value) for row in rows])


def _with_scopes(user: int, name: str, role: str, scopes: Iterable[tuple[str, str]]) -> Person:
    found: dict[str, set[str]] = {SCHOOL: set(), DISTRICT: set(), STATUS: set()}
    for kind, value in scopes:
        found[kind].add(value)
    return Person(
        user, name, Role(role), frozenset(map(int, found[SCHOOL])), frozenset(found[DISTRICT]),
        frozenset(found[STATUS]),
    )  # fmt: skip


def _keep(session: Session, user: int, lasts: timedelta, is_one_time: bool) -> str:
    if not timedelta(0) < lasts <= LONGEST_TOKEN:
        raise RecordsRefused(f"A token lasts up to {LONGEST_TOKEN.days} days. Give a shorter time.")
    token = secrets.token_urlsafe(32)  # 256 random bits: a plain hash of it cannot be undone
    now = datetime.now(UTC)
    session.add(
        Token(
            hash=_hash(token),
            user=user,
            is_one_time=is_one_time,
            made_at=now,
            expires_at=now + lasts,
            ended_at=None,
        )
    )
    session.flush()
    return token


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
