"""What can go wrong with a model, in few kinds, each with its own exit code.

A message says what was found, where, and what to do. It holds counts, file and column names only.
"""


class ModelError(Exception):
    """Something about a model that the user can put right.

    Parameters
    ----------
    *breaches : str
        One sentence a breach; every breach of a run is reported at once.
    """

    exit_code = 1

    def __init__(self, *breaches: str) -> None:
        self.breaches = breaches
        super().__init__("\n".join(breaches))


class ModelRefused(ModelError):
    """A model folder is missing, incomplete or altered, or the features are not those it was fitted on."""

    exit_code = 11


class RecipeRefused(ModelError):
    """A setting of training that would make the estimates mean something else."""

    exit_code = 9


class ReleaseRefused(ModelError):
    """A release that evidence has not earned, or that may not be used: withdrawn, unknown, in the way."""

    exit_code = 13


class ReviewRefused(ModelError):
    """A model may not be reviewed so: by whoever trained it, without a reason, or while a finding stands in the way."""

    exit_code = 17
