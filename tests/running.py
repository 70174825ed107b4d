"""The service as operators start it: `bentoml serve` in a process of its own, on a home that is made first."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from serving.database.connection import open_database
from serving.security.accounts import add_user, issue
from serving.settings import read_settings

TOP = Path(__file__).parents[1]
STARTS_WITHIN_S = 240  # a laden machine starts slowly; nothing is timed here


@dataclass
class Running:
    """A service in a process of its own.

    Attributes
    ----------
    process : subprocess.Popen
    url : str
    log : Path
        What it said.
    """

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def stop(self) -> int:
        """Tell it to stop, as an operator would, and wait for its end; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(120)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def tokens(home: Path, people: Mapping[str, tuple[str, dict]]) -> dict[str, str]:
    """Accounts of a home, name to role and scope; name to a token."""
    from serving.security.access import Role

    database = open_database(read_settings(home).database_url)
    try:
        with database.writing() as session:
            return {
                name: issue(session, add_user(session, name, Role(role), **scope).id)
                for name, (role, scope) in people.items()
            }
    finally:
        database.close()


@contextmanager
def running(service: str, home: Path, ready: str, *options: str, source: Path = TOP) -> Iterator[Running]:
    """Plain `bentoml serve` of a service or a bento, until the block ends.

    Parameters
    ----------
    source : Path
        Where it starts, and finds the code; a bento brings its own.
    ready : str
        Path that answers 200 once it is ready.
    """
    port = free_port()
    told = {"PATHWAYS_HOME": str(home), "BENTOML_DO_NOT_TRACK": "True", "PYTHONPATH": str(source)}
    command = [sys.executable, "-m", "bentoml", "serve", service, "--port", str(port), *options]
    log = home / f"serve-{port}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=source, env={**os.environ, **told}, stdout=out, stderr=subprocess.STDOUT
        )
        found = Running(process, f"http://127.0.0.1:{port}", log)
        try:
            wait_until_ready(found, ready)
            yield found
        finally:
            if process.poll() is None:
                found.stop()


def wait_until_ready(found: Running, ready: str) -> None:
    """Wait for it; what it said where it does not come."""
    until = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < until and found.process.poll() is None:
        try:
            if httpx.get(found.url + ready, timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"the service did not start:\n{found.log.read_text()[-2000:]}")
