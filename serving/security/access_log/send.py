"""Heads of the log sent where whoever runs this machine cannot write: a file on another disk, syslog, an HTTP address.

Whoever holds the database, the head file and the key could still make a shorter log look whole. A head that lies
elsewhere tells: `pathways verify-log --sent FILE`. Heads go on a schedule, from a thread of their own: where one does
not arrive the metrics say so, the next is tried at its time, and no answer waits.
"""

import logging
import os
import socket
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import httpx2
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import select

from features.files import sync
from serving.database.connection import Database
from serving.database.tables import LogHead
from serving.http.metrics import LOG_HEADS_NOT_SENT, LOG_HEADS_SENT
from serving.security.access_log.chain import HEAD
from serving.security.access_log.key import Head

WITHIN_S = 5.0
SINK_TOKEN = "PATHWAYS_LOG_SINK_TOKEN"
SYSLOG_PORT = 514
AUTH_NOTICE = 13 * 8 + 5  # facility log audit, severity notice (RFC 5424)
AT_HOME = ("localhost", "127.0.0.1", "::1")
logger = logging.getLogger("pathways")


class Sink(BaseModel):
    """One place that heads are sent to; exactly one of the three.

    Attributes
    ----------
    file : Path or None
        A line is appended for each; best a folder of another machine in which nothing can be changed.
    syslog : str
        `udp://HOST:PORT`, `tcp://HOST:PORT` or `unix:///dev/log`, in the form of RFC 5424.
    http : str
        An address to POST a JSON document to, over https but on this machine; the environment's
        PATHWAYS_LOG_SINK_TOKEN goes along as a bearer token where it is set.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: Path | None = None
    syslog: Annotated[str, Field(pattern=r"^((udp|tcp)://[^/\s]+|unix:///\S+)?$")] = ""
    http: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = ""

    @model_validator(mode="after")
    def is_one(self) -> "Sink":
        if sum(map(bool, (self.file, self.syslog, self.http))) != 1:
            raise ValueError("name one of file, syslog or http")
        address = urlsplit(self.http)
        if address.scheme == "http" and address.hostname not in AT_HOME:
            raise ValueError(
                "http: on the way to another machine anybody could change it; name its https address"
            )
        return self

    @property
    def kind(self) -> Literal["file", "syslog", "http"]:
        return "file" if self.file else "syslog" if self.syslog else "http"

    def send(self, head: Head) -> None:
        """Send a head; OSError or httpx2.HTTPError where it does not arrive."""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        line = f"{at} pathways access log {head[0]}:{head[1]}"
        if self.file is not None:
            _append(self.file, line)
        elif self.syslog:
            _to_syslog(
                self.syslog,
                f"<{AUTH_NOTICE}>1 {at} {socket.gethostname() or '-'} pathways {os.getpid()} head - {line}",
            )
        else:
            token = os.environ.get(SINK_TOKEN, "")
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            said = {
                "log": "pathways access log",
                "at": at,
                "number": head[0],
                "hash": head[1],
                "head": f"{head[0]}:{head[1]}",
            }
            httpx2.post(self.http, json=said, headers=headers, timeout=WITHIN_S).raise_for_status()


def _append(path: Path, line: str) -> None:
    # Appended only: an attribute of the file, or the server that it lies on, can forbid all else.
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        os.write(file, f"{line}\n".encode())
    finally:
        os.close(file)
    sync(path)


def _to_syslog(address: str, message: str) -> None:
    to = urlsplit(address)
    if to.scheme == "unix":
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sending:
            sending.settimeout(WITHIN_S)
            sending.connect(to.path)
            sending.send(message.encode())
        return
    host, port = to.hostname or "", to.port or SYSLOG_PORT
    if to.scheme == "tcp":
        with socket.create_connection((host, port), timeout=WITHIN_S) as sending:
            sending.sendall(f"{len(message.encode())} {message}".encode())  # octet counting (RFC 6587)
        return
    family, kind, _, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, kind) as sending:
        sending.sendto(message.encode(), where)


def send_head(database: Database, sinks: Sequence[Sink]) -> list[str]:
    """Send the log's head to every sink; return the kinds that it did not reach, and count them in the metrics."""
    failed: list[str] = []
    try:
        with database.reading() as session:
            kept = session.scalar(select(LogHead).where(LogHead.id == HEAD))
    except Exception as error:  # a database that is away is said by every answer already
        kept = None
        logger.error("the access log's head could not be read to be sent (%s)", type(error).__name__)
    for sink in sinks:
        try:
            if kept is None:
                raise OSError
            sink.send((kept.number, kept.hash))
        except (OSError, httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
            failed.append(sink.kind)
            LOG_HEADS_NOT_SENT.labels(sink.kind).inc()
            logger.error(
                "a head of the access log did not arrive at its %s (%s)", sink.kind, type(error).__name__
            )
        else:
            LOG_HEADS_SENT.labels(sink.kind).inc()
    return failed


class HeadSender:
    """Sends the log's head on a schedule, first when it is started and last when it is closed.

    Parameters
    ----------
    every_s : float
        Seconds between two.
    """

    def __init__(self, database: Database, sinks: Sequence[Sink], every_s: float) -> None:
        self._database, self._sinks, self._every_s = database, sinks, every_s
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._go, name="heads of the access log", daemon=True)
        for sink in sinks:  # there from the start, so that an alarm can be set on them
            LOG_HEADS_SENT.labels(sink.kind)
            LOG_HEADS_NOT_SENT.labels(sink.kind)
        if sinks:
            self._thread.start()

    def _go(self) -> None:
        while True:
            send_head(self._database, self._sinks)
            if self._closing.wait(self._every_s):
                break
        send_head(self._database, self._sinks)

    def close(self) -> None:
        """Send a last time; wait no longer than it may take."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(WITHIN_S * (len(self._sinks) + 1))
