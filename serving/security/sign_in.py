"""Sign-in with the authority's own OpenID Connect provider, by authlib: authorisation code with PKCE (RFC 7636, S256).

Authlib asks the provider what it is, makes state, nonce and challenge, exchanges the code and checks the identity
token. This file says what else must hold (TLS, the issuer that was named, PKCE, signatures by key), where a sign-in
under way is kept, and whose account it ends in. Whoever the provider knows and an administrator did not add is not
signed in. The browser keeps the state in a cookie, so that a sign-in that somebody else began cannot end in it.
"""

import asyncio
import hashlib
import hmac
import logging
import secrets
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import StarletteIntegration, StarletteOAuth2App
from authlib.oauth2.auth import ClientAuth
from joserfc.errors import JoseError
from sqlalchemy import delete
from sqlalchemy.orm import Session
from starlette.requests import Request

from serving.database.connection import Database
from serving.database.tables import SignIn
from serving.errors import NotSignedIn, ProviderRefused, RecordsRefused
from serving.security.access import Role
from serving.security.accounts import add_user, issue, role_of, user_of_subject

SIGNED_WITH = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
KEPT = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "_loaded_at")
ALGORITHMS = "id_token_signing_alg_values_supported"
SIGN_IN_LASTS = timedelta(minutes=10)
LEEWAY_S = 60  # two clocks
ANSWER_WITHIN_S = 5.0
AT_HOME = ("localhost", "127.0.0.1", "::1")
NAME = "pathways"
logging.getLogger("authlib").setLevel(logging.INFO)  # below it, authlib logs the verifier


@dataclass(frozen=True)
class Provider:
    """The authority's provider.

    Attributes
    ----------
    issuer : str
        Its address; `/.well-known/openid-configuration` under it says the rest.
    client_id, client_secret : str
        As registered with it; the secret comes from the environment, never from a file of the project.
    redirect_uri : str
        This service's own address for the way back, `https://.../v1/sign-in/back`.
    groups : mapping of str to Role
        The provider's groups that stand for a role here. A role that a group stands for is kept by its group alone: whoever
        is in it gets an account, and whoever has such an account and left the group is not signed in.
    groups_claim : str
        In which claim of the identity token the groups are.
    """

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str
    groups: Mapping[str, Role] = field(default_factory=dict)
    groups_claim: str = "groups"


class NotAdded(NotSignedIn):
    """The provider knows this person, and no administrator added them. `subject` is what to add them by."""

    def __init__(self, subject: str) -> None:
        super().__init__()
        self.subject = subject


class SignInsUnderWay(StarletteIntegration):
    """Where authlib keeps a sign-in under way: the database, by the hash of its state, until it ends or expires.

    The session that authlib is given is the browser's cookie: the state alone, or nothing.
    """

    def __init__(self, database: Database, provider: Provider) -> None:
        super().__init__(NAME)
        self.database, self.provider = database, provider

    async def set_state_data(self, session: dict[str, Any] | None, state: str, data: Any) -> None:
        """Keep what the way back needs, and sweep away what has expired."""
        now = datetime.now(UTC)
        with self.database.writing() as writing:
            writing.execute(delete(SignIn).where(SignIn.expires_at < now))
            writing.add(
                SignIn(
                    state_hash=_hash(state),
                    nonce=data["nonce"],
                    verifier=data["code_verifier"],
                    made_at=now,
                    expires_at=now + SIGN_IN_LASTS,
                )
            )

    async def get_state_data(self, session: dict[str, Any] | None, state: str) -> dict[str, Any] | None:
        """What was kept, once; None where the state is unknown, used, too old or not this browser's own."""
        if not session or not hmac.compare_digest(_hash(state), _hash(session[NAME])):
            return None
        with self.database.writing() as writing:
            # Taken out before it is used: a second try with the same state finds nothing.
            begun = delete(SignIn).where(
                SignIn.state_hash == _hash(state), SignIn.expires_at > datetime.now(UTC)
            )
            row = writing.execute(begun.returning(SignIn.nonce, SignIn.verifier)).first()
        if row is None:
            return None
        return {"nonce": row.nonce, "code_verifier": row.verifier, "redirect_uri": self.provider.redirect_uri}

    async def clear_state_data(self, session: dict[str, Any] | None, state: str) -> None:
        """Nothing is left to clear."""


def subject_of(issuer: str, sub: str) -> str:
    """How an account names somebody whom a provider knows."""
    return f"{issuer} {sub}"


def begin_sign_in(database: Database, provider: Provider) -> tuple[str, str]:
    """Begin a sign-in: where to send the browser, and the state to keep in its cookie until the way back.

    Raises
    ------
    ProviderRefused
        The provider cannot be reached, or is not the one that was named.
    """

    async def begin() -> tuple[str, str]:
        client = await _client(database, provider)
        found = await client.create_authorization_url(
            provider.redirect_uri, state=secrets.token_urlsafe(48), nonce=secrets.token_urlsafe(48)
        )
        await client.save_authorize_data(_request(), redirect_uri=provider.redirect_uri, **found)
        return found["url"], found["state"]

    return asyncio.run(begin())


def end_sign_in(database: Database, provider: Provider, state: str, cookie_state: str, code: str) -> str:
    """End a sign-in: exchange the code, check the identity token, and give a token of this service.

    Raises
    ------
    NotSignedIn
        The state is unknown, used, too old or not the browser's own; or the code or the identity token does
        not hold.
    NotAdded
        No administrator added this person.
    ProviderRefused
    """
    claims = asyncio.run(_claims(database, provider, state, cookie_state, code))
    with database.writing() as session:
        return issue(session, account_of(session, provider, claims))


def account_of(session: Session, provider: Provider, claims: Mapping[str, Any]) -> int:
    """The account of whoever an identity token is of; made, where a group of theirs stands for a role.

    Parameters
    ----------
    claims : mapping
        Of an identity token that holds.

    Raises
    ------
    NotAdded
        No administrator added this person, and none of their groups stands for a role, or more than one does.
    NotSignedIn
        The account's role is one that a group stands for, and the person is in no such group.
    """
    subject = subject_of(provider.issuer, str(claims["sub"]))
    told = claims.get(provider.groups_claim)
    groups = {each for each in told if isinstance(each, str)} if isinstance(told, list) else set()
    roles = {role for group, role in provider.groups.items() if group in groups}
    user = user_of_subject(session, subject)
    if user is None:
        if len(roles) != 1:
            raise NotAdded(subject)
        # A name of the provider's could be taken, or be somebody else's here: the subject is nobody else's.
        try:
            return add_user(session, subject, roles.pop(), subject=subject).id
        except RecordsRefused:  # an account of this name was closed, and an administrator did that
            raise NotAdded(subject) from None
    role = role_of(session, user)
    if role in provider.groups.values() and role not in roles:
        raise NotSignedIn
    return user


async def _claims(
    database: Database, provider: Provider, state: str, cookie_state: str, code: str
) -> dict[str, Any]:
    """Who the provider says it is, once everything about its identity token holds."""
    client = await _client(database, provider)
    must_hold = {
        "iss": {"essential": True, "value": provider.issuer},
        "aud": {"essential": True, "value": provider.client_id},
    }
    try:
        token = await client.authorize_access_token(
            _request({"state": state, "code": code}, {NAME: cookie_state}),
            claims_options=must_hold,
            leeway=LEEWAY_S,
        )
        found = dict(token["userinfo"])  # there is none where no identity token came
        return {**found, "sub": str(found["sub"])}
    except (AuthlibBaseError, JoseError, AttributeError, KeyError, TypeError, ValueError):
        raise NotSignedIn from None
    except httpx2.HTTPError:
        raise ProviderRefused(_unreachable(provider)) from None


async def _client(database: Database, provider: Provider) -> StarletteOAuth2App:
    """Authlib's client, once the provider has said what it is: the one that was named, reached over TLS."""
    address = urlsplit(provider.issuer)
    if address.scheme != "https" and address.hostname not in AT_HOME:
        raise ProviderRefused(
            "The provider's address is not https, so anybody on the way could sign in as anybody. Name its https address."
        )
    client = StarletteOAuth2App(
        SignInsUnderWay(database, provider),
        NAME,
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        server_metadata_url=f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid", "code_challenge_method": "S256", "timeout": ANSWER_WITHIN_S},
        client_auth_methods=[("client_secret_basic", _basic)],
    )
    try:
        known = await client.load_server_metadata()
        is_named = known["issuer"] == provider.issuer
        wanted = (known["authorization_endpoint"], known["token_endpoint"], known["jwks_uri"])
    except (httpx2.HTTPError, ValueError, KeyError, TypeError, AttributeError):
        raise ProviderRefused(_unreachable(provider)) from None
    if not is_named or any(urlsplit(each).scheme != address.scheme for each in wanted):
        raise ProviderRefused(
            f"{provider.issuer} answers as another provider, or over another scheme. Name the issuer exactly as it names itself."
        )
    if "S256" not in known.get("code_challenge_methods_supported", ["S256"]):
        raise ProviderRefused(
            f"{provider.issuer} does not do PKCE with S256. Ask whoever runs it to allow it."
        )
    # Signed by a key of the provider's: with no signature, or by our own secret, anybody could be anybody.
    signed_with = [each for each in known.get(ALGORITHMS) or ["RS256"] if each in SIGNED_WITH]
    if not signed_with:
        raise ProviderRefused(
            f"{provider.issuer} signs identity tokens with no public key. Ask whoever runs it for one of {', '.join(SIGNED_WITH)}."
        )
    # Authlib makes its HTTP client with whatever is in here: proxies and verification too, were they named.
    client.server_metadata = {**{each: known[each] for each in KEPT}, ALGORITHMS: signed_with}
    return client


def _basic(
    auth: ClientAuth, method: str, uri: str, headers: dict[str, str], body: str
) -> tuple[str, dict[str, str], str]:
    """HTTP Basic with id and secret encoded first, as RFC 6749 (2.3.1) asks; authlib leaves that out."""
    pair = f"{quote(auth.client_id, safe='')}:{quote(auth.client_secret, safe='')}"
    return uri, {**headers, "Authorization": f"Basic {b64encode(pair.encode()).decode()}"}, body


def _request(query: dict[str, str] | None = None, session: dict[str, str] | None = None) -> Request:
    """What authlib reads of a request: the query and the session."""
    sent = httpx2.QueryParams(query or {})
    return Request(
        {"type": "http", "method": "GET", "query_string": str(sent).encode(), "session": session or {}}
    )


def _unreachable(provider: Provider) -> str:
    return f"The sign-in provider at {provider.issuer} cannot be reached or does not answer as one. Try again, or sign in with a one-time token."


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode("utf-8", "surrogatepass")).hexdigest()
