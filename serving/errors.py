"""What the service and its lists refuse, in few kinds; style and meaning as in `features.errors`."""

from dataclasses import dataclass

from features.errors import PathwaysError


class ListsRefused(PathwaysError):
    """Lists cannot be made: an expired model, inputs that do not agree, or a folder in the way."""

    exit_code = 10


class OtherFormat(ListsRefused):
    """A prepared date was written by another version of this program."""


class ServiceRefused(PathwaysError):
    """The service cannot start: its settings, its release or its prepared dates are not in order."""

    exit_code = 25


class BackupRefused(PathwaysError):
    """A backup cannot be made, or is not one that can be restored there."""

    exit_code = 26


@dataclass(frozen=True)
class Breach:
    """A rule of a record that was not kept.

    Attributes
    ----------
    field : str
        Of the record; empty where the rule is about all of it.
    code : str
        The rule, for programs; pydantic's own name for one of a field's kind.
    text : str
        What to do, in words for whoever fills the record in; it holds nothing of what was sent.
    """

    field: str
    code: str
    text: str


class RecordsRefused(PathwaysError):
    """Rules of a record were not kept; `broken` says each by field and code (HTTP 422).

    Parameters
    ----------
    *broken : Breach or str
        Text alone is about no field.
    """

    exit_code = 20

    def __init__(self, *broken: Breach | str) -> None:
        self.broken = tuple(
            each if isinstance(each, Breach) else Breach("", "refused", each) for each in broken
        )
        super().__init__(*(f"{each.field}: {each.text}" if each.field else each.text for each in self.broken))


class NotThere(PathwaysError):
    """There is no such record, or not for this person: the two answer alike (HTTP 404)."""

    exit_code = 21

    def __init__(self) -> None:
        super().__init__(
            "There is no such record, or it is not yours to see. Check the number, or ask whoever gave you access."
        )


class Stale(PathwaysError):
    """Somebody else wrote first: read the record again, then write on what it says now (HTTP 409)."""

    exit_code = 22

    def __init__(self, version: int) -> None:
        self.version = version
        super().__init__(
            f"Somebody else changed this record; it is now at version {version}. Nothing of theirs or yours was lost: "
            f"read it again, then write on version {version}."
        )


class ViewFirst(PathwaysError):
    """The frequency was asked for before the meeting's own view was recorded (HTTP 409)."""

    def __init__(self) -> None:
        super().__init__(
            "Record what the meeting considered and its own view first; then the frequency can be opened."
        )


class OneAtATime(PathwaysError):
    """Another child's screening is open in this person's hands (HTTP 409)."""

    def __init__(self, open_screening: int) -> None:
        self.open_screening = open_screening
        super().__init__(
            f"One child at a time: screening {open_screening} is still open. Record its outcome or set it aside, then begin the next."
        )


class AlreadyThatDay(PathwaysError):
    """This child has a screening of that day already, and nobody said that a second one is meant (HTTP 409)."""

    def __init__(self, screening: int) -> None:
        self.screening = screening
        super().__init__(
            f"Screening {screening} is of this child and that day already. Go on with it, or say that a second one is meant."
        )


class NotSignedIn(PathwaysError):
    """No token, or one that is unknown, expired, used or revoked: all answer alike (HTTP 401)."""

    def __init__(self) -> None:
        super().__init__("You are not signed in, or your sign-in has run out. Sign in again.")


class LogRefused(PathwaysError):
    """The access log cannot be written, so nothing is shown (HTTP 503)."""

    exit_code = 23


class PurgeRefused(LogRefused):
    """Rows of the access log may not go as asked. The log itself is written (HTTP 422)."""


class DatabaseRefused(PathwaysError):
    """The service's database is not there, is newer than this version, or is not one of ours."""

    exit_code = 24


class ProviderRefused(PathwaysError):
    """The authority's sign-in provider cannot be reached or does not do what is needed (HTTP 503)."""
