"""What is running, and whether it is ready."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import select

from serving.backups.make import Listed, listed_backups
from serving.database.tables import LogHead, School
from serving.desk import Desk
from serving.http.calls import Answered, Call, Endpoint
from serving.http.problems import Breach, Problem
from serving.http.records import Asked, Record
from serving.security.access import Action

SERVICE_VERSION = "1"


class Running(Record):
    """What is running."""

    service: str
    release: str
    model: str
    demonstration: bool
    prepared: tuple[date, ...]


class Health(Record):
    """Whether the service runs, and what each part of it says."""

    status: Literal["live", "ready"]
    checks: dict[str, str]


def version(desk: Desk, call: Call[Asked]) -> Answered:
    """What is running."""
    release = desk.release
    return Answered(
        Running(
            service=SERVICE_VERSION,
            release=desk.settings.release if release else "",
            model=release.manifest_hash if release else "",
            demonstration=desk.settings.is_demonstration,
            prepared=tuple(desk.dates),
        ),
        "version",
    )


def live(desk: Desk, call: Call[Asked]) -> Answered:
    """The process answers."""
    return Answered(Health(status="live", checks={}))


def ready(desk: Desk, call: Call[Asked]) -> Answered:
    """Whether lists can be asked for; screenings and referrals need only the database and the log."""
    checks = checks_of(desk)
    if not_ready := [
        Breach(where=part, code="not_ready", expected=f"ready, not {said}")
        for part, said in checks.items()
        if said != "ready"
    ]:
        raise Problem("not-ready", f"{len(not_ready)} of {len(checks)} parts are not ready.", not_ready)
    return Answered(Health(status="ready", checks=checks))


def checks_of(desk: Desk) -> dict[str, str]:
    """What each part says: "ready", or why it is not."""
    checks = {
        "database": _database(desk),
        "release": "ready" if desk.release else "none",
        "lists": "none prepared",
    }
    newest = desk.dates[-1] if desk.dates else None
    if newest is not None and desk.release is not None:
        try:
            desk.prepared(newest)
            checks["lists"] = "ready"
        except Problem as problem:
            checks["lists"] = problem.kind
    return checks


@dataclass(frozen=True)
class State:
    """What is running, for whoever keeps it.

    Attributes
    ----------
    release : str
        Empty where there is none.
    expires_on : date or None
    dates : tuple of date
        Prepared, oldest first.
    head : (int, str) or None
        Number and hash of the access log's last row.
    backups : tuple of Listed
        Those that the home lists, oldest first.
    """

    checks: Mapping[str, str]
    release: str
    expires_on: date | None
    dates: tuple[date, ...]
    head: tuple[int, str] | None
    is_demonstration: bool
    backups: tuple[Listed, ...]

    @property
    def days_since_backup(self) -> int | None:
        """Days since the newest backup that is where it was made; None where there is none."""
        there = [each.made_on for each in self.backups if each.is_there]
        return (date.today() - max(there)).days if there else None


def state_of(desk: Desk) -> State:
    """What is running, and what each part says of itself."""
    with desk.database.reading() as session:
        head = session.scalar(select(LogHead))
    release = desk.release
    return State(
        checks_of(desk), release.stamp if release else "", release.expires_on if release else None, tuple(desk.dates),
        (head.number, head.hash) if head else None, desk.settings.is_demonstration, tuple(listed_backups(desk.settings.home)),
    )  # fmt: skip


def _database(desk: Desk) -> str:
    try:
        with desk.database.reading() as session:
            session.execute(select(School.urn).limit(1))
    except Exception:  # whatever it was, the database does not answer
        return "does not answer"
    return "ready"


ENDPOINTS = (
    Endpoint("GET", "/v1/version", "version", "What is running.", Action.READ_VERSION, None, Running, version),
    Endpoint("GET", "/v1/live", "live", "The process answers.", None, None, Health, live),
    Endpoint("GET", "/v1/ready", "ready", "Whether lists can be asked for.", None, None, Health, ready),
)  # fmt: skip
