"""How the service is set up: one frozen object, from `service.toml` in the service's home folder.

The home is named by the environment variable PATHWAYS_HOME and holds, beside this file, the prepared
dates, the BentoML store and, where no other database is named, the database.
"""

import os
import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from serving.errors import ServiceRefused
from serving.security.access import Role
from serving.security.access_log.head import HEAD_FILE
from serving.security.access_log.key import KEY_FILE
from serving.security.access_log.send import Sink
from serving.security.access_log.verify import KEPT_DAYS

HOME, DEFAULT_HOME, FILE_NAME = "PATHWAYS_HOME", Path("demo/service"), "service.toml"


class OpenIdConnect(BaseModel):
    """The authority's own OpenID Connect provider; its secret is in the environment, PATHWAYS_OIDC_SECRET.

    Attributes
    ----------
    groups : mapping of str to Role
        `[oidc.groups]`: a group of the provider's to the role it stands for. No officer's: an administrator says about whom
        an officer may ask.
    groups_claim : str
        In which claim of the identity token the groups are.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: str
    client_id: str
    redirect_uri: str
    groups: Mapping[str, Role] = {}
    groups_claim: str = "groups"

    @model_validator(mode="after")
    def has_no_officers(self) -> "OpenIdConnect":
        if Role.OFFICER in self.groups.values():
            raise ValueError(
                "groups: no group stands for officers; an administrator adds each with their schools, districts or caseloads"
            )
        return self


class AccessLogSettings(BaseModel):
    """How the access log is kept, under `[access_log]`.

    Attributes
    ----------
    head_file, key_file : Path
        Best on another disk, or in another account's folder; relative paths are inside the home.
    kept_days : int
        Retention period of its rows, in days: a purge of anything younger is a finding.
    send_every_minutes : float
        How often its head is sent.
    send : tuple of Sink
        Where to: `[[access_log.send]]` with a `file`, a `syslog` or an `http` address each.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    head_file: Path = Path(HEAD_FILE)
    key_file: Path = Path(KEY_FILE)
    kept_days: Annotated[int, Field(ge=365)] = KEPT_DAYS
    send_every_minutes: Annotated[float, Field(gt=0, le=24 * 60)] = 15.0
    send: tuple[Sink, ...] = ()


class Settings(BaseModel):
    """What `service.toml` says.

    Attributes
    ----------
    home : Path
        The service's folder; relative paths are inside it.
    release : str
        Tag in the BentoML store, pinned: never `latest`.
    is_demonstration : bool
        Made-up data is shown, and only made-up data; "today" is the day the records reach.
    database : str
        SQLAlchemy's URL; empty for a SQLite file in `home`.
    reviewer_keys : Path or None
        File of the reviewers' public keys, a line each with the name; kept where whoever can write releases cannot
        write. Outside a demonstration nothing is scored without a reviewer's signature.
    candidate, comparison : Path or None
        Folders of the candidate that waits for its reviewer, into which the review is written, and of `pathways compare LIVE
        CANDIDATE`; None where none waits.
    identities : Path or None
        Folder of the key and names; None shows pseudonyms to everyone.
    holds : tuple of Path
        Every other folder or file that may hold a pupil: record store, lists, exports, MLflow. What a family
        asks about is looked for in all of them.
    is_behind_tls : bool
        A proxy in front ends TLS and passes X-Forwarded-Proto; without it only this machine is answered.
    hosts : tuple of str
        Names under which the service may be asked, beside those of this machine.
    stale_after_days : int
        Age of a list, in days, from which it is no longer shown.
    most_at_once, most_at_once_each : int
        Requests under way, in all and of one caller.
    access_log : AccessLogSettings
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    home: Path
    release: Annotated[str, Field(pattern=r"^[a-z0-9_.-]+:[a-z0-9_.-]+$")]
    is_demonstration: bool = False
    database: str = ""
    reviewer_keys: Path | None = None
    candidate: Path | None = None
    comparison: Path | None = None
    identities: Path | None = None
    holds: tuple[Path, ...] = ()
    is_behind_tls: bool = False
    hosts: tuple[str, ...] = ()
    oidc: OpenIdConnect | None = None
    stale_after_days: Annotated[int, Field(ge=1)] = 60
    most_at_once: Annotated[int, Field(ge=1)] = 64
    most_at_once_each: Annotated[int, Field(ge=1)] = 16
    access_log: AccessLogSettings = AccessLogSettings()

    @model_validator(mode="after")
    def is_consistent(self) -> "Settings":
        if self.release.endswith(":latest"):
            raise ValueError("release: pin a version; latest is another one tomorrow")
        if self.is_demonstration and self.is_behind_tls:
            raise ValueError(
                "is_demonstration: made-up data is shown on this machine only; take is_behind_tls out"
            )
        if self.is_behind_tls and self.oidc is None:
            raise ValueError(
                "is_behind_tls: answering other machines needs [oidc], the authority's own sign-in"
            )
        if self.is_behind_tls and not self.hosts:
            raise ValueError("is_behind_tls: name the hosts under which the service is asked")
        return self

    @property
    def head_file(self) -> Path:
        """The access log's head file."""
        return self.home / self.access_log.head_file

    @property
    def key_file(self) -> Path:
        """The file of the access log's key."""
        return self.home / self.access_log.key_file

    @property
    def sinks(self) -> tuple[Sink, ...]:
        """Where heads of the access log are sent, files by their whole path."""
        return tuple(
            sink.model_copy(update={"file": self.home / sink.file}) if sink.file else sink
            for sink in self.access_log.send
        )

    @property
    def trusted_keys(self) -> Path | None:
        """The file of the reviewers' public keys."""
        return self.home / self.reviewer_keys if self.reviewer_keys else None

    @property
    def prepared(self) -> Path:
        """Folder of prepared dates."""
        return self.home / "prepared"

    @cached_property
    def database_url(self) -> str:
        """SQLAlchemy's URL of the database."""
        return self.database or f"sqlite:///{(self.home / 'service.db').resolve()}"

    def today(self, records_until: date) -> date:
        """The day it is: in a demonstration, whose records end in the past, the day they reach."""
        return records_until if self.is_demonstration else date.today()


def read_settings(home: Path | None = None) -> Settings:
    """Read `service.toml` of a home folder, by default the one that PATHWAYS_HOME names.

    Raises
    ------
    ServiceRefused
        Missing, not TOML, or not as described; every breach at once, each with its place.
    """
    home = home or Path(os.environ.get(HOME) or DEFAULT_HOME)
    path = home / FILE_NAME
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
        return Settings.model_validate({**found, "home": home.resolve()})
    except FileNotFoundError:
        raise ServiceRefused(
            f"{path} is not there. For a demonstration: make serve. For an authority: write it as "
            f"docs/how-to/service.md shows, and name its folder in {HOME}."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ServiceRefused(
            f"{path} is not readable as TOML in UTF-8 ({type(error).__name__}). Correct it and try again."
        ) from None
    except ValidationError as error:
        raise ServiceRefused(
            *(
                f"{path}, {'.'.join(map(str, item['loc'])) or 'whole file'}: {item['msg']}."
                for item in error.errors()
            )
        ) from None
