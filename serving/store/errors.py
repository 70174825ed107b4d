"""What the service's records refuse, in few kinds; style and meaning as in `features.errors`."""

from features.errors import PathwaysError


class RecordsRefused(PathwaysError):
    """A rule of screening or of a record was broken; `breaches` says each and what to do (HTTP 422)."""

    exit_code = 20


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


class NotSignedIn(PathwaysError):
    """No token, or one that is unknown, expired, used or revoked: all answer alike (HTTP 401)."""

    def __init__(self) -> None:
        super().__init__("You are not signed in, or your sign-in has run out. Sign in again.")


class LogRefused(PathwaysError):
    """The access log cannot be written, so nothing is shown (HTTP 503)."""

    exit_code = 23


class DatabaseRefused(PathwaysError):
    """The service's database is not there, is newer than this version, or is not one of ours."""

    exit_code = 24


class ProviderRefused(PathwaysError):
    """The authority's sign-in provider cannot be reached or does not do what is needed (HTTP 503)."""
