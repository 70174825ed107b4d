"""A made-up authority, calibrated to published figures, with the truth kept beside it."""

from features.synthetic.authority import write_authority

__all__ = ["write_authority"]
