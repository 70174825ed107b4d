"""What can go wrong with lists; style and meaning as in `features.errors`."""

from features.errors import PathwaysError


class ListsRefused(PathwaysError):
    """Lists cannot be made: an expired model, inputs that do not agree, or a folder in the way."""

    exit_code = 10


class ServiceRefused(PathwaysError):
    """The service cannot start: its settings, its release or its prepared dates are not in order."""

    exit_code = 25
