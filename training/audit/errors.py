"""What can go wrong with an audit."""

from features.errors import PathwaysError


class AuditRefused(PathwaysError):
    """The list cannot be audited as asked, or may not be reviewed by this person."""

    exit_code = 12
