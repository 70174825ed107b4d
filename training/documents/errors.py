"""What can go wrong with documents."""

from features.errors import PathwaysError


class DocumentsRefused(PathwaysError):
    """A document would publish what was not measured, or the facts do not belong together."""

    exit_code = 14
