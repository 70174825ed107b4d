"""Users, their scopes, and tokens: kept as hashes, each with its expiry. Nobody has a password here."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy.orm import Session

from serving.access import Person, Role
from serving.store.database import Database

TOKEN_LASTS = timedelta(hours=12)
ONE_TIME_LASTS = timedelta(hours=24)


def first_start(database: Database) -> str | None:
    """On an empty database make the account `administrator` and give its one-time token to print; else None."""
    raise NotImplementedError


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
        Who they are to the authority's provider (`ISSUER SUBJECT`, see `serving.signin`); None signs in with
        a one-time token only.

    Raises
    ------
    RecordsRefused
        The name is taken or empty, an officer has no scope or another role has one, or a status is not known.
    """
    raise NotImplementedError


def close_user(session: Session, name: str) -> None:
    """Close an account and end its tokens; its name stays on what it wrote."""
    raise NotImplementedError


def users(session: Session) -> list[Person]:
    """Open accounts, in order of name."""
    raise NotImplementedError


def one_time_token(session: Session, name: str, lasts: timedelta = ONE_TIME_LASTS) -> str:
    """A token that signs in once, to hand to its user."""
    raise NotImplementedError


def redeem(session: Session, one_time: str) -> str:
    """Exchange a one-time token for a sign-in's token; it works once.

    Raises
    ------
    NotSignedIn
    """
    raise NotImplementedError


def issue(session: Session, user: int, lasts: timedelta = TOKEN_LASTS) -> str:
    """A token for a sign-in. Its SHA-256 is kept; the token is given once, here."""
    raise NotImplementedError


def person_of(session: Session, token: str) -> Person:
    """Who a token belongs to.

    Raises
    ------
    NotSignedIn
        It is unknown, expired, ended, for one use, or its account is closed.
    """
    raise NotImplementedError


def sign_out(session: Session, token: str) -> None:
    """End a token; one that is not known ends nothing."""
    raise NotImplementedError
