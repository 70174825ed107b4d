"""The service started as operators start it: bound to this machine, and told to stop it ends what is under way."""

import signal
import socket
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from sqlalchemy import func, select

from serving.settings import read_settings
from serving.store.database import open_database
from serving.store.tables import LogEntry
from tests.running import running, tokens
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


def test_plain_bentoml_serve_starts_on_this_machine_only_and_stops_cleanly(home):
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
            service.process.send_signal(signal.SIGTERM)
            found = [each.result() for each in asked]
        assert service.process.wait(120) == 0
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
