"""The service started as operators start it: bound to this machine, and told to stop it ends what is under way."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import bentoml
import httpx
import pytest
from sqlalchemy import func, select

from serving.database.connection import open_database
from serving.database.tables import LogEntry
from serving.settings import read_settings
from tests.running import STARTS_WITHIN_S, TOP, running, tokens
from tests.served import AS_OF, make_home, reading_of

SERVICE = "serving.service:Pathways"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return make_home(tmp_path_factory.mktemp("home"), reading_of())


def ask(url: str, token: str, school: int) -> httpx.Response | None:
    """One list; None where nobody was there to ask."""
    body = {"as_of": AS_OF.isoformat(), "of": {"school": school}}
    try:
        return httpx.post(
            f"{url}/v1/list", json=body, headers={"Authorization": f"Bearer {token}"}, timeout=60
        )
    except httpx.TransportError:
        return None


def test_plain_bentoml_serve_starts_on_this_machine_only_and_stops_cleanly(home, monkeypatch):
    monkeypatch.setenv("PATHWAYS_METRICS_TOKEN", "for-the-monitor")
    schools = reading_of().schools
    school = int(schools["urn"][schools["phase"] == "secondary"].iloc[0])
    people = {f"officer {number}": ("officer", {"schools": [school]}) for number in range(4)}
    token = tokens(home, people)
    with running(SERVICE, home, "/v1/ready") as service:
        own = socket.gethostbyname(socket.gethostname())
        if not own.startswith("127."):
            with pytest.raises(httpx.TransportError):
                httpx.get(service.url.replace("127.0.0.1", own) + "/v1/live", timeout=3)
        with ThreadPoolExecutor(8) as pool:
            asked = [
                pool.submit(ask, service.url, token[f"officer {number % 4}"], school) for number in range(60)
            ]
            asked[8].result()
            signed = {"Authorization": "Bearer for-the-monitor"}
            counts = httpx.get(f"{service.url}/metrics", headers=signed, timeout=60).text
            service.process.send_signal(signal.SIGTERM)
            found = [each.result() for each in asked]
        assert service.process.wait(120) == 0
    # BentoML has prometheus-client keep counts in files; they must be this process's, and told, all the same.
    assert 'pathways_answers_total{endpoint="list",status="200"}' in counts
    assert "process_resident_memory_bytes" in counts and "pathways_under_way" in counts
    written = service.log.read_text()
    lines = [json.loads(line) for line in written.splitlines() if line.startswith("{")]
    told = [line for line in lines if line.get("endpoint") == "list" and line["status"] == 200]
    assert told and all(line["milliseconds"] > 0 for line in told)
    assert not any(secret in written for secret in token.values())
    answered = [each for each in found if each is not None]
    assert len(answered) >= 9 and {each.status_code for each in answered} <= {200, 429, 503}
    assert all(each.json()["counts"] for each in answered if each.status_code == 200)
    database = open_database(read_settings(home).database_url)
    with database.reading() as session:
        logged = session.scalar(
            select(func.count()).where(LogEntry.action == "list", LogEntry.outcome == "shown")
        )
    database.close()
    # Whoever saw a list is in the log; a list may be in it whose reader was gone.
    assert logged >= sum(each.status_code == 200 for each in answered)


def test_a_bento_carries_code_alone_starts_and_ends_with_its_supervisor(home, tmp_path):
    """As `make bento`; the home, its records and the release stay outside. A killed supervisor leaves no worker."""
    command = [sys.executable, "-m", "bentoml", "build", "--output", "tag"]
    built = subprocess.run(
        command, cwd=TOP, env={**os.environ, "BENTOML_DO_NOT_TRACK": "True"}, capture_output=True, text=True
    )
    assert built.returncode == 0, built.stderr[-2000:]
    tag = built.stdout.split("__tag__:")[1].strip()
    source = Path(bentoml.bentos.get(tag).path) / "src"
    names = {path.name for path in source.iterdir()}
    assert names == {"features", "models", "serving", "pyproject.toml", "uv.lock", "README.md", "LICENSE", "bentofile.yaml"}  # fmt: skip
    image = (source.parent / "env" / "docker" / "Dockerfile").read_text()
    assert (
        "uv sync --frozen --no-default-groups" in image and "--no-build" in image and "--extra serve" in image
    )
    assert "train" not in image and "build-essential" not in image and "apt-get" not in image
    assert image.index("USER pathways") < image.index("ENTRYPOINT") and "BENTOML_DO_NOT_TRACK=True" in image
    assert "0.0.0.0" not in image.split("ENTRYPOINT")[1]  # reachable from elsewhere only when asked
    kinds = {path.suffix for path in source.rglob("*") if path.is_file()}
    assert kinds.isdisjoint({".parquet", ".db", ".pkl", ".txt"})
    with (source / "serving" / "service.py").open("a") as file:
        file.write("print('the code of the bento', flush=True)\n")
    with running(tag, home, "/v1/ready", source=tmp_path) as service:
        assert httpx.get(f"{service.url}/v1/ready").json()["status"] == "ready"
        service.process.kill()
        ends_within = time.monotonic() + STARTS_WITHIN_S
        while is_answered(service.url):
            assert time.monotonic() < ends_within, "the worker outlived its supervisor and holds the port"
            time.sleep(0.2)
    assert "the code of the bento" in service.log.read_text()


def is_answered(url: str) -> bool:
    """Is anybody listening there?"""
    try:
        httpx.get(f"{url}/v1/ready", timeout=5)
    except httpx.ConnectError:
        return False
    except httpx.HTTPError:
        pass
    return True
