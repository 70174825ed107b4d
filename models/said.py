"""Shares said as so many of a hundred, so that few is never said as none."""


def of_so_many(share: float, many: int = 100) -> str:
    """A share as a whole number of so many: "12", "fewer than 1", "more than 99"; "none" and "all" only where exact.

    Parameters
    ----------
    share : float
        From 0 to 1.
    """
    number = many * share
    if share == 0:
        return "none"
    if share == 1:
        return "all"
    if number <= 0.5:
        return "fewer than 1"
    if number >= many - 0.5:
        return f"more than {many - 1:,}"
    return f"{number:,.0f}"
