"""Where each release stands: shadow, live, replaced or withdrawn; one file beside the releases.

`standing.json` holds every event in order, and nothing else is the truth: a folder that no event names is not
released, whatever it holds. It is written beside its place and renamed, so a run that is killed leaves the old
standing or the new one.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from features.files import write_whole
from models.errors import ModelRefused, ReleaseRefused
from models.manifest import FILE_NAME as MANIFEST_FILE
from models.manifest import sha256
from models.release import CANDIDATE_MANIFEST, is_release, load_release
from models.risk_model import RiskModel, load_model

FORMAT = 1
FILE_NAME, LOCK = "standing.json", ".lock"
SHADOW, LIVE, REPLACED, WITHDRAWN, NO_LIST = "shadow", "live", "replaced", "withdrawn", "no_list"
SERVED = (SHADOW, LIVE)


@dataclass(frozen=True)
class Event:
    """One thing that was done, by whom and why.

    Attributes
    ----------
    on : date
    state : str
        `shadow`, `live` or `withdrawn`, of `release`; or `no_list`, of all of them until a day.
    by, reason : str
    release, manifest_hash : str
        Which release, and the hash it had; empty for `no_list`.
    since, until : date or None
        The first and the last as-of date without a list.
    """

    on: date
    state: str
    by: str
    reason: str
    release: str = ""
    manifest_hash: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Standing:
    """What a folder's events come to.

    Attributes
    ----------
    events : tuple of Event
        In the order in which they were entered.
    """

    events: tuple[Event, ...] = ()

    def states(self) -> dict[str, str]:
        """Release to its state; at most one is live and one in shadow, whatever was either before is replaced."""
        found: dict[str, str] = {}
        for event in self.events:
            if event.state in SERVED:
                found |= {name: REPLACED for name, state in found.items() if state == event.state}
            if event.release:
                found[event.release] = event.state
        return found

    def state(self, release: str) -> str:
        """The state of one release; empty where it was never released."""
        return self.states().get(release, "")

    def now(self, state: str) -> str:
        """The release that is live, or in shadow; empty where none is."""
        return next((name for name, held in self.states().items() if held == state), "")

    def last_good(self) -> str:
        """The release that was live last of those that are so no more, and was not withdrawn; empty for none."""
        states = self.states()
        was_live = [event.release for event in self.events if event.state == LIVE]
        return next((name for name in reversed(was_live) if states[name] in (REPLACED, SHADOW)), "")

    def no_list(self, as_of: date) -> str:
        """Why no list is made of a day; empty where lists are made. Whatever goes live later ends it."""
        for event in reversed(self.events):
            if event.state == LIVE:
                return ""
            if event.since and event.until and event.since <= as_of <= event.until:
                return event.reason
        return ""

    def hash_of(self, release: str) -> str:
        """The manifest's hash that a release had when it was last named; empty where it never was."""
        return next((e.manifest_hash for e in reversed(self.events) if e.release == release), "")


def read_standing(releases: Path) -> Standing:
    """The standing of a folder of releases; empty where nothing was released yet.

    Raises
    ------
    ModelRefused
        The file is there and cannot be read: nothing is served on a guess.
    """
    path = releases / FILE_NAME
    try:
        held = json.loads(path.read_text())
        if held["format"] != FORMAT:
            raise ValueError
        return Standing(tuple(event_from(each) for each in held["events"]))
    except FileNotFoundError:
        return Standing()
    except (OSError, ValueError, KeyError, TypeError):
        raise ModelRefused(
            f"{path} is not a readable standing of format {FORMAT}. Restore it: without it nobody knows what is live."
        ) from None


def event_from(held: dict[str, str | None]) -> Event:
    """An event from what was written."""
    days = {name: date.fromisoformat(day) for name in ("on", "since", "until") if (day := held[name])}
    return Event(**{**held, **days})  # type: ignore[arg-type]


def enter(releases: Path, standing: Standing, *events: Event) -> Standing:
    """Add events to a folder's standing, all of them or none; the caller holds the folder's lock."""
    now = Standing((*standing.events, *events))
    held = {"format": FORMAT, "events": [asdict(event) for event in now.events]}
    try:
        write_whole(releases / FILE_NAME, json.dumps(held, indent=1, default=str) + "\n")
    except OSError as error:
        raise ReleaseRefused(
            f"{releases / FILE_NAME} cannot be written: {error.strerror}. Nothing changed."
        ) from None
    return now


@contextmanager
def locked(releases: Path) -> Iterator[Standing]:
    """Hold a folder of releases for oneself, and read its standing; a killed run lets go of it."""
    try:
        releases.mkdir(parents=True, exist_ok=True)
        handle = os.open(releases / LOCK, os.O_RDWR | os.O_CREAT, 0o640)
    except OSError as error:
        raise ReleaseRefused(f"{releases} cannot be written: {error.strerror}.") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield read_standing(releases)
    finally:
        os.close(handle)


def state_of(folder: Path) -> str:
    """The state of a release's folder by the standing beside it; empty for a candidate, or away from any standing."""
    return read_standing(folder.resolve().parent).state(folder.resolve().name) if is_release(folder) else ""


def refuse_withdrawn(folder: Path) -> None:
    """Refuse a release that the standing beside it says is of no use.

    Raises
    ------
    ReleaseRefused
        Withdrawn, or left by a release that was stopped half-way. Where no standing lies beside the
        folder (a copy elsewhere), nothing is known and nothing refused.
    """
    folder = folder.resolve()
    standing = read_standing(folder.parent)
    if not is_release(folder) or not standing.events:
        return
    state = standing.state(folder.name)
    if state == WITHDRAWN:
        last = next(e for e in reversed(standing.events) if e.release == folder.name)
        raise ReleaseRefused(
            f"{folder.name} was withdrawn on {last.on} by {last.by}: {last.reason} Nothing is scored with it."
        )
    if not state:
        raise ReleaseRefused(
            f"{folder} was never released: a run was stopped before it counted. Release its model again."
        )


def refuse_withdrawn_elsewhere(folder: Path, releases: Path) -> None:
    """Refuse a candidate, or a copy of a release, whose model was withdrawn in a folder of releases.

    Raises
    ------
    ReleaseRefused
        A release that was withdrawn there was made of this very model.
    """
    ours = sha256(folder / (CANDIDATE_MANIFEST if is_release(folder) else MANIFEST_FILE))
    standing = read_standing(releases)
    for name, state in standing.states().items():
        if state == WITHDRAWN and sha256(releases / name / CANDIDATE_MANIFEST) == ours:
            last = next(e for e in reversed(standing.events) if e.release == name)
            raise ReleaseRefused(
                f"The model in {folder} was withdrawn as {name} on {last.on} by {last.by}: {last.reason} Nothing is scored with it."
            )


def load_for_lists(folder: Path, as_of: date, releases: Path) -> RiskModel:
    """The model of a candidate's or a release's folder, if lists may be made with it of a day.

    Parameters
    ----------
    releases : Path
        Folder of releases whose standing counts as well as that beside a release; it need not be there.

    Raises
    ------
    ReleaseRefused
        Withdrawn, under whatever name, or no list is made of that day.
    ModelRefused
        Altered, or no model's folder.
    """
    refuse_withdrawn(folder)
    model = load_release(folder).model if is_release(folder) else load_model(folder)
    refuse_withdrawn_elsewhere(folder, releases)
    for place in (releases, folder.resolve().parent) if is_release(folder) else (releases,):
        if reason := read_standing(place).no_list(as_of):
            raise ReleaseRefused(f"No list is made of {as_of}: {reason}")
    return model
