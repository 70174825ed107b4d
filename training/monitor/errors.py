"""What can go wrong with watching a model."""

from features.errors import PathwaysError


class MonitorRefused(PathwaysError):
    """The records cannot be compared as asked."""

    exit_code = 15
