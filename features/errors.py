"""What can go wrong with records, in few kinds, each with its own exit code.

A message says what was found, where, and what to do. It holds counts, file, table and column
names only: never a value from a pupil's row.
"""


class PathwaysError(Exception):
    """Something the user can put right.

    Parameters
    ----------
    *breaches : str
        One sentence a breach; every breach of a run is reported at once.
    """

    exit_code = 1

    def __init__(self, *breaches: str) -> None:
        self.breaches = breaches
        super().__init__("\n".join(breaches))


class ExtractRefused(PathwaysError):
    """The extract cannot be imported: a missing or empty table, a missing column, an unparseable
    file, too many rejected rows, a column of names, NHS or National Insurance numbers."""

    exit_code = 3


class AuthorityRefused(PathwaysError):
    """`authority.toml` is missing, unreadable or incomplete."""

    exit_code = 4


class StoreRefused(PathwaysError):
    """A record store is in the way, is not there, or is not one of ours."""

    exit_code = 5


class TooFewYears(PathwaysError):
    """The records do not reach far enough for what was asked."""

    exit_code = 6


class NoRoom(PathwaysError):
    """The disk is full or the folder may not be written to; nothing half-written is left."""

    exit_code = 7


class IdentitiesRefused(PathwaysError):
    """The identities folder, which holds the key, was not named or is not one of ours."""

    exit_code = 8


class Busy(PathwaysError):
    """Another run is writing what this one would write, or a service answers from what it would remove."""

    exit_code = 16
