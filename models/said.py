"""Shares said as so many of a hundred, so that few is never said as none; and figures said so that they lie where they lie."""

import re
from collections.abc import Mapping

MOST_FIGURES = 6
# What a statement of the law or of a break rests on, by the code that opens each part of its `certainty`.
RESTS_ON = {"A": "primary text or official list read", "B": "other pages about it read", "C": "inferred"}
A_CODE = re.compile(r"(?:(?<=^)|(?<=and )|(?<=, )|(?<=; ))[ABC](?=$|[,;]| and | for )")


def how_sure(certainty: str) -> str:
    """How sure a statement is, its codes in words: "B; first census: check" as "other pages about it read; first census: check"."""
    return A_CODE.sub(lambda found: RESTS_ON[found[0]], certainty)


def school_said(urn: int, names: Mapping[str, str]) -> str:
    """A school by name and URN, by URN alone where no name is known."""
    name = names.get(str(urn), "")
    return f"{name} ({urn})" if name else f"School {urn}"


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


def figures_beside(
    now: float, low: float | None, high: float | None, is_share: bool = True
) -> tuple[str, str, str]:
    """A figure and its limits, with as many figures as it takes to see on which side of each limit it lies.

    Parameters
    ----------
    now : float
    low, high : float or None
        Limits; "" where there is none.
    is_share : bool
        Written in percent; otherwise as it is, with two figures after the point at least.

    Returns
    -------
    tuple of str
        now, low, high.
    """
    times, end = (100, "%") if is_share else (1, "")
    values = [now, low, high]
    least = [(2 if not is_share else 1 if value is not None and value < 0.095 else 0) for value in values]
    for more in range(MOST_FIGURES):
        written = [
            "" if value is None else f"{times * value:.{places + more}f}"
            for value, places in zip(values, least, strict=True)
        ]
        sides = [
            (value > now) - (value < now)
            == (float(text) > float(written[0])) - (float(text) < float(written[0]))
            for value, text in zip(values[1:], written[1:], strict=True)
            if value is not None
        ]
        if all(sides):
            break
    one, under, over = (text + end if text else "" for text in written)
    return one, under, over
