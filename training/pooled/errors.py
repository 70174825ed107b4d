"""What can go wrong when evidence is pooled."""

from features.errors import PathwaysError


class PoolRefused(PathwaysError):
    """Evidence that cannot be given, cannot be pooled with others', or cannot carry this model's gate."""

    exit_code = 19
