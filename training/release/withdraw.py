"""Taking a release out of use, going back to the last good one, and no list this half-term."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from models.errors import ModelRefused, ReleaseRefused
from models.release import load_release
from models.standing import LIVE, NO_LIST, WITHDRAWN, Event, enter, locked

SHORTEST_REASON = 10  # letters


@dataclass(frozen=True)
class Withdrawn:
    """What a withdrawal came to.

    Attributes
    ----------
    name, manifest_hash, was : str
        The release, its hash, and its state before.
    live : str
        What is live now; empty for none, and then no list is made.
    rolled_back : bool
        `live` was live before, and is again.
    """

    name: str
    manifest_hash: str
    was: str
    live: str
    rolled_back: bool


def withdraw(
    name: str, releases: Path, by: str, reason: str, roll_back: bool = False, on: date | None = None
) -> Withdrawn:
    """Take a release out of use for good, and go back to the last good one where asked.

    Its folder stays, so that it can be looked into and grown again.

    Parameters
    ----------
    roll_back : bool
        Where the release was live, put the one that was live last before it in its place: both in one
        step. It must still be whole and not have expired.

    Raises
    ------
    ReleaseRefused
        No such release, no name or reason, or nothing to go back to; every breach at once, nothing changed.
    """
    on = on or date.today()
    with locked(releases) as standing:
        states = standing.states()
        was, last = states.get(name, ""), standing.last_good()
        breaches = needs_words(by, reason, "Withdrawing")
        if not was:
            breaches.append(
                f"{releases} has no release {name!r}. It has {', '.join(states) or 'none: name the folder with --releases'}."
            )
        goes_back = roll_back and was == LIVE
        if goes_back and not last:
            breaches.append(
                "There is no earlier release to go back to. Withdraw without --roll-back: then no list is made."
            )
        if goes_back and last:
            breaches += unfit(releases / last, on)
        if breaches:
            raise ReleaseRefused(*breaches)
        if was != WITHDRAWN:
            words = (by.strip(), reason.strip())
            events = [Event(on, WITHDRAWN, *words, name, standing.hash_of(name))]
            if goes_back:
                events.append(Event(on, LIVE, *words, last, standing.hash_of(last)))
            standing = enter(releases, standing, *events)
    return Withdrawn(name, standing.hash_of(name), was, standing.now(LIVE), goes_back)


def unfit(folder: Path, on: date) -> list[str]:
    """Why a release cannot be gone back to."""
    try:
        last = load_release(folder)
    except ModelRefused as error:
        return list(error.breaches)
    # A demonstration's records stay of their year for ever.
    if on >= last.expires_on and not last.is_demonstration:
        return [
            f"{last.name} expired on {last.expires_on}, so nothing goes back to it. Withdraw without --roll-back."
        ]
    return []


def no_list(
    releases: Path, by: str, reason: str, until: date, since: date | None = None, on: date | None = None
) -> Event:
    """Say that no list is made of some as-of dates, and why: an honest answer too.

    Raises
    ------
    ReleaseRefused
        No name or reason, or days the wrong way round.
    """
    on = on or date.today()
    event = Event(on, NO_LIST, by.strip(), reason.strip(), since=since or on, until=until)
    breaches = needs_words(by, reason, "Making no list")
    if until < (since or on):
        breaches.append(f"--until {until} is before --since {since or on}. Give a later day.")
    if breaches:
        raise ReleaseRefused(*breaches)
    with locked(releases) as standing:
        enter(releases, standing, event)
    return event


def needs_words(by: str, reason: str, what: str) -> list[str]:
    """A name, and a reason in words."""
    found = [] if by.strip() else [f"{what} needs a name: --by NAME."]
    return (
        found
        if len(reason.strip()) >= SHORTEST_REASON
        else [*found, f"{what} needs a reason in words, at least {SHORTEST_REASON} letters: --reason."]
    )
