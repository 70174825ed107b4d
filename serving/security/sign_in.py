"""Sign-in with the authority's own OpenID Connect provider: authorisation code with PKCE (RFC 7636, S256).

A sign-in ends in one of this service's own tokens, as a one-time token does. Whoever the provider knows and an
administrator did not add is not signed in. The browser keeps the state in a cookie, so that a sign-in that
somebody else began cannot be ended in it.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from sqlalchemy import delete

from serving.database.connection import Database
from serving.security.accounts import issue, user_of_subject
from serving.store.errors import NotSignedIn, ProviderRefused
from serving.store.tables import SignIn

SIGNED_WITH = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
SIGN_IN_LASTS = timedelta(minutes=10)
LEEWAY_S = 60  # two clocks
ANSWER_WITHIN_S = 5.0
AT_HOME = ("localhost", "127.0.0.1", "::1")


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
    """

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str


class NotAdded(NotSignedIn):
    """The provider knows this person, and no administrator added them. `subject` is what to add them by."""

    def __init__(self, subject: str) -> None:
        super().__init__()
        self.subject = subject


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
    known = _discover(provider)
    state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
    now = datetime.now(UTC)
    with database.writing() as session:
        session.execute(delete(SignIn).where(SignIn.expires_at < now))
        session.add(
            SignIn(
                state_hash=_hash(state),
                nonce=nonce,
                verifier=verifier,
                made_at=now,
                expires_at=now + SIGN_IN_LASTS,
            )
        )
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": provider.redirect_uri,
        "scope": "openid",
        "state": state,
        "nonce": nonce,
        "code_challenge": create_s256_code_challenge(verifier),
        "code_challenge_method": "S256",
    }
    return str(httpx.URL(known["authorization_endpoint"]).copy_merge_params(asked)), state


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
    if not hmac.compare_digest(_hash(state), _hash(cookie_state)):
        raise NotSignedIn
    with database.writing() as session:
        # Taken out before it is used: a second try with the same state finds nothing.
        begun = delete(SignIn).where(SignIn.state_hash == _hash(state), SignIn.expires_at > datetime.now(UTC))
        row = session.execute(begun.returning(SignIn.nonce, SignIn.verifier)).first()
    if row is None:
        raise NotSignedIn
    known = _discover(provider)
    subject = subject_of(provider.issuer, _subject(provider, known, code, *row))
    with database.writing() as session:
        user = user_of_subject(session, subject)
        if user is None:
            raise NotAdded(subject)
        return issue(session, user)


def _subject(provider: Provider, known: dict[str, Any], code: str, nonce: str, verifier: str) -> str:
    """The subject of the identity token that a code is exchanged for, once everything about it holds."""
    try:
        answer = _exchange(provider, known, code, verifier)
        keys = KeySet.import_key_set({"keys": _get(known["jwks_uri"])["keys"]})
        registry = JWSRegistry(algorithms=list(SIGNED_WITH), strict_check_header=False)
        token = jwt.decode(answer["id_token"], key=keys, registry=registry)
        claims = CodeIDToken(
            token.claims,
            token.header,
            {
                "iss": {"essential": True, "value": provider.issuer},
                "aud": {"essential": True, "value": provider.client_id},
            },
            {"nonce": nonce, "client_id": provider.client_id, "access_token": answer.get("access_token")},
        )
        claims.validate(leeway=LEEWAY_S)
        # authlib asks for a nonce only where the provider says that it supports one.
        if not hmac.compare_digest(str(token.claims.get("nonce", "")), nonce):
            raise NotSignedIn
        return str(token.claims["sub"])
    except (JoseError, KeyError, ValueError):
        raise NotSignedIn from None
    except httpx.HTTPError:
        raise ProviderRefused(_unreachable(provider)) from None


def _discover(provider: Provider) -> dict[str, Any]:
    """What the provider says of itself; it must be the one that was named, and reached over TLS."""
    address = urlsplit(provider.issuer)
    if address.scheme != "https" and address.hostname not in AT_HOME:
        raise ProviderRefused(
            "The provider's address is not https, so anybody on the way could sign in as anybody. Name its https address."
        )
    try:
        known = _get(f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
        is_named = known["issuer"] == provider.issuer
        wanted = (known["authorization_endpoint"], known["token_endpoint"], known["jwks_uri"])
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        raise ProviderRefused(_unreachable(provider)) from None
    if not is_named or any(urlsplit(each).scheme != address.scheme for each in wanted):
        raise ProviderRefused(
            f"{provider.issuer} answers as another provider, or over another scheme. Name the issuer exactly as it names itself."
        )
    if "S256" not in known.get("code_challenge_methods_supported", ["S256"]):
        raise ProviderRefused(
            f"{provider.issuer} does not do PKCE with S256. Ask whoever runs it to allow it."
        )
    return known


def _exchange(provider: Provider, known: dict[str, Any], code: str, verifier: str) -> dict[str, Any]:
    """What the provider gives for a code; NotSignedIn where it gives nothing for this one."""
    given = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": provider.redirect_uri,
        "code_verifier": verifier,
    }
    secret = httpx.BasicAuth(quote(provider.client_id, safe=""), quote(provider.client_secret, safe=""))
    answer = httpx.post(known["token_endpoint"], data=given, auth=secret, timeout=ANSWER_WITHIN_S)
    if answer.is_client_error:
        raise NotSignedIn
    found: dict[str, Any] = answer.raise_for_status().json()
    return found


def _get(address: str) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(address, timeout=ANSWER_WITHIN_S).raise_for_status().json()
    return found


def _unreachable(provider: Provider) -> str:
    return f"The sign-in provider at {provider.issuer} cannot be reached or does not answer as one. Try again, or sign in with a one-time token."


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode("utf-8", "surrogatepass")).hexdigest()
