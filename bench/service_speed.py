"""How fast the service answers, and how it bears more than it can: on a made-up city, beside a bare BentoML endpoint.

    python -m bench.service_speed [--pupils 210000] [--seconds 30]

Prints: one pupil's estimate at 50 requests a second (bar: 99 in 100 within 50 ms), the same of a bare endpoint in the same
run and the ratio; a school's list, warm (bar: 300 ms); 200 clients at once (only 200, 429 or 503 with Retry-After; no row
of the access log lost; memory back); and how it stops. Requests go to this machine only, and end by themselves.
"""

import argparse
import asyncio
import gc
import tempfile
import time
from collections import Counter
from pathlib import Path

import httpx
import numpy as np
import psutil
from sqlalchemy import func, select

from serving.database.connection import open_database
from serving.database.tables import LogEntry
from serving.settings import read_settings
from serving.starting import KEEPS_ALIVE_S
from serving.wording import pseudonym
from tests.meetings import AS_OF, reading
from tests.running import Running, running, tokens
from tests.served import make_home

PER_SECOND, CLIENTS, BAR_MS, BAR_LIST_MS = 50, 200, 50.0, 300.0
SERVICE, BARE = "serving.service:Pathways", "bench.bare:Bare"
OFFICERS = 20
SET_OUT_S = 1.0  # from writing down all requests to when the first is due


async def at_a_pace(url: str, tokens_: list[str], bodies: list[dict], seconds: int) -> np.ndarray:
    """Milliseconds from when each request was due to when it was answered; one every 20 ms, whatever became of the last.

    One that was told to wait counts as never answered: infinity.
    """
    async with httpx.AsyncClient(
        base_url=url, timeout=30, limits=httpx.Limits(max_connections=200)
    ) as client:
        begun = time.perf_counter()

        async def one(number: int) -> float:
            due = begun + number / PER_SECOND
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            headers = {"Authorization": f"Bearer {tokens_[number % len(tokens_)]}"}
            answer = await client.post("/v1/estimate", json=bodies[number % len(bodies)], headers=headers)
            return (time.perf_counter() - due) * 1000 if answer.status_code == 200 else float("inf")

        await asyncio.gather(*(one(0) for _ in range(10)))  # warm
        gc.collect()
        gc.disable()  # as timeit does: what this process tidies up is no time of the service's
        begun = time.perf_counter() + SET_OUT_S
        try:
            return np.array(await asyncio.gather(*(one(number) for number in range(seconds * PER_SECOND))))
        finally:
            gc.enable()


async def lists(url: str, headers: dict[str, str], school: int) -> np.ndarray:
    """Milliseconds of a school's list, one after another, the first left out."""
    body = {"as_of": AS_OF.isoformat(), "of": {"school": school}}
    taken = []
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        for _ in range(51):
            start = time.perf_counter()
            (await client.post("/v1/list", json=body, headers=headers)).raise_for_status()
            taken.append((time.perf_counter() - start) * 1000)
    return np.array(taken[1:])


async def crowd(url: str, tokens_: list[str], bodies: list[dict], seconds: int) -> tuple[Counter[int], int]:
    """What `CLIENTS` at once were answered, and how many were told to wait without being told how long."""
    found: Counter[int] = Counter()
    untold = 0
    until = time.perf_counter() + seconds

    async def one(number: int) -> None:
        nonlocal untold
        headers = {"Authorization": f"Bearer {tokens_[number % len(tokens_)]}"}
        turn = number
        # A client each: httpx looks through all connections of one at every request, and would be what is measured.
        async with httpx.AsyncClient(base_url=url, timeout=60, headers=headers, verify=False) as client:
            while time.perf_counter() < until:
                answer = await client.post("/v1/estimate", json=bodies[turn % len(bodies)])
                turn += 1
                found[answer.status_code] += 1
                if answer.status_code in (429, 503):
                    untold += "retry-after" not in answer.headers
                    await asyncio.sleep(0.1)

    await asyncio.gather(*(one(number) for number in range(CLIENTS)))
    return found, untold


def memory(service: Running) -> float:
    """Megabytes that the process and its worker hold."""
    whole = psutil.Process(service.process.pid)
    return sum(each.memory_info().rss for each in (whole, *whole.children(recursive=True))) / 2**20


def rows_shown(home: Path) -> int:
    """Rows of the access log that say that an estimate was shown."""
    database = open_database(read_settings(home).database_url)
    try:
        with database.reading() as session:
            query = select(func.count()).where(LogEntry.action == "estimate", LogEntry.outcome == "shown")
            return int(session.scalar(query) or 0)
    finally:
        database.close()


def say(what: str, taken: np.ndarray, bar: float | None = None) -> None:
    tail = f"; bar {bar:.0f} ms: {'met' if np.percentile(taken, 99) <= bar else 'not met'}" if bar else ""
    print(
        f"{what}: half within {np.median(taken):.1f} ms, 99 in 100 within {np.percentile(taken, 99):.1f} ms{tail}",
        flush=True,
    )


def main() -> None:
    """Print every figure of one run."""
    told = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    told.add_argument("--pupils", type=int, default=210_000)
    told.add_argument("--seconds", type=int, default=30)
    asked = told.parse_args()
    frames = reading(asked.pupils, max(6, asked.pupils // 420), 10)
    school = int(frames.matrix["urn"].mode()[0])
    codes = [pseudonym(pupil) for pupil in frames.matrix["pupil"][frames.matrix["urn"] == school].tolist()]
    bodies = [{"as_of": AS_OF.isoformat(), "pupils": [code]} for code in codes]
    with tempfile.TemporaryDirectory() as folder:
        home = make_home(Path(folder) / "home", frames)
        known = tokens(
            home, {f"officer {number}": ("officer", {"schools": [school]}) for number in range(OFFICERS)}
        )
        every = list(known.values())
        headers = {"Authorization": f"Bearer {every[0]}"}
        print(
            f"a made-up city of {asked.pupils:,} pupils; the clients share the machine with the service",
            flush=True,
        )
        with running(BARE, home, "/livez") as bare:
            plain = asyncio.run(at_a_pace(bare.url, ["none"], bodies, asked.seconds))
            say(f"a bare endpoint at {PER_SECOND} a second", plain)
        with running(SERVICE, home, "/v1/ready", "--timeout-keep-alive", KEEPS_ALIVE_S) as service:
            ours = asyncio.run(at_a_pace(service.url, every, bodies, asked.seconds))
            say(f"one pupil at {PER_SECOND} a second", ours, BAR_MS)
            print(
                f"beside the bare endpoint: {np.median(ours) / np.median(plain):.1f} times at half, {np.percentile(ours, 99) / np.percentile(plain, 99):.1f} times at 99 in 100",
                flush=True,
            )
            say("a school's list, warm", asyncio.run(lists(service.url, headers, school)), BAR_LIST_MS)
            asyncio.run(crowd(service.url, every, bodies, 3))  # what it grows to once is not a leak
            before, rows = memory(service), rows_shown(home)
            found, untold = asyncio.run(crowd(service.url, every, bodies, asked.seconds))
            time.sleep(2)
            lost = found[200] - (rows_shown(home) - rows)
            print(
                f"{CLIENTS} clients for {asked.seconds} s: {dict(sorted(found.items()))}; {untold} told to wait and not how long",
                flush=True,
            )
            print(
                f"rows of the access log lost: {lost}; memory {before:.0f} MB before, {memory(service):.0f} MB after",
                flush=True,
            )
            start = time.perf_counter()
            code = service.stop()
            print(f"told to stop, it ended in {time.perf_counter() - start:.1f} s with {code}", flush=True)
    if set(found) - {200, 429, 503} or untold or lost:
        raise SystemExit("not as promised")


if __name__ == "__main__":
    main()
