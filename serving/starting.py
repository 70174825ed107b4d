"""Start the service, and set up a demonstration of it on made-up data."""

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from models.release import RELEASE_FILE
from serving.database.connection import open_database
from serving.errors import ServiceRefused
from serving.install import install
from serving.prepared.read import prepared_dates, read_prepared
from serving.security.access import Role
from serving.security.accounts import add_user, one_time_token, users
from serving.settings import FILE_NAME, HOME, read_settings

SERVICE = "serving.service:Pathways"
IDENTITIES = "identities"
HELD = ("store", "lists", "model", "model-audit", "audit", "mlflow.db", "mlflow-artifacts")
LOCAL = ("127.0.0.1", "localhost", "::1")
DRAINS_S = "30"  # seconds for requests under way to end, once the service is told to stop
LOOKS_EVERY_S = 1.0
KEEPS_ALIVE_S = "75"  # longer than a proxy keeps an idle connection: else it may send on one that just closed


def demonstration_release(releases: Path) -> Path:
    """The release that a demonstration made."""
    return next(each for each in sorted(releases.iterdir()) if (each / RELEASE_FILE).exists())


def set_up_demonstration(home: Path, release: Path, result: Path) -> None:
    """Write `service.toml` of a demonstration, with the release installed under its pinned tag.

    Parameters
    ----------
    release : Path
        A demonstration's release.
    result : Path
        What the demo made: made-up pupils are, or could be, in all of it.
    """
    tag = install(release)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    held = ", ".join(f'"{os.path.relpath(result / each, home)}"' for each in HELD if (result / each).exists())
    (home / FILE_NAME).write_text(
        "# A demonstration: nothing in it is about real children.\n"
        f'release = "{tag}"\nis_demonstration = true\nidentities = "{os.path.relpath(result / IDENTITIES, home)}"\nholds = [{held}]\n'
    )


def demonstration_accounts(home: Path) -> Mapping[str, str]:
    """One account a role, made where it is not there, each with a new one-time token.

    Returns
    -------
    mapping of str to str
        Account to token.
    """
    settings = read_settings(home)
    if not settings.is_demonstration:
        raise ServiceRefused(
            f"{home / FILE_NAME} is no demonstration's. Add accounts with: pathways users add"
        )
    newest = read_prepared(settings.prepared / prepared_dates(settings.prepared)[-1].isoformat())
    schools = newest.accounts["schools"]
    busiest = int(max(schools, key=lambda urn: len(schools[urn]["states"]["listed"])))
    scopes: dict[str, tuple[str, dict[str, object]]] = {
        "officer of one school": ("officer", {"schools": [busiest]}),
        "officer of a district": ("officer", {"districts": [str(newest.schools.at[busiest, "district"])]}),
        "virtual school": ("officer", {"statuses": ["looked_after", "previously_looked_after"]}),
        "data scientist": ("data_scientist", {}),
        "fairness reviewer": ("reviewer", {}),
        "data protection officer": ("information_governance", {}),
        "administrator": ("administrator", {}),
        "manager": ("manager", {}),
    }
    database = open_database(settings.database_url)
    try:
        with database.writing() as session:
            there = {person.name for person in users(session)}
            for name, (role, scope) in scopes.items():
                if name not in there:
                    add_user(session, name, Role(role), **scope)  # type: ignore[arg-type]
            return {name: one_time_token(session, name) for name in scopes}
    finally:
        database.close()


def start(home: Path, host: str, port: int) -> NoReturn:
    """Become the service: BentoML's own server, so that a signal reaches it and requests under way are ended.

    Raises
    ------
    ServiceRefused
        The settings are not in order, or would answer other machines without sign-in and TLS in front, or the port
        is taken.
    """
    settings = read_settings(home)
    if host not in LOCAL and not settings.is_behind_tls:
        raise ServiceRefused(
            f"{host} is not this machine. Other machines are answered only with [oidc] and is_behind_tls set in {home / FILE_NAME}."
        )
    refuse_taken(host, port)
    os.environ.update({HOME: str(home.resolve()), "BENTOML_DO_NOT_TRACK": "True"})
    arguments = [
        "-m",
        "bentoml",
        "serve",
        SERVICE,
        "--host",
        host,
        "--port",
        str(port),
        "--timeout-graceful-shutdown",
        DRAINS_S,
        "--timeout-keep-alive",
        KEEPS_ALIVE_S,
    ]
    os.chdir(Path(__file__).parents[1])
    os.execv(sys.executable, [sys.executable, *arguments])


def refuse_taken(host: str, port: int) -> None:
    """Refuse a port that something else answers at, before anything is started.

    Raises
    ------
    ServiceRefused
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as found:
        found.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # as the server does: a port just left is free
        try:
            found.bind((host, port))
        except OSError as error:
            raise ServiceRefused(
                f"Port {port} of {host} cannot be had: {error.strerror}. Stop what answers there, or name another: --port NUMBER"
            ) from None


def end_with_supervisor() -> None:
    """End this process, as by a signal, once the process that started it is gone.

    BentoML's worker outlives a supervisor that was killed, and holds the port. Requests under way are still ended.
    """
    supervisor = os.getppid()

    def watch() -> None:
        while os.getppid() == supervisor:
            time.sleep(LOOKS_EVERY_S)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="supervisor", daemon=True).start()
