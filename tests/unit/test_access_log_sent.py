"""Heads of the access log sent elsewhere: to real receivers on this machine, and what is said where none receives."""

import json
import socket
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import delete, select, update

from serving.database.connection import open_database, unlocked
from serving.database.tables import LogEntry, LogHead
from serving.errors import LogRefused
from serving.http import metrics
from serving.security.access_log.chain import Entry, append
from serving.security.access_log.head import begin_head
from serving.security.access_log.send import SINK_TOKEN, HeadSender, Sink, send_head
from serving.security.access_log.verify import read_heads, verify
from serving.security.access_log.write import AccessLog
from serving.settings import read_settings


@pytest.fixture
def log(tmp_path):
    database = open_database(f"sqlite:///{tmp_path / 'service.db'}")
    opened = AccessLog(database, tmp_path / "access_log.head")
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    append([(Entry("ash", "officer", "list", "a list"), now)] * 6, database, opened.head_file, opened.key())
    yield opened
    opened.close()
    database.close()


def head_of(log: AccessLog) -> str:
    number, sealed = verify(log.database).head
    return f"{number}:{sealed}"


def not_sent(kind: str) -> float:
    return metrics.LOG_HEADS_NOT_SENT.labels(kind)._value.get()


class Receiver(BaseHTTPRequestHandler):
    """Keeps what is posted; answers with the status of its server."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.received.append((self.headers.get("authorization", ""), json.loads(body)))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *given):
        pass


@pytest.fixture
def receiver():
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    server.received, server.status = [], 204
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_file_is_appended_to_and_finds_what_the_machine_no_longer_shows(log, tmp_path):
    """Somebody with database, head file and key cuts the end: only what lies elsewhere tells."""
    heads = tmp_path / "elsewhere.log"
    heads.write_text("an earlier line\n")
    assert send_head(log.database, [Sink(file=heads)]) == []
    lines = heads.read_text().splitlines()
    assert lines[0] == "an earlier line" and lines[1].endswith(head_of(log))
    assert verify(log.database, log.head_file, sent=read_heads(heads)).findings == ()
    with log.database.writing() as session, unlocked(session, "access_log", "DELETE"):
        session.execute(delete(LogEntry).where(LogEntry.number > 4))
        sealed = session.scalar(select(LogEntry.hash).where(LogEntry.number == 4))
        session.execute(update(LogHead).values(number=4, hash=sealed))
    begin_head(log.head_file, (4, sealed), log.key())
    assert verify(log.database, log.head_file).findings == ()
    assert (
        "a head that was sent names row 6" in verify(log.database, log.head_file, sent=read_heads(heads)).why
    )


@pytest.mark.parametrize("kind", ["udp", "tcp", "unix"])
def test_syslog_receives_one_message_in_its_form(log, tmp_path, kind):
    if kind == "unix":
        receiving = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        receiving.bind(str(tmp_path / "log"))
        address = f"unix://{tmp_path / 'log'}"
    else:
        receiving = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
        receiving.bind(("127.0.0.1", 0))
        address = f"{kind}://127.0.0.1:{receiving.getsockname()[1]}"
    receiving.settimeout(20)
    with receiving:
        if kind == "tcp":
            receiving.listen()
        assert send_head(log.database, [Sink(syslog=address)]) == []
        if kind == "tcp":
            with receiving.accept()[0] as connection:
                connection.settimeout(20)
                said = connection.makefile("rb").read().decode()
            length, _, said = said.partition(" ")
            assert int(length) == len(said.encode())
        else:
            said = receiving.recv(4096).decode()
    assert said.startswith("<109>1 ") and said.endswith(head_of(log))


def test_an_http_address_receives_a_document_with_the_token(log, receiver, monkeypatch):
    monkeypatch.setenv(SINK_TOKEN, "a token")
    assert send_head(log.database, [Sink(http=f"http://127.0.0.1:{receiver.server_port}/heads")]) == []
    ((token, said),) = receiver.received
    assert token == "Bearer a token" and said["head"] == head_of(log) and said["number"] == 6


@pytest.mark.parametrize("kind", ["file", "syslog", "http", "answer"])
def test_what_does_not_arrive_is_counted_and_stops_nothing(log, tmp_path, receiver, kind):
    receiver.status = 500
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = closed.getsockname()[1]  # bound and not listening: nobody answers
        sinks = {
            "file": Sink(file=tmp_path / "no such folder" / "heads.log"),
            "syslog": Sink(syslog=f"tcp://127.0.0.1:{nobody}"),
            "http": Sink(http=f"http://127.0.0.1:{nobody}/"),
            "answer": Sink(http=f"http://127.0.0.1:{receiver.server_port}/"),
        }
        there = Sink(file=tmp_path / "heads.log")
        before = not_sent(sinks[kind].kind)
        assert send_head(log.database, [sinks[kind], there]) == [sinks[kind].kind]
    assert not_sent(sinks[kind].kind) == before + 1
    assert len(read_heads(tmp_path / "heads.log")) == 1
    assert b"pathways_access_log_heads_not_sent_total" in metrics.text()


def test_the_sender_sends_when_it_begins_and_when_it_ends_and_no_row_waits_for_it(log, tmp_path):
    """An HTTP address that takes a connection and never answers: rows are written meanwhile."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        sinks = [Sink(file=tmp_path / "heads.log"), Sink(http=f"http://127.0.0.1:{silent.getsockname()[1]}/")]
        sender = HeadSender(log.database, sinks, every_s=3600)
        silent.settimeout(20)
        silent.accept()[0].close()  # the first has come as far as here; the file before it has its line
        assert log.write(Entry("ash", "officer", "list", "a list")) == 7
        silent.close()
        sender.close()
    numbers = [number for number, _ in read_heads(tmp_path / "heads.log")]
    assert numbers == [6, 7]


def test_without_a_place_to_send_to_no_thread_is_begun(log):
    before = threading.active_count()
    sender = HeadSender(log.database, (), every_s=60)
    assert threading.active_count() == before
    sender.close()


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"file": "a", "http": "https://elsewhere.example/"},
        {"http": "http://elsewhere.example/"},
        {"http": "ftp://elsewhere.example/"},
        {"syslog": "elsewhere.example"},
        {"mail": "a@elsewhere.example"},
    ],
)
def test_a_place_that_cannot_be_is_refused(given):
    with pytest.raises(ValidationError):
        Sink.model_validate(given)


def test_the_places_are_set_in_service_toml(tmp_path):
    (tmp_path / "service.toml").write_text(
        'release = "a:b"\n[access_log]\nkey_file = "/elsewhere/key"\nkept_days = 2000\nsend_every_minutes = 5\n'
        '[[access_log.send]]\nfile = "heads.log"\n[[access_log.send]]\nsyslog = "unix:///dev/log"\n'
    )
    settings = read_settings(tmp_path)
    assert settings.key_file == Path("/elsewhere/key")
    assert settings.head_file == tmp_path.resolve() / "access_log.head"
    assert [sink.kind for sink in settings.sinks] == ["file", "syslog"]
    assert settings.sinks[0].file == tmp_path.resolve() / "heads.log"
    assert settings.access_log.kept_days == 2000


@pytest.mark.parametrize("text", ["", "nothing that is a head\n"])
def test_a_file_without_heads_is_refused(tmp_path, text):
    (tmp_path / "heads").write_text(text)
    with pytest.raises(LogRefused, match="no head"):
        read_heads(tmp_path / "heads")
    with pytest.raises(LogRefused, match="cannot be read"):
        read_heads(tmp_path / "nowhere")
