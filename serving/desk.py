"""What every answer is made from: the release, the prepared dates, the database, the log and, where held, names."""

import logging
import os
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Any

from features.errors import PathwaysError
from features.records.identities import names_for
from models.manifest import FILE_NAME as MANIFEST
from models.release import Release
from serving.database.connection import Database
from serving.errors import ListsRefused, OtherFormat
from serving.http.problems import Problem
from serving.install import is_installed
from serving.prepared.facts import PREPARE
from serving.prepared.read import Prepared, prepared_dates, read_prepared
from serving.security.access_log.send import HeadSender
from serving.security.access_log.write import AccessLog
from serving.security.rolls import load_roll
from serving.security.sign_in import Provider
from serving.settings import Settings

DATES_IN_MEMORY = 4
NAME_FILES = ("upn.parquet", "names.parquet")
ASK_AGAIN_S = 2.0  # how soon a withdrawn release stops being answered from
logger = logging.getLogger("pathways")


@dataclass
class Desk:
    """One process's hold on all of it.

    Attributes
    ----------
    release : Release or None
        Verified when the service started. None where none could be loaded; `no_release` then says why, and
        screenings and referrals still work.
    names : dict
        Pupil to (UPN, forename, surname); empty where no identities are named. Read again when their files change,
        as an erasure changes them.
    provider : Provider or None
        The authority's own sign-in, where one is set up.
    in_use : int or None
        The hold on the home, so that nobody empties it meanwhile (`features.records.disk.use`).
    sending : HeadSender or None
        Sends heads of the access log elsewhere.
    """

    settings: Settings
    database: Database
    log: AccessLog
    release: Release | None
    no_release: str = ""
    names: dict[int, tuple[str, str, str]] = field(default_factory=dict, repr=False)
    provider: Provider | None = None
    in_use: int | None = None
    sending: HeadSender | None = None
    _dates: OrderedDict[date, Prepared] = field(default_factory=OrderedDict, repr=False)
    _written: dict[date, int] = field(default_factory=dict, repr=False)
    _named_at: tuple[int, ...] = ()
    _is_there: bool = True
    _asked_at: float = 0.0
    _lock: Lock = field(default_factory=Lock, repr=False)

    def prepared(self, as_of: date) -> Prepared:
        """A prepared date that may be answered from.

        Raises
        ------
        Problem
            There is no release; the date is not prepared, was prepared by another release, or is too old; or
            a demonstration would show real records, or the reverse.
        """
        release = self.require_release()
        found = self._load(as_of)
        facts = found.facts
        if facts.model_hash != release.manifest_hash:
            raise Problem("other-release", f"{as_of} was prepared with another model. {self._command(as_of)}")
        if facts.is_on_trial:
            raise Problem("on-trial")
        if facts.is_made_up != self.settings.is_demonstration:
            raise Problem(
                "too-old", "Made-up data is shown in a demonstration, and nothing else is shown there."
            )
        today = self.settings.today(facts.authority.authority.extracted_on)
        if today >= facts.expires_on:
            raise Problem(
                "too-old", f"The release that made the list of {as_of} expired on {facts.expires_on}."
            )
        if (age := (today - as_of).days) >= self.settings.stale_after_days:
            raise Problem(
                "too-old",
                f"The list of {as_of} is {age} days old; it was shown for {self.settings.stale_after_days} days.",
            )
        return found

    def pictures(self, as_of: date) -> Mapping[str, Any]:
        """Districts' pictures of need on a prepared date, whatever model it was prepared with: none comes from an estimate.

        Raises
        ------
        Problem
            The date is not prepared, or is of made-up records where real ones are shown, or the reverse.
        """
        found = self._load(as_of)
        if found.facts.is_made_up != self.settings.is_demonstration:
            raise Problem(
                "not-prepared", "Made-up data is shown in a demonstration, and nothing else is shown there."
            )
        return found.profiles

    def require_release(self) -> Release:
        """The live release; Problem where there is none, or it was withdrawn since."""
        if self.release is None:
            raise Problem("no-release", self.no_release)
        if time.monotonic() - self._asked_at > ASK_AGAIN_S:
            self._is_there, self._asked_at = is_installed(self.settings.release), time.monotonic()
        if not self._is_there:
            raise Problem("withdrawn")
        return self.release

    @property
    def dates(self) -> list[date]:
        """The prepared dates there are, answered from or not."""
        return prepared_dates(self.settings.prepared)

    @property
    def identities(self) -> Path | None:
        """Folder of the key and names; None where none is named."""
        return self.settings.home / self.settings.identities if self.settings.identities else None

    def look_again(self) -> None:
        """Let go of whatever changed on disk since it was read: an erased pupil is in memory no longer than there."""
        with self._lock:
            self._let_go()

    def _let_go(self) -> None:
        for as_of in [day for day in self._dates if self._written[day] != written_at(self._folder(day))]:
            del self._dates[as_of]
        if self.identities is None:
            return
        named_at = tuple(written_at(self.identities, name) for name in NAME_FILES)
        if self._named_at != named_at:
            self.names, self._named_at = read_names(self.identities), named_at

    def _folder(self, as_of: date) -> Path:
        return self.settings.prepared / as_of.isoformat()

    def warm(self) -> Prepared | None:
        """Load the newest prepared date, so that the first question need not wait; None where there is none."""
        return self._load(self.dates[-1]) if self.dates else None

    def _load(self, as_of: date) -> Prepared:
        folder = self._folder(as_of)
        with self._lock:
            self._let_go()
            written = written_at(folder)
            if as_of in self._dates:
                self._dates.move_to_end(as_of)
                return self._dates[as_of]
            there = self.dates
            if as_of not in there:
                named = ", ".join(day.isoformat() for day in there[-6:]) or "none"
                raise Problem(
                    "not-prepared", f"{as_of} is not prepared. Prepared: {named}. {self._command(as_of)}"
                )
            try:
                found = read_prepared(folder)
            except OtherFormat as error:
                logger.error("%s", error)
                raise Problem(
                    "not-prepared",
                    f"{as_of} was prepared by another version of this program. Move its folder away first. {self._command(as_of)}",
                ) from None
            except ListsRefused as error:
                logger.error("%s", error)
                raise Problem(
                    "no-release", f"The prepared files of {as_of} are not whole. {self._command(as_of)}"
                ) from None
            found.warm()
            self._load_roll(found)
            self._dates[as_of], self._written[as_of] = found, written
            self._dates.move_to_end(as_of)
            while len(self._dates) > DATES_IN_MEMORY:
                self._dates.popitem(last=False)
            return found

    def _load_roll(self, found: Prepared) -> None:
        """Let scopes be checked against the rolls of a date; of one earlier than the newest nothing changes."""
        frames = found.frames
        with self.database.writing() as session:
            load_roll(session, found.facts.as_of, frames["schools"], frames["matrix"], frames["statuses"])

    def _command(self, as_of: date) -> str:
        return f"Run: {PREPARE.format(as_of=as_of)}"

    def close(self) -> None:
        """Write what the log still holds, and let the database and the home go."""
        self.log.close()
        if self.sending is not None:
            self.sending.close()
        self.database.close()
        if self.in_use is not None:
            os.close(self.in_use)
            self.in_use = None


def written_at(folder: Path, name: str = MANIFEST) -> int:
    """When a prepared date, or another folder's file, was last written; 0 where it is not there."""
    try:
        return (folder / name).stat().st_mtime_ns
    except OSError:
        return 0


def read_names(identities: Path | None) -> dict[int, tuple[str, str, str]]:
    """Names of pupils from an identities folder; empty where none is named."""
    if identities is None:
        return {}
    held = names_for(identities).fillna("")
    return {
        pupil: (upn, forename, surname)
        for pupil, upn, forename, surname in zip(
            held.index.tolist(),
            held["upn"].tolist(),
            held["forename"].tolist(),
            held["surname"].tolist(),
            strict=True,
        )
    }


def told(error: PathwaysError) -> str:
    """What an error of ours says, in one line."""
    return " ".join(getattr(error, "breaches", None) or (str(error),))
