"""Realised against published: whether a made-up authority looks like the published figures say.

Every row has its tolerance. For a rate or a share it is `Z` standard errors of what was realised (each
pupil with all years is one cluster, by the usual linearisation of a ratio; not less than the events
that were to be expected would have, each counting as often as events of a phase come to one pupil) and `SLACK` of the published
value: the rates are fitted to a city's joint frame, and an authority's schools are not that frame to the
last child, nor can a child be suspended while suspended. With some two hundred rows, `Z` = 3.5 leaves one
chance in ten of a false alarm by luck alone.
"""

import numpy as np

Z = 3.5
SLACK = 0.10
FEW_EVENTS = 8  # expected; below, the figure is shown and not judged
COLUMNS = ["figure", "published", "source", "realised", "tolerance", "how", "is_within"]
HOW = "3.5 standard errors (pupils as clusters) + 10 % of the published value"
SLACK_SHARES = 0.10
SLACK_OTHER = 0.30  # of a published value of another year or of all England


def row(
    figure: str,
    published: float,
    source: str,
    realised: float,
    error: float,
    expected: float,
    slack: float = SLACK,
) -> dict[str, object]:
    """One line of the table; not judged where too few events are expected."""
    tolerance = Z * error + slack * published
    within = abs(realised - published) <= tolerance if expected >= FEW_EVENTS else None
    how = HOW if expected >= FEW_EVENTS else f"under {FEW_EVENTS} events expected: not judged"
    return dict(zip(COLUMNS, (figure, published, source, realised, tolerance, how, within), strict=True))


def share_row(
    figure: str,
    published: float,
    source: str,
    hits: float,
    size: float,
    clusters: float = 2.0,
    slack: float = SLACK_SHARES,
) -> dict[str, object]:
    """A share in per cent; `clusters` is how much repeated years of a pupil inflate its variance."""
    realised = 100 * hits / size if size else float("nan")
    error = (
        100 * np.sqrt(clusters * max(published / 100 * (1 - published / 100), 0) / size)
        if size
        else float("nan")
    )
    return row(figure, published, source, realised, float(error), size * published / 100, slack)
