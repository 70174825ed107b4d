"""Open a desk: everything checked before the first request is let in."""

import os
import sys

from features.records.disk import use
from models.errors import ModelRefused
from models.signature import verify_signature
from serving.database.connection import open_database
from serving.desk import Desk, told
from serving.errors import ServiceRefused
from serving.install import installed
from serving.security.access_log.send import HeadSender
from serving.security.access_log.write import AccessLog
from serving.security.accounts import first_start
from serving.security.sign_in import Provider
from serving.settings import Settings

OIDC_SECRET = "PATHWAYS_OIDC_SECRET"


def open_desk(settings: Settings) -> Desk:
    """Open database, log, release and the newest prepared date.

    A release that cannot be loaded, or that no trusted reviewer signed, scores nobody and stops no service:
    screenings and referrals need none.

    Raises
    ------
    ServiceRefused
        A demonstration's release for real use, or the reverse.
    DatabaseRefused
        The database cannot be opened or brought up to date.
    LogRefused
        The access log was sealed with a key that is not there.
    Busy
        The home is being emptied.
    """
    database = open_database(settings.database_url)
    log = AccessLog(database, settings.head_file, settings.key_file)
    log.key()
    release, reason = None, ""
    try:
        release = installed(settings.release)
    except ModelRefused as error:
        reason = error.breaches[0]
    if release is not None and release.is_demonstration != settings.is_demonstration:
        database.close()
        raise ServiceRefused(
            f"{settings.release} is {'a' if release.is_demonstration else 'no'} demonstration's release, and service.toml says "
            f"is_demonstration = {str(settings.is_demonstration).lower()}. Name another release, or correct the setting."
        )
    if release is not None and (settings.trusted_keys or not settings.is_demonstration):
        try:
            verify_signature(release, settings.trusted_keys)
        except ModelRefused as error:
            release, reason = None, error.breaches[0]
    provider = provider_of(settings)
    desk = Desk(settings, database, log, release, reason, provider=provider, in_use=use(settings.home))
    desk.sending = HeadSender(database, settings.sinks, settings.access_log.send_every_minutes * 60)
    desk.look_again()
    if (token := first_start(database)) is not None:
        print(f"First start. The administrator signs in once with: {token}", file=sys.stderr, flush=True)
    try:
        desk.warm()
    except Exception as error:  # a date that cannot be read is told at every question about it
        print(f"The newest prepared date was not loaded: {told_plainly(error)}", file=sys.stderr, flush=True)
    return desk


def provider_of(settings: Settings) -> Provider | None:
    """The authority's provider with its secret, which only the environment holds; None where none is set up."""
    if settings.oidc is None:
        return None
    secret = os.environ.get(OIDC_SECRET, "")
    if not secret:
        raise ServiceRefused(
            f"service.toml names an [oidc] provider, and {OIDC_SECRET} holds no secret. Set it for this process."
        )
    return Provider(
        settings.oidc.issuer,
        settings.oidc.client_id,
        secret,
        settings.oidc.redirect_uri,
        settings.oidc.groups,
        settings.oidc.groups_claim,
    )


def told_plainly(error: Exception) -> str:
    """An error in a word for the terminal."""
    detail = getattr(error, "detail", "")
    return detail or (told(error) if hasattr(error, "breaches") else type(error).__name__)  # type: ignore[arg-type]
