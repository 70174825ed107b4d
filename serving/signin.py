"""Sign-in with the authority's own OpenID Connect provider: authorisation code with PKCE (RFC 7636, S256).

A sign-in ends in one of this service's own tokens, as a one-time token does. Whoever the provider knows and an
administrator did not add is not signed in.
"""

from dataclasses import dataclass

from serving.store.database import Database


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


def begin_sign_in(database: Database, provider: Provider) -> tuple[str, str]:
    """Begin a sign-in: where to send the browser, and the state to keep in its cookie until the way back.

    Raises
    ------
    ProviderRefused
        The provider cannot be reached, or does not do authorisation code with S256.
    """
    raise NotImplementedError


def end_sign_in(database: Database, provider: Provider, state: str, cookie_state: str, code: str) -> str:
    """End a sign-in: exchange the code, check the identity token, and give a token of this service.

    Raises
    ------
    NotSignedIn
        The state is unknown, used, too old or not the browser's own; the code or the identity token does not
        hold; or no administrator added this person.
    ProviderRefused
    """
    raise NotImplementedError
